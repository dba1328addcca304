"""The memory store's table, kept by column.

A session is a row number, and what is known of it stands at that place in arrays and lists: a
million sessions are a few hundred objects to the garbage collector. It looks at every entry of a
list, so lists are few, and keys and numbers are in none. Rows of ended sessions are used again once
the wheel has let them go.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Any, cast

from sessionware.identity import KEY_BYTES
from sessionware.session import State
from sessionware.store import Living

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sessionware.store import Opening
    from sessionware.store._tally import Bucket

GONE, PENDING, LIVE = 0, 1, 2
"""The states of a row; one that is gone waits, unused, for the wheel."""

_NO_DATA: Mapping[str, str] = {}

_KEY = Struct(f"{KEY_BYTES}s")


class Keys:
    """The keys of rows, one behind the other in one block of memory."""

    def __init__(self) -> None:
        self.block = bytearray()

    def __len__(self) -> int:
        return len(self.block) // KEY_BYTES

    def __getitem__(self, row: int) -> bytes:
        (key,) = _KEY.unpack_from(self.block, row * KEY_BYTES)
        return cast("bytes", key)

    def __setitem__(self, row: int, key: bytes) -> None:
        _KEY.pack_into(self.block, row * KEY_BYTES, key)

    def append(self, key: bytes) -> None:
        """Put another row's key behind the others."""
        self.block += key


class Table:
    """Rows of sessions."""

    def __init__(self) -> None:
        # By a key's first byte: a dict of all would now and then move them all within one request.
        self._row_of: tuple[dict[bytes, int], ...] = tuple({} for _ in range(256))
        self._size = 0
        self.free: deque[int] = deque()  # an array would be moved when it grows
        self.key = Keys()
        self.state = bytearray()
        self.bucket: list[Bucket] = []
        self.ip: list[str] = []
        self.protocol: list[str] = []
        self.started = array("d")
        self.seen = array("d")
        self.expires = array("d")  # when it is over if nothing more is heard of it
        self.timeout = array("d")
        self.deadline = array("d")
        self.cookie_set = array("d")  # NaN: never
        self.requests = array("L")
        # What few sessions have.
        self.service: dict[int, str] = {}
        self.params: dict[int, str] = {}
        self.data: dict[int, dict[str, str]] = {}

    def __len__(self) -> int:
        return self._size

    def find(self, key: bytes) -> int | None:
        """Give the row of a key, None if it has none."""
        return self._row_of[key[0]].get(key)

    def fill(self, key: bytes, now: float, opening: Opening, bucket: Bucket) -> int:
        """Put a new session, pending, into a row and answer which."""
        row = self.free.pop() if self.free else self._grow(bucket)
        self._row_of[key[0]][key] = row
        self._size += 1
        self.key[row] = key
        self.state[row] = PENDING
        self.bucket[row] = bucket
        self.ip[row] = opening.ip
        self.protocol[row] = opening.protocol
        self.timeout[row] = opening.timeout
        self.deadline[row] = opening.deadline
        self.started[row] = now
        self.see(row, now)
        self.cookie_set[row] = math.nan if opening.cookie_set is None else opening.cookie_set
        self.requests[row] = 1
        if opening.service:
            self.service[row] = opening.service
        if opening.params:
            self.params[row] = opening.params
        return row

    def see(self, row: int, now: float) -> None:
        """Move a row's last request."""
        self.seen[row] = now
        expires, deadline = now + self.timeout[row], self.deadline[row]
        # In whole seconds, as the wheel turns: so every command sees the same end.
        self.expires[row] = math.ceil(min(deadline, expires))

    def clear(self, rows: Collection[int]) -> None:
        """Forget the sessions of rows; the rows are not free before the wheel says so."""
        state, ip, row_of = self.state, self.ip, self._row_of
        block, key_at, size = self.key.block, _KEY.unpack_from, KEY_BYTES
        for row in rows:
            (key,) = key_at(block, row * size)
            del row_of[key[0]][key]
            state[row] = GONE
            ip[row] = ""
        self._size -= len(rows)
        few: tuple[dict[int, Any], ...] = (self.service, self.params, self.data)
        for column in few:
            if column:
                for row in rows:
                    column.pop(row, None)

    def living(
        self, key: bytes, row: int, *, new: bool = False, renew_cookie: bool = False
    ) -> Living:
        """Give the row of a key as the answer of a command."""
        tally = self.bucket[row].tally
        data = self.data.get(row)
        return Living(
            key,
            tally.kind,
            tally.stream,
            self.ip[row],
            self.protocol[row],
            self.service.get(row, ""),
            self.params.get(row, ""),
            self.started[row],
            self.seen[row],
            self.expires[row],
            State.LIVE if self.state[row] == LIVE else State.PENDING,
            self.requests[row],
            dict(data) if data else _NO_DATA,
            new,
            renew_cookie,
        )

    def _grow(self, bucket: Bucket) -> int:
        row = len(self.state)
        self.key.append(bytes(KEY_BYTES))
        self.state.append(GONE)
        self.bucket.append(bucket)
        self.ip.append("")
        self.protocol.append("")
        times = (self.started, self.seen, self.expires)
        rules = (self.timeout, self.deadline, self.cookie_set)
        for numbers in (*times, *rules):
            numbers.append(0.0)
        self.requests.append(0)
        return row
