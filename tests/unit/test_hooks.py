"""The app's hooks: called in both worlds alike, and what they raise harms nobody."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from sessionware.hooks import FAILED, Call, ask, ask_async, is_async

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Callable[[Call], Any]:
    if request.param == "sync":
        return ask
    return lambda asked: asyncio.run(ask_async(asked))


def test_a_hook_is_called_with_its_arguments_and_its_answer_comes_back(call):
    assert call(Call(lambda *given: given, (1, "a"))) == (1, "a")


def test_without_a_hook_nothing_is_answered(call):
    assert call(Call(None, (1,))) is None


def test_what_a_hook_raises_is_logged_and_harms_nobody(call, caplog):
    def broken(_event):
        raise RuntimeError("no disk")

    with caplog.at_level(logging.ERROR, logger="sessionware"):
        assert call(Call(broken, (1,))) is FAILED
    (record,) = caplog.records
    assert record.name == "sessionware"
    assert "broken" in record.getMessage()
    assert str(record.exc_info[1]) == "no disk"


def test_what_ends_a_program_is_not_swallowed():
    def stop():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        ask(Call(stop, ()))


def test_an_answer_that_comes_too_late_is_none(call, caplog):
    with caplog.at_level(logging.ERROR, logger="sessionware"):
        assert call(Call(lambda: time.sleep(0.1), (), timeout=0.02)) is FAILED
    assert "<lambda>" in caplog.text


def test_a_hook_with_other_arguments_fails_as_one_that_raises(caplog):
    async def awaited_of_two(_one, _two):
        """It is given one."""

    with caplog.at_level(logging.ERROR, logger="sessionware"):
        assert asyncio.run(ask_async(Call(awaited_of_two, (1,)))) is FAILED


def test_a_plain_function_may_give_a_coroutine():
    assert asyncio.run(ask_async(Call(lambda number: Awaited().again(number), (7,)))) == 7


def test_an_answer_in_time_counts(call):
    assert call(Call(lambda: 7, (), timeout=5.0)) == 7


def test_a_hook_that_blocks_does_not_block_the_loop():
    async def both() -> list[Any]:
        gate = threading.Event()
        waiting = asyncio.create_task(ask_async(Call(gate.wait, (10,))))
        await asyncio.sleep(0)
        gate.set()
        return [await waiting]

    assert asyncio.run(both()) == [True]


class Awaited:
    async def __call__(self) -> str:
        return "came"

    async def again(self, number: int) -> int:
        return number


async def awaited() -> str:
    return "came"


@pytest.mark.parametrize("hook", [Awaited(), awaited], ids=["an object", "a function"])
def test_a_hook_may_be_awaited(hook):
    assert is_async(hook)
    assert asyncio.run(ask_async(Call(hook, ()))) == "came"


@pytest.mark.parametrize("hook", [print, lambda: 1, None])
def test_others_are_not(hook):
    assert not is_async(hook)
