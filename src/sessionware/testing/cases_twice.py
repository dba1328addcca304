"""Opening twice: a client that dropped what it began and begins again is one viewer (SPEC 7)."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation
from sessionware.store import (
    Announce,
    Bar,
    Changed,
    Crowded,
    Decline,
    End,
    Finish,
    Learn,
    Listing,
    Withdraw,
)
from sessionware.testing.steps import (
    DUE,
    JUST_BEFORE,
    START,
    TIMEOUT,
    begin,
    begun,
    count,
    counts,
    equal,
    get,
    key,
    living,
    mark,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Begin, Command
    from sessionware.testing.steps import Steps

AGAIN = START + 10 - JUST_BEFORE
TWO, ONE_OF_TWO = counts(2), counts(2, watching=1)


def _opens(number: int, now: float = START, **opening: Any) -> Begin:
    """The client begins session ``number`` with a token of its own."""
    usual = {"client": mark(80), "holder": mark(number), "returns": True}
    return begin(number, now, **usual | opening)


def who_opens_twice_watches_once() -> Steps:
    yield _opens(1)
    equal((yield _opens(2, AGAIN)), begun(2, AGAIN, new=True))
    equal((yield count(AGAIN)), ONE_OF_TWO)
    equal((yield get(1, AGAIN)), begun(1))
    equal([one.key for one in (yield Listing(AGAIN))], [key(1), key(2)])


def who_was_dropped_does_not_count_as_started() -> Steps:
    yield _opens(1)
    yield _opens(2, START + 1)
    equal((yield Announce(key(1), START + 1)), None)
    equal((yield count(DUE + 30)).started, 1)
    equal((yield Announce(key(1), DUE + 30)), None)
    equal(living((yield Learn(key(1), DUE + 30))).announce, False)
    yield Finish(key(1), DUE + 30)
    equal((yield count(DUE + 30)).started, 1)


def who_was_dropped_and_asks_again_is_an_ordinary_session() -> Steps:
    for number in (1, 4):
        yield _opens(number, client=mark(number))
        yield _opens(number + 1, client=mark(number))
    equal((yield count()).watching, 2)
    equal(living((yield touch(1, START))).announce, True)
    equal(living((yield begin(4))).announce, True)
    equal((yield count()), counts(4, started=2, requests=6))
    equal((yield count(DUE)).started, 4)


def who_was_dropped_leaves_only_its_requests_when_it_ends() -> Steps:
    for number in (1, 2):
        yield _opens(number)
    living((yield End(key(1), START, Cause.CLOSED)))
    equal((yield count()), counts(1, requests=2))


def who_was_dropped_and_is_quiet_counts_nowhere_else() -> Steps:
    for number in (1, 2):
        yield _opens(number, window=0.0)
    equal((yield count()), counts(2, watching=0, quiet=1))


def after_ten_seconds_a_client_begins_another() -> Steps:
    yield _opens(1, START + 0.5)
    yield _opens(2, START + 10.5)
    equal((yield count(START + 10.5)), TWO)
    yield _opens(3, START + 12)
    equal((yield count(START + 12)).watching, 2)


def only_who_dropped_a_session_that_had_to_return_opens_twice() -> Steps:
    ordinary: tuple[dict[str, Any], ...] = (
        {"client": b""},
        {"client": mark(81)},
        {"holder": mark(2)},
        {"returns": False},
        {"announced": True},
        {"playing": False},
    )
    for opening in ordinary:
        yield _opens(1, **opening)
        yield _opens(2, client=opening.get("client", mark(80)) and mark(80))
        yield Learn(key(1), START)
        equal((yield count()).watching, 2)
        for number in (1, 2):
            yield End(key(number), START, Cause.CLOSED)


def without_a_client_nobody_opens_twice() -> Steps:
    for number in (1, 2):
        yield _opens(number, client=b"")
    equal((yield count()), TWO)


def who_asked_again_or_was_announced_was_not_dropped() -> Steps:
    also: tuple[Command[Any], ...] = (touch(1, START), begin(1), Announce(key(1), START))
    for command in also:
        yield _opens(1)
        yield command
        yield _opens(2)
        equal((yield count()).watching, 2)
        for number in (1, 2):
            yield End(key(number), START, Cause.CLOSED)


def what_was_learned_says_whether_a_session_had_to_return() -> Steps:
    for returns, watching in ((True, 1), (False, 2)):
        yield _opens(1, returns=not returns)
        yield Learn(key(1), START, Presentation.LIVE, None, TIMEOUT, returns=returns)
        yield Learn(key(1), START)
        yield _opens(2)
        equal((yield count()).watching, watching)
        for number in (1, 2):
            yield End(key(number), START, Cause.CLOSED)


def what_a_client_began_last_is_what_it_dropped() -> Steps:
    for number in (1, 2, 3):
        yield _opens(number)
        equal((yield count()), counts(number, watching=1))
    yield touch(1, START)
    yield _opens(4)
    equal((yield count()).watching, 2)


def who_joins_has_begun_nothing() -> Steps:
    yield _opens(1)
    yield _opens(2, client=mark(81))
    yield _opens(2)
    yield _opens(3, kind=Kind.INPUT)
    equal((yield count()).watching, 1)
    equal((yield Announce(key(1), START)), None)


def a_session_that_is_over_was_not_dropped() -> Steps:
    yield _opens(1, deadline=START + 5)
    yield _opens(2, START + 6)
    equal((yield count(START + 6)), counts(1, started=1, ended=1, requests=2))
    yield Withdraw(key(2), START + 6)
    yield _opens(3, START + 6)
    equal((yield count(START + 6)), counts(1, started=1, ended=1, requests=2))


def who_is_crowded_out_has_opened_twice_all_the_same() -> Steps:
    yield begin(5, places=(place(),))
    yield _opens(1)
    equal((yield count()).watching, 2)
    equal((yield _opens(2, places=(place(),))), Crowded("scope 1"))
    equal((yield count()).watching, 1)


def who_did_not_begin_dropped_nothing_and_is_dropped_by_nobody() -> Steps:
    yield begin(5, places=(place(),))
    yield Decline(key(2), mark(2), START, Bar(Cause.DENIED, START + 60))
    yield _opens(1)
    living_or_not = yield _opens(2)
    equal(type(living_or_not), Bar)
    equal((yield _opens(3, above=(mark(2),))), Bar(Cause.DENIED, START + 60))
    equal((yield replace(_opens(3), orders=7)), Changed())
    equal((yield count()), TWO)
    yield Learn(key(1), START, Presentation.LIVE, None, TIMEOUT, returns=False)
    equal((yield _opens(3, places=(place(),))), Crowded("scope 1"))
    yield Learn(key(1), START, Presentation.LIVE, None, TIMEOUT, returns=True)
    yield _opens(4)
    equal((yield count()), counts(3, watching=2))
