"""What happens, for the hook ``on_event`` (SPEC 8). No event holds a token."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionware.request import Kind
    from sessionware.session import Cause

log: logging.Logger = logging.getLogger("sessionware")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events; ``at`` is in seconds since the epoch."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    """A session counts as started: once for each of its lives, over all workers (SPEC 7).

    ``session`` is its id, ``previous`` the id of the life that it revives, or None.
    """

    session: str
    stream: str
    kind: Kind
    protocol: str
    ip: str
    user: str | None
    previous: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What a session was, at its end (seed 000: what USER_END tells).

    ``seconds`` are those between its requests, each gap at most the time for which a request counts
    as watching; None for one that need not ask, whose time nobody knows. Bytes are those of tracked
    paths. ``streams``, ``ips`` and ``protocols`` are those that it was seen with, the first in
    front, and of each at most as many as were kept.
    """

    streams: tuple[str, ...]
    protocols: tuple[str, ...]
    ips: tuple[str, ...]
    started: float
    seconds: float | None
    requests: int
    bytes_down: int
    bytes_up: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session has ended; ``at`` is when its time was over, whenever that was found out."""

    session: str
    stream: str
    kind: Kind
    user: str | None
    cause: Cause
    stats: Stats


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenShared(Event):
    """One token came from more than 8 networks in 10 minutes.

    A published link, or a CDN that caches personal manifests. Once for a token and worker;
    ``session`` is the first half of the session's id.
    """

    stream: str
    session: str
    networks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectLoop(Event):
    """A client is redirected again and again: something strips queries and cookies (P28, P38).

    Once for a client and worker, while the loop lasts.
    """

    stream: str
    path: str
    ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteSkipped(Event):
    """A manifest went out as the app wrote it, without the token that it should carry."""

    stream: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFailed(Event):
    """The store could not answer; the request went on as ``on_store_error`` says."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRecovered(Event):
    """The store answers again after ``outage`` seconds in which this worker saw it fail."""

    outage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDenied(Event):
    """The app's hook ``admit`` kept a session out; ``session`` is the id that it would have had.

    A running one that was asked about again (``invalidate``) has ended by it.
    """

    session: str
    stream: str
    ip: str
    user: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused(Event):
    """A request was answered with a refusal of ours; ``reason`` is its title."""

    stream: str
    path: str
    ip: str
    user: str | None
    status: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsInvalidated(Event):
    """``invalidate()`` was called: about a session, a stream, or all (both None).

    ``sessions``: how many will be asked about again, or were denied and may come again.
    """

    stream: str | None
    session: str | None
    sessions: int
