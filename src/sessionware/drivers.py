"""Two ways to carry out what a flow asks for: at once, or awaited.

A flow is a generator of questions: commands for the store, hooks to be asked, events to be told. A
StoreError is thrown into it where the store failed.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, TypeVar

from sessionware.errors import StoreError
from sessionware.execute import answers_at_once, executor
from sessionware.hooks import ask, ask_async
from sessionware.questions import Call, Emit, Wait
from sessionware.store import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sessionware.questions import Question
    from sessionware.settings import Settings
    from sessionware.store import AnyStore

T = TypeVar("T")


class Driver:
    """Drives flows in the thread that calls."""

    def __init__(self, store: AnyStore, settings: Settings) -> None:
        self._execute: Callable[[Any], Any] = store.execute
        self._on_event = settings.on_event

    def drive(self, flow: Generator[Question, Any, T]) -> T:
        """Carry out the questions of a flow, and give what it returns."""
        try:
            question = next(flow)
            while True:
                try:
                    answer = self._ask(question)
                except StoreError as error:
                    question = flow.throw(error)
                else:
                    question = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    def _ask(self, question: Question) -> Any:
        if isinstance(question, Command):
            return self._execute(question)
        if isinstance(question, Wait):
            return time.sleep(question.seconds)
        return ask(_call(question, self._on_event))


class AsyncDriver:
    """Drives flows in the event loop."""

    def __init__(self, store: AnyStore, settings: Settings) -> None:
        self._store: Any = store
        self._execute = executor(store)
        self._at_once = answers_at_once(store)
        self._on_event = settings.on_event

    async def drive(self, flow: Generator[Question, Any, T]) -> T:
        """Carry out the questions of a flow, and give what it returns."""
        try:
            question = next(flow)
            while True:
                try:
                    if self._at_once and isinstance(question, Command):
                        answer = self._store.execute(question)
                    else:
                        answer = await self._ask(question)
                except StoreError as error:
                    question = flow.throw(error)
                else:
                    question = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _ask(self, question: Question) -> Any:
        if isinstance(question, Command):
            return await self._execute(question)
        if isinstance(question, Wait):
            return await asyncio.sleep(question.seconds)
        if isinstance(question, Emit):  # a request that is cancelled must not lose an event
            return await asyncio.shield(ask_async(_call(question, self._on_event)))
        return await ask_async(question)


def _call(question: Emit | Call, on_event: Callable[..., Any] | None) -> Call:
    """Give the hook that a question is for, and what it is told."""
    return Call(on_event, (question.event,)) if isinstance(question, Emit) else question
