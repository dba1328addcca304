"""Commands about many sessions, or about the store itself, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from sessionware.store.commands import Command
from sessionware.store.records import Living, Told

if TYPE_CHECKING:
    from sessionware.request import Kind


@dataclass(frozen=True, slots=True)
class Listing(Command[tuple[Living, ...]]):
    """Sessions that are not pending, by (ms when they began, key), at most ``limit``.

    ``below``: those of streams below the stream, too, ``live/a`` where it is ``live``. ``pending``:
    pending ones, too. ``holder``: those of a token. ``after``: only those behind this (ms, key).
    """

    now: float
    stream: str | None = None
    kind: Kind | None = None
    user: str | None = None
    ip: str | None = None
    tag: str | None = None
    holder: bytes | None = None
    below: bool = False
    pending: bool = False
    after: tuple[int, bytes] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a stream, of a kind, of a protocol, or of all.

    A pending session counts in none of them. ``watching``: viewers who asked within their window;
    ``quiet``: viewers who need not ask (and are never in ``watching``); a superseded session is in
    neither. ``sessions``: all that have not ended. ``started``: sessions that were announced;
    ``ended``: those of them that are over. ``seconds``, ``requests``, ``bytes_down`` and
    ``bytes_up`` are sums over all of them, ever.
    """

    watching: int = 0
    quiet: int = 0
    sessions: int = 0
    started: int = 0
    ended: int = 0
    seconds: float = 0.0
    requests: int = 0
    bytes_down: int = 0
    bytes_up: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in _NUMBERS))


_NUMBERS = tuple(number.name for number in fields(Counts))


@dataclass(frozen=True, slots=True)
class Count(Command[Counts]):
    """Count sessions.

    A session counts under the protocol with which it began. Without ``kind``: viewers, inputs and
    outputs together (unspecified ones count only under their own kind, seed 000).
    """

    now: float
    stream: str | None = None
    kind: Kind | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class Streams(Command[Mapping[str, Counts]]):
    """Count as :class:`Count` does, for every stream that is known."""

    now: float


@dataclass(frozen=True, slots=True)
class Sweep(Command[int]):
    """End up to ``limit`` sessions whose time is over; answers how many ended.

    What was remembered of others for long enough, and bars that have passed, go too.
    """

    now: float
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Claim(Command[tuple[Told, ...]]):
    """Give up to ``limit`` of what is to be told, in the order in which it happened.

    Each is given once: whoever claims it tells it. First all that is due ends, or is announced.
    Only sessions that began with ``events`` are told of. One that a command announced is told of by
    who sent it, not here. One that ends unannounced is told of as started, too; a pending one, a
    superseded one, and one that was withdrawn are not told of. Notes that a worker was alive at
    ``now`` (the heartbeat of :class:`Meta`).
    """

    now: float
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Invalidate(Command[int]):
    """Let the app be asked again: about running sessions, and about who was denied by it.

    About one (its key), about a stream and those below it, or about all but unspecified ones.
    Answers how many sessions were marked, and denials (bars whose cause is that) forgotten.
    """

    now: float
    key: bytes | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Denial:
    """An order to keep out who fits all that is given here; the rest is None.

    ``ip`` is a network as text, ``stream`` covers those below it, ``holder`` names a token and
    ``key`` a session. ``until``: from then on it holds no more.
    """

    until: float
    reason: str = ""
    key: bytes | None = None
    ip: str | None = None
    user: str | None = None
    stream: str | None = None
    holder: bytes | None = None

    @property
    def whom(self) -> tuple[object, ...]:
        """All that it says but until when, and why."""
        return (self.key, self.ip, self.user, self.stream, self.holder)


@dataclass(frozen=True, slots=True)
class Order(Command[int]):
    """Put a denial down, in the place of one for the same; answers the orders' new version."""

    now: float
    denial: Denial


@dataclass(frozen=True, slots=True)
class Allow(Command[int]):
    """Take back the denial for the same, if there is one; answers the orders' new version."""

    now: float
    denial: Denial


@dataclass(frozen=True, slots=True)
class Postpone(Command[float]):
    """Nobody could ask from ``since`` until now: that is no silence of the viewers (SPEC 6).

    Moves all expiries (never behind a deadline) by the gap, but at most ``most`` seconds; what
    another worker has moved them for already is no part of the gap. Places are not moved: others
    may have taken them meanwhile, and a limit is never exceeded. Answers by how many seconds.
    """

    now: float
    since: float
    most: float


@dataclass(frozen=True, slots=True)
class Meta(Command["MetaInfo"]):
    """Ask for what belongs to the store as a whole."""


@dataclass(frozen=True, slots=True)
class MetaInfo:
    """``idkey``: 32 random bytes that the store made once, by which session keys are hashed.

    ``orders``: the version of the ``denials``; some of them may have passed. ``heartbeat``: when
    a worker was last known to be alive, 0.0 for never.
    """

    idkey: bytes = field(repr=False)
    orders: int = 0
    denials: tuple[Denial, ...] = ()
    heartbeat: float = 0.0
