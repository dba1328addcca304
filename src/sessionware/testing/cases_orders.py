"""Orders: who is denied is written down in the store, and every asker knows which hold."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.session import Cause
from sessionware.store import (
    Allow,
    Bar,
    Changed,
    Decline,
    Denial,
    End,
    Ended,
    Meta,
    Order,
    Sweep,
)
from sessionware.testing.steps import (
    JUST_BEFORE,
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
    look,
    mark,
    touch,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.store import Command, MetaInfo
    from sessionware.testing.steps import Steps

UNTIL = START + 600
ZOE = Denial(UNTIL, "why not \u2713", user="zo\u00eb")


def _orders() -> Generator[Command[Any], Any, tuple[int, tuple[Denial, ...]]]:
    meta: MetaInfo = yield Meta()
    return meta.orders, meta.denials


def _ordered(*denials: Denial) -> Steps:
    for denial in denials:
        yield Order(START, denial)


def at_first_no_orders_hold() -> Steps:
    equal((yield from _orders()), (0, ()))
    yield begin(1)
    living((yield touch(1, START, orders=0)))
    equal((yield from _orders()), (0, ()))


def each_order_makes_a_new_version() -> Steps:
    denials = (
        ZOE,
        Denial(UNTIL + 1, key=key(7)),
        Denial(UNTIL + 2, ip="2001:db8::/32"),
        Denial(UNTIL + 3, stream="a/b"),
        Denial(UNTIL + 4, holder=mark(71)),
        Denial(UNTIL + 5, "all of it", key(1), "192.0.2.0/24", "bob", "film", mark(72)),
    )
    for number, denial in enumerate(denials, 1):
        equal((yield Order(START, denial)), number)
        equal((yield from _orders()), (number, denials[:number]))


def an_order_for_the_same_replaces_the_one_before() -> Steps:
    other = Denial(UNTIL, user="bob")
    yield from _ordered(ZOE, other)
    shorter = replace(ZOE, until=START + 1, reason="")
    equal((yield Order(START, shorter)), 3)
    equal((yield from _orders()), (3, (other, shorter)))


def who_differs_in_anything_is_another() -> Steps:
    first = Denial(UNTIL, "", key(1), "::/0", "u", "s", mark(1))
    others = (
        replace(first, key=key(2)),
        replace(first, ip="::/1"),
        replace(first, user="U"),
        replace(first, stream="s/"),
        replace(first, holder=mark(2)),
        replace(first, user=None),
        replace(first, stream=None),
        replace(first, user=""),
    )
    yield from _ordered(first, *others)
    equal((yield from _orders()), (1 + len(others), (first, *others)))
    for left, other in enumerate(others, 1):
        equal((yield Allow(START, other)), 1 + len(others) + left)
        equal((yield from _orders())[1], (first, *others[left:]))


def what_is_allowed_again_is_no_longer_denied() -> Steps:
    yield from _ordered(ZOE)
    equal((yield Allow(START, Denial(0.0, "another word", user="zo\u00eb"))), 2)
    equal((yield from _orders()), (2, ()))


def to_allow_what_nobody_denied_changes_nothing() -> Steps:
    equal((yield Allow(START, ZOE)), 0)
    yield from _ordered(ZOE)
    equal((yield Allow(START, Denial(UNTIL, user="bob"))), 1)
    equal((yield from _orders()), (1, (ZOE,)))


def a_sweep_drops_what_has_passed_and_that_is_no_new_order() -> Steps:
    other = Denial(UNTIL + 1, user="bob")
    yield from _ordered(ZOE, other)
    yield Sweep(UNTIL - JUST_BEFORE)
    equal((yield from _orders()), (2, (ZOE, other)))
    yield Sweep(UNTIL)
    equal((yield from _orders()), (2, (other,)))
    equal((yield Allow(UNTIL, ZOE)), 2)


def an_order_ends_nobody_and_bars_nobody() -> Steps:
    yield begin(1, user="zo\u00eb")
    yield from _ordered(ZOE, Denial(UNTIL, key=key(1)))
    living((yield touch(1, START)))
    living((yield begin(2, user="zo\u00eb")))


# --- who knows other orders ---------------------------------------------------------------------


def who_knows_other_orders_is_told_that_they_changed() -> Steps:
    yield begin(1)
    yield from _ordered(ZOE)
    for orders in (0, 2):
        asked: tuple[Command[Any], ...] = (
            touch(1, START, orders=orders, playing=True, renew_cookie_after=0.0),
            touch(2, START, orders=orders),
            enter(1, START, orders=orders),
            enter(2, START, orders=orders),
            replace(begin(1), orders=orders),
            replace(begin(2), orders=orders),
            replace(get(1), orders=orders),
            replace(get(2), orders=orders),
            replace(look(1, START), orders=orders),
        )
        for command in asked:
            equal((yield command), Changed())
    equal((yield get(1)), begun(1))
    equal((yield count()), counts(1))


def who_knows_the_orders_or_does_not_care_is_answered() -> Steps:
    yield from _ordered(ZOE)
    for number, orders in ((1, 1), (2, None)):
        equal((yield touch(number, START, orders=orders)), None)
        living((yield replace(begin(number), orders=orders)))
        living((yield touch(number, START, orders=orders)))
        living((yield enter(number, START, orders=orders)))
        living((yield replace(get(number), orders=orders)))
        living((yield replace(look(number, START), orders=orders)))


def that_the_orders_changed_comes_before_all_else() -> Steps:
    bar = Bar(Cause.STOPPED, UNTIL)
    yield begin(1, remember=600)
    yield End(key(1), START, Cause.CLOSED)
    yield Decline(key(2), mark(2), START, bar)
    yield touch(3, START, lease=60.0)
    yield from _ordered(ZOE)
    for number in (1, 2, 3):
        equal((yield touch(number, START, orders=0, lease=5.0)), Changed())
        equal((yield replace(look(number, START), orders=0)), Changed())
    equal((yield replace(begin(2), orders=0)), Changed())
    equal((yield enter(2, START, orders=0)), Changed())
    equal((yield touch(1, START, orders=1)), Ended(Cause.CLOSED, START, START, None))
    equal((yield touch(2, START, orders=1)), bar)


def who_is_told_that_the_orders_changed_takes_no_lease_and_gives_one_back() -> Steps:
    equal((yield touch(1, START, lease=5.0, orders=7)), Changed())
    equal((yield touch(1, START, lease=5.0)), None)
    equal((yield replace(begin(1), orders=7)), Changed())
    equal((yield touch(1, START, lease=5.0)), None)
