"""The numbers: of all, of a stream, of a kind."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.session import Cause, Presentation
from sessionware.store import Count, End, Finish, Learn, Streams, Sweep, Withdraw
from sessionware.testing.steps import (
    HOUR,
    JUST_BEFORE,
    OVER,
    START,
    TIMEOUT,
    WINDOW,
    begin,
    count,
    counts,
    equal,
    key,
    living,
    over,
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


def what_began_counts_under_the_protocol_with_which_it_began() -> Steps:
    yield begin(1, protocol="HLS")
    yield begin(1, protocol="DASH")
    yield begin(2, protocol="DASH", stream="other")
    yield begin(3, protocol="DASH")
    yield End(key(3), START, Cause.CLOSED)
    equal((yield Count(START, protocol="HLS")), counts(1, started=1, requests=2))
    dash = counts(1, started=1, ended=1, requests=2)
    equal((yield Count(START, protocol="DASH")), dash)
    equal((yield Count(START, "film", Kind.VIEWER, "DASH")), over(1))
    equal((yield Count(START, protocol="SRT")), counts())
    equal((yield count()), counts(2, started=2, ended=1, requests=4))


def who_asked_within_the_window_of_its_own_watches() -> Steps:
    for fraction in (0.0, 0.25, 0.75):
        now = START + fraction
        for window in (WINDOW, 60.0, 2.0, 0.5):
            yield begin(1, now, window=window)
            equal((yield count(now)).watching, 1)
            equal((yield count(now + window)).watching, 1)
            # A store may reckon in whole seconds.
            equal((yield count(now + math.ceil(window) + 1)).watching, 0)
            yield End(key(1), now, Cause.CLOSED)
    yield begin(1, window=60.0, stream="a")
    yield begin(2, stream="a")
    yield begin(3, stream="b")
    equal((yield count(START + 30, "a")).watching, 1)
    equal((yield count(START + 30)).watching, 1)


def the_window_that_was_learned_is_the_one_that_counts() -> Steps:
    yield begin(1, window=2.0)
    equal((yield count(START + 9)), NOT_WATCHING)
    yield Learn(key(1), START + 9, Presentation.LIVE, None, TIMEOUT, window=30.0)
    equal((yield count(START + 9)), ONE)
    yield Learn(key(1), START + 9, Presentation.LIVE, None, TIMEOUT, window=2.0)
    equal((yield count(START + 9)), NOT_WATCHING)
    yield Learn(key(1), START + 9)
    equal((yield count(START + 9)), NOT_WATCHING)


def a_viewer_who_need_not_ask_is_quiet_and_does_not_watch() -> Steps:
    yield begin(1, window=0.0)
    yield begin(2)
    yield begin(3, window=0.0, playing=False)
    yield begin(4, window=0.0, kind=Kind.INPUT)
    for now in (START, START + 9):
        equal((yield count(now)), counts(3, watching=1, quiet=1))
        equal((yield count(now, kind=Kind.VIEWER)), counts(2, watching=1, quiet=1))
    equal((yield count(OVER - JUST_BEFORE)).quiet, 1)
    equal((yield count(OVER)), over(3))


def a_quiet_viewer_who_asks_for_segments_watches_for_a_minute() -> Steps:
    yield begin(1, window=0.0)
    living((yield touch(1, START + 1)))
    equal((yield count(START + 1)).quiet, 1)
    answer = living((yield touch(1, START + 2, segments=True)))
    equal((answer.segments, answer.window), (True, 0.0))
    for now, watching in ((START + 2, 1), (START + 62, 1), (START + 63, 0)):
        number = yield count(now)
        equal((number.watching, number.quiet), (watching, 0))
    equal(living((yield touch(1, START + 70))).segments, True)
    equal((yield count(START + 130)).watching, 1)


def a_window_of_its_own_goes_before_that_of_segments() -> Steps:
    yield begin(1, window=5.0)
    equal(living((yield touch(1, START, segments=True))).window, 5.0)
    equal((yield count(START + 5)).watching, 1)
    equal((yield count(START + 6)).watching, 0)


def who_becomes_quiet_watches_no_more_and_the_other_way_round() -> Steps:
    yield begin(1)
    yield Learn(key(1), START, Presentation.VOD, 90, TIMEOUT, window=0.0)
    equal((yield count(START)), counts(1, watching=0, quiet=1))
    yield Learn(key(1), START, Presentation.LIVE, None, TIMEOUT, window=WINDOW)
    equal((yield count(START)), ONE)


def who_asks_again_watches_again() -> Steps:
    yield begin(1)
    equal((yield count(START + 30)).watching, 0)
    yield touch(1, START + 30)
    again = counts(1, started=1, requests=2, seconds=WINDOW)
    equal((yield count(START + 30)), again)
    equal((yield count(START + 50)), replace(again, watching=0))


def a_count_knows_at_once_whose_time_is_over() -> Steps:
    for number in range(20):
        yield begin(number)
    equal((yield count(OVER - JUST_BEFORE)).sessions, 20)
    equal((yield count(OVER)), over(20))
    equal((yield count(OVER, stream="film")), over(20))


def who_watched_until_the_end_no_longer_watches() -> Steps:
    yield begin(1, deadline=START + 9)
    equal((yield count(START + 9)), ONE)
    equal((yield count(START + 10)), over(1))


def the_streams_are_counted_each_as_a_count_does() -> Steps:
    yield begin(1, stream="a")
    yield begin(2, stream="a", kind=Kind.UNSPECIFIED)
    yield begin(7, stream="a", window=0.0, protocol="DASH")
    yield begin(3, stream="b", kind=Kind.INPUT)
    yield begin(4, stream="ended", remember=600)
    yield End(key(4), START, Cause.CLOSED)
    yield begin(5, stream="pending", playing=False)
    yield begin(6, stream="unspecified", kind=Kind.UNSPECIFIED)
    equal(
        dict((yield Streams(START))),
        {"a": counts(2, watching=1, quiet=1), "b": NOT_WATCHING, "ended": over(1)},
    )
    ended = dict((yield Streams(OVER)))
    equal(ended["a"], over(2))


def a_stream_of_which_all_was_withdrawn_is_unknown() -> Steps:
    yield begin(1, stream="nothing")
    yield Withdraw(key(1), START)
    equal(dict((yield Streams(START))), {})


def a_stream_of_which_only_the_unspecified_are_left_is_unknown() -> Steps:
    yield begin(1, kind=Kind.UNSPECIFIED)
    yield begin(2)
    yield Withdraw(key(2), START)
    equal(dict((yield Streams(START))), {})
    equal((yield count(kind=Kind.UNSPECIFIED)), NOT_WATCHING)


def a_stream_is_forgotten_an_hour_after_its_last_session_ended() -> Steps:
    yield begin(1, stream="short")
    yield begin(2, stream="busy", timeout=10 * HOUR)
    yield End(key(1), START, Cause.CLOSED)
    now = START + HOUR - 1
    equal(set((yield Streams(now))), {"short", "busy"})
    equal((yield count(now, "short")), over(1))
    now = START + HOUR + 1
    equal(set((yield Streams(now))), {"busy"})
    equal((yield count(now, "short")), counts())
    equal((yield count(now)).sessions, 1)


def what_a_stream_that_is_forgotten_added_up_to_stays_in_the_numbers_of_all() -> Steps:
    kinds = (Kind.VIEWER, Kind.INPUT, Kind.UNSPECIFIED)
    for number, kind in enumerate(kinds):
        yield begin(number, kind=kind, protocol=kind.value)
        yield touch(number, START + 5)
        yield Finish(key(number), START + 5, 6, 7)
        yield End(key(number), START + 5, Cause.CLOSED)
    one = over(1, requests=2, seconds=5.0, bytes_down=6, bytes_up=7)
    two = one + one
    now = START + HOUR + 10
    for later in (START + 5, now, now + HOUR):
        equal((yield count(later)), two)
        for kind in kinds:
            equal((yield count(later, kind=kind)), one)
            equal((yield Count(later, kind=kind, protocol=kind.value)), one)
            equal((yield Count(later, kind=kind, protocol="HLS")), counts())
        equal((yield Count(later, protocol="input")), one)
    equal((yield count(now, "film")), counts())
    equal(dict((yield Streams(now))), {})
    yield begin(1, now)
    equal((yield count(now, "film")), ONE)
    equal((yield count(now)), two + ONE)


def a_pending_session_keeps_a_stream_from_being_forgotten() -> Steps:
    yield begin(1)
    yield begin(2, playing=False, timeout=HOUR + 100)
    yield End(key(1), START, Cause.CLOSED)
    now = math.ceil(START + HOUR + 100)
    equal((yield count(now - 1, "film")), over(1))
    equal((yield Sweep(now)), 1)
    equal((yield count(now + HOUR - 1, "film")), over(1))
    equal((yield count(now + HOUR + 1, "film")), counts())


def a_stream_with_another_session_in_that_hour_is_remembered_longer() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.CLOSED)
    yield begin(2, START + HOUR / 2, kind=Kind.INPUT)
    yield End(key(2), START + HOUR / 2, Cause.CLOSED)
    equal((yield count(START + 1.5 * HOUR - 1, "film")), over(2))
    equal((yield count(START + 1.5 * HOUR + 1, "film")), counts())


def a_stream_that_is_watched_is_not_forgotten() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.CLOSED)
    yield begin(2, START + 1, timeout=10 * HOUR)
    expected = counts(1, watching=0, started=2, ended=1, requests=2)
    equal((yield count(START + 2 * HOUR, "film")), expected)


def a_stream_that_expired_is_forgotten_an_hour_later() -> Steps:
    yield begin(1)
    equal((yield Sweep(OVER)), 1)
    equal((yield count(OVER + HOUR - 1, "film")).ended, 1)
    equal((yield count(OVER + HOUR + 1, "film")), counts())
