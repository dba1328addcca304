"""A file of SQLite's, and the connections of this process to it.

Each thread has a connection of its own, opened by its first command. It is closed when its thread
ends. None is open while the process forks: to SQLite the locks of the parent would seem held in
the child too, and what the child wrote could be lost when the parent closes its own (tried; see
sqlite.org/howtocorrupt.html, 2.6). A fork that Python was not told of, as C code can do it, is
known by its pid: the child then lets its parent's connections alone, and never closes them.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from typing import TYPE_CHECKING, TypeVar

from sessionware.store._opening import code_of, connect, explained, too_busy

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")
A = TypeVar("A")

_HARMLESS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_FULL}
"""After these a connection is as good as before."""


class _Held:
    """The connection of one thread; locked while a command runs."""

    __slots__ = ("connection", "lock")

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.lock = threading.Lock()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class _Leash:
    """Stands among a thread's own values and goes with them: then its connection is closed."""

    __slots__ = ("_process", "held")

    def __init__(self, process: _Process, held: _Held) -> None:
        self._process = process
        self.held = held

    def __del__(self) -> None:
        self._process.let_go(self.held)


class _Process:
    """What belongs to one process."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.writing = threading.Lock()
        """Threads that write wait here: SQLite would have them sleep and try again."""
        self._lock = threading.Lock()
        self._held: set[_Held] = set()
        self._paused: list[_Held] = []
        self._own = threading.local()

    def held(self) -> _Held:
        """Give what this thread holds."""
        try:
            leash: _Leash = self._own.leash
        except AttributeError:
            held = _Held()
            with self._lock:
                self._held.add(held)
            leash = self._own.leash = _Leash(self, held)
        return leash.held

    def let_go(self, held: _Held) -> None:
        """Close what a thread held that has ended."""
        if self.pid == os.getpid():
            self._held.discard(held)
            held.close()

    def close(self) -> None:
        """Close each connection after the command that uses it."""
        for held in tuple(self._held):
            with held.lock:
                held.close()

    def pause(self) -> None:
        """Close all, and let nobody open another."""
        self._lock.acquire()
        self._paused = list(self._held)
        for held in self._paused:
            held.lock.acquire()
            held.close()

    def resume(self) -> None:
        """Let everybody go on."""
        for held in self._paused:
            held.lock.release()
        self._lock.release()


class Database:
    """One file; commands run on the connection of whoever gives them."""

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self._process = _Process()
        _databases.add(self)

    def run(self, work: Callable[[sqlite3.Connection, C], A], command: C, *, writes: bool) -> A:
        """Do a piece of work; one that fails has changed nothing. StoreError: SQLite could not."""
        process = self._process
        if process.pid != os.getpid():
            process = self._renew()
        held = process.held()
        with held.lock:
            if writes and not process.writing.acquire(timeout=self.timeout):
                raise too_busy(self.path)
            try:
                if held.connection is None:
                    held.connection = connect(self.path, self.timeout)
                return work(held.connection, command)
            except BaseException as error:
                self._recover(held, error)
                if isinstance(error, sqlite3.Error):
                    raise explained(error, self.path) from error
                raise
            finally:
                if writes:
                    process.writing.release()

    def close(self) -> None:
        """Close the connections of this process; the next command opens one again."""
        if self._process.pid == os.getpid():
            self._process.close()

    def pause(self) -> None:
        """Make ready for a fork."""
        self._process.pause()

    def resume(self) -> None:
        """Go on after a fork, as the parent."""
        self._process.resume()

    def _renew(self) -> _Process:
        """Begin anew in a child."""
        _abandoned.append(self._process)
        self._process = _Process()
        return self._process

    def _recover(self, held: _Held, error: BaseException) -> None:
        """Leave no transaction open; after what may have to do with the file, open it anew."""
        if held.connection is None:
            return
        try:
            if held.connection.in_transaction:
                held.connection.rollback()
        except sqlite3.Error:
            held.close()
        if isinstance(error, sqlite3.Error) and code_of(error) not in _HARMLESS:
            held.close()


# --- forks -----------------------------------------------------------------------------------

_databases: weakref.WeakSet[Database] = weakref.WeakSet()
_forking = threading.Lock()
_paused: list[Database] = []
_abandoned: list[_Process] = []
"""What belongs to a child's parent. It is kept, for to drop a connection is to close it."""


def _before_fork() -> None:
    _forking.acquire()
    _paused[:] = _databases
    for database in _paused:
        database.pause()


def _after_in_parent() -> None:
    for database in _paused:
        database.resume()
    _paused.clear()
    _forking.release()


def _after_in_child() -> None:
    _paused.clear()  # the locks they wait at are their parent's; each finds out by its pid
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child
    )
