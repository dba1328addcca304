"""Time is the store's: commands are corrected by how far a server's clock is from ours (SPEC 9)."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sessionware.clock import steady
from sessionware.store.records import Bar, Opening
from sessionware.store.surveys import Denial

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sessionware.store.commands import Command

TOLERANCE = 0.25
"""Seconds: clocks that differ less are taken for the same, so that times don't jump about."""

AGAIN = 60.0
"""Seconds after which the server is asked again what time it is."""

_TIMES = {"now", "since", "deadline", "until", "cookie_set"}
_INSIDE = (Opening, Bar, Denial)


class Offset:
    """How far the server's clock is ahead of ours, in seconds."""

    def __init__(self) -> None:
        self.seconds: float = 0.0
        self._due = 0.0

    def is_due(self, now: float) -> bool:
        """Tell whether the server shall be asked for its time; one who asks is told yes."""
        if now < self._due:
            return False
        self._due = now + AGAIN
        return True

    def forget(self) -> None:
        """Have the server asked anew: it may be another one."""
        self._due = 0.0

    def learn(self, before: float, said: Any, after: float) -> None:
        """Take note of what the server said, and when it was asked and answered by our clock.

        The nodes of a cluster may all have answered: then one of them counts.
        """
        seconds, micros = next(iter(said.values())) if isinstance(said, dict) else said
        measured = seconds + micros / 1e6 - (before + after) / 2
        if abs(measured - self.seconds) > TOLERANCE + (after - before) / 2:
            self.seconds = measured if abs(measured) > TOLERANCE else 0.0

    def corrected(self, command: Command[Any]) -> Command[Any]:
        """Give a command with its times by the server's clock."""
        return _moved(command, self.seconds) if self.seconds else command


def _moved(value: Any, seconds: float) -> Any:
    changes: dict[str, Any] = {}
    for name in _times_of(cast("Hashable", type(value))):
        time = getattr(value, name)
        if is_dataclass(time):
            changes[name] = _moved(time, seconds)
        elif time:  # None and 0.0 are no times
            changes[name] = time + seconds
    return replace(value, **changes) if changes else value


@cache
def _times_of(kind: Any) -> tuple[str, ...]:
    """Give the names of the fields that are times, or that hold some."""
    holders = {"opening", "bar", "denial"}
    names = [field.name for field in fields(kind)]
    return tuple(name for name in names if name in _TIMES or name in holders)


def time_now() -> float:
    """Give the time of day by the clock that workers go by."""
    return steady()
