"""What is told of a session's start and end: events made of what a store keeps (SPEC 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.events import Event, RequestRefused, SessionEnded, SessionStarted, Stats
from sessionware.identity import session_id
from sessionware.questions import Emit
from sessionware.request import Kind
from sessionware.store import Claim
from sessionware.store.records import window_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from sessionware.outcome import Refuse
    from sessionware.questions import Question
    from sessionware.session import Cause
    from sessionware.settings import Settings
    from sessionware.store import Living, Told
    from sessionware.visit import Visit

AT_A_TIME = 500
"""So much is claimed in one go."""

STREAM, IP, PROTOCOL = "stream", "ip", "protocol"


def started(living: Living, at: float) -> SessionStarted:
    """Say that a session has started."""
    return SessionStarted(
        at=at,
        session=session_id(living.key, living.started),
        stream=living.stream,
        kind=living.kind,
        protocol=living.protocol,
        ip=living.ip,
        user=living.user or None,
        previous=living.previous or None,
    )


def ended(living: Living, cause: Cause, at: float) -> SessionEnded:
    """Say that a session has ended, and what it was."""
    return SessionEnded(
        at=at,
        session=session_id(living.key, living.started),
        stream=living.stream,
        kind=living.kind,
        user=living.user or None,
        cause=cause,
        stats=stats(living),
    )


def stats(living: Living) -> Stats:
    """Add up what a session was."""
    is_quiet = living.kind is Kind.VIEWER and not window_of(living.window, segments=living.segments)
    return Stats(
        streams=(living.stream, *seen_as(living, STREAM)),
        protocols=(living.protocol, *seen_as(living, PROTOCOL)),
        ips=(living.ip, *seen_as(living, IP)),
        started=living.started,
        seconds=None if is_quiet else living.seconds,
        requests=living.requests,
        bytes_down=living.bytes_down,
        bytes_up=living.bytes_up,
        tags=living.tags,
    )


def seen_as(living: Living, what: str) -> tuple[str, ...]:
    """Give the further streams, addresses or protocols of a session."""
    named = f"{what} "
    return tuple(note.removeprefix(named) for note in living.also if note.startswith(named))


def announced(living: Living, now: float) -> Generator[Question, Any, None]:
    """Tell of a session that the command just answered has announced."""
    if living.announce and living.kind is not Kind.UNSPECIFIED:
        yield Emit(started(living, now))


def refused(visit: Visit, refusal: Refuse) -> Generator[Question, Any, None]:
    """Tell that a request was refused; of unspecified ones nobody hears (SPEC 4)."""
    if visit.kind is Kind.UNSPECIFIED:
        return
    yield Emit(
        RequestRefused(
            at=visit.now,
            stream=visit.stream,
            path=visit.place.path,
            ip=visit.ip,
            user=visit.user,
            status=refusal.status,
            reason=refusal.title,
        )
    )


def tell_all(settings: Settings) -> Generator[Question, Any, None]:
    """Claim and tell what there is; who has nobody to tell leaves it to others."""
    if settings.on_event is None:
        return
    while True:
        claimed: tuple[Told, ...] = yield Claim(settings.clock(), AT_A_TIME)
        for one in claimed:
            for event in events_of(one):
                yield Emit(event)
        if len(claimed) < AT_A_TIME:
            return


def events_of(told: Told) -> Iterator[Event]:
    """Give what is to be told, the start before the end."""
    if told.started:
        yield started(told.living, told.at)
    if told.cause is not None:
        yield ended(told.living, told.cause, told.at)
