"""What the memory store remembers of those who are not there, and that it is bounded."""

from __future__ import annotations

import pytest

from sessionware import MemoryStore
from sessionware.session import Cause, Presentation
from sessionware.store import Bar, Ended, Get, Learn, Sweep, Withdraw
from sessionware.store.memory import CHUNK
from support.driver import TIMEOUT, Driver, key_of

REMEMBER = 600.0
ROOM = 5


def bar(driver: Driver, seconds: float, **more: object) -> Bar:
    return Bar(Cause.STOPPED, driver.clock.now + seconds, **more)  # type: ignore[arg-type]


def remembered(store: MemoryStore) -> tuple[int, int]:
    """How many ends and bars take memory."""
    return store._lives.ends.size, store._lives.bars.size


def end_many(driver: Driver, numbers: range, seconds: float | None = None) -> None:
    for number in numbers:
        driver.begin(number, remember=REMEMBER)
        driver.end(number, bar=None if seconds is None else bar(driver, seconds))


# --- ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("presentation", [None, *Presentation])
def test_an_end_comes_back_as_it_went_in(
    driver: Driver, cause: Cause, presentation: Presentation | None
) -> None:
    started = driver.clock.now
    driver.begin(1, remember=REMEMBER)
    if presentation is not None:
        driver.do(Learn, 1, presentation=presentation, timeout=TIMEOUT)
    at = driver.clock.advance(1.3)
    driver.end(1, cause)
    assert driver.touch(1) == Ended(cause, at, started, presentation)


def test_those_who_expire_at_once_are_all_remembered(driver: Driver, store: MemoryStore) -> None:
    over = driver.clock.now + TIMEOUT
    number = CHUNK + 100
    for one in range(number):
        driver.begin(one, remember=REMEMBER, playing=one % 100 > 0)
    driver.clock.advance(TIMEOUT + 60.5)
    assert driver.count().sessions == 0
    assert remembered(store) == (sum(one % 100 > 0 for one in range(number)), 0)
    assert driver.touch(1) == Ended(Cause.EXPIRED, over, over - TIMEOUT, None)
    assert driver.touch(100) is None


def test_what_is_found_out_after_it_would_be_forgotten_is_not_remembered(
    driver: Driver, store: MemoryStore
) -> None:
    driver.begin(1, remember=REMEMBER)
    driver.clock.advance(TIMEOUT + REMEMBER)
    assert driver.touch(1) is None
    assert remembered(store) == (0, 0)


@pytest.mark.parametrize("found", [False, True])
def test_to_read_with_the_mark_answers_as_a_touch_and_changes_nothing(
    driver: Driver, store: MemoryStore, found: bool
) -> None:
    driver.begin(1, remember=REMEMBER)
    driver.begin(2, remember=REMEMBER, playing=False)
    driver.begin(3)
    driver.clock.advance(TIMEOUT)
    if found:
        store.execute(Sweep(driver.clock.now))
    before = len(store), remembered(store)
    for _ in range(2):
        got = driver.do(Get, 1, mark=key_of(1))
        assert got == Ended(Cause.EXPIRED, driver.clock.now, driver.clock.now - TIMEOUT, None)
        assert driver.do(Get, 2, mark=key_of(2)) is None
        assert driver.do(Get, 3, mark=key_of(3)) is None
        assert driver.get(1) is None
    assert (len(store), remembered(store)) == before


def test_to_read_with_the_mark_tells_of_the_bar_and_without_of_the_session(driver: Driver) -> None:
    driver.begin(1, mark=key_of(9))
    living = driver.begin(2, mark=key_of(9))
    told = bar(driver, 60)
    driver.end(1, bar=told)
    assert driver.do(Get, 2, mark=key_of(9)) == told
    assert driver.do(Get, 2, mark=key_of(8)).started == living.started
    assert driver.get(2) is not None


# --- forgetting ---------------------------------------------------------------------------------


def test_a_sweep_frees_what_nobody_asks_for_any_more(driver: Driver, store: MemoryStore) -> None:
    end_many(driver, range(3))
    end_many(driver, range(3, 5), REMEMBER)
    driver.clock.advance(REMEMBER - 1)
    store.execute(Sweep(driver.clock.now))
    assert remembered(store) == (3, 2)
    driver.clock.advance(1)
    assert store.execute(Sweep(driver.clock.now, limit=1)) == 0
    assert remembered(store) == (2, 1)
    store.execute(Sweep(driver.clock.now))
    assert remembered(store) == (0, 0)


def test_a_sweep_without_bounds_frees_all(driver: Driver, store: MemoryStore) -> None:
    end_many(driver, range(CHUNK + 10))
    store.execute(Sweep(driver.clock.advance(REMEMBER), limit=10**12))
    assert remembered(store) == (0, 0)


def test_bars_that_are_forgotten_leave_their_reasons_to_nobody(
    driver: Driver, store: MemoryStore
) -> None:
    for number in range(CHUNK + 10):
        driver.begin(number)
        driver.end(number, bar=bar(driver, 60, reason="late", status=451))
    driver.clock.advance(60)
    store.execute(Sweep(driver.clock.now, limit=10**12))
    assert remembered(store) == (0, 0)
    driver.begin(1)
    driver.end(1, bar=bar(driver, 60))
    assert driver.touch(1) == bar(driver, 60)


def test_beginnings_forget_as_much_as_their_sessions_leave(
    driver: Driver, store: MemoryStore
) -> None:
    for number in range(1000):
        end_many(driver, range(number, number + 1))
        end_many(driver, range(5000 + number, 5001 + number), REMEMBER)
        driver.clock.advance(REMEMBER / 10)
        assert max(remembered(store)) <= 11


def test_who_begins_again_and_again_is_remembered_once(driver: Driver, store: MemoryStore) -> None:
    for _ in range(500):
        end_many(driver, range(1))
        assert remembered(store) == (1, 0)
    assert len(store._lives.ends._records) == store._lives.ends._record.size


def test_a_withdrawn_life_does_not_bring_back_the_end_of_the_one_before(driver: Driver) -> None:
    end_many(driver, range(1, 2))
    driver.begin(1)
    assert driver.do(Withdraw, 1)
    assert driver.touch(1) is None


# --- bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [None, REMEMBER])
def test_of_more_than_there_is_room_for_the_first_go(driver: Driver, seconds: float | None) -> None:
    driver.store = store = MemoryStore(ROOM)
    end_many(driver, range(3 * ROOM), seconds)  # all in one second
    assert max(remembered(store)) == ROOM
    known = [number for number in range(3 * ROOM) if driver.touch(number) is not None]
    assert known == list(range(2 * ROOM, 3 * ROOM))


def test_ends_bars_and_sessions_take_no_room_from_each_other(driver: Driver) -> None:
    driver.store = store = MemoryStore(ROOM)
    end_many(driver, range(ROOM))
    end_many(driver, range(10, 10 + ROOM), REMEMBER)
    for number in range(20, 20 + ROOM):
        assert driver.begin(number).new
    assert (len(store), *remembered(store)) == (ROOM, ROOM, ROOM)


def test_as_many_as_expire_at_once_push_out_those_who_were_remembered(driver: Driver) -> None:
    driver.store = store = MemoryStore(ROOM)
    end_many(driver, range(ROOM))
    for number in range(10, 10 + ROOM - 1):
        driver.begin(number, remember=REMEMBER)
    driver.clock.advance(TIMEOUT)
    assert store.execute(Sweep(driver.clock.now)) == ROOM - 1
    known = [number for number in range(20) if driver.touch(number) is not None]
    assert known == [ROOM - 1, *range(10, 10 + ROOM - 1)]


def test_a_bar_that_is_replaced_takes_no_room_of_another(driver: Driver) -> None:
    driver.store = store = MemoryStore(2)
    end_many(driver, range(1), 1000)
    for seconds in range(100, 200):
        driver.begin(1, mark=key_of(7))
        driver.begin(2, mark=key_of(7))
        driver.end(1, bar=bar(driver, seconds))
        driver.end(2, bar=bar(driver, seconds + 1, reason=str(seconds)))
        told = driver.touch(1, mark=key_of(7))
        assert told == bar(driver, seconds + 1, reason=str(seconds))
        driver.clock.advance(seconds + 1)
        assert driver.touch(1, mark=key_of(7)) is None
        assert remembered(store)[1] <= 2
        end_many(driver, range(1), 1000)


def test_a_bar_that_has_passed_already_is_not_kept(driver: Driver, store: MemoryStore) -> None:
    driver.begin(1, remember=REMEMBER)
    assert driver.end(1, bar=bar(driver, 0))
    assert driver.touch(1) is None
    assert remembered(store) == (0, 0)


# --- what a life keeps --------------------------------------------------------------------------


def test_a_row_that_is_used_again_keeps_nothing_that_was_learned(driver: Driver) -> None:
    now = driver.clock.now
    driver.begin(1, remember=REMEMBER, previous="before", until=now + 1000, mark=key_of(7))
    learned = {"duration": 90.5, "timeout": 50.0, "until": now + 900}
    driver.do(Learn, 1, presentation=Presentation.VOD, **learned)
    driver.do(Learn, 1, presentation=Presentation.LIVE, **learned)
    kept = driver.get(1)
    assert kept is not None
    assert (kept.previous, kept.live_seen, kept.duration) == ("before", now, 90.5)
    driver.end(1)
    driver.begin(2)
    got = driver.get(2)
    assert got is not None
    assert (got.previous, got.live_seen, got.duration, got.presentation) == ("", 0.0, None, None)
    assert got.expires == now + TIMEOUT
    driver.do(Learn, 2, presentation=Presentation.VOD, timeout=TIMEOUT)
    got = driver.get(2)
    assert got is not None
    assert (got.live_seen, got.duration) == (0.0, None)
    driver.end(2, bar=bar(driver, 60))
    assert driver.touch(2) == bar(driver, 60)
    assert driver.touch(2, mark=key_of(7)) is None  # and of the second life nothing else is known


def test_sessions_of_one_mark_are_ended_one_by_one_and_barred_together(driver: Driver) -> None:
    shared = key_of(7)
    for number in range(3):
        driver.begin(number, mark=shared, remember=REMEMBER)
    driver.end(0)
    assert isinstance(driver.touch(0, mark=shared), Ended)
    assert driver.touch(1, mark=shared).requests == 2
    told = bar(driver, TIMEOUT + 60)
    driver.end(1, bar=told)
    assert [driver.touch(number, mark=shared) for number in range(3)] == [told] * 3
    driver.clock.advance(TIMEOUT)
    assert driver.count().ended == 3
    driver.clock.advance(60)
    over = driver.clock.now - 60
    assert driver.touch(2, mark=shared) == Ended(Cause.EXPIRED, over, over - TIMEOUT, None)
