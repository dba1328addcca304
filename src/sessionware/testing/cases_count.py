"""The numbers: of all, of a stream, of a kind."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import Count, Counts, End, Streams, Sweep, Withdraw
from sessionware.testing.steps import (
    HOUR,
    JUST_BEFORE,
    OVER,
    START,
    WINDOW,
    begin,
    count,
    counts,
    equal,
    key,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

ONE = counts(1)
NOT_WATCHING = counts(1, watching=0)


def only_viewers_watch_and_the_unspecified_count_under_their_own_kind() -> Steps:
    kinds = (Kind.VIEWER, Kind.INPUT, Kind.OUTPUT, Kind.UNSPECIFIED)
    for number, kind in enumerate(kinds):
        yield begin(number, kind=kind)
    for stream in (None, "film"):
        equal((yield count(stream=stream)), counts(3, watching=1))
        for kind in kinds:
            expected = ONE if kind is Kind.VIEWER else NOT_WATCHING
            equal((yield count(stream=stream, kind=kind)), expected)


def a_stream_counts_what_is_its_own() -> Steps:
    yield begin(1, stream="a")
    yield begin(2, stream="a", kind=Kind.INPUT)
    yield begin(3, stream="a/b")
    equal((yield count(stream="a")), counts(2, watching=1))
    equal((yield count(stream="a", kind=Kind.INPUT)), NOT_WATCHING)
    equal((yield count(stream="a/b")), ONE)
    equal((yield count(stream="b")), counts())
    equal((yield count()), counts(3, watching=2))


def who_asked_within_the_window_watches() -> Steps:
    for fraction in (0.0, 0.25, 0.75):
        now = START + fraction
        yield begin(1, now)
        equal((yield count(now)), ONE)
        equal((yield count(now + WINDOW)), ONE)
        equal((yield Count(now + 60, 60)), ONE)
        equal((yield Count(now + 2, 60)), ONE)
        equal((yield Count(now + 0.5, 0.5)), ONE)
        # A store may reckon in whole seconds.
        equal((yield count(now + WINDOW + 1)), NOT_WATCHING)
        equal((yield Count(now + 61, 60)), NOT_WATCHING)
        equal((yield Withdraw(key(1), now + 61)), True)


def who_asks_again_watches_again() -> Steps:
    yield begin(1)
    equal((yield count(START + 30)), NOT_WATCHING)
    yield touch(1, START + 30)
    equal((yield count(START + 30)), counts(1, requests=2))
    equal((yield count(START + 50)), counts(1, watching=0, requests=2))


def a_count_knows_at_once_whose_time_is_over() -> Steps:
    for number in range(20):
        yield begin(number)
    equal((yield count(OVER - JUST_BEFORE)).sessions, 20)
    equal((yield count(OVER)), counts(started=20, ended=20, requests=20))
    equal((yield count(OVER, stream="film")), counts(started=20, ended=20, requests=20))


def who_watched_until_the_end_no_longer_watches() -> Steps:
    yield begin(1, deadline=START + 10)
    equal((yield count(START + 10)), ONE)
    equal((yield count(START + 11)), counts(started=1, ended=1, requests=1))


def the_streams_are_counted_each_as_a_count_does() -> Steps:
    yield begin(1, stream="a")
    yield begin(2, stream="a", kind=Kind.UNSPECIFIED)
    yield begin(3, stream="b", kind=Kind.INPUT)
    yield begin(4, stream="ended", remember=600)
    yield End(key(4), START, Cause.CLOSED)
    yield begin(5, stream="pending", playing=False)
    yield begin(6, stream="unspecified", kind=Kind.UNSPECIFIED)
    equal(
        dict((yield Streams(START, WINDOW))),
        {
            "a": ONE,
            "b": NOT_WATCHING,
            "ended": counts(started=1, ended=1, requests=1),
            "pending": counts(requests=1),
        },
    )
    over = dict((yield Streams(OVER, WINDOW)))
    equal(over["a"], counts(started=1, ended=1, requests=1))


def the_streams_watch_within_the_window_of_the_question() -> Steps:
    yield begin(1)
    equal(dict((yield Streams(START + 30, 60))), {"film": ONE})
    equal(dict((yield Streams(START + 30, WINDOW))), {"film": NOT_WATCHING})


def a_stream_of_which_all_was_withdrawn_is_unknown() -> Steps:
    yield begin(1, stream="nothing")
    yield Withdraw(key(1), START)
    equal(dict((yield Streams(START, WINDOW))), {})


def a_stream_of_which_only_the_unspecified_are_left_is_unknown() -> Steps:
    yield begin(1, kind=Kind.UNSPECIFIED)
    yield begin(2)
    yield Withdraw(key(2), START)
    equal(dict((yield Streams(START, WINDOW))), {})
    equal((yield count(kind=Kind.UNSPECIFIED)), NOT_WATCHING)


def a_stream_is_forgotten_an_hour_after_its_last_session_ended() -> Steps:
    yield begin(1, stream="short")
    yield begin(2, stream="busy", timeout=10 * HOUR)
    yield begin(3, stream="pending", playing=False)
    yield End(key(1), START, Cause.CLOSED)
    yield End(key(3), START, Cause.CLOSED)
    now = START + HOUR - 1
    equal(set((yield Streams(now, WINDOW))), {"short", "busy", "pending"})
    equal((yield count(now, "short")), counts(started=1, ended=1, requests=1))
    now = START + HOUR + 1
    equal(set((yield Streams(now, WINDOW))), {"busy"})
    equal((yield count(now, "short")), counts())
    equal((yield count(now)), NOT_WATCHING)


def a_stream_with_another_session_in_that_hour_is_remembered_longer() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.CLOSED)
    yield begin(2, START + HOUR / 2, kind=Kind.INPUT)
    yield End(key(2), START + HOUR / 2, Cause.CLOSED)
    equal((yield count(START + 1.5 * HOUR - 1)), counts(started=2, ended=2, requests=2))
    equal((yield count(START + 1.5 * HOUR + 1)), counts())


def a_stream_that_is_watched_is_not_forgotten() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.CLOSED)
    yield begin(2, START + 1, timeout=10 * HOUR)
    expected = Counts(watching=0, sessions=1, started=2, ended=1, requests=2)
    equal((yield count(START + 2 * HOUR)), expected)


def a_stream_that_expired_is_forgotten_an_hour_later() -> Steps:
    yield begin(1)
    equal((yield Sweep(OVER)), 1)
    equal((yield count(OVER + HOUR - 1)).ended, 1)
    equal((yield count(OVER + HOUR + 1)), counts())
