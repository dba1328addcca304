"""How time passes in the SQLite store: who is announced, who ends, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.session import Cause
from sessionware.store import Told, _sql, _sql_many
from sessionware.store._rows import bound, living_of, places_of
from sessionware.store._sql import Row
from sessionware.store._tally import FORGET_AFTER
from sessionware.store.records import OPENED_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from sqlite3 import Connection

    from sessionware.store import Bar

_TOLD = len(_sql.TOLD)


def waits(row: Row, now: float) -> bool:
    """Tell whether it is time to announce a session, and nobody has."""
    told = row.announced or row.superseded or not row.live
    return not told and now >= row.announce_at


def keep_time(file: Connection, row: Row, now: float, room: int) -> Row:
    """Announce a living session if it is time; gives its row as it is then."""
    if not waits(row, now):
        return row
    file.execute(_sql.ANNOUNCE, (row.key,)).fetchall()
    _tell_starts(file, (row,), room)
    return row._replace(announced=1)


def bury(
    file: Connection,
    rows: Sequence[Row],
    now: float,
    room: int,
    cause: Cause = Cause.EXPIRED,
    *,
    remembered: bool = True,
) -> None:
    """End sessions: they leave their table and their places, are counted, and remembered if asked.

    Those whose time is over have ended then, others now.
    """
    totals: dict[tuple[Any, ...], list[Any]] = {}
    last: dict[Any, float] = {}
    ends, told = [], []
    for row in rows:
        at = min(row.expires, now)
        last[row.stream] = max(at, last.get(row.stream, at))
        if not row.live:
            continue
        counts = row.announced or not row.superseded
        numbers = (int(bool(counts)), row.seconds, row.requests, row.down, row.up)
        total = totals.setdefault((row.stream, row.kind, row.protocol), [0, 0.0, 0, 0, 0])
        total[:] = map(sum, zip(total, numbers, strict=True))
        if counts and row.events:
            told.append((not row.announced, cause.value, at, *row[:_TOLD]))
        if remembered and now < at + row.remember:
            ends.append(
                (row.key, cause.value, at, row.started, row.presentation, at + row.remember)
            )
    take_out(file, rows)
    file.executemany(_sql_many.ADD_TOTAL, ((*of, *total) for of, total in totals.items()))
    file.executemany(_sql_many.KEEP_TOTAL, ((at + FORGET_AFTER, of) for of, at in last.items()))
    if ends:
        file.executemany(_sql.PUT_ENDED, ends)
        file.execute(_sql_many.TRIM_ENDED, (room,))
    _tell(file, told, room)


def take_out(file: Connection, rows: Sequence[Row]) -> None:
    """Take sessions out of their table, and out of their places."""
    file.executemany(_sql.DELETE, ((row.key,) for row in rows))
    places = [(p.scope, row.holder, row.key) for row in rows if row.places for p in places_of(row)]
    if places:
        file.executemany(_sql.GIVE_UP, places)


def put_bar(
    file: Connection, mark: bytes, bar: Bar, room: int, *, key: bytes, stream: str | bytes
) -> None:
    """Put a bar over a mark, unless one there lasts as long."""
    row = (mark, bar.cause.value, bar.until, bar.status, bound(bar.reason), key, stream)
    file.execute(_sql.PUT_BAR, row)
    file.execute(_sql_many.TRIM_BARS, (room,))


# --- all that is due -------------------------------------------------------------------------


def is_due(file: Connection, now: float) -> bool:
    """Tell whether anything waits to be looked at."""
    asked = {"now": now, "opened": OPENED_AGAIN}
    return bool(file.execute(_sql_many.IS_DUE, asked).fetchone()[0])


def sweep_some(file: Connection, now: float, limit: int, room: int) -> int:
    """Look at up to ``limit`` rows of each table that are due; answer how many sessions ended."""
    rows = [Row._make(row) for row in file.execute(_sql_many.DUE, (now, limit))]
    over = [row for row in rows if row.expires <= now]
    others = [row for row in rows if row.expires > now]
    file.executemany(_sql_many.PUT_OFF, ({"key": row.key, "now": now} for row in others))
    _tell_starts(file, (row for row in others if waits(row, now)), room)
    if over:
        bury(file, over, now, room)
    about = {"now": now, "limit": limit, "later": now + FORGET_AFTER, "opened": OPENED_AGAIN}
    for statement in _sql_many.FORGET:
        file.execute(statement, about)
    return len(over)


# --- what is told ----------------------------------------------------------------------------


def claim(file: Connection, now: float, limit: int) -> tuple[Told, ...]:
    """Give what is to be told, the oldest first, and forget it; note that somebody is alive."""
    file.execute(_sql_many.BEAT, (now,))
    given = file.execute(_sql_many.GIVE_TOLD, (limit,)).fetchall()
    given.sort()  # by their ids: SQLite gives them in any order
    return tuple(
        Told(living_of(row), bool(begun), cause and Cause(cause), at)
        for _, begun, cause, at, *row in given
    )


def _tell_starts(file: Connection, rows: Iterable[Row], room: int) -> None:
    _tell(file, [(1, None, row.announce_at, *row[:_TOLD]) for row in rows if row.events], room)


def _tell(file: Connection, told: Sequence[tuple[Any, ...]], room: int) -> None:
    if told:
        file.executemany(_sql_many.PUT_TOLD, told)
        file.execute(_sql_many.TRIM_TOLD, (room,))
