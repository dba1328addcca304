"""The memory store's sessions from their beginning to what is remembered of their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store._past import Bars, Ends
from sessionware.store._table import LIVE, PRESENTATIONS, Table
from sessionware.store._tally import Tallies
from sessionware.store._wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionware.store import Bar, Begin, Ended, Learn

SWEPT_BY_A_REQUEST = 32
"""How many due rows a request looks at: it begins one session at most, so expiry keeps pace.

As many ends and bars are forgotten by a beginning: no more can come of it.
"""


class Lives:
    """The table, with all that must follow when a session begins, is learned of, or ends.

    ``room`` is how many ends are remembered at most, and how many bars.
    """

    def __init__(self, room: int) -> None:
        self.table: Table = Table()
        self.wheel: Wheel = Wheel()
        self.tallies: Tallies = Tallies()
        self.ends: Ends = Ends(room)
        self.bars: Bars = Bars(room)

    def begin(self, command: Begin) -> int:
        """Begin a session; give its row."""
        opening = command.opening
        self.ends.drop(command.key)
        bucket = self.tallies.begin(opening.stream, opening.kind)
        row = self.table.fill(command.key, command.now, opening, bucket)
        if command.data:
            self.table.data[row] = dict(command.data)
        if opening.playing:
            self.play(row)
        self.wheel.add(row, self.table.expires[row])
        return row

    def find(self, key: bytes, now: float) -> int | None:
        """Give the row of a session; one whose time is over is ended, and is none."""
        row = self.table.find(key)
        if row is None or now < self.table.expires[row]:
            return row
        self.end(row, now, Cause.EXPIRED)
        return None

    def find_end(self, key: bytes, now: float) -> Ended | None:
        """Give how a session that is not there any more ended, and change nothing."""
        row = self.table.find(key)
        return self.ends.get(key, now) if row is None else self.ends.expired(self.table, row, now)

    def play(self, row: int) -> None:
        """Take a row, which is pending, out of that: from now on it counts."""
        table = self.table
        table.state[row] = LIVE
        table.bucket[row] = table.bucket[row].tally.enter(table.seen[row])

    def learn(self, row: int, command: Learn) -> None:
        """Put down what is played, and what follows for the expiry."""
        self.table.learn(row, command, PRESENTATIONS.index(command.presentation))
        self.wheel.bring_forward(row, self.table.expires[row])

    def end(self, row: int, now: float, cause: Cause, bar: Bar | None = None) -> None:
        """End a session, and remember that, or put a bar over its mark."""
        if bar is None:
            self.ends.remember(self.table, (row,), now, cause)
        else:
            self.bars.put(self.table.mark[row], bar, now)
        self.remove(row, now)

    def remove(self, row: int, now: float) -> None:
        """Take a session out, and remember nothing of it."""
        self.wheel.remove(row)
        self._clear((row,), now)

    def tidy(self, now: float) -> None:
        """Do a beginning's share of what is due."""
        if self.wheel.is_due(now):
            self.expire(now, SWEPT_BY_A_REQUEST)
        self.forget(now, SWEPT_BY_A_REQUEST)

    def forget(self, now: float, limit: int) -> bool:
        """Forget up to ``limit`` ends and bars whose time has passed; answer whether more have."""
        self.tallies.forget(now)
        more = self.ends.forget(now, limit)
        return self.bars.forget(now, limit) or more

    def expire(self, now: float, limit: int) -> int:
        """Look at up to ``limit`` rows that are due; answer how many sessions ended."""
        expires = self.table.expires
        over: list[int] = []
        for row in self.wheel.take(now, limit):
            if now < expires[row]:
                self.wheel.add(row, expires[row])
            else:
                over.append(row)
        self.ends.remember(self.table, over, now, Cause.EXPIRED)
        self._clear(over, now)
        self.tallies.forget(now)
        return len(over)

    def _clear(self, rows: Collection[int], now: float) -> None:
        self.tallies.end(map(self.table.bucket.__getitem__, rows), now)
        self.table.clear(rows)
