"""The memory store's time wheel: which rows must be looked at, and when.

One bucket for each second. A touch moves nothing; a row that comes due is asked when its session
really is over, and takes its place again. A row stands in the wheel exactly once, from its
beginning until it is let go.
"""

from __future__ import annotations

import heapq
import math
from array import array


class Wheel:
    """Rows by the second in which they are due."""

    def __init__(self) -> None:
        self._buckets: dict[int, array[int]] = {}
        self._seconds: list[int] = []  # a heap

    def add(self, row: int, due: float) -> None:
        """Put a row in; it comes out at the first full second that is not before ``due``."""
        second = math.ceil(due)
        rows = self._buckets.get(second)
        if rows is None:
            rows = self._buckets[second] = array("L")
            heapq.heappush(self._seconds, second)
        rows.append(row)

    def is_due(self, now: float) -> bool:
        """Tell whether any row waits to be looked at."""
        return bool(self._seconds) and self._seconds[0] <= now

    def take(self, now: float, limit: int) -> array[int]:
        """Take up to ``limit`` due rows out."""
        taken = array("L")
        while limit and self.is_due(now):
            rows = self._buckets[self._seconds[0]]
            some = rows[-limit:]
            taken.extend(some)
            limit -= len(some)
            if len(some) < len(rows):
                del rows[-len(some) :]
            else:
                del self._buckets[heapq.heappop(self._seconds)]
        return taken
