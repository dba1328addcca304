"""Beginning, touching, joining, and when a session is over."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation, State
from sessionware.store import (
    Announce,
    Bar,
    Claim,
    End,
    Finish,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Merge,
    Note,
    Streams,
    Tag,
    Withdraw,
)
from sessionware.testing.steps import (
    JUST_BEFORE,
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
    look,
    over,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Command
    from sessionware.testing.steps import Steps


def a_beginning_is_answered_with_all_that_is_known() -> Steps:
    opening: dict[str, Any] = {"kind": Kind.INPUT, "stream": "cam", "ip": "::1", "protocol": "SRT"}
    opening |= {"service": "s", "params": "a=1&b", "previous": "the id of another life"}
    answer = yield begin(1, data={"a": "1"}, **opening)
    equal(answer, begun(1, data={"a": "1"}, new=True, **opening))
    equal((yield get(1)), begun(1, data={"a": "1"}, **opening))


def who_begins_what_has_just_begun_joins_it() -> Steps:
    yield begin(1, data={"a": "1"}, stream="first", params="p=1")
    answer = yield begin(
        1, START + 3, {"a": "2"}, stream="second", params="p=2", timeout=5.0, playing=False
    )
    now = START + 3
    joined = begun(1, stream="first", params="p=1", data={"a": "1"}, requests=2, last_seen=now)
    joined = replace(joined, expires=math.ceil(now + TIMEOUT), seconds=3.0)
    equal(answer, replace(joined, announce=True))
    equal((yield get(1, now)), joined)
    equal((yield count(now)), counts(1, started=1, requests=2, seconds=3.0))


def sessions_with_different_keys_have_nothing_in_common() -> Steps:
    yield begin(1, data={"a": "1"})
    equal((yield begin(2, START + 1)), begun(2, START + 1, new=True))
    yield touch(2, START + 2, playing=True, segments=True)
    yield Finish(key(2), START + 2, 1, 1)
    yield Note(key(2), START + 2, ("ip ::1",))
    yield Tag(key(2), START + 2, ("t",))
    yield Merge(key(2), START + 3, {"b": "2"})
    yield End(key(2), START + 4, Cause.CLOSED)
    equal((yield get(1, START + 5)), begun(1, data={"a": "1"}))


def a_touch_moves_the_last_request_and_the_end() -> Steps:
    yield begin(1)
    now = START + 100.5
    expected = begun(1, last_seen=now, expires=math.ceil(now + TIMEOUT), requests=2, seconds=WINDOW)
    equal((yield touch(1, now)), expected)
    equal((yield get(1, now)), expected)
    equal((yield get(1, OVER)), expected)


def a_touch_that_was_overtaken_counts_and_turns_nothing_back() -> Steps:
    yield begin(1)
    late = START + 50
    yield touch(1, late)
    seen = begun(1, last_seen=late, expires=math.ceil(late + TIMEOUT), requests=3, seconds=WINDOW)
    equal((yield touch(1, START + 20)), seen)
    equal((yield count(late + 15)), counts(1, started=1, requests=3, seconds=WINDOW))


def a_joining_that_was_overtaken_turns_nothing_back() -> Steps:
    yield begin(1)
    equal((yield begin(1, START - 20)), begun(1, requests=2, announce=True))


def what_is_unknown_is_answered_so() -> Steps:
    equal((yield touch(1, START)), None)
    equal((yield get(1)), None)
    equal((yield enter(1, START)), None)
    equal((yield Learn(key(1), START)), None)
    equal((yield Learn(key(1), START, Presentation.LIVE, None, 30, 0)), None)
    equal((yield Leave(key(1), START)), None)
    equal((yield Announce(key(1), START)), None)
    equal((yield Finish(key(1), START, 1, 1)), False)
    equal((yield Note(key(1), START, ("ip ::1",))), False)
    equal((yield Merge(key(1), START, {"a": "1"})), False)
    equal((yield Tag(key(1), START, ("t",))), None)
    equal((yield Withdraw(key(1), START)), False)
    equal((yield End(key(1), START, Cause.STOPPED)), None)
    equal((yield Invalidate(START)), 0)
    equal((yield Claim(START)), ())
    equal((yield count()), counts())
    equal(dict((yield Streams(START))), {})
    equal((yield Listing(START)), ())


def reading_changes_nothing() -> Steps:
    yield begin(1)
    for now in (START + 1, START + 60, OVER - JUST_BEFORE):
        equal((yield get(1, now)), begun(1))
    equal((yield get(1, OVER)), None)


def a_session_is_over_at_the_next_full_second() -> Steps:
    yield begin(1)
    yield begin(2)
    equal((yield get(1, OVER - JUST_BEFORE)), begun(1))
    living((yield touch(2, OVER - JUST_BEFORE)))
    equal((yield get(1, OVER)), None)
    equal((yield touch(1, OVER)), None)
    living((yield get(2, OVER)))


def a_time_that_ends_at_a_full_second_is_over_then() -> Steps:
    now = math.floor(START)
    answer = yield begin(1, now)
    equal(answer, begun(1, now, expires=now + TIMEOUT, new=True))
    living((yield get(1, now + TIMEOUT - JUST_BEFORE)))
    equal((yield get(1, now + TIMEOUT)), None)


def no_request_goes_beyond_the_deadline() -> Steps:
    deadline = START + 300
    yield begin(1, deadline=deadline)
    for silence in (90, 180, 270):
        living((yield touch(1, START + silence)))
    equal(living((yield get(1, START + 271))).expires, math.ceil(deadline))
    living((yield touch(1, math.ceil(deadline) - JUST_BEFORE)))
    equal((yield touch(1, math.ceil(deadline))), None)


def a_session_that_may_stay_until_a_time_is_not_over_before() -> Steps:
    until = START + 1000
    equal((yield begin(1, until=until)), begun(1, expires=math.ceil(until), new=True))
    living((yield get(1, math.ceil(until) - JUST_BEFORE)))
    equal((yield get(1, math.ceil(until))), None)


def a_late_request_goes_beyond_until() -> Steps:
    yield begin(1, until=START + 1000)
    now = START + 990
    equal(living((yield touch(1, now))).expires, math.ceil(now + TIMEOUT))


def the_deadline_comes_before_until() -> Steps:
    answer = yield begin(1, until=START + 1000, deadline=START + 500)
    equal(living(answer).expires, math.ceil(START + 500))
    equal((yield touch(1, START + 501)), None)


def a_session_whose_time_is_over_can_no_longer_be_changed() -> Steps:
    bar = Bar(Cause.STOPPED, OVER + 100)
    changes: list[Command[Any]] = [
        Learn(key(0), OVER),
        Learn(key(1), OVER, Presentation.VOD, 5000, TIMEOUT, OVER + 5000),
        Leave(key(2), OVER),
        Announce(key(3), OVER),
        Finish(key(4), OVER, 1, 1),
        Note(key(5), OVER, ("ip ::1",)),
        Merge(key(6), OVER, {"a": "1"}),
        Tag(key(7), OVER, ("t",)),
        Withdraw(key(8), OVER),
        End(key(9), OVER, Cause.STOPPED),
        End(key(10), OVER, Cause.STOPPED, bar),
        enter(11, OVER, mark=key(11)),
    ]
    for number in range(len(changes)):
        yield begin(number, mark=key(number))
    for command in changes:
        equal((yield command) or None, None)
    equal((yield Invalidate(OVER)), 0)
    for number in range(len(changes)):
        equal((yield get(number, OVER)), None)
        equal((yield touch(number, OVER, mark=key(number))), None)
    equal((yield count(OVER)), over(len(changes)))


def who_comes_back_when_the_time_is_over_begins_anew() -> Steps:
    yield begin(1, data={"a": "1"})
    equal((yield begin(1, OVER)), begun(1, OVER, new=True))
    equal((yield count(OVER)), counts(1, started=1, ended=1, requests=2))


def a_life_leaves_nothing_to_the_next() -> Steps:
    yield begin(1, data={"a": "1"}, service="s", params="q", previous="p", cookie_set=START)
    yield Learn(key(1), START, Presentation.LIVE, 90, 600, START + 900, window=60.0)
    yield touch(1, START + 1, segments=True)
    yield Finish(key(1), START + 1, 1, 2)
    yield Note(key(1), START + 1, ("ip ::1",))
    yield Tag(key(1), START + 1, ("t",))
    yield End(key(1), START + 2, Cause.CLOSED)
    equal((yield begin(1, START + 3, playing=False)).state, State.PENDING)
    expected = begun(1, START + 3, state=State.PENDING)
    equal((yield get(1, START + 3)), expected)
    expected = replace(expected, last_seen=START + 4, expires=math.ceil(START + 4 + TIMEOUT))
    answer = yield touch(1, START + 4, renew_cookie_after=300)
    equal(answer, replace(expected, requests=2, renew_cookie=True))
    equal((yield count(START + 4)), over(1, requests=2, seconds=1.0, bytes_down=1, bytes_up=2))


def a_look_with_a_mark_reads_the_living_and_changes_nothing() -> Steps:
    equal((yield look(1, START)), None)
    yield begin(1, playing=False)
    for now in (START + 1, OVER - JUST_BEFORE):
        equal((yield look(1, now)), begun(1, state=State.PENDING))
    equal((yield look(1, OVER)), None)


# --- pending ------------------------------------------------------------------------------------


def a_pending_session_counts_nowhere() -> Steps:
    answer = yield begin(1, playing=False)
    equal(answer, begun(1, state=State.PENDING, new=True))
    living((yield touch(1, START + 5)))
    yield Finish(key(1), START + 5, 1, 1)
    for now in (START + 5, START + 60, OVER + 5):
        equal((yield count(now)), counts())
        equal((yield count(now, "film", Kind.VIEWER)), counts())
        equal(dict((yield Streams(now))), {})
        equal((yield Listing(now)), ())


def all_requests_of_a_session_count_when_it_leaves_pending_and_no_second_before() -> Steps:
    yield begin(1, playing=False)
    yield touch(1, START + 5)
    yield touch(1, START + 7, playing=True)
    equal((yield count(START + 7)), counts(1, started=1, requests=3))
    yield touch(1, START + 8)
    equal((yield count(START + 8)), counts(1, started=1, requests=4, seconds=1.0))


def a_request_that_plays_takes_a_session_out_of_pending() -> Steps:
    yield begin(1, playing=False)
    equal(living((yield touch(1, START, playing=True))).state, State.LIVE)
    equal((yield count()), counts(1, started=1, requests=2))


def who_joins_and_plays_takes_a_session_out_of_pending() -> Steps:
    yield begin(1, playing=False)
    equal(living((yield begin(1, playing=True))).state, State.LIVE)
    equal((yield count()), counts(1, started=1, requests=2))


def a_session_that_plays_is_never_pending_again() -> Steps:
    yield begin(1)
    equal(living((yield touch(1, START, playing=False))).state, State.LIVE)
    equal(living((yield begin(1, playing=False))).state, State.LIVE)
    yield touch(1, START, playing=True)
    yield Learn(key(1), START)
    yield Leave(key(1), START)
    equal((yield count()), counts(1, started=1, requests=4))


def an_overtaken_request_plays_too() -> Steps:
    yield begin(1, playing=False)
    equal(living((yield touch(1, START - 20, playing=True))).state, State.LIVE)
    equal((yield count()), counts(1, started=1, requests=2))


# --- withdrawing --------------------------------------------------------------------------------


def a_withdrawn_session_is_as_if_it_had_never_been() -> Steps:
    for playing in (True, False):
        yield begin(1, playing=playing, remember=600)
        equal((yield Withdraw(key(1), START)), True)
        equal((yield get(1)), None)
        equal((yield touch(1, START)), None)
        equal((yield Withdraw(key(1), START)), False)
        equal((yield count()), counts())
        equal((yield count(stream="film")), counts())
    equal(living((yield begin(1))).new, True)


def a_session_that_was_asked_for_more_is_not_withdrawn() -> Steps:
    yield begin(1)
    yield touch(1, START)
    yield begin(2, playing=False)
    yield touch(2, START)
    for number in (1, 2):
        equal((yield Withdraw(key(number), START)), False)
        equal(living((yield get(number))).requests, 2)


def a_session_that_was_learned_about_can_be_withdrawn() -> Steps:
    yield begin(1, playing=False)
    yield Learn(key(1), START)
    equal((yield Withdraw(key(1), START)), True)
    equal((yield count()), counts())
