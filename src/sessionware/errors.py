"""The errors that sessionware raises.

::

    Exception
     +-- SessionwareError
          +-- ConfigurationError   (also a ValueError)   an option, or a set of options, can't work
          +-- DataError            (also a TypeError)    ``session.data`` holds what JSON can't
          +-- RefusedError                               ``open()``: who is stopped or denied
          +-- StoreError                                 a store could not answer

Nothing here is raised for what a client sent: bad input becomes an HTTP answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class SessionwareError(Exception):
    """The base of all errors of this package."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one option: its name, the value given, why, and a value that works."""

    option: str
    value: object = field(repr=False)
    reason: str
    example: str

    def __str__(self) -> str:
        # A secret is never printed, not even a wrong one.
        value = "..." if self.option == "secret" else repr(self.value)
        return f"{self.option}={value}: {self.reason} (for example {self.example})"


class ConfigurationError(SessionwareError, ValueError):
    """Options that can't work; every fault found is in ``faults`` and in the message."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class DataError(SessionwareError, TypeError):
    """A value in ``session.data`` is not JSON; the message names its key."""


class StoreError(SessionwareError):
    """The store could not answer; the middleware goes on as ``on_store_error`` says."""


class RefusedError(SessionwareError):
    """A session can't be opened: it was stopped or denied, and the time for that is not over."""
