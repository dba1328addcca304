"""The memory store's table, kept by column.

A session is a row number, and what is known of it stands at that place in arrays and lists: a
million sessions are a few hundred objects to the garbage collector. It looks at every entry of a
list, so lists are few, and keys and numbers are in none. Rows of ended sessions are used again.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from struct import Struct
from typing import TYPE_CHECKING, Any, cast

from sessionware.identity import KEY_BYTES, milliseconds
from sessionware.session import Presentation, State
from sessionware.store import Living
from sessionware.store.records import ANNOUNCED_AFTER, SEGMENTS_WINDOW

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sessionware.store import Learn, Listing, Opening
    from sessionware.store._tally import Bucket

GONE, PENDING, LIVE, OVER = 0, 1, 2, 3
"""The states of a row. One that is gone is free; one that is over has ended, and is to be told."""

ANNOUNCED = 1
SUPERSEDED = 2
SEGMENTS = 4
RETURNS = 8
EVENTS = 16
INVALID = 32
LIMITED = 64
UNTOLD = 128
"""Flags of a row: what the words say in a session's opening and in the commands. ``LIMITED``: it
needs places. ``UNTOLD``: it counts as started, and that is still to be told."""

PRESENTATIONS = (None, Presentation.LIVE, Presentation.VOD)
"""What a column of presentations holds is a place in here."""

GROWTH = 64
"""How many rows the table grows by."""

_ZEROS = array("d", bytes(8 * GROWTH))
_NOUGHTS = array("Q", bytes(8 * GROWTH))

_PENDING, _LIVE = State  # to look one up in its class takes longer than all else of an answer

_NO_DATA: Mapping[str, str] = {}

_KEY = Struct(f"{KEY_BYTES}s")


class Keys:
    """The keys of rows, one behind the other in one block of memory; an empty one is zeros."""

    def __init__(self) -> None:
        self.block = bytearray()

    def __len__(self) -> int:
        return len(self.block) // KEY_BYTES

    def __getitem__(self, row: int) -> bytes:
        (key,) = _KEY.unpack_from(self.block, row * KEY_BYTES)
        return cast("bytes", key)

    def __setitem__(self, row: int, key: bytes) -> None:
        _KEY.pack_into(self.block, row * KEY_BYTES, key)

    def extend(self, rows: int) -> None:
        """Make place for more rows."""
        self.block += bytes(rows * KEY_BYTES)


class Table:
    """Rows of sessions."""

    def __init__(self) -> None:
        # By a key's first byte: a dict of all would now and then move them all within one request.
        self.row_of: tuple[dict[bytes, int], ...] = tuple({} for _ in range(256))
        self._size = 0
        self.free: deque[int] = deque()  # an array would be moved when it grows
        self.key = Keys()
        self.mark = Keys()
        self.holder = Keys()
        self.state = bytearray()
        self.flags = bytearray()
        self.presentation = bytearray()
        self.bucket: list[Bucket] = []
        self.ip: list[str] = []
        self.started = array("d")
        self.seen = array("d")
        self.expires = array("d")  # when it is over if nothing more is heard of it
        self.timeout = array("d")
        self.until = array("d")
        self.deadline = array("d")
        self.remember = array("d")
        self.window = array("d")  # as it was said: see window_of
        self.seconds = array("d")
        self.duration = array("d")  # NaN: none; says nothing without a presentation
        self.live_seen = array("d")
        self.cookie_set = array("d")  # NaN: never
        self.requests = array("Q")
        self.bytes_down = array("Q")
        self.bytes_up = array("Q")
        # What few sessions have.
        self.service: dict[int, str] = {}
        self.params: dict[int, str] = {}
        self.previous: dict[int, str] = {}
        self.user: dict[int, str] = {}
        self.data: dict[int, dict[str, str]] = {}
        self.tags: dict[int, tuple[str, ...]] = {}
        self.also: dict[int, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return self._size

    def find(self, key: bytes) -> int | None:
        """Give the row of a key, None if it has none."""
        return self.row_of[key[0]].get(key)

    def fill(self, key: bytes, now: float, opening: Opening, bucket: Bucket) -> int:
        """Put a new session, pending, into a row and answer which."""
        if not self.free:
            self._grow(bucket)
        row = self.free.pop()
        self.row_of[key[0]][key] = row
        self._size += 1
        self.key[row] = key
        self.mark[row] = opening.mark
        self.holder[row] = opening.holder
        self.state[row] = PENDING
        self.flags[row] = (
            (RETURNS if opening.returns else 0)
            | (EVENTS if opening.events else 0)
            | (LIMITED if opening.places else 0)
            | (ANNOUNCED if opening.announced else 0)
        )
        self.bucket[row] = bucket
        self.ip[row] = opening.ip
        self.timeout[row] = opening.timeout
        self.until[row] = opening.until
        self.deadline[row] = opening.deadline
        self.remember[row] = opening.remember
        self.window[row] = opening.window
        self.presentation[row] = PRESENTATIONS.index(opening.presentation)
        self.duration[row] = math.nan if opening.duration is None else opening.duration
        self.live_seen[row] = now if opening.presentation is Presentation.LIVE else 0.0
        self.started[row] = now
        self.see(row, now)
        self.cookie_set[row] = math.nan if opening.cookie_set is None else opening.cookie_set
        self.requests[row] = 1
        self.seconds[row] = 0.0
        self.bytes_down[row] = self.bytes_up[row] = 0
        if opening.service:
            self.service[row] = opening.service
        if opening.params:
            self.params[row] = opening.params
        if opening.previous:
            self.previous[row] = opening.previous
        if opening.user:
            self.user[row] = opening.user
        return row

    def see(self, row: int, now: float) -> None:
        """Set a row's last request, and when it is over."""
        self.seen[row] = now
        expires, until, deadline = now + self.timeout[row], self.until[row], self.deadline[row]
        if expires < until:  # noqa: PLR1730 - quicker than max, and each request pays for it
            expires = until
        if expires > deadline:  # noqa: PLR1730 - as above
            expires = deadline
        # In whole seconds, as the wheel turns: so every command sees the same end.
        self.expires[row] = math.ceil(expires)

    def learn(self, row: int, command: Learn) -> None:
        """Replace what is known of what a row plays, and the rules that follow from it."""
        self.presentation[row] = PRESENTATIONS.index(command.presentation)
        self.duration[row] = math.nan if command.duration is None else command.duration
        self.timeout[row] = command.timeout
        self.until[row] = command.until
        self.window[row] = command.window
        self.flags[row] = self.flags[row] & ~RETURNS | (RETURNS if command.returns else 0)
        if command.presentation is Presentation.LIVE:
            self.live_seen[row] = command.now
        self.see(row, self.seen[row])

    def merge(self, row: int, changes: Mapping[str, str | None]) -> None:
        """Merge changes into a row's data; None deletes a key."""
        data = self.data.setdefault(row, {})
        for name, text in changes.items():
            if text is None:
                data.pop(name, None)
            else:
                data[name] = text
        if not data:
            del self.data[row]

    def window_of(self, row: int) -> float:
        """Give for how long a request makes a row watching; 0.0: it is quiet."""
        return self.window[row] or (SEGMENTS_WINDOW if self.flags[row] & SEGMENTS else 0.0)

    def announce_at(self, row: int) -> int:
        """Give when a row counts as started though it has not asked again."""
        return math.ceil(self.started[row] + ANNOUNCED_AFTER)

    def leave(self, rows: Collection[int]) -> None:
        """Let nobody find the sessions of rows any more; what is known of them stays."""
        block, key_at, size, row_of = self.key.block, _KEY.unpack_from, KEY_BYTES, self.row_of
        for row in rows:
            (key,) = key_at(block, row * size)
            del row_of[key[0]][key]
        self._size -= len(rows)

    def clear(self, rows: Collection[int]) -> None:
        """Forget the sessions of rows, which nobody finds; the rows are free then."""
        state, ip = self.state, self.ip
        for row in rows:
            state[row] = GONE
            ip[row] = ""
        self.free.extend(rows)
        few: tuple[dict[int, Any], ...] = (self.service, self.params, self.previous, self.user)
        for column in (*few, self.data, self.tags, self.also):
            if column:
                for row in rows:
                    column.pop(row, None)

    def living(
        self,
        key: bytes,
        row: int,
        new: bool = False,
        renew_cookie: bool = False,
        announce: bool = False,
    ) -> Living:
        """Give the row of a key as the answer of a command."""
        tally = self.bucket[row].tally
        data = self.data.get(row)
        presentation = PRESENTATIONS[self.presentation[row]]
        duration = self.duration[row] if presentation else math.nan
        return Living(
            key,
            tally.kind,
            tally.stream,
            self.ip[row],
            tally.protocol,
            self.service.get(row, "") if self.service else "",
            self.params.get(row, "") if self.params else "",
            self.started[row],
            self.seen[row],
            self.expires[row],
            _PENDING if self.state[row] == PENDING else _LIVE,
            self.requests[row],
            dict(data) if data else _NO_DATA,
            presentation,
            duration if duration >= 0 else None,  # NaN is not
            self.live_seen[row] if presentation else 0.0,
            self.previous.get(row, "") if self.previous else "",
            self.user.get(row, "") if self.user else "",
            new,
            renew_cookie,
            self.window[row],
            self.flags[row] & SEGMENTS > 0,
            self.seconds[row],
            self.bytes_down[row],
            self.bytes_up[row],
            self.tags.get(row, ()) if self.tags else (),
            self.also.get(row, ()) if self.also else (),
            announce,
        )

    def places(self, rows: Iterable[int], command: Listing) -> Iterator[tuple[int, bytes]]:
        """Give those of rows that a listing asks for, each by its place in the order."""
        holder = None if command.holder is None else command.holder.ljust(KEY_BYTES, b"\0")
        for row in rows:
            state = self.state[row]
            if state != LIVE and not (command.pending and state == PENDING):
                continue
            tally = self.bucket[row].tally
            place = (milliseconds(self.started[row]), self.key[row])
            if (
                (
                    command.stream is None
                    or tally.stream == command.stream
                    or (command.below and tally.is_below(command.stream))
                )
                and (command.kind is None or tally.kind == command.kind)
                and (command.user is None or self.user.get(row) == command.user)
                and (command.ip is None or self.ip[row] == command.ip)
                and (command.tag is None or command.tag in self.tags.get(row, ()))
                and (holder is None or self.holder[row] == holder)
                and (command.after is None or place > command.after)
            ):
                yield place

    def _grow(self, bucket: Bucket) -> None:
        row = len(self.state)
        for keys in (self.key, self.mark, self.holder):
            keys.extend(GROWTH)
        for codes in (self.state, self.flags, self.presentation):
            codes.extend(bytes(GROWTH))
        self.bucket.extend([bucket] * GROWTH)
        self.ip.extend([""] * GROWTH)
        times = (self.started, self.seen, self.expires, self.live_seen, self.cookie_set)
        rules = (self.timeout, self.until, self.deadline, self.remember, self.window)
        for numbers in (*times, *rules, self.duration, self.seconds):
            numbers.extend(_ZEROS)
        for counted in (self.requests, self.bytes_down, self.bytes_up):
            counted.extend(_NOUGHTS)
        self.free.extend(range(row + GROWTH - 1, row - 1, -1))
