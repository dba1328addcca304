"""The SQLite store's rows as values, and what is read of one session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation, State
from sessionware.store import Asked, Bar, Ended, Living, Place, _sql
from sessionware.store._sql import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from sqlite3 import Connection

_NO_DATA: Mapping[str, str] = {}
_KINDS = {kind.value: kind for kind in Kind}
_PRESENTATIONS: dict[str | None, Presentation | None]
_PRESENTATIONS = {None: None, **{each.value: each for each in Presentation}}

# --- texts -----------------------------------------------------------------------------------


def bound(text: str) -> str | bytes:
    """Give a text as SQLite can keep it: what came as invalid UTF-8 has escapes that it refuses."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return text.encode("utf-8", "surrogatepass")
    return text


def bound_or_none(text: str | None) -> str | bytes | None:
    """Give a text, if there is one, as SQLite can keep it."""
    return None if text is None else bound(text)


def text_of(kept: str | bytes) -> str:
    """Give a text as it was before it was bound."""
    return kept if isinstance(kept, str) else kept.decode("utf-8", "surrogatepass")


def text_or_none(kept: str | bytes | None) -> str | None:
    """Give a text, if there is one, as it was before it was bound."""
    return None if kept is None else text_of(kept)


def lines(texts: Iterable[str]) -> str:
    """Give texts as one, each a line of JSON between line breaks, so that one can be looked for."""
    return "".join(["\n", *(f"{json.dumps(text)}\n" for text in texts)])


def texts_of(kept: str) -> tuple[str, ...]:
    """Give the texts of lines."""
    return tuple(json.loads(line) for line in kept.split("\n") if line) if kept else ()


def packed(places: Iterable[Place]) -> str | None:
    """Give places as SQLite keeps them; None for none."""
    parts = [
        (place.name, place.scope.hex(), place.limit, place.hold, place.evict) for place in places
    ]
    return json.dumps(parts) if parts else None


def places_of(row: Row) -> list[Place]:
    """Give the places that a session needs."""
    return [
        Place(name, bytes.fromhex(scope), *rest)
        for name, scope, *rest in json.loads(row.places or "[]")
    ]


# --- sessions --------------------------------------------------------------------------------


def living_of(
    row: Sequence[Any], *, new: bool = False, renew_cookie: bool = False, announce: bool = False
) -> Living:
    """Give a row, as far as it is told of, as a living session."""
    key, kind, stream, ip, protocol, service, params, started, seen, expires, live = row[:11]
    requests, data, presentation, duration, live_seen, previous, user = row[11:18]
    span, segments, seconds, down, up, tags, also = row[18:25]
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
        new,
        renew_cookie,
        span,
        segments == 1,
        seconds,
        down,
        up,
        texts_of(tags),
        texts_of(also),
        announce,
    )


def found(file: Connection, key: bytes) -> Row | None:
    """Read a session, even one whose time is over."""
    row = file.execute(_sql.FOUND, (key,)).fetchone()
    return None if row is None else Row._make(row)


def is_outside(row: Row, now: float) -> bool:
    """Tell whether a session needs places and has not all of them."""
    if row.hold is None:
        return False
    return bool(row.superseded) or row.held is None or now >= row.held + row.hold


# --- what keeps a request out ----------------------------------------------------------------


def has_changed(file: Connection, orders: int | None) -> bool:
    """Tell whether other orders hold than somebody knows; None: it does not care."""
    return orders is not None and bool(file.execute(_sql.CHANGED, (orders,)).fetchone()[0])


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


def lease_taken(file: Connection, key: bytes, now: float, seconds: float) -> Asked | None:
    """Take the lease of a key; where somebody else has it, gives until when."""
    row = file.execute(_sql.LEASED, (key, now)).fetchone()
    if row is not None:
        return Asked(row[0])
    file.execute(_sql.TAKE_LEASE, (key, now + seconds))
    return None


def end_of(file: Connection, key: bytes, row: Row | None, now: float) -> Ended | None:
    """Give how a session ended that doesn't live; its row is there if nobody has found out yet."""
    if row is None:
        ended = file.execute(_sql.ENDED, (key, now)).fetchone()
        if ended is None:
            return None
        cause, at, started, presentation = ended
        return Ended(Cause(cause), at, started, _PRESENTATIONS[presentation])
    if not row.live or now >= row.expires + row.remember:
        return None
    return Ended(Cause.EXPIRED, row.expires, row.started, _PRESENTATIONS[row.presentation])
