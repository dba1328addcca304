"""How an event loop asks a store: awaited, in a thread if it may block, or at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sessionware.store import is_async

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessionware.store import AnyStore


def executor(store: AnyStore) -> Callable[[Any], Awaitable[Any]]:
    """Give the coroutine function that asks this store."""
    if is_async(store):
        return store.execute

    async def in_thread(command: Any) -> Any:
        return await asyncio.to_thread(store.execute, command)

    async def at_once(command: Any) -> Any:
        return store.execute(command)

    return at_once if answers_at_once(store) else in_thread


def answers_at_once(store: AnyStore) -> bool:
    """Tell whether a store may be asked on the loop itself: it neither waits nor is awaited."""
    return not is_async(store) and not getattr(store, "blocking", True)
