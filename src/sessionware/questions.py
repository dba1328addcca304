"""What a flow asks of its shell: the store's commands, and the values here.

A flow is a generator: it yields questions and is sent the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.events import Event
    from sessionware.store import Command


class Failed(Enum):
    """A hook has given no answer."""

    FAILED = 0


FAILED = Failed.FAILED


@dataclass(frozen=True, slots=True)
class Emit:
    """Tell the app's hook ``on_event`` of an event."""

    event: Event


@dataclass(frozen=True, slots=True)
class Wait:
    """Let others work for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """Ask a hook, and give its answer or ``FAILED``.

    An answer that comes later than ``timeout`` seconds is none; a hook that blocks is not
    interrupted.
    """

    hook: Callable[..., Any] | None
    arguments: tuple[Any, ...]
    timeout: float | None = None


if TYPE_CHECKING:
    Question: TypeAlias = Command[Any] | Emit | Call | Wait
