"""What the memory store remembers of those who are not there: how sessions ended, and bars.

Packed records, each kept only until a time of its own. There are never more than
the store has room for; those that would be forgotten first give way.
"""

from __future__ import annotations

import math
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Any

from sessionware.identity import KEY_BYTES
from sessionware.session import Cause
from sessionware.store import Bar, Ended
from sessionware.store._table import LIVE, PRESENTATIONS
from sessionware.store._wheel import Wheel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionware.store import Invalidate
    from sessionware.store._table import Table

_CAUSES = tuple(Cause)


class _Past:
    """Records by name (16 bytes), each until a time of its own."""

    def __init__(self, record: str, room: int) -> None:
        # By a name's first byte, as the table does.
        self._row_of: tuple[dict[bytes, int], ...] = tuple({} for _ in range(256))
        self._free: deque[int] = deque()
        self._record = Struct(f"={KEY_BYTES}sd{record}")  # with its name and its time in front
        self._records = bytearray()
        self._wheel = Wheel()
        self._room = room
        self.size: int = 0

    def forget(self, now: float, limit: int) -> bool:
        """Forget up to ``limit`` records whose time is over; answer whether more are to go."""
        if not self._wheel.is_due(now):
            return False
        for row in self._wheel.take(now, limit):
            name = self._at(row)[0]
            del self._row_of[name[0]][name]
            self._release(row)
        return self._wheel.is_due(now)

    def drop(self, name: bytes) -> None:
        """Forget what is known of a name."""
        row = self._row_of[name[0]].pop(name, None)
        if row is not None:
            self._wheel.remove(row)
            self._release(row)

    def _make_room(self, number: int) -> None:
        """Forget as many as must go for ``number`` more."""
        while self.size and (excess := self.size + number - self._room) > 0:
            self.forget(math.inf, excess)

    def _find(self, name: bytes) -> tuple[Any, ...]:
        """Give a name's row, time and record; or a row of -1 and a time that has passed."""
        row = self._row_of[name[0]].get(name)
        return (-1, -math.inf) if row is None else (row, *self._at(row)[1:])

    def _put(self, name: bytes, until: float, *record: Any) -> int:
        """Remember a name that is not there; give its row."""
        if self._free:
            row = self._free.pop()
        else:
            row = len(self._records) // self._record.size
            self._records += bytes(self._record.size)
        self._row_of[name[0]][name] = row
        self._record.pack_into(self._records, row * self._record.size, name, until, *record)
        self._wheel.add(row, until)
        self.size += 1
        return row

    def _at(self, row: int) -> tuple[Any, ...]:
        return self._record.unpack_from(self._records, row * self._record.size)

    def _release(self, row: int) -> None:
        self._free.append(row)
        self.size -= 1


class Ends(_Past):
    """How sessions ended, by key."""

    def __init__(self, room: int) -> None:
        super().__init__("BddB", room)

    def get(self, key: bytes, now: float) -> Ended | None:
        """Give how the last session of a key ended, as long as that is remembered."""
        _, until, *record = self._find(key)
        if now >= until:
            return None
        cause, at, started, presentation = record
        return Ended(_CAUSES[cause], at, started, PRESENTATIONS[presentation])

    @staticmethod
    def expired(table: Table, row: int, now: float) -> Ended | None:
        """Give how a row's session expired, if that is to be remembered."""
        at = table.expires[row]
        if table.state[row] != LIVE or now >= at + table.remember[row]:
            return None
        presentation = PRESENTATIONS[table.presentation[row]]
        return Ended(Cause.EXPIRED, at, table.started[row], presentation)

    def remember(self, table: Table, rows: Iterable[int], now: float, cause: Cause) -> None:
        """Remember, of rows that end, those that were not pending, for as long as each says.

        Those whose time is over have ended then, others now.
        """
        remember, state, expires = table.remember, table.state, table.expires
        worth = [
            row
            for row in rows
            if remember[row] and state[row] == LIVE and now < expires[row] + remember[row]
        ]
        if not worth:
            return
        self._make_room(len(worth))
        number = _CAUSES.index(cause)
        for row in worth:
            at = expires[row]
            if at > now:  # noqa: PLR1730 - quicker than min, where many expire at once
                at = now
            started, presentation = table.started[row], table.presentation[row]
            self._put(table.key[row], at + remember[row], number, at, started, presentation)


class Bars(_Past):
    """Bars, by mark; denials with the key and the stream that they were put with."""

    def __init__(self, room: int) -> None:
        super().__init__(f"Bi{KEY_BYTES}s", room)
        self._reason: dict[int, str] = {}  # few have one
        self._denied: dict[int, str] = {}  # row -> stream

    def get(self, mark: bytes, now: float) -> Bar | None:
        """Give the bar over a mark, if it still stands."""
        row, until, *record = self._find(mark)
        if now >= until:
            return None
        cause, status, _ = record
        return Bar(_CAUSES[cause], until, status, self._reason.get(row, ""))

    def put(self, mark: bytes, bar: Bar, now: float, key: bytes, stream: str) -> None:
        """Put a bar over a mark, unless one stands there that lasts as long."""
        if bar.until <= max(now, self._find(mark)[1]):
            return
        self.drop(mark)
        self._make_room(1)
        row = self._put(mark, bar.until, _CAUSES.index(bar.cause), bar.status, key)
        if bar.reason:
            self._reason[row] = bar.reason
        if bar.cause is Cause.DENIED:
            self._denied[row] = stream

    @property
    def rows(self) -> int:
        """How many rows there are to look through for denials."""
        return len(self._records) // self._record.size if self._denied else 0

    def undeny(self, rows: Iterable[int], command: Invalidate) -> int:
        """Forget, of some rows, the denials that a command fits; answer how many."""
        forgotten = 0
        for row in rows:
            stream = self._denied.get(row)
            if stream is None:
                continue
            mark, until, _, _, key = self._at(row)
            if command.now < until and fits(command, key, stream):
                self.drop(mark)
                forgotten += 1
        return forgotten

    def _release(self, row: int) -> None:
        super()._release(row)
        self._reason.pop(row, None)
        self._denied.pop(row, None)


def fits(command: Invalidate, key: bytes, stream: str) -> bool:
    """Tell whether a key, or else a stream or one above it, is what shall be invalid; or all."""
    if command.key is not None:
        return key == command.key
    wanted = command.stream
    return wanted is None or stream == wanted or stream.startswith(f"{wanted}/")
