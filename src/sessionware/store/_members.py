"""Which rows belong together: those of a scope, or of a token.

Most such groups have one row or two, and they may be as many as the sessions: so their rows are
packed, and the garbage collector need not look at them. Of a crowd it is known until when each row
surely stays, so that only those are looked at whose time has come.
"""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush, heapreplace
from struct import Struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

FEW = 32
"""More rows than these are a crowd; so many are simply looked through."""

_ROW = Struct("L")


class Members:
    """Rows by the name of what they belong to."""

    def __init__(self) -> None:
        self._few: dict[bytes, bytes] = {}
        self._crowds: dict[bytes, Crowd] = {}

    def __len__(self) -> int:
        return len(self._few) + len(self._crowds)

    def of(self, name: bytes) -> Collection[int]:
        """Give the rows of a name."""
        crowd = self._crowds.get(name)
        return self._few_of(name) if crowd is None else crowd.sure

    def put(self, name: bytes, row: int, until: float = math.inf) -> None:
        """Put in a row, or say anew until when one surely stays."""
        crowd = self._crowds.get(name)
        if crowd is not None:
            crowd.put(row, until)
            return
        packed, few = _ROW.pack(row), self._few.get(name)
        if few is None:
            self._few[name] = packed
        elif row not in (rows := self._few_of(name)):
            if len(rows) < FEW:
                self._few[name] = few + packed
            else:
                self._crowds[name] = Crowd((*rows, row))
                del self._few[name]

    def remove(self, name: bytes, row: int) -> None:
        """Take out a row, if it is in."""
        crowd = self._crowds.get(name)
        if crowd is not None:
            crowd.sure.pop(row, None)
            if not crowd.sure:
                del self._crowds[name]
        elif self._few.get(name) == _ROW.pack(row):
            del self._few[name]
        elif row in (rows := self._few_of(name)):
            self._few[name] = b"".join([_ROW.pack(other) for other in rows if other != row])

    def _few_of(self, name: bytes) -> memoryview[int]:
        return memoryview(self._few.get(name, b"")).cast("L")

    def take_gone(self, name: bytes, now: float, until_of: Callable[[int], float]) -> list[int]:
        """Take out the rows whose time is over, and give them; ``until_of`` says when it is."""
        crowd = self._crowds.get(name)
        if crowd is not None:
            gone = crowd.take_gone(now, until_of)
            if not crowd.sure:
                del self._crowds[name]
            return gone
        gone = [row for row in self._few_of(name) if until_of(row) <= now]
        for row in gone:
            self.remove(name, row)
        return gone


class Crowd:
    """Many rows, each with a time until which it surely stays."""

    def __init__(self, rows: Iterable[int]) -> None:
        self.sure: dict[int, float] = dict.fromkeys(rows, -math.inf)
        self._soonest: list[tuple[float, int]] | None = None  # a heap; some of it counts no more

    def put(self, row: int, until: float) -> None:
        """Put in a row, or say anew until when it stays."""
        self.sure[row] = until
        if self._soonest is None:
            return
        if len(self._soonest) > 2 * len(self.sure):
            self._soonest = None
        else:
            heappush(self._soonest, (until, row))

    def take_gone(self, now: float, until_of: Callable[[int], float]) -> list[int]:
        """Take out the rows whose time is over, and give them."""
        sure, soonest = self.sure, self._soonest
        gone: list[int] = []
        if soonest is None:
            for row in [row for row, until in sure.items() if until <= now]:
                sure[row] = until_of(row)
                if sure[row] <= now:
                    del sure[row]
                    gone.append(row)
            self._soonest = [(until, row) for row, until in sure.items()]
            heapify(self._soonest)
            return gone
        while soonest and soonest[0][0] <= now:
            until, row = soonest[0]
            if sure.get(row) != until:
                heappop(soonest)
                continue
            sure[row] = until = until_of(row)
            if now < until:
                heapreplace(soonest, (until, row))
            else:
                heappop(soonest)
                del sure[row]
                gone.append(row)
        return gone
