"""How sessions end in the SQLite store, one or many: what is counted of them and remembered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sessionware.session import Cause
from sessionware.store import _sql
from sessionware.store._rows import bound
from sessionware.store._tally import FORGET_AFTER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sqlite3 import Connection

    from sessionware.store import Bar

MARK, _EXPIRES = (_sql.FINISHED.split(", ").index(name) for name in ("mark", "expires"))


def bury(
    file: Connection,
    rows: Sequence[tuple[Any, ...]],
    now: float,
    room: int,
    cause: Cause | None = Cause.EXPIRED,
) -> None:
    """Count sessions that were taken out of their table, and remember how they ended.

    Those whose time is over have ended then, others now; without a cause nothing is remembered.
    """
    ended: Counter[tuple[Any, str]] = Counter()
    requests: Counter[tuple[Any, str]] = Counter()
    last: dict[Any, float] = {}
    remembered = []
    for key, kind, stream, _, live, asked, started, expires, remember, presentation in rows:
        at = min(expires, now)
        ended[stream, kind] += live
        requests[stream, kind] += asked
        last[stream] = max(at, last.get(stream, at))
        if cause is not None and live and now < at + remember:
            remembered.append((key, cause.value, at, started, presentation, at + remember))
    totals = [(*of, ended[of], number) for of, number in requests.items()]
    file.executemany(_sql.ADD_TOTAL, totals)
    file.executemany(_sql.KEEP_TOTAL, ((at + FORGET_AFTER, of) for of, at in last.items()))
    if remembered:
        file.executemany(_sql.PUT_ENDED, remembered)
        file.execute(_sql.TRIM_ENDED, (room,))


def put_bar(file: Connection, mark: bytes, bar: Bar, room: int) -> None:
    """Put a bar over a mark, unless one there lasts as long."""
    row = (mark, bar.cause.value, bar.until, bar.status, bound(bar.reason))
    file.execute(_sql.PUT_BAR, row)
    file.execute(_sql.TRIM_BARS, (room,))


def is_due(file: Connection, now: float) -> bool:
    """Tell whether anything waits to be looked at."""
    return bool(file.execute(_sql.IS_DUE, {"now": now}).fetchone()[0])


def sweep_some(file: Connection, now: float, limit: int, room: int) -> int:
    """Look at up to ``limit`` rows of each table that are due; answer how many sessions ended."""
    rows = file.execute(_sql.DUE, (now, limit)).fetchall()
    over = [row for row in rows if row[_EXPIRES] <= now]
    others = [row for row in rows if row[_EXPIRES] > now]
    file.executemany(_sql.DELETE, ((row[0],) for row in over))
    file.executemany(_sql.PUT_OFF, ((row[0],) for row in others))
    bury(file, over, now, room)
    about = {"now": now, "limit": limit, "later": now + FORGET_AFTER}
    for statement in _sql.FORGET:
        file.execute(statement, about)
    return len(over)
