"""Helpers that bring what lives on an event loop into a synchronous test."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[[Any], Any]


class SyncView:
    """An object whose coroutine methods, async iterators and context managers need no await."""

    def __init__(self, target: Any, run: Run) -> None:
        self._target = target
        self._run = run

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            found = self._run(called(value, *args, **kwargs))
            return self._entered(found) if hasattr(found, "__aenter__") else found

        return call

    @contextmanager
    def _entered(self, manager: Any) -> Iterator[Any]:
        inside = self._run(called(manager.__aenter__))
        try:
            yield SyncView(inside, self._run)
        except BaseException as error:
            if not self._run(called(manager.__aexit__, type(error), error, error.__traceback__)):
                raise
        else:
            self._run(called(manager.__aexit__, None, None, None))


async def called(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call it on this loop; await what can be awaited, collect what can be iterated."""
    found = function(*args, **kwargs)
    if inspect.isawaitable(found):
        found = await found
    if hasattr(found, "__aiter__"):
        return [item async for item in found]
    return found


class Lifespan:
    """The server's side of the lifespan protocol: ``step("startup")``, later ``step("shutdown")``.

    ``state`` is what the app put into the lifespan state; each request gets a copy.
    """

    def __init__(self, app: Callable[..., Any], patience: float) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._patience = patience
        self._to_app: asyncio.Queue[str] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def step(self, name: str) -> None:
        """Let the app do its startup or shutdown; fails if it fails, is silent or returns early."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        self._to_app.put_nowait(f"lifespan.{name}")
        answer = asyncio.create_task(self._from_app.get())
        both = {answer, self._task}
        await asyncio.wait(both, timeout=self._patience, return_when="FIRST_COMPLETED")
        if not answer.done():
            answer.cancel()
            assert self._task.done(), f"{name}: the app was silent for {self._patience} s"
            self._task.result()
            raise AssertionError(f"{name}: the app left the lifespan")
        message = answer.result()
        assert message["type"] == f"lifespan.{name}.complete", f"{name}: {message}"
        if name == "shutdown":
            await asyncio.wait_for(self._task, self._patience)

    async def _run(self) -> None:
        scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
        }
        await self._app(scope, self._receive, self._from_app.put)

    async def _receive(self) -> dict[str, Any]:
        return {"type": await self._to_app.get()}
