"""Seconds, requests and bytes: what a session adds up to, and what is kept of it."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sessionware.request import Kind
from sessionware.session import Cause, Presentation
from sessionware.store import Count, Counts, End, Finish, Learn, Streams
from sessionware.testing.steps import (
    OVER,
    START,
    TIMEOUT,
    WINDOW,
    begin,
    begun,
    count,
    counts,
    enter,
    equal,
    get,
    key,
    living,
    mark,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

LARGE = 2**50


def seconds_are_the_gaps_between_requests_and_each_at_most_the_window() -> Steps:
    yield begin(1)
    for silence, seconds in ((4, 4.0), (4, 4.0), (19, 19.0), (34.5, 34.0), (100, 49.0)):
        equal(living((yield touch(1, START + silence))).seconds, seconds)
        equal((yield count(START + silence)).seconds, seconds)
    equal(living((yield begin(1, START + 101))).seconds, 50.0)
    equal(living((yield enter(1, START + 102))).seconds, 51.0)
    equal(dict((yield Streams(START + 102)))["film"].seconds, 51.0)


def the_window_before_a_request_is_the_one_for_its_gap() -> Steps:
    yield begin(1, window=0.0)
    for silence, segments, seconds in ((20, False, 0.0), (40, True, 0.0), (110, False, 60.0)):
        answer = living((yield touch(1, START + silence, segments=segments)))
        equal(answer.seconds, seconds)
    yield begin(2, window=5.0)
    yield Learn(key(2), START + 10, Presentation.LIVE, None, TIMEOUT, window=30.0)
    equal(living((yield touch(2, START + 20))).seconds, 20.0)


def a_request_that_was_overtaken_adds_no_seconds() -> Steps:
    yield begin(1)
    yield touch(1, START + 10)
    equal(living((yield touch(1, START + 5))).seconds, 10.0)
    equal(living((yield touch(1, START + 12))).seconds, 12.0)


def the_time_of_a_pending_session_adds_no_seconds() -> Steps:
    yield begin(1, playing=False)
    equal(living((yield touch(1, START + 5))).seconds, 0.0)
    equal(living((yield touch(1, START + 9, playing=True))).seconds, 0.0)
    equal(living((yield touch(1, START + 10))).seconds, 1.0)


# --- an answer that has gone out ----------------------------------------------------------------


def an_answer_that_goes_out_is_no_request_and_moves_the_last() -> Steps:
    yield begin(1)
    now = START + 9
    equal((yield Finish(key(1), now)), True)
    moved = begun(1, last_seen=now, expires=math.ceil(now + TIMEOUT), seconds=9.0)
    equal((yield get(1, now)), moved)
    equal((yield count(now)), counts(1, seconds=9.0))
    equal(living((yield touch(1, now + 1))).seconds, 10.0)


def an_answer_that_was_overtaken_turns_nothing_back() -> Steps:
    yield begin(1)
    yield touch(1, START + 5)
    equal((yield Finish(key(1), START + 2, 3, 4)), True)
    answer = living((yield get(1, START + 5)))
    equal((answer.last_seen, answer.seconds), (START + 5, 5.0))
    equal((answer.bytes_down, answer.bytes_up), (3, 4))


def an_answer_of_a_pending_session_moves_its_end_and_adds_no_seconds() -> Steps:
    yield begin(1, playing=False)
    yield Finish(key(1), START + 5, 3, 4)
    answer = living((yield get(1, START + 5)))
    equal((answer.seconds, answer.last_seen, answer.bytes_down), (0.0, START + 5, 3))
    equal((yield count(START + 5)), counts())
    yield Learn(key(1), START + 5)
    equal((yield count(START + 5)), counts(1, bytes_down=3, bytes_up=4))


def bytes_add_up() -> Steps:
    for number in (1, 2):
        yield begin(number)
        for down, up in ((LARGE, 0), (1, 2), (0, 0)):
            yield Finish(key(number), START, down, up)
    answer = living((yield get(1)))
    equal((answer.bytes_down, answer.bytes_up), (LARGE + 1, 2))
    equal((type(answer.bytes_down), type(answer.bytes_up)), (int, int))
    equal((yield count()), counts(2, bytes_down=2 * LARGE + 2, bytes_up=4))
    yield touch(1, START)
    equal(living((yield get(1))).bytes_down, LARGE + 1)


# --- what is kept -------------------------------------------------------------------------------


def what_ended_sessions_added_up_to_is_kept() -> Steps:
    for number in (1, 2):
        yield begin(number)
        yield touch(number, START + 4)
        yield Finish(key(number), START + 5, LARGE, 20)
        yield End(key(number), START + 6, Cause.CLOSED)
    yield begin(3, START + 6)
    kept = {"seconds": 10.0, "requests": 5, "bytes_down": 2 * LARGE, "bytes_up": 40}
    equal((yield count(START + 6)), counts(1, started=2, ended=2, **kept))
    answer = yield count(START + 6, "film", Kind.VIEWER)
    equal(answer, counts(1, started=2, ended=2, **kept))
    equal((yield Count(START + 6, protocol="DASH")), Counts())


def what_was_dropped_added_up_to_is_kept_and_it_neither_started_nor_ended() -> Steps:
    for number in (1, 2):
        yield begin(number, client=mark(80), holder=mark(number), returns=True)
    yield Finish(key(1), START + 5, 3, 4)
    yield End(key(1), START + 5, Cause.CLOSED)
    kept = counts(1, requests=2, seconds=5.0, bytes_down=3, bytes_up=4)
    equal((yield count(START + 5)), kept)


def who_expired_kept_no_second_of_the_silence_at_its_end() -> Steps:
    yield begin(1)
    yield touch(1, START + 3)
    expected = Counts(started=1, ended=1, seconds=3.0, requests=2)
    equal((yield count(OVER + 3)), expected)


def each_life_adds_to_the_numbers_and_begins_with_none() -> Steps:
    for life in (1, 2):
        answer = living((yield begin(1)))
        equal((answer.seconds, answer.bytes_down, answer.segments), (0.0, 0, False))
        yield touch(1, START + 1, segments=True)
        yield Finish(key(1), START + 1, 5, 0)
        yield End(key(1), START + 1, Cause.CLOSED)
        kept = Counts(started=life, ended=life, requests=2 * life, bytes_down=5 * life)
        kept += Counts(seconds=1.0 * life)
        equal((yield count(START + 1)), kept)


def seconds_are_kept_to_the_last_bit() -> Steps:
    step = 2.0**-20
    yield begin(1, START, window=WINDOW)
    yield touch(1, START + 3 * step)
    yield Finish(key(1), START + 5 * step)
    equal(living((yield get(1))).seconds, 5 * step)
    equal((yield count()).seconds, 5 * step)
