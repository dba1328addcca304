"""Lists, sweeps, and the store as a whole."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionware.identity import milliseconds
from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import End, Listing, Meta, Sweep, Tag
from sessionware.testing.steps import (
    JUST_BEFORE,
    OVER,
    START,
    WINDOW,
    begin,
    begun,
    count,
    equal,
    get,
    key,
    living,
    mark,
    over,
    touch,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionware.store import Living
    from sessionware.testing.steps import Steps


def _numbers(listed: Iterable[Living]) -> list[int]:
    return [int.from_bytes(session.key) for session in listed]


def _place(session: Living) -> tuple[int, bytes]:
    return milliseconds(session.started), session.key


def a_list_holds_sessions_as_they_are_and_the_oldest_first() -> Steps:
    order = (5, 3, 8, 1, 9, 2, 7)
    for place, number in enumerate(order):
        yield begin(number, START + place, {"a": str(number)})
    yield touch(5, START + 60)
    expected = [begun(n, START + place, data={"a": str(n)}) for place, n in enumerate(order)]
    expected[0] = replace(
        expected[0], last_seen=START + 60, expires=OVER + 60, requests=2, seconds=WINDOW
    )
    equal((yield Listing(START + 60)), tuple(expected))


def sessions_that_began_in_the_same_millisecond_are_listed_by_key() -> Steps:
    for number, offset in ((3, 0.0), (200, 0.0001), (2, 0.0002), (1, 0.003)):
        yield begin(number, START + offset)
    equal(_numbers((yield Listing(START + 1))), [2, 3, 200, 1])


def pages_hold_each_session_once() -> Steps:
    for number in range(1, 11):
        yield begin(number, START + number // 3)  # some of them at the same time
    for limit in (1, 2, 3, 10, 11):
        after = None
        for first in range(1, 11, limit):
            page = yield Listing(START + 9, after=after, limit=limit)
            equal(_numbers(page), list(range(first, min(first + limit, 11))))
            after = _place(page[-1])
        equal((yield Listing(START + 9, after=after, limit=limit)), ())


def a_page_is_as_long_as_its_limit() -> Steps:
    for number in range(103):
        yield begin(number)
    equal(_numbers((yield Listing(START, limit=4))), [0, 1, 2, 3])
    equal(len((yield Listing(START))), 100)


def a_page_begins_behind_a_place_whoever_is_still_there() -> Steps:
    for number in range(6):
        yield begin(number, START + number)
    yield End(key(2), START + 9, Cause.CLOSED)
    after = milliseconds(START + 2), key(2)
    equal(_numbers((yield Listing(START + 9, after=after))), [3, 4, 5])


def a_list_may_be_of_a_stream_and_of_a_kind() -> Steps:
    yield begin(1, stream="a")
    yield begin(2, stream="a", kind=Kind.INPUT)
    yield begin(3, stream="b")
    yield begin(4, stream="a", playing=False)
    yield begin(5, stream="a", kind=Kind.UNSPECIFIED)
    yield begin(6, stream="a")
    equal(_numbers((yield Listing(START))), [1, 2, 3, 5, 6])
    equal(_numbers((yield Listing(START, stream="a"))), [1, 2, 5, 6])
    equal(_numbers((yield Listing(START, kind=Kind.VIEWER))), [1, 3, 6])
    equal(_numbers((yield Listing(START, kind=Kind.UNSPECIFIED))), [5])
    equal(_numbers((yield Listing(START, "a", Kind.VIEWER))), [1, 6])
    equal(_numbers((yield Listing(START, "a", Kind.VIEWER, limit=1))), [1])
    after = milliseconds(START), key(1)
    equal(_numbers((yield Listing(START, "a", Kind.VIEWER, after=after))), [6])
    equal((yield Listing(START, stream="c")), ())


def a_list_of_a_stream_and_those_below_holds_no_other() -> Steps:
    for number, stream in enumerate(["a", "a/b", "a/b/c", "ab", "a-b", "b/a", "a0", "a\uffff"], 1):
        yield begin(number, stream=stream)
    equal(_numbers((yield Listing(START, "a", below=True))), [1, 2, 3])
    equal(_numbers((yield Listing(START, "a/b", below=True))), [2, 3])
    equal(_numbers((yield Listing(START, "a"))), [1])
    equal(_numbers((yield Listing(START, below=True, limit=2))), [1, 2])


def a_list_may_be_of_a_tag() -> Steps:
    for number, tags in ((1, ("a", "b")), (2, ("b",)), (3, ()), (4, ("a b",)), (5, ("B",))):
        yield begin(number)
        yield Tag(key(number), START, tags)
    equal(_numbers((yield Listing(START, tag="b"))), [1, 2])
    equal(_numbers((yield Listing(START, tag="a"))), [1])
    equal((yield Listing(START, tag="c")), ())
    yield Tag(key(1), START, (), ("b",))
    equal(_numbers((yield Listing(START, tag="b"))), [2])


def a_list_may_be_of_a_token() -> Steps:
    for number, holder in ((1, mark(71)), (2, mark(72)), (3, mark(71)), (4, b"")):
        yield begin(number, holder=holder, stream=str(number), playing=number in {1, 2})
    yield begin(2, holder=mark(71))
    equal(_numbers((yield Listing(START, holder=mark(71)))), [1])
    equal(_numbers((yield Listing(START, holder=mark(71), pending=True))), [1, 3])
    equal(_numbers((yield Listing(START, holder=b"", pending=True))), [4])
    equal(_numbers((yield Listing(START, holder=mark(71), stream="2"))), [])


def a_list_holds_pending_ones_where_it_is_asked_for_them() -> Steps:
    yield begin(1, playing=False)
    yield begin(2)
    equal(_numbers((yield Listing(START))), [2])
    equal(_numbers((yield Listing(START, pending=True))), [1, 2])


def a_list_holds_nobody_whose_time_is_over() -> Steps:
    yield begin(1)
    yield begin(2, START + 1)
    equal(_numbers((yield Listing(OVER - JUST_BEFORE))), [1, 2])
    equal(_numbers((yield Listing(OVER))), [2])


def a_session_is_listed_by_when_its_present_life_began() -> Steps:
    yield begin(1)
    yield begin(2, START + 1)
    yield End(key(1), START + 2, Cause.CLOSED)
    yield begin(1, START + 3)
    equal(_numbers((yield Listing(START + 3))), [2, 1])


# --- sweeps -------------------------------------------------------------------------------------


def a_sweep_ends_as_many_as_it_may() -> Steps:
    for number in range(10):
        yield begin(number, remember=600)
    equal((yield Sweep(OVER - JUST_BEFORE)), 0)
    for ended in (4, 4, 2, 0):
        equal((yield Sweep(OVER, limit=4)), ended)
    equal((yield count(OVER)), over(10))


def a_sweep_is_not_held_up_by_those_who_go_on() -> Steps:
    for number in range(6):
        yield begin(number)
        if number % 2:
            yield touch(number, START + 60)
    for ended in (2, 1, 0):
        equal((yield Sweep(OVER, limit=2)), ended)
    for number in (1, 3, 5):
        living((yield get(number, OVER)))


def a_sweep_ends_the_pending_too() -> Steps:
    yield begin(1, playing=False)
    equal((yield Sweep(OVER)), 1)
    equal((yield touch(1, OVER)), None)
    equal((yield Listing(OVER, pending=True)), ())


def a_swept_session_can_begin_anew() -> Steps:
    yield begin(1, data={"a": "1"})
    yield Sweep(OVER)
    equal((yield begin(1, OVER)), begun(1, OVER, new=True))


# --- the store as a whole -----------------------------------------------------------------------


def the_key_of_ids_is_made_once() -> Steps:
    made = (yield Meta()).idkey
    equal((isinstance(made, bytes), len(made)), (True, 32))
    yield begin(1)
    yield Sweep(OVER)
    equal((yield Meta()).idkey, made)
    equal(made == bytes(32), False)
