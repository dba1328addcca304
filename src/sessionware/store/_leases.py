"""What the memory store keeps for moments: leases, and what clients have just begun."""

from __future__ import annotations

import math
from collections import OrderedDict
from struct import Struct
from typing import TYPE_CHECKING, cast

from sessionware.identity import KEY_BYTES
from sessionware.store.records import OPENED_AGAIN

if TYPE_CHECKING:
    from sessionware.store import Begin

FEW = 2
"""So many that have passed go for each that comes: so they don't pile up."""

MANY = 10_000
"""As many are kept at most as there may be sessions, but never fewer; the oldest give way."""


_OPENED = Struct(f"={KEY_BYTES}s{KEY_BYTES}sd")
_AT = Struct("=d")
"""A session's key, whose token it has, and when it began: the last of it."""


class Leases:
    """Times by session key, until which one request may decide and others wait for it."""

    def __init__(self, room: int) -> None:
        self._until: OrderedDict[bytes, float] = OrderedDict()  # the oldest first
        self._room = max(room, MANY)

    def __len__(self) -> int:
        return len(self._until)

    def take(self, key: bytes, now: float, seconds: float) -> float | None:
        """Take a lease; None: it is taken, else until when somebody else has it."""
        until = self._until.get(key)
        if until is not None and now < until:
            return until
        self.forget(now, FEW)
        self._until[key] = now + seconds
        self._until.move_to_end(key)
        if len(self._until) > self._room:
            self._until.popitem(last=False)
        return None

    def give_back(self, key: bytes) -> None:
        """Let the next one decide."""
        self._until.pop(key, None)

    def forget(self, now: float, limit: float) -> None:
        """Forget up to ``limit`` leases that have passed."""
        while limit > 0 and self._until and now >= next(iter(self._until.values())):
            self._until.popitem(last=False)
            limit -= 1


class Clients:
    """What each client began last, for as long as it may be superseded (SPEC 7).

    In small dicts, and of other sizes than keys: many may begin within moments, and what is kept
    for long shall not be scattered over the places that they leave.
    """

    PARTS = 256

    def __init__(self, room: int) -> None:
        self._opened: tuple[dict[int, bytes], ...] = tuple({} for _ in range(self.PARTS))
        self._size = 0
        self._room = max(room, MANY)

    def __len__(self) -> int:
        return self._size

    def dropped_by(self, begin: Begin) -> bytes | None:
        """Give the key of what a beginning's client may have dropped for it."""
        client = begin.opening.client
        opened = self._opened[client[0]].get(int.from_bytes(client)) if client else None
        if opened is None:
            return None
        key, holder, _ = _OPENED.unpack(opened)
        is_same = holder == begin.opening.holder.ljust(KEY_BYTES, b"\0")
        return None if is_same or _is_past(opened, begin.now) else cast("bytes", key)

    def note(self, begin: Begin) -> None:
        """Put down what has begun."""
        client = begin.opening.client
        if not client:
            return
        part, name = self._opened[client[0]], int.from_bytes(client)
        if part.pop(name, None) is None:  # it comes last now
            self._size += 1
        self._forget(part, begin.now, FEW)
        part[name] = _OPENED.pack(begin.key, begin.opening.holder, begin.now)
        if self._size > self._room:
            del part[next(iter(part))]
            self._size -= 1

    def forget(self, number: int, now: float) -> None:
        """Forget, of a part, what began too long ago."""
        part = self._opened[number]
        if part and _is_past(part[next(reversed(part))], now):  # and so are all before
            self._size -= len(part)
            part.clear()
        else:
            self._forget(part, now, math.inf)

    def _forget(self, part: dict[int, bytes], now: float, limit: float) -> None:
        passed: list[int] = []
        for name, opened in part.items():  # the oldest first
            if len(passed) >= limit or not _is_past(opened, now):
                break
            passed.append(name)
        for name in passed:
            del part[name]
        self._size -= len(passed)


def _is_past(opened: bytes, now: float) -> bool:
    (at,) = _AT.unpack_from(opened, _OPENED.size - _AT.size)
    return bool(now - at >= OPENED_AGAIN)
