"""How the SQLite store keeps places in mind; who may have one is in the contract.

A touch moves the time until which a place is held and writes to the session only. So that time is
looked up when somebody wants a place there, and kept; whatever makes it another one must show.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from sessionware.session import Cause, Presentation
from sessionware.store import (
    Announce,
    Claim,
    Crowded,
    End,
    Enter,
    Finish,
    Get,
    Learn,
    Leave,
    Living,
    Outside,
    Place,
    Postpone,
    Sweep,
    Touch,
    Withdraw,
)
from support.driver import TIMEOUT, key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessionware.store.sqlite import SqliteStore
    from support.clock import Clock
    from support.driver import Driver

HOLD = 30.0
ONE = Place("one", b"1" * 16, 1, HOLD)
OTHER = Place("other", b"2" * 16, 1, HOLD)
CROWDED = Crowded("one")


def rows(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as other:
        places = other.execute("SELECT scope, key, lapsed FROM place ORDER BY scope, key")
        return places.fetchall()


def kept(path: Path) -> dict[bytes, int]:
    with closing(sqlite3.connect(path)) as other:
        return dict(other.execute("SELECT name, kept FROM scope"))


@pytest.fixture
def lapsed(driver: Driver, path: Path) -> Living:
    """Session 1 has lost its place, and somebody has found that out."""
    living: Living = driver.begin(1, places=(ONE,), timeout=300.0)
    driver.clock.advance(HOLD)
    driver.begin(2, places=(ONE,))
    driver.end(2)
    assert rows(path) == [(ONE.scope, key_of(1), 1)]
    assert kept(path) == {}
    return living


def overlook(driver: Driver) -> None:
    """Let nobody find out whose time is over, as where many are due at once."""
    driver.store._swept = int(driver.clock.now)  # type: ignore[attr-defined]


def is_taken(driver: Driver) -> bool:
    """Tell whether a newcomer finds no place."""
    answer = driver.begin(9, places=(ONE,))
    return bool(answer == CROWDED)


def test_a_place_that_touches_have_kept_is_looked_up(
    path: Path, driver: Driver, clock: Clock
) -> None:
    driver.begin(1, places=(ONE,))
    for _ in range(3):
        clock.advance(HOLD - 1)
        assert driver.touch(1).requests > 1
        assert is_taken(driver)
    clock.advance(HOLD)
    assert not is_taken(driver)
    assert rows(path) == [(ONE.scope, key_of(1), 1), (ONE.scope, key_of(9), 0)]
    assert kept(path) == {ONE.scope: 1}


def test_who_has_lost_its_place_is_not_looked_up_again(
    driver: Driver, store: SqliteStore, lapsed: Living
) -> None:
    connection = store._database._process.held().connection
    assert connection is not None
    said: list[str] = []
    connection.set_trace_callback(said.append)
    assert not is_taken(driver)
    assert not [one for one in said if "lapsed = 1 WHERE" in one]
    driver.clock.advance(HOLD)
    driver.begin(3, places=(ONE,))
    assert [one for one in said if "lapsed = 1 WHERE" in one]
    assert isinstance(driver.touch(lapsed.key[-1]), Outside)


# --- requests that overtook each other -------------------------------------------------------


def test_a_request_from_before_it_was_lost_brings_a_place_back(
    driver: Driver, lapsed: Living
) -> None:
    late = driver.clock.now - 1
    touched = driver.store.execute(Touch(lapsed.key, lapsed.key, late))
    assert touched.requests == 2
    assert is_taken(driver)
    driver.clock.advance(HOLD - 1)
    assert not is_taken(driver)


def test_an_answer_from_before_it_was_lost_brings_a_place_back(
    driver: Driver, lapsed: Living
) -> None:
    late = driver.clock.now - 1
    assert driver.store.execute(Finish(lapsed.key, late))
    assert is_taken(driver)


def test_an_answer_from_after_it_was_lost_brings_nothing_back(
    driver: Driver, lapsed: Living
) -> None:
    assert driver.do(Finish, 1)
    assert not is_taken(driver)


def test_who_comes_from_before_it_was_lost_finds_it_taken(driver: Driver, lapsed: Living) -> None:
    driver.clock.now -= 1
    assert is_taken(driver)


def test_a_place_is_lost_with_the_session_that_has_it(path: Path, driver: Driver) -> None:
    driver.begin(1, places=(ONE,), timeout=10.0)
    driver.clock.advance(10)
    overlook(driver)
    assert not is_taken(driver)


# --- what else moves the time until which a place is held --------------------------------------


def test_to_become_quiet_makes_a_place_end_sooner(driver: Driver, clock: Clock) -> None:
    driver.begin(1, places=(ONE,), timeout=300.0)
    clock.advance(20)
    driver.touch(1)
    clock.advance(15)
    assert is_taken(driver)  # until 50, it is found
    driver.do(Learn, 1, presentation=Presentation.VOD, timeout=300.0, window=0.0)
    assert not is_taken(driver)


def test_a_shorter_timeout_makes_a_place_end_sooner(driver: Driver, clock: Clock) -> None:
    driver.begin(1, places=(ONE,), timeout=300.0)
    driver.do(Learn, 1, presentation=Presentation.LIVE, timeout=5.0)
    clock.advance(5)
    overlook(driver)
    assert not is_taken(driver)


def test_what_could_not_be_asked_for_brings_no_place_back(driver: Driver, lapsed: Living) -> None:
    now = driver.clock.now
    assert driver.store.execute(Postpone(now, now - 5, 60)) == 5
    assert not is_taken(driver)
    assert isinstance(driver.touch(lapsed.key[-1]), Outside)


def test_who_enters_again_has_its_place_again(driver: Driver, lapsed: Living) -> None:
    driver.do(Enter, 1, mark=lapsed.key)
    assert is_taken(driver)
    driver.end(1)
    assert not is_taken(driver)


def test_one_that_is_pending_gives_its_place_back_at_once(driver: Driver) -> None:
    driver.begin(1, places=(ONE,), playing=False)
    driver.do(Leave, 1)
    assert not is_taken(driver)


def test_one_that_was_dropped_gives_its_place_back_at_once(driver: Driver) -> None:
    client = b"c" * 16
    driver.begin(1, places=(ONE,), client=client, holder=b"h" * 16, returns=True)
    assert driver.begin(2, places=(ONE,), client=client, holder=b"i" * 16).new
    assert isinstance(driver.touch(1), Outside)


def test_to_be_announced_by_time_is_found_out_by_a_look(driver: Driver, clock: Clock) -> None:
    began = clock.now
    driver.begin(1, events=True)
    clock.advance(10)
    driver.do(Get, 1)
    assert not driver.store.execute(Touch(key_of(1), key_of(1), began + 9)).announce
    assert driver.do(Announce, 1) is None
    (told,) = driver.store.execute(Claim(clock.now))
    assert told.started


# --- rows ------------------------------------------------------------------------------------


def displace(driver: Driver) -> None:
    driver.begin(2, places=(ONE,), holder=b"h" * 16)
    driver.end(1)
    driver.end(2)


def evict(driver: Driver) -> None:
    evicting = Place("one", ONE.scope, 1, HOLD, evict=True)
    driver.begin(2, places=(evicting,))
    assert driver.get(1) is None
    driver.end(2)


def expire(driver: Driver) -> None:
    driver.clock.advance(TIMEOUT)
    driver.store.execute(Sweep(driver.clock.now))


def begin_again_after_it_expired(driver: Driver) -> None:
    driver.clock.advance(TIMEOUT)
    overlook(driver)
    driver.begin(1)


def lapse_and_end(driver: Driver) -> None:
    driver.clock.advance(HOLD)
    driver.begin(2, places=(ONE,))
    driver.do(Withdraw, 2)
    driver.end(1)


@pytest.mark.parametrize(
    "leave",
    [
        lambda driver: driver.do(End, 1, cause=Cause.CLOSED),
        lambda driver: driver.do(Withdraw, 1),
        displace,
        evict,
        expire,
        begin_again_after_it_expired,
        lapse_and_end,
    ],
)
def test_who_is_over_leaves_no_place_behind(
    path: Path, driver: Driver, leave: Callable[[Driver], object]
) -> None:
    driver.begin(1, places=(ONE, OTHER), holder=b"h" * 16)
    assert kept(path) == {ONE.scope: 1, OTHER.scope: 1}
    leave(driver)
    assert rows(path) == []
    assert kept(path) == {}


def test_a_session_without_limits_has_no_rows_of_places(path: Path, driver: Driver) -> None:
    driver.begin(1)
    driver.touch(1)
    assert rows(path) == []


def steps(store: SqliteStore, work: Callable[[], object]) -> int:
    """How many steps SQLite takes for a piece of work."""
    connection = store._database._process.held().connection
    assert connection is not None
    number = 0

    def count() -> None:
        nonlocal number
        number += 1

    connection.set_progress_handler(count, 1)
    work()
    connection.set_progress_handler(None, 0)
    return number


@pytest.mark.parametrize("limit", [10_000, 1_000])
def test_a_place_among_a_thousand_costs_what_one_among_ten_does(
    driver: Driver, store: SqliteStore, limit: int
) -> None:
    many = Place("many", b"m" * 16, limit, HOLD)

    def newcomer(number: int) -> int:
        return steps(store, lambda: driver.begin(number, places=(many,), holder=b"h" * 16))

    for number in range(10):
        driver.begin(number, places=(many,), holder=key_of(number))
    few = newcomer(5000)
    driver.end(5000)
    for number in range(10, 1_000):
        driver.begin(number, places=(many,), holder=key_of(number))
    assert newcomer(5001) < 1.5 * few
