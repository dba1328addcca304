"""Who gives way to a newcomer: former sessions of its own token, then who is silent longest."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.session import Cause
from sessionware.store import Crowded, End, Ended, Leave, Listing
from sessionware.testing.steps import (
    HOLD,
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
    mark,
    outside,
    over,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.store import Begin, Place
    from sessionware.testing.steps import Steps

CROWDED = Crowded("scope 1")
MINE, OTHERS = mark(71), mark(72)


def _of(holder: bytes, number: int, *places: Place, now: float = START, **opening: Any) -> Begin:
    return begin(number, now, holder=holder, places=places or (place(),), **opening)


def _evicting(limit: int = 1, number: int = 1) -> Place:
    return place(limit, number, evict=True)


# --- own former sessions ------------------------------------------------------------------------


def a_former_session_of_the_same_token_gives_way_and_lives_on() -> Steps:
    yield _of(MINE, 1)
    equal((yield _of(MINE, 2, now=START + 1)), begun(2, START + 1, new=True))
    equal((yield get(1, START + 1)), begun(1))
    equal((yield count(START + 1)), counts(2))
    equal(outside((yield touch(1, START + 1))).living, begun(1))
    equal((yield _of(OTHERS, 3, now=START + 1)), CROWDED)


def nobody_gives_way_to_another_token() -> Steps:
    yield _of(MINE, 1)
    equal((yield _of(OTHERS, 2)), CROWDED)


def without_a_token_nobody_gives_way() -> Steps:
    yield _of(b"", 1)
    equal((yield _of(b"", 2)), CROWDED)
    equal((yield _of(MINE, 2)), CROWDED)
    living((yield touch(1, START)))


def only_as_many_give_way_as_have_to_and_first_who_is_silent_longest() -> Steps:
    for number in (1, 2, 3):
        yield _of(MINE, number, place(3))
    for number in (1, 3):
        yield touch(number, START + number)
    living((yield _of(MINE, 4, place(3), now=START + 5)))
    outside((yield touch(2, START + 5)))
    for number in (1, 3, 4):
        living((yield touch(number, START + 5)))


def of_those_who_asked_at_the_same_time_the_older_gives_way_and_then_the_lesser_key() -> Steps:
    yield _of(MINE, 1, place(3), now=START + 1)
    yield _of(MINE, 3, place(3), now=START)
    yield _of(MINE, 2, place(3), now=START)
    for number in (1, 2, 3):
        yield touch(number, START + 2)
    for number, gone in ((4, 2), (5, 3), (6, 1)):
        living((yield _of(MINE, number, place(3), now=START + 3)))
        outside((yield touch(gone, START + 3)))


def several_give_way_where_there_are_fewer_places_than_before() -> Steps:
    for number in (1, 2, 3):
        yield _of(MINE, number, place(3))
    living((yield _of(MINE, 4, place(1))))
    for number in (1, 2, 3):
        outside((yield touch(number, START)))


def who_gives_way_loses_all_its_places() -> Steps:
    yield _of(MINE, 1, place(1, 1), place(1, 2))
    living((yield _of(MINE, 2, place(1, 1))))
    living((yield _of(OTHERS, 3, place(1, 2))))
    outside((yield touch(1, START)))


def who_gave_way_in_one_scope_is_not_asked_for_in_another() -> Steps:
    """The first is silent longest, but the second has left the full scope already."""
    yield _of(MINE, 1, place(2, 2))
    yield _of(MINE, 2, place(1, 1), place(2, 2), now=START + 1)
    living((yield _of(MINE, 3, place(1, 1), place(2, 2), now=START + 2)))
    outside((yield touch(2, START + 2)))
    living((yield touch(1, START + 2)))


def nobody_gives_way_where_the_newcomer_finds_no_place_elsewhere() -> Steps:
    yield _of(MINE, 1, place(1, 1))
    yield _of(OTHERS, 2, place(1, 2))
    yield _of(OTHERS, 4, _evicting(1, 3))
    for places in ((place(1, 1), place(1, 2)), (_evicting(1, 3), place(1, 1), place(1, 2))):
        equal((yield _of(MINE, 3, *places)), Crowded("scope 2"))
    for number in (1, 2, 4):
        living((yield touch(number, START)))


def who_has_no_place_need_not_give_way() -> Steps:
    yield _of(MINE, 1)
    living((yield _of(MINE, 2, now=START + HOLD)))
    yield End(key(2), START + HOLD, Cause.CLOSED)
    living((yield enter(1, START + HOLD)))


# --- to and fro ---------------------------------------------------------------------------------


def _to_and_fro(first: float, *times: float) -> Steps:
    """Two sessions of a token take the place from each other; the first one began earlier."""
    yield _of(MINE, 1, now=first)
    living((yield _of(MINE, 2, now=first)))
    for turn, now in enumerate(times):
        number = 1 + turn % 2
        outside((yield touch(number, now)))
        living((yield enter(number, now)))


def two_that_displaced_each_other_three_times_are_two_viewers() -> Steps:
    yield from _to_and_fro(START, START + 1, START + 2, START + 3)
    equal((yield enter(2, START + 4)), CROWDED)
    living((yield touch(1, START + 4)))
    equal((yield enter(2, START + 5)), CROWDED)
    equal(living((yield get(2, START + 5))).requests, 2)


def who_began_earlier_takes_its_place_back_however_often() -> Steps:
    yield from _to_and_fro(START, START + 1, START + 2)
    living((yield enter(1, START + 3)))
    equal((yield enter(2, START + 3)), CROWDED)


def the_fourth_time_is_refused_whoever_came_first() -> Steps:
    """The earlier one was away when the other began."""
    yield _of(MINE, 1)
    yield _of(MINE, 2, now=START + HOLD)
    for number in (1, 2, 1):
        living((yield enter(number, START + HOLD + 1)))
    equal((yield enter(2, START + HOLD + 1)), CROWDED)


def that_somebody_was_displaced_counts_although_the_place_was_given_back() -> Steps:
    yield _of(MINE, 1)
    yield _of(MINE, 2, playing=False)
    for _ in range(2):
        yield Leave(key(2), START)
        living((yield enter(1, START)))
        living((yield enter(2, START)))
    yield Leave(key(2), START)
    living((yield enter(1, START)))
    equal((yield enter(2, START)), CROWDED)


def two_that_changed_places_before_the_third_time_do_so_again() -> Steps:
    yield from _to_and_fro(START, START + 1)
    living((yield enter(2, START + 2)))
    outside((yield touch(1, START + 2)))


def what_was_longer_ago_than_a_place_is_held_is_forgotten() -> Steps:
    yield from _to_and_fro(START, START + 1, START + 2, START + 3)
    yield touch(1, START + 20)
    equal((yield enter(2, START + HOLD - 1)), CROWDED)
    for number in (2, 1, 2, 1):
        living((yield enter(number, START + HOLD)))
    equal((yield enter(2, START + HOLD)), CROWDED)


def whoever_came_in_between_makes_two_begin_anew() -> Steps:
    yield from _to_and_fro(START, START + 1, START + 2, START + 3)
    living((yield _of(MINE, 3, now=START + 4)))
    living((yield enter(2, START + 5)))
    living((yield enter(1, START + 6)))
    living((yield enter(2, START + 7)))


def of_two_that_began_at_once_the_lesser_key_is_the_older() -> Steps:
    yield from _to_and_fro(START, START, START, START)
    equal((yield enter(2, START)), CROWDED)


def who_changed_places_too_often_may_still_be_ended_for_the_other() -> Steps:
    for number in (1, 2):
        yield _of(MINE, number, _evicting(), now=START + number)
    for number in (1, 2, 1):
        living((yield enter(number, START + 3)))
    equal((yield count(START + 3)).sessions, 2)
    living((yield enter(2, START + 4)))
    equal((yield get(1, START + 4)), None)
    equal((yield count(START + 4)).ended, 1)


# --- ending who is silent longest ---------------------------------------------------------------


def who_is_silent_longest_is_ended_for_a_newcomer() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, START + number, places=(_evicting(3),), remember=600)
    yield touch(1, START + 5)
    now = START + 6
    equal((yield begin(4, now, places=(_evicting(3),))), begun(4, now, new=True))
    equal((yield touch(2, now)), Ended(Cause.EVICTED, now, START + 2, None))
    for number in (1, 3, 4):
        living((yield touch(number, now)))
    equal((yield count(now)).ended, 1)


def of_those_who_are_silent_equally_long_the_older_is_ended() -> Steps:
    for number, now in ((1, START + 1), (3, START), (2, START)):
        yield begin(number, now, places=(_evicting(3),))
    for number in (1, 2, 3):
        yield touch(number, START + 2)
    for number, gone in ((4, 2), (5, 3), (6, 1)):
        living((yield begin(number, START + 3, places=(_evicting(3),))))
        equal((yield get(gone, START + 3)), None)
        equal(len((yield Listing(START + 3))), 3)


def as_many_are_ended_as_are_too_many() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, places=(_evicting(3),))
    living((yield begin(4, places=(_evicting(),))))
    equal((yield count()), counts(1, started=3, ended=3, requests=4))


def a_former_session_of_the_same_token_gives_way_before_others_are_ended() -> Steps:
    yield _of(OTHERS, 1, _evicting(2))
    yield _of(MINE, 2, _evicting(2), now=START + 1)
    living((yield _of(MINE, 3, _evicting(2), now=START + 2)))
    outside((yield touch(2, START + 2)))
    living((yield touch(1, START + 2)))
    equal((yield count(START + 2)).sessions, 3)


def nobody_is_ended_for_who_finds_no_place_elsewhere() -> Steps:
    yield begin(1, places=(_evicting(),))
    yield begin(2, places=(place(1, 2),))
    for places in ((_evicting(), place(1, 2)), (place(1, 2), _evicting())):
        equal((yield begin(3, places=places)), Crowded("scope 2"))
    living((yield touch(1, START)))


def who_is_ended_in_one_scope_is_not_asked_for_in_another() -> Steps:
    """The first is silent longest, but the second has left the full scope already."""
    yield begin(1, START + 1, places=(_evicting(2, 2),))
    yield begin(2, START + 2, places=(_evicting(1, 1), _evicting(2, 2)))
    living((yield begin(3, START + 3, places=(_evicting(1, 1), _evicting(2, 2)))))
    equal((yield get(2, START + 3)), None)
    living((yield touch(1, START + 3)))


def a_pending_session_can_be_ended_for_a_newcomer_and_leaves_no_trace() -> Steps:
    yield begin(1, playing=False, remember=600, places=(_evicting(),))
    living((yield begin(2, places=(_evicting(),))))
    equal((yield touch(1, START)), None)
    equal((yield count()), counts(1))


def who_has_no_place_is_not_ended() -> Steps:
    yield begin(1, places=(_evicting(),))
    living((yield begin(2, START + HOLD, places=(_evicting(),))))
    equal((yield count(START + HOLD)).sessions, 2)


def who_was_ended_may_begin_again() -> Steps:
    yield begin(1, places=(_evicting(),), remember=600)
    yield begin(2, places=(_evicting(),), remember=600)
    living((yield begin(1, START + 1, places=(_evicting(),))))
    equal((yield touch(2, START + 1)), Ended(Cause.EVICTED, START + 1, START, None))
    equal((yield End(key(1), START + 1, Cause.CLOSED)), begun(1, START + 1))
    equal((yield count(START + 1)), over(3))
