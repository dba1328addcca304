"""The memory store, command by command."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sessionware import Counts, Kind, MemoryStore, State
from sessionware.store import Finish, Learn, Listing, Living, Merge, Sweep, Withdraw
from sessionware.store._table import GROWTH
from support.driver import TIMEOUT, Driver


def test_a_beginning_is_answered_with_all_that_is_known(driver: Driver) -> None:
    now = driver.clock.now
    begun = driver.begin(1, params="a=1", service="hash", data={"a": "1"})
    assert begun == Living(
        (1).to_bytes(16), Kind.VIEWER, "film", "192.0.2.7", "HLS", "hash", "a=1", now, now,
        now + TIMEOUT, State.LIVE, 1, {"a": "1"}, new=True,
    )  # fmt: skip


def test_to_begin_twice_is_to_join(driver: Driver) -> None:
    driver.begin(1, stream="first", data={"a": "1"})
    driver.clock.advance(3)
    joined = driver.begin(1, stream="second", data={"a": "2"}, playing=False)
    assert not joined.new
    assert (joined.stream, joined.data, joined.requests) == ("first", {"a": "1"}, 2)
    assert joined.last_seen == joined.started + 3
    assert driver.count() == Counts(watching=1, sessions=1, started=1, seconds=3.0, requests=2)


def test_eight_threads_that_begin_the_same_session_make_one(driver: Driver) -> None:
    gate = threading.Barrier(8)
    new: list[bool] = []

    def begin() -> None:
        for number in range(200):
            gate.wait()
            new.append(driver.begin(number).new)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(new), sum(new)) == (1600, 200)
    assert driver.count() == Counts(watching=200, sessions=200, started=200, requests=1600)


def test_a_touch_moves_the_last_request_and_the_end(driver: Driver) -> None:
    start = driver.clock.now
    driver.begin(1)
    driver.clock.advance(100)
    touched = driver.touch(1)
    assert touched is not None
    assert (touched.started, touched.last_seen) == (start, start + 100)
    assert (touched.expires, touched.requests, touched.new) == (start + 220, 2, False)


def test_touches_that_overtake_each_other_never_turn_time_back(driver: Driver) -> None:
    # P25: audio, video and subtitles are asked for at once.
    driver.begin(1, window=1.0)
    late = driver.clock.advance(50)
    driver.touch(1)
    driver.clock.now = late - 30
    overtaken = driver.touch(1)
    assert overtaken is not None
    assert (overtaken.last_seen, overtaken.requests, overtaken.seconds) == (late, 3, 1.0)
    driver.clock.now = late
    assert driver.count().watching == 1


@pytest.mark.parametrize("command", ["touch", "get"])
def test_what_is_unknown_is_answered_by_none(
    driver: Driver, store: MemoryStore, command: str
) -> None:
    assert getattr(driver, command)(1) is None
    assert len(store) == 0


def test_to_get_changes_nothing(driver: Driver) -> None:
    begun = driver.begin(1)
    driver.clock.advance(60)
    assert driver.get(1) == driver.get(1)
    got = driver.get(1)
    assert got is not None
    assert (got.last_seen, got.requests) == (begun.last_seen, 1)


# --- pending ------------------------------------------------------------------------------------


def test_a_pending_session_counts_nowhere(driver: Driver, store: MemoryStore) -> None:
    pending = driver.begin(1, playing=False)
    assert pending.state is State.PENDING
    assert driver.count() == Counts()
    assert driver.store.execute(Listing(driver.clock.now)) == ()
    driver.clock.advance(TIMEOUT)
    assert driver.count() == Counts()
    assert len(store) == 0


@pytest.mark.parametrize("how", ["touch", "learn", "join"])
def test_a_pending_session_plays_once_and_for_good(driver: Driver, how: str) -> None:
    plays = {
        "touch": lambda: driver.touch(1, playing=True),
        "learn": lambda: driver.do(Learn, 1),
        "join": lambda: driver.begin(1, playing=True),
    }[how]
    driver.begin(1, playing=False)
    plays()
    plays()
    driver.touch(1, playing=False)
    got = driver.get(1)
    assert got is not None
    assert got.state is State.LIVE
    counted = driver.count()
    assert (counted.watching, counted.sessions, counted.started) == (1, 1, 1)
    assert counted.requests == got.requests


# --- the end ------------------------------------------------------------------------------------


def test_a_session_ends_at_the_very_second_and_not_before(driver: Driver) -> None:
    driver.begin(1)
    driver.clock.advance(TIMEOUT - 0.001)
    assert driver.get(1) is not None
    driver.clock.now = driver.get(1).expires  # type: ignore[union-attr]
    assert driver.get(1) is None
    assert driver.touch(1) is None
    assert driver.count() == Counts(sessions=0, started=1, ended=1, requests=1)


def test_the_absolute_deadline_holds_however_much_is_asked(driver: Driver) -> None:
    driver.begin(1, deadline=driver.clock.now + 300)
    for _ in range(4):
        driver.clock.advance(70)
        assert driver.touch(1) is not None
    driver.clock.advance(20)
    assert driver.touch(1) is None
    assert driver.begin(1).new


def test_an_ended_session_leaves_nothing_to_the_next_life(driver: Driver) -> None:
    driver.begin(1, data={"a": "1"}, params="q=1", service="s", cookie_set=driver.clock.now)
    ended = driver.end(1)
    assert (ended.data, ended.params) == ({"a": "1"}, "q=1")
    assert driver.end(1) is None
    again = driver.begin(1)
    assert again.new
    assert (again.data, again.params, again.service, again.requests) == ({}, "", "", 1)
    driver.clock.advance(10)
    assert driver.count() == Counts(watching=1, sessions=1, started=2, ended=1, requests=2)


def test_rows_are_used_again_and_keep_nothing_of_who_was_there(
    driver: Driver, store: MemoryStore
) -> None:
    for number in range(1000):
        driver.begin(number, data={"a": "1"}, params="q", ip="192.0.2.9", cookie_set=1.0)
        driver.clock.advance(1)
        driver.do(Finish, number, bytes_down=3, bytes_up=4)
        driver.touch(number, segments=True)
        driver.end(number)
        driver.clock.advance(TIMEOUT + 1)
        newcomer = driver.begin(number + 5000, ip="")
        assert (newcomer.data, newcomer.params, newcomer.ip) == ({}, "", "")
        assert (newcomer.bytes_down, newcomer.bytes_up, newcomer.seconds) == (0, 0, 0.0)
        assert not newcomer.segments
    assert len(store._table.key) <= GROWTH


def test_twenty_thousand_leavers_expire_by_the_touches_of_those_who_stay(
    driver: Driver, store: MemoryStore
) -> None:
    # P41: with one removal per sweep they took hours.
    for number in range(20_000):
        driver.begin(number)
    driver.clock.advance(TIMEOUT + 1)
    driver.begin(50_000)
    for _ in range(20_000 // 32 + 1):
        assert driver.touch(50_000) is not None
    assert len(store) == 1


def test_a_count_never_waits_for_a_sweep(driver: Driver) -> None:
    for number in range(5_000):
        driver.begin(number)
    driver.clock.advance(TIMEOUT + 1)
    assert driver.count() == Counts(started=5_000, ended=5_000, requests=5_000)


def test_a_sweep_ends_as_many_as_it_may(driver: Driver, store: MemoryStore) -> None:
    for number in range(10):
        driver.begin(number)
    assert driver.store.execute(Sweep(driver.clock.now)) == 0
    now = driver.clock.advance(TIMEOUT + 1)
    assert driver.store.execute(Sweep(now, limit=4)) == 4
    assert len(store) == 6
    assert driver.store.execute(Sweep(now)) == 6
    assert driver.store.execute(Sweep(now)) == 0


# --- withdrawing --------------------------------------------------------------------------------


@pytest.mark.parametrize("playing", [True, False])
def test_a_withdrawn_session_is_as_if_it_had_never_been(driver: Driver, playing: bool) -> None:
    driver.begin(1, playing=playing)
    assert driver.do(Withdraw, 1)
    assert driver.count() == Counts()
    assert driver.get(1) is None
    assert driver.begin(1).new


def test_a_session_that_asked_for_more_is_not_withdrawn(driver: Driver) -> None:
    # P40: an origin's gap ends nothing.
    driver.begin(1)
    driver.touch(1)
    assert driver.do(Withdraw, 1) is False
    assert driver.get(1) is not None
    assert driver.do(Withdraw, 2) is False


# --- data and cookies ---------------------------------------------------------------------------


def test_data_is_merged_key_by_key(driver: Driver) -> None:
    driver.begin(1, data={"a": "1", "b": "2"})
    before = driver.get(1)
    assert driver.do(Merge, 1, changes={"b": None, "c": "3", "never": None})
    after = driver.get(1)
    assert before is not None
    assert after is not None
    assert (before.data, after.data) == ({"a": "1", "b": "2"}, {"a": "1", "c": "3"})
    assert driver.do(Merge, 1, changes={"a": None, "c": None})
    assert driver.get(1).data == {}  # type: ignore[union-attr]
    assert driver.do(Merge, 2, changes={"a": "1"}) is False


def test_a_cookie_is_renewed_by_one_request_when_it_is_half_worn_out(driver: Driver) -> None:
    driver.begin(1, cookie_set=driver.clock.now)

    def renews(after: float | None = 50) -> bool:
        living = driver.touch(1, renew_cookie_after=after)
        assert living is not None
        return living.renew_cookie

    driver.clock.advance(49)
    assert not renews()
    driver.clock.advance(1)
    assert not renews(None)
    assert [renews(), renews()] == [True, False]
    driver.clock.advance(50)
    assert [renews(), renews()] == [True, False]


@pytest.mark.parametrize(("cookie_set", "renewed"), [(None, True), ("now", False)])
def test_a_cookie_that_was_never_set_is_set(driver: Driver, cookie_set: Any, renewed: bool) -> None:
    driver.begin(1, cookie_set=driver.clock.now if cookie_set else None)
    living = driver.touch(1, renew_cookie_after=300)
    assert living is not None
    assert living.renew_cookie is renewed
