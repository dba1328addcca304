"""The memory store's wheel: whoever is over is found at once, whatever was learned before."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.session import Presentation
from sessionware.store import Learn, Sweep
from sessionware.store._table import GROWTH
from sessionware.store._wheel import Wheel
from support.driver import TIMEOUT, Driver

if TYPE_CHECKING:
    from sessionware import MemoryStore

REMEMBER = 600.0


def living(driver: Driver, timeout: float) -> None:
    """One session that stays, to touch with; it is due at no other time."""
    driver.begin(99, timeout=timeout, announced=True)


@pytest.mark.parametrize("shorter", [0.0, 10.0, 119.0])
def test_who_is_over_sooner_than_thought_is_found_by_the_requests_of_others(
    driver: Driver, store: MemoryStore, shorter: float
) -> None:
    living(driver, 10_000)
    driver.begin(1)
    driver.do(Learn, 1, presentation=Presentation.LIVE, timeout=shorter)
    if shorter:
        driver.clock.advance(shorter - 1)
        driver.touch(99)
        assert len(store) == 2
        driver.clock.advance(1)
    driver.touch(99)
    assert len(store) == 1
    driver.clock.advance(TIMEOUT)
    driver.touch(99)
    assert len(store) == 1


def test_who_stays_longer_than_thought_is_not_ended_and_found_then(
    driver: Driver, store: MemoryStore
) -> None:
    living(driver, 10_000)
    driver.begin(1)
    driver.do(
        Learn, 1, presentation=Presentation.VOD, timeout=30, until=driver.clock.now + 3 * TIMEOUT
    )
    driver.clock.advance(3 * TIMEOUT - 1)
    driver.touch(99)
    assert len(store) == 2
    driver.clock.advance(1)
    driver.touch(99)
    assert len(store) == 1


def test_who_is_moved_to_and_fro_ends_once_and_leaves_nothing_in_the_wheel(
    driver: Driver, store: MemoryStore
) -> None:
    for number in range(20):
        driver.begin(number, remember=REMEMBER)
    for turn in range(50):
        for number in range(20):
            timeout = (30, 500, 60, 120)[(turn + number) % 4]
            driver.do(Learn, number, presentation=Presentation.LIVE, timeout=timeout)
            driver.touch(number)
        driver.clock.advance(29)
    driver.clock.advance(500)
    assert driver.count().ended == 20
    assert (len(store), len(store._table.free)) == (0, GROWTH)
    store.execute(Sweep(driver.clock.advance(REMEMBER)))
    wheels = store._wheel, store._lives.ends._wheel
    for wheel in wheels:
        assert (wheel._buckets, wheel._seconds, wheel._taken, wheel._doubtful) == (
            {},
            [],
            {},
            set(),
        )


def test_a_row_that_is_used_again_is_not_ended_by_what_its_last_session_left_behind(
    driver: Driver, store: MemoryStore
) -> None:
    for _ in range(3):  # the same row, due in the same second each time
        driver.begin(1)
        driver.end(1)
    driver.begin(1)
    driver.do(Learn, 1, presentation=Presentation.LIVE, timeout=60)
    driver.do(Learn, 1, presentation=Presentation.LIVE, timeout=TIMEOUT)
    driver.clock.advance(TIMEOUT)
    assert driver.count().ended == 4
    assert driver.begin(2).new
    driver.clock.advance(TIMEOUT - 1)
    assert driver.touch(2) is not None
    assert len(store) == 1


def test_what_expires_is_ended_in_small_bites_also_where_it_is_remembered(
    driver: Driver, store: MemoryStore
) -> None:
    living(driver, 10_000)
    for number in range(1000):
        driver.begin(1000 + number, remember=REMEMBER)
    driver.clock.advance(TIMEOUT)
    sizes = []
    while len(store) > 1:
        driver.touch(99)
        sizes.append(store._lives.ends.size)
    assert sizes == [*range(32, 1000, 32), 1000]


@pytest.mark.parametrize("how", ["begin", "touch"])
def test_who_comes_back_before_the_end_was_found_out_ends_once(
    driver: Driver, store: MemoryStore, how: str
) -> None:
    for number in range(200):
        driver.begin(number)
    driver.clock.advance(TIMEOUT)
    if how == "touch":
        assert driver.touch(199) is None
    assert len(store) > 100  # it was not the wheel that found out
    assert driver.begin(199).new
    counted = driver.count()
    assert (counted.sessions, counted.started, counted.ended) == (1, 200, 200)
    assert driver.touch(199) is not None


MOVES = st.tuples(
    st.sampled_from(["add", "forward", "remove", "take"]),
    st.integers(0, 5),
    st.floats(0.25, 6.0),
)


@given(moves=st.lists(MOVES, max_size=60))
def test_a_row_comes_out_once_and_in_the_second_where_it_was_put_last(
    moves: list[tuple[str, int, float]],
) -> None:
    wheel, place, now = Wheel(), dict[int, int](), 100.0
    for move, row, number in moves:
        if move == "add" and row not in place:
            wheel.add(row, now + number)
            place[row] = math.ceil(now + number)
        elif move == "forward" and row in place:
            wheel.bring_forward(row, now + number)
            place[row] = min(place[row], math.ceil(now + number))
        elif move == "remove" and row in place:
            wheel.remove(row)
            del place[row]
        elif move == "take":
            now += number
            due = {row for row, second in place.items() if second <= now}
            taken: list[int] = []
            while wheel.is_due(now):
                some = list(wheel.take(now, row + 1))
                assert len(some) <= row + 1
                taken += some
            assert sorted(taken) == sorted(due)
            assert [place[row] for row in taken] == sorted(place[row] for row in taken)
            for out in due:
                del place[out]
    wheel.take(math.inf, 1000)
    assert (wheel._buckets, wheel._taken, wheel._doubtful) == ({}, {}, set())


def test_of_one_second_the_first_in_is_the_first_out() -> None:
    wheel = Wheel()
    for row in range(6):
        wheel.add(row, 10)
    assert [list(wheel.take(10, 2)) for _ in range(4)] == [[0, 1], [2, 3], [4, 5], []]
