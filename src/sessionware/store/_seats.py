"""The memory store's places in limits: who has one in which scope, and until when (SPEC 8).

A request makes a place longer without telling its scope: only when the time comes that the scope
knows of, and somebody wants a place there, is a session looked at again. So a newcomer pays for
those whose time has come, and not for all who are inside.

What is kept of a session stands in dicts of plain values, for there may be a million of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sessionware.identity import KEY_BYTES
from sessionware.limits import NO_SWAP, Rival, Swap, Verdict, judge
from sessionware.store._members import Members

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sessionware.store import Begin, Place
    from sessionware.store._table import Table

_NOT_HELD = -math.inf

_NO_SCOPE = _NO_HOLDER = bytes(KEY_BYTES)

_ROOM = Verdict()


@dataclass(frozen=True, slots=True)
class Needs:
    """The places that sessions need, but for their scopes: most need the same.

    ``hold`` is the least of theirs, ``alike``: all have that.
    """

    places: tuple[Place, ...]
    hold: float
    alike: bool


class Seats:
    """Who has which places; sessions are known by their rows in the table.

    A session has each of its places since ``_held``, for as long as that place is held.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._needs: dict[int, Needs] = {}
        self._scopes: dict[int, bytes] = {}  # a row's, one behind the other
        self._held: dict[int, float] = {}
        self._swap: dict[int, Swap] = {}  # few have one
        self._lapsed: set[int] = (
            set()
        )  # a scope of theirs does not know of them: their time is over
        self._inside = Members()  # by scope
        self._held_by = Members()  # by holder
        self._known: dict[tuple[object, ...], Needs] = {}

    def __len__(self) -> int:
        return len(self._needs)

    def add(self, row: int, places: Sequence[Place], now: float) -> None:
        """Give a new session its places."""
        self._needs[row] = self._need(places)
        self._scopes[row] = b"".join([place.scope for place in places])
        holder = self._table.holder[row]
        if holder != _NO_HOLDER:
            self._held_by.put(holder, row)
        self.take(row, now)

    def remove(self, row: int) -> None:
        """Forget a session that is no more."""
        self.give_back(row)
        self._held_by.remove(self._table.holder[row], row)
        self._lapsed.discard(row)
        self._swap.pop(row, None)
        del self._held[row], self._scopes[row], self._needs[row]
        if not self._needs:
            self._known.clear()

    # --- one session ---------------------------------------------------------------------------

    def is_inside(self, row: int, now: float) -> bool:
        """Tell whether a session has all its places."""
        return now < self._held[row] + self._needs[row].hold

    def missing(self, row: int, now: float) -> list[Place]:
        """Give the places that a session needs and doesn't have."""
        held = self._held[row]
        return [
            replace(place, scope=scope)
            for scope, place in self._places(row)
            if now >= held + place.hold
        ]

    def keep(self, row: int, now: float) -> None:
        """Let a session that has all its places have them from ``now``, if that is later."""
        if now > self._held[row]:  # noqa: PLR1730 - quicker than max, and each request pays for it
            self._held[row] = now
        if self._lapsed and row in self._lapsed:  # commands overtake each other: another was later
            self._put(row)

    def take(self, row: int, now: float) -> None:
        """Let a session have its places from ``now``."""
        self._held[row] = now
        self._put(row)

    def keep_from_start(self, row: int) -> None:
        """Let a session, unless it has none, have its places from its start only; refresh it."""
        if self._held[row] != _NOT_HELD:
            self._held[row] = self._table.started[row]

    def refresh(self, row: int) -> None:
        """Take note that a session, or its places, may be over sooner than before."""
        if self._held[row] != _NOT_HELD:
            self._put(row)

    def give_back(self, row: int) -> None:
        """Let a session have none of its places."""
        self._held[row] = _NOT_HELD
        for scope, _ in self._places(row):
            self._inside.remove(scope, row)

    def swap(self, row: int, swap: Swap) -> None:
        """Put down with whom a session changed places."""
        self._swap[row] = swap

    # --- newcomers -----------------------------------------------------------------------------

    def judge(self, newcomer: Rival, places: Sequence[Place], now: float) -> Verdict:
        """Judge who gives way to a newcomer, which has none of the places."""
        asked: list[Place] = []
        there: dict[bytes, Collection[int]] = {}
        for place in places:
            inside = self._who(place, now)
            if len(inside) < place.limit:
                continue
            kin = self._held_by.of(newcomer.holder) if newcomer.holder else ()
            own = [row for row in kin if row in inside]
            if place.evict:
                there[place.scope] = inside
                asked.append(place)
            else:  # who gives way to nobody need not be known, only how many there are
                there[place.scope] = own
                asked.append(replace(place, limit=place.limit - len(inside) + len(own)))
        if not asked:
            return _ROOM
        return judge(newcomer, asked, lambda place: map(self.rival, there[place.scope]), now)

    def newcomer(self, command: Begin) -> Rival:
        """Give who wants to begin, as :meth:`rival` gives who is there."""
        holder = command.opening.holder
        named = holder and holder.ljust(KEY_BYTES, b"\0")
        return Rival(command.key, named, command.now, command.now)

    def rival(self, row: int) -> Rival:
        """Give what is to be known of a session that wants places, or has them."""
        table, holder = self._table, self._table.holder[row]
        return Rival(
            table.key[row],
            b"" if holder == _NO_HOLDER else holder,
            table.started[row],
            table.seen[row],
            self._swap.get(row, NO_SWAP),
        )

    def _who(self, place: Place, now: float) -> Collection[int]:
        """Give the rows with a place in a scope, or fewer than its limit that may have one."""
        scope = place.scope
        inside = self._inside.of(scope)
        if len(inside) < place.limit:
            return inside
        self._lapsed.update(self._inside.take_gone(scope, now, partial(self._until, scope)))
        return self._inside.of(scope)

    # --- what a row needs ----------------------------------------------------------------------

    def _need(self, places: Sequence[Place]) -> Needs:
        name = tuple([(place.name, place.limit, place.hold, place.evict) for place in places])
        needs = self._known.get(name)
        if needs is None:
            hold = min(place.hold for place in places)
            alike = all(place.hold == hold for place in places)
            without = tuple(replace(place, scope=_NO_SCOPE) for place in places)
            needs = self._known[name] = Needs(without, hold, alike)
        return needs

    def _places(self, row: int) -> Iterator[tuple[bytes, Place]]:
        """Give each place of a row with its scope."""
        scopes = self._scopes[row]
        for number, place in enumerate(self._needs[row].places):
            yield scopes[number * KEY_BYTES : (number + 1) * KEY_BYTES], place

    def _put(self, row: int) -> None:
        """Let the scopes of a row know until when it surely has its places."""
        self._lapsed.discard(row)
        held, expires = self._held[row], self._table.expires[row]
        for scope, place in self._places(row):
            self._inside.put(scope, row, min(held + place.hold, expires))

    def _until(self, scope: bytes, row: int) -> float:
        """Give when a row's place in a scope is over, if nothing more is heard of it."""
        needs = self._needs[row]
        if needs.alike:
            hold = needs.hold
        else:
            hold = next(place.hold for name, place in self._places(row) if name == scope)
        over, expires = self._held[row] + hold, self._table.expires[row]
        return over if over < expires else expires  # noqa: FURB136 - many are asked for at once
