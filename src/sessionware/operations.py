"""What the facade does: each call as a generator of questions, the same for both worlds (SPEC 8).

Generators, as in ``flow``; what they return is the call's answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sessionware.arguments import (
    Whom,
    check_kind,
    check_maybe_empty,
    check_texts,
    parse_id,
    seconds_given,
)
from sessionware.checks_answers import is_whole
from sessionware.events import SessionsInvalidated
from sessionware.identity import kept_ip, milliseconds
from sessionware.option_groups import seconds
from sessionware.orders import Subject, fits
from sessionware.proxies import parse_network
from sessionware.questions import Emit, Wait
from sessionware.reach import know_store, learn_orders
from sessionware.request import Kind, parse_ip
from sessionware.scopes import holder_of
from sessionware.session import Cause, Session
from sessionware.store import (
    Allow,
    Bar,
    Count,
    Denial,
    End,
    Get,
    Invalidate,
    Listing,
    Living,
    Order,
    Streams,
    Sweep,
    Tag,
)
from sessionware.told import tell_all

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from sessionware.option_groups import Seconds
    from sessionware.questions import Question
    from sessionware.rules import Rules
    from sessionware.store import Counts

_MANY = 2**31
PAGE = 1000
"""How many sessions are listed at a time, where all are gone through."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some sessions, oldest first; ``next`` is the ``after`` of the page that follows, or None."""

    items: tuple[Session, ...]
    next: str | None


class Operations:
    """The facade's calls, for the rules of one middleware."""

    def __init__(self, rules: Rules) -> None:
        self.rules: Rules = rules
        self._clock = rules.settings.clock

    # --- asking ------------------------------------------------------------------------------

    def count(
        self, stream: str | None, kind: Kind | None, protocol: str | None
    ) -> Generator[Question, Any, Counts]:
        """Count; see ``Sessions.count``."""
        check_texts(stream=stream, protocol=protocol)
        if kind is not None:
            check_kind(kind)
        counts: Counts = yield Count(self._clock(), stream, kind, protocol)
        return counts

    def streams(self) -> Generator[Question, Any, Mapping[str, Counts]]:
        """Count each stream."""
        counts: Mapping[str, Counts] = yield Streams(self._clock())
        return counts

    def list(  # what a page may be asked by
        self,
        stream: str | None,
        kind: Kind | None,
        user: str | None,
        ip: str | None,
        tag: str | None,
        after: str | None,
        limit: int,
    ) -> Generator[Question, Any, Page]:
        """Give a page of sessions."""
        if not is_whole(limit, 1, _MANY):
            raise ValueError(f"limit={limit!r}: is no positive number of sessions")
        check_texts(stream=stream, user=user, ip=ip, tag=tag, after=after)
        if kind is not None:
            check_kind(kind)
        since = None
        if after is not None:
            key, began = parse_id(after, "after")
            since = (began, key)
        if ip is not None:
            yield from know_store(self.rules)
            ip = self._kept(ip)
        found: tuple[Living, ...]
        found = yield Listing(self._clock(), stream, kind, user, ip, tag, after=since, limit=limit)
        items = tuple(map(Session.of, found))
        return Page(items, items[-1].id if len(items) == limit else None)

    def get(self, session_id: str) -> Generator[Question, Any, Session | None]:
        """Give a session if it is still in the life that the id names."""
        found = yield Get(parse_id(session_id)[0], self._clock())
        session = Session.of(found) if isinstance(found, Living) else None
        return session if session is not None and session.id == session_id else None

    def by_token(self, token: str, service: str) -> Generator[Question, Any, tuple[Session, ...]]:
        """Give the sessions of a token, pending ones too."""
        check_texts(token=token)
        check_maybe_empty(service=service)
        found: list[Session] = []
        for holder in (yield from self._holders(token, service)):
            listing = Listing(self._clock(), holder=holder, pending=True, limit=PAGE)
            found += map(Session.of, (yield from self._all(listing)))
        return tuple(found)

    # --- ending ------------------------------------------------------------------------------

    def stop(
        self, session_id: str | None, stream: str | None, user: str | None, tag: str | None
    ) -> Generator[Question, Any, int]:
        """End a session by its id, or all of a user, of a tag, of a stream and of those below."""
        if (session_id is None) == (stream is None and user is None and tag is None):
            raise ValueError("stop() needs either id=, or some of stream=, user= and tag=")
        check_texts(stream=stream, user=user, tag=tag)
        keys = []
        if session_id is not None:
            named = yield from self.get(session_id)
            keys = [named.key] if named is not None else []
        else:
            listing = Listing(
                self._clock(), stream, None, user, None, tag, below=True, pending=True, limit=PAGE
            )
            keys = [living.key for living in (yield from self._all(listing))]
        stopped = 0
        for key in keys:
            now = self._clock()
            bar = Bar(Cause.STOPPED, now + seconds(self.rules.settings.deny_for))
            ended: Living | None = yield End(key, now, Cause.STOPPED, bar)
            stopped += ended is not None
            yield Wait(0)
        yield from tell_all(self.rules.settings)
        return stopped

    def deny(self, whom: Whom, duration: Seconds, reason: str) -> Generator[Question, Any, None]:
        """Keep out who fits, and end those inside."""
        lasts = seconds_given(duration)
        check_maybe_empty(reason=reason)
        yield from know_store(self.rules)
        for denial in (yield from self._denials(whom)):
            now = self._clock()
            denial_now = replace(denial, until=now + lasts, reason=reason)
            yield Order(now, denial_now)
            for living in (yield from self._inside(denial_now)):
                yield End(living.key, self._clock(), Cause.DENIED)
                yield Wait(0)
        yield from learn_orders(self.rules)  # an entry asks the store nothing
        yield from tell_all(self.rules.settings)

    def allow(self, whom: Whom) -> Generator[Question, Any, None]:
        """Take back what was denied in the same words."""
        for denial in (yield from self._denials(whom)):
            yield Allow(self._clock(), denial)
        yield from learn_orders(self.rules)

    def invalidate(
        self, session_id: str | None, stream: str | None
    ) -> Generator[Question, Any, int]:
        """Let the app be asked again."""
        if session_id is not None and stream is not None:
            raise ValueError("invalidate() takes id= or stream= or neither, not both")
        check_texts(stream=stream)
        key = None if session_id is None else parse_id(session_id)[0]
        now = self._clock()
        number: int = yield Invalidate(now, key, stream)
        yield Emit(SessionsInvalidated(at=now, stream=stream, session=session_id, sessions=number))
        return number

    def sweep(self) -> Generator[Question, Any, int]:
        """End all whose time is over, and tell of it."""
        number = 0
        while True:
            ended: int = yield Sweep(self._clock(), PAGE)
            number += ended
            if ended < PAGE:
                break
        yield from tell_all(self.rules.settings)
        return number

    # --- tags --------------------------------------------------------------------------------

    def tag(
        self, session_id: str, add: tuple[str, ...], remove: tuple[str, ...]
    ) -> Generator[Question, Any, Session | None]:
        """Put tags on a session and take others off; None: that life of it is over."""
        names: tuple[object, ...] = (*add, *remove)
        for name in names:
            if not isinstance(name, str) or not name:
                raise ValueError(f"{name!r} is no tag: it is no text, or an empty one")
        if (yield from self.get(session_id)) is None:
            return None
        living: Living | None
        living = yield Tag(parse_id(session_id)[0], self._clock(), add, remove)
        return Session.of(living) if living is not None else None

    # --- who is meant ------------------------------------------------------------------------

    def _holders(self, token: str, service: str) -> Generator[Question, Any, tuple[bytes, ...]]:
        yield from know_store(self.rules)
        named = self.rules.carriers.named(token, service)
        return tuple(holder_of(self.rules, one) for one in named)

    def _denials(self, whom: Whom) -> Generator[Question, Any, Iterator[Denial]]:
        holders: tuple[bytes | None, ...] = (None,)
        if whom.token is not None:
            holders = yield from self._holders(whom.token, whom.service)
            if not holders:
                reason = "is no token, or one of another secret than these settings have"
                raise ValueError(f"token=...: {reason}")
        key, ip = whom.key, whom.network
        return (Denial(0.0, "", key, ip, whom.user, whom.stream, holder) for holder in holders)

    def _inside(self, denial: Denial) -> Generator[Question, Any, tuple[Living, ...]]:
        """Give the sessions that a denial is about."""
        now = self._clock()
        found: tuple[Living, ...]
        if denial.key is not None:
            living = yield Get(denial.key, now)
            found = (living,) if isinstance(living, Living) else ()
        else:
            found = yield from self._all(
                Listing(
                    now,
                    denial.stream,
                    user=denial.user,
                    holder=denial.holder,
                    below=True,
                    pending=True,
                    limit=PAGE,
                )
            )
        return tuple(living for living in found if self._is_about(denial, living))

    def _is_about(self, denial: Denial, living: Living) -> bool:
        ip = living.ip
        if denial.ip is not None and self.rules.settings.ip_privacy == "hash":
            network = parse_network(denial.ip)
            one = str(network.network_address) if network.num_addresses == 1 else None
            if one is not None and kept_ip(one, "hash", self.rules.names_key) == ip:
                ip = denial.ip
            # Who is in a network nobody can tell by a hash: they are refused when they ask.
        return fits(
            denial,
            Subject(living.key, ip, living.user or None, living.stream, denial.holder or b""),
        )

    def _kept(self, ip: str) -> str:
        """Give an address as it is kept, however it was written; what is kept may be given, too."""
        address = parse_ip(ip)
        privacy = self.rules.settings.ip_privacy
        return ip if address is None else kept_ip(str(address), privacy, self.rules.names_key)

    def _all(self, listing: Listing) -> Generator[Question, Any, tuple[Living, ...]]:
        """Go through all pages of a listing before anything is changed."""
        every: list[Living] = []
        while True:
            found: tuple[Living, ...] = yield listing
            yield Wait(0)  # others may have their turn
            every += found
            if len(found) < listing.limit:
                return tuple(every)
            last = found[-1]
            listing = replace(listing, after=(milliseconds(last.started), last.key))
