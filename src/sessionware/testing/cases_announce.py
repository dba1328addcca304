"""From when on a session counts as started, and who is told so: one command, once."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import Announce, End, Finish, Learn, Streams, Withdraw
from sessionware.testing.steps import (
    DUE,
    JUST_BEFORE,
    START,
    begin,
    begun,
    count,
    enter,
    equal,
    get,
    key,
    living,
    over,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Command
    from sessionware.testing.steps import Steps


def the_second_request_makes_a_session_count_as_started() -> Steps:
    for number, events in ((1, True), (2, False)):
        equal(living((yield begin(number, events=events))).announce, False)
        equal((yield count()).started, number - 1)
        equal(living((yield touch(number, START))).announce, True)
        equal((yield count()).started, number)
        equal(living((yield touch(number, START))).announce, False)
        equal(living((yield get(number))).announce, False)
        equal((yield count()).started, number)


def whatever_kind_of_request_is_the_second_it_announces() -> Steps:
    second: tuple[Command[Any], ...] = (begin(1), touch(1, START), enter(1, START))
    for command in second:
        yield begin(1)
        equal(living((yield command)).announce, True)
        equal(living((yield command)).announce, False)
        yield End(key(1), START, Cause.CLOSED)


def ten_seconds_after_it_began_a_session_counts_as_started() -> Steps:
    for number in (1, 2):
        yield begin(number)
    yield begin(3, stream="other")
    yield Finish(key(2), START + 5)
    equal((yield count(DUE - JUST_BEFORE)).started, 0)
    equal((yield count(DUE, stream="other")).started, 1)
    equal((yield count(DUE)).started, 3)
    equal(dict((yield Streams(DUE)))["film"].started, 2)
    equal(living((yield touch(1, DUE))).announce, False)
    equal((yield Announce(key(2), DUE)), None)
    equal((yield count(DUE)).started, 3)


def the_time_is_up_at_a_full_second() -> Steps:
    for number in (1, 2):
        yield begin(number)
    equal(living((yield touch(1, DUE - JUST_BEFORE))).announce, True)
    equal(living((yield touch(2, DUE))).announce, False)
    yield begin(3, DUE)
    equal((yield count(DUE + 10 - JUST_BEFORE)).started, 2)
    equal((yield count(DUE + 10)).started, 3)


def a_session_counts_as_started_when_that_is_announced() -> Steps:
    yield begin(1)
    equal((yield Announce(key(1), START + 1)), begun(1, announce=True))
    equal((yield count()).started, 1)
    equal((yield Announce(key(1), START + 1)), None)
    equal((yield get(1)), begun(1))
    equal(living((yield touch(1, START + 1))).announce, False)
    equal((yield count(DUE)).started, 1)


def nobody_is_announced_who_was_announced_before() -> Steps:
    for number in (1, 2):
        yield begin(number)
    yield touch(1, START)
    for number, now in ((1, START), (2, DUE)):
        equal((yield Announce(key(number), now)), None)
    equal((yield count(DUE)).started, 2)


def a_pending_session_does_not_count_as_started() -> Steps:
    yield begin(1, playing=False)
    equal((yield Announce(key(1), START)), None)
    for now in (START, DUE, DUE + 1):
        equal(living((yield touch(1, now))).announce, False)
        equal((yield count(now)).started, 0)
    equal((yield Announce(key(1), DUE + 1)), None)
    equal(living((yield touch(1, DUE + 1, playing=True))).announce, True)
    equal((yield count(DUE + 1)).started, 1)


def what_shows_that_a_session_plays_announces_it_if_that_is_due() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, playing=False)
    yield touch(2, START)
    equal(living((yield Learn(key(1), START))).announce, False)
    equal((yield count()).started, 0)
    equal(living((yield Learn(key(2), START))).announce, True)
    equal(living((yield Learn(key(2), START))).announce, False)
    equal(living((yield Learn(key(3), DUE))).announce, True)
    equal((yield count(DUE)).started, 3)


def a_session_may_count_as_started_at_once() -> Steps:
    for number, kind in ((1, Kind.INPUT), (2, Kind.VIEWER)):
        equal(living((yield begin(number, announced=True, kind=kind))).announce, True)
        equal(living((yield get(number))).announce, False)
        equal((yield count()).started, number)
        equal(living((yield touch(number, START))).announce, False)
        equal((yield Announce(key(number), START)), None)
    equal((yield count(DUE)).started, 2)


def a_pending_session_may_be_announced_at_once_and_counts_when_it_plays() -> Steps:
    equal(living((yield begin(1, announced=True, playing=False))).announce, True)
    equal((yield count()).started, 0)
    equal(living((yield touch(1, START, playing=True))).announce, False)
    equal((yield count()).started, 1)


def who_joins_does_not_announce_a_pending_session() -> Steps:
    yield begin(1, playing=False)
    equal(living((yield begin(1, playing=False, announced=True))).announce, False)
    equal(living((yield Learn(key(1), START))).announce, True)


def what_was_announced_is_not_withdrawn() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, announced=number == 1)
    yield Announce(key(2), START)
    for number in (1, 2):
        equal((yield Withdraw(key(number), START)), False)
    equal((yield Withdraw(key(3), DUE)), False)
    equal((yield count(DUE)).started, 3)


def who_ends_before_it_was_announced_has_started_and_ended() -> Steps:
    for number in (1, 2):
        yield begin(number, deadline=START + 5)
    yield End(key(1), START, Cause.CLOSED)
    equal((yield count()).started, 1)
    equal((yield count()).ended, 1)
    equal((yield Announce(key(2), START + 6)), None)
    equal((yield count(START + 6)), over(2))


def each_life_is_announced() -> Steps:
    for life in (1, 2):
        yield begin(1)
        equal(living((yield touch(1, START))).announce, True)
        equal((yield count()).started, life)
        yield End(key(1), START, Cause.CLOSED)
