"""How an event loop asks what may block: a store at once, awaited, or in a thread.

The store and the app's hooks have threads of their own: a hook that takes its time must not delay
the viewers who are in already.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from sessionware.store import is_async

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessionware.store import AnyStore

T = TypeVar("T")


class Threads:
    """Threads for what blocks, made when they are needed first, and anew after a fork."""

    def __init__(self, name: str, number: int) -> None:
        self._name = name
        self._number = number
        self._pool: ThreadPoolExecutor | None = None
        self._pid = 0

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function in a thread, in this task's context."""
        if self._pool is None or self._pid != os.getpid():
            self._pool = ThreadPoolExecutor(self._number, self._name)
            self._pid = os.getpid()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, copy_context().run, function, *arguments)


STORES = Threads("sessionware store", 16)
HOOKS = Threads("sessionware hook", 32)


def executor(store: AnyStore) -> Callable[[Any], Awaitable[Any]]:
    """Give the coroutine function that asks this store."""
    if is_async(store):
        return store.execute

    async def in_thread(command: Any) -> Any:
        return await STORES.call(store.execute, command)

    async def at_once(command: Any) -> Any:
        return store.execute(command)

    return at_once if answers_at_once(store) else in_thread


def answers_at_once(store: AnyStore) -> bool:
    """Tell whether a store may be asked on the loop itself: it neither waits nor is awaited."""
    return not is_async(store) and not getattr(store, "blocking", True)
