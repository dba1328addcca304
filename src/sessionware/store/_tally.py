"""The memory store's numbers: what each stream and kind add up to.

Who watches is counted by buckets of one second, so that a count costs the length of its window,
whatever the number of sessions.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.store import Counts
from sessionware.store._table import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

FORGET_AFTER = 3600.0
"""Seconds after which the totals of a stream without sessions are forgotten."""


class Tally:
    """The numbers of one stream and kind."""

    __slots__ = ("buckets", "kind", "pending", "requests", "sessions", "started", "stream")

    def __init__(self, stream: str, kind: Kind) -> None:
        self.stream = stream
        self.kind = kind
        self.pending = 0
        self.sessions = 0  # not pending, and not ended
        self.started = 0
        self.requests = 0
        self.buckets: dict[int, int] = {}  # second of the last request -> sessions

    def enter(self, seen: float) -> None:
        """Count a session that was pending, and whose last request was at that time."""
        self.pending -= 1
        self.sessions += 1
        self.started += 1
        self._seen(int(seen), 1)

    def move(self, since: float, until: float) -> None:
        """Move a session's last request from one time to another."""
        before, after = int(since), int(until)
        if before != after:
            self._seen(before, -1)
            self._seen(after, 1)

    def _seen(self, second: int, change: int) -> None:
        sessions = self.buckets.get(second, 0) + change
        if sessions:
            self.buckets[second] = sessions
        else:
            del self.buckets[second]

    def counts(self, now: float, window: float) -> Counts:
        """Give the numbers; only viewers watch."""
        watching = 0
        if self.kind is Kind.VIEWER:
            since, last = int(now) - math.ceil(window), int(now)
            if window < len(self.buckets):
                watching = sum(self.buckets.get(s, 0) for s in range(since, last + 1))
            else:
                watching = sum(n for s, n in self.buckets.items() if since <= s <= last)
        ended = self.started - self.sessions
        return Counts(watching, self.sessions, self.started, ended, self.requests)


class Tallies:
    """All tallies; those of streams that nobody has watched for an hour are forgotten."""

    def __init__(self) -> None:
        self._streams: dict[str, dict[Kind, Tally]] = {}
        self._idle: dict[str, float] = {}  # stream without sessions -> since when, oldest first

    def begin(self, stream: str, kind: Kind) -> Tally:
        """Give the tally that a new session belongs to, and count the session as pending."""
        self._idle.pop(stream, None)
        kinds = self._streams.setdefault(stream, {})
        tally = kinds.get(kind)
        if tally is None:
            tally = kinds[kind] = Tally(stream, kind)
        tally.pending += 1
        tally.requests += 1
        return tally

    def end(self, sessions: Iterable[tuple[Tally, int, int]], now: float) -> None:
        """Take sessions off their tallies: each with its state and its last request's second."""
        for tally, state, second in sessions:
            if state == LIVE:
                buckets = tally.buckets
                others = buckets[second] - 1
                if others:
                    buckets[second] = others
                else:
                    del buckets[second]
                left = tally.sessions = tally.sessions - 1
            else:
                left = tally.pending = tally.pending - 1
            if not left:
                self._may_be_idle(tally.stream, now)

    def _may_be_idle(self, stream: str, now: float) -> None:
        if not any(tally.sessions or tally.pending for tally in self._streams[stream].values()):
            self._idle[stream] = now

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
            if any(kind is not Kind.UNSPECIFIED for kind in kinds)
        }


def _total(tallies: Iterable[Tally], kind: Kind | None, now: float, window: float) -> Counts:
    total = Counts()
    for tally in tallies:
        if tally.kind is kind or (kind is None and tally.kind is not Kind.UNSPECIFIED):
            total += tally.counts(now, window)
    return total
