"""What becomes of a session between its requests, in the SQLite store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionware.session import Presentation
from sessionware.store import (
    Announce,
    Bar,
    Changed,
    Ended,
    Finish,
    Get,
    Learn,
    Leave,
    Living,
    Merge,
    Note,
    Tag,
    _sql,
)
from sessionware.store._expiry import keep_time, waits
from sessionware.store._rows import (
    bar_above,
    bar_over,
    end_of,
    found,
    has_changed,
    lines,
    living_of,
    texts_of,
)
from sessionware.store._sql_seats import lose, settle
from sessionware.store._transaction import Transaction
from sessionware.store.records import MAX_ALSO

if TYPE_CHECKING:
    from sqlite3 import Connection as File

    from sessionware.store._sql import Row


def _living(file: File, key: bytes, now: float, room: int) -> Row | None:
    """Read a session that lives, and announce it if it is time."""
    row = found(file, key)
    if row is None or row.expires <= now:
        return None
    return keep_time(file, row, now, room)


def learn(file: File, command: Learn, room: int) -> Living | None:
    """Put down that a session plays, and perhaps what."""
    key, now, presentation = command.key, command.now, command.presentation
    with Transaction(file):
        row = _living(file, key, now, room)
        if row is None:
            return None
        about: dict[str, Any] = {"key": key, "now": now}
        if presentation is None:
            (learned,) = file.execute(_sql.LEARN, about).fetchall()
        else:
            about |= {
                "presentation": presentation.value,
                "duration": command.duration,
                "timeout": command.timeout,
                "until": command.until,
                "span": command.window,
                "returns": command.returns,
                "is_live": presentation is Presentation.LIVE,
            }
            (learned,) = file.execute(_sql.LEARN_MORE, about).fetchall()
            settle(file, row)
        return living_of(learned, announce=bool(learned[-1]))


def leave(file: File, command: Leave, room: int) -> None:
    """Take the places of a session that is pending."""
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is not None and not row.live:
            lose(file, row)


def announce(file: File, command: Announce, room: int) -> Living | None:
    """Let a session count as started, unless it does."""
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is None or not row.live or row.superseded or row.announced:
            return None
        (announced,) = file.execute(_sql.ANNOUNCE, (command.key,)).fetchall()
        return living_of(announced, announce=True)


def finish(file: File, command: Finish, room: int) -> bool:
    """Put down that an answer has gone out: by one statement, if nothing else is to be written."""
    about = {
        "key": command.key,
        "now": command.now,
        "down": command.bytes_down,
        "up": command.bytes_up,
    }
    if file.execute(_sql.FINISH, about).rowcount:
        return True
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is None:
            return False
        file.execute(_sql.FINISH_SO, about)
        settle(file, row)
        return True


def note(file: File, command: Note, room: int) -> bool:
    """Remember more of what a session was seen as."""
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is None:
            return False
        also = tuple(dict.fromkeys(texts_of(row.also) + command.also))[:MAX_ALSO]
        file.execute(_sql.SET_ALSO, (lines(also), command.key))
        return True


def merge(file: File, command: Merge, room: int) -> bool:
    """Merge changes into a session's data."""
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is None:
            return False
        data = json.loads(row.data) | dict(command.changes)
        kept = {name: text for name, text in data.items() if text is not None}
        file.execute(_sql.SET_DATA, (json.dumps(kept), command.key))
        return True


def tag(file: File, command: Tag, room: int) -> Living | None:
    """Change a session's tags."""
    with Transaction(file):
        row = _living(file, command.key, command.now, room)
        if row is None:
            return None
        tags = set(texts_of(row.tags)).difference(command.remove).union(command.add)
        (tagged,) = file.execute(_sql.SET_TAGS, (lines(sorted(tags)), command.key)).fetchall()
        return living_of(tagged)


def get(file: File, command: Get, room: int) -> Living | Ended | Bar | Changed | None:
    """Read a session; if it was time to announce it, that is done."""
    key, now, mark = command.key, command.now, command.mark
    with Transaction(file, "DEFERRED"):  # it is read from several tables
        if has_changed(file, command.orders):
            return Changed()
        bar = None if mark is None else bar_over(file, mark, now)
        if bar is not None:
            return bar
        row = found(file, key)
        if row is None or row.expires <= now:
            if mark is None:
                return None
            return bar_above(file, command.above, now) or end_of(file, key, row, now)
    if waits(row, now):
        with Transaction(file):
            _living(file, key, now, room)
    return living_of(row)
