"""A transaction of SQLite's as a ``with`` block."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Connection
    from types import TracebackType


class Transaction:
    """A ``with`` block that is carried out as a whole; who runs it rolls back what fails.

    ``IMMEDIATE`` is for what reads and then writes, ``DEFERRED`` for what only reads.
    """

    __slots__ = ("_begin", "_connection")

    def __init__(self, connection: Connection, mode: str = "IMMEDIATE") -> None:
        self._connection = connection
        self._begin = f"BEGIN {mode}"

    def __enter__(self) -> None:
        self._connection.execute(self._begin)

    def __exit__(
        self, kind: type[BaseException] | None, _: object, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
