"""What a store has told of starts and ends, however it was told: no order, folded or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.testing.steps import plain

if TYPE_CHECKING:
    from sessionware.store import Living, Told


class Ledger:
    """Takes down what is told of each life; fails where it is told twice, or the end first."""

    def __init__(self) -> None:
        self.starts: dict[tuple[bytes, float], str] = {}
        self.ends: dict[tuple[bytes, float], Any] = {}

    def announced(self, living: Living) -> None:
        """A command answered that it made the session count as started."""
        self._start(living, "a command")

    def claimed(self, told: Told) -> None:
        name = told.living.key, told.living.started
        if told.started:
            self._start(told.living, "a claim")
        if told.cause is not None:
            assert name not in self.ends, f"ended twice: {told}"
            self.ends[name] = told.cause, told.at, plain(told.living)

    def _start(self, living: Living, by: str) -> None:
        name = living.key, living.started
        assert name not in self.starts, f"told by {self.starts[name]} and by {by}: {living}"
        assert name not in self.ends, f"started after its end: {living}"
        self.starts[name] = by

    def claims(self) -> tuple[set[tuple[bytes, float]], dict[tuple[bytes, float], Any]]:
        """All that was claimed, to be compared with what another store gave."""
        return {name for name, by in self.starts.items() if by == "a claim"}, self.ends
