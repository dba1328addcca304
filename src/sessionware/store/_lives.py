"""The memory store's sessions: when they begin to count, when they end, and what stays of that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store._past import Bars, Ends
from sessionware.store._queue import Queue
from sessionware.store._seats import Seats
from sessionware.store._table import ANNOUNCED, EVENTS, LIMITED, LIVE, SUPERSEDED, Table
from sessionware.store._tally import Tallies
from sessionware.store._wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionware.store import Bar, Ended

SWEPT_BY_A_REQUEST = 32
"""How many due rows a request looks at: it begins one session at most, so expiry keeps pace.

As many ends and bars are forgotten by a beginning: no more can come of it.
"""


class Lives:
    """The table, with all that must follow when a session counts, is announced, or ends.

    ``room`` is how many ends are remembered at most, how many bars, and how many sessions wait for
    it to be told that they started or ended.
    """

    def __init__(self, room: int) -> None:
        self.table: Table = Table()
        self.wheel: Wheel = Wheel()
        self.tallies: Tallies = Tallies()
        self.ends: Ends = Ends(room)
        self.bars: Bars = Bars(room)
        self.seats: Seats = Seats(self.table)
        self.queue: Queue = Queue(self.table, room)

    def find(self, key: bytes, now: float) -> int | None:
        """Give the row of a session, and see first to what is due.

        One whose time is over is ended, and is none.
        """
        table = self.table
        row = table.find(key)
        if row is None:
            return None
        if now >= table.expires[row]:
            self.end(row, now, None)
            return None
        if not table.flags[row] & ANNOUNCED:
            self.announce_if_due(row, now)
        return row

    def find_end(self, key: bytes, now: float) -> Ended | None:
        """Give how a session that is not there any more ended, and change nothing."""
        row = self.table.find(key)
        return self.ends.get(key, now) if row is None else self.ends.expired(self.table, row, now)

    # --- where it counts -----------------------------------------------------------------------

    def play(self, row: int) -> None:
        """Take a row, which is pending, out of that: from now on it counts."""
        table = self.table
        table.state[row] = LIVE
        tally = table.bucket[row].tally
        tally.requests += table.requests[row]
        tally.bytes_down += table.bytes_down[row]
        tally.bytes_up += table.bytes_up[row]
        if table.flags[row] & ANNOUNCED:
            tally.started += 1
        self.settle(row)

    def settle(self, row: int) -> None:
        """Put a row, which is not pending, into the bucket where it counts now."""
        table = self.table
        bucket, window = table.bucket[row], table.window_of(row)
        tally = bucket.tally
        if table.flags[row] & SUPERSEDED:
            to = tally.superseded
        elif not window:
            to = tally.quiet
        else:
            to = tally.until(int(table.seen[row]) + math.ceil(window))
        table.bucket[row] = tally.move(bucket, to)

    # --- announcing ----------------------------------------------------------------------------

    def announce(self, row: int) -> bool:
        """Let a row count as started, if it may and does not yet; answer whether it did so."""
        table = self.table
        if table.state[row] != LIVE or table.flags[row] & _NOT_TO_START:
            return False
        table.flags[row] |= ANNOUNCED
        table.bucket[row].tally.started += 1
        return True

    def announce_by_command(self, row: int, now: float) -> bool:
        """Let a row count as started if it has asked again, or its time has come; answer as there.

        Who sent the command tells of it.
        """
        table = self.table
        if table.requests[row] == 1 and now < table.announce_at(row):
            return False
        return self.announce(row)

    def announce_if_due(self, row: int, now: float) -> None:
        """Let a row count as started if its time has come; whoever claims that tells of it."""
        if now < self.table.announce_at(row) or not self.announce(row):
            return
        if self.table.flags[row] & EVENTS:
            self.queue.started(row)

    # --- what is due ---------------------------------------------------------------------------

    def watch(self, row: int, now: float) -> None:
        """See to it that a row, which nobody looks after, is looked at in time."""
        table = self.table
        due = table.expires[row]
        if not table.flags[row] & ANNOUNCED:
            at = table.announce_at(row)
            if now < at < due:
                due = at
        self.wheel.add(row, due)

    def look(self, now: float, limit: int) -> int:
        """Look at up to ``limit`` rows that are due; answer how many sessions ended."""
        expires, flags = self.table.expires, self.table.flags
        due = self.wheel.take(now, limit)
        over = [row for row in due if now >= expires[row]]
        for row in due if len(over) < len(due) else ():
            if now < expires[row]:
                if not flags[row] & ANNOUNCED:
                    self.announce_if_due(row, now)
                self.watch(row, now)
        if over:
            self.ends.remember(self.table, over, now, Cause.EXPIRED)
            self._clear(over, now, None)
        self.tallies.forget(now)
        return len(over)

    def tidy(self, now: float) -> None:
        """Do a beginning's share of what is due."""
        if self.wheel.is_due(now):
            self.look(now, SWEPT_BY_A_REQUEST)
        self.forget(now, SWEPT_BY_A_REQUEST)

    def forget(self, now: float, limit: int) -> bool:
        """Forget up to ``limit`` ends and bars whose time has passed; answer whether more have."""
        self.tallies.forget(now)
        more = self.ends.forget(now, limit)
        return self.bars.forget(now, limit) or more

    # --- the end -------------------------------------------------------------------------------

    def end(self, row: int, now: float, cause: Cause | None, bar: Bar | None = None) -> None:
        """End a session, and remember that, or put a bar over its mark; no cause: it expired."""
        table = self.table
        if bar is None:
            self.ends.remember(table, (row,), now, cause or Cause.EXPIRED)
        else:
            stream = table.bucket[row].tally.stream
            self.bars.put(table.mark[row], bar, now, table.key[row], stream)
        self.wheel.remove(row)
        self._clear((row,), now, None if cause is None else (cause, now))

    def withdraw(self, row: int, now: float) -> None:
        """Take out a session as if it had never been."""
        table = self.table
        bucket = table.bucket[row]
        if table.state[row] == LIVE:
            tally = bucket.tally
            tally.requests -= table.requests[row]
            tally.seconds -= table.seconds[row]
            tally.bytes_down -= table.bytes_down[row]
            tally.bytes_up -= table.bytes_up[row]
        self.tallies.leave(bucket, now)
        self.wheel.remove(row)
        if table.flags[row] & LIMITED:
            self.seats.remove(row)
        table.leave((row,))
        table.clear((row,))

    def _clear(self, rows: Collection[int], now: float, how: tuple[Cause, float] | None) -> None:
        """Take out sessions that have ended, but keep what is to be told of them."""
        table = self.table
        state, flags, bucket = table.state, table.flags, table.bucket
        told: list[int] = []
        silent: list[int] = []
        for row in rows:
            flag, to = flags[row], silent
            if state[row] == LIVE:
                if not flag & _NOT_TO_START:
                    bucket[row].tally.started += 1  # it is announced just before its end
                if flag & _TOLD == EVENTS:
                    to = told
            to.append(row)
            if flag & LIMITED:
                self.seats.remove(row)
        self.tallies.end(map(bucket.__getitem__, rows), now)
        table.leave(rows)
        table.clear(silent)
        if told:
            self.queue.ended(told, how)


_NOT_TO_START = ANNOUNCED | SUPERSEDED
_TOLD = EVENTS | SUPERSEDED
"""Which flags count: a superseded one that never came back is not told of."""
