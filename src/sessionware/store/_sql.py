"""What the SQLite store says to SQLite: its tables and its statements.

A statement is one text for every call, so that SQLite prepares it once for each connection.
"""
# ruff: noqa: S608 - every part of a statement is written in this module

from __future__ import annotations

FORMAT = 1
"""The number of this layout. A file of a higher one is refused."""

APPLICATION = 0x53574172
"""In the file's header: it is one of ours."""

_BOUNDED = ("session", "ended", "bar")

SCHEMA = [
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # What is asked of every session comes first, what may be long comes last. A text that is no
    # valid Unicode is kept as a BLOB. "began": ms, as ids tell it. "expires": whole seconds.
    """CREATE TABLE session (
        key BLOB PRIMARY KEY, kind TEXT, stream TEXT, live INTEGER, requests INTEGER, seen REAL,
        expires INTEGER, due INTEGER, timeout REAL, until REAL, deadline REAL, started REAL,
        began INTEGER, cookie_set REAL, renews INTEGER DEFAULT 0, remember REAL,
        presentation TEXT, duration REAL, live_seen REAL DEFAULT 0.0,
        mark BLOB, ip TEXT, protocol TEXT, service TEXT, previous TEXT, user TEXT, params TEXT,
        data TEXT
    ) WITHOUT ROWID""",
    # When a session must be looked at. A touch moves "expires" only and so writes to no index;
    # who comes due and has not expired is put off.
    "CREATE INDEX session_due ON session (due)",
    "CREATE INDEX session_began ON session (began)",
    "CREATE INDEX session_stream ON session (stream, began)",
    """CREATE TABLE ended (
        key BLOB PRIMARY KEY, cause TEXT, at REAL, started REAL, presentation TEXT, until REAL
    ) WITHOUT ROWID""",
    "CREATE INDEX ended_until ON ended (until)",
    """CREATE TABLE bar (
        mark BLOB PRIMARY KEY, cause TEXT, until REAL, status INTEGER, reason TEXT
    ) WITHOUT ROWID""",
    "CREATE INDEX bar_until ON bar (until)",
    "CREATE TABLE lease (key BLOB PRIMARY KEY, until REAL) WITHOUT ROWID",
    "CREATE INDEX lease_until ON lease (until)",
    # The sessions of a stream and kind that are over, pending ones only by their requests.
    # Those that live are added when somebody counts: so a touch writes one row and no more.
    """CREATE TABLE total (
        stream TEXT, kind TEXT, ended INTEGER, requests INTEGER, forget REAL DEFAULT 0.0,
        PRIMARY KEY (stream, kind)
    ) WITHOUT ROWID""",
    "CREATE INDEX total_forget ON total (forget)",
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

LIVING = """kind, stream, ip, protocol, service, params, started, seen, expires, live, requests,
    data, presentation, duration, live_seen, previous, user"""
FINISHED = "key, kind, stream, mark, live, requests, started, expires, remember, presentation"

_LIVES = "key = :key AND expires > :now"


def _expires(seen: str, timeout: str = "timeout", until: str = "until") -> str:
    """Give when a session expires: the next full second (CEIL is not in every SQLite)."""
    time = f"min(deadline, max({seen} + {timeout}, {until}))"
    return f"CAST({time} AS INTEGER) + ({time} > CAST({time} AS INTEGER))"


TOUCH = f"""UPDATE session SET
        requests = requests + 1,
        seen = max(seen, :now),
        expires = {_expires("max(seen, :now)")},
        live = live OR :playing,
        renews = :after IS NOT NULL AND (cookie_set IS NULL OR :now - cookie_set >= :after),
        cookie_set = CASE
            WHEN :after IS NOT NULL AND (cookie_set IS NULL OR :now - cookie_set >= :after)
            THEN :now ELSE cookie_set END
    WHERE {_LIVES} AND NOT EXISTS (SELECT 1 FROM bar WHERE mark = :mark AND until > :now)
    RETURNING {LIVING}, renews"""

BEGIN = f"""INSERT INTO session
    (key, kind, stream, live, requests, seen, expires, due, timeout, until, deadline, started,
        began, cookie_set, remember, presentation, duration, live_seen, mark, ip, protocol,
        service, previous, user, params, data)
    VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    RETURNING {LIVING}"""

LEARN = f"UPDATE session SET live = 1 WHERE {_LIVES}"
LEARN_MORE = f"""UPDATE session SET
        live = 1, presentation = :presentation, duration = :duration,
        timeout = :timeout, until = :until,
        live_seen = CASE WHEN :is_live THEN :now ELSE live_seen END,
        expires = {_expires("seen", ":timeout", ":until")},
        due = {_expires("seen", ":timeout", ":until")}
    WHERE {_LIVES}"""

GET = f"SELECT {LIVING} FROM session WHERE {_LIVES}"
KNOWN = f"SELECT {LIVING}, remember FROM session WHERE key = ?"
DATA = f"SELECT data FROM session WHERE {_LIVES}"
SET_DATA = "UPDATE session SET data = ? WHERE key = ?"

WITHDRAW = f"DELETE FROM session WHERE {_LIVES} AND requests = 1"
END = f"DELETE FROM session WHERE {_LIVES} RETURNING {FINISHED}"
EXPIRE = f"""DELETE FROM session WHERE key = :key AND expires <= :now
    RETURNING {FINISHED}"""

BAR = "SELECT cause, until, status, reason FROM bar WHERE mark = ? AND until > ?"
PUT_BAR = """INSERT INTO bar VALUES (?, ?, ?, ?, ?) ON CONFLICT (mark) DO UPDATE SET
    cause = excluded.cause, until = excluded.until, status = excluded.status,
    reason = excluded.reason WHERE excluded.until > bar.until"""
LEASED = "SELECT until FROM lease WHERE key = ? AND until > ?"
TAKE_LEASE = """INSERT INTO lease VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET until = excluded.until"""
GIVE_BACK = "DELETE FROM lease WHERE key = ?"
ENDED = "SELECT cause, at, started, presentation FROM ended WHERE key = ? AND until > ?"
PUT_ENDED = """INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    cause = excluded.cause, at = excluded.at, started = excluded.started,
    presentation = excluded.presentation, until = excluded.until"""
FORGET_ENDED = "DELETE FROM ended WHERE key = ?"

ROOM = "SELECT rows FROM size WHERE name = 'session'"
TRIM_ENDED, TRIM_BARS = (
    f"""DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} ORDER BY until
        LIMIT (SELECT max(rows - ?, 0) FROM size WHERE name = '{table}'))"""
    for table, key in (("ended", "key"), ("bar", "mark"))
)
"""Of too many, those go that would be forgotten first."""

ADD_TOTAL = """INSERT INTO total (stream, kind, ended, requests) VALUES (?, ?, ?, ?)
    ON CONFLICT (stream, kind) DO UPDATE SET
    ended = ended + excluded.ended, requests = requests + excluded.requests"""
KEEP_TOTAL = "UPDATE total SET forget = max(forget, ?) WHERE stream = ?"
_OF_ANY = "(SELECT 1 FROM session WHERE session.stream = total.stream)"
FORGET_STREAM = f"""DELETE FROM total
    WHERE stream = ? AND forget <= ? AND NOT EXISTS {_OF_ANY}"""
_SOME_TOTALS = """forget <= :now AND
    stream IN (SELECT stream FROM total WHERE forget <= :now ORDER BY forget LIMIT :limit)"""

IS_DUE = """SELECT EXISTS (SELECT 1 FROM session WHERE due <= :now)
    OR EXISTS (SELECT 1 FROM ended WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM bar WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM lease WHERE until <= :now)
    OR EXISTS (SELECT 1 FROM total WHERE forget <= :now)"""
DUE = f"SELECT {FINISHED} FROM session WHERE due <= ? ORDER BY due LIMIT ?"
DELETE = "DELETE FROM session WHERE key = ?"
PUT_OFF = "UPDATE session SET due = expires WHERE key = ?"
FORGET = [
    *(
        f"""DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table}
            WHERE until <= :now ORDER BY until LIMIT :limit)"""
        for table, key in (("ended", "key"), ("bar", "mark"), ("lease", "key"))
    ),
    # A stream that lives is asked again later, or each sweep would ask all of them.
    f"UPDATE total SET forget = :later WHERE {_SOME_TOTALS} AND EXISTS {_OF_ANY}",
    f"DELETE FROM total WHERE {_SOME_TOTALS} AND NOT EXISTS {_OF_ANY}",
]
"""Drops of each table up to ``limit`` rows whose time has passed."""


def listing(  # what it is limited to
    *, stream: bool, below: bool, kind: bool, user: bool, ip: bool, pending: bool, after: bool
) -> str:
    """Give the statement that lists sessions, by what it is limited to."""
    of_stream = "stream = :stream"
    if below:  # "0" comes behind "/": all that begins with the name and a slash lies between
        of_stream = "(stream = :stream OR (stream > :stream || '/' AND stream < :stream || '0'))"
    where = " AND ".join(
        condition
        for condition, is_wanted in (
            ("live", not pending),
            (of_stream, stream),
            ("kind = :kind", kind),
            ("user = :user AND user <> ''", user),
            ("ip = :ip", ip),
            ("(began, key) > (:began, :key)", after),
        )
        if is_wanted
    )
    return f"""SELECT key, {LIVING} FROM session WHERE {where or "1"}
        ORDER BY began, key LIMIT :limit"""


def counts(*, stream: bool, kind: bool, each: bool) -> str:
    """Give the statement that adds up, in one snapshot, a stream or all, or each by its name."""
    where = "kind = :kind" if kind else "kind <> 'unspecified'"
    if stream:
        where += " AND stream = :stream"
    # Who watches is found by looking at each session asked about, and there is no index for it:
    # every touch would move it. Measured (CPU time; SQLite 3.40, 20,000 and 200,000 sessions): an
    # index with all that is asked makes a touch cost 39 and 47 us instead of 23 and 32; a count of
    # all takes 4 and 34 ms with it, 5 and 47 without; of a stream with half of them 2 and 19 ms
    # with it, 10 and 223 without. Touches come by the thousand for each count.
    name, group = ("stream", "GROUP BY stream") if each else ("''", "")
    sums = ", ".join(f"ifnull(sum({n}), 0)" for n in ("watches", "live", "ended", "requests"))
    return f"""SELECT {name}, {sums} FROM (
            SELECT stream, live, 0 AS ended, requests,
                live AND kind = 'viewer' AND seen >= :since AND seen < :next AS watches
                FROM session WHERE {where}
            UNION ALL SELECT stream, 0, ended, requests, 0 FROM total WHERE {where}
        ) {group}"""
