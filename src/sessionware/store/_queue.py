"""What the memory store has to tell: sessions that have started, or ended (SPEC 8, events).

A session waits here as its row, which is freed when its end is claimed: many that end at once cost
next to nothing. Each row waits once: where a session ends whose start still waits, both are told
together.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import Told
from sessionware.store._table import ANNOUNCED, OVER, UNTOLD

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionware.store._table import Table


class Queue:
    """Rows with something to tell, the oldest first; ``room`` is how many, the oldest give way."""

    def __init__(self, table: Table, room: int) -> None:
        self._table = table
        self._room = room
        self._next = array("L")  # by row: the one behind it; a list would hold an object for each
        self._first = self._last = 0
        self._size = 0
        self._how: dict[int, tuple[Cause, float]] = {}  # not of those that expired

    def __len__(self) -> int:
        return self._size

    def started(self, row: int) -> None:
        """Let it be told that a session counts as started now."""
        self._table.flags[row] |= UNTOLD
        self._append(row)
        self._make_room()

    def ended(self, rows: Collection[int], how: tuple[Cause, float] | None) -> None:
        """Let it be told that sessions ended, which nobody finds any more.

        ``how`` says why and when; None: they expired, each when its time was over.
        """
        flags, state = self._table.flags, self._table.state
        for row in rows:
            state[row] = OVER
            flag = flags[row]
            if not flag & UNTOLD:  # else it is here already
                self._append(row)
                if not flag & ANNOUNCED:
                    flags[row] = flag | UNTOLD
        if how is not None:
            self._how.update(dict.fromkeys(rows, how))
        self._make_room()

    def take(self, limit: int) -> tuple[Told, ...]:
        """Give up to ``limit`` of what is to be told, and forget it."""
        rows = [self._pop() for _ in range(min(limit, self._size))]
        told = tuple(map(self._told, rows))
        self._release(rows)
        return told

    def _append(self, row: int) -> None:
        missing = row + 1 - len(self._next)
        if missing > 0:
            self._next.extend([0] * missing)
        if self._size:
            self._next[self._last] = row
        else:
            self._first = row
        self._last = row
        self._size += 1

    def _pop(self) -> int:
        row = self._first
        self._first = self._next[row]
        self._size -= 1
        return row

    def _told(self, row: int) -> Told:
        table = self._table
        living = table.living(table.key[row], row)
        if table.state[row] != OVER:
            return Told(living, started=True, cause=None, at=table.announce_at(row))
        cause, at = self._how.get(row, (Cause.EXPIRED, living.expires))
        return Told(living, table.flags[row] & UNTOLD > 0, cause, at)

    def _make_room(self) -> None:
        if self._size > self._room:
            self._release([self._pop() for _ in range(self._size - self._room)])

    def _release(self, rows: Collection[int]) -> None:
        """Let go of rows that wait no more: of those that have ended nothing is kept."""
        over = []
        for row in rows:
            if self._table.state[row] == OVER:
                over.append(row)
                self._how.pop(row, None)
            else:
                self._table.flags[row] &= ~UNTOLD
        self._table.clear(over)
