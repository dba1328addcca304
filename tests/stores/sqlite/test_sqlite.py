"""The SQLite store and its file; what all stores keep is in the contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sessionware import Counts
from sessionware.session import Cause
from sessionware.store import Bar, Command, Ended, Meta
from sessionware.store.sqlite import SqliteStore
from support.driver import Driver, idkey

if TYPE_CHECKING:
    from pathlib import Path

    from support.clock import Clock


def test_nothing_is_opened_before_the_first_command(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        assert not path.exists()
        store.execute(Meta())
        assert path.exists()


def test_what_it_knows_survives_closing_and_opening(
    path: Path, driver: Driver, clock: Clock
) -> None:
    begun = driver.begin(1, data={"a": '"é"'}, params="q=\udcff", stream="\ud800", previous="p")
    driver.begin(2, remember=600)
    driver.end(2)
    driver.begin(3)
    bar = Bar(Cause.STOPPED, clock.now + 600, 451, "so")
    driver.end(3, Cause.STOPPED, bar)
    before = idkey(driver.store), driver.count()
    driver.store.close()
    driver.store.close()
    with closing(SqliteStore(path)) as again:
        after = Driver(again, clock)
        begun.new = False
        assert (begun.params, begun.stream) == ("q=\udcff", "\ud800")
        assert after.get(1) == begun
        assert after.touch(2) == Ended(Cause.CLOSED, clock.now, clock.now, None)
        assert after.touch(3) == bar
        assert (idkey(again), after.count()) == before
        assert after.begin(1, playing=False).requests == 2
    assert driver.get(1).requests == 2  # and the first opens again by itself


def test_stores_of_one_file_answer_as_one(path: Path, driver: Driver, clock: Clock) -> None:
    driver.begin(1)
    with closing(SqliteStore(path)) as other:
        assert Driver(other, clock).touch(1).requests == 2
        Driver(other, clock).begin(2)
        assert driver.count() == Counts(2, 2, 2, 0, 3)


def test_each_file_has_a_key_for_ids_of_its_own(tmp_path: Path, store: SqliteStore) -> None:
    assert len(idkey(store)) == 32
    with closing(SqliteStore(tmp_path / "other.db")) as other:
        assert idkey(other) != idkey(store)


def test_the_file_is_one_that_others_may_read_meanwhile(path: Path, driver: Driver) -> None:
    driver.begin(1)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        other.execute("BEGIN")
        assert other.execute("SELECT stream, data FROM session").fetchone() == ("film", "{}")
        assert driver.touch(1).requests == 2


def test_a_command_that_the_store_does_not_know_is_an_error(store: SqliteStore) -> None:
    class Unheard(Command[None]):
        pass

    with pytest.raises(TypeError, match="Unheard"):
        store.execute(Unheard())
