"""Invalidating: the app is asked again about who is inside, and about whom it denied."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import (
    Asked,
    Bar,
    Changed,
    Crowded,
    Decline,
    End,
    Invalidate,
    Outside,
)
from sessionware.testing.steps import (
    HOLD,
    JUST_BEFORE,
    OVER,
    START,
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
    from collections.abc import Generator

    from sessionware.store import Command
    from sessionware.testing.steps import Steps

LEASE = 5.0
DENIED = Bar(Cause.DENIED, START + 600, 451, "no")


def _invalid(*numbers: int) -> Generator[Command[Any], Any, list[int]]:
    """Give those of the sessions about which the app is to be asked."""
    found = []
    for number in numbers:
        answer = yield touch(number, START, lease=LEASE)
        if isinstance(answer, Outside) and answer.invalid:
            found.append(number)
    return found


def the_app_is_asked_once_about_an_invalid_session() -> Steps:
    yield begin(1, data={"a": "1"})
    equal((yield Invalidate(START)), 1)
    was = begun(1, data={"a": "1"})
    equal((yield touch(1, START, lease=LEASE, playing=True)), Outside(was, invalid=True))
    for now in (START, START + LEASE - JUST_BEFORE):
        equal((yield touch(1, now, lease=LEASE)), Asked(START + LEASE))
    equal((yield get(1)), was)
    equal((yield touch(1, START + LEASE, lease=LEASE)), Outside(was, invalid=True))


def who_is_confirmed_goes_on_with_what_the_app_said() -> Steps:
    yield begin(1, data={"a": "1", "b": "2"})
    yield Invalidate(START)
    yield touch(1, START, lease=LEASE)
    answer = yield enter(1, START, confirmed=True, data={"b": "3", "c": "4"})
    on = begun(1, requests=2, data={"a": "1", "b": "3", "c": "4"})
    equal((answer.announce, answer.data), (True, on.data))
    equal((yield get(1)), on)
    equal(living((yield touch(1, START, lease=LEASE))).requests, 3)


def who_comes_in_unconfirmed_is_still_invalid() -> Steps:
    yield begin(1, data={"a": "1"})
    yield Invalidate(START)
    equal(living((yield enter(1, START, data={"a": "2"}))).data, {"a": "1"})
    equal((yield from _invalid(1)), [1])
    equal(living((yield enter(1, START))).requests, 3)
    equal((yield touch(1, START, lease=LEASE)), Asked(START + LEASE))


def who_asks_for_no_lease_is_not_kept_from_going_on() -> Steps:
    yield begin(1)
    yield Invalidate(START)
    equal(living((yield touch(1, START))).requests, 2)
    equal(living((yield begin(1))).requests, 3)
    equal((yield from _invalid(1)), [1])


def who_is_confirmed_and_finds_no_place_stays_invalid_and_may_be_asked_about_again() -> Steps:
    yield begin(1, places=(place(),), data={"a": "1"})
    yield begin(2, START + HOLD, places=(place(),))
    now = START + HOLD
    yield Invalidate(now, key(1))
    equal(outside((yield touch(1, now, lease=LEASE))).invalid, True)
    full = Crowded("scope 1")
    equal((yield enter(1, now, confirmed=True, data={"a": "2"})), full)
    equal((yield get(1, now)), begun(1, data={"a": "1"}))
    equal(outside((yield touch(1, now, lease=LEASE))).invalid, True)
    equal((yield enter(1, now)), full)
    equal((yield touch(1, now, lease=LEASE)), Asked(now + LEASE))


def a_lease_is_given_back_whatever_is_answered_to_who_confirms() -> Steps:
    yield begin(1)
    yield begin(2)
    yield Invalidate(START)
    yield Decline(key(9), mark(2), START, Bar(Cause.STOPPED, START + 60))
    for number, orders, answer in ((1, 7, Changed()), (2, None, Bar(Cause.STOPPED, START + 60))):
        yield touch(number, START, lease=LEASE, mark=mark(8))
        equal((yield enter(number, START, orders=orders, confirmed=True)), answer)
        found = outside((yield touch(number, START, lease=LEASE, mark=mark(8))))
        equal(found.invalid, True)
    yield touch(3, START, lease=LEASE)
    equal((yield enter(3, START, confirmed=True)), None)
    equal((yield touch(3, START, lease=LEASE)), None)


def whom_the_app_denies_now_is_ended() -> Steps:
    yield begin(1)
    yield Invalidate(START)
    yield touch(1, START, lease=LEASE)
    living((yield End(key(1), START, Cause.DENIED, DENIED)))
    equal((yield touch(1, START, lease=LEASE)), DENIED)


def who_has_no_place_either_is_asked_about_first() -> Steps:
    yield begin(1, places=(place(),))
    yield Invalidate(START)
    equal(outside((yield touch(1, START + HOLD, lease=LEASE))).invalid, True)
    equal(outside((yield touch(1, START + HOLD))).invalid, False)


def a_new_life_is_not_invalid() -> Steps:
    yield begin(1)
    yield Invalidate(START)
    yield End(key(1), START, Cause.CLOSED)
    yield begin(1)
    equal((yield from _invalid(1)), [])


# --- which ones ---------------------------------------------------------------------------------


def all_are_invalidated_but_the_unspecified() -> Steps:
    kinds = (Kind.VIEWER, Kind.INPUT, Kind.OUTPUT, Kind.UNSPECIFIED)
    for number, kind in enumerate(kinds):
        yield begin(number, kind=kind, stream=str(number))
    yield begin(4, playing=False)
    equal((yield Invalidate(START)), 4)
    equal((yield from _invalid(*range(5))), [0, 1, 2, 4])
    equal((yield Invalidate(START, key(3))), 0)
    equal((yield Invalidate(START, stream="3")), 0)
    equal((yield count()), counts(3, watching=1))


def one_is_invalidated_by_its_key() -> Steps:
    for number in (1, 2):
        yield begin(number)
    for _ in range(2):
        equal((yield Invalidate(START, key(1))), 1)
    equal((yield Invalidate(START, key(9))), 0)
    equal((yield from _invalid(1, 2)), [1])


def those_of_a_stream_and_below_are_invalidated() -> Steps:
    for number, stream in enumerate(["a", "a/b", "a/b/c", "ab", "a-b", "b/a", "A"]):
        yield begin(number, stream=stream)
    equal((yield Invalidate(START, stream="b")), 1)
    equal((yield Invalidate(START, stream="a/b")), 2)
    equal((yield from _invalid(*range(7))), [1, 2, 5])
    equal((yield Invalidate(START, stream="a")), 3)
    equal((yield from _invalid(0, 3, 4, 6)), [0])


def who_is_over_is_not_invalidated() -> Steps:
    for number in (1, 2):
        yield begin(number)
    yield End(key(1), START, Cause.CLOSED)
    equal((yield Invalidate(START)), 1)
    equal((yield Invalidate(OVER)), 0)


# --- denials of the app -------------------------------------------------------------------------


def denials_of_the_app_are_forgotten() -> Steps:
    yield begin(2)
    yield Decline(key(1), mark(1), START, DENIED, "film")
    yield End(key(2), START, Cause.DENIED, DENIED)
    equal((yield Invalidate(START)), 2)
    for number in (1, 2):
        equal((yield touch(number, START)), None)
        living((yield begin(number)))
    equal((yield Invalidate(START)), 2)


def what_an_operator_stopped_stays_stopped() -> Steps:
    for number, cause in enumerate(cause for cause in Cause if cause is not Cause.DENIED):
        yield begin(number)
        yield End(key(number), START, cause, Bar(cause, START + 600))
        equal((yield Invalidate(START)), 0)
        equal((yield touch(number, START)), Bar(cause, START + 600))


def a_denial_of_one_session_is_forgotten_by_its_key() -> Steps:
    for number in (1, 2):
        yield Decline(key(number), mark(number), START, DENIED, "film")
        yield begin(number + 2)
        yield End(key(number + 2), START, Cause.DENIED, DENIED)
    for number in (1, 3):
        equal((yield Invalidate(START, key(number))), 1)
        equal((yield touch(number, START)), None)
        equal((yield touch(number + 1, START)), DENIED)


def denials_on_a_stream_and_below_are_forgotten() -> Steps:
    streams = ["a", "a/b", "a/b/c", "ab", ""]
    for number, stream in enumerate(streams):
        yield Decline(key(number), mark(number), START, DENIED, stream)
        yield begin(number + 10, stream=stream)
        yield End(key(number + 10), START, Cause.DENIED, DENIED)
    equal((yield Invalidate(START, stream="a/b")), 4)
    equal((yield Invalidate(START, stream="a")), 2)
    for number in (3, 4):
        equal((yield touch(number, START)), DENIED)
        equal((yield touch(number + 10, START)), DENIED)


def a_denial_that_has_passed_is_no_longer_counted() -> Steps:
    yield Decline(key(1), mark(1), START, DENIED, "film")
    equal((yield Invalidate(DENIED.until)), 0)


def sessions_and_denials_are_counted_together() -> Steps:
    yield begin(1)
    yield Decline(key(2), mark(2), START, DENIED, "film")
    equal((yield Invalidate(START, stream="film")), 2)
