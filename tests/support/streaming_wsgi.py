"""The server's side of one WSGI request, in steps; see ``streaming`` for what a Stream is."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any, Self
from wsgiref.util import FileWrapper

from .calls import Answer, Call, Pairs, to_environ
from .strict_wsgi import Ledger
from .trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class WsgiStream:
    """Calls the app, takes its body item by item, and closes the iterable: never its iterator.

    Each stream runs in a context (contextvars) of its own, as under a server with greenlets.
    What the app pushes through write() has arrived when the call of the app returns.
    """

    def __init__(self, app: Callable[..., Any], call: Call, trace: Trace | None = None) -> None:
        self.trace = Trace() if trace is None else trace
        self.status = 0
        self.headers: Pairs = ()
        self.reason = ""
        self.body = b""
        self._call = call
        self._context = contextvars.copy_context()
        self._ledger: Ledger | None = None
        self._started = False
        self._ended = False
        self._closed = False
        self._ready: list[bytes] = []
        self._chunks = 0
        environ = to_environ(call)
        environ["wsgi.file_wrapper"] = FileWrapper
        self._iterable: Iterable[bytes] = self._context.run(app, environ, self._start_response)
        self._iterator: Iterator[bytes] | None = None
        try:
            if self._ledger is None:
                self._pull()
            self._send_head()
        except BaseException:
            self._close()
            raise

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info:
            try:
                if self._started:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        else:
            assert self._ledger is None, "start_response was called twice without exc_info"
        code, _, self.reason = status.partition(" ")
        self.status = int(code)
        self.headers = tuple((name.lower(), value) for name, value in headers)
        self._ledger = Ledger(self._call.method, self.status, headers)
        return self._write

    def _write(self, chunk: bytes) -> None:
        self._send_head()
        self._arrive(chunk)

    def _send_head(self) -> None:
        assert self._ledger is not None, "the app sent a body without start_response"
        if not self._started:
            self._started = True
            self.trace.mark("client:start")

    def _arrive(self, chunk: bytes) -> None:
        assert self._ledger is not None, "the app sent a body without start_response"
        if self._call.method == "HEAD":
            return
        self._ledger.add(chunk)
        if chunk:
            self.trace.mark(f"client:chunk {self._chunks}")
            self._chunks += 1
            self.body += chunk
            self._ready.append(chunk)

    def _pull(self) -> None:
        """One step of the body: an item, or its end."""
        if self._iterator is None:
            self._iterator = self._context.run(iter, self._iterable)
        try:
            chunk = self._context.run(next, self._iterator)
        except StopIteration:
            self._send_head()
            self._ended = True
            if self._ledger is not None:
                self._ledger.close()
            self.trace.mark("client:end")
            return
        self._send_head()
        self._arrive(chunk)

    def next(self) -> bytes | None:
        while not self._ready and not self._ended and not self._closed:
            try:
                self._pull()
            except BaseException:
                self._close()
                raise
        return self._ready.pop(0) if self._ready else None

    def _close(self) -> None:
        if not self._closed:
            self._closed = True
            close = getattr(self._iterable, "close", None)
            if close is not None:
                self._context.run(close)

    def disconnect(self) -> None:
        if not self._ended and not self._closed:
            self.trace.mark("client:gone")
        self._close()

    def finish(self) -> Answer:
        while self.next() is not None:
            pass
        self._close()
        return Answer(self.status, self.headers, self.body, self.reason)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.disconnect()
