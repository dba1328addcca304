"""When nobody could ask: the silence of an outage is not that of the viewers (SPEC 6)."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import End, Ended, Learn, Leave, Postpone, Sweep
from sessionware.testing.steps import (
    HOLD,
    JUST_BEFORE,
    OVER,
    START,
    TIMEOUT,
    begin,
    begun,
    enter,
    equal,
    get,
    key,
    living,
    outside,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

SINCE, MOST = START + 60, 600.0
BACK = SINCE + 300


def an_outage_moves_all_expiries_by_as_long_as_it_lasted() -> Steps:
    for number in (1, 2):
        yield begin(number, playing=number == 1)
    equal((yield Postpone(BACK, SINCE, MOST)), 300.0)
    equal((yield get(1, BACK)), begun(1, expires=OVER + 300))
    for number in (1, 2):
        living((yield get(number, OVER + 300 - JUST_BEFORE)))
    for number in (1, 2):
        equal((yield get(number, OVER + 300)), None)


def an_outage_moves_expiries_no_further_than_it_may() -> Steps:
    yield begin(1)
    equal((yield Postpone(BACK, SINCE, 200.0)), 200.0)
    equal(living((yield get(1, OVER))).expires, OVER + 200)


def an_outage_moves_no_expiry_behind_a_deadline() -> Steps:
    deadline = math.ceil(START + 400)
    yield begin(1, deadline=deadline)
    yield begin(2, deadline=START + 62)
    yield Postpone(BACK, SINCE, MOST)
    equal(living((yield get(1, BACK))).expires, deadline)
    equal((yield get(2, BACK)), None)


def an_outage_moves_the_time_until_which_a_session_stays() -> Steps:
    yield begin(1, until=START + 1000)
    yield Postpone(BACK, SINCE, MOST)
    equal(living((yield get(1, BACK))).expires, math.ceil(START + 1300))


def who_asks_after_an_outage_goes_on_as_ever() -> Steps:
    yield begin(1)
    yield Postpone(BACK, SINCE, MOST)
    moved = math.ceil(START + TIMEOUT + 300)
    equal(living((yield touch(1, BACK))).expires, max(moved, math.ceil(BACK + TIMEOUT)))
    equal(living((yield touch(1, BACK + 50))).expires, math.ceil(BACK + 50 + TIMEOUT))
    yield Learn(key(1), BACK + 50, timeout=10.0)
    equal(living((yield get(1, BACK + 50))).expires, math.ceil(BACK + 50 + TIMEOUT))


def who_was_over_before_the_outage_stays_over() -> Steps:
    yield begin(1, deadline=SINCE, remember=MOST)
    yield begin(2, remember=MOST)
    yield begin(3, remember=MOST, timeout=20.0)
    yield End(key(2), START, Cause.CLOSED)
    yield Postpone(BACK, SINCE + 1, MOST)
    for number, at in ((1, SINCE), (3, START + 20)):
        expired = Ended(Cause.EXPIRED, math.ceil(at), START, None)
        equal((yield touch(number, BACK)), expired)
    equal((yield touch(2, BACK)), Ended(Cause.CLOSED, START, START, None))


def who_would_have_been_over_during_the_outage_lives() -> Steps:
    yield begin(1)
    equal((yield Postpone(OVER + 60, OVER - 1, MOST)), 61.0)
    equal(living((yield touch(1, OVER + 60 - JUST_BEFORE))).requests, 2)


def one_outage_is_made_good_once() -> Steps:
    yield begin(1)
    equal((yield Postpone(BACK, SINCE, MOST)), 300.0)
    for since in (SINCE, SINCE - 100, SINCE + 100):
        equal((yield Postpone(BACK, since, MOST)), 0.0)
    equal((yield Postpone(BACK + 7, SINCE, MOST)), 7.0)
    equal((yield Postpone(BACK + 7, SINCE, MOST)), 0.0)
    equal(living((yield get(1, BACK))).expires, OVER + 307)
    equal((yield Postpone(BACK + 50, BACK + 40, MOST)), 10.0)
    equal(living((yield get(1, BACK))).expires, OVER + 317)


def without_a_gap_nothing_is_moved() -> Steps:
    yield begin(1)
    for now, most in ((SINCE, MOST), (SINCE - 1, MOST), (BACK, 0.0)):
        equal((yield Postpone(now, SINCE, most)), 0.0)
    equal((yield get(1)), begun(1))
    equal((yield Postpone(BACK, SINCE, MOST)), 300.0)


def an_outage_moves_nothing_but_the_end() -> Steps:
    yield begin(1)
    yield touch(1, START + 5)
    before = living((yield get(1, START + 5)))
    yield Postpone(BACK, SINCE, MOST)
    equal((yield get(1, BACK)), replace(before, expires=before.expires + 300))


def an_outage_moves_no_place_for_others_may_have_it_since() -> Steps:
    yield begin(1, places=(place(),))
    yield begin(2, START + HOLD, places=(place(),))
    later = START + HOLD + 20
    yield Postpone(later, START, MOST)
    outside((yield touch(1, later)))
    living((yield touch(2, later)))
    outside((yield touch(2, later + HOLD)))


def an_outage_brings_no_place_back() -> Steps:
    yield begin(1, places=(place(),), playing=False)
    yield Leave(key(1), START)
    yield begin(2, places=(place(1, 2, hold=5.0),))
    yield Postpone(START + 320, START + 20, MOST)
    for number in (1, 2):
        outside((yield touch(number, START + 320)))
        living((yield enter(number, START + 320)))


def who_begins_after_an_outage_is_not_moved() -> Steps:
    yield begin(1)
    yield Postpone(BACK, SINCE, MOST)
    equal((yield begin(2, BACK)), begun(2, BACK, new=True))
    equal((yield Sweep(OVER + 300 - JUST_BEFORE)), 0)
    equal((yield Sweep(OVER + 300)), 1)
