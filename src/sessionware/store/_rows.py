"""The SQLite store's rows as answers: what is known of one session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation, State
from sessionware.store import Asked, Bar, Ended, Living, _sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from sqlite3 import Connection

    from sessionware.store import Touch

_EXPIRES = 8
"""Where a row says when it expires."""

_NO_DATA: Mapping[str, str] = {}
_KINDS = {kind.value: kind for kind in Kind}
_PRESENTATIONS: dict[str | None, Presentation | None]
_PRESENTATIONS = {None: None, **{each.value: each for each in Presentation}}


def bound(text: str) -> str | bytes:
    """Give a text as SQLite can keep it: what came as invalid UTF-8 has escapes that it refuses."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass")
    return text


def text_of(kept: str | bytes) -> str:
    """Give a text as it was before it was bound."""
    return kept if isinstance(kept, str) else kept.decode("utf-8", "surrogatepass")


def living_of(
    key: bytes, row: Sequence[Any], *, new: bool = False, renew_cookie: bool = False
) -> Living:
    """Give a row as a living session."""
    kind, stream, ip, protocol, service, params, started, seen, expires, live, requests = row[:11]
    data, presentation, duration, live_seen, previous, user = row[11:17]
    return Living(
        key,
        _KINDS[kind],
        text_of(stream),
        text_of(ip),
        text_of(protocol),
        text_of(service),
        text_of(params),
        started,
        seen,
        expires,
        State.LIVE if live else State.PENDING,
        requests,
        _NO_DATA if data == "{}" else json.loads(data),
        _PRESENTATIONS[presentation],
        duration,
        live_seen,
        text_of(previous),
        text_of(user),
        new=new,
        renew_cookie=renew_cookie,
    )


def touched(file: Connection, command: Touch) -> Living | None:
    """Touch a session; None if it is not living, or a bar stands before it."""
    asked = {
        "key": command.key,
        "mark": command.mark,
        "now": command.now,
        "playing": command.playing,
        "after": command.renew_cookie_after,
    }
    rows = file.execute(_sql.TOUCH, asked).fetchall()
    return living_of(command.key, rows[0], renew_cookie=bool(rows[0][-1])) if rows else None


def taken(file: Connection, command: Touch) -> Asked | None:
    """Take the lease that a touch asks for; gives until when somebody else has it."""
    row = file.execute(_sql.LEASED, (command.key, command.now)).fetchone()
    if row is not None:
        return Asked(row[0])
    file.execute(_sql.TAKE_LEASE, (command.key, command.now + command.lease))
    return None


def bar_over(file: Connection, mark: bytes, now: float) -> Bar | None:
    """Give the bar over a mark, if it still stands."""
    row = file.execute(_sql.BAR, (mark, now)).fetchone()
    if row is None:
        return None
    cause, until, status, reason = row
    return Bar(Cause(cause), until, status, text_of(reason))


def bar_above(file: Connection, marks: Sequence[bytes], now: float) -> Bar | None:
    """Give the first bar over one of several marks."""
    return next(filter(None, (bar_over(file, mark, now) for mark in marks)), None)


def known(
    file: Connection, key: bytes, mark: bytes, above: Sequence[bytes], now: float
) -> Living | Ended | Bar | None:
    """Give what is known of a session, as a touch tells it, and change nothing."""
    bar = bar_over(file, mark, now)
    if bar is not None:
        return bar
    row = file.execute(_sql.KNOWN, (key,)).fetchone()
    if row is not None and now < row[_EXPIRES]:
        return living_of(key, row)
    bar = bar_above(file, above, now)
    if bar is not None:
        return bar
    if row is None:
        ended = file.execute(_sql.ENDED, (key, now)).fetchone()
        if ended is None:
            return None
        cause, at, started, presentation = ended
        return Ended(Cause(cause), at, started, _PRESENTATIONS[presentation])
    living = living_of(key, row)
    # Its time is over, and nobody has found out yet.
    if living.state is State.PENDING or now >= living.expires + row[-1]:
        return None
    return Ended(Cause.EXPIRED, living.expires, living.started, living.presentation)
