"""Places in the SQLite store: who has them, and how a newcomer gets its own (SPEC 8).

A touch moves the time until which a place is held, but writes to the session only. So the places
of a scope know a time until which each is held at least. If all seem to be taken, those whose time
has passed are looked up; who has lost it is marked, and not looked up again before something
happens to it. So a scope with thousands of places costs a newcomer no more than a small one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionware.limits import Rival, Swap, Verdict, judge
from sessionware.session import Cause
from sessionware.store import Crowded, _sql
from sessionware.store._expiry import bury
from sessionware.store._rows import found, places_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from sessionware.store import Place
    from sessionware.store._sql import Row


def judged(
    file: Connection, newcomer: Rival, places: Sequence[Place], now: float
) -> Verdict | Crowded:
    """Judge who gives way to a newcomer; it has not happened yet."""
    rivals: dict[Place, list[Rival]] = {}
    for place in places:
        if _taken(file, place.scope, now) < place.limit:
            continue
        _look_up(file, place.scope, now)
        if place.evict:
            rivals[place] = _rivals(file, _sql.RIVALS, place.scope, now)
            continue
        own: list[Rival] = []
        if newcomer.holder:
            own = _rivals(file, _sql.OWN, place.scope, now, newcomer.holder)
        # Who can't give way is only counted: what is left is the limit of who can.
        left = place.limit - (_taken(file, place.scope, now) - len(own))
        rivals[replace(place, limit=left)] = own
    verdict = judge(newcomer, tuple(rivals), rivals.__getitem__, now)
    return verdict if verdict.crowded is None else Crowded(verdict.crowded)


def give_way(file: Connection, verdict: Verdict, now: float, room: int) -> None:
    """Carry out what was judged."""
    for key in verdict.displaced:
        lose(file, found(file, key))
    for key in verdict.evicted:
        row = found(file, key)
        if row is not None:
            bury(file, (row,), now, room, Cause.EVICTED)
    file.executemany(_sql.SET_SWAP, ((*swap, key) for key, swap in verdict.swaps))


def lose(file: Connection, row: Row | None) -> None:
    """Take all places from a session that lives on."""
    if row is not None:
        file.execute(_sql.TAKE_PLACES, (None, row.key))
        settle(file, row)


def settle(file: Connection, row: Row) -> None:
    """Put down until when a session's places are held.

    To be called whenever that may have become earlier; and if one was found lost, also when it may
    have become later.
    """
    if row.places:
        places = ((place.scope, row.holder, row.key) for place in places_of(row))
        file.executemany(_sql.SETTLE, places)
        file.execute(_sql.SETTLED, (row.key,))


def _taken(file: Connection, scope: bytes, now: float) -> int:
    """Count the places that are taken in a scope; before a look-up there may be fewer."""
    ((taken,),) = file.execute(_sql.TAKEN, {"scope": scope, "now": now})
    return int(taken)


def _look_up(file: Connection, scope: bytes, now: float) -> None:
    about = {"scope": scope, "now": now}
    if file.execute(_sql.LOOK_UP, about).rowcount:
        for statement in _sql.LAPSE:
            file.execute(statement, about)


def _rivals(file: Connection, sql: str, *of: object) -> list[Rival]:
    return [
        Rival(key, holder, started, seen, Swap(*swap))
        for key, holder, started, seen, *swap in file.execute(sql, of)
    ]
