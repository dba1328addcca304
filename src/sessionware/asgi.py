"""The ASGI shell: turns a scope into a request, drives the flow, moves the messages."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar

from sessionware import http, naming
from sessionware.answer import Answering
from sessionware.asking import Emit
from sessionware.base import ORIGINAL_QUERY, SESSION, Base
from sessionware.errors import ConfigurationError, StoreError
from sessionware.events import call_hook, log
from sessionware.execute import answers_at_once, executor
from sessionware.flow import again, arrive
from sessionware.headers import AsgiHeaders
from sessionware.outcome import Pass, Preflight, Serve
from sessionware.session import Active
from sessionware.sessions import AsyncSessions
from sessionware.target import client_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Hashable, Iterable, MutableMapping

    from sessionware.answer import Head
    from sessionware.asking import Question
    from sessionware.request import Request
    from sessionware.settings import Settings

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

T = TypeVar("T")

# By these the body would go past us.
_SHORTCUTS = frozenset({"http.response.pathsend", "http.response.zerocopysend"})
_UNFORWARDED = frozenset(name.encode() for name in http.UNFORWARDED)


class StreamSessionMiddleware(Base["App"]):
    """Gives each viewer of an HLS or DASH stream one session, around an ASGI app.

    All options are keywords; :class:`sessionware.Settings` lists them. The app sees the session as
    ``scope["sessionware.session"]`` and as :func:`sessionware.current_session`.
    """

    awaits = True

    def _begin(self, app: App, settings: Settings) -> None:
        super()._begin(app, settings)
        self.sessions = AsyncSessions(self._store, settings)
        self._execute = executor(self._store)
        self._at_once = answers_at_once(self._store)
        self._trusted_headers = frozenset(name.encode() for name in self._rules.trusted_headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            path = _below(scope) if scope.get("root_path") else scope["path"]
            if self._is_ours(path) and SESSION not in scope:
                await self._serve(scope, receive, send)
                return
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def aclose(self) -> None:
        """Close the store that was opened from a URL; one of the app's own stays open."""
        if self._owns_store:
            closing: Any = self._store.close()
            if isawaitable(closing):
                await closing

    # --- one request -------------------------------------------------------------------------

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard_split()
        rules = self._rules
        sameness = _sameness(scope)
        known = rules.known.get(sameness)
        if known is not None:
            request = known.visit.request
            outcome = await self._drive(again(known))
        else:
            request = self._request(scope)
            outcome = await self._drive(arrive(rules, request))
        if isinstance(outcome, Serve):
            if outcome.known is not None:
                rules.keep(sameness, outcome.known)
            await self._complete(scope, receive, send, request, outcome)
        elif isinstance(outcome, Pass):
            await self.app(scope, receive, send)
        elif isinstance(outcome, Preflight):
            await self._preflight(scope, receive, send, request)
        else:
            await _send(send, *http.answer(outcome, request, self.settings))

    async def _complete(
        self, scope: Scope, receive: Receive, send: Send, request: Request, plan: Serve
    ) -> None:
        answering = Answering(self._rules, request, plan)

        async def send_on(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                answering.start(message["status"], _decoded(message.get("headers", ())))
                if not answering.holds:
                    sent = await self._drive(answering.take(b"", last=False))
                    if sent.head is not None:
                        await send(_start(sent.head))
            elif kind == "http.response.body":
                more = message.get("more_body", False)
                if more and answering.streams:
                    await send(message)
                    return
                sent = await self._drive(answering.take(message.get("body", b""), last=not more))
                if sent.head is not None:
                    await send(_start(sent.head))
                if sent.body or not more:
                    await send(_body(sent.body, more=more))
            elif kind in _SHORTCUTS:
                sent = await self._drive(answering.take(b"", last=True))
                if sent.head is not None:
                    await send(_start(sent.head))
                await send(message)
            else:
                await send(message)

        with Active(plan.session):
            try:
                await self.app(self._inner_scope(scope, request, plan), receive, send_on)
            except Exception:
                await self._drive(answering.abandon())
                raise

    async def _preflight(
        self, scope: Scope, receive: Receive, send: Send, request: Request
    ) -> None:
        ours = False

        async def send_on(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start":
                headers = _decoded(message.get("headers", ()))
                ours = not http.answers_preflight(message["status"], headers)
                if ours and self.settings.cors is not None:
                    await _send(send, *http.preflight(self.settings.cors, request))
            if not ours:
                await send(message)

        await self.app(scope, receive, send_on)

    async def _drive(self, flow: Generator[Question, Any, T]) -> T:
        try:
            question = next(flow)
            while True:
                try:
                    if self._at_once and not isinstance(question, Emit):
                        answer = self._store.execute(question)
                    else:
                        answer = await self._ask(question)
                except StoreError as error:
                    question = flow.throw(error)
                else:
                    question = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _ask(self, question: Question) -> Any:
        if not isinstance(question, Emit):
            return await self._execute(question)
        hook: Any = self.settings.on_event
        if self._async_hook:
            try:
                await hook(question.event)
            except Exception:  # noqa: BLE001 - a hook harms no request
                log.exception("sessionware: the hook %r failed", hook)
        elif hook is not None:
            await asyncio.to_thread(call_hook, hook, question.event)
        return None

    # --- scopes ------------------------------------------------------------------------------

    def _request(self, scope: Scope) -> Request:
        headers = AsgiHeaders(scope["headers"])
        root = scope.get("root_path", "").rstrip("/")
        path = _below(scope)
        raw: bytes | None = scope.get("raw_path")
        target = raw.decode("latin-1") if raw else None
        whole, mount = client_path(target, root, path)
        if target is not None and (path[:1] != "/" or "\ufffd" in path):
            # An absolute-form target, or one that the server could not decode.
            path = naming.unescape(whole[len(mount) :])
        client = scope.get("client")
        return self._rules.request(
            method=scope["method"],
            path=path,
            query=scope.get("query_string", b"").decode("latin-1"),
            headers=headers,
            peer=client[0] if client else "",
            scheme=scope.get("scheme", "http"),
            client_path=whole,
            mount=mount,
        )

    def _inner_scope(self, scope: Scope, request: Request, plan: Serve) -> Scope:
        """Give the scope for the app; the outer one is never changed."""
        inner = dict(scope)
        inner[SESSION] = plan.session
        if plan.query is not None:
            inner[ORIGINAL_QUERY] = scope["query_string"]
            inner["query_string"] = plan.query.encode("latin-1")
        if plan.path is not None:
            above = scope["path"][: len(scope["path"]) - len(_below(scope))]
            inner["path"] = above + plan.path
            if scope.get("raw_path"):
                inner["raw_path"] = self._rules.raw_path(request).encode("latin-1")
        dropped = _UNFORWARDED if plan.carriage is not None and plan.manifest else frozenset()
        if self._trusted_headers and not request.trusted:
            dropped |= self._trusted_headers
        if dropped:
            inner["headers"] = [pair for pair in scope["headers"] if pair[0] not in dropped]
        if plan.manifest:
            if request.method == "HEAD":  # answered as GET would be, without the body
                inner["method"] = "GET"
            if extensions := scope.get("extensions"):
                kept = {name: v for name, v in extensions.items() if name not in _SHORTCUTS}
                inner["extensions"] = kept
        return inner

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse to start where sessions could not be counted; close the store at the end."""
        first: Message | None = await receive()
        try:
            self._guard_split()
        except ConfigurationError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return

        async def receive_on() -> Message:
            nonlocal first
            message, first = first, None
            return message if message is not None else await receive()

        async def send_on(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await self.aclose()
            await send(message)

        await self.app(scope, receive_on, send_on)


def _below(scope: Scope) -> str:
    """Give the path below the mount, whether or not ``path`` begins with ``root_path``."""
    path: str = scope["path"]
    root = scope.get("root_path")
    if root and path.startswith(root):
        root = root.rstrip("/")
        if path[len(root) : len(root) + 1] in {"/", ""}:
            return path[len(root) :] or "/"
    return path


def _sameness(scope: Scope) -> Hashable:
    """Give all that a decision may depend on: two scopes with the same are the same request."""
    client = scope.get("client")
    return (
        scope["method"],
        scope["path"],
        scope.get("raw_path"),
        scope.get("root_path"),
        scope.get("query_string"),
        scope.get("scheme"),
        client[0] if client else None,
        *map(tuple, scope["headers"]),
    )


# An app sends the same few headers again and again.
@lru_cache(maxsize=512)
def _decode(name: bytes, value: bytes) -> tuple[str, str]:
    return name.decode("latin-1").lower(), value.decode("latin-1")


@lru_cache(maxsize=512)
def _encode(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode("latin-1"), value.encode("latin-1")


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> http.Headers:
    return [_decode(name, value) for name, value in headers]


def _encoded(headers: http.Headers) -> list[tuple[bytes, bytes]]:
    return [_encode(name, value) for name, value in headers]


def _start(head: Head) -> Message:
    return {
        "type": "http.response.start",
        "status": head.status,
        "headers": _encoded(head.headers),
    }


def _body(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _send(send: Send, status: int, headers: http.Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers)})
    await send(_body(body, more=False))
