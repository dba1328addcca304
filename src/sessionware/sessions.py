"""The facade: ask a store about its sessions, and end them, from outside a request (SPEC 8)."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from sessionware.arguments import Whom
from sessionware.drivers import AsyncDriver, Driver
from sessionware.explain import Explanation, explain
from sessionware.facade import Facade, check_store
from sessionware.handles import AsyncOpenSession, OpenSession
from sessionware.opened import Opened
from sessionware.operations import Page
from sessionware.request import Kind, Request
from sessionware.rules import Rules
from sessionware.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from sessionware.option_groups import Seconds
    from sessionware.session import Session
    from sessionware.store import AnyStore, Counts, Store

__all__ = ["AsyncOpenSession", "AsyncSessions", "Explanation", "OpenSession", "Page", "Sessions"]


class Sessions(Facade[Driver]):
    """Asks a store that answers at once.

    ``settings`` are those of the middleware beside it: its clock and its secret, its hook for
    events. Under a middleware it is ``middleware.sessions``. Every call may raise StoreError: what
    it is about is not known then, or not known to be done. ConfigurationError: the store, or a
    hook, must be awaited.
    """

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        rules = Rules(settings or Settings())
        check_store(store, rules.settings)
        super().__init__(Driver(store, rules.settings), rules)

    def count(
        self, stream: str | None = None, kind: Kind | None = None, protocol: str | None = None
    ) -> Counts:
        """Count the sessions of a stream, of a kind, of a protocol, or all.

        Without ``kind`` the unspecified ones are left out (seed 000). A number that is not known is
        never given as 0: StoreError.
        """
        return self._driver.drive(self._operations.count(stream, kind, protocol))

    def streams(self) -> Mapping[str, Counts]:
        """Give the counts of each stream by name."""
        return self._driver.drive(self._operations.streams())

    def list(
        self,
        *,
        stream: str | None = None,
        kind: Kind | None = None,
        user: str | None = None,
        ip: str | None = None,
        tag: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page:
        """List sessions that are not pending, oldest first; ``after`` is a page's ``next``."""
        return self._driver.drive(self._operations.list(stream, kind, user, ip, tag, after, limit))

    def get(self, id: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Give a session by its id; None if that life of it is over. ValueError: no id."""
        return self._driver.drive(self._operations.get(id))

    def by_token(self, token: str, service: str = "") -> tuple[Session, ...]:
        """Give the sessions of a token, on all streams; pending ones, too.

        ``service``: the one that a token in broadpeak's form was issued for.
        """
        return self._driver.drive(self._operations.by_token(token, service))

    def stop(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as SPEC 8 names it
        stream: str | None = None,
        user: str | None = None,
        tag: str | None = None,
    ) -> int:
        """End a session, or all of a stream and of those below it, of a user, with a tag.

        Answers how many. Given together, all must hold. Their tokens are refused there for
        ``deny_for`` seconds. Who comes with another token is a newcomer: to keep people out, deny
        their user or address.
        """
        return self._driver.drive(self._operations.stop(id, stream, user, tag))

    def deny(  # whom, for how long, and why
        self,
        *,
        id: str | None = None,  # noqa: A002 - as above
        ip: str | None = None,
        user: str | None = None,
        stream: str | None = None,
        token: str | None = None,
        service: str = "",
        duration: Seconds = 600.0,
        reason: str = "",
    ) -> None:
        """Keep somebody out for some time, and end those inside.

        Given together, all must hold. ``ip`` may be a network; a stream covers those below it.
        ``reason`` is what the client is told. Another denial of the same replaces it. ValueError:
        nothing is given, or can't be.
        """
        whom = Whom(id, ip, user, stream, token, service)
        self._driver.drive(self._operations.deny(whom, duration, reason))

    def allow(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as above
        ip: str | None = None,
        user: str | None = None,
        stream: str | None = None,
        token: str | None = None,
        service: str = "",
    ) -> None:
        """Take back what :meth:`deny` said in the same words; nothing else changes."""
        self._driver.drive(self._operations.allow(Whom(id, ip, user, stream, token, service)))

    def invalidate(self, *, id: str | None = None, stream: str | None = None) -> int:  # noqa: A002 - as above
        """Let ``admit`` be asked again: about a session, about a stream, or about all.

        Each session is asked about at its next request for a manifest, and denials by ``admit`` are
        forgotten; those by :meth:`deny` stay. Answers how many of both.
        """
        return self._driver.drive(self._operations.invalidate(id, stream))

    def tag(self, id: str, *tags: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Put tags on a session; gives it, None if that life of it is over."""
        return self._driver.drive(self._operations.tag(id, tags, ()))

    def untag(self, id: str, *tags: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Take tags off a session; gives it, None if that life of it is over."""
        return self._driver.drive(self._operations.tag(id, (), tags))

    def sweep(self) -> int:
        """End all sessions whose time is over, now, and tell of it; answers how many."""
        return self._driver.drive(self._operations.sweep())

    def explain(self, request: Request | str) -> Explanation:
        """Say what a request, or a URL, is, whose, and why; changes nothing."""
        return self._driver.drive(explain(self._operations.rules, request))

    @contextmanager
    def open(
        self,
        kind: Kind = Kind.INPUT,
        *,
        stream: str,
        protocol: str = "SRT",
        ip: str = "",
        token: str | None = None,
        user: str | None = None,
    ) -> Iterator[OpenSession]:
        """Hold a session open for a connection that is no request: SRT, RTMP, WebRTC.

        Without ``token`` it is one of its own (seed 000: the process is the token). Two that are
        the same by the parts of their kind are one session, held until the last one here closes.
        RefusedError: who is stopped or denied.
        """
        opened = Opened(self._operations.rules, kind, stream, protocol, ip, token, user)
        session = self._driver.drive(opened.begin())
        try:
            yield OpenSession.holding(session, opened, self._driver)
        finally:
            self._driver.drive(opened.end())


class AsyncSessions(Facade[AsyncDriver]):
    """The same, awaited; the store may be of either sort."""

    def __init__(self, store: AnyStore, settings: Settings | None = None) -> None:
        rules = Rules(settings or Settings())
        check_store(store, rules.settings, awaits=True)
        super().__init__(AsyncDriver(store, rules.settings), rules)

    async def count(
        self, stream: str | None = None, kind: Kind | None = None, protocol: str | None = None
    ) -> Counts:
        """Count sessions; see :meth:`Sessions.count`."""
        return await self._driver.drive(self._operations.count(stream, kind, protocol))

    async def streams(self) -> Mapping[str, Counts]:
        """Give the counts of each stream by name."""
        return await self._driver.drive(self._operations.streams())

    async def list(
        self,
        *,
        stream: str | None = None,
        kind: Kind | None = None,
        user: str | None = None,
        ip: str | None = None,
        tag: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page:
        """List sessions that are not pending, oldest first; ``after`` is a page's ``next``."""
        return await self._driver.drive(
            self._operations.list(stream, kind, user, ip, tag, after, limit)
        )

    async def get(self, id: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Give a session by its id; None if that life of it is over. ValueError: no id."""
        return await self._driver.drive(self._operations.get(id))

    async def by_token(self, token: str, service: str = "") -> tuple[Session, ...]:
        """Give the sessions of a token; see :meth:`Sessions.by_token`."""
        return await self._driver.drive(self._operations.by_token(token, service))

    async def stop(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as SPEC 8 names it
        stream: str | None = None,
        user: str | None = None,
        tag: str | None = None,
    ) -> int:
        """End a session, or all of a stream, a user, a tag; see :meth:`Sessions.stop`."""
        return await self._driver.drive(self._operations.stop(id, stream, user, tag))

    async def deny(  # whom, for how long, and why
        self,
        *,
        id: str | None = None,  # noqa: A002 - as above
        ip: str | None = None,
        user: str | None = None,
        stream: str | None = None,
        token: str | None = None,
        service: str = "",
        duration: Seconds = 600.0,
        reason: str = "",
    ) -> None:
        """Keep somebody out for some time, and end those inside; see :meth:`Sessions.deny`."""
        whom = Whom(id, ip, user, stream, token, service)
        await self._driver.drive(self._operations.deny(whom, duration, reason))

    async def allow(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as above
        ip: str | None = None,
        user: str | None = None,
        stream: str | None = None,
        token: str | None = None,
        service: str = "",
    ) -> None:
        """Take back what :meth:`deny` said in the same words; nothing else changes."""
        await self._driver.drive(self._operations.allow(Whom(id, ip, user, stream, token, service)))

    async def invalidate(self, *, id: str | None = None, stream: str | None = None) -> int:  # noqa: A002 - as above
        """Let ``admit`` be asked again; see :meth:`Sessions.invalidate`."""
        return await self._driver.drive(self._operations.invalidate(id, stream))

    async def tag(self, id: str, *tags: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Put tags on a session; gives it, None if that life of it is over."""
        return await self._driver.drive(self._operations.tag(id, tags, ()))

    async def untag(self, id: str, *tags: str) -> Session | None:  # noqa: A002 - as SPEC 8 names it
        """Take tags off a session; gives it, None if that life of it is over."""
        return await self._driver.drive(self._operations.tag(id, (), tags))

    async def sweep(self) -> int:
        """End all sessions whose time is over, now, and tell of it; answers how many."""
        return await self._driver.drive(self._operations.sweep())

    async def explain(self, request: Request | str) -> Explanation:
        """Say what a request, or a URL, is, whose, and why; changes nothing."""
        return await self._driver.drive(explain(self._operations.rules, request))

    @asynccontextmanager
    async def open(
        self,
        kind: Kind = Kind.INPUT,
        *,
        stream: str,
        protocol: str = "SRT",
        ip: str = "",
        token: str | None = None,
        user: str | None = None,
    ) -> AsyncIterator[AsyncOpenSession]:
        """Hold a session open for a connection that is no request; see :meth:`Sessions.open`."""
        opened = Opened(self._operations.rules, kind, stream, protocol, ip, token, user)
        session = await self._driver.drive(opened.begin())
        try:
            yield AsyncOpenSession.holding(session, opened, self._driver)
        finally:
            await self._driver.drive(opened.end())
