"""What the SQLite store says to SQLite about one session, and its tables.

A statement is one text for every call, so that SQLite prepares it once for each connection.
"""
# ruff: noqa: S608 - every part of a statement is written in this module

from __future__ import annotations

from typing import NamedTuple

from sessionware.store.records import SEGMENTS_WINDOW

FORMAT = 2
"""The number of this layout. A file of another one is refused."""

APPLICATION = 0x53574172
"""In the file's header: it is one of ours."""

_BOUNDED = ("session", "ended", "bar")


class Row(NamedTuple):
    """What is read of a session, by the names of the columns; a text may be kept as bytes.

    Up to ``also`` it is what answers tell (``LIVING``).
    """

    key: bytes
    kind: str
    stream: str | bytes
    ip: str | bytes
    protocol: str | bytes
    service: str | bytes
    params: str | bytes
    started: float
    seen: float
    expires: int
    live: int
    requests: int
    data: str
    presentation: str | None
    duration: float | None
    live_seen: float
    previous: str | bytes
    user: str | bytes
    span: float
    segments: int
    seconds: float
    down: int
    up: int
    tags: str
    also: str
    mark: bytes
    remember: float
    events: int
    announced: int
    announce_at: int
    superseded: int
    invalid: int
    returns: int
    held: float | None
    hold: float | None
    lapsed: int
    holder: bytes
    places: str | None


TOLD = Row._fields[: Row._fields.index("also") + 1]
LIVING, ROW = ", ".join(TOLD), ", ".join(Row._fields)

SCHEMA = [
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # What is asked of every session comes first, what may be long comes last. A text that is no
    # valid Unicode is kept as a BLOB. "began": ms, as ids tell it. "expires" and "announce_at":
    # whole seconds. "span": the window. "hold": the smallest of its places, NULL without any.
    # "renews" and "announces" are what the last command did, for its answer.
    """CREATE TABLE session (
        key BLOB PRIMARY KEY, kind TEXT, stream TEXT, live INTEGER, requests INTEGER DEFAULT 1,
        seen REAL, expires INTEGER, due INTEGER, announced INTEGER, announces INTEGER DEFAULT 0,
        superseded INTEGER DEFAULT 0, invalid INTEGER DEFAULT 0, span REAL,
        segments INTEGER DEFAULT 0, seconds REAL DEFAULT 0.0, down INTEGER DEFAULT 0,
        up INTEGER DEFAULT 0, protocol TEXT, timeout REAL, until REAL, deadline REAL,
        held REAL, hold REAL, lapsed INTEGER DEFAULT 0, announce_at INTEGER, started REAL,
        began INTEGER, cookie_set REAL, renews INTEGER DEFAULT 0, remember REAL, returns INTEGER,
        events INTEGER, presentation TEXT, duration REAL, live_seen REAL, mark BLOB, holder BLOB,
        partner BLOB DEFAULT x'', swaps INTEGER DEFAULT 0, since REAL DEFAULT 0.0,
        ip TEXT, service TEXT, previous TEXT, user TEXT, tags TEXT DEFAULT '', also TEXT DEFAULT '',
        places TEXT, params TEXT, data TEXT
    ) WITHOUT ROWID""",
    # When a session must be looked at: to announce it, or to end it. A touch moves "expires" only
    # and so writes to no index; who comes due and has not expired is put off.
    "CREATE INDEX session_due ON session (due)",
    "CREATE INDEX session_began ON session (began)",
    "CREATE INDEX session_stream ON session (stream, began)",
    # The places of sessions that live. One is held until "until" at least, which no touch moves:
    # later it must be looked up. If it was found lost then, it is "lapsed", and "until" is when.
    """CREATE TABLE place (
        scope BLOB, holder BLOB, key BLOB, hold REAL, until REAL, lapsed INTEGER DEFAULT 0,
        PRIMARY KEY (scope, holder, key)
    ) WITHOUT ROWID""",
    "CREATE INDEX place_until ON place (scope, lapsed, until)",
    # How many of a scope are not lapsed.
    "CREATE TABLE scope (name BLOB PRIMARY KEY, kept INTEGER) WITHOUT ROWID",
    *(
        f"""CREATE TRIGGER place_{name} AFTER {event} BEGIN
            INSERT INTO scope VALUES ({of}, {change})
                ON CONFLICT (name) DO UPDATE SET kept = kept + excluded.kept;
            DELETE FROM scope WHERE name = {of} AND kept = 0; END"""
        for name, event, of, change in (
            ("taken", "INSERT ON place", "NEW.scope", "1"),
            ("left", "DELETE ON place WHEN NOT OLD.lapsed", "OLD.scope", "-1"),
            (
                "lapsed",
                "UPDATE OF lapsed ON place WHEN NEW.lapsed <> OLD.lapsed",
                "NEW.scope",
                "OLD.lapsed - NEW.lapsed",
            ),
        )
    ),
    # Which session a client began last.
    "CREATE TABLE opened (client BLOB PRIMARY KEY, key BLOB, holder BLOB, at REAL) WITHOUT ROWID",
    "CREATE INDEX opened_at ON opened (at)",
    """CREATE TABLE ended (
        key BLOB PRIMARY KEY, cause TEXT, at REAL, started REAL, presentation TEXT, until REAL
    ) WITHOUT ROWID""",
    "CREATE INDEX ended_until ON ended (until)",
    f"CREATE TABLE told (id INTEGER PRIMARY KEY, begun INTEGER, cause TEXT, at REAL, {LIVING})",
    """CREATE TABLE bar (
        mark BLOB PRIMARY KEY, cause TEXT, until REAL, status INTEGER, reason TEXT, key BLOB,
        stream TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX bar_until ON bar (until)",
    """CREATE TABLE denial (
        id INTEGER PRIMARY KEY, until REAL, reason TEXT, key BLOB, ip TEXT, user TEXT, stream TEXT,
        holder BLOB
    )""",
    "CREATE TABLE lease (key BLOB PRIMARY KEY, until REAL) WITHOUT ROWID",
    "CREATE INDEX lease_until ON lease (until)",
    # The sessions of a stream, kind and protocol that are over. Those that live are added when
    # somebody counts: so a touch writes one row and no more.
    """CREATE TABLE total (
        stream TEXT, kind TEXT, protocol TEXT, ended INTEGER, seconds REAL, requests INTEGER,
        down INTEGER, up INTEGER, forget REAL DEFAULT 0.0, PRIMARY KEY (stream, kind, protocol)
    ) WITHOUT ROWID""",
    "CREATE INDEX total_forget ON total (forget)",
    # What streams that are forgotten have added up to.
    """CREATE TABLE former (
        kind TEXT, protocol TEXT, ended INTEGER, seconds REAL, requests INTEGER, down INTEGER,
        up INTEGER, PRIMARY KEY (kind, protocol)
    ) WITHOUT ROWID""",
    """CREATE TRIGGER total_forgotten AFTER DELETE ON total BEGIN
        INSERT INTO former VALUES (OLD.kind, OLD.protocol, OLD.ended, OLD.seconds, OLD.requests,
            OLD.down, OLD.up) ON CONFLICT (kind, protocol) DO UPDATE SET
            ended = ended + excluded.ended, seconds = seconds + excluded.seconds,
            requests = requests + excluded.requests, down = down + excluded.down,
            up = up + excluded.up; END""",
    # How many rows there are: to count them takes longer the more there are.
    "CREATE TABLE size (name TEXT PRIMARY KEY, rows INTEGER) WITHOUT ROWID",
    *(f"INSERT INTO size VALUES ('{name}', 0)" for name in _BOUNDED),
    *(
        f"""CREATE TRIGGER {name}_{event} AFTER {event} ON {name} BEGIN
            UPDATE size SET rows = rows {change} 1 WHERE name = '{name}'; END"""
        for name in _BOUNDED
        for event, change in (("INSERT", "+"), ("DELETE", "-"))
    ),
]

META = "SELECT value FROM meta WHERE name = ?"
SET_META = "INSERT INTO meta VALUES (?, ?)"
CHANGED = "SELECT value <> ? FROM meta WHERE name = 'orders'"

_LIVES = "key = :key AND expires > :now"
_UNTOLD = "NOT announced AND NOT superseded"
WAITS = f"live AND {_UNTOLD}"
"""Of a session that is to be announced when it is time."""
_WATCHES = "span > 0 OR segments"
_WINDOW = f"CASE WHEN span > 0 THEN span WHEN segments THEN {SEGMENTS_WINDOW} ELSE 0.0 END"


def expires_at(seen: str, timeout: str = "timeout", until: str = "until") -> str:
    """Give when a session expires: the next full second (CEIL is not in every SQLite)."""
    time = f"min(deadline, max({seen} + {timeout}, {until}))"
    return f"CAST({time} AS INTEGER) + ({time} > CAST({time} AS INTEGER))"


# --- requests --------------------------------------------------------------------------------

_HEARD = f"""
        seconds = CASE WHEN live AND :now > seen
            THEN seconds + min(:now - seen, {_WINDOW}) ELSE seconds END,
        seen = max(seen, :now),
        expires = {expires_at("max(seen, :now)")}"""
_ASKED = f"""UPDATE session SET
        requests = requests + 1, {_HEARD},
        live = live OR :playing,
        superseded = 0,
        segments = segments OR :segments,
        held = CASE WHEN {_WATCHES} OR :segments THEN max(held, :now) ELSE held END,
        announces = NOT announced AND (live OR :playing),
        announced = announced OR live OR :playing,
        renews = :after IS NOT NULL AND (cookie_set IS NULL OR :now - cookie_set >= :after),
        cookie_set = CASE
            WHEN :after IS NOT NULL AND (cookie_set IS NULL OR :now - cookie_set >= :after)
            THEN :now ELSE cookie_set END"""
_AS_IT_IS = f"NOT lapsed AND NOT ({WAITS} AND :now >= announce_at)"

TOUCH = f"""{_ASKED}
    WHERE {_LIVES} AND {_AS_IT_IS}
        AND (hold IS NULL OR (NOT superseded AND :now < held + hold))
        AND NOT (invalid AND :lease > 0)
        AND (:orders IS NULL OR :orders = (SELECT value FROM meta WHERE name = 'orders'))
        AND NOT EXISTS (SELECT 1 FROM bar WHERE mark = :mark AND until > :now)
    RETURNING {LIVING}, renews, announces"""
"""Touches who may simply go on, of whom nothing else is to be written; most requests are this."""

GO_ON = f"{_ASKED} WHERE key = :key RETURNING {LIVING}, renews, announces"

_FINISHED = f"""UPDATE session SET {_HEARD},
        held = CASE WHEN ({_WATCHES}) AND NOT superseded AND :now < held + hold
            THEN max(held, :now) ELSE held END,
        down = down + :down, up = up + :up"""
FINISH = f"{_FINISHED} WHERE {_LIVES} AND {_AS_IT_IS}"
FINISH_SO = f"{_FINISHED} WHERE key = :key"

FOUND = f"SELECT {ROW} FROM session WHERE key = ?"

BEGIN = f"""INSERT INTO session
    (key, kind, stream, live, seen, expires, due, announced, span, protocol, timeout, until,
        deadline, held, hold, announce_at, started, began, cookie_set, remember, returns, events,
        presentation, duration, live_seen, mark, holder, ip, service, previous, user, places,
        params, data)
    VALUES ({", ".join("?" * 34)}) RETURNING {LIVING}"""

DELETE = "DELETE FROM session WHERE key = ?"

# --- what becomes of one -----------------------------------------------------------------------

ANNOUNCE = f"""UPDATE session SET announced = 1 WHERE key = ?
    RETURNING {LIVING}"""
SUPERSEDE = "UPDATE session SET superseded = 1 WHERE key = ?"
SET_DATA = "UPDATE session SET data = ? WHERE key = ?"
SET_TAGS = f"UPDATE session SET tags = ? WHERE key = ? RETURNING {LIVING}"
SET_ALSO = "UPDATE session SET also = ? WHERE key = ?"
CONFIRM = "UPDATE session SET invalid = 0, data = ? WHERE key = ?"

_ANNOUNCES = f"{_UNTOLD} AND (requests > 1 OR :now >= announce_at)"
_LEARNED = f"announces = {_ANNOUNCES}, announced = announced OR ({_ANNOUNCES}), live = 1"
LEARN = f"""UPDATE session SET {_LEARNED},
        due = CASE WHEN announced THEN due ELSE min(due, announce_at) END
    WHERE key = :key RETURNING {LIVING}, announces"""
_WATCHES_THEN = ":span > 0 OR segments"
_WILL_EXPIRE = expires_at("seen", ":timeout", ":until")
LEARN_MORE = f"""UPDATE session SET {_LEARNED},
        presentation = :presentation, duration = :duration,
        timeout = :timeout, until = :until, span = :span, returns = :returns,
        live_seen = CASE WHEN :is_live THEN :now ELSE live_seen END,
        expires = {_WILL_EXPIRE},
        due = CASE WHEN announced THEN {_WILL_EXPIRE}
            ELSE min(announce_at, {_WILL_EXPIRE}) END,
        held = CASE
            WHEN ({_WATCHES}) AND NOT ({_WATCHES_THEN}) AND held IS NOT NULL THEN started
            WHEN NOT ({_WATCHES}) AND ({_WATCHES_THEN}) AND NOT superseded AND :now < held + hold
            THEN max(held, :now) ELSE held END
    WHERE key = :key RETURNING {LIVING}, announces"""

# --- bars, leases, ends ------------------------------------------------------------------------

BAR = "SELECT cause, until, status, reason FROM bar WHERE mark = ? AND until > ?"
PUT_BAR = """INSERT INTO bar VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) DO UPDATE SET
    cause = excluded.cause, until = excluded.until, status = excluded.status,
    reason = excluded.reason, key = excluded.key, stream = excluded.stream
    WHERE excluded.until > bar.until"""
LEASED = "SELECT until FROM lease WHERE key = ? AND until > ?"
TAKE_LEASE = """INSERT INTO lease VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET until = excluded.until"""
GIVE_BACK = "DELETE FROM lease WHERE key = ?"
ENDED = "SELECT cause, at, started, presentation FROM ended WHERE key = ? AND until > ?"
PUT_ENDED = """INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    cause = excluded.cause, at = excluded.at, started = excluded.started,
    presentation = excluded.presentation, until = excluded.until"""
FORGET_ENDED = "DELETE FROM ended WHERE key = ?"

# --- places ------------------------------------------------------------------------------------

OPENED = "SELECT key FROM opened WHERE client = ? AND holder <> ? AND ? - at < ?"
PUT_OPENED = """INSERT INTO opened VALUES (?, ?, ?, ?) ON CONFLICT (client) DO UPDATE SET
    key = excluded.key, holder = excluded.holder, at = excluded.at"""

_HELD_UNTIL = """(SELECT CASE WHEN superseded OR held IS NULL THEN 0.0
        ELSE min(held + place.hold, expires) END FROM session WHERE session.key = place.key)"""
PUT_PLACE = "INSERT INTO place (scope, holder, key, hold, until) VALUES (?, ?, ?, ?, ?)"
GIVE_UP = "DELETE FROM place WHERE scope = ? AND holder = ? AND key = ?"
SETTLE = f"""UPDATE place SET lapsed = 0, until = {_HELD_UNTIL}
    WHERE scope = ? AND holder = ? AND key = ?"""
SETTLED = "UPDATE session SET lapsed = 0 WHERE key = ?"
_UNSURE = "scope = :scope AND lapsed = 0 AND until <= :now"
LOOK_UP = f"UPDATE place SET until = {_HELD_UNTIL} WHERE {_UNSURE}"
LAPSE = [
    f"UPDATE session SET lapsed = 1 WHERE key IN (SELECT key FROM place WHERE {_UNSURE})",
    f"UPDATE place SET lapsed = 1 WHERE {_UNSURE}",
]
TAKEN = """SELECT ifnull((SELECT kept FROM scope WHERE name = :scope), 0)
    + (SELECT count(*) FROM place WHERE scope = :scope AND lapsed = 1 AND until > :now)"""
_RIVALS = """SELECT key, holder, started, seen, partner, swaps, since
    FROM session WHERE key IN (SELECT key FROM place WHERE scope = ? AND until > ?"""
RIVALS, OWN = f"{_RIVALS} AND lapsed IN (0, 1))", f"{_RIVALS} AND holder = ?)"

TAKE_PLACES = "UPDATE session SET held = ? WHERE key = ?"
SET_SWAP = "UPDATE session SET partner = ?, swaps = ?, since = ? WHERE key = ?"
