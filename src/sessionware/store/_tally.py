"""The memory store's numbers: what each stream, kind and protocol add up to.

Who watches is counted by buckets of one second, the one until which its sessions watch, so that a
count costs the length of a window, whatever the number of sessions. A session is known here by its
bucket only, so that many that end at once are taken out together.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from itertools import chain
from operator import add
from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.store import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable

FORGET_AFTER = 3600.0
"""Seconds after which the totals of a stream without sessions are forgotten."""


class Bucket:
    """Sessions of a tally that watch until the same second, or that are of another sort."""

    __slots__ = ("second", "sessions", "tally")

    def __init__(self, tally: Tally, second: int | None = None) -> None:
        self.tally = tally
        self.second = second  # None: it is the tally's pending, quiet or superseded ones
        self.sessions = 0


class Tally:
    """The numbers of one stream, kind and protocol; ``started`` are those that were announced."""

    __slots__ = (
        "_last",
        "buckets",
        "bytes_down",
        "bytes_up",
        "ended",
        "kind",
        "pending",
        "protocol",
        "quiet",
        "requests",
        "seconds",
        "sessions",
        "started",
        "stream",
        "superseded",
    )

    def __init__(self, stream: str, kind: Kind, protocol: str) -> None:
        self.stream = stream
        self.kind = kind
        self.protocol = protocol
        self.pending = Bucket(self)
        self.quiet = Bucket(self)
        self.superseded = Bucket(self)
        self.buckets: dict[int, Bucket] = {}
        self._last = 0  # none is behind this second
        self.sessions = 0  # not pending, and not ended
        self.started = 0
        self.ended = 0
        self.seconds = 0.0
        self.requests = 0
        self.bytes_down = 0
        self.bytes_up = 0

    @property
    def is_empty(self) -> bool:
        """Whether no session is left, nor a pending one."""
        return not self.sessions and not self.pending.sessions

    def is_below(self, stream: str) -> bool:
        """Tell whether its stream is one below another."""
        return self.stream.startswith(f"{stream}/")

    def until(self, second: int) -> Bucket:
        """Give the bucket of those who watch until a second; it is to be filled."""
        bucket = self.buckets.get(second)
        if bucket is None:
            bucket = self.buckets[second] = Bucket(self, second)
            self._last = max(self._last, second)
        return bucket

    def move_on(self, bucket: Bucket, second: int) -> Bucket:
        """Move a session that watches to the bucket of a second, and give that."""
        to = self.buckets.get(second)
        if to is None:
            to = self.until(second)
        to.sessions += 1
        bucket.sessions -= 1
        if not bucket.sessions:
            del self.buckets[bucket.second]  # type: ignore[arg-type]  # it has one
        return to

    def move(self, bucket: Bucket, to: Bucket) -> Bucket:
        """Move a session to another bucket, and give that; out of pending it begins to count."""
        if bucket is not to:
            if bucket is self.pending:
                self.sessions += 1
            to.sessions += 1
            bucket.sessions -= 1
            if not bucket.sessions and bucket.second is not None:
                del self.buckets[bucket.second]
        return to

    def leave(self, bucket: Bucket, number: int) -> None:
        """Take sessions out of their bucket."""
        if bucket is not self.pending:
            self.sessions -= number
        bucket.sessions -= number
        if not bucket.sessions and bucket.second is not None:
            del self.buckets[bucket.second]

    def end(self, bucket: Bucket, number: int) -> None:
        """Take sessions that have ended out of their bucket, and count those that had started."""
        if bucket is not self.pending and bucket is not self.superseded:
            self.ended += number
        self.leave(bucket, number)

    def take_over(self, other: Tally) -> None:
        """Add the sums of a tally that shall be forgotten."""
        self.started += other.started
        self.ended += other.ended
        self.seconds += other.seconds
        self.requests += other.requests
        self.bytes_down += other.bytes_down
        self.bytes_up += other.bytes_up

    def numbers(self, now: float) -> tuple[float, ...]:
        """Give the numbers, as :class:`Counts` has them; only viewers watch, or are quiet."""
        is_viewer = self.kind is Kind.VIEWER
        return (
            self._watching(int(now)) if is_viewer else 0,
            self.quiet.sessions if is_viewer else 0,
            self.sessions,
            self.started,
            self.ended,
            self.seconds,
            self.requests,
            self.bytes_down,
            self.bytes_up,
        )

    def _watching(self, since: int) -> int:
        if self._last - since < len(self.buckets):
            get = self.buckets.get
            found = (get(second) for second in range(since, self._last + 1))
            return sum(bucket.sessions for bucket in found if bucket is not None)
        # Fewer seconds have anybody in them than may have: a window is very long.
        return sum(b.sessions for second, b in self.buckets.items() if second >= since)


class Tallies:
    """All tallies; those of streams that nobody has watched for an hour are forgotten.

    What these added up to stays in the numbers of all.
    """

    def __init__(self) -> None:
        self._streams: dict[str, dict[tuple[Kind, str], Tally]] = {}
        self._forgotten: dict[tuple[Kind, str], Tally] = {}
        # Streams without sessions, since when: those that are idle for longest come first.
        self._idle: OrderedDict[str, float] = OrderedDict()

    def begin(self, stream: str, kind: Kind, protocol: str) -> Bucket:
        """Put down a new session, as pending; give its bucket."""
        self._idle.pop(stream, None)
        tallies = self._streams.setdefault(stream, {})
        tally = tallies.get((kind, protocol))
        if tally is None:
            tally = tallies[kind, protocol] = Tally(stream, kind, protocol)
        tally.pending.sessions += 1
        return tally.pending

    def end(self, sessions: Iterable[Bucket], now: float) -> None:
        """Take sessions that have ended, each given by its bucket, off their tallies."""
        for bucket, number in Counter(sessions).items():
            bucket.tally.end(bucket, number)
            self._may_be_idle(bucket.tally, now)

    def leave(self, bucket: Bucket, now: float) -> None:
        """Take a session off its tally that shall never have been."""
        bucket.tally.leave(bucket, 1)
        self._may_be_idle(bucket.tally, now)

    def _may_be_idle(self, tally: Tally, now: float) -> None:
        if not tally.is_empty:
            return
        tallies = self._streams[tally.stream]
        if not tally.requests:  # all were pending, or withdrawn: nothing is to be kept
            del tallies[tally.kind, tally.protocol]
        if not tallies:
            del self._streams[tally.stream]
        elif all(other.is_empty for other in tallies.values()):
            self._idle[tally.stream] = now

    def forget(self, now: float) -> None:
        """Forget the streams that have been idle for too long."""
        while self._idle:
            stream = next(iter(self._idle))
            if now - self._idle[stream] < FORGET_AFTER:
                return
            del self._idle[stream]
            for (kind, protocol), tally in self._streams.pop(stream).items():
                past = self._forgotten.get((kind, protocol))
                if past is None:
                    past = self._forgotten[kind, protocol] = Tally("", kind, protocol)
                past.take_over(tally)

    def count(
        self, stream: str | None, kind: Kind | None, protocol: str | None, now: float
    ) -> Counts:
        """Add up a stream or all, a kind or all but the unspecified, a protocol or all."""
        every = chain(self._streams.values(), (self._forgotten,))
        some = every if stream is None else (self._streams.get(stream, {}),)
        return _total(
            (
                tally
                for tallies in some
                for tally in tallies.values()
                if (tally.kind is kind if kind else tally.kind is not Kind.UNSPECIFIED)
                and protocol in (None, tally.protocol)
            ),
            now,
        )

    def by_stream(self, now: float) -> dict[str, Counts]:
        """Add up each stream that has anything but unspecified and pending sessions."""
        named: dict[str, Counts] = {}
        for stream, tallies in self._streams.items():
            counted = [
                tally
                for tally in tallies.values()
                if tally.requests and tally.kind is not Kind.UNSPECIFIED
            ]
            if counted:
                named[stream] = _total(counted, now)
        return named


def _total(tallies: Iterable[Tally], now: float) -> Counts:
    total: tuple[float, ...] = _NOTHING
    for tally in tallies:
        total = tuple(map(add, total, tally.numbers(now)))
    return Counts(*total)  # type: ignore[arg-type]  # all but the seconds are whole


_NOTHING = (0,) * 5 + (0.0,) + (0,) * 3
