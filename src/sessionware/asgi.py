"""The ASGI shell: turns a scope into a request, drives the flow, moves the messages."""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from sessionware import http, naming
from sessionware.asgi_send import SHORTCUTS, Completing, decoded, send_reply
from sessionware.base import ORIGINAL_QUERY, SESSION, Base
from sessionware.drivers import AsyncDriver
from sessionware.errors import ConfigurationError
from sessionware.flow import again, arrive
from sessionware.headers import AsgiHeaders
from sessionware.outcome import Pass, Preflight, Serve
from sessionware.session import Active
from sessionware.sessions import AsyncSessions
from sessionware.sweeper import TaskSweeper, sweep, tell_last
from sessionware.target import client_path
from sessionware.traffic import counted

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, MutableMapping

    from sessionware.request import Request
    from sessionware.settings import Settings

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

_UNFORWARDED = frozenset(name.encode() for name in http.UNFORWARDED)


class StreamSessionMiddleware(Base["App"]):
    """Gives each viewer of an HLS or DASH stream one session, around an ASGI app.

    All options are keywords; :class:`sessionware.Settings` lists them. The app sees the session as
    ``scope["sessionware.session"]`` and as :func:`sessionware.current_session`.
    """

    awaits = True

    def _begin(self, app: App, settings: Settings) -> None:
        super()._begin(app, settings)
        self.driver: AsyncDriver = AsyncDriver(self._store, settings)
        self.sessions: AsyncSessions = AsyncSessions.under(self.driver, self.rules)
        self._sweeper = TaskSweeper(self.driver.drive, self.rules)
        self._trusted_headers = frozenset(name.encode() for name in self.rules.trusted_headers)

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
        """Tell what is to be told, and stop sweeping; close a store that was opened from a URL.

        One of the app's own stays open.
        """
        await self._sweeper.stop()
        await self.driver.drive(tell_last(self.rules))
        if self._owns_store:
            closing: Any = self._store.close()
            if isawaitable(closing):
                await closing

    # --- one request -------------------------------------------------------------------------

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._guard_split()
        rules = self.rules
        self._sweeper.start()
        if self._pays_for_sweep():
            # Who is cancelled meanwhile takes nothing along that was claimed to be told.
            await asyncio.shield(self.driver.drive(sweep(rules)))
        sameness = _sameness(scope)
        known = rules.known.get(sameness)
        if known is not None:
            request = known.visit.request
            outcome = await self.driver.drive(again(known))
        else:
            request = self._request(scope)
            outcome = await self.driver.drive(arrive(rules, request))
        if isinstance(outcome, Serve):
            if outcome.known is not None:
                rules.known.keep(sameness, outcome.known, outcome.known.cost(sameness))
            await self._complete(scope, receive, send, request, outcome)
        elif isinstance(outcome, Pass):
            await self.app(self._without_forgery(scope, request), receive, send)
        elif isinstance(outcome, Preflight):
            await self._preflight(self._without_forgery(scope, request), receive, send, request)
        else:
            await send_reply(send, *http.answer(outcome, request, self.settings))

    async def _complete(
        self, scope: Scope, receive: Receive, send: Send, request: Request, plan: Serve
    ) -> None:
        completing = Completing(self, send, request, plan)
        if plan.traffic is not None:
            receive = counted(receive, plan.traffic)
        with Active(plan.session):
            try:
                await self.app(self._inner_scope(scope, request, plan), receive, completing.send)
            except Exception:
                await completing.abandon()
                raise
            finally:
                if plan.traffic is not None:
                    await completing.close()

    async def _preflight(
        self, scope: Scope, receive: Receive, send: Send, request: Request
    ) -> None:
        ours = False

        async def send_on(message: Message) -> None:
            nonlocal ours
            if message["type"] == "http.response.start":
                headers = decoded(message.get("headers", ()))
                ours = not http.answers_preflight(message["status"], headers)
                if ours and self.settings.cors is not None:
                    await send_reply(send, *http.preflight(self.settings.cors, request))
            if not ours:
                await send(message)

        await self.app(scope, receive, send_on)

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
        return self.rules.request(
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
        inner: Scope = dict(scope)
        inner[SESSION] = plan.session
        if plan.query is not None:
            inner[ORIGINAL_QUERY] = scope["query_string"]
            inner["query_string"] = plan.query.encode("latin-1")
        if plan.path is not None:
            path, below = scope["path"], _below(scope)
            if below[:1] == "/":  # as the server decoded it
                above = path[: len(path) - len(below)]
                inner["path"] = f"{above}/{below.lstrip('/').partition('/')[2]}"
            else:
                inner["path"] = plan.path
            if scope.get("raw_path"):
                inner["raw_path"] = self.rules.raw_path(request).encode("latin-1")
        if plan.carriage is not None and plan.manifest:
            inner["headers"] = _headers_without(_UNFORWARDED, scope)
        inner = self._without_forgery(inner, request)
        if plan.manifest:
            if request.method == "HEAD":  # answered as GET would be, without the body
                inner["method"] = "GET"
            if extensions := scope.get("extensions"):
                kept = {name: v for name, v in extensions.items() if name not in SHORTCUTS}
                inner["extensions"] = kept
        return inner

    def _without_forgery(self, scope: Scope, request: Request) -> Scope:
        """Take out the header by which a stranger could pose as the CDN."""
        if request.trusted or not self._trusted_headers:
            return scope
        return {**scope, "headers": _headers_without(self._trusted_headers, scope)}

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse to start where sessions could not be counted; close the store at the end."""
        first: Message | None = await receive()
        try:
            self._guard_split()
        except ConfigurationError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        self._sweeper.start()

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


def _headers_without(names: frozenset[bytes], scope: Scope) -> list[tuple[bytes, bytes]]:
    return [pair for pair in scope["headers"] if pair[0] not in names]


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
