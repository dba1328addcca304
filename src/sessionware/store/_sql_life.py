"""How sessions begin, are asked for, and end, in the SQLite store."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from sessionware.identity import milliseconds
from sessionware.limits import Rival
from sessionware.session import Presentation
from sessionware.store import (
    Asked,
    Bar,
    Begin,
    Changed,
    Crowded,
    Decline,
    End,
    Ended,
    Enter,
    Full,
    Living,
    Outside,
    Touch,
    Withdraw,
    _sql,
    _sql_many,
)
from sessionware.store._expiry import bury, keep_time, put_bar, take_out, waits
from sessionware.store._rows import (
    bar_above,
    bar_over,
    bound,
    end_of,
    found,
    has_changed,
    is_outside,
    lease_taken,
    living_of,
    packed,
    places_of,
)
from sessionware.store._sql_seats import give_way, judged, settle
from sessionware.store._tally import FORGET_AFTER
from sessionware.store._transaction import Transaction
from sessionware.store.records import ANNOUNCED_AFTER, OPENED_AGAIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection as File

    from sessionware.store._sql import Row

    Met = Living | Outside | Ended | Bar | Asked | Changed | None


# --- requests --------------------------------------------------------------------------------


def touch(file: File, command: Touch, room: int) -> Met:
    """Answer a touch: by one statement, if the session may simply go on."""
    now = command.now
    about = _about(command, command.orders, command.lease)
    rows = file.execute(_sql.TOUCH, about).fetchall()
    if rows:
        return _answer(rows)
    with Transaction(file):
        if has_changed(file, command.orders):
            return Changed()
        bar = bar_over(file, command.mark, now)
        if bar is not None:
            return bar
        row = found(file, command.key)
        if row is None or row.expires <= now:
            return _nobody(file, command, row)
        if row.invalid and command.lease:
            row = keep_time(file, row, now, room)
            taken = lease_taken(file, command.key, now, command.lease)
            return taken or Outside(living_of(row), invalid=True)
        return _go_on(file, row, about, room)


def _nobody(file: File, command: Touch, row: Row | None) -> Ended | Bar | Asked | None:
    bar = bar_above(file, command.above, command.now)
    if bar is not None:
        return bar
    if command.lease:
        taken = lease_taken(file, command.key, command.now, command.lease)
        if taken is not None:
            return taken
    return end_of(file, command.key, row, command.now)


def _go_on(file: File, row: Row, about: dict[str, Any], room: int) -> Living | Outside:
    """Touch a session of which more is to be written than that, if it is not outside."""
    row = keep_time(file, row, about["now"], room)
    if is_outside(row, about["now"]):
        return Outside(living_of(row))
    if row.lapsed:
        settle(file, row)
    return _answer(file.execute(_sql.GO_ON, about).fetchall())


def enter(file: File, command: Enter, room: int) -> Living | Bar | Crowded | Changed | None:
    """Judge a session that is outside, and touch it if it may go on."""
    key, now = command.key, command.now
    with Transaction(file):
        if command.confirmed:
            file.execute(_sql.GIVE_BACK, (key,))
        if has_changed(file, command.orders):
            return Changed()
        bar = bar_over(file, command.mark, now)
        if bar is not None:
            return bar
        row = found(file, key)
        if row is None or row.expires <= now:
            return None
        row = keep_time(file, row, now, room)
        held = None if row.superseded else row.held
        places = [p for p in places_of(row) if held is None or now >= held + p.hold]
        verdict = judged(file, Rival(key, row.holder, row.started, row.seen), places, now)
        if isinstance(verdict, Crowded):
            return verdict
        give_way(file, verdict, now, room)
        if command.confirmed:
            data = json.dumps(json.loads(row.data) | dict(command.data))
            file.execute(_sql.CONFIRM, (data, key))
        if row.hold is not None:
            file.execute(_sql.TAKE_PLACES, (now, key))
        answer = _answer(file.execute(_sql.GO_ON, _about(command)).fetchall())
        settle(file, row)
        return answer


def _about(command: Touch | Enter, orders: int | None = None, lease: float = 0.0) -> dict[str, Any]:
    return {
        "key": command.key,
        "mark": command.mark,
        "now": command.now,
        "playing": command.playing,
        "after": command.renew_cookie_after,
        "segments": command.segments,
        "orders": orders,
        "lease": lease,
    }


def _answer(rows: list[Any]) -> Living:
    (row,) = rows
    return living_of(row, renew_cookie=bool(row[-2]), announce=bool(row[-1]))


# --- beginnings ------------------------------------------------------------------------------


def begin(
    file: File, command: Begin, room: int, has_room: Callable[[File, float], bool]
) -> Living | Outside | Bar | Crowded | Full | Changed:
    """Begin a session, or join it."""
    key, now, opening = command.key, command.now, command.opening
    with Transaction(file):
        file.execute(_sql.GIVE_BACK, (key,))
        if has_changed(file, command.orders):
            return Changed()
        bar = bar_over(file, opening.mark, now)
        if bar is not None:
            return bar
        row = found(file, key)
        if row is not None and row.expires > now:
            return _go_on(file, row, _about(Touch(key, opening.mark, now, opening.playing)), room)
        bar = bar_above(file, opening.above, now)
        if bar is not None:
            return bar
        if row is not None:
            bury(file, (row,), now, room)
        if not has_room(file, now):
            return Full()
        if opening.client:
            _supersede(file, command)
        if not opening.places:
            return _begun(file, command)
        newcomer = Rival(key, opening.holder, now, now)
        verdict = judged(file, newcomer, opening.places, now)
        if isinstance(verdict, Crowded):
            return verdict
        begun = _begun(file, command)
        give_way(file, verdict, now, room)
        return begun


def _supersede(file: File, command: Begin) -> None:
    """Set aside what the same client began a moment ago, if it should have asked again."""
    now, opening = command.now, command.opening
    asked = (opening.client, opening.holder, now, OPENED_AGAIN)
    for (key,) in file.execute(_sql.OPENED, asked).fetchall():
        row = found(file, key)
        if (
            row is not None
            and row.expires > now
            and row.live
            and not (row.announced or row.superseded or waits(row, now))
            and row.requests == 1
            and row.returns
        ):
            file.execute(_sql.SUPERSEDE, (key,))
            settle(file, row)


def _begun(file: File, command: Begin) -> Living:
    key, now, opening = command.key, command.now, command.opening
    stream = bound(opening.stream)
    file.execute(_sql.FORGET_ENDED, (key,))
    file.execute(_sql_many.FORGET_STREAM, (stream, now))
    expires = math.ceil(min(opening.deadline, max(now + opening.timeout, opening.until)))
    announce_at = math.ceil(now + ANNOUNCED_AFTER)
    waits_for_that = opening.playing and not opening.announced
    due = min(expires, announce_at) if waits_for_that else expires
    presentation = opening.presentation
    duration = None if presentation is None else opening.duration
    live_seen = now if presentation is Presentation.LIVE else 0.0
    places = opening.places
    hold = min((place.hold for place in places), default=None)
    held = None if hold is None else now
    row = (
        key, opening.kind.value, stream, opening.playing, now, expires, due, opening.announced,
        opening.window, bound(opening.protocol), opening.timeout, opening.until, opening.deadline,
        held, hold, announce_at, now, milliseconds(now), opening.cookie_set, opening.remember,
        opening.returns, opening.events, presentation and presentation.value, duration,
        live_seen, opening.mark, opening.holder, bound(opening.ip), bound(opening.service),
        bound(opening.previous), bound(opening.user), packed(places), bound(opening.params),
        json.dumps(dict(command.data)),
    )  # fmt: skip
    (begun,) = file.execute(_sql.BEGIN, row).fetchall()
    for scope, longest in {p.scope: p.hold for p in places}.items():
        until = min(now + longest, expires)
        file.execute(_sql.PUT_PLACE, (scope, opening.holder, key, longest, until))
    if opening.client:
        file.execute(_sql.PUT_OPENED, (opening.client, key, opening.holder, now))
    return living_of(begun, new=True, announce=opening.announced)


def decline(file: File, command: Decline, room: int) -> None:
    """Give the lease back, and put up the bar if there is one."""
    key, bar = command.key, command.bar
    with Transaction(file):
        file.execute(_sql.GIVE_BACK, (key,))
        if bar is not None and bar.until > command.now:
            put_bar(file, command.mark, bar, room, key=key, stream=bound(command.stream))


def withdraw(file: File, command: Withdraw, room: int) -> bool:
    """Take a session out as if it had never been."""
    now = command.now
    with Transaction(file):
        row = found(file, command.key)
        if row is None or row.expires <= now:
            return False
        row = keep_time(file, row, now, room)
        if row.requests > 1 or row.announced:
            return False
        take_out(file, (row,))
        file.execute(_sql_many.KEEP_TOTAL, (now + FORGET_AFTER, row.stream))
        return True


# --- ends ------------------------------------------------------------------------------------


def end(file: File, command: End, room: int) -> Living | None:
    """End a session, and put up the bar if there is one."""
    now, bar = command.now, command.bar
    with Transaction(file):
        row = found(file, command.key)
        if row is None or row.expires <= now:
            return None
        bury(file, (row,), now, room, command.cause, remembered=bar is None)
        if bar is not None and bar.until > now:
            put_bar(file, row.mark, bar, room, key=row.key, stream=row.stream)
        return living_of(row)
