"""The memory store as a whole: its bounds, its numbers and its lists."""

from __future__ import annotations

import pytest

from sessionware import Counts, Kind, MemoryStore
from sessionware.identity import milliseconds
from sessionware.store import Command, Full, Listing, Living, Meta, Streams, Withdraw
from support.driver import TIMEOUT, Driver, key_of

HOUR = 3600.0


# --- a full store -------------------------------------------------------------------------------


def test_a_full_store_refuses_newcomers_and_keeps_the_living(
    driver: Driver, store: MemoryStore
) -> None:
    store.max_sessions = 2
    assert driver.begin(1).new
    assert driver.begin(2).new
    assert driver.begin(3) == Full()
    assert driver.begin(1).requests == 2
    assert driver.touch(2) is not None
    assert driver.count().requests == 4
    driver.end(1)
    assert driver.begin(3).new


def test_the_expired_make_room_at_once(driver: Driver, store: MemoryStore) -> None:
    store.max_sessions = 100
    for number in range(100):
        driver.begin(number)
    driver.clock.advance(TIMEOUT + 1)
    assert all(driver.begin(1000 + number).new for number in range(100))
    assert driver.begin(2000) == Full()


# --- numbers ------------------------------------------------------------------------------------


def test_only_viewers_watch_and_the_unspecified_count_under_their_own_kind(driver: Driver) -> None:
    for number, kind in enumerate((Kind.VIEWER, Kind.INPUT, Kind.OUTPUT, Kind.UNSPECIFIED)):
        driver.begin(number, kind=kind)
    driver.begin(9, window=0.0)
    assert driver.count() == Counts(watching=1, quiet=1, sessions=4, requests=4)
    assert driver.count(kind=Kind.VIEWER) == Counts(watching=1, quiet=1, sessions=2, requests=2)
    assert driver.count(kind=Kind.INPUT) == Counts(sessions=1, requests=1)
    assert driver.count(kind=Kind.UNSPECIFIED) == Counts(sessions=1, requests=1)


def test_a_stream_counts_what_is_its_own(driver: Driver) -> None:
    driver.begin(1, stream="a")
    driver.begin(2, stream="a", kind=Kind.INPUT)
    driver.begin(3, stream="a/b")
    assert driver.count("a") == Counts(watching=1, sessions=2, requests=2)
    assert driver.count("a", Kind.INPUT) == Counts(sessions=1, requests=1)
    assert driver.count("never") == Counts()


@pytest.mark.parametrize(
    ("silence", "window", "watching"),
    [
        (0, 15, 1),
        (15, 15, 1),
        (17, 15, 0),
        (0.4, 0.5, 1),
        (15.4, 15.5, 1),
        (30, 60, 1),
        (62, 60, 0),
    ],
)
def test_who_asked_inside_the_window_watches(
    driver: Driver, silence: float, window: float, watching: int
) -> None:
    for offset in (0.0, 0.3, 0.7):  # whatever the fraction of the second
        driver.clock.now = 1_700_000_000 + offset
        driver.begin(1, window=window)
        driver.clock.advance(silence)
        assert driver.count().watching == watching
        driver.end(1)


def test_streams_lists_each_stream_with_its_counts(driver: Driver) -> None:
    driver.begin(1, stream="a")
    driver.begin(2, stream="b", kind=Kind.INPUT)
    driver.begin(3, stream="unspecified", kind=Kind.UNSPECIFIED)
    driver.begin(4, stream="pending", playing=False)
    streams = driver.store.execute(Streams(driver.clock.now))
    assert streams == {
        "a": Counts(watching=1, sessions=1, requests=1),
        "b": Counts(sessions=1, requests=1),
    }


def test_a_stream_without_sessions_is_forgotten_after_an_hour(driver: Driver) -> None:
    driver.begin(1, stream="short")
    driver.begin(2, stream="busy", timeout=10 * HOUR)
    driver.end(1)

    def names() -> set[str]:
        return set(driver.store.execute(Streams(driver.clock.now)))

    driver.clock.advance(HOUR - 1)
    assert names() == {"short", "busy"}
    driver.clock.advance(1)
    assert names() == {"busy"}
    assert driver.count("short") == Counts()
    assert driver.count().ended == 1  # the numbers of all never become smaller


@pytest.mark.parametrize("playing", [True, False])
def test_names_that_came_and_went_take_no_room(
    driver: Driver, store: MemoryStore, playing: bool
) -> None:
    tallies = store._lives.tallies
    for number in range(500):
        driver.begin(number, stream=f"guess{number}", playing=playing)
    driver.clock.advance(TIMEOUT)
    assert driver.count().requests == 500 * playing
    assert len(tallies._streams) == len(tallies._idle) == 500 * playing
    driver.clock.advance(HOUR)
    driver.begin(1000)
    assert (len(tallies._streams), len(tallies._idle)) == (1, 0)
    assert len(tallies._forgotten) == playing


def test_a_stream_that_is_watched_again_is_not_forgotten(driver: Driver) -> None:
    driver.begin(1)
    driver.end(1)
    driver.clock.advance(HOUR / 2)
    driver.begin(2)
    driver.end(2)
    driver.clock.advance(HOUR - 1)
    assert driver.count("film").started == 2
    driver.clock.advance(1)
    assert driver.count("film") == Counts()


def test_a_stream_with_a_session_is_not_forgotten_though_it_had_none_before(driver: Driver) -> None:
    driver.begin(1)
    driver.end(1)
    driver.begin(2, timeout=3 * HOUR)
    driver.clock.advance(2 * HOUR)
    assert driver.count("film") == Counts(sessions=1, started=2, ended=1, requests=2)


def test_what_was_withdrawn_is_in_no_number_of_its_stream(driver: Driver) -> None:
    driver.begin(1, stream="a")
    driver.begin(2, stream="a")
    driver.do(Withdraw, 2)
    assert driver.count("a") == Counts(watching=1, sessions=1, requests=1)


# --- lists --------------------------------------------------------------------------------------


def listed(driver: Driver, **which: object) -> tuple[Living, ...]:
    found: tuple[Living, ...] = driver.store.execute(Listing(driver.clock.now, **which))  # type: ignore[arg-type]
    return found


def numbers(found: tuple[Living, ...]) -> list[int]:
    return [int.from_bytes(living.key) for living in found]


def test_pages_hold_each_session_once_and_the_oldest_first(driver: Driver) -> None:
    for number in (5, 3, 8, 1, 9, 2, 7):
        driver.begin(number)
        driver.clock.advance(1)
    after, seen = None, []
    while page := listed(driver, after=after, limit=3):
        seen += numbers(page)
        after = (milliseconds(page[-1].started), page[-1].key)
    assert seen == [5, 3, 8, 1, 9, 2, 7]


def test_a_page_begins_behind_a_session_that_has_ended_meanwhile(driver: Driver) -> None:
    for number in range(6):
        driver.begin(number)
        driver.clock.advance(1)
    page = listed(driver, limit=2)
    driver.end(1)
    assert numbers(listed(driver, after=(milliseconds(page[-1].started), key_of(1)), limit=2)) == [
        2,
        3,
    ]


def test_a_list_may_be_of_a_stream_and_of_a_kind(driver: Driver) -> None:
    driver.begin(1, stream="a")
    driver.begin(2, stream="a", kind=Kind.INPUT)
    driver.begin(3, stream="b")
    driver.begin(4, stream="a", playing=False)
    assert numbers(listed(driver)) == [1, 2, 3]
    assert numbers(listed(driver, stream="a")) == [1, 2]
    assert numbers(listed(driver, kind=Kind.VIEWER)) == [1, 3]
    assert numbers(listed(driver, stream="a", kind=Kind.INPUT)) == [2]


def test_a_list_of_many_is_not_cut_where_the_store_catches_its_breath(driver: Driver) -> None:
    for number in range(10_000):
        driver.begin(number, stream="late" if number > 9_000 else "early")
    assert numbers(listed(driver, stream="late", limit=2000)) == list(range(9_001, 10_000))
    driver.clock.advance(TIMEOUT)
    assert listed(driver) == ()


# --- the store as a whole -----------------------------------------------------------------------


def test_the_key_of_ids_is_made_once_and_is_each_stores_own(driver: Driver) -> None:
    one, again = driver.store.execute(Meta()), driver.store.execute(Meta())
    assert one == again
    assert len(one.idkey) == 32
    assert one != MemoryStore().execute(Meta())
    assert one.idkey.hex() not in repr(one)
    assert str(one.idkey) not in repr(one)


def test_a_command_that_the_store_does_not_know_is_an_error(driver: Driver) -> None:
    class Unheard(Command[None]):
        pass

    with pytest.raises(TypeError, match="Unheard"):
        driver.store.execute(Unheard())


def test_closing_twice_does_nothing_and_the_sessions_stay(driver: Driver) -> None:
    driver.begin(1)
    driver.store.close()
    driver.store.close()
    assert driver.get(1) is not None


def test_streams_of_withdrawn_sessions_alone_leave_nothing_behind(driver: Driver) -> None:
    for number in range(20):
        driver.begin(number, stream=f"nothing/{number}")
        assert driver.do(Withdraw, number)
    assert driver.store.execute(Streams(driver.clock())) == {}
