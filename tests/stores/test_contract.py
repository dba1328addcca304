"""The contract, held against our stores and against the model, answered at once and awaited."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import MemoryStore
from sessionware.store.sqlite import SqliteStore
from sessionware.testing import (
    AsyncRoomContract,
    AsyncStoreContract,
    RoomContract,
    StoreContract,
)
from sessionware.testing.contract import CASES, ROOM_CASES, run, run_async
from sessionware.testing.steps import START, begun, count, equal, get
from support.model import ModelStore

if TYPE_CHECKING:
    from pathlib import Path

    from sessionware import Store
    from sessionware.testing.steps import Case, Steps

ROOM = 3


class Awaited:
    """A store whose answers are awaited, made of one that answers at once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.shared = store.shared

    async def execute(self, command: Any) -> Any:
        return self.store.execute(command)

    async def close(self) -> None:
        self.store.close()


class TestModel(StoreContract):
    @pytest.fixture
    def store(self) -> ModelStore:
        return ModelStore()


class TestModelWithLittleRoom(RoomContract):
    @pytest.fixture
    def store(self) -> ModelStore:
        return ModelStore(ROOM)


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()


class TestMemoryWithLittleRoom(RoomContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(ROOM)


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> SqliteStore:
        return SqliteStore(tmp_path / "sessions.db")


class TestSqliteWithLittleRoom(RoomContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> SqliteStore:
        return SqliteStore(tmp_path / "sessions.db", max_sessions=ROOM)


class TestAwaited(AsyncStoreContract):
    @pytest.fixture
    def store(self) -> Awaited:
        return Awaited(ModelStore())


class TestAwaitedWithLittleRoom(AsyncRoomContract):
    @pytest.fixture
    def store(self) -> Awaited:
        return Awaited(ModelStore(ROOM))


# --- the contract itself ------------------------------------------------------------------------


def a_failure() -> Steps:
    yield get(1, START)
    equal((yield count(START)), "nothing like this")


def play(case: Case, store: Store, awaited: bool) -> None:
    if awaited:
        asyncio.run(run_async(case, Awaited(store)))
    else:
        run(case, store)


class Silent:
    """A store that does not say how it can be used."""

    def close(self) -> None:
        pass


@pytest.mark.parametrize("contract", [StoreContract, AsyncStoreContract])
def test_each_case_is_a_test_by_its_name(contract: type) -> None:
    tests = {name for name in dir(contract) if name.startswith("test_")}
    flags = "test_a_store_says_how_it_can_be_used_and_closes_twice"
    assert tests == {f"test_{case.__name__}" for case in CASES} | {flags}


@pytest.mark.parametrize("contract", [RoomContract, AsyncRoomContract])
def test_each_case_of_a_full_store_is_a_test_by_its_name(contract: type) -> None:
    tests = {name for name in dir(contract) if name.startswith("test_")}
    assert tests == {f"test_{case.__name__}" for case in ROOM_CASES}


@pytest.mark.parametrize("awaited", [False, True])
def test_a_failure_says_what_was_answered_and_asked_before(awaited: bool) -> None:
    with pytest.raises(AssertionError, match=r"answered Counts.*\n *not 'nothing") as failed:
        play(a_failure, ModelStore(), awaited)
    (note,) = failed.value.__notes__
    assert re.search(r"after these commands:\n  Get.*\n  Count", note)


def test_a_failure_says_which_fields_of_an_answer_are_wrong() -> None:
    with pytest.raises(AssertionError) as failed:
        equal(begun(1, requests=2, service="s"), begun(1))
    assert str(failed.value) == "Living.service is 's', not ''\nLiving.requests is 2, not 1"


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("case", [a_failure, CASES[0]])
def test_a_store_is_closed_whether_a_case_fails_or_not(case: Case, awaited: bool) -> None:
    class Counting(ModelStore):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    store = Counting()
    with suppress(AssertionError):
        play(case, store, awaited)
    assert store.closed == 1


def test_a_store_that_does_not_say_how_it_can_be_used_fails() -> None:
    for contract in (StoreContract(), AsyncStoreContract()):
        with pytest.raises(AssertionError, match=r"Silent.* is neither True nor False"):
            contract.test_a_store_says_how_it_can_be_used_and_closes_twice(Silent())  # type: ignore[arg-type]


def test_the_package_needs_nothing_of_the_tests() -> None:
    code = "import sys, sessionware.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
