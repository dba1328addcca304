"""The store of one process: its sessions in memory, by row, bucket and wheel.

Safe under threads by one lock. No request walks through the sessions: a touch or a beginning
pays for a few expiries, a count for the length of its window. A list does.
"""

from __future__ import annotations

import heapq
import math
import secrets
import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.identity import milliseconds
from sessionware.store import (
    Asked,
    Bar,
    Begin,
    Command,
    Count,
    Counts,
    Decline,
    End,
    Ended,
    Full,
    Get,
    Learn,
    Listing,
    Living,
    Merge,
    Meta,
    MetaInfo,
    Streams,
    Sweep,
    Touch,
    Withdraw,
)
from sessionware.store._leases import Leases
from sessionware.store._lives import SWEPT_BY_A_REQUEST, Lives
from sessionware.store._table import LIVE, PENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

A = TypeVar("A")

CHUNK = 4096
"""How many rows are looked at before others get their turn at the lock."""


class MemoryStore:
    """Keeps the sessions of one process; safe under threads.

    ``max_sessions`` bounds it: a full store refuses newcomers and never drops the living. As many
    ends are remembered at most, and as many bars.
    """

    blocking = False
    shared = False

    def __init__(self, max_sessions: int = 1_000_000) -> None:
        self.max_sessions = max_sessions
        self._meta = MetaInfo(secrets.token_bytes(32))
        self._lock = threading.Lock()
        self._lives = Lives(max_sessions)
        self._table = self._lives.table
        self._wheel = self._lives.wheel
        self._tallies = self._lives.tallies
        self._bars = self._lives.bars
        self._leases = Leases()
        self._atomic: dict[type, Callable[[Any], Any]] = {
            Touch: self._touch,
            Begin: self._begin,
            Decline: self._decline,
            Learn: self._learn,
            Merge: self._merge,
            Withdraw: self._withdraw,
            End: self._end,
            Get: self._get,
            Meta: lambda _: self._meta,
        }
        self._in_turns: dict[type, Callable[[Any], Any]] = {
            Sweep: self._sweep,
            Count: self._count,
            Streams: self._streams,
            Listing: self._list,
        }

    def __len__(self) -> int:
        return len(self._table)

    def execute(self, command: Command[A]) -> A:
        """Answer a command; TypeError for one that this store doesn't know."""
        handler = self._atomic.get(type(command))
        if handler is not None:
            with self._lock:
                return cast("A", handler(command))
        handler = self._in_turns.get(type(command))
        if handler is None:
            raise TypeError(f"MemoryStore knows no command {type(command).__name__}")
        return cast("A", handler(command))

    def close(self) -> None:
        """Do nothing: the sessions live as long as the store."""

    # --- one session -------------------------------------------------------------------------

    def _touch(self, command: Touch) -> Living | Ended | Bar | Asked | None:
        table, key, now = self._table, command.key, command.now
        if self._bars.size:
            bar = self._bars.get(command.mark, now)
            if bar is not None:
                return bar
        if self._wheel.is_due(now):
            self._lives.expire(now, SWEPT_BY_A_REQUEST)
        row = table.find(key)
        if row is None or now >= table.expires[row]:
            self._lives.find(key, now)
            bar = self._bar_above(command.above, now)
            if bar is not None:
                return bar
            until = self._leases.take(key, now, command.lease) if command.lease else None
            return self._lives.find_end(key, now) if until is None else Asked(until)
        bucket = table.bucket[row]
        tally = bucket.tally
        tally.requests += 1
        table.requests[row] += 1
        if now > table.seen[row]:  # never backwards: requests overtake each other (P25)
            table.see(row, now)
            table.bucket[row] = tally.move(bucket, now)
        if command.playing and table.state[row] == PENDING:
            self._lives.play(row)
        after = command.renew_cookie_after
        # Not ">=": a cookie that was never set is not a number of seconds old.
        if after is None or now - table.cookie_set[row] < after:
            return table.living(key, row)
        table.cookie_set[row] = now
        return table.living(key, row, renew_cookie=True)

    def _begin(self, command: Begin) -> Living | Bar | Full:
        key, now, opening = command.key, command.now, command.opening
        self._leases.give_back(key)
        if self._table.find(key) is not None:
            met = self._touch(Touch(key, opening.mark, now, opening.playing))
            if isinstance(met, Living | Bar):
                return met
        bar = self._bar_above((opening.mark, *opening.above), now)
        if bar is not None:
            return bar
        self._lives.tidy(now)
        if len(self._table) >= self.max_sessions:
            self._lives.expire(now, CHUNK)
            if len(self._table) >= self.max_sessions:
                return Full()
        return self._table.living(key, self._lives.begin(command), new=True)

    def _decline(self, command: Decline) -> None:
        self._leases.give_back(command.key)
        if command.bar is not None:
            self._bars.put(command.mark, command.bar, command.now)

    def _learn(self, command: Learn) -> bool:
        row = self._lives.find(command.key, command.now)
        if row is None:
            return False
        if self._table.state[row] == PENDING:
            self._lives.play(row)
        if command.presentation is not None:
            self._lives.learn(row, command)
        return True

    def _merge(self, command: Merge) -> bool:
        row = self._lives.find(command.key, command.now)
        if row is None:
            return False
        data = self._table.data.setdefault(row, {})
        for name, text in command.changes.items():
            if text is None:
                data.pop(name, None)
            else:
                data[name] = text
        if not data:
            del self._table.data[row]
        return True

    def _withdraw(self, command: Withdraw) -> bool:
        row = self._lives.find(command.key, command.now)
        if row is None or self._table.requests[row] != 1:
            return False
        tally = self._table.bucket[row].tally
        tally.requests -= 1
        if self._table.state[row] == LIVE:
            tally.started -= 1
        self._lives.remove(row, command.now)
        return True

    def _end(self, command: End) -> bool:
        row = self._lives.find(command.key, command.now)
        if row is not None:
            self._lives.end(row, command.now, command.cause, command.bar)
        return row is not None

    def _get(self, command: Get) -> Living | Ended | Bar | None:
        key, now, mark = command.key, command.now, command.mark
        bar = None if mark is None else self._bars.get(mark, now)
        if bar is not None:
            return bar
        row = self._table.find(key)
        if row is not None and now < self._table.expires[row]:
            return self._table.living(key, row)
        if mark is None:
            return None
        return self._bar_above(command.above, now) or self._lives.find_end(key, now)

    def _bar_above(self, marks: tuple[bytes, ...], now: float) -> Bar | None:
        if not self._bars.size:
            return None
        return next(filter(None, (self._bars.get(mark, now) for mark in marks)), None)

    # --- many --------------------------------------------------------------------------------

    def _count(self, command: Count) -> Counts:
        self._expire_all(command.now)
        with self._lock:
            return self._tallies.count(command.stream, command.kind, command.now, command.window)

    def _streams(self, command: Streams) -> Mapping[str, Counts]:
        self._expire_all(command.now)
        with self._lock:
            return self._tallies.by_stream(command.now, command.window)

    def _list(self, command: Listing) -> tuple[Living, ...]:
        self._expire_all(command.now)
        table = self._table
        first: list[tuple[int, bytes]] = []
        start = 0
        while start < len(table.state):  # whoever is there throughout keeps the row
            with self._lock:
                rows = range(start, min(start + CHUNK, len(table.state)))
                first = heapq.nsmallest(command.limit, {*first, *table.places(rows, command)})
            start += CHUNK
        with self._lock:
            found = ((place, table.find(place[1])) for place in first)
            return tuple(
                table.living(key, row)
                for (began, key), row in found
                # Not one that has ended and begun again meanwhile, elsewhere in the list.
                if row is not None and milliseconds(table.started[row]) == began
            )

    # --- what is due -------------------------------------------------------------------------

    def _sweep(self, command: Sweep) -> int:
        left, more = command.limit, True
        while more and left > 0:
            with self._lock:
                more = self._lives.forget(command.now, min(CHUNK, left))
            left -= CHUNK
        return self._expire_all(command.now, command.limit)

    def _expire_all(self, now: float, limit: float = math.inf) -> int:
        """End up to ``limit`` sessions whose time is over, and let others in between."""
        ended, more = 0, True
        while more and ended < limit:
            with self._lock:
                ended += self._lives.expire(now, int(min(CHUNK, limit - ended)))
                more = self._wheel.is_due(now)
        return ended
