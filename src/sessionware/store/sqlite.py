"""The store of the processes of one machine: a file of SQLite's.

Every command is one transaction. Before it, a touch or a beginning pays for a few expiries; a
count or a list has all that is due end first, some at a time, so that others get their turn.
"""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.identity import milliseconds
from sessionware.session import Presentation
from sessionware.store import (
    Asked,
    Bar,
    Begin,
    Command,
    Count,
    Counts,
    Decline,
    End,
    Full,
    Get,
    Learn,
    Listing,
    Merge,
    Meta,
    MetaInfo,
    Streams,
    Sweep,
    Touch,
    Withdraw,
    _sql,
)
from sessionware.store._database import Database
from sessionware.store._expiry import MARK, bury, is_due, put_bar, sweep_some
from sessionware.store._rows import (
    bar_above,
    bar_over,
    bound,
    known,
    living_of,
    taken,
    text_of,
    touched,
)
from sessionware.store._transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection as File

    from sessionware.store import Ended, Living

A = TypeVar("A")

SWEPT_BY_A_TOUCH = 32
"""How many due sessions a request looks at: it begins one at most, so expiry keeps pace."""

CHUNK = 1000
"""How many sessions are looked at before other processes get their turn."""


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
            Learn: self._learn,
            Merge: self._merge,
            Withdraw: self._withdraw,
            End: self._end,
            Decline: self._decline,
        }
        self._others: dict[type, Callable[[File, Any], Any]] = {
            Sweep: lambda file, command: self._sweep(file, command.now, command.limit),
            Get: self._get,
            Meta: self._meta,
            Count: self._count,
            Streams: self._streams,
            Listing: self._list,
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

    # --- one session -------------------------------------------------------------------------

    def _touch(self, file: File, command: Touch) -> Living | Ended | Bar | Asked | None:
        self._tidy(file, command.now)
        living = touched(file, command)
        if living is not None:
            return living
        with Transaction(file):  # it may begin in this very moment
            living = touched(file, command)
            if living is not None:
                return living
            found = known(file, command.key, command.mark, command.above, command.now)
            if command.lease and not isinstance(found, Bar):
                return taken(file, command) or found
            return found

    def _begin(self, file: File, command: Begin) -> Living | Bar | Full:
        key, now, opening = command.key, command.now, command.opening
        self._tidy(file, now)
        with Transaction(file):
            file.execute(_sql.GIVE_BACK, (key,))
            bar = bar_over(file, opening.mark, now)
            if bar is not None:
                return bar
            joined = touched(file, Touch(key, opening.mark, now, opening.playing))
            if joined is not None:
                return joined
            bar = bar_above(file, opening.above, now)
            if bar is not None:
                return bar
            over = file.execute(_sql.EXPIRE, {"key": key, "now": now}).fetchall()
            bury(file, over, now, self.max_sessions)
            if not self._has_room(file, now):
                return Full()
            stream = bound(opening.stream)
            file.execute(_sql.FORGET_ENDED, (key,))
            file.execute(_sql.FORGET_STREAM, (stream, now))
            due = math.ceil(min(opening.deadline, max(now + opening.timeout, opening.until)))
            presentation = opening.presentation
            is_live = presentation is Presentation.LIVE
            row = (
                key, opening.kind.value, stream, opening.playing, now, due, due,
                opening.timeout, opening.until, opening.deadline, now, milliseconds(now),
                opening.cookie_set, opening.remember, presentation and presentation.value,
                opening.duration, is_live * now, opening.mark, bound(opening.ip),
                bound(opening.protocol), bound(opening.service), bound(opening.previous),
                bound(opening.user), bound(opening.params), json.dumps(dict(command.data)),
            )  # fmt: skip
            (begun,) = file.execute(_sql.BEGIN, row).fetchall()
        return living_of(key, begun, new=True)

    def _decline(self, file: File, command: Decline) -> None:
        with Transaction(file):
            file.execute(_sql.GIVE_BACK, (command.key,))
            if command.bar is not None and command.bar.until > command.now:
                put_bar(file, command.mark, command.bar, self.max_sessions)

    def _learn(self, file: File, command: Learn) -> bool:
        about: dict[str, Any] = {"key": command.key, "now": command.now}
        if command.presentation is None:
            return file.execute(_sql.LEARN, about).rowcount > 0
        about |= {
            "presentation": command.presentation.value,
            "duration": command.duration,
            "timeout": command.timeout,
            "until": command.until,
            "is_live": command.presentation is Presentation.LIVE,
        }
        return file.execute(_sql.LEARN_MORE, about).rowcount > 0

    def _merge(self, file: File, command: Merge) -> bool:
        with Transaction(file):
            found = file.execute(_sql.DATA, {"key": command.key, "now": command.now}).fetchone()
            if found is None:
                return False
            data = json.loads(found[0]) | command.changes
            kept = {name: text for name, text in data.items() if text is not None}
            file.execute(_sql.SET_DATA, (json.dumps(kept), command.key))
            return True

    def _withdraw(self, file: File, command: Withdraw) -> bool:
        only = {"key": command.key, "now": command.now}
        return file.execute(_sql.WITHDRAW, only).rowcount > 0

    def _end(self, file: File, command: End) -> bool:
        with Transaction(file):
            rows = file.execute(_sql.END, {"key": command.key, "now": command.now}).fetchall()
            if not rows:
                return False
            bar = command.bar
            cause = command.cause if bar is None else None
            bury(file, rows, command.now, self.max_sessions, cause)
            if bar is not None and bar.until > command.now:
                put_bar(file, rows[0][MARK], bar, self.max_sessions)
            return True

    def _get(self, file: File, command: Get) -> Living | Ended | Bar | None:
        if command.mark is not None:
            with Transaction(file, "DEFERRED"):  # it is read from several tables
                return known(file, command.key, command.mark, command.above, command.now)
        row = file.execute(_sql.GET, {"key": command.key, "now": command.now}).fetchone()
        return None if row is None else living_of(command.key, row)

    # --- many --------------------------------------------------------------------------------

    def _meta(self, file: File, _: Meta) -> MetaInfo:
        return MetaInfo(file.execute(_sql.META, ("idkey",)).fetchone()[0])

    def _count(self, file: File, command: Count) -> Counts:
        ((_, counts),) = self._counted(file, command, each=False)
        return counts

    def _streams(self, file: File, command: Streams) -> dict[str, Counts]:
        every = Count(command.now, command.window)
        return dict(self._counted(file, every, each=True))

    def _counted(self, file: File, command: Count, *, each: bool) -> list[tuple[str, Counts]]:
        self._sweep(file, command.now)
        stream, kind, second = command.stream, command.kind, int(command.now)
        asked = {
            "stream": None if stream is None else bound(stream),
            "kind": kind and kind.value,
            "since": second - math.ceil(command.window),
            "next": second + 1,
        }
        statement = _sql.counts(stream=stream is not None, kind=kind is not None, each=each)
        return [
            (text_of(name), Counts(watching, sessions, sessions + ended, ended, requests))
            for name, watching, sessions, ended, requests in file.execute(statement, asked)
        ]

    def _list(self, file: File, command: Listing) -> tuple[Living, ...]:
        self._sweep(file, command.now)
        stream, kind, after = command.stream, command.kind, command.after
        user, ip = command.user, command.ip
        began, key = after or (0, b"")
        asked = {
            "stream": None if stream is None else bound(stream),
            "kind": kind and kind.value,
            "user": None if user is None else bound(user),
            "ip": ip,
            "began": began,
            "key": key,
            "limit": command.limit,
        }
        statement = _sql.listing(
            stream=stream is not None,
            below=command.below,
            pending=command.pending,
            kind=kind is not None,
            user=user is not None,
            ip=ip is not None,
            after=after is not None,
        )
        return tuple(living_of(key, row) for key, *row in file.execute(statement, asked))

    # --- what is due -------------------------------------------------------------------------

    def _tidy(self, file: File, now: float) -> None:
        """Pay for a few expiries, unless nothing was left to do in this second."""
        if self._swept == int(now):
            return
        if is_due(file, now):
            with Transaction(file):
                sweep_some(file, now, SWEPT_BY_A_TOUCH, self.max_sessions)
            if is_due(file, now):
                return
        self._swept = int(now)

    def _sweep(self, file: File, now: float, limit: float = math.inf) -> int:
        """End sessions whose time is over, some at a time; answer how many."""
        ended = 0
        while ended < limit and is_due(file, now):
            with Transaction(file):
                ended += sweep_some(file, now, int(min(CHUNK, limit - ended)), self.max_sessions)
        return ended

    def _has_room(self, file: File, now: float) -> bool:
        while file.execute(_sql.ROOM).fetchone()[0] >= self.max_sessions:
            if not is_due(file, now):
                return False
            sweep_some(file, now, CHUNK, self.max_sessions)
        return True
