"""The memory store's time wheel: which rows must be looked at, and when.

One bucket for each second. A touch moves nothing; a row that comes due is asked when its session
really is over, and takes its place again. A row stands in the wheel exactly once, from its
beginning until it is let go.
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

    def take(self, now: float, limit: int) -> Iterator[int]:
        """Take up to ``limit`` due rows out; they may be put back, later, on the way."""
        while limit and self.is_due(now):
            second = self._seconds[0]
            rows = self._buckets[second]
            while rows and limit:
                limit -= 1
                yield rows.pop()
            if not rows:
                heapq.heappop(self._seconds)
                del self._buckets[second]
