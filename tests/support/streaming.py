"""Streaming clients: chunk after chunk, in lock step with the app.

httpx's ASGITransport and starlette's TestClient buffer whole bodies. Here the app stays inside
send() (or yield) until the test asks for the next chunk, so a ``Trace`` shows exactly how far it
has come.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from .calls import Answer, Call, Pairs, to_scope
from .trace import Trace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    Message = dict[str, Any]
    App = Callable[..., Awaitable[None]]


class Stream(Protocol):
    """An answer under way, in both worlds; a context manager that leaves no request behind."""

    trace: Trace
    status: int
    headers: Pairs

    def next(self) -> bytes | None:
        """The next chunk that is not empty, or None when the body is complete.

        The app has not gone on behind it.
        """

    def disconnect(self) -> None:
        """Leave before the end, and wait until the app has noticed and is done."""

    def finish(self) -> Answer:
        """Take the rest, let the app return (background, close()), and give the whole answer."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None: ...


class AsgiExchange:
    """The server's side of one ASGI request. All its methods run on one loop.

    ``after_leaving``: send() does nothing once the client left ("quiet", as uvicorn does), or
    raises OSError ("oserror", spec version 2.4). ``patience``: seconds to wait for any step of
    the app.
    """

    def __init__(
        self,
        app: App,
        call: Call,
        trace: Trace | None = None,
        *,
        after_leaving: str = "quiet",
        extensions: tuple[str, ...] = (),
        state: dict[str, Any] | None = None,
        patience: float = 5.0,
    ) -> None:
        self.trace = Trace() if trace is None else trace
        self.status = 0
        self.headers: Pairs = ()
        self.body = b""
        self._app = app
        self._call = call
        self._patience = patience
        self._oserror = after_leaving == "oserror"
        self._scope = to_scope(call, spec_version="2.4" if self._oserror else "2.3")
        self._scope["extensions"] = {name: {} for name in extensions}
        if state is not None:
            self._scope["state"] = dict(state)
        self._offers: asyncio.Queue[tuple[Message, asyncio.Future[None]]] = asyncio.Queue()
        self._held: asyncio.Future[None] | None = None
        self._over = asyncio.Event()
        self._left = False
        self._ended = False
        self._chunks = 0
        self._asked = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> AsgiExchange:
        """Begin, and come back with status and headers. What the app raises is raised here."""
        self._task = asyncio.create_task(self._run())
        message = await self._take()
        assert message is not None, "the app returned without an answer"
        assert message["type"] == "http.response.start", f"the answer begins with {message['type']}"
        self.status = message["status"]
        self.headers = tuple(
            (k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in message["headers"]
        )
        self.trace.mark("client:start")
        return self

    async def _run(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": self._call.body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if not self._left:
            taken = asyncio.get_running_loop().create_future()
            self._offers.put_nowait((message, taken))
            await taken
        if self._left and self._oserror:
            raise OSError("the client has left")

    def _release(self) -> None:
        if self._held is not None and not self._held.done():
            self._held.set_result(None)
        self._held = None
        if self._ended:
            self._over.set()

    async def _take(self) -> Message | None:
        """Let the app go on up to its next message; None if it returned without one."""
        self._release()
        assert self._task is not None, "the exchange was not started"
        if self._offers.empty():
            offered = asyncio.create_task(self._offers.get())
            both = {offered, self._task}
            await asyncio.wait(both, timeout=self._patience, return_when="FIRST_COMPLETED")
            if not offered.done():
                offered.cancel()
                assert self._task.done(), f"the app made nothing for {self._patience} s"
                self._task.result()
                return None
            message, self._held = offered.result()
        else:
            message, self._held = self._offers.get_nowait()
        return message

    async def next(self) -> bytes | None:
        while not self._ended and not self._left:
            message = await self._take()
            assert message is not None, "the app returned before the body was complete"
            chunk = message.get("body", b"")
            if message["type"] == "http.response.pathsend":
                chunk = Path(message["path"]).read_bytes()  # noqa: ASYNC240 - its own loop
            self._ended = not message.get("more_body", False)
            if self._call.method == "HEAD":
                chunk = b""
            if chunk:
                self.trace.mark(f"client:chunk {self._chunks}")
                self._chunks += 1
                self.body += chunk
            if self._ended:
                self.trace.mark("client:end")
            if chunk:
                return bytes(chunk)
        return None

    async def finish(self) -> Answer:
        while await self.next() is not None:
            pass
        await self._join()
        return Answer(self.status, self.headers, self.body)

    async def disconnect(self) -> None:
        if not self._ended and not self._left:
            self._left = True
            self.trace.mark("client:gone")
            self._over.set()
        try:
            await self._join()
        except OSError:
            if not self._oserror:
                raise

    async def _join(self) -> None:
        """Wait until the app has returned; what it raises is raised here."""
        self._release()
        while not self._offers.empty():
            self._offers.get_nowait()[1].set_result(None)
        assert self._task is not None, "the exchange was not started"
        done, _ = await asyncio.wait({self._task}, timeout=self._patience)
        if not done:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=self._patience)
        assert done, f"the app had not returned {self._patience} s after the end"
        self._task.result()

    async def abandon(self) -> None:
        """Clear up after a failed test: cancel the app and forget what it says."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=self._patience)


class AsgiStream:
    """``AsgiExchange`` for a synchronous test: the loop runs only while a method does."""

    def __init__(self, exchange: AsgiExchange, run: Callable[[Any], Any]) -> None:
        self._exchange = exchange
        self._run = run
        self._done = False
        self.trace = exchange.trace
        try:
            run(exchange.start())
        except BaseException:
            run(exchange.abandon())
            raise
        self.status = exchange.status
        self.headers = exchange.headers

    def next(self) -> bytes | None:
        chunk: bytes | None = self._run(self._exchange.next())
        return chunk

    def disconnect(self) -> None:
        self._done = True
        self._run(self._exchange.disconnect())

    def finish(self) -> Answer:
        self._done = True
        answer: Answer = self._run(self._exchange.finish())
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self._run(self._exchange.abandon())
        elif not self._done:
            self.disconnect()
