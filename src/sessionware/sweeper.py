"""The sweeper: looks now and then who has ended, and tells of it, without anybody asking (SPEC 8).

One for each middleware and process: a task of the event loop, or a daemon thread. It is started by
the first request of a process, and so after a fork. It ends with its owner.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

from sessionware.errors import StoreError
from sessionware.events import log
from sessionware.opened import keep
from sessionware.option_groups import seconds
from sessionware.reach import know_store, learn_orders, make_good, note_failure, recovered
from sessionware.store import Claim, Sweep
from sessionware.told import tell_all

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from sessionware.questions import Question
    from sessionware.rules import Rules

PATIENCE = 5.0
"""Seconds that a sweep may take that is under way when all ends."""

WITH_TRAFFIC = 1.0
"""Seconds between sweeps that requests pay for, where ``sweep_every`` is 0."""


def sweep(rules: Rules) -> Generator[Question, Any, None]:
    """End what is over, tell of it, learn the operator's orders, and keep what is held open."""
    now = rules.settings.clock()
    try:
        yield from know_store(rules)
        yield from make_good(rules, now)
        yield from keep(rules, now)
        if rules.settings.on_event is None:
            yield Claim(now, 0)  # there is nobody to tell; it ends what is over
        yield from tell_all(rules.settings)
        if any(now >= denial.until for denial in rules.orders.denials):
            yield Sweep(now)  # or the store would keep them, and every worker go through them
        yield from learn_orders(rules)
        yield from recovered(rules, now)
    except StoreError as error:
        yield from note_failure(rules, now, error)


def tell_last(rules: Rules) -> Generator[Question, Any, None]:
    """Tell what there is to tell before a worker ends; nothing if it has not used the store."""
    if rules.idkey is None:
        return
    try:
        yield from tell_all(rules.settings)
    except StoreError as error:
        yield from note_failure(rules, rules.settings.clock(), error)


class TrafficSweeper:
    """Sweeps with the traffic only: tells when a request is to pay for it."""

    def __init__(self) -> None:
        self._next = 0.0

    def is_due(self, now: float) -> bool:
        """Tell whether it is time, and take that as done."""
        if self._next - WITH_TRAFFIC <= now < self._next:  # else a clock was set back
            return False
        self._next = now + WITH_TRAFFIC
        return True


class ThreadSweeper:
    """Sweeps in a daemon thread of this process."""

    def __init__(self, drive: Callable[[Any], Any], rules: Rules) -> None:
        self._drive = weakref.WeakMethod(drive)
        self._rules = weakref.ref(rules)
        self._every = seconds(rules.settings.sweep_every)
        self._stop = threading.Event()
        self._starters: dict[int, object] = {}  # by process, who starts the thread

    def start(self) -> None:
        """Start the thread if this process has none."""
        pid, me = os.getpid(), object()
        if pid in self._starters or not self._every:
            return
        if self._starters.setdefault(pid, me) is not me:  # another request was quicker
            return
        self._stop = threading.Event()  # one from before a fork may be locked for ever
        arguments = (self._drive, self._rules, self._every, self._stop)
        thread = threading.Thread(
            target=_work, args=arguments, name="sessionware sweeper", daemon=True
        )
        thread.start()
        # What it has claimed must be told before the process ends.
        self._finish = weakref.finalize(self, _end, self._stop, thread)

    def stop(self) -> None:
        """End the thread, but let it tell what it has claimed."""
        if os.getpid() in self._starters:
            self._finish()


def _end(stop: threading.Event, thread: threading.Thread) -> None:
    stop.set()
    if thread is not threading.current_thread():
        thread.join(PATIENCE)


def _work(
    drive: weakref.WeakMethod[Callable[[Any], Any]],
    rules: weakref.ref[Rules],
    every: float,
    stop: threading.Event,
) -> None:
    """Sweep until the owner is gone."""
    while not stop.wait(every):
        driver, known = drive(), rules()
        if driver is None or known is None:
            return
        try:
            driver(sweep(known))
        except Exception:  # noqa: BLE001 - whatever it is, the next sweep may do better
            log.exception("sessionware: a sweep failed")
        del driver, known


class TaskSweeper:
    """Sweeps in a task of the running event loop; of several loops, in one of each."""

    def __init__(self, drive: Callable[[Any], Awaitable[Any]], rules: Rules) -> None:
        self._drive = drive
        self._rules = rules
        self._every = seconds(rules.settings.sweep_every)
        self._task: asyncio.Task[None] | None = None  # of the loop that asked last
        # Each with a lock that it holds while it sweeps.
        self._tasks: dict[asyncio.Task[None], asyncio.Lock] = {}

    def start(self) -> None:
        """Start the task if this loop has none.

        Where no loop of asyncio's runs there is none: somebody drives the app by hand, in a test.
        """
        if not self._every:
            return
        task = self._task
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if task is not None and task.get_loop() is loop and not task.done():
            return
        there = [one for one in tuple(self._tasks) if one.get_loop() is loop and not one.done()]
        if not there:
            lock = asyncio.Lock()
            there = [loop.create_task(self._work(lock), name="sessionware sweeper")]
            self._tasks[there[0]] = lock
            there[0].add_done_callback(self._forget)
        self._task = there[0]

    async def stop(self) -> None:
        """End the tasks; a sweep that is under way on this loop may tell what it has claimed."""
        loop = asyncio.get_running_loop()
        for task, lock in tuple(self._tasks.items()):
            if task.get_loop() is loop:
                await _end_task(task, lock)
            elif not task.get_loop().is_closed():
                task.get_loop().call_soon_threadsafe(task.cancel)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)

    async def _work(self, lock: asyncio.Lock) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                async with lock:
                    await self._drive(sweep(self._rules))
            except Exception:  # noqa: BLE001 - as above
                log.exception("sessionware: a sweep failed")


async def _end_task(task: asyncio.Task[None], lock: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(PATIENCE), lock:  # no sweep is under way
            task.cancel()
    except TimeoutError:
        task.cancel()
    await asyncio.gather(task, return_exceptions=True)
