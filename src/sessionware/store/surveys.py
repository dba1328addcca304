"""Commands about many sessions, or about the store itself, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessionware.store.commands import Command, Living

if TYPE_CHECKING:
    from sessionware.request import Kind


@dataclass(frozen=True, slots=True)
class Listing(Command[tuple[Living, ...]]):
    """Sessions that are not pending, by (ms when they began, key), at most ``limit``.

    ``below``: those of streams below the stream, too, ``live/a`` where it is ``live``. ``pending``:
    pending ones, too. ``after``: only those behind this (ms, key).
    """

    now: float
    stream: str | None = None
    kind: Kind | None = None
    user: str | None = None
    ip: str | None = None
    below: bool = False
    pending: bool = False
    after: tuple[int, bytes] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a stream, of a kind, or of all; see ``docs/concepts.md`` for each definition."""

    watching: int = 0
    sessions: int = 0
    started: int = 0
    ended: int = 0
    requests: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.watching + other.watching,
            self.sessions + other.sessions,
            self.started + other.started,
            self.ended + other.ended,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class Count(Command[Counts]):
    """Count sessions; ``window``: who asked within so many seconds watches.

    Without ``kind``: viewers, inputs and outputs together (unspecified ones count only under
    their own kind, seed 000).
    """

    now: float
    window: float
    stream: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Streams(Command[Mapping[str, Counts]]):
    """Count as :class:`Count` does, for every stream that is known."""

    now: float
    window: float


@dataclass(frozen=True, slots=True)
class Sweep(Command[int]):
    """End up to ``limit`` sessions whose time is over; answers how many ended.

    What was remembered of others for long enough, and bars that have passed, go too.
    """

    now: float
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Meta(Command["MetaInfo"]):
    """Ask for what belongs to the store as a whole."""


@dataclass(frozen=True, slots=True)
class MetaInfo:
    """``idkey``: 32 random bytes that the store made once, by which session keys are hashed."""

    idkey: bytes = field(repr=False)
