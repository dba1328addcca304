"""How a connection to the SQLite store's file is opened, and what is said when it can't be used."""

from __future__ import annotations

import os
import sqlite3
import time

from sessionware.errors import StoreError
from sessionware.store import _sql
from sessionware.store._transaction import Transaction

OLDEST = (3, 35)
"""The first SQLite that knows RETURNING."""

_WHY = {
    sqlite3.SQLITE_BUSY: (
        "somebody else held it locked for too long",
        "see whether a process hangs, a backup perhaps, or raise timeout",
    ),
    sqlite3.SQLITE_FULL: ("its disk is full", "make room there"),
    sqlite3.SQLITE_READONLY: (
        "it may not be written",
        "let this process's user write the file and its folder",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "it is damaged",
        "stop all that use it and move it away: a new one is made, and every session begins anew",
    ),
    sqlite3.SQLITE_NOTADB: ("it is no SQLite database", "name another file, or move this one away"),
    sqlite3.SQLITE_IOERR: ("its disk fails", "see the system's log, and that the disk is local"),
}
_WHY[sqlite3.SQLITE_PROTOCOL] = _WHY[sqlite3.SQLITE_BUSY]


def connect(path: str, timeout: float) -> sqlite3.Connection:
    """Open a connection; make the file if it is not there. StoreError: it is not ours."""
    if sqlite3.sqlite_version_info < OLDEST:
        cure = "use a Python that is built with a newer one"
        raise _error(path, f"SQLite {sqlite3.sqlite_version} is older than 3.35", cure)
    connection = sqlite3.connect(
        path,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,  # close() may be called from anywhere; a lock guards it
    )
    try:
        _prepare(connection, path, timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str, timeout: float) -> None:
    is_new = _is_new(connection, path)
    if _wal_mode(connection, timeout) != "wal":
        raise _error(path, "its file system can't do WAL", "put it on a local disk")
    # A loss of power may take the last moments, but harms no file.
    connection.execute("PRAGMA synchronous = NORMAL")
    if is_new:
        with Transaction(connection):
            if _is_new(connection, path):  # else another process was quicker
                _make(connection)
    (known,) = connection.execute(_sql.META, ("format",)).fetchone()
    if known > _sql.FORMAT:
        what = f"a newer sessionware made it: its format is {known}, this one knows {_sql.FORMAT}"
        raise _error(path, what, "upgrade this one, or name another file")
    if known < _sql.FORMAT:
        what = f"an older sessionware made it: its format is {known}, this one knows {_sql.FORMAT}"
        cure = "stop all that use it and move it away: every session begins anew"
        raise _error(path, what, cure)


def _is_new(connection: sqlite3.Connection, path: str) -> bool:
    # In this order: another process may make it at this moment, and does both at once.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == _sql.APPLICATION:
        return False
    if application or tables:
        raise _error(path, "it is a database of another program", "name another file")
    return True


def _wal_mode(connection: sqlite3.Connection, timeout: float) -> str:
    """Ask for WAL and give what the file has then."""
    until = time.monotonic() + timeout
    while True:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            # This one does not wait by itself while another process does the same.
            if code_of(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return str(mode)


def _make(connection: sqlite3.Connection) -> None:
    for statement in _sql.SCHEMA:
        connection.execute(statement)
    about = {
        "format": _sql.FORMAT,
        "created": time.time(),
        "idkey": os.urandom(32),
        "orders": 0,
        "heartbeat": 0.0,
        "postponed": None,
    }
    connection.executemany(_sql.SET_META, about.items())
    connection.execute(f"PRAGMA application_id = {_sql.APPLICATION}")


# --- errors ----------------------------------------------------------------------------------


def code_of(error: sqlite3.Error) -> int:
    """Give SQLite's primary code; 0 where Python itself complains."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def explained(error: sqlite3.Error, path: str) -> StoreError:
    """Give an error of SQLite's as one that says what, where, and what to do."""
    what, cure = _WHY.get(code_of(error)) or _why_not_open(path)
    return _error(path, f"{what} (SQLite: {error})", cure)


def too_busy(path: str) -> StoreError:
    """Give the error for who has waited too long."""
    return _error(path, *_WHY[sqlite3.SQLITE_BUSY])


def _why_not_open(path: str) -> tuple[str, str]:
    folder = os.path.dirname(path)  # noqa: PTH120 - a text, for a message
    if not os.path.isdir(folder):  # noqa: PTH112 - paths are texts here, for SQLite
        return f"there is no folder {folder}", "make it, or name another file"
    if os.path.isdir(path):  # noqa: PTH112 - as above
        return "it is a folder", "name a file"
    return "it can't be used", "let this process's user read and write the file and its folder"


def _error(path: str, what: str, cure: str) -> StoreError:
    return StoreError(f"{path}: {what}; {cure}")
