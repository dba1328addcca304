"""The store of one process: its sessions in memory, by row, bucket and wheel.

Safe under threads by one lock. No request walks through the sessions: a touch or a beginning
pays for a few that are due, a count for the length of a window. A list does, and an invalidation.
"""

from __future__ import annotations

import math
import secrets
import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.store import (
    Allow,
    Announce,
    Asked,
    Bar,
    Begin,
    Changed,
    Claim,
    Command,
    Count,
    Crowded,
    Decline,
    End,
    Ended,
    Enter,
    Finish,
    Full,
    Get,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Living,
    Merge,
    Meta,
    MetaInfo,
    Note,
    Order,
    Outside,
    Postpone,
    Streams,
    Sweep,
    Tag,
    Told,
    Touch,
    Withdraw,
)
from sessionware.store._denials import Denials
from sessionware.store._leases import Clients, Leases
from sessionware.store._lives import SWEPT_BY_A_REQUEST, Lives
from sessionware.store._many import CHUNK, Many
from sessionware.store._one import One
from sessionware.store._requests import Requests
from sessionware.store._table import ANNOUNCED, INVALID, LIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")

_CHANGED = Changed()

_MORE = ANNOUNCED | INVALID | LIMITED
"""Of whom the first only is so, may go on."""


class MemoryStore:
    """Keeps the sessions of one process; safe under threads.

    ``max_sessions`` bounds it: a full store refuses newcomers and never drops the living. As many
    ends are remembered at most, as many bars, and as many sessions wait for it to be told that they
    started or ended.
    """

    blocking = False
    shared = False

    def __init__(self, max_sessions: int = 1_000_000) -> None:
        self.max_sessions = max_sessions
        self._idkey = secrets.token_bytes(32)
        self._heartbeat = 0.0
        self._postponed = -math.inf  # when the last postponement was
        self._lock = threading.Lock()
        self._denials = Denials()
        self._leases = Leases(max_sessions)
        self._lives = Lives(max_sessions)
        self._table = self._lives.table
        self._wheel = self._lives.wheel
        self._bars = self._lives.bars
        self._requests = Requests(self._lives, max_sessions)
        self._one = One(self._lives, self._requests)
        self._many = Many(self._lives, self._lock)
        self._atomic: dict[type, Callable[[Any], Any]] = {
            Touch: self._touch,
            Enter: self._enter,
            Begin: self._begin,
            Decline: self._decline,
            Learn: self._one.learn,
            Leave: self._one.leave,
            Announce: self._one.announce,
            Finish: self._one.finish,
            Note: self._one.note,
            Merge: self._one.merge,
            Tag: self._one.tag,
            Withdraw: self._one.withdraw,
            End: self._one.end,
            Get: self._get,
            Order: lambda command: self._denials.order(command.denial),
            Allow: lambda command: self._denials.allow(command.denial),
            Postpone: self._postpone,
            Meta: self._meta,
        }
        self._in_turns: dict[type, Callable[[Any], Any]] = {
            Sweep: self._sweep,
            Claim: self._claim,
            Count: self._many.count,
            Streams: self._many.streams,
            Listing: self._many.list,
            Invalidate: self._many.invalidate,
        }

    def __len__(self) -> int:
        return len(self._table)

    def execute(self, command: Command[A]) -> A:
        """Answer a command; TypeError for one that this store doesn't know."""
        handler = self._atomic.get(type(command))
        if handler is not None:
            with self._lock:
                return cast("A", handler(command))
        handler = self._in_turns.get(type(command))
        if handler is None:
            raise TypeError(f"MemoryStore knows no command {type(command).__name__}")
        return cast("A", handler(command))

    def close(self) -> None:
        """Do nothing: the sessions live as long as the store."""

    # --- requests ----------------------------------------------------------------------------

    def _touch(self, command: Touch) -> Living | Outside | Ended | Bar | Asked | Changed | None:
        table, key, now = self._table, command.key, command.now
        if command.orders is not None and command.orders != self._denials.version:
            return _CHANGED
        if self._bars.size:
            bar = self._bars.get(command.mark, now)
            if bar is not None:
                return bar
        if self._wheel.next <= now:
            self._lives.look(now, SWEPT_BY_A_REQUEST)
        row = table.row_of[key[0]].get(key)
        if row is not None and now < table.expires[row] and table.flags[row] & _MORE == ANNOUNCED:
            return self._touched(row, command)
        row = self._lives.find(key, now)
        if row is None:
            bar = self._bar_above(command.above, now)
            if bar is not None:
                return bar
            until = self._leases.take(key, now, command.lease) if command.lease else None
            return self._lives.find_end(key, now) if until is None else Asked(until)
        if command.lease and table.flags[row] & INVALID:
            until = self._leases.take(key, now, command.lease)
            return Outside(table.living(key, row), invalid=True) if until is None else Asked(until)
        if self._is_outside(row, now):
            return Outside(table.living(key, row))
        return self._touched(row, command)

    def _enter(self, command: Enter) -> Living | Bar | Crowded | Changed | None:
        key, now = command.key, command.now
        if command.confirmed:
            self._leases.give_back(key)
        if self._knows_others(command.orders):
            return _CHANGED
        bar = self._bars.get(command.mark, now)
        if bar is not None:
            return bar
        row = self._lives.find(key, now)
        if row is None:
            return None
        crowded = self._requests.enter(row, now)
        if crowded is not None:
            return crowded
        if command.confirmed:
            self._table.flags[row] &= ~INVALID
            self._table.merge(row, command.data)
        return self._touched(row, command)

    def _touched(self, row: int, command: Touch | Enter) -> Living:
        table, now, after = self._table, command.now, command.renew_cookie_after
        announce = self._requests.touch(row, now, command.playing, command.segments)
        # Not ">=": a cookie that was never set is not a number of seconds old.
        if after is None or now - table.cookie_set[row] < after:
            return table.living(command.key, row, False, False, announce)
        table.cookie_set[row] = now
        return table.living(command.key, row, False, True, announce)

    def _begin(self, command: Begin) -> Living | Outside | Bar | Crowded | Full | Changed:
        key, now, opening = command.key, command.now, command.opening
        self._leases.give_back(key)
        if self._knows_others(command.orders):
            return _CHANGED
        bar = self._bars.get(opening.mark, now)
        if bar is not None:
            return bar
        row = self._lives.find(key, now)
        if row is not None:
            return self._join(row, command)
        bar = self._bar_above(opening.above, now)
        if bar is not None:
            return bar
        self._lives.tidy(now)
        if len(self._table) >= self.max_sessions:
            self._lives.look(now, CHUNK)
            if len(self._table) >= self.max_sessions:
                return Full()
        begun = self._requests.begin(command)
        if isinstance(begun, Crowded):
            return begun
        return self._table.living(key, begun, new=True, announce=opening.announced)

    def _join(self, row: int, command: Begin) -> Living | Outside:
        key, now, table = command.key, command.now, self._table
        if self._is_outside(row, now):
            return Outside(table.living(key, row))
        announce = self._requests.touch(row, now, command.opening.playing)
        return table.living(key, row, announce=announce)

    def _decline(self, command: Decline) -> None:
        self._leases.give_back(command.key)
        if command.bar is not None:
            self._bars.put(command.mark, command.bar, command.now, command.key, command.stream)

    def _get(self, command: Get) -> Living | Ended | Bar | Changed | None:
        key, now, mark = command.key, command.now, command.mark
        if self._knows_others(command.orders):
            return _CHANGED
        bar = None if mark is None else self._bars.get(mark, now)
        if bar is not None:
            return bar
        row = self._table.find(key)
        if row is not None and now < self._table.expires[row]:
            self._lives.announce_if_due(row, now)  # as each command does that comes across it
            return self._table.living(key, row)
        if mark is None:
            return None
        return self._bar_above(command.above, now) or self._lives.find_end(key, now)

    def _knows_others(self, orders: int | None) -> bool:
        return orders is not None and orders != self._denials.version

    def _bar_above(self, marks: tuple[bytes, ...], now: float) -> Bar | None:
        if not self._bars.size:
            return None
        return next(filter(None, (self._bars.get(mark, now) for mark in marks)), None)

    def _is_outside(self, row: int, now: float) -> bool:
        limited = self._table.flags[row] & LIMITED
        return limited > 0 and not self._lives.seats.is_inside(row, now)

    # --- the store as a whole ----------------------------------------------------------------

    def _postpone(self, command: Postpone) -> float:
        gap = min(command.now - max(command.since, self._postponed), command.most)
        if gap <= 0:
            return 0.0
        self._postponed = command.now
        self._requests.postpone(command.since, gap)
        return gap

    def _meta(self, _: Meta) -> MetaInfo:
        denials = self._denials
        return MetaInfo(self._idkey, denials.version, denials.all(), self._heartbeat)

    def _sweep(self, command: Sweep) -> int:
        with self._lock:
            self._denials.forget(command.now)
            self._leases.forget(command.now, CHUNK)
        clients = self._requests.clients
        for part in range(Clients.PARTS if len(clients) else 0):
            with self._lock:
                clients.forget(part, command.now)
        self._many.forget(command.now, command.limit)
        return self._many.end_due(command.now, command.limit)

    def _claim(self, command: Claim) -> tuple[Told, ...]:
        with self._lock:
            self._heartbeat = max(self._heartbeat, command.now)
        return self._many.claim(command)
