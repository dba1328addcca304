"""The memory store's time wheel: which rows must be looked at, and when.

One bucket for each second, first in, first out. What is put off moves nothing: a row that comes due
is asked when its time really is over, and takes its place again. Only what is brought forward, or
taken out, leaves an entry behind that no longer counts: a row counts where it was put last.
"""

from __future__ import annotations

import heapq
import math
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Wheel:
    """Rows by the second in which they are due."""

    def __init__(self) -> None:
        self._buckets: dict[int, array[int]] = {}
        self._seconds: list[int] = []  # a heap
        self.next: float = math.inf  # the first of them: each request asks for it
        self._taken: dict[int, int] = {}  # second -> how many entries of its bucket are out
        self._due = array("d")  # by row: the second where it was put last
        self._doubtful: set[float] = set()  # seconds with entries that no longer count

    def add(self, row: int, due: float) -> None:
        """Put a row in; it comes out at the first full second that is not before ``due``."""
        second = math.ceil(due)
        rows = self._buckets.get(second)
        if rows is None:
            rows = self._buckets[second] = array("L")
            heapq.heappush(self._seconds, second)
            self.next = self._seconds[0]
        rows.append(row)
        missing = row + 1 - len(self._due)
        if missing > 0:
            self._due.extend([math.nan] * missing)
        self._due[row] = second

    def bring_forward(self, row: int, due: float) -> None:
        """See to it that a row, which is in, comes out at ``due`` at the latest."""
        if math.ceil(due) < self._due[row]:
            self._doubtful.add(self._due[row])
            self.add(row, due)

    def remove(self, row: int) -> None:
        """Let a row, which is in, come out no more."""
        self._doubtful.add(self._due[row])
        self._due[row] = math.nan

    def is_due(self, now: float) -> bool:
        """Tell whether any row waits to be looked at."""
        return bool(self._seconds) and self.next <= now

    def take(self, now: float, limit: int) -> array[int]:
        """Look at up to ``limit`` due entries, take them out, and give the rows that count."""
        rows = array("L")
        while limit > 0 and self.is_due(now):
            second = self._seconds[0]
            bucket = self._buckets[second]
            start = self._taken.get(second, 0)
            some = bucket[start : start + limit]
            rows.extend(self._counting(some, second) if second in self._doubtful else some)
            limit -= len(some)
            if start + len(some) < len(bucket):
                self._taken[second] = start + len(some)
            else:
                self._taken.pop(second, None)
                self._doubtful.discard(second)
                del self._buckets[heapq.heappop(self._seconds)]
                self.next = self._seconds[0] if self._seconds else math.inf
        return rows

    def _counting(self, rows: array[int], second: int) -> Iterator[int]:
        for row in rows:
            if self._due[row] == second:
                self._due[row] = math.nan  # a row may have been here twice
                yield row
