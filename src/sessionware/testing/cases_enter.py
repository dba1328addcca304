"""Sessions that are outside, and how they come in again: they are judged as newcomers are."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sessionware.session import Cause, State
from sessionware.store import Crowded, End, Leave, Outside
from sessionware.testing.steps import (
    HOLD,
    JUST_BEFORE,
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
    outside,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Begin
    from sessionware.testing.steps import Steps

CROWDED = Crowded("scope 1")
LATE = START + HOLD


def _opens(number: int, **opening: Any) -> Begin:
    """A client begins a session with a token of its own, and has to ask again."""
    usual: dict[str, Any] = {"client": mark(80), "holder": mark(number), "returns": True}
    return begin(number, **usual | opening)


def who_is_outside_is_not_touched() -> Steps:
    yield begin(1, places=(place(),), data={"a": "1"}, window=60.0)
    was = begun(1, data={"a": "1"}, window=60.0)
    asked: dict[str, Any] = {"playing": True, "renew_cookie_after": 0.0, "segments": True}
    for more in ({}, asked):
        equal((yield touch(1, LATE, **more)), Outside(was))
    equal((yield get(1, LATE)), was)


def who_is_outside_for_want_of_a_place_takes_no_lease() -> Steps:
    yield begin(1, places=(place(),))
    for _ in range(2):
        equal((yield touch(1, LATE, lease=5.0)), Outside(begun(1)))


def who_finds_a_place_goes_on() -> Steps:
    yield begin(1, places=(place(),))
    on = begun(1, last_seen=LATE, expires=math.ceil(LATE + TIMEOUT), requests=2, seconds=WINDOW)
    equal((yield enter(1, LATE)), on)
    equal((yield get(1, LATE)), on)
    living((yield touch(1, LATE + HOLD - JUST_BEFORE)))
    equal((yield begin(2, LATE + HOLD, places=(place(),))), CROWDED)


def who_finds_no_place_stays_as_it_was() -> Steps:
    yield begin(1, places=(place(),))
    yield begin(2, LATE, places=(place(),))
    for now in (LATE, LATE + 1):
        equal((yield enter(1, now, playing=True, renew_cookie_after=0.0)), CROWDED)
        equal((yield get(1, now)), begun(1))
        equal((yield touch(1, now)), Outside(begun(1)))
    yield End(key(2), LATE + 1, Cause.CLOSED)
    living((yield enter(1, LATE + 1)))


def who_gave_its_place_back_is_judged_when_it_plays() -> Steps:
    yield begin(1, places=(place(),), playing=False)
    yield Leave(key(1), START)
    outside((yield touch(1, START)))
    yield begin(2, places=(place(),))
    equal((yield enter(1, START, playing=True)), CROWDED)
    equal(living((yield get(1))).state, State.PENDING)
    yield End(key(2), START, Cause.CLOSED)
    answer = living((yield enter(1, START, playing=True)))
    equal((answer.state, answer.announce), (State.LIVE, True))
    living((yield touch(1, START)))


def only_the_places_that_it_has_not_are_judged() -> Steps:
    both = (place(1, 1, hold=5.0), place(1, 2, hold=60.0))
    yield begin(1, places=both)
    now = START + 6
    yield begin(2, now, places=(place(1, 1),))
    equal((yield enter(1, now)), CROWDED)
    yield End(key(2), now, Cause.CLOSED)
    living((yield enter(1, now)))
    living((yield touch(1, now + 5 - JUST_BEFORE)))
    outside((yield touch(1, now + 10)))


def each_place_that_it_has_not_is_judged() -> Steps:
    yield begin(1, places=(place(1, 1), place(1, 2)))
    yield begin(2, LATE, places=(place(1, 2),))
    equal((yield enter(1, LATE)), Crowded("scope 2"))
    living((yield begin(3, LATE, places=(place(1, 1),))))


def more_sessions_than_there_are_places_now_go_on() -> Steps:
    """The limit was lowered: who is inside is not judged again."""
    for number in (1, 2):
        yield begin(number, places=(place(2, 1, hold=60.0), place(2, 2, hold=5.0)))
    yield begin(3, places=(place(3, 1, hold=60.0),))
    living((yield enter(1, START + 6)))
    living((yield enter(2, START + 6)))


def who_comes_in_makes_its_former_sessions_give_way() -> Steps:
    for number in (1, 2):
        yield begin(number, START + number, places=(place(),), holder=mark(71))
    living((yield enter(1, START + 3)))
    outside((yield touch(2, START + 3)))


def who_comes_in_ends_who_is_silent_longest() -> Steps:
    yield begin(1, places=(place(evict=True),))
    for number in (2, 3):
        yield begin(number, LATE + number, places=(place(2, evict=True),))
    living((yield enter(1, LATE + 4)))
    equal((yield count(LATE + 4)).sessions, 1)


def who_is_inside_may_come_in_and_that_is_a_request() -> Steps:
    yield begin(1, cookie_set=START)
    yield begin(2, places=(place(),))
    for number in (1, 2):
        answer = living((yield enter(number, START + 9, renew_cookie_after=5.0, segments=True)))
        equal((answer.requests, answer.seconds, answer.announce), (2, 9.0, True))
        equal((answer.renew_cookie, answer.segments), (True, True))
    for number in (1, 2):
        living((yield touch(number, START + 9 + HOLD - JUST_BEFORE)))


def a_quiet_session_that_comes_in_has_its_place_from_then_on() -> Steps:
    yield begin(1, places=(place(),), window=0.0)
    for now in (LATE, LATE + 10):
        living((yield enter(1, now)))
    living((yield touch(1, LATE + 10 + HOLD - JUST_BEFORE)))
    outside((yield touch(1, LATE + 10 + HOLD)))


def who_is_over_does_not_come_in() -> Steps:
    yield begin(1, places=(place(),))
    equal((yield enter(1, START + TIMEOUT + 1)), None)
    equal((yield count(START + TIMEOUT + 1)).requests, 1)


# --- superseded ---------------------------------------------------------------------------------


def who_was_dropped_has_no_place() -> Steps:
    yield _opens(1, places=(place(),))
    living((yield _opens(2, places=(place(),))))
    equal((yield begin(3, places=(place(),))), CROWDED)
    equal((yield touch(1, START)), Outside(begun(1)))
    equal((yield _opens(1)), Outside(begun(1)))


def who_was_dropped_is_judged_anew_when_it_asks_again() -> Steps:
    yield _opens(1, places=(place(),))
    yield _opens(2, places=(place(),))
    equal((yield enter(1, START)), CROWDED)
    equal((yield count()), counts(2, watching=1))
    yield End(key(2), START, Cause.CLOSED)
    equal(living((yield enter(1, START))).announce, True)
    equal((yield count()), counts(1, started=2, ended=1, requests=3))
    living((yield touch(1, START)))


def who_was_dropped_and_needs_no_place_is_not_outside() -> Steps:
    for number in (1, 2):
        yield _opens(number)
    equal(living((yield enter(1, START))).announce, True)
    equal((yield count()), counts(2, started=1, requests=3))
