"""How the SQLite store ends what is due, and what of it leaves the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from sessionware import Counts
from sessionware.session import Cause
from sessionware.store import Bar, Claim, Finish, Full, Learn, Living, Sweep
from sessionware.store.records import ANNOUNCED_AFTER, OPENED_AGAIN
from sessionware.store.sqlite import CHUNK, SWEPT_BY_A_TOUCH, SqliteStore
from support.driver import TIMEOUT, Driver, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.clock import Clock

HOUR = 3600.0


def rows(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as other:
        number: int = other.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return number


def test_the_touches_of_those_who_stay_end_those_who_left(
    path: Path, driver: Driver, clock: Clock
) -> None:
    leavers = 10 * SWEPT_BY_A_TOUCH
    for number in range(leavers):
        driver.begin(number)
    clock.advance(TIMEOUT)
    driver.begin(5_000)
    for _ in range(9):
        assert driver.touch(5_000) is not None
    assert rows(path, "session") == 1


def test_who_comes_due_and_has_not_left_is_put_off_and_stays(
    path: Path, driver: Driver, clock: Clock
) -> None:
    for number in range(3):
        driver.begin(number)
    clock.advance(TIMEOUT - 1)
    driver.touch(0)
    clock.advance(1)
    assert driver.store.execute(Sweep(clock.now)) == 2
    assert driver.get(0) is not None
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT due - expires FROM session").fetchall() == [(0,)]
    clock.advance(TIMEOUT - 2)
    assert driver.store.execute(Sweep(clock.now)) == 0
    clock.advance(1)
    assert driver.store.execute(Sweep(clock.now)) == 1


def test_a_sweep_goes_on_behind_those_who_stay(driver: Driver, clock: Clock) -> None:
    for number in range(20):
        driver.begin(number)
    clock.advance(TIMEOUT - 1)
    for number in range(10):
        driver.touch(number)
    clock.advance(1)
    assert driver.store.execute(Sweep(clock.now, 4)) == 4
    assert driver.store.execute(Sweep(clock.now, 10)) == 6


def test_many_leave_at_once_and_the_next_count_knows(
    path: Path, driver: Driver, clock: Clock
) -> None:
    leavers = 2 * CHUNK + 10
    for number in range(leavers):
        driver.begin(number, remember=600)
    clock.advance(TIMEOUT)
    assert driver.count() == Counts(started=leavers, ended=leavers, requests=leavers)
    assert (rows(path, "session"), rows(path, "ended")) == (0, leavers)
    clock.advance(600)
    driver.store.execute(Sweep(clock.now))
    assert rows(path, "ended") == 0


def test_bars_that_have_passed_leave_no_row(path: Path, driver: Driver, clock: Clock) -> None:
    driver.begin(1)
    driver.end(1, Cause.STOPPED, Bar(Cause.STOPPED, clock.now + 60))
    driver.begin(2)
    assert rows(path, "bar") == 1
    clock.advance(60)
    driver.touch(2)
    assert rows(path, "bar") == 0


def test_names_of_streams_that_came_and_went_leave_no_row(
    path: Path, driver: Driver, clock: Clock
) -> None:
    for number in range(100):
        driver.begin(number, stream=f"guess{number}")
        driver.begin(1000 + number, stream=f"idea{number}", playing=False)
    clock.advance(TIMEOUT)
    assert driver.count() == Counts(started=100, ended=100, requests=100)
    assert rows(path, "total") == 100
    clock.advance(HOUR)
    for number in range(4):
        driver.begin(2000 + number)
    assert rows(path, "total") == 0
    assert driver.count().ended == 100
    assert rows(path, "former") == 1


def test_an_hour_counts_from_when_the_last_session_was_over_whenever_that_is_found(
    driver: Driver, clock: Clock
) -> None:
    driver.begin(1)
    clock.advance(TIMEOUT + HOUR - 1)
    assert driver.count("film").ended == 1
    driver.begin(2)
    driver.end(2)
    clock.advance(1)
    assert driver.count("film").ended == 2
    driver.begin(3)
    clock.advance(TIMEOUT + HOUR)
    assert driver.count("film") == Counts()
    assert driver.count().ended == 3


def test_a_stream_that_was_forgotten_begins_at_nought(driver: Driver, clock: Clock) -> None:
    for number in range(3 * SWEPT_BY_A_TOUCH):
        driver.begin(number, stream=f"{number:03}")
        driver.end(number)
    clock.advance(HOUR)
    last = 3 * SWEPT_BY_A_TOUCH - 1
    driver.begin(last, stream=f"{last:03}")
    assert driver.count(f"{last:03}") == Counts(watching=1, sessions=1, requests=1)


def test_a_stream_that_lives_is_not_forgotten_when_another_begins(
    driver: Driver, clock: Clock
) -> None:
    last = 3 * SWEPT_BY_A_TOUCH
    driver.begin(last + 1, stream=f"{last:03}", timeout=10 * HOUR)
    for number in range(last + 1):
        driver.begin(number, stream=f"{number:03}")
        driver.end(number)
    clock.advance(HOUR)
    driver.begin(last, stream=f"{last:03}")
    counted = driver.count(f"{last:03}")
    assert counted == Counts(watching=1, sessions=2, started=2, ended=1, requests=3)


def test_an_hour_of_a_stream_that_lives_is_asked_for_once(
    path: Path, driver: Driver, clock: Clock
) -> None:
    driver.begin(1, timeout=10 * HOUR)
    driver.begin(2)
    driver.end(2)
    clock.advance(HOUR)
    assert driver.count().started == 2
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT forget FROM total").fetchall() == [(clock.now + HOUR,)]


def test_who_is_announced_by_time_is_looked_at_then_and_once(
    path: Path, driver: Driver, clock: Clock
) -> None:
    driver.begin(1, events=True)
    driver.begin(2, events=True, playing=False)
    driver.begin(3, events=True, announced=True)
    driver.begin(4)
    with closing(sqlite3.connect(path)) as other:
        due = "SELECT due - announce_at, due - expires FROM session ORDER BY key"
        late = ANNOUNCED_AFTER - TIMEOUT
        assert other.execute(due).fetchall() == [(0, late), (-late, 0), (-late, 0), (0, late)]
        driver.do(Learn, 2)
        assert other.execute(due).fetchall()[1] == (0, late)
        clock.advance(ANNOUNCED_AFTER)
        given = driver.store.execute(Claim(clock.now))
        assert [told.living.key for told in given] == [key_of(1), key_of(2)]
        assert other.execute(due).fetchall() == [(-late, 0)] * 4
    assert driver.store.execute(Claim(clock.now)) == ()


def test_a_session_that_was_due_for_another_reason_is_announced_when_it_is_time(
    driver: Driver, clock: Clock
) -> None:
    driver.begin(1, events=True, timeout=8.0)
    clock.advance(5)
    driver.do(Finish, 1)
    clock.advance(3)
    assert driver.store.execute(Claim(clock.now)) == ()
    clock.advance(2)
    (told,) = driver.store.execute(Claim(clock.now))
    assert (told.started, told.cause) == (True, None)


def test_a_claim_of_a_few_lets_others_have_their_turn_before_all_is_ended(
    path: Path, driver: Driver, clock: Clock
) -> None:
    leavers = 2 * CHUNK + 10
    for number in range(leavers):
        driver.begin(number, events=True)
    clock.advance(TIMEOUT)
    assert len(driver.store.execute(Claim(clock.now, 5))) == 5
    assert rows(path, "session") == leavers - CHUNK
    told = driver.store.execute(Claim(clock.now, leavers))
    assert len(told) == leavers - 5
    assert (rows(path, "session"), rows(path, "told")) == (0, 0)


def test_of_more_than_it_has_room_for_the_newest_are_told(path: Path, clock: Clock) -> None:
    with closing(SqliteStore(path, max_sessions=3)) as store:
        driver = Driver(store, clock)
        for number in range(5):
            driver.begin(number, events=True)
            driver.end(number)
        assert rows(path, "told") == 3
        told = store.execute(Claim(clock.now, 2)) + store.execute(Claim(clock.now))
        assert [one.living.key for one in told] == [key_of(2), key_of(3), key_of(4)]


def test_who_began_a_moment_ago_leaves_no_row(path: Path, driver: Driver, clock: Clock) -> None:
    for number in range(SWEPT_BY_A_TOUCH + 1):
        driver.begin(number, client=key_of(number))
    clock.advance(OPENED_AGAIN)
    driver.touch(1)
    driver.touch(1)
    assert rows(path, "opened") == 0


def test_room_is_that_of_the_file_and_not_of_a_process(
    path: Path, driver: Driver, clock: Clock
) -> None:
    driver.begin(1)
    driver.begin(2)
    with closing(SqliteStore(path, max_sessions=3)) as other:
        there = Driver(other, clock)
        assert there.begin(3).new
        assert there.begin(4) == Full()
        driver.end(1)
        assert there.begin(4).new
        assert isinstance(there.touch(2), Living)
