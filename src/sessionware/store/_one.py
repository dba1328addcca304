"""Commands of the memory store about one session that is there, and that is no request of its."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.store._table import ANNOUNCED
from sessionware.store.records import MAX_ALSO

if TYPE_CHECKING:
    from sessionware.store import (
        Announce,
        End,
        Finish,
        Learn,
        Leave,
        Living,
        Merge,
        Note,
        Tag,
        Withdraw,
    )
    from sessionware.store._lives import Lives
    from sessionware.store._requests import Requests


class One:
    """Answers each command; who calls has the lock."""

    def __init__(self, lives: Lives, requests: Requests) -> None:
        self._lives = lives
        self._table = lives.table
        self._requests = requests

    def learn(self, command: Learn) -> Living | None:
        """Put down that it plays, and what."""
        row = self._lives.find(command.key, command.now)
        if row is None:
            return None
        announce = self._requests.learn(row, command)
        return self._table.living(command.key, row, announce=announce)

    def leave(self, command: Leave) -> None:
        """Take its places from it while it is pending."""
        row = self._lives.find(command.key, command.now)
        if row is not None:
            self._requests.leave(row)

    def announce(self, command: Announce) -> Living | None:
        """Let it count as started."""
        row = self._lives.find(command.key, command.now)
        if row is None or not self._lives.announce(row):
            return None
        return self._table.living(command.key, row, announce=True)

    def finish(self, command: Finish) -> bool:
        """Put down an answer that has gone out."""
        row = self._lives.find(command.key, command.now)
        if row is not None:
            self._requests.finish(row, command)
        return row is not None

    def note(self, command: Note) -> bool:
        """Remember what else it was seen as."""
        row = self._lives.find(command.key, command.now)
        if row is None:
            return False
        also = dict.fromkeys((*self._table.also.get(row, ()), *command.also))
        if also:
            self._table.also[row] = tuple(also)[:MAX_ALSO]
        return True

    def merge(self, command: Merge) -> bool:
        """Change its data."""
        row = self._lives.find(command.key, command.now)
        if row is not None:
            self._table.merge(row, command.changes)
        return row is not None

    def tag(self, command: Tag) -> Living | None:
        """Change its tags."""
        row = self._lives.find(command.key, command.now)
        if row is None:
            return None
        tags = {*self._table.tags.pop(row, ())} - {*command.remove} | {*command.add}
        if tags:
            self._table.tags[row] = tuple(sorted(tags))
        return self._table.living(command.key, row)

    def withdraw(self, command: Withdraw) -> bool:
        """Undo its beginning."""
        row = self._lives.find(command.key, command.now)
        if row is None or self._table.requests[row] != 1 or self._table.flags[row] & ANNOUNCED:
            return False
        self._lives.withdraw(row, command.now)
        return True

    def end(self, command: End) -> Living | None:
        """End it."""
        row = self._lives.find(command.key, command.now)
        if row is None:
            return None
        living = self._table.living(command.key, row)
        self._lives.end(row, command.now, command.cause, command.bar)
        return living
