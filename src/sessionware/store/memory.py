"""The store of one process: its sessions in memory, by row, bucket and wheel.

Safe under threads by one lock. No command walks through the sessions: a touch or a beginning
pays for a few expiries, a count for the length of its window.
"""

from __future__ import annotations

import heapq
import secrets
import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.identity import milliseconds
from sessionware.store import (
    Begin,
    Command,
    Count,
    Counts,
    End,
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
from sessionware.store._table import GONE, LIVE, PENDING, Table
from sessionware.store._tally import Tallies
from sessionware.store._wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

A = TypeVar("A")

SWEPT_BY_A_TOUCH = 32
"""How many due rows a request looks at: it begins one session at most, so expiry keeps pace."""

CHUNK = 4096
"""How many rows are looked at before others get their turn at the lock."""


class MemoryStore:
    """Keeps the sessions of one process; safe under threads.

    ``max_sessions`` bounds it: a full store refuses newcomers and never drops the living.
    """

    blocking = False
    shared = False

    def __init__(self, max_sessions: int = 1_000_000) -> None:
        self.max_sessions = max_sessions
        self._meta = MetaInfo(secrets.token_bytes(32))
        self._lock = threading.Lock()
        self._table = Table()
        self._wheel = Wheel()
        self._tallies = Tallies()
        self._atomic: dict[type, Callable[[Any], Any]] = {
            Touch: self._touch,
            Begin: self._begin,
            Learn: self._learn,
            Merge: self._merge,
            Withdraw: self._withdraw,
            End: self._end,
            Get: self._get,
            Sweep: lambda command: self._expire(command.now, command.limit),
            Meta: lambda _: self._meta,
        }
        self._surveys: dict[type, Callable[[Any], Any]] = {
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
        survey = self._surveys.get(type(command))
        if survey is None:
            raise TypeError(f"MemoryStore knows no command {type(command).__name__}")
        self._expire_all(command.now)  # type: ignore[attr-defined]  # every survey has its time
        return cast("A", survey(command))

    def close(self) -> None:
        """Do nothing: the sessions live as long as the store."""

    # --- one session -------------------------------------------------------------------------

    def _touch(self, command: Touch) -> Living | None:
        table, key, now = self._table, command.key, command.now
        if self._wheel.is_due(now):
            self._expire(now, SWEPT_BY_A_TOUCH)
        row = table.find(key)
        if row is None:
            return None
        if now >= table.expires[row]:
            self._finish((row,), now)
            return None
        bucket = table.bucket[row]
        tally = bucket.tally
        tally.requests += 1
        table.requests[row] += 1
        if now > table.seen[row]:  # never backwards: requests overtake each other (P25)
            table.see(row, now)
            table.bucket[row] = tally.move(bucket, now)
        if command.playing:
            self._play(row)
        after = command.renew_cookie_after
        # Not ">=": a cookie that was never set is not a number of seconds old.
        if after is None or now - table.cookie_set[row] < after:
            return table.living(key, row)
        table.cookie_set[row] = now
        return table.living(key, row, renew_cookie=True)

    def _begin(self, command: Begin) -> Living | Full:
        key, now, opening = command.key, command.now, command.opening
        joined = self._touch(Touch(key, now, opening.playing))
        if joined is not None:
            return joined
        if len(self._table) >= self.max_sessions:
            self._expire(now, CHUNK)
            if len(self._table) >= self.max_sessions:
                return Full()
        self._tallies.forget(now)
        bucket = self._tallies.begin(opening.stream, opening.kind)
        row = self._table.fill(key, now, opening, bucket)
        if command.data:
            self._table.data[row] = dict(command.data)
        if opening.playing:
            self._play(row)
        self._wheel.add(row, self._table.expires[row])
        return self._table.living(key, row, new=True)

    def _learn(self, command: Learn) -> bool:
        row = self._table.find(command.key)
        if row is not None:
            self._play(row)
        return row is not None

    def _merge(self, command: Merge) -> bool:
        row = self._table.find(command.key)
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
        row = self._table.find(command.key)
        if row is None or self._table.requests[row] != 1:
            return False
        tally = self._table.bucket[row].tally
        tally.requests -= 1
        if self._table.state[row] == LIVE:
            tally.started -= 1
        self._finish((row,), command.now)
        return True

    def _end(self, command: End) -> bool:
        row = self._table.find(command.key)
        if row is not None:
            self._finish((row,), command.now)
        return row is not None

    def _get(self, command: Get) -> Living | None:
        row = self._table.find(command.key)
        if row is None or command.now >= self._table.expires[row]:
            return None
        return self._table.living(command.key, row)

    # --- many --------------------------------------------------------------------------------

    def _count(self, command: Count) -> Counts:
        with self._lock:
            return self._tallies.count(command.stream, command.kind, command.now, command.window)

    def _streams(self, command: Streams) -> Mapping[str, Counts]:
        with self._lock:
            return self._tallies.by_stream(command.now, command.window)

    def _list(self, command: Listing) -> tuple[Living, ...]:
        table = self._table
        first: list[tuple[int, bytes]] = []
        start = 0
        while start < len(table.state):  # whoever is there throughout keeps the row
            with self._lock:
                rows = range(start, min(start + CHUNK, len(table.state)))
                first = heapq.nsmallest(command.limit, {*first, *self._listed(rows, command)})
            start += CHUNK
        with self._lock:
            found = ((place, table.find(place[1])) for place in first)
            return tuple(
                table.living(key, row)
                for (began, key), row in found
                # Not one that has ended and begun again meanwhile, elsewhere in the list.
                if row is not None and milliseconds(table.started[row]) == began
            )

    def _listed(self, rows: Iterable[int], command: Listing) -> Iterator[tuple[int, bytes]]:
        table = self._table
        for row in rows:
            if table.state[row] != LIVE:
                continue
            tally = table.bucket[row].tally
            place = (milliseconds(table.started[row]), table.key[row])
            if (
                (command.stream is None or tally.stream == command.stream)
                and (command.kind is None or tally.kind == command.kind)
                and (command.after is None or place > command.after)
            ):
                yield place

    # --- life and death of a row -------------------------------------------------------------

    def _play(self, row: int) -> None:
        """Take a row out of pending: from now on it counts."""
        table = self._table
        if table.state[row] == PENDING:
            table.state[row] = LIVE
            table.bucket[row] = table.bucket[row].tally.enter(table.seen[row])

    def _finish(self, rows: Collection[int], now: float) -> None:
        self._tallies.end(map(self._table.bucket.__getitem__, rows), now)
        self._table.clear(rows)

    def _expire(self, now: float, limit: int) -> int:
        """Look at up to ``limit`` rows that are due; answer how many sessions ended."""
        table, state, expires = self._table, self._table.state, self._table.expires
        over: list[int] = []
        for row in self._wheel.take(now, limit):
            if state[row] == GONE:
                table.free.append(row)
            elif now < expires[row]:
                self._wheel.add(row, expires[row])
            else:
                over.append(row)
        self._finish(over, now)
        table.free.extend(over)
        self._tallies.forget(now)
        return len(over)

    def _expire_all(self, now: float) -> None:
        more = True
        while more:
            with self._lock:
                self._expire(now, CHUNK)
                more = self._wheel.is_due(now)
        with self._lock:
            self._tallies.forget(now)
