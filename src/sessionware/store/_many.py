"""Commands of the memory store that are about many sessions.

They may look at all of them, in pieces: others get their turn at the lock in between.
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from sessionware.identity import milliseconds
from sessionware.request import Kind
from sessionware.store._past import fits
from sessionware.store._table import INVALID, LIVE, PENDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from threading import Lock

    from sessionware.store import Claim, Count, Counts, Invalidate, Listing, Living, Streams, Told
    from sessionware.store._lives import Lives

CHUNK = 4096
"""How many rows are looked at before others get their turn at the lock."""


class Many:
    """Looks at many sessions, and takes the lock for it."""

    def __init__(self, lives: Lives, lock: Lock) -> None:
        self._lives = lives
        self._table = lives.table
        self._lock = lock

    def end_due(self, now: float, limit: float = math.inf) -> int:
        """Announce all who are due, and end up to ``limit`` whose time is over; how many ended."""
        ended, more = 0, True
        while more and ended < limit:
            with self._lock:
                ended += self._lives.look(now, int(min(CHUNK, limit - ended)))
                more = self._lives.wheel.is_due(now)
        return ended

    def forget(self, now: float, limit: int) -> None:
        """Forget up to ``limit`` of the past that nobody asks for any more."""
        more = True
        while more and limit > 0:
            with self._lock:
                more = self._lives.forget(now, min(CHUNK, limit))
            limit -= CHUNK

    def count(self, command: Count) -> Counts:
        """Count sessions."""
        self.end_due(command.now)
        with self._lock:
            return self._lives.tallies.count(
                command.stream, command.kind, command.protocol, command.now
            )

    def streams(self, command: Streams) -> Mapping[str, Counts]:
        """Count each stream's sessions."""
        self.end_due(command.now)
        with self._lock:
            return self._lives.tallies.by_stream(command.now)

    def list(self, command: Listing) -> tuple[Living, ...]:
        """Give a page of sessions."""
        self.end_due(command.now)
        table = self._table
        first: list[tuple[int, bytes]] = []
        for rows in _pieces(len(table.state)):  # whoever is there throughout keeps the row
            with self._lock:
                first = heapq.nsmallest(command.limit, {*first, *table.places(rows, command)})
        with self._lock:
            found = ((place, table.find(place[1])) for place in first)
            return tuple(
                table.living(key, row)
                for (began, key), row in found
                # Not one that has ended and begun again meanwhile, elsewhere in the list.
                if row is not None and milliseconds(table.started[row]) == began
            )

    def claim(self, command: Claim) -> tuple[Told, ...]:
        """Give what is to be told."""
        more = True
        while more:
            with self._lock:
                if len(self._lives.queue) >= command.limit:
                    break
                self._lives.look(command.now, CHUNK)
                more = self._lives.wheel.is_due(command.now)
        with self._lock:
            return self._lives.queue.take(command.limit)

    def invalidate(self, command: Invalidate) -> int:
        """Mark sessions, and forget denials; how many."""
        marked = 0
        if command.key is not None:
            with self._lock:
                row = self._table.find(command.key)
                marked += 0 if row is None else self._mark((row,), command)
        else:
            for rows in _pieces(len(self._table.state)):
                with self._lock:
                    marked += self._mark(rows, command)
        for rows in _pieces(self._lives.bars.rows):
            with self._lock:
                marked += self._lives.bars.undeny(rows, command)
        return marked

    def _mark(self, rows: Iterable[int], command: Invalidate) -> int:
        """Mark those of rows that are to be invalid; answer how many."""
        table, marked = self._table, 0
        for row in rows:
            if table.state[row] not in _LIVING or command.now >= table.expires[row]:
                continue
            tally = table.bucket[row].tally
            if tally.kind is not Kind.UNSPECIFIED and fits(command, table.key[row], tally.stream):
                table.flags[row] |= INVALID
                marked += 1
        return marked


_LIVING = (PENDING, LIVE)


def _pieces(rows: int) -> Iterator[range]:
    return (range(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))
