"""What happens, for the hook ``on_event`` (SPEC 8). No event holds a token."""

from __future__ import annotations

import logging
from dataclasses import dataclass

log: logging.Logger = logging.getLogger("sessionware")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of all events; ``at`` is in seconds since the epoch."""

    at: float


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
class SessionDenied(Event):
    """The app's hook ``admit`` kept a session out; ``session`` is the id that it would have had."""

    session: str
    stream: str
    ip: str
    user: str | None
    reason: str
