"""Bars: what stands before a mark, and for how long."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import (
    Bar,
    End,
    Ended,
)
from sessionware.testing.steps import (
    JUST_BEFORE,
    OVER,
    START,
    begin,
    begun,
    count,
    enter,
    equal,
    get,
    key,
    living,
    look,
    mark,
    over,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

STOPPED = Bar(Cause.STOPPED, START + 600)
EXPIRED = Ended(Cause.EXPIRED, OVER, START, None)


def a_bar_is_answered_with_what_was_said() -> Steps:
    told = Bar(Cause.DENIED, START + 60.5, 451, "wägt \u2713 nothing\n")
    yield begin(1)
    equal((yield End(key(1), START, Cause.DENIED, told)), begun(1))
    equal((yield touch(1, START)), told)
    equal((yield enter(1, START)), told)
    equal((yield begin(1)), told)
    equal((yield get(1)), None)


def nobody_begins_below_a_bar_and_who_lives_there_goes_on() -> Steps:
    yield begin(1)
    yield begin(2, above=(mark(9), mark(1)))
    yield End(key(1), START, Cause.STOPPED, STOPPED)
    living((yield touch(2, START, above=(mark(9), mark(1)))))
    living((yield replace(look(2, START), above=(mark(1),))))
    living((yield begin(2, above=(mark(1),))))
    for above in ((mark(1),), (mark(9), mark(1))):
        equal((yield touch(3, START, above=above)), STOPPED)
        equal((yield touch(3, START, above=above, lease=5.0)), STOPPED)
        equal((yield replace(look(3, START), above=above)), STOPPED)
        equal((yield begin(3, above=above)), STOPPED)
    equal((yield touch(3, START, above=(mark(9),))), None)
    equal((yield look(3, START)), None)
    living((yield begin(3, STOPPED.until, above=(mark(1),))))


def a_bar_above_goes_before_what_is_remembered() -> Steps:
    yield begin(1, remember=600.0)
    yield begin(2)
    yield End(key(2), START, Cause.STOPPED, STOPPED)
    equal((yield touch(1, OVER, above=(mark(2),))), STOPPED)
    equal((yield replace(look(1, OVER), above=(mark(2),))), STOPPED)
    equal((yield touch(1, OVER)), EXPIRED)


def nobody_begins_or_goes_on_under_a_bar_before_its_time() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.STOPPED, STOPPED)
    last = STOPPED.until - JUST_BEFORE
    for now in (START, last):
        equal((yield touch(1, now, playing=True)), STOPPED)
        equal((yield begin(1, now)), STOPPED)
        equal((yield enter(1, now, playing=True)), STOPPED)
        equal((yield begin(2, now, mark=mark(1))), STOPPED)
        equal((yield count(now)), over(1))
    equal((yield touch(1, STOPPED.until)), None)
    equal((yield begin(1, STOPPED.until)), begun(1, STOPPED.until, new=True))


def a_bar_is_all_that_is_remembered_of_whom_it_ended() -> Steps:
    yield begin(1, remember=600)
    yield End(key(1), START, Cause.STOPPED, replace(STOPPED, until=START + 10))
    equal((yield touch(1, START + 10)), None)


def a_bar_stands_before_all_sessions_of_its_mark_and_no_other() -> Steps:
    for number in (1, 2):
        yield begin(number, mark=mark(7))
    yield begin(3)
    yield End(key(1), START, Cause.STOPPED, replace(STOPPED, until=START + 60))
    told = replace(STOPPED, until=START + 60)
    equal((yield touch(2, START + 59, mark=mark(7), playing=True)), told)
    equal((yield begin(2, START + 59, mark=mark(7))), told)
    equal((yield enter(2, START + 59, mark=mark(7))), told)
    equal((yield get(2, START + 59)), begun(2))
    living((yield touch(3, START + 59)))
    equal(living((yield touch(2, START + 60, mark=mark(7)))).requests, 2)


def a_bar_comes_before_what_is_remembered() -> Steps:
    for number in (1, 2):
        yield begin(number, mark=mark(7), remember=600)
    yield End(key(1), START, Cause.CLOSED)
    told = replace(STOPPED, until=START + 60)
    yield End(key(2), START, Cause.STOPPED, told)
    equal((yield touch(1, START + 59, mark=mark(7))), told)
    equal((yield begin(1, START + 59, mark=mark(7))), told)
    ended = Ended(Cause.CLOSED, START, START, None)
    equal((yield touch(1, START + 60, mark=mark(7))), ended)


def a_touch_asks_for_the_bar_of_the_mark_that_it_names() -> Steps:
    yield begin(1)
    yield begin(2)
    yield End(key(2), START, Cause.STOPPED, STOPPED)
    equal((yield touch(1, START, mark=mark(2))), STOPPED)
    equal((yield enter(1, START, mark=mark(2))), STOPPED)
    equal((yield touch(1, START)), begun(1, requests=2, announce=True))


def a_look_with_a_mark_is_told_of_the_bar() -> Steps:
    for number in (1, 2):
        yield begin(number, remember=600)
    yield End(key(1), START, Cause.STOPPED, STOPPED)
    equal((yield look(2, START, 1)), STOPPED)
    equal((yield look(2, START)), begun(2))
    equal((yield get(2, START)), begun(2))
    equal((yield look(1, STOPPED.until - JUST_BEFORE)), STOPPED)
    equal((yield get(1, STOPPED.until - JUST_BEFORE)), None)
    equal((yield look(2, STOPPED.until - JUST_BEFORE, 1)), STOPPED)
    equal((yield look(2, STOPPED.until)), EXPIRED)
    equal((yield look(1, STOPPED.until)), None)


def a_bar_takes_the_mark_with_which_a_session_began() -> Steps:
    yield begin(1)
    yield begin(1, mark=mark(2))
    yield touch(1, START, mark=mark(3))
    yield End(key(1), START, Cause.STOPPED, STOPPED)
    equal((yield touch(1, START)), STOPPED)
    equal((yield touch(1, START, mark=mark(2))), None)
    equal((yield touch(1, START, mark=mark(3))), None)


def where_no_session_is_no_bar_is_put() -> Steps:
    yield begin(1)
    equal((yield End(key(2), START, Cause.STOPPED, STOPPED)), None)
    equal((yield End(key(1), OVER, Cause.STOPPED, STOPPED)), None)
    equal((yield touch(1, OVER)), None)
    equal((yield touch(2, OVER)), None)
    equal((yield begin(1, OVER)), begun(1, OVER, new=True))


def a_pending_session_can_be_barred() -> Steps:
    yield begin(1, playing=False)
    living((yield End(key(1), START, Cause.STOPPED, STOPPED)))
    equal((yield touch(1, START)), STOPPED)
    equal((yield begin(1)), STOPPED)


def the_bar_that_lasts_longer_stays() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, mark=mark(7))
    first, shorter, longer = (
        Bar(Cause.STOPPED, START + 100, 410, "first"),
        Bar(Cause.DENIED, START + 50, 403, "shorter"),
        Bar(Cause.DENIED, START + 200, 403, "longer"),
    )
    for number, bar, stays in ((1, first, first), (2, shorter, first), (3, longer, longer)):
        living((yield End(key(number), START, bar.cause, bar)))
        equal((yield touch(number, START, mark=mark(7))), stays)
    equal((yield touch(1, START + 199, mark=mark(7))), longer)
    equal((yield touch(1, START + 200, mark=mark(7))), None)


def a_mark_can_be_barred_again() -> Steps:
    yield begin(1)
    yield End(key(1), START, Cause.STOPPED, replace(STOPPED, until=START + 10))
    yield begin(1, START + 20)
    again = Bar(Cause.STOPPED, START + 30, 0, "again")
    living((yield End(key(1), START + 21, Cause.STOPPED, again)))
    equal((yield touch(1, START + 22)), again)


def whoever_is_barred_goes_on_counting_until_the_time_is_over() -> Steps:
    yield begin(1, mark=mark(7))
    yield begin(2, mark=mark(7), remember=600)
    yield End(key(1), START, Cause.STOPPED, replace(STOPPED, until=OVER + 10))
    yield touch(2, OVER - 1, mark=mark(7))
    equal((yield count(OVER - 1)).sessions, 1)
    equal((yield count(OVER)), over(2))
    equal((yield touch(2, OVER + 10, mark=mark(7))), EXPIRED)
