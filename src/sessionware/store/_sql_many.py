"""What the SQLite store says to SQLite about many sessions, or about the file itself.

A statement is one text for every call with the same conditions.
"""
# ruff: noqa: S608 - every part of a statement is written in this module, or in that of one session

from __future__ import annotations

from sessionware.store._sql import LIVING, ROW, WAITS, expires_at
from sessionware.store.records import SEGMENTS_WINDOW

# --- what is due -----------------------------------------------------------------------------

IS_DUE = """SELECT EXISTS (SELECT 1 FROM session WHERE due <= :now)
    OR EXISTS (SELECT 1 FROM ended WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM bar WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM lease WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM opened WHERE at <= :now - :opened)
    OR EXISTS (SELECT 1 FROM total WHERE forget <= :now)"""
DUE = f"SELECT {ROW} FROM session WHERE due <= ? ORDER BY due LIMIT ?"
PUT_OFF = f"""UPDATE session SET
        due = CASE WHEN {WAITS} AND announce_at > :now THEN min(announce_at, expires)
            ELSE expires END,
        announced = announced OR ({WAITS} AND announce_at <= :now)
    WHERE key = :key"""
"""Announces who waits for it long enough, and finds out when to look again."""

ROOM = "SELECT rows FROM size WHERE name = 'session'"
TRIM_ENDED, TRIM_BARS = (
    f"""DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} ORDER BY until
        LIMIT (SELECT max(rows - ?, 0) FROM size WHERE name = '{table}'))"""
    for table, key in (("ended", "key"), ("bar", "mark"))
)
"""Of too many, those go that would be forgotten first."""

_OF_ANY = "(SELECT 1 FROM session WHERE session.stream = total.stream)"
_SOME_TOTALS = """forget <= :now AND
    stream IN (SELECT stream FROM total WHERE forget <= :now ORDER BY forget LIMIT :limit)"""
FORGET = [
    *(
        f"""DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table}
            WHERE {passed} ORDER BY {when} LIMIT :limit)"""
        for table, key, when, passed in (
            ("ended", "key", "until", "until <= :now"),
            ("bar", "mark", "until", "until <= :now"),
            ("lease", "key", "until", "until <= :now"),
            ("opened", "client", "at", "at <= :now - :opened"),
        )
    ),
    # A stream that lives is asked again later, or each sweep would ask all of them.
    f"UPDATE total SET forget = :later WHERE {_SOME_TOTALS} AND EXISTS {_OF_ANY}",
    f"DELETE FROM total WHERE {_SOME_TOTALS} AND NOT EXISTS {_OF_ANY}",
]
"""Drops of each table up to ``limit`` rows whose time has passed."""

# --- what is told ----------------------------------------------------------------------------

PUT_TOLD = f"""INSERT INTO told (begun, cause, at, {LIVING})
    VALUES ({", ".join("?" * (3 + len(LIVING.split(","))))})"""
TRIM_TOLD = "DELETE FROM told WHERE id <= (SELECT max(id) FROM told) - ?"
"""Of too many, the oldest go: there are no gaps, for only the oldest ever go."""
WAITING = "SELECT count(*) FROM (SELECT 1 FROM told LIMIT ?)"
GIVE_TOLD = f"""DELETE FROM told WHERE id IN (SELECT id FROM told ORDER BY id LIMIT ?)
    RETURNING id, begun, cause, at, {LIVING}"""
BEAT = "UPDATE meta SET value = max(value, ?) WHERE name = 'heartbeat'"

# --- numbers ---------------------------------------------------------------------------------

ADD_TOTAL = """INSERT INTO total (stream, kind, protocol, ended, seconds, requests, down, up)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (stream, kind, protocol) DO UPDATE SET
    ended = ended + excluded.ended, seconds = seconds + excluded.seconds,
    requests = requests + excluded.requests, down = down + excluded.down, up = up + excluded.up"""
KEEP_TOTAL = "UPDATE total SET forget = max(forget, ?) WHERE stream = ?"
FORGET_STREAM = f"""DELETE FROM total
    WHERE stream = ? AND forget <= ? AND NOT EXISTS {_OF_ANY}"""

_NUMBERS = "watching", "quiet", "sessions", "started", "ended", "seconds", "requests", "down", "up"


def counts(*, stream: bool, kind: bool, protocol: bool, each: bool) -> str:
    """Give the statement that adds up, in one snapshot, a stream or all, or each by its name."""
    where = "kind = :kind" if kind else "kind <> 'unspecified'"
    if protocol:
        where += " AND protocol = :protocol"
    sums = "ended, ended, seconds, requests, down, up"
    former = f"UNION ALL SELECT '', 0, 0, 0, {sums} FROM former WHERE {where}"
    if stream:
        where += " AND stream = :stream"
    # Who watches is found by looking at each session asked about, and there is no index for it:
    # every touch would move it. Measured (CPU time; SQLite 3.40, 20,000 and 200,000 sessions): an
    # index with all that is asked makes a touch cost 41 and 48 us instead of 32 and 38; a count of
    # all takes 8 and 87 ms with it, 10 and 97 without; of a stream with half of them 5 and 49 ms
    # with it, 13 and 282 without. Touches come by the thousand for each count.
    name, group = ("stream", "GROUP BY stream HAVING sum(requests) > 0") if each else ("''", "")
    numbers = ", ".join(f"ifnull(sum({number}), 0)" for number in _NUMBERS)
    viewer, ago = "kind = 'viewer' AND NOT superseded", ":second - CAST(seen AS INTEGER)"
    return f"""SELECT {name}, {numbers} FROM (
            SELECT stream, {viewer} AND CASE WHEN span > 0 THEN {ago} < span + 1
                    ELSE segments AND {ago} < {SEGMENTS_WINDOW} + 1 END AS watching,
                {viewer} AND NOT (span > 0 OR segments) AS quiet,
                1 AS sessions, announced AS started, 0 AS ended, seconds, requests, down, up
                FROM session WHERE live AND {where}
            UNION ALL SELECT stream, 0, 0, 0, {sums} FROM total WHERE {where}
            {"" if stream or each else former}
        ) {group}"""


# --- lists, and orders -------------------------------------------------------------------------

_BELOW = """(stream = :stream OR (stream > :below AND stream < :beyond)
    OR (stream > :below_bytes AND stream < :beyond_bytes))"""
"""Of a stream and those below it, whether their names are kept as texts or as bytes."""


def listing(  # what it is limited to
    *, stream: bool, below: bool, pending: bool, after: bool, equal: tuple[str, ...], tag: bool
) -> str:
    """Give the statement that lists sessions; ``equal`` names columns that are compared."""
    conditions = [f"{column} = :{column}" for column in equal]
    if "user" in equal:
        conditions.append("user <> ''")
    if stream:
        conditions.append(_BELOW if below else "stream = :stream")
    if not pending:
        conditions.append("live")
    if tag:
        conditions.append("instr(tags, :tag)")
    if after:
        conditions.append("(began, key) > (:began, :after)")
    return f"""SELECT {LIVING} FROM session WHERE {" AND ".join(conditions) or "1"}
        ORDER BY began, key LIMIT :limit"""


def invalidate(*, key: bool, stream: bool) -> tuple[str, str]:
    """Give the statements that mark sessions, and forget denials."""
    those = "key = :key" if key else _BELOW if stream else "1"
    return (
        f"""UPDATE session SET invalid = 1
            WHERE {those} AND expires > :now AND kind <> 'unspecified'""",
        f"DELETE FROM bar WHERE {those} AND until > :now AND cause = 'denied'",
    )


PUT_DENIAL = """INSERT INTO denial (until, reason, key, ip, user, stream, holder)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
TAKE_DENIAL = """DELETE FROM denial
    WHERE key IS ? AND ip IS ? AND user IS ? AND stream IS ? AND holder IS ?"""
DROP_DENIALS = "DELETE FROM denial WHERE until <= ?"
DENIALS = "SELECT until, reason, key, ip, user, stream, holder FROM denial ORDER BY id"
NEW_ORDERS = "UPDATE meta SET value = value + 1 WHERE name = 'orders' RETURNING value"
ALL_META = "SELECT name, value FROM meta"

POSTPONED = "SELECT value FROM meta WHERE name = 'postponed'"
SET_POSTPONED = "UPDATE meta SET value = ? WHERE name = 'postponed'"
_UNTIL = "(max(seen + timeout, until) + :gap)"
POSTPONE = f"""UPDATE session SET
        until = {_UNTIL}, expires = {expires_at("seen", until=_UNTIL)}
    WHERE expires > :since"""
