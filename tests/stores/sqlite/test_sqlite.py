"""The SQLite store and its file; what all stores keep is in the contract."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sessionware import Counts
from sessionware.session import Cause
from sessionware.store import (
    Bar,
    Command,
    Denial,
    Ended,
    Finish,
    Invalidate,
    Listing,
    Meta,
    Note,
    Order,
    Place,
    Tag,
    _sql,
)
from sessionware.store.sqlite import SqliteStore
from support.driver import Driver, idkey

if TYPE_CHECKING:
    from pathlib import Path

    from support.clock import Clock

DENIAL = Denial(until=2_000_000_000.0, reason="\udcff", user="ü", stream="\ud800", holder=b"h")


def test_nothing_is_opened_before_the_first_command(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        assert not path.exists()
        store.execute(Meta())
        assert path.exists()


def test_what_it_knows_survives_closing_and_opening(
    path: Path, driver: Driver, clock: Clock
) -> None:
    driver.begin(1, data={"a": '"é"'}, params="q=\udcff", stream="\ud800", previous="p")
    driver.do(Note, 1, also=("ip \udcff", "a\nb"))
    begun = driver.do(Tag, 1, add=("\ud800", ""))
    driver.begin(2, remember=600)
    driver.end(2)
    driver.begin(3)
    bar = Bar(Cause.STOPPED, clock.now + 600, 451, "so")
    driver.end(3, Cause.STOPPED, bar)
    driver.store.execute(Order(clock.now, DENIAL))
    before = driver.store.execute(Meta()), driver.count()
    driver.store.close()
    driver.store.close()
    with closing(SqliteStore(path)) as again:
        after = Driver(again, clock)
        assert (begun.params, begun.stream) == ("q=\udcff", "\ud800")
        assert (begun.tags, begun.also) == (("", "\ud800"), ("ip \udcff", "a\nb"))
        assert after.get(1) == begun
        assert after.touch(2) == Ended(Cause.CLOSED, clock.now, clock.now, None)
        assert after.touch(3) == bar
        assert (again.execute(Meta()), after.count()) == before
        assert before[0].denials == (DENIAL,)
        assert after.begin(1, playing=False).requests == 2
    assert driver.get(1).requests == 2  # and the first opens again by itself


def test_stores_of_one_file_answer_as_one(path: Path, driver: Driver, clock: Clock) -> None:
    driver.begin(1)
    with closing(SqliteStore(path)) as other:
        assert Driver(other, clock).touch(1).requests == 2
        Driver(other, clock).begin(2)
        assert driver.count() == Counts(watching=2, sessions=2, started=1, requests=3)


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


def test_streams_below_one_are_found_whether_their_names_are_valid_texts_or_not(
    driver: Driver, clock: Clock
) -> None:
    for number, stream in enumerate(["a", "a/b", "a/\udcff", "a0", "a.", "\udcff", "\udcff/c"]):
        driver.begin(number, stream=stream)
    for stream, below in (("a", 3), ("\udcff", 2), ("a/\udcff", 1)):
        listing = Listing(clock.now, stream=stream, below=True)
        assert len(driver.store.execute(listing)) == below
        assert driver.store.execute(Invalidate(clock.now, stream=stream)) == below


def test_a_tag_is_found_and_nothing_that_looks_like_it(driver: Driver, clock: Clock) -> None:
    tags = ["a", ", ", ",", '", "', "a\nb", '"', "\\", '\\"', "ä", ""]
    for number, tag in enumerate(tags):
        driver.begin(number)
        driver.do(Tag, number, add=(tag, "z"))
    for tag in tags:
        (found,) = driver.store.execute(Listing(clock.now, tag=tag))
        assert tag in found.tags
    assert driver.store.execute(Listing(clock.now, tag="b")) == ()


def opened_for_writing(sql: str) -> int:
    """How many trees a statement may write to: those of tables and of indices."""
    with closing(sqlite3.connect(":memory:")) as file:
        for statement in _sql.SCHEMA:
            file.execute(statement)
        names = dict.fromkeys(re.findall(r":(\w+)", sql), 0)
        steps = file.execute(f"EXPLAIN {sql}", names).fetchall()
        return sum(step[1] == "OpenWrite" for step in steps)


@pytest.mark.parametrize("sql", [_sql.TOUCH, _sql.GO_ON, _sql.FINISH])
def test_a_request_writes_to_its_session_and_to_no_index(sql: str) -> None:
    assert opened_for_writing(sql) == 1
    assert opened_for_writing(_sql.LEARN) == 2  # that is, what moves "due" would be seen


@pytest.mark.parametrize("places", [(), (Place("user", b"u", 1, 60.0),)])
def test_a_request_of_who_may_go_on_is_one_statement(
    driver: Driver, places: tuple[Place, ...]
) -> None:
    driver.begin(1, places=places, events=True)
    driver.touch(1)
    said: list[str] = []
    connection = driver.store._database._process.held().connection  # type: ignore[attr-defined]
    connection.set_trace_callback(said.append)
    driver.touch(1, lease=5.0, orders=0, renew_cookie_after=10.0)
    driver.do(Finish, 1, bytes_down=1)
    assert [statement.split()[0] for statement in said] == ["UPDATE", "UPDATE"]


def test_a_command_that_the_store_does_not_know_is_an_error(store: SqliteStore) -> None:
    class Unheard(Command[None]):
        pass

    with pytest.raises(TypeError, match="Unheard"):
        store.execute(Unheard())
