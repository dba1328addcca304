"""How sessions end, and what is remembered of them."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.session import Cause, Presentation, State
from sessionware.store import (
    Announce,
    Bar,
    Claim,
    End,
    Ended,
    Finish,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Merge,
    Note,
    Streams,
    Sweep,
    Tag,
    Withdraw,
)
from sessionware.testing.steps import (
    JUST_BEFORE,
    OVER,
    START,
    TIMEOUT,
    begin,
    begun,
    count,
    counts,
    enter,
    equal,
    get,
    key,
    living,
    look,
    over,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Command
    from sessionware.testing.steps import Steps

STOPPED = Bar(Cause.STOPPED, START + 600)
EXPIRED = Ended(Cause.EXPIRED, OVER, START, None)


def an_ended_session_is_gone_and_ends_once() -> Steps:
    yield begin(1)
    equal((yield End(key(1), START + 1, Cause.CLOSED)), begun(1))
    equal((yield End(key(1), START + 1, Cause.STOPPED)), None)
    equal((yield get(1, START + 1)), None)
    equal((yield touch(1, START + 1)), None)
    equal((yield Listing(START + 1)), ())
    equal((yield count(START + 1)), over(1))


def a_session_counts_as_ended_whatever_it_died_of() -> Steps:
    for number, cause in enumerate(Cause):
        yield begin(number)
        living((yield End(key(number), START, cause)))
    equal((yield count()), over(len(Cause)))


def an_end_is_answered_with_the_session_as_it_was() -> Steps:
    yield begin(1, data={"a": "1"}, playing=False)
    living((yield touch(1, START + 1)))
    answer = yield End(key(1), START + 9, Cause.CLOSED)
    was = begun(1, data={"a": "1"}, state=State.PENDING, requests=2, last_seen=START + 1)
    equal(answer, replace(was, expires=math.ceil(START + 1 + TIMEOUT)))


def a_touch_is_told_how_the_last_life_ended() -> Steps:
    for cause in Cause:
        yield begin(1, remember=100)
        yield Learn(key(1), START + 1, Presentation.LIVE, None, TIMEOUT, 0)
        yield End(key(1), START + 2.5, cause)
        expected = Ended(cause, START + 2.5, START, Presentation.LIVE)
        equal((yield touch(1, START + 3)), expected)
        equal((yield get(1, START + 3)), None)


def to_be_told_of_an_end_changes_nothing() -> Steps:
    yield begin(1, remember=100)
    yield End(key(1), START, Cause.CLOSED)
    before = over(1)
    for now in (START, START + 50, START + 100 - JUST_BEFORE):
        answer = yield touch(1, now, playing=True, renew_cookie_after=1)
        equal(answer, Ended(Cause.CLOSED, START, START, None))
        equal((yield count(now)), before)


def a_look_with_a_mark_is_told_what_a_touch_would_be() -> Steps:
    yield begin(1, remember=100)
    yield begin(2, remember=100)
    yield End(key(1), START, Cause.CLOSED)
    for now in (START, START + 100 - JUST_BEFORE):
        for _ in range(2):
            equal((yield look(1, now)), Ended(Cause.CLOSED, START, START, None))
        equal((yield get(1, now)), None)
    equal((yield look(1, START + 100)), None)
    equal((yield look(2, OVER + 100 - JUST_BEFORE)), EXPIRED)
    equal((yield get(2, OVER)), None)
    equal((yield look(2, OVER + 100)), None)


def what_is_remembered_is_forgotten_after_its_time() -> Steps:
    yield begin(1, remember=100)
    yield End(key(1), START + 7, Cause.CLOSED)
    living_or_not = yield touch(1, START + 107 - JUST_BEFORE)
    equal(living_or_not, Ended(Cause.CLOSED, START + 7, START, None))
    equal((yield touch(1, START + 107)), None)


def an_expiry_is_remembered_from_when_the_time_was_over() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, remember=100.5)
    equal((yield touch(1, OVER)), EXPIRED)
    equal((yield touch(2, OVER + 100)), EXPIRED)
    equal((yield touch(2, OVER + 100.5 - JUST_BEFORE)), EXPIRED)
    equal((yield touch(2, OVER + 100.5)), None)
    equal((yield touch(3, OVER + 101)), None)


def an_expiry_is_remembered_whoever_found_it() -> Steps:
    found: list[Command[Any]] = [
        get(1, OVER + 5),
        count(OVER + 5),
        Streams(OVER + 5),
        Listing(OVER + 5),
        Sweep(OVER + 5),
        touch(9, OVER + 5),
        begin(8, OVER + 5),
        Learn(key(1), OVER + 5),
        Leave(key(1), OVER + 5),
        Announce(key(1), OVER + 5),
        Finish(key(1), OVER + 5),
        Note(key(1), OVER + 5, ()),
        Merge(key(1), OVER + 5, {}),
        Tag(key(1), OVER + 5),
        enter(1, OVER + 5),
        Invalidate(OVER + 5),
        Claim(OVER + 5),
        Withdraw(key(1), OVER + 5),
        End(key(1), OVER + 5, Cause.STOPPED),
        End(key(1), OVER + 5, Cause.STOPPED, STOPPED),
    ]
    for command in found:
        yield begin(1, remember=600)
        yield command
        equal((yield touch(1, OVER + 6)), EXPIRED)


def what_expired_is_remembered_with_what_was_played() -> Steps:
    yield begin(1, remember=600)
    yield touch(1, START + 10)
    yield Learn(key(1), START + 10, Presentation.VOD, 90, 30, START + 135)
    at = math.ceil(START + 135)
    equal((yield touch(1, at + 1)), Ended(Cause.EXPIRED, at, START, Presentation.VOD))


def what_shall_not_be_remembered_is_not() -> Steps:
    yield begin(1, remember=0)
    yield End(key(1), START, Cause.CLOSED)
    equal((yield touch(1, START)), None)
    yield begin(2, remember=0)
    equal((yield touch(2, OVER)), None)


def a_pending_session_leaves_no_trace_of_its_end() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, playing=False, remember=600)
    living((yield End(key(1), START, Cause.CLOSED)))
    living((yield End(key(2), START, Cause.STOPPED, replace(STOPPED, until=START + 1))))
    equal((yield touch(1, START)), None)
    equal((yield touch(2, START + 1)), None)
    equal((yield touch(3, OVER)), None)
    equal((yield count(OVER)), counts())
    equal(dict((yield Streams(OVER))), {})


def a_new_life_forgets_how_the_last_one_ended() -> Steps:
    yield begin(1, remember=600)
    yield End(key(1), START, Cause.EVICTED)
    equal((yield begin(1, START + 1, previous="p")), begun(1, START + 1, previous="p", new=True))
    yield Withdraw(key(1), START + 1)
    equal((yield touch(1, START + 1)), None)
    yield begin(1, START + 2)
    yield End(key(1), START + 2, Cause.CLOSED)
    equal((yield touch(1, START + 2)), None)


def a_sweep_leaves_what_is_still_remembered() -> Steps:
    yield begin(1, remember=600)
    yield begin(2)
    yield End(key(1), START, Cause.CLOSED)
    yield End(key(2), START, Cause.STOPPED, STOPPED)
    for now in (START, START + 600 - JUST_BEFORE):
        equal((yield Sweep(now)), 0)
        equal((yield touch(1, now)), Ended(Cause.CLOSED, START, START, None))
        equal((yield touch(2, now)), STOPPED)
    equal((yield Sweep(START + 600)), 0)
    equal((yield touch(1, START + 600)), None)
    equal((yield touch(2, START + 600)), None)


def a_session_that_is_learned_about_is_no_longer_pending_when_it_ends() -> Steps:
    yield begin(1, playing=False, remember=600)
    equal(living((yield get(1))).state, State.PENDING)
    yield Learn(key(1), START)
    yield End(key(1), START, Cause.CLOSED)
    equal((yield touch(1, START)), Ended(Cause.CLOSED, START, START, None))
