"""What is told of starts and ends: to one worker, once, and no end before its start."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.session import Cause, State
from sessionware.store import (
    Announce,
    Bar,
    Begin,
    Claim,
    Command,
    End,
    Learn,
    Living,
    Meta,
    Sweep,
    Told,
    Withdraw,
)
from sessionware.testing.steps import (
    DUE,
    JUST_BEFORE,
    OVER,
    START,
    WINDOW,
    begin,
    begun,
    count,
    enter,
    equal,
    key,
    living,
    mark,
    place,
    plain,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

Claimed = Generator[Command[Any], Any, tuple[list[int], dict[int, tuple[Cause, float]]]]
ALL = 1000


def told(number: int, now: float = START, **opening: Any) -> Begin:
    """Begin a session of which shall be told."""
    return begin(number, now, events=True, **opening)


def _claims(now: float, limit: int = ALL) -> Claimed:
    """Give whose start was told, and whose end, with why and when; fail if it was told twice."""
    starts: list[int] = []
    ends: dict[int, tuple[Cause, float]] = {}
    given = yield Claim(now, limit)
    equal(type(given), tuple)
    for one in given:
        equal(type(one), Told)
        number = int.from_bytes(one.living.key)
        equal(number in ends, False)
        if one.started:
            equal(number in starts, False)
            starts.append(number)
        if one.cause is not None:
            ends[number] = one.cause, one.at
    return sorted(starts), ends


def _only(given: tuple[Told, ...]) -> Told:
    equal(len(given), 1)
    return given[0]


def _nothing_more(now: float) -> Steps:
    equal((yield from _claims(now)), ([], {}))


def a_start_that_the_time_brought_is_told_once() -> Steps:
    yield told(1)
    yield from _nothing_more(DUE - JUST_BEFORE)
    start = _only((yield Claim(DUE)))
    equal(start, Told(begun(1), True, None, start.at))
    yield from _nothing_more(DUE)
    yield from _nothing_more(DUE + 60)


def a_start_that_a_command_made_is_told_by_who_sent_it() -> Steps:
    yield told(1)
    yield touch(1, START)
    yield told(2)
    yield Announce(key(2), START)
    yield told(3, announced=True)
    yield told(4, playing=False)
    yield touch(4, START)
    yield Learn(key(4), START)
    yield told(5)
    yield enter(5, START)
    yield from _nothing_more(DUE)


def a_start_is_told_by_a_claim_or_by_a_command_and_never_by_both() -> Steps:
    for number in (1, 2, 3):
        yield told(number)
    equal(living((yield touch(1, DUE))).announce, False)
    equal((yield Announce(key(2), DUE)), None)
    equal((yield from _claims(DUE)), ([1, 2, 3], {}))


def who_shall_not_be_told_of_is_not() -> Steps:
    for number in (1, 2, 3):
        yield begin(number)
    yield End(key(1), START, Cause.CLOSED)
    equal((yield count(DUE)).started, 3)
    yield from _nothing_more(DUE)
    yield from _nothing_more(OVER)


def an_end_is_told_with_its_cause_and_its_time_and_the_session_as_it_was() -> Steps:
    yield told(1, data={"a": "1"})
    yield touch(1, START + 5, segments=True)
    yield End(key(1), START + 7.5, Cause.STOPPED)
    end = _only((yield Claim(START + 9)))
    was = begun(1, data={"a": "1"}, last_seen=START + 5, expires=OVER + 5, requests=2)
    was = replace(was, segments=True, seconds=5.0)
    equal(end, Told(was, False, Cause.STOPPED, START + 7.5))
    yield from _nothing_more(START + 9)


def an_end_behind_a_bar_is_told_too() -> Steps:
    yield told(1, announced=True)
    yield End(key(1), START + 1, Cause.DENIED, Bar(Cause.DENIED, START + 60))
    equal((yield from _claims(START + 1)), ([], {1: (Cause.DENIED, START + 1)}))


def who_expired_is_told_of_with_the_time_when_it_was_over() -> Steps:
    for number in (1, 2, 3):
        yield told(number, announced=True)
    yield touch(1, OVER + 5)
    expired = (Cause.EXPIRED, OVER)
    equal((yield from _claims(OVER + 9)), ([], dict.fromkeys((1, 2, 3), expired)))


def who_is_over_is_found_by_a_claim() -> Steps:
    yield told(1, announced=True)
    yield from _nothing_more(OVER - JUST_BEFORE)
    equal((yield from _claims(OVER)), ([], {1: (Cause.EXPIRED, OVER)}))
    equal((yield Sweep(OVER)), 0)
    equal((yield count(OVER)).ended, 1)


def who_was_swept_is_told_of() -> Steps:
    yield told(1, announced=True)
    equal((yield Sweep(OVER)), 1)
    equal((yield from _claims(OVER)), ([], {1: (Cause.EXPIRED, OVER)}))


def who_is_ended_for_a_newcomer_is_told_of() -> Steps:
    yield told(1, announced=True, places=(place(evict=True),))
    yield told(2, START + 1, announced=True, places=(place(evict=True),))
    equal((yield from _claims(START + 1)), ([], {1: (Cause.EVICTED, START + 1)}))


def the_end_of_who_was_not_announced_tells_its_start_too() -> Steps:
    yield told(1)
    yield End(key(1), START + 1, Cause.CLOSED)
    equal((yield Claim(START + 1)), (Told(begun(1), True, Cause.CLOSED, START + 1),))
    yield told(2, deadline=START + 5)
    equal((yield from _claims(START + 60)), ([2], {2: (Cause.EXPIRED, START + 5.75)}))
    yield from _nothing_more(START + 60)


def a_start_that_nobody_claimed_before_the_end_is_told_all_the_same() -> Steps:
    yield told(1)
    equal((yield count(DUE)).started, 1)
    yield End(key(1), DUE + 1, Cause.CLOSED)
    equal((yield from _claims(DUE + 1)), ([1], {1: (Cause.CLOSED, DUE + 1)}))
    yield told(2)
    equal((yield from _claims(OVER + 60)), ([2], {2: (Cause.EXPIRED, OVER)}))
    yield from _nothing_more(OVER + 60)


def a_start_that_was_claimed_is_not_told_with_the_end() -> Steps:
    yield told(1)
    equal((yield from _claims(DUE)), ([1], {}))
    yield End(key(1), DUE, Cause.CLOSED)
    equal((yield from _claims(DUE)), ([], {1: (Cause.CLOSED, DUE)}))


def a_pending_session_is_told_of_neither_way() -> Steps:
    for number, announced in ((1, False), (2, False), (3, True)):
        yield told(number, playing=False, announced=announced)
    yield touch(1, START)
    yield End(key(1), START, Cause.CLOSED)
    yield from _nothing_more(DUE)
    yield from _nothing_more(OVER)


def a_session_that_leaves_pending_is_told_of() -> Steps:
    yield told(1, playing=False)
    yield Learn(key(1), START)
    equal((yield from _claims(DUE)), ([1], {}))
    end = _only((yield Claim(OVER)))
    equal((end.cause, end.living.state), (Cause.EXPIRED, State.LIVE))


def what_was_withdrawn_is_told_of_neither_way() -> Steps:
    yield told(1)
    yield Withdraw(key(1), START)
    yield from _nothing_more(OVER)


def who_was_dropped_is_told_of_neither_way_unless_it_comes_back() -> Steps:
    for number in (1, 2, 3, 4):
        yield told(number, client=mark(80), holder=mark(number), returns=True)
    living((yield touch(1, START)))
    living((yield Announce(key(4), START)))
    yield End(key(2), START + 1, Cause.CLOSED)
    yield from _nothing_more(DUE)
    expired = (Cause.EXPIRED, OVER)
    equal((yield from _claims(OVER)), ([], {1: expired, 4: expired}))


def each_life_is_told_of() -> Steps:
    for life in (0, 1):
        now = START + life
        yield told(1, now)
        yield End(key(1), now, Cause.CLOSED)
    given = yield Claim(START + 1)
    times = {(one.living.started, one.at, one.started) for one in given}
    equal(times, {(START, START, True), (START + 1, START + 1, True)})


def a_claim_gives_no_more_than_it_shall_and_what_is_left_later() -> Steps:
    for number in range(7):
        yield told(number)
    starts: list[int] = []
    for _ in range(7):
        given = yield Claim(DUE, 2)
        equal(len(given) <= 2, True)  # noqa: PLR2004 - the limit
        starts += [int.from_bytes(one.living.key) for one in given]
    equal(sorted(starts), list(range(7)))
    yield from _nothing_more(DUE)


def all_that_is_to_be_told_comes_within_as_many_claims_as_it_takes() -> Steps:
    for number in range(6):
        yield told(number)
    starts: set[int] = set()
    ends: set[int] = set()
    for _ in range(30):
        for one in (yield Claim(OVER, 1)):
            number = int.from_bytes(one.living.key)
            if one.started:
                equal((number in starts, number in ends), (False, False))
                starts.add(number)
            if one.cause is not None:
                equal((number in starts, number in ends), (True, False))
                ends.add(number)
    equal((starts, ends), (set(range(6)), set(range(6))))


def the_session_of_a_start_is_as_it_was_then_or_is_now() -> Steps:
    yield told(1)
    yield touch(1, DUE + 5)
    start = _only((yield Claim(DUE + 5)))
    now = begun(1, last_seen=DUE + 5, requests=2, seconds=WINDOW, expires=start.living.expires)
    then = (begun(1), now)
    equal(any(plain(start.living) == one for one in then), True)
    equal(type(start.living), Living)


def a_claim_notes_that_somebody_is_alive() -> Steps:
    equal((yield Meta()).heartbeat, 0.0)
    yield begin(1)
    yield touch(1, START)
    yield Sweep(START)
    equal((yield Meta()).heartbeat, 0.0)
    for now, heartbeat in ((START, START), (START + 9.5, START + 9.5), (START + 2, START + 9.5)):
        yield Claim(now)
        equal((yield Meta()).heartbeat, heartbeat)
