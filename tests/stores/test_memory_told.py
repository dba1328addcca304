"""What the memory store has to tell: it is found out in small bites, bounded, and given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionware import MemoryStore
from sessionware.session import Cause
from sessionware.store import Announce, Claim, Count, Invalidate, Listing, Sweep
from sessionware.store._table import GROWTH
from sessionware.store.memory import CHUNK
from support.driver import TIMEOUT, Driver, key_of

if TYPE_CHECKING:
    from sessionware.store import Told

ROOM = 3
ANNOUNCED = 10


def claim(driver: Driver, limit: int = 10**9) -> tuple[Told, ...]:
    return driver.store.execute(Claim(driver.clock.now, limit))


def number_of(told: Told) -> int:
    return int.from_bytes(told.living.key)


def waiting(store: MemoryStore) -> int:
    """How many wait for it to be told of them."""
    return len(store._lives.queue)


# --- small bites --------------------------------------------------------------------------------


def test_a_request_announces_a_few_of_those_who_are_due(driver: Driver, store: MemoryStore) -> None:
    driver.begin(999, announced=True)
    for number in range(100):
        driver.begin(number, events=True)
    driver.clock.advance(ANNOUNCED)
    sizes = []
    for _ in range(5):
        driver.touch(999)
        sizes.append(waiting(store))
    assert sizes == [32, 64, 96, 100, 100]
    assert [told.started for told in claim(driver)] == [True] * 100
    driver.touch(999)
    assert waiting(store) == 0


def test_a_claim_finds_out_no_more_than_it_may_tell(driver: Driver, store: MemoryStore) -> None:
    many = 3 * CHUNK
    for number in range(many):
        driver.begin(number, events=True, announced=True)
    driver.clock.advance(TIMEOUT)
    assert [number_of(told) for told in claim(driver, 10)] == list(range(10))
    assert len(store) >= many - CHUNK
    assert [number_of(told) for told in claim(driver)] == list(range(10, many))
    assert len(store) == waiting(store) == 0


@pytest.mark.parametrize("command", [Count, Sweep, Claim])
def test_who_ended_with_many_others_is_told_of_once(driver: Driver, command: type) -> None:
    many = CHUNK + 100
    for number in range(many):
        driver.begin(number, events=number % 2 == 0, announced=number % 4 == 0)
    over = driver.clock.now + TIMEOUT
    driver.clock.advance(TIMEOUT + 60.5)
    first = driver.store.execute(command(driver.clock.now))
    told = [*(first if command is Claim else ()), *claim(driver)]
    assert sorted(map(number_of, told)) == list(range(0, many, 2))
    assert all(one.started is (number_of(one) % 4 > 0) for one in told)
    assert {(one.cause, one.at) for one in told} == {(Cause.EXPIRED, over)}
    assert claim(driver) == ()


def test_who_was_read_when_it_was_due_has_started_then(driver: Driver) -> None:
    driver.begin(1, events=True)
    due = driver.clock.advance(ANNOUNCED)
    assert driver.get(1) is not None
    driver.clock.now = due - 0.25
    assert driver.touch(1).announce is False  # it was overtaken
    assert [told.started for told in claim(driver)] == [True]


# --- rows ---------------------------------------------------------------------------------------


def test_the_row_of_who_ended_is_not_used_again_before_the_end_is_told(
    driver: Driver, store: MemoryStore
) -> None:
    began = driver.begin(1, events=True, announced=True, data={"a": "1"}, params="q", user="u")
    driver.end(1)
    for number in range(2, 2 + GROWTH):
        driver.begin(number, stream="other", ip="", protocol="DASH")
    (told,) = claim(driver)
    began.new = began.announce = False
    assert told.living == began
    assert len(store._table.free) == GROWTH
    driver.begin(1000)
    assert driver.get(1000).data == {}  # type: ignore[union-attr]


def test_who_ended_and_waits_to_be_told_of_is_no_session_any_more(
    driver: Driver, store: MemoryStore
) -> None:
    driver.begin(1, events=True)
    driver.end(1)
    assert waiting(store) == 1
    assert driver.store.execute(Listing(driver.clock.now, pending=True)) == ()
    assert driver.store.execute(Invalidate(driver.clock.now)) == 0
    assert driver.get(1) is None
    assert driver.begin(1).new
    assert driver.store.execute(Invalidate(driver.clock.now)) == 1


def test_a_start_that_waits_is_told_with_the_end(driver: Driver, store: MemoryStore) -> None:
    driver.begin(1, events=True)
    driver.begin(2, events=True)
    driver.clock.advance(ANNOUNCED)
    driver.count()
    assert waiting(store) == 2
    driver.end(2, Cause.STOPPED)
    assert waiting(store) == 2
    first, second = claim(driver)
    assert (number_of(first), first.started, first.cause) == (1, True, None)
    assert (number_of(second), second.started, second.cause) == (2, True, Cause.STOPPED)
    driver.end(1)
    (ended,) = claim(driver)
    assert (ended.started, ended.cause) == (False, Cause.CLOSED)


def test_who_was_ended_as_expired_ended_when_that_was_said(driver: Driver) -> None:
    driver.begin(1, events=True)
    now = driver.clock.advance(1.5)
    driver.end(1, Cause.EXPIRED)
    (told,) = claim(driver)
    assert (told.cause, told.at, told.living.expires) == (Cause.EXPIRED, now, now + TIMEOUT - 1.5)


# --- bounds -------------------------------------------------------------------------------------


def test_of_more_ends_than_there_is_room_for_the_first_are_not_told(driver: Driver) -> None:
    driver.store = store = MemoryStore(ROOM)
    for number in range(1000):
        driver.begin(number, events=True, announced=True)
        driver.end(number, Cause.STOPPED)
        assert waiting(store) <= ROOM
    assert len(store._table.state) == GROWTH
    assert len(store._lives.queue._how) == ROOM
    assert [(number_of(told), told.cause) for told in claim(driver)] == [
        (number, Cause.STOPPED) for number in (997, 998, 999)
    ]
    assert store._lives.queue._how == {}
    assert len(store._table.free) == GROWTH


def test_those_who_wait_take_no_room_from_the_living(driver: Driver) -> None:
    driver.store = store = MemoryStore(ROOM)
    for number in range(ROOM):
        driver.begin(number, events=True)
        driver.end(number)
    assert all(driver.begin(10 + number).new for number in range(ROOM))
    assert (len(store), waiting(store)) == (ROOM, ROOM)


def test_a_start_that_gave_way_is_not_told_and_the_end_is(driver: Driver) -> None:
    driver.store = store = MemoryStore(ROOM)
    driver.begin(1, events=True)
    driver.clock.advance(ANNOUNCED)
    driver.count()
    for number in range(2, 2 + ROOM):
        driver.begin(number, events=True)
        driver.end(number)
    assert waiting(store) == ROOM
    driver.begin(10, events=True)
    driver.clock.advance(ANNOUNCED)
    driver.count()
    assert waiting(store) == ROOM
    assert [number_of(told) for told in claim(driver)] == [3, 4, 10]
    assert driver.do(Announce, 1) is None
    driver.end(1)
    (told,) = claim(driver)
    assert (number_of(told), told.started, told.cause) == (1, False, Cause.CLOSED)
    assert waiting(store) == 0


def test_who_is_not_to_be_told_of_waits_for_nobody(driver: Driver, store: MemoryStore) -> None:
    driver.begin(1)
    driver.begin(2, events=True, playing=False)
    driver.clock.advance(TIMEOUT)
    assert claim(driver) == ()
    assert (len(store._table.free), key_of(1) in store._table.row_of[0]) == (GROWTH, False)
