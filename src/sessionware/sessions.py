"""The facade: ask a store about its sessions, from outside a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sessionware.execute import executor
from sessionware.identity import milliseconds, parse_session_id
from sessionware.session import Cause, Session
from sessionware.settings import Settings, seconds
from sessionware.store import Bar, Count, End, Get, Listing, Living, Streams, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from sessionware.request import Kind
    from sessionware.store import AnyStore, Command, Counts, Store

PAGE = 1000
"""How many sessions are listed at a time, where all are gone through."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some sessions, oldest first; ``next`` is the ``after`` of the page that follows, or None."""

    items: tuple[Session, ...]
    next: str | None


class _Questions:
    """What is asked, and what the answers mean; the same for both facades."""

    def __init__(self, clock: Callable[[], float], window: float, deny_for: float) -> None:
        self._clock = clock
        self._window = window
        self._deny_for = deny_for

    def count(self, stream: str | None, kind: Kind | None) -> Count:
        return Count(self._clock(), self._window, stream, kind)

    def streams(self) -> Streams:
        return Streams(self._clock(), self._window)

    def listing(  # what a page may be asked by
        self,
        stream: str | None = None,
        kind: Kind | None = None,
        user: str | None = None,
        ip: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Listing:
        if limit < 1:
            raise ValueError(f"limit={limit}: is no positive number of sessions")
        since = None
        if after is not None:
            key, began = _parse(after)
            since = (began, key)
        return Listing(self._clock(), stream, kind, user=user, ip=ip, after=since, limit=limit)

    def get(self, session_id: str) -> Get:
        return Get(_parse(session_id)[0], self._clock())

    def sweep(self, limit: int) -> Sweep:
        return Sweep(self._clock(), limit)

    def stop(
        self, session_id: str | None, stream: str | None, user: str | None
    ) -> Generator[Command[Any], Any, int]:
        """End a session by its id, or all of a user, of a stream and of those below it."""
        if (session_id is None) == (stream is None and user is None):
            raise ValueError("stop() needs either id=, or stream= or user= or both")
        if session_id is not None:
            named = _session((yield self.get(session_id)), session_id)
            return (yield from self._stop(named)) if named is not None else 0
        stopped = 0
        listing = Listing(self._clock(), stream, user=user, below=True, pending=True, limit=PAGE)
        while True:
            found: tuple[Living, ...] = yield listing
            for living in found:
                stopped += yield from self._stop(Session.of(living))
            if len(found) < PAGE:
                return stopped
            last = found[-1]
            listing = replace(listing, after=(milliseconds(last.started), last.key))

    def _stop(self, session: Session) -> Generator[Command[Any], Any, int]:
        now = self._clock()
        bar = Bar(Cause.STOPPED, now + self._deny_for)
        ended: bool = yield End(session.key, now, Cause.STOPPED, bar)
        return int(ended)


def _parse(session_id: str) -> tuple[bytes, int]:
    parsed = parse_session_id(session_id)
    if parsed is None:
        raise ValueError(f"{session_id!r} is no session id")
    return parsed


def _page(living: tuple[Living, ...], limit: int) -> Page:
    items = tuple(map(Session.of, living))
    return Page(items, items[-1].id if len(items) == limit else None)


def _session(found: object, session_id: str) -> Session | None:
    """Give the session if it is still in the life that the id names."""
    session = Session.of(found) if isinstance(found, Living) else None
    return session if session is not None and session.id == session_id else None


class Sessions:
    """Asks a store that answers at once."""

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self._store = store
        self._questions = _questions(settings)

    def count(self, stream: str | None = None, kind: Kind | None = None) -> Counts:
        """Count the sessions of a stream, of a kind, or all.

        Without ``kind`` the unspecified ones are left out (seed 000). StoreError: the number is
        not known; it is never given as 0.
        """
        return self._store.execute(self._questions.count(stream, kind))

    def streams(self) -> Mapping[str, Counts]:
        """Give the counts of each stream by name."""
        return self._store.execute(self._questions.streams())

    def list(
        self,
        *,
        stream: str | None = None,
        kind: Kind | None = None,
        user: str | None = None,
        ip: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page:
        """List sessions that are not pending, oldest first; ``after`` is a page's ``next``."""
        question = self._questions.listing(stream, kind, user, ip, after, limit)
        return _page(self._store.execute(question), limit)

    def get(self, session_id: str) -> Session | None:
        """Give a session by its id; None if that life of it is over. ValueError: no id."""
        return _session(self._store.execute(self._questions.get(session_id)), session_id)

    def stop(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as SPEC 8 names it
        stream: str | None = None,
        user: str | None = None,
    ) -> int:
        """End a session, or all of a stream and of those below it, or of a user; answers how many.

        Given together, both must hold. Their tokens are refused there for ``deny_for`` seconds. Who
        comes with another token is a newcomer. StoreError: it is not known to be done.
        """
        flow = self._questions.stop(id, stream, user)
        answer: Any = None
        try:
            while True:
                answer = self._store.execute(flow.send(answer))
        except StopIteration as done:
            stopped: int = done.value
            return stopped

    def sweep(self, limit: int = 1000) -> int:
        """End up to ``limit`` sessions whose time is over, now; answers how many."""
        return self._store.execute(self._questions.sweep(limit))


class AsyncSessions:
    """The same, awaited; the store may be of either sort."""

    def __init__(self, store: AnyStore, settings: Settings | None = None) -> None:
        self._execute = executor(store)
        self._questions = _questions(settings)

    async def count(self, stream: str | None = None, kind: Kind | None = None) -> Counts:
        """Count the sessions of a stream, of a kind, or all; see :meth:`Sessions.count`."""
        counts: Counts = await self._execute(self._questions.count(stream, kind))
        return counts

    async def streams(self) -> Mapping[str, Counts]:
        """Give the counts of each stream by name."""
        streams: Mapping[str, Counts] = await self._execute(self._questions.streams())
        return streams

    async def list(
        self,
        *,
        stream: str | None = None,
        kind: Kind | None = None,
        user: str | None = None,
        ip: str | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Page:
        """List sessions that are not pending, oldest first; ``after`` is a page's ``next``."""
        question = self._questions.listing(stream, kind, user, ip, after, limit)
        return _page(await self._execute(question), limit)

    async def get(self, session_id: str) -> Session | None:
        """Give a session by its id; None if that life of it is over. ValueError: no id."""
        return _session(await self._execute(self._questions.get(session_id)), session_id)

    async def stop(
        self,
        *,
        id: str | None = None,  # noqa: A002 - as SPEC 8 names it
        stream: str | None = None,
        user: str | None = None,
    ) -> int:
        """End a session, or all of a stream or of a user; see :meth:`Sessions.stop`."""
        flow = self._questions.stop(id, stream, user)
        answer: Any = None
        try:
            while True:
                answer = await self._execute(flow.send(answer))
        except StopIteration as done:
            stopped: int = done.value
            return stopped

    async def sweep(self, limit: int = 1000) -> int:
        """End up to ``limit`` sessions whose time is over, now; answers how many."""
        ended: int = await self._execute(self._questions.sweep(limit))
        return ended


def _questions(settings: Settings | None) -> _Questions:
    if settings is None:
        settings = Settings()
    window, deny_for = seconds(settings.watching_window), seconds(settings.deny_for)
    return _Questions(settings.clock, window, deny_for)
