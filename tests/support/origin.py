"""A neutral origin: one plain function answers, under ASGI and under WSGI alike.

It remembers what it saw, and its streamed answers tell a ``Trace`` what they do and when.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .replies import AUTO, Reply, Seen, files, type_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    Scope = dict[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["AUTO", "Body", "Origin", "Reply", "Seen", "files", "type_of"]

SESSION = "sessionware.session"


class Origin:
    """The application behind the middleware: ``.asgi``, ``.wsgi``, and all it ``.seen``."""

    def __init__(self, handler: Callable[[Seen], Reply]) -> None:
        self.handler = handler
        self.seen: list[Seen] = []
        self.lifespan: list[str] = []

    @property
    def last(self) -> Seen:
        """The newest request that came through."""
        assert self.seen, "no request reached the origin"
        return self.seen[-1]

    def _reply(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        reply = self.handler(seen)
        if reply.error is not None and reply.error_after is None:
            raise reply.error
        return reply

    async def asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert scope["type"] == "http", f"the origin does not speak {scope['type']}"
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"])
        query = scope["query_string"].decode("latin-1")
        session = scope.get(SESSION)
        seen = Seen(scope["method"], _app_path(scope), query, headers, body, session, scope)
        reply = self._reply(seen)
        try:
            if await _answer(reply, seen, scope, receive, send):
                reply.after()
        finally:
            reply.mark("cleanup")

    async def _live(self, receive: Receive, send: Send) -> None:
        while "shutdown" not in self.lifespan:
            step = (await receive())["type"].removeprefix("lifespan.")
            self.lifespan.append(step)
            await send({"type": f"lifespan.{step}.complete"})

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application."""
        length = environ.get("CONTENT_LENGTH") or 0
        headers = tuple(
            (key.removeprefix("HTTP_").lower().replace("_", "-"), value)
            for key, value in environ.items()
            if key.startswith("HTTP_") or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
        )
        method = environ["REQUEST_METHOD"]
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "surrogateescape")
        body = environ["wsgi.input"].read(int(length))
        query = environ.get("QUERY_STRING", "")
        seen = Seen(method, path, query, headers, body, environ.get(SESSION), environ)
        reply = self._reply(seen)
        known = {status.value: status.phrase for status in HTTPStatus}
        reason = known.get(reply.status, "Unknown") if reply.reason is None else reply.reason
        write = start_response(f"{reply.status} {reason}", reply.head(path))
        if reply.write:
            for chunk in reply.steps(method):
                write(chunk)
            return Body(reply, ())
        wrapper = environ.get("wsgi.file_wrapper")
        if reply.file is not None and wrapper is not None and method != "HEAD":
            return wrapper(reply.file.open("rb"))  # type: ignore[no-any-return]
        return Body(reply, reply.steps(method))


class Body:
    """A WSGI body whose ``close()`` is on the iterable, not on the iterator that it gives."""

    def __init__(self, reply: Reply, chunks: Iterable[bytes]) -> None:
        self._reply = reply
        self._chunks = chunks
        self._state = "open"

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Exception:
            self._state = "failed"
            raise
        self._state = "complete"

    def close(self) -> None:
        if self._state == "complete":
            self._reply.after()
        elif self._state == "open":
            self._reply.mark("gone")
        self._reply.mark("cleanup")


def _app_path(scope: Scope) -> str:
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and (path == root or path.startswith(root + "/")):
        return path[len(root) :]
    return path


async def _answer(reply: Reply, seen: Seen, scope: Scope, receive: Receive, send: Send) -> bool:
    """Send it all; False if the client left before.

    Below spec version 2.4 a listener cancels the answer when the client leaves, above it send()
    raises OSError: so does starlette's StreamingResponse.
    """
    task = asyncio.current_task()
    assert task is not None
    phase = "sending"

    async def watch() -> None:
        nonlocal phase
        if (await receive())["type"] == "http.disconnect" and phase == "sending":
            phase = "gone"
            task.cancel()

    async def note(message: Message) -> None:
        nonlocal phase
        if message["type"] != "http.response.start" and not message.get("more_body", False):
            phase = "sent"
        await send(message)

    modern = tuple(map(int, scope["asgi"].get("spec_version", "2.0").split("."))) >= (2, 4)
    watching = reply.watch and not modern and not isinstance(reply.body, bytes)
    watcher = asyncio.create_task(watch()) if watching else None
    try:
        await _send_all(reply, seen, scope, note)
    except OSError as error:
        if error is reply.error or not modern:
            raise
        reply.mark("gone")
        return False
    except asyncio.CancelledError:
        if phase != "gone":
            raise
        task.uncancel()
        reply.mark("gone")
        return False
    finally:
        if watcher is not None:
            watcher.cancel()
    return True


async def _send_all(reply: Reply, seen: Seen, scope: Scope, send: Send) -> None:
    pairs = reply.head(seen.path)
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in pairs]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    offered = "http.response.pathsend" in (scope.get("extensions") or {})
    if reply.file is not None and offered and seen.method != "HEAD":
        await send({"type": "http.response.pathsend", "path": str(reply.file)})
        return
    chunks = reply.steps(seen.method)
    if isinstance(reply.body, bytes) or reply.file is not None:
        await send({"type": "http.response.body", "body": b"".join(chunks)})
        return
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
