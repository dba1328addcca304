"""Leases: one request decides whether a session begins, and the others wait for it."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.session import Cause
from sessionware.store import Asked, Bar, Decline, Ended, Listing
from sessionware.testing.steps import (
    JUST_BEFORE,
    OVER,
    START,
    begin,
    begun,
    equal,
    get,
    key,
    living,
    look,
    mark,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

LEASE = 5.0
DENIED = Bar(Cause.DENIED, START + 600, 451, "no")


def who_asks_first_decides_and_others_wait_for_the_lease() -> Steps:
    equal((yield touch(1, START, lease=LEASE)), None)
    for now in (START, START + LEASE - JUST_BEFORE):
        equal((yield touch(1, now, lease=LEASE)), Asked(START + LEASE))
    equal((yield touch(2, START, lease=LEASE)), None)


def a_lease_that_is_over_goes_to_the_next_who_asks() -> Steps:
    yield touch(1, START, lease=LEASE)
    equal((yield touch(1, START + LEASE, lease=LEASE)), None)
    equal((yield touch(1, START + LEASE, lease=LEASE)), Asked(START + 2 * LEASE))


def who_wants_no_lease_takes_none_and_waits_for_none() -> Steps:
    equal((yield touch(1, START)), None)
    equal((yield touch(1, START, lease=LEASE)), None)
    equal((yield touch(1, START)), None)
    equal((yield look(1, START)), None)


def a_session_that_lives_is_asked_for_by_nobody() -> Steps:
    yield touch(1, START, lease=LEASE)
    yield begin(1)
    living((yield touch(1, START, lease=LEASE)))
    living((yield touch(1, START, lease=LEASE)))


def the_lease_of_a_session_is_over_with_its_beginning() -> Steps:
    yield touch(1, START, lease=1000.0)
    yield begin(1, remember=10.0)
    equal((yield touch(1, OVER, lease=LEASE)), Ended(Cause.EXPIRED, OVER, START, None))
    equal((yield touch(1, OVER, lease=LEASE)), Asked(OVER + LEASE))


def who_declines_lets_the_next_one_decide() -> Steps:
    yield touch(1, START, lease=LEASE)
    yield touch(2, START, lease=LEASE)
    equal((yield Decline(key(1), mark(1), START)), None)
    equal((yield touch(1, START, lease=LEASE)), None)
    equal((yield touch(2, START, lease=LEASE)), Asked(START + LEASE))


def who_declines_with_a_bar_is_told_to_all_who_wait() -> Steps:
    yield touch(1, START, lease=LEASE)
    yield Decline(key(1), mark(1), START, DENIED)
    equal((yield touch(1, START, lease=LEASE)), DENIED)
    equal((yield begin(1)), DENIED)
    equal((yield touch(1, DENIED.until, lease=LEASE)), None)


def who_declines_ends_nobody() -> Steps:
    yield begin(1)
    yield Decline(key(1), mark(2), START, DENIED)
    equal((yield get(1)), begun(1))
    equal((yield begin(2)), DENIED)


def a_session_is_its_users_and_is_listed_by_user_and_address() -> Steps:
    equal((yield begin(1, user="zo\u00eb")), begun(1, user="zo\u00eb", new=True))
    yield begin(2, user="bob", ip="2001:db8::1")
    yield begin(3)
    equal((yield get(1)), begun(1, user="zo\u00eb"))
    for asked, found in (
        ({"user": "zo\u00eb"}, [1]),
        ({"user": "bob", "ip": "2001:db8::1"}, [2]),
        ({"user": "bob", "ip": "192.0.2.7"}, []),
        ({"ip": "192.0.2.7"}, [1, 3]),
        ({"user": ""}, []),
        ({}, [1, 2, 3]),
    ):
        listed = yield Listing(START, **asked)  # type: ignore[arg-type]  # texts, as it wants
        equal([one.key for one in listed], [key(number) for number in found])
