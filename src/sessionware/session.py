"""The session as an app sees it."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sessionware.errors import DataError
from sessionware.identity import session_id
from sessionware.request import Kind
from sessionware.store.records import window_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sessionware.store import Living


class State(StrEnum):
    """Where a session is in its life; ``docs/concepts.md`` draws it."""

    PENDING = "pending"
    """It has asked for a multivariant playlist only: perhaps a link preview. Counts nowhere."""
    LIVE = "live"
    """It has asked for a media playlist, an MPD or a tracked path."""


class Cause(StrEnum):
    """Why a session has ended."""

    EXPIRED = "expired"
    STOPPED = "stopped"
    """By the operator."""
    CLOSED = "closed"
    """By its client."""
    EVICTED = "evicted"
    """By a newcomer, where a limit is to be kept."""
    DENIED = "denied"


class Presentation(StrEnum):
    """What is played: something that goes on, or something whole."""

    LIVE = "live"
    VOD = "vod"


class Data(dict[str, Any]):
    """A JSON mapping of the app's own, kept as long as the session (seed 003).

    Any change counts, also one inside a value. Changes are merged into the store key by key, so
    that two requests that change different keys don't undo each other.
    """

    def __init__(self, stored: Mapping[str, str]) -> None:
        super().__init__((name, json.loads(text)) for name, text in stored.items())
        self._stored = dict(stored)

    def changes(self) -> dict[str, str | None]:
        """Give what has changed since the last call: JSON texts by key, None for a deleted key.

        DataError: a key is no string, or a value is not JSON.
        """
        current = {name: json_text(name, value) for name, value in self.items()}
        changed: dict[str, str | None] = {
            name: text for name, text in current.items() if self._stored.get(name) != text
        }
        changed.update(dict.fromkeys(self._stored.keys() - current.keys()))
        self._stored = current
        return changed


def json_text(name: object, value: object) -> str:
    """Give the JSON text of a value of ``data``; DataError: it has none, or the key is no text."""
    if not isinstance(name, str):
        raise DataError(f"session.data[{name!r}]: keys are strings")
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"session.data[{name!r}] is not JSON: {error}") from error


def _as_it_is(url: str) -> str:
    return url


@dataclass(slots=True, eq=False, repr=False)
class Session:
    """One viewer, input, output or unspecified connection (seed 000).

    ``id`` is the public name of this life, for logs and APIs; the token is nowhere in it. Times
    are seconds since the epoch. ``new``: this request began it. ``stored``: False for a stand-in
    that no store knows (an outage; a HEAD or a prefetch, which begin nothing; an answer that only
    hands out the cookie); its data is lost.
    """

    key: bytes
    kind: Kind
    stream: str
    ip: str
    protocol: str
    service: str
    started: float
    last_seen: float
    expires: float
    state: State
    requests: int
    new: bool
    stored: bool = True
    presentation: Presentation | None = None
    """None: not known yet."""
    duration: float | None = None
    """Of a VOD, in seconds."""
    previous: str | None = None
    """The id of the life that this one revives."""
    user: str | None = None
    """Who ``identify`` says it is."""
    live_seen: float = 0.0
    """When a live manifest of it was last learned of."""
    window: float = 0.0
    """For so many seconds after a request it counts as watching; 0.0: it need not ask."""
    segments: bool = False
    """Whether it has asked for a segment with its token."""
    asked_for: float = 0.0
    """What ``seconds`` is made of; a quiet one has it from when it was not."""
    bytes_down: int = 0
    """Of tracked paths: to the client,"""
    bytes_up: int = 0
    """and from it."""
    tags: tuple[str, ...] = ()
    """What the operator has put on it."""
    also: tuple[str, ...] = ()
    """Further streams, addresses and protocols that it was seen with."""
    query: str = ""
    """The raw query of its first follow-up, without ours."""
    kept: Mapping[str, str] = field(default_factory=dict)
    carrying: Callable[[str], str] = _as_it_is
    _data: Data | None = None

    @classmethod
    def of(cls, living: Living, carry: Callable[[str], str] = _as_it_is) -> Session:
        """Make the app's view of what a store answered."""
        return cls(
            living.key,
            living.kind,
            living.stream,
            living.ip,
            living.protocol,
            living.service,
            living.started,
            living.last_seen,
            living.expires,
            living.state,
            living.requests,
            living.new,
            True,
            living.presentation,
            living.duration,
            living.previous or None,
            living.user or None,
            living.live_seen,
            living.window,
            living.segments,
            living.seconds,
            living.bytes_down,
            living.bytes_up,
            living.tags,
            living.also,
            living.params,
            living.data,
            carry,
        )

    def move_on(self, living: Living) -> None:
        """Bring what moves up to date; ``data`` stays what the app made of it."""
        for name in _MOVING:
            setattr(self, name, getattr(living, name))
        self.asked_for = living.seconds

    @property
    def quiet(self) -> bool:
        """Whether it need not ask for anything as it plays: nobody knows if it still does."""
        return self.kind is Kind.VIEWER and not window_of(self.window, segments=self.segments)

    @property
    def seconds(self) -> float | None:
        """The time between its requests, each gap at most the window; None where it is quiet."""
        return None if self.quiet else self.asked_for

    def __repr__(self) -> str:
        return f"<Session {self.id} {self.kind} {self.stream!r} {self.state}>"

    @property
    def id(self) -> str:
        """The public name of this life of the session."""
        return session_id(self.key, self.started)

    @property
    def data(self) -> Data:
        """The app's own JSON mapping; changes are saved before the answer's last byte leaves."""
        if self._data is None:
            self._data = Data(self.kept)
        return self._data

    @property
    def params(self) -> dict[str, str]:
        """The query of its first follow-up, decoded, without ours; of a repeated name the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def carry(self, url: str) -> str:
        """Give a URL of this site with the token, for the app's own JSON and pages.

        A URL of another host comes back as it is, unless ``carry_hosts`` names it.
        """
        return self.carrying(url)

    def to_dict(self) -> dict[str, Any]:
        """Give everything that may be shown, as JSON values; never the token."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "stream": self.stream,
            "ip": self.ip,
            "protocol": self.protocol,
            "service": self.service,
            "user": self.user,
            "started": self.started,
            "last_seen": self.last_seen,
            "expires": self.expires,
            "state": self.state.value,
            "presentation": self.presentation and self.presentation.value,
            "duration": self.duration,
            "previous": self.previous,
            "requests": self.requests,
            "seconds": self.seconds,
            "bytes_down": self.bytes_down,
            "bytes_up": self.bytes_up,
            "tags": list(self.tags),
            "quiet": self.quiet,
            "new": self.new,
            "stored": self.stored,
            "params": self.params,
            "data": dict(self.data),
        }

    @property
    def touched(self) -> bool:
        """Whether the app has looked at ``data``, and so may change it."""
        return self._data is not None

    def changes(self) -> dict[str, str | None]:
        """Give the changes of ``data`` that are still to be saved; DataError as there."""
        return self._data.changes() if self._data is not None else {}


_MOVING = (
    "started",
    "last_seen",
    "expires",
    "requests",
    "new",
    "window",
    "bytes_down",
    "bytes_up",
    "tags",
)
"""What of a session moves while its connection is held open."""

_current: ContextVar[Session | None] = ContextVar("sessionware.session", default=None)


def current_session() -> Session | None:
    """Give the session of the request that this task or thread works on, or None."""
    return _current.get()


class Active:
    """Makes a session the current one for as long as a ``with`` block runs."""

    __slots__ = ("_before", "_session")

    def __init__(self, session: Session | None) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._before = _current.set(self._session)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._before)
