"""What a store is asked, and what it answers.

A store has one method, ``execute``: it takes a command, a frozen value, and gives that command's
answer. Every command is atomic. A store decides nothing: the rules live elsewhere, and a store of
an app's own is any object with the methods of :class:`Store` or :class:`AsyncStore`.

Times are seconds since the epoch, by the clock of whoever asks; keys are 16 bytes
(:func:`sessionware.identity.session_key`).
"""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any, Protocol, TypeVar

from sessionware.store.commands import (
    Announce,
    Begin,
    Command,
    Decline,
    End,
    Enter,
    Finish,
    Get,
    Learn,
    Leave,
    Merge,
    Note,
    Tag,
    Touch,
    Withdraw,
)
from sessionware.store.records import (
    Asked,
    Bar,
    Changed,
    Crowded,
    Ended,
    Full,
    Living,
    Opening,
    Outside,
    Place,
    Told,
)
from sessionware.store.surveys import (
    Allow,
    Claim,
    Count,
    Counts,
    Denial,
    Invalidate,
    Listing,
    Meta,
    MetaInfo,
    Order,
    Postpone,
    Streams,
    Sweep,
)
from sessionware.store.urls import open_store

__all__ = [
    "Allow",
    "Announce",
    "AnyStore",
    "Asked",
    "AsyncStore",
    "Bar",
    "Begin",
    "Changed",
    "Claim",
    "Command",
    "Count",
    "Counts",
    "Crowded",
    "Decline",
    "Denial",
    "End",
    "Ended",
    "Enter",
    "Finish",
    "Full",
    "Get",
    "Invalidate",
    "Learn",
    "Leave",
    "Listing",
    "Living",
    "Merge",
    "Meta",
    "MetaInfo",
    "Note",
    "Opening",
    "Order",
    "Outside",
    "Place",
    "Postpone",
    "Store",
    "Streams",
    "Sweep",
    "Tag",
    "Told",
    "Touch",
    "Withdraw",
    "is_async",
    "open_store",
]

A = TypeVar("A")


class Store(Protocol):
    """A store that answers at once, or by blocking."""

    blocking: bool
    """Whether ``execute`` may wait (a file, a socket): under ASGI it then runs in a thread."""
    shared: bool
    """Whether several processes can use it at once."""

    def execute(self, command: Command[A]) -> A:
        """Answer a command. StoreError: it could not be carried out."""

    def close(self) -> None:
        """Give back what the store holds; a second call does nothing."""


class AsyncStore(Protocol):
    """A store whose answers are awaited; for ASGI."""

    shared: bool

    async def execute(self, command: Command[A]) -> A:
        """Answer a command. StoreError: it could not be carried out."""

    async def close(self) -> None:
        """Give back what the store holds; a second call does nothing."""


AnyStore = Store | AsyncStore


def is_async(store: Any) -> bool:
    """Tell whether a store's answers must be awaited."""
    return iscoroutinefunction(store.execute)
