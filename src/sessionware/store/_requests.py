"""What requests, and their answers, do to the memory store's sessions."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import Crowded
from sessionware.store._leases import Clients
from sessionware.store._table import (
    ANNOUNCED,
    LIMITED,
    LIVE,
    PENDING,
    RETURNS,
    SEGMENTS,
    SUPERSEDED,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionware.limits import Rival, Verdict
    from sessionware.store import Begin, Finish, Learn, Place
    from sessionware.store._lives import Lives


class Requests:
    """Begins sessions, and puts down what is heard of them; rows are those of living ones.

    ``room`` is how many sessions there may be.
    """

    def __init__(self, lives: Lives, room: int) -> None:
        self._lives = lives
        self._table = lives.table
        self._seats = lives.seats
        self.clients: Clients = Clients(room)

    # --- who comes in --------------------------------------------------------------------------

    def begin(self, command: Begin) -> int | Crowded:
        """Begin a session, if there are places for it; give its row."""
        lives, key, now, opening = self._lives, command.key, command.now, command.opening
        dropped = self.clients.dropped_by(command)
        if dropped is not None:
            self._supersede(dropped, now)
        verdict: Verdict | None = None
        if opening.places:
            verdict = self._make_place(self._seats.newcomer(command), opening.places, now)
            if verdict.crowded is not None:
                return Crowded(verdict.crowded)
        self.clients.note(command)
        lives.ends.drop(key)
        bucket = lives.tallies.begin(opening.stream, opening.kind, opening.protocol)
        row = self._table.fill(key, now, opening, bucket)
        if command.data:
            self._table.data[row] = dict(command.data)
        if verdict is not None:
            self._seats.add(row, opening.places, now)
            self._swap(verdict)
        if opening.playing:
            lives.play(row)
        lives.watch(row, now)
        return row

    def _supersede(self, key: bytes, now: float) -> None:
        """Let a session not watch that its client has dropped, if it should have asked again."""
        row, table = self._lives.find(key, now), self._table
        if row is None or table.state[row] != LIVE or table.requests[row] != 1:
            return
        if table.flags[row] & (ANNOUNCED | RETURNS) == RETURNS:
            table.flags[row] |= SUPERSEDED
            self._lives.settle(row)
            if table.flags[row] & LIMITED:
                self._seats.give_back(row)

    def enter(self, row: int, now: float) -> Crowded | None:
        """Let a session have the places that it needs, if it can have them."""
        if not self._table.flags[row] & LIMITED:
            return None
        missing = self._seats.missing(row, now)
        verdict = self._make_place(self._seats.rival(row), missing, now)
        if verdict.crowded is not None:
            return Crowded(verdict.crowded)
        self._seats.take(row, now)
        self._swap(verdict)
        return None

    def _make_place(self, newcomer: Rival, places: Sequence[Place], now: float) -> Verdict:
        verdict = self._seats.judge(newcomer, places, now)
        for key in verdict.displaced:
            self._seats.give_back(self._row(key))
        for key in verdict.evicted:
            self._lives.end(self._row(key), now, Cause.EVICTED)
        return verdict

    def _swap(self, verdict: Verdict) -> None:
        for key, swap in verdict.swaps:
            self._seats.swap(self._row(key), swap)

    def _row(self, key: bytes) -> int:
        row = self._table.find(key)
        if row is None:
            raise KeyError(key)
        return row

    # --- who asks again ------------------------------------------------------------------------

    def touch(self, row: int, now: float, playing: bool, segments: bool = False) -> bool:
        """Put down a request; answer whether the session counts as started by it."""
        table = self._table
        table.requests[row] += 1
        bucket = table.bucket[row]
        tally = bucket.tally
        is_live = bucket is not tally.pending
        if is_live:
            tally.requests += 1
        gap = now - table.seen[row]
        if gap > 0:  # never backwards: they overtake each other (P25)
            self._hear(row, now, gap)
        flags = table.flags[row]
        if flags & _MORE == ANNOUNCED and is_live and not segments:
            return False
        if not is_live or flags & SUPERSEDED or (segments and not flags & SEGMENTS):
            table.flags[row] = flags & ~SUPERSEDED | (SEGMENTS if segments else 0)
            if is_live:
                self._lives.settle(row)
            elif playing:
                self._lives.play(row)
        if flags & LIMITED and table.window_of(row):
            self._seats.keep(row, now)
        return not flags & ANNOUNCED and self._lives.announce_by_command(row, now)

    def _hear(self, row: int, now: float, gap: float) -> None:
        """Move the last request of a session on.

        The gap since the one before was watched, as far as the window goes.
        """
        table = self._table
        table.see(row, now)
        bucket = table.bucket[row]
        tally = bucket.tally
        if bucket is tally.pending:
            return
        window = table.window[row] or table.window_of(row)
        if gap > window:  # noqa: PLR1730 - quicker than min, and each request pays for it
            gap = window
        table.seconds[row] += gap
        tally.seconds += gap
        if bucket.second is not None:
            second = int(now) + ceil(window)
            if bucket.second != second:
                table.bucket[row] = tally.move_on(bucket, second)

    def finish(self, row: int, command: Finish) -> None:
        """Put down that an answer has gone out."""
        table, now = self._table, command.now
        gap = now - table.seen[row]
        if gap > 0:
            self._hear(row, now, gap)
        if table.flags[row] & LIMITED and table.window_of(row) and self._seats.is_inside(row, now):
            self._seats.keep(row, now)
        table.bytes_down[row] += command.bytes_down
        table.bytes_up[row] += command.bytes_up
        if table.state[row] == LIVE:
            tally = table.bucket[row].tally
            tally.bytes_down += command.bytes_down
            tally.bytes_up += command.bytes_up

    # --- what is known of it -------------------------------------------------------------------

    def learn(self, row: int, command: Learn) -> bool:
        """Put down that a session plays, and what; answer whether it counts as started by that."""
        if self._table.state[row] == PENDING:
            self._lives.play(row)
        if command.presentation is not None:
            self._learn(row, command)
        return self._lives.announce_by_command(row, command.now)

    def _learn(self, row: int, command: Learn) -> None:
        table, now = self._table, command.now
        was_quiet = not table.window_of(row)
        table.learn(row, command)
        self._lives.settle(row)
        self._lives.wheel.bring_forward(row, table.expires[row])
        if not table.flags[row] & LIMITED:
            return
        is_quiet = not table.window_of(row)
        if was_quiet and not is_quiet and self._seats.is_inside(row, now):
            self._seats.keep(row, now)
        elif is_quiet and not was_quiet:
            self._seats.keep_from_start(row)
        self._seats.refresh(row)

    def leave(self, row: int) -> None:
        """Let a session, if it is pending, give its places back."""
        if self._table.state[row] == PENDING and self._table.flags[row] & LIMITED:
            self._seats.give_back(row)

    def postpone(self, since: float, gap: float) -> None:
        """Let all live for longer who were not over at a time."""
        table = self._table
        for row, state in enumerate(table.state):
            if state in (PENDING, LIVE) and table.expires[row] > since:
                until = max(table.seen[row] + table.timeout[row], table.until[row])
                table.until[row] = until + gap
                table.see(row, table.seen[row])


_MORE = ANNOUNCED | SUPERSEDED | LIMITED
"""Of whom the first only is so, there is no more to put down."""
