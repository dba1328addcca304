"""The memory store's table, kept by column.

A session is a row number, and what is known of it stands at that place in arrays and lists: a
million sessions are a few dozen objects to the garbage collector. Rows of ended sessions are used
again once the wheel has let them go.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from sessionware.session import State
from sessionware.store import Living

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.store import Opening
    from sessionware.store._tally import Tally

GONE, PENDING, LIVE = 0, 1, 2
"""The states of a row; one that is gone waits, unused, for the wheel."""

_NO_DATA: Mapping[str, str] = {}


class Table:
    """Rows of sessions; ``row_of`` maps keys to rows in the order in which the sessions began."""

    def __init__(self) -> None:
        self.row_of: dict[bytes, int] = {}
        self.free: list[int] = []
        self.key: list[bytes] = []
        self.state = bytearray()
        self.tally: list[Tally] = []
        self.ip: list[str] = []
        self.protocol: list[str] = []
        self.service: list[str] = []
        self.started = array("d")
        self.seen = array("d")
        self.timeout = array("d")
        self.deadline = array("d")
        self.cookie_set = array("d")  # NaN: never
        self.requests = array("L")
        # What few sessions have.
        self.params: dict[int, str] = {}
        self.data: dict[int, dict[str, str]] = {}

    def __len__(self) -> int:
        return len(self.row_of)

    def fill(self, key: bytes, now: float, opening: Opening, tally: Tally) -> int:
        """Put a new session, pending, into a row and answer which."""
        row = self.free.pop() if self.free else self._grow(tally)
        self.row_of[key] = row
        self.key[row] = key
        self.state[row] = PENDING
        self.tally[row] = tally
        self.ip[row] = opening.ip
        self.protocol[row] = opening.protocol
        self.service[row] = opening.service
        self.started[row] = self.seen[row] = now
        self.timeout[row] = opening.timeout
        self.deadline[row] = opening.deadline
        self.cookie_set[row] = math.nan if opening.cookie_set is None else opening.cookie_set
        self.requests[row] = 1
        if opening.params:
            self.params[row] = opening.params
        return row

    def clear(self, row: int) -> None:
        """Forget the session of a row; the row itself is not free before the wheel says so."""
        self.state[row] = GONE
        del self.row_of[self.key[row]]
        self.params.pop(row, None)
        self.data.pop(row, None)
        self.key[row] = b""
        self.ip[row] = ""

    def expires(self, row: int) -> float:
        """Give the second at which a row's session is over if nothing more is heard of it."""
        return min(self.seen[row] + self.timeout[row], self.deadline[row])

    def living(self, row: int, *, new: bool = False, renew_cookie: bool = False) -> Living:
        """Give a row as the answer of a command."""
        tally = self.tally[row]
        data = self.data.get(row)
        return Living(
            self.key[row],
            tally.kind,
            tally.stream,
            self.ip[row],
            self.protocol[row],
            self.service[row],
            self.params.get(row, ""),
            self.started[row],
            self.seen[row],
            self.expires(row),
            State.LIVE if self.state[row] == LIVE else State.PENDING,
            self.requests[row],
            dict(data) if data else _NO_DATA,
            new,
            renew_cookie,
        )

    def _grow(self, tally: Tally) -> int:
        row = len(self.key)
        self.key.append(b"")
        self.state.append(GONE)
        self.tally.append(tally)
        for texts in (self.ip, self.protocol, self.service):
            texts.append("")
        times = (self.started, self.seen, self.timeout, self.deadline, self.cookie_set)
        for numbers in times:
            numbers.append(0.0)
        self.requests.append(0)
        return row
