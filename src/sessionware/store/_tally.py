"""The memory store's numbers: what each stream and kind add up to.

Who watches is counted by buckets of one second, so that a count costs the length of its window,
whatever the number of sessions. A session is known here by its bucket only, so that many that end
at once are taken out together.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.store import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable

FORGET_AFTER = 3600.0
"""Seconds after which the totals of a stream without sessions are forgotten."""


class Bucket:
    """The sessions of a tally whose last request came in the same second, or the pending ones."""

    __slots__ = ("second", "sessions", "tally")

    def __init__(self, tally: Tally, second: int | None) -> None:
        self.tally = tally
        self.second = second  # None: pending
        self.sessions = 0


class Tally:
    """The numbers of one stream and kind."""

    __slots__ = ("buckets", "kind", "pending", "requests", "sessions", "started", "stream")

    def __init__(self, stream: str, kind: Kind) -> None:
        self.stream = stream
        self.kind = kind
        self.pending = Bucket(self, None)
        self.sessions = 0  # not pending, and not ended
        self.started = 0
        self.requests = 0
        self.buckets: dict[int, Bucket] = {}

    def enter(self, seen: float) -> Bucket:
        """Count a session that was pending; give its bucket."""
        self.pending.sessions -= 1
        self.sessions += 1
        self.started += 1
        return self._put(int(seen))

    def move(self, bucket: Bucket, now: float) -> Bucket:
        """Move a session to the bucket of its last request, and give that."""
        second = int(now)
        if bucket.second is None or bucket.second == second:
            return bucket
        bucket.sessions -= 1
        if not bucket.sessions:
            del self.buckets[bucket.second]
        return self._put(second)

    def end(self, bucket: Bucket, number: int) -> bool:
        """Take sessions that have ended out of their bucket; answer whether any are left."""
        bucket.sessions -= number
        if bucket.second is not None:
            self.sessions -= number
            if not bucket.sessions:
                del self.buckets[bucket.second]
        return self.sessions > 0 or self.pending.sessions > 0

    def _put(self, second: int) -> Bucket:
        bucket = self.buckets.get(second)
        if bucket is None:
            bucket = self.buckets[second] = Bucket(self, second)
        bucket.sessions += 1
        return bucket

    def counts(self, now: float, window: float) -> Counts:
        """Give the numbers; only viewers watch."""
        watching = 0
        if self.kind is Kind.VIEWER:
            since, last = int(now) - math.ceil(window), int(now)
            if window < len(self.buckets):
                asked = (self.buckets.get(second) for second in range(since, last + 1))
            else:
                asked = (b for second, b in self.buckets.items() if since <= second <= last)
            watching = sum(bucket.sessions for bucket in asked if bucket is not None)
        ended = self.started - self.sessions
        return Counts(watching, self.sessions, self.started, ended, self.requests)


class Tallies:
    """All tallies; those of streams that nobody has watched for an hour are forgotten."""

    def __init__(self) -> None:
        self._streams: dict[str, dict[Kind, Tally]] = {}
        self._idle: dict[str, float] = {}  # stream without sessions -> since when, oldest first

    def begin(self, stream: str, kind: Kind) -> Bucket:
        """Count a new session, as pending; give its bucket."""
        self._idle.pop(stream, None)
        kinds = self._streams.setdefault(stream, {})
        tally = kinds.get(kind)
        if tally is None:
            tally = kinds[kind] = Tally(stream, kind)
        tally.requests += 1
        tally.pending.sessions += 1
        return tally.pending

    def end(self, sessions: Iterable[Bucket], now: float) -> None:
        """Take sessions, each given by its bucket, off their tallies."""
        for bucket, number in Counter(sessions).items():
            tally = bucket.tally
            if not tally.end(bucket, number):
                self._may_be_idle(tally.stream, now)

    def _may_be_idle(self, stream: str, now: float) -> None:
        tallies = self._streams[stream].values()
        if any(tally.sessions or tally.pending.sessions for tally in tallies):
            return
        if any(tally.requests for tally in tallies):
            self._idle[stream] = now
        else:  # all that began was withdrawn
            del self._streams[stream]

    def forget(self, now: float) -> None:
        """Drop the streams that have been idle for too long."""
        while self._idle:
            stream = next(iter(self._idle))
            if now - self._idle[stream] < FORGET_AFTER:
                return
            del self._idle[stream], self._streams[stream]

    def count(self, stream: str | None, kind: Kind | None, now: float, window: float) -> Counts:
        """Add up a stream or all, a kind or all but the unspecified."""
        if stream is not None:
            return _total(self._streams.get(stream, {}).values(), kind, now, window)
        every = (tally for kinds in self._streams.values() for tally in kinds.values())
        return _total(every, kind, now, window)

    def by_stream(self, now: float, window: float) -> dict[str, Counts]:
        """Add up each stream that has anything but unspecified sessions."""
        return {
            stream: _total(kinds.values(), None, now, window)
            for stream, kinds in self._streams.items()
            # One whose only session was withdrawn has never been.
            if any(kind is not Kind.UNSPECIFIED and tally.requests for kind, tally in kinds.items())
        }


def _total(tallies: Iterable[Tally], kind: Kind | None, now: float, window: float) -> Counts:
    total = Counts()
    for tally in tallies:
        if tally.kind is kind or (kind is None and tally.kind is not Kind.UNSPECIFIED):
            total += tally.counts(now, window)
    return total
