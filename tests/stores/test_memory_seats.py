"""The memory store's places: nobody walks through those who are inside, and none is forgotten."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.session import Presentation
from sessionware.store import (
    Crowded,
    Enter,
    Finish,
    Learn,
    Leave,
    Living,
    Outside,
    Place,
    Postpone,
    Withdraw,
)
from sessionware.store._members import FEW, Members
from sessionware.store._seats import Seats
from support.driver import TIMEOUT, Driver, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware import MemoryStore

HOLD = 60.0
MANY = 300
LONG = 10_000.0
"""How long a session lives here: it is its place that is over first."""


def place(name: str, limit: int, hold: float = HOLD, *, evict: bool = False) -> Place:
    return Place(name, name.encode().ljust(16, b"."), limit, hold, evict)


ALL = place("all", MANY)


def come(driver: Driver, number: int, *places: Place, **more: Any) -> Any:
    return driver.begin(number, places=places, timeout=LONG, **more)


def enter(driver: Driver, number: int) -> Any:
    return driver.do(Enter, number, mark=key_of(number))


def come_all(driver: Driver, *places: Place, many: int = MANY) -> None:
    for number in range(many):
        assert come(driver, number, *places).new


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that are looked at, to see whether their place is over."""
    rows: list[int] = []
    until = Seats._until

    def looked(seats: Seats, scope: bytes, row: int) -> float:
        rows.append(row)
        return until(seats, scope, row)

    monkeypatch.setattr(Seats, "_until", looked)
    return rows


# --- what a newcomer costs ----------------------------------------------------------------------


def test_where_there_is_room_a_newcomer_looks_at_nobody(driver: Driver, looks: list[int]) -> None:
    come_all(driver, ALL, many=MANY // 2)
    driver.clock.advance(2 * HOLD)
    assert come(driver, 1000, ALL).new
    assert looks == []


def test_where_all_is_taken_a_newcomer_looks_at_those_whose_time_has_come(
    driver: Driver, looks: list[int]
) -> None:
    come_all(driver, ALL)
    assert come(driver, 1000, ALL, holder=b"h" * 16) == Crowded("all")
    assert len(looks) <= FEW + 1  # of those who came first it is not known yet
    looks.clear()
    for _ in range(30):
        driver.clock.advance(HOLD / 20)
        for number in range(MANY):
            driver.touch(number)
        assert come(driver, 1000, ALL, holder=b"h" * 16) == Crowded("all")
    assert len(looks) == MANY
    looks.clear()
    driver.clock.advance(HOLD)
    assert come(driver, 1000, ALL).new
    assert len(looks) == MANY


def test_who_is_silent_makes_room_in_a_crowd_at_the_very_moment(driver: Driver) -> None:
    come_all(driver, ALL)
    start = driver.clock.now
    come(driver, 1000, ALL)  # refused; from now on it is known when each is over
    driver.clock.advance(20.25)
    for number in range(1, MANY):
        driver.touch(number)
    driver.clock.now = start + HOLD - 0.25
    assert come(driver, 1000, ALL) == Crowded("all")
    driver.clock.now = start + HOLD
    assert come(driver, 1000, ALL).new
    assert come(driver, 1001, ALL) == Crowded("all")
    assert isinstance(driver.touch(0), Outside)
    assert enter(driver, 0) == Crowded("all")


def test_in_a_crowd_the_former_session_of_the_same_token_gives_way(driver: Driver) -> None:
    come_all(driver, ALL, many=MANY - 1)
    come(driver, 500, ALL, holder=b"h" * 16)
    assert come(driver, 1000, ALL, holder=b"g" * 16) == Crowded("all")
    assert come(driver, 1000, ALL, holder=b"h" * 16).new
    assert isinstance(driver.touch(500), Outside)
    assert isinstance(driver.touch(0), Living)


def test_in_a_crowd_who_is_silent_longest_is_evicted(driver: Driver) -> None:
    evicting = place("ip", MANY, evict=True)
    come_all(driver, evicting)
    driver.clock.advance(1)
    for number in range(MANY):
        if number != 77:
            driver.touch(number)
    assert come(driver, 1000, evicting).new
    assert driver.get(77) is None
    assert driver.count().sessions == MANY


def test_a_crowd_of_one_token_gives_way_too(driver: Driver) -> None:
    for number in range(MANY):
        come(driver, number, place("user", MANY), holder=b"h" * 16)
        driver.clock.advance(0.01)
    assert come(driver, 1000, place("user", MANY), holder=b"h" * 16).new
    assert [isinstance(driver.touch(number), Outside) for number in range(3)] == [
        True,
        False,
        False,
    ]


def test_those_who_come_and_go_in_a_crowd_leave_nothing_behind(
    driver: Driver, store: MemoryStore
) -> None:
    come_all(driver, ALL)
    come(driver, 1000, ALL)
    driver.end(0)
    for number in range(2000, 2000 + 10 * MANY):
        come(driver, number, ALL)
        driver.end(number)
    crowd = store._lives.seats._inside._crowds[ALL.scope]
    assert len(crowd.sure) == MANY - 1
    assert len(crowd._soonest or ()) <= 2 * MANY
    assert come(driver, 1000, ALL).new
    assert come(driver, 1001, ALL) == Crowded("all")


# --- who is known where -------------------------------------------------------------------------

ONE = place("one", 1)


def lapse(driver: Driver) -> None:
    """One is inside, and its place is found to be over."""
    come(driver, 1, ONE)
    driver.clock.advance(HOLD)
    assert come(driver, 2, ONE).new
    driver.end(2)


def test_a_request_that_was_overtaken_is_known_to_the_scope_again(driver: Driver) -> None:
    lapse(driver)
    driver.clock.now -= 1
    assert isinstance(driver.touch(1), Living)
    driver.clock.now += 1
    assert come(driver, 2, ONE) == Crowded("one")


def test_an_answer_that_was_overtaken_is_known_to_the_scope_again(driver: Driver) -> None:
    lapse(driver)
    driver.clock.now -= 1
    assert driver.do(Finish, 1)
    driver.clock.now += 1
    assert come(driver, 2, ONE) == Crowded("one")


def test_who_lives_longer_after_a_gap_has_lost_its_place_all_the_same(
    driver: Driver, store: MemoryStore
) -> None:
    lapse(driver)
    assert store.execute(Postpone(driver.clock.now, driver.clock.now - 30, 600)) == 30
    assert come(driver, 2, ONE).new


def test_places_may_be_over_at_different_times(driver: Driver) -> None:
    short, long = place("short", 1, 10.0), place("long", 1, 50.0)
    come(driver, 1, short, long)
    driver.clock.advance(10)
    assert isinstance(driver.touch(1), Outside)
    assert come(driver, 2, short).new
    assert come(driver, 3, long) == Crowded("long")
    assert enter(driver, 1) == Crowded("short")
    driver.clock.advance(40)
    assert come(driver, 3, long).new


def test_who_is_over_sooner_than_thought_makes_room_sooner(
    driver: Driver, store: MemoryStore
) -> None:
    come_all(driver, ALL)
    come(driver, 1000, ALL)
    driver.do(Learn, 200, presentation=Presentation.LIVE, timeout=20)
    driver.clock.advance(20)
    assert come(driver, 1000, ALL).new
    assert len(store) == MANY + 1  # it was not the wheel that found out
    assert come(driver, 1001, ALL) == Crowded("all")


def test_who_becomes_quiet_has_had_its_places_since_its_start(driver: Driver) -> None:
    come_all(driver, ALL)
    come(driver, 1000, ALL)
    driver.clock.advance(HOLD / 2)
    for number in range(MANY):
        driver.touch(number)
    come(driver, 1000, ALL)
    driver.do(Learn, 5, presentation=Presentation.VOD, timeout=LONG, window=0.0)
    driver.clock.advance(HOLD / 2)
    assert come(driver, 1000, ALL).new
    assert come(driver, 1001, ALL) == Crowded("all")


# --- what is given back -------------------------------------------------------------------------


def left(store: MemoryStore) -> list[int]:
    """What takes memory for places."""
    seats = store._lives.seats
    kept = (
        seats, seats._scopes, seats._held, seats._swap, seats._lapsed, seats._inside,
        seats._held_by, seats._known,
    )  # fmt: skip
    return [len(one) for one in kept]


OVER: dict[str, Callable[[Driver], Any]] = {
    "expired": lambda driver: driver.clock.advance(LONG + TIMEOUT) and driver.count(),
    "ended": lambda driver: [driver.end(number) for number in range(100)],
    "withdrawn": lambda driver: [driver.do(Withdraw, number) for number in range(100)],
}


@pytest.mark.parametrize("how", OVER)
@pytest.mark.parametrize("many", [1, FEW, 99])
def test_who_is_over_leaves_nothing_behind(
    driver: Driver, store: MemoryStore, how: str, many: int
) -> None:
    limits = place("user", many), place("ip", many + 5, 2 * HOLD, evict=True)
    for number in range(many):
        come(driver, number, *limits, holder=b"h" * 16)
    assert 0 not in {*left(store)[:3], *left(store)[5:]}
    OVER[how](driver)
    assert left(store) == [0] * 8


def test_who_gave_its_place_to_another_leaves_nothing_behind(
    driver: Driver, store: MemoryStore
) -> None:
    for number in range(1, 5):
        assert come(driver, number, ONE, place("ip", 3, evict=True), holder=b"h" * 16).new
    assert enter(driver, 1).requests == 2
    assert len(store._lives.seats._swap) == 4
    come(driver, 5, place("two", 1), playing=False)
    driver.do(Leave, 5)
    assert len(store._lives.seats._inside) == 2
    driver.clock.advance(HOLD)
    assert come(driver, 6, ONE).new
    assert len(store._lives.seats._lapsed) == 1
    for number in range(1, 7):
        driver.end(number)
    assert left(store) == [0] * 8


# --- members ------------------------------------------------------------------------------------

MOVES = st.tuples(
    st.sampled_from(["put", "put", "put", "longer", "remove", "take"]),
    st.integers(0, 12),
    st.sampled_from([0.25, 0.5, 1.0, 2.0, 9.0]),
)


@given(moves=st.lists(MOVES, max_size=80))
def test_whoever_is_over_is_found_and_nobody_else(moves: list[tuple[str, int, float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sessionware.store._members.FEW", 3)
        members, until, now = Members(), dict[int, float](), 0.0
        for move, row, span in moves:
            if move == "put":
                until[row] = now + span
                members.put(b"name", row, until[row])
            elif move == "longer" and row in until:
                until[row] += span  # nobody says so
            elif move == "remove":
                members.remove(b"name", row)
                until.pop(row, None)
            elif move == "take":
                now += span
                over = {row for row, at in until.items() if at <= now}
                assert sorted(members.take_gone(b"name", now, until.__getitem__)) == sorted(over)
                until = {row: at for row, at in until.items() if row not in over}
            assert sorted(members.of(b"name")) == sorted(until)
            assert len(members) == bool(until)
        members.take_gone(b"name", math.inf, until.__getitem__)
        assert len(members) == 0


def test_rows_are_known_by_the_name_that_they_were_put_under() -> None:
    members = Members()
    for row in range(2 * FEW):
        members.put(b"many", row)
        members.put(b"few" if row % 2 else b"own%d" % row, row)
    assert sorted(members.of(b"many")) == list(range(2 * FEW))
    assert sorted(members.of(b"few")) == list(range(1, 2 * FEW, 2))
    assert list(members.of(b"own4")) == [4]
    assert list(members.of(b"never")) == []
    members.remove(b"few", 4)
    members.remove(b"never", 4)
    assert (len(members.of(b"few")), len(members)) == (FEW, 2 + FEW)
