"""The store of the processes of one machine: a file of SQLite's.

Every command is one transaction. Before it, a touch or a beginning pays for a few sessions that
are due; a count, a list or a claim has all that is due done first, some at a time, so that others
get their turn.
"""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.store import (
    Allow,
    Announce,
    Begin,
    Claim,
    Command,
    Count,
    Decline,
    End,
    Enter,
    Finish,
    Get,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Merge,
    Meta,
    Note,
    Order,
    Postpone,
    Streams,
    Sweep,
    Tag,
    Touch,
    Withdraw,
    _sql_change,
    _sql_life,
    _sql_many,
    _sql_survey,
)
from sessionware.store._database import Database
from sessionware.store._expiry import claim, is_due, sweep_some
from sessionware.store._transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection as File

A = TypeVar("A")

SWEPT_BY_A_TOUCH = 32
"""How many due sessions a request looks at: it begins one at most, so expiry keeps pace."""

CHUNK = 500
"""How many sessions are looked at before other processes get their turn."""

TURN = 0.005
"""For so many seconds then: who waits for SQLite's lock sleeps, and must find it free."""


class SqliteStore:
    """Keeps the sessions of the processes of one machine in a file; safe under threads and forks.

    The file is made by the first command if it is not there; its folder must be. ``max_sessions``
    bounds it as it does a memory store. ``timeout``: for so many seconds a command waits for
    others before it fails.
    """

    blocking = True
    shared = True

    def __init__(
        self, path: str | os.PathLike[str], *, max_sessions: int = 1_000_000, timeout: float = 5.0
    ) -> None:
        self.max_sessions = max_sessions
        # Absolute: a server may change its folder before the first command.
        self._database = Database(os.path.abspath(path), timeout)  # noqa: PTH100 - a text, for SQLite
        self._swept: int | None = None  # the second in which nothing that is due was left
        self._writes: dict[type, Callable[[File, Any], Any]] = {
            Touch: self._touch,
            Begin: self._begin,
            Enter: self._bounded(_sql_life.enter),
            Decline: self._bounded(_sql_life.decline),
            Withdraw: self._bounded(_sql_life.withdraw),
            End: self._bounded(_sql_life.end),
            Learn: self._bounded(_sql_change.learn),
            Leave: self._bounded(_sql_change.leave),
            Announce: self._bounded(_sql_change.announce),
            Finish: self._bounded(_sql_change.finish),
            Note: self._bounded(_sql_change.note),
            Merge: self._bounded(_sql_change.merge),
            Tag: self._bounded(_sql_change.tag),
            Invalidate: _sql_survey.invalidate,
            Order: _sql_survey.order,
            Allow: _sql_survey.allow,
            Postpone: _sql_survey.postpone,
        }
        self._others: dict[type, Callable[[File, Any], Any]] = {
            Sweep: self._sweep,
            Claim: self._claim,
            Get: self._bounded(_sql_change.get),
            Meta: _sql_survey.meta,
            Count: self._swept_before(_sql_survey.count),
            Streams: self._swept_before(_sql_survey.streams),
            Listing: self._swept_before(_sql_survey.listing),
        }

    def execute(self, command: Command[A]) -> A:
        """Answer a command; TypeError for one that this store doesn't know."""
        work = self._writes.get(type(command))
        if work is not None:
            return cast("A", self._database.run(work, command, writes=True))
        work = self._others.get(type(command))
        if work is None:
            raise TypeError(f"SqliteStore knows no command {type(command).__name__}")
        return cast("A", self._database.run(work, command, writes=False))

    def close(self) -> None:
        """Close the connections of this process; the sessions stay in the file."""
        self._database.close()

    def _bounded(self, work: Callable[[File, Any, int], Any]) -> Callable[[File, Any], Any]:
        return lambda file, command: work(file, command, self.max_sessions)

    def _swept_before(self, work: Callable[[File, Any], Any]) -> Callable[[File, Any], Any]:
        def swept(file: File, command: Any) -> Any:
            self._sweep_all(file, command.now)
            return work(file, command)

        return swept

    # --- requests ----------------------------------------------------------------------------

    def _touch(self, file: File, command: Touch) -> Any:
        self._tidy(file, command.now)
        return _sql_life.touch(file, command, self.max_sessions)

    def _begin(self, file: File, command: Begin) -> Any:
        self._tidy(file, command.now)
        return _sql_life.begin(file, command, self.max_sessions, self._has_room)

    def _has_room(self, file: File, now: float) -> bool:
        while file.execute(_sql_many.ROOM).fetchone()[0] >= self.max_sessions:
            if not is_due(file, now):
                return False
            sweep_some(file, now, CHUNK, self.max_sessions)
        return True

    # --- what is due -------------------------------------------------------------------------

    def _tidy(self, file: File, now: float) -> None:
        """Pay for a few that are due, unless nothing was left to do in this second."""
        if self._swept == int(now):
            return
        if is_due(file, now):
            with Transaction(file):
                sweep_some(file, now, SWEPT_BY_A_TOUCH, self.max_sessions)
            if is_due(file, now):
                return
        self._swept = int(now)

    def _sweep(self, file: File, command: Sweep) -> int:
        with Transaction(file):
            file.execute(_sql_many.DROP_DENIALS, (command.now,))
        return self._sweep_all(file, command.now, command.limit)

    def _claim(self, file: File, command: Claim) -> Any:
        for _ in self._in_turns(file, command.now):
            ((waiting,),) = file.execute(_sql_many.WAITING, (command.limit,))
            if waiting >= command.limit:
                break
        with Transaction(file):
            return claim(file, command.now, command.limit)

    def _sweep_all(self, file: File, now: float, limit: float = math.inf) -> int:
        """End up to ``limit`` sessions whose time is over; answer how many."""
        return sum(self._in_turns(file, now, limit))

    def _in_turns(self, file: File, now: float, limit: float = math.inf) -> Iterator[int]:
        """Look at what is due, some at a time; give how many sessions ended each time."""
        more = is_due(file, now)
        while more and limit > 0:
            with Transaction(file):
                ended = sweep_some(file, now, int(min(CHUNK, limit)), self.max_sessions)
            more = is_due(file, now)
            if more:
                time.sleep(TURN)
            limit -= ended
            yield ended
