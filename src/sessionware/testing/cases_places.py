"""Places in limits: who has one, how long it is held, and who finds none (SPEC 8)."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.session import Cause, Presentation
from sessionware.store import (
    Bar,
    Crowded,
    Decline,
    End,
    Ended,
    Finish,
    Learn,
    Leave,
    Listing,
    Withdraw,
)
from sessionware.testing.steps import (
    HOLD,
    JUST_BEFORE,
    OVER,
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
    outside,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Begin, Command, Opening, Place
    from sessionware.testing.steps import Steps

CROWDED = Crowded("scope 1")
LIVE, VOD = Presentation.LIVE, Presentation.VOD


def _in(*places: Place, number: int = 1, now: float = START, **opening: Any) -> Begin:
    """Begin a session with a token of its own that needs these places."""
    return begin(number, now, places=places, **{"holder": mark(number), **opening})


def where_all_places_are_taken_a_newcomer_finds_none() -> Steps:
    for number in (1, 2):
        living((yield _in(place(2), number=number)))
    for now in (START, START + 1):
        equal((yield _in(place(2), number=3, now=now)), CROWDED)
    equal((yield get(3)), None)
    equal((yield count()), counts(2))
    equal(len((yield Listing(START, pending=True))), 2)


def nothing_changes_for_who_finds_no_place() -> Steps:
    yield _in(number=3, remember=600)
    yield End(key(3), START, Cause.CLOSED)
    yield _in(place())
    equal((yield _in(place(), number=3)), CROWDED)
    equal((yield touch(3, START)), Ended(Cause.CLOSED, START, START, None))
    equal((yield get(1)), begun(1))


def each_scope_has_places_of_its_own() -> Steps:
    for number in (1, 2, 3):
        living((yield _in(place(1, number), number=number)))
    equal((yield _in(place(1, 2), number=4)), Crowded("scope 2"))


def who_needs_no_place_finds_room_and_takes_none() -> Steps:
    for number in (1, 2):
        living((yield _in(number=number)))
    living((yield _in(place(), number=3)))
    living((yield _in(number=4)))


def who_needs_several_places_takes_all_or_none() -> Steps:
    full, free = place(1, 1), place(1, 2)
    yield _in(full)
    for number, places in ((2, (free, full)), (3, (full, free))):
        equal((yield _in(*places, number=number)), CROWDED)
    living((yield _in(free, number=4)))
    equal((yield _in(free, number=5)), Crowded("scope 2"))


def the_first_place_that_is_not_to_be_had_is_named() -> Steps:
    yield _in(place(1, 1), place(1, 2))
    equal((yield _in(place(1, 2), place(1, 1), number=2)), Crowded("scope 2"))
    equal((yield _in(place(1, 1, evict=True), place(1, 2), number=2)), Crowded("scope 2"))


def the_newcomers_own_limit_is_the_one_that_counts() -> Steps:
    for number in (1, 2, 3):
        living((yield _in(place(3), number=number)))
    equal((yield _in(place(2), number=4)), CROWDED)
    living((yield _in(place(4), number=4)))


# --- how long -----------------------------------------------------------------------------------


def a_place_is_held_for_so_long_after_the_last_request() -> Steps:
    yield _in(place())
    living((yield touch(1, START + 20)))
    over = START + 20 + HOLD
    equal((yield _in(place(), number=2, now=over - JUST_BEFORE)), CROWDED)
    living((yield _in(place(), number=2, now=over)))
    equal(outside((yield touch(1, over))).invalid, False)


def who_was_silent_for_too_long_has_lost_its_place() -> Steps:
    for number in (1, 2):
        yield _in(place(2), number=number)
    living((yield touch(1, START + HOLD - JUST_BEFORE)))
    outside((yield touch(2, START + HOLD)))
    living((yield touch(1, START + HOLD)))


def a_place_is_held_for_as_long_as_who_has_it_said() -> Steps:
    yield _in(place(hold=5.0))
    equal((yield _in(place(hold=60.0), number=2, now=START + 5 - JUST_BEFORE)), CROWDED)
    living((yield _in(place(hold=60.0), number=2, now=START + 5)))
    equal((yield _in(place(hold=5.0), number=3, now=START + 30)), CROWDED)


def who_has_lost_one_of_its_places_still_has_the_others() -> Steps:
    yield _in(place(1, 1, hold=5.0), place(1, 2, hold=60.0))
    now = START + 6
    outside((yield touch(1, now)))
    equal((yield _in(place(1, 2), number=2, now=now)), Crowded("scope 2"))
    living((yield _in(place(1, 1), number=2, now=now)))


def who_leaves_gives_its_place_back() -> Steps:
    bar = Bar(Cause.STOPPED, START + 600)
    leaves: tuple[Command[Any], ...] = (
        End(key(1), START, Cause.CLOSED),
        Withdraw(key(1), START),
        End(key(1), START, Cause.STOPPED, bar),
    )
    for command in leaves:
        living((yield _in(place())))
        equal((yield _in(place(), number=9)), CROWDED)
        yield command
        living((yield _in(place(), number=9)))
        yield End(key(9), START, Cause.CLOSED)


def who_is_over_has_no_place() -> Steps:
    yield _in(place(hold=600.0))
    equal((yield _in(place(), number=2, now=OVER - JUST_BEFORE)), CROWDED)
    living((yield _in(place(), number=2, now=OVER)))


def who_is_barred_has_its_place_until_it_is_over() -> Steps:
    yield _in(place())
    yield Decline(key(9), mark(1), START, Bar(Cause.STOPPED, START + 600))
    equal((yield _in(place(), number=2)), CROWDED)


# --- pending ------------------------------------------------------------------------------------


def a_pending_session_has_its_place_until_it_gives_it_back() -> Steps:
    yield _in(place(), playing=False)
    equal((yield _in(place(), number=2)), CROWDED)
    equal((yield Leave(key(1), START)), None)
    living((yield _in(place(), number=2)))
    equal(outside((yield touch(1, START, playing=True))).living.requests, 1)


def who_plays_gives_no_place_back() -> Steps:
    yield _in(place())
    yield _in(place(1, 2), number=3, playing=False)
    yield Learn(key(3), START)
    for number in (1, 3):
        equal((yield Leave(key(number), START)), None)
        living((yield touch(number, START)))
    equal((yield _in(place(), number=2)), CROWDED)


def what_shows_that_a_session_plays_brings_no_place_back() -> Steps:
    yield _in(place(), playing=False)
    yield Leave(key(1), START)
    living((yield Learn(key(1), START, LIVE, None, TIMEOUT)))
    outside((yield touch(1, START)))


# --- quiet --------------------------------------------------------------------------------------


def a_quiet_session_holds_its_place_from_when_it_got_it() -> Steps:
    yield _in(place(), window=0.0)
    living((yield touch(1, START + 20)))
    equal((yield _in(place(), number=2, now=START + HOLD - JUST_BEFORE)), CROWDED)
    outside((yield touch(1, START + HOLD)))
    living((yield _in(place(), number=2, now=START + HOLD)))


def a_quiet_session_that_asks_for_segments_holds_its_place_as_others_do() -> Steps:
    yield _in(place(), window=0.0)
    for silence, segments in ((20, True), (40, False), (60, False)):
        living((yield touch(1, START + silence, segments=segments)))
    equal((yield _in(place(), number=2, now=START + 60 + HOLD - JUST_BEFORE)), CROWDED)
    living((yield _in(place(), number=2, now=START + 60 + HOLD)))


def who_becomes_quiet_has_its_place_since_it_began() -> Steps:
    yield _in(place())
    yield touch(1, START + 20)
    yield Learn(key(1), START + 20, VOD, 90, TIMEOUT, window=0.0)
    living((yield touch(1, START + HOLD - JUST_BEFORE)))
    outside((yield touch(1, START + HOLD)))


def who_is_quiet_no_more_has_its_place_from_then_on() -> Steps:
    yield _in(place(), window=0.0)
    yield Learn(key(1), START + 20, LIVE, None, TIMEOUT)
    equal((yield _in(place(), number=2, now=START + 20 + HOLD - JUST_BEFORE)), CROWDED)
    outside((yield touch(1, START + 20 + HOLD)))


def what_is_learned_brings_no_place_back_that_was_lost() -> Steps:
    yield _in(place(), window=0.0)
    now = START + HOLD
    living((yield _in(place(), number=2, now=now)))
    yield Learn(key(1), now, LIVE, None, TIMEOUT)
    outside((yield touch(1, now)))
    living((yield touch(2, now)))


def what_is_learned_of_who_is_not_quiet_neither_holds_a_place_nor_takes_it() -> Steps:
    yield _in(place())
    yield touch(1, START + 10)
    yield Learn(key(1), START + 20, LIVE, None, TIMEOUT)
    yield Learn(key(1), START + 21)
    equal((yield _in(place(), number=2, now=START + 10 + HOLD - JUST_BEFORE)), CROWDED)
    outside((yield touch(1, START + 10 + HOLD)))


# --- an answer that has gone out ----------------------------------------------------------------


def an_answer_that_goes_out_holds_the_place() -> Steps:
    yield _in(place())
    equal((yield Finish(key(1), START + 20)), True)
    living((yield touch(1, START + 20 + HOLD - JUST_BEFORE)))


def an_answer_that_goes_out_brings_no_place_back() -> Steps:
    yield _in(place())
    yield _in(place(1, 2, hold=5.0), place(1, 3, hold=60.0), number=2)
    yield _in(place(1, 4), number=3, playing=False)
    yield Leave(key(3), START)
    for number, now in ((1, START + HOLD), (2, START + 5), (3, START)):
        equal((yield Finish(key(number), now)), True)
        outside((yield touch(number, now)))
    living((yield _in(place(), number=9, now=START + HOLD)))


def an_answer_that_goes_out_holds_no_place_of_the_quiet() -> Steps:
    yield _in(place(), window=0.0)
    yield Finish(key(1), START + 20)
    outside((yield touch(1, START + HOLD)))


# --- joining ------------------------------------------------------------------------------------


def who_joins_a_session_that_is_outside_is_told_so() -> Steps:
    yield _in(place(), playing=False)
    yield Leave(key(1), START)
    living((yield _in(place(), number=2)))
    found = outside((yield _in(place())))
    equal((found.living.requests, found.invalid), (1, False))
    equal((yield count()), counts(1))


def who_joins_needs_the_places_of_the_session_and_no_other() -> Steps:
    yield _in(place(1, 2), number=9)
    yield _in(place(1, 1))
    living((yield _in(place(1, 2))))
    living((yield touch(1, START)))
    equal((yield _in(place(1, 1), number=2)), CROWDED)
    yield _in(number=3)
    living((yield _in(place(1, 1), number=3)))
    living((yield touch(3, START)))


def a_new_life_needs_the_places_that_it_began_with() -> Steps:
    opening: Opening = _in(place()).opening
    yield _in(place())
    yield End(key(1), START, Cause.CLOSED)
    living((yield _in(place(1, 2))))
    living((yield begin(2, places=opening.places)))
    equal((yield _in(place(1, 2), number=3)), Crowded("scope 2"))
