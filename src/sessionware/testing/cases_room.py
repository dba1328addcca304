"""A store that has room for ``ROOM`` sessions: it refuses newcomers and drops nobody."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import Bar, Claim, End, Ended, Full, Withdraw
from sessionware.testing.steps import (
    OVER,
    START,
    begin,
    begun,
    count,
    counts,
    equal,
    key,
    living,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

ROOM = 3
"""For how many sessions the store of these cases has room."""


def a_full_store_refuses_newcomers_and_keeps_the_living() -> Steps:
    for number in range(ROOM):
        equal((yield begin(number)), begun(number, new=True))
    equal((yield begin(9)), Full())
    equal((yield count()), counts(ROOM))
    for number in range(ROOM):
        equal((yield touch(number, START)), begun(number, requests=2, announce=True))
    equal((yield touch(9, START)), None)


def a_full_store_lets_others_join() -> Steps:
    for number in range(ROOM):
        yield begin(number)
    equal((yield begin(0)), begun(0, requests=2, announce=True))


def who_leaves_makes_room() -> Steps:
    for number in range(ROOM):
        yield begin(number, playing=number > 0)
    yield End(key(1), START, Cause.CLOSED)
    living((yield begin(11)))
    yield Withdraw(key(0), START)
    living((yield begin(10)))
    equal((yield begin(12)), Full())


def who_expired_makes_room_at_once() -> Steps:
    for number in range(ROOM):
        yield begin(number)
    for number in range(ROOM):
        living((yield begin(10 + number, OVER)))
    equal((yield begin(20, OVER)), Full())


def what_is_remembered_takes_no_room_of_the_living() -> Steps:
    for number in range(ROOM):
        yield begin(number, remember=600)
        yield End(key(number), START, Cause.CLOSED)
    for number in range(10, 10 + ROOM):
        yield begin(number)
        yield End(key(number), START, Cause.STOPPED, Bar(Cause.STOPPED, START + 600))
    for number in range(20, 20 + ROOM):
        equal((yield begin(number)), begun(number, new=True))


def who_is_refused_for_want_of_room_is_still_told_of_the_end() -> Steps:
    yield begin(9, remember=600)
    yield End(key(9), START, Cause.CLOSED)
    for number in range(ROOM):
        yield begin(number)
    equal((yield begin(9)), Full())
    equal((yield touch(9, START)), Ended(Cause.CLOSED, START, START, None))


def of_too_many_that_are_remembered_the_oldest_go() -> Steps:
    for number in range(ROOM + 1):
        now = START + number
        yield begin(number, now, remember=600)
        yield End(key(number), now, Cause.CLOSED)
    now = START + ROOM
    equal((yield touch(0, now)), None)
    for number in range(1, ROOM + 1):
        began = START + number
        equal((yield touch(number, now)), Ended(Cause.CLOSED, began, began, None))


def of_too_much_that_nobody_claims_the_oldest_goes() -> Steps:
    for number in range(ROOM + 1):
        yield begin(number, START + number, events=True, announced=True)
        yield End(key(number), START + number, Cause.CLOSED)
    given = yield Claim(START + ROOM)
    keys = sorted(told.living.key for told in given)
    equal(keys, [key(number) for number in range(1, ROOM + 1)])


def a_full_store_ends_nobody_for_a_newcomer() -> Steps:
    for number in range(ROOM):
        yield begin(number, places=(place(ROOM, evict=True),))
    equal((yield begin(9, places=(place(ROOM, evict=True),))), Full())
    for number in range(ROOM):
        living((yield touch(number, START)))


def of_too_many_bars_the_oldest_go() -> Steps:
    bars = [Bar(Cause.STOPPED, START + number + 600) for number in range(ROOM + 1)]
    for number, bar in enumerate(bars):
        yield begin(number, START + number)
        yield End(key(number), START + number, Cause.STOPPED, bar)
    equal((yield touch(0, START + ROOM)), None)
    for number in range(1, ROOM + 1):
        equal((yield touch(number, START + ROOM)), bars[number])
