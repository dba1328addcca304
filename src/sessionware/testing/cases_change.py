"""What is learned of a session, the app's data, and its cookie."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sessionware.session import Presentation, State
from sessionware.store import Learn, Listing, Merge, Note, Sweep, Tag
from sessionware.testing.steps import (
    DAY,
    JUST_BEFORE,
    START,
    TIMEOUT,
    WINDOW,
    begin,
    begun,
    count,
    counts,
    equal,
    get,
    key,
    living,
    over,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

LIVE, VOD = Presentation.LIVE, Presentation.VOD


def what_shows_that_a_session_plays_changes_nothing_else() -> Steps:
    yield begin(1, playing=False, until=START + 300)
    expected = begun(1, expires=math.ceil(START + 300))
    equal((yield Learn(key(1), START + 5)), expected)
    equal((yield get(1, START + 5)), expected)
    equal((yield count()), counts(1))


def what_is_played_is_learned_and_learned_anew() -> Steps:
    yield begin(1, playing=False)
    now = START + 1
    live = begun(1, expires=math.ceil(START + 30), presentation=LIVE, live_seen=now, window=60.0)
    equal((yield Learn(key(1), now, LIVE, None, 30, 0, 60.0)), live)
    equal((yield get(1, now)), live)
    vod = begun(
        1, expires=math.ceil(START + 8100), presentation=VOD, duration=5400.04, live_seen=now
    )
    equal((yield Learn(key(1), now + 5, VOD, 5400.04, 60, START + 8100)), vod)
    equal((yield get(1, now + 5)), vod)
    equal((yield Listing(now + 5)), (vod,))
    live = begun(1, expires=math.ceil(START + 40), presentation=LIVE, live_seen=now + 7)
    equal((yield Learn(key(1), now + 7, LIVE, None, 40, 0)), live)
    equal((yield get(1, now + 7)), live)


def a_live_manifest_is_seen_whenever_it_is_learned_of() -> Steps:
    yield begin(1)
    for now in (START + 1, START + 2.5):
        yield Learn(key(1), now, LIVE, None, TIMEOUT, 0)
        equal(living((yield get(1, now))).live_seen, now)


def a_request_keeps_what_was_learned() -> Steps:
    yield begin(1)
    yield Learn(key(1), START, LIVE, 7.5, 30, 0)
    yield Learn(key(1), START + 5)
    now = START + 20
    learned: dict[str, Any] = {"presentation": LIVE, "duration": 7.5, "live_seen": START}
    learned["seconds"] = WINDOW
    expected = begun(1, last_seen=now, expires=math.ceil(now + 30), requests=2, **learned)
    equal((yield touch(1, now)), expected)
    equal(living((yield begin(1, now))).presentation, LIVE)


def a_timeout_that_was_learned_ends_a_session_sooner() -> Steps:
    for number in (1, 2, 3):
        yield begin(number, timeout=6000.0)
        yield Learn(key(number), START + 1, LIVE, None, 10, 0)
    at = math.ceil(START + 10)
    equal(living((yield get(1, at - JUST_BEFORE))).expires, at)
    equal((yield get(1, at)), None)
    equal((yield touch(1, at)), None)
    equal((yield count(at)), over(3))
    equal((yield Listing(at)), ())


def a_sweep_finds_whose_time_was_made_shorter() -> Steps:
    yield begin(1, timeout=6000.0)
    yield Learn(key(1), START + 1, LIVE, None, 10, 0)
    equal((yield Sweep(START + 9)), 0)
    equal((yield Sweep(math.ceil(START + 10))), 1)


def a_timeout_that_was_learned_ends_a_session_later() -> Steps:
    yield begin(1, timeout=10.0)
    yield Learn(key(1), START + 1, LIVE, None, 500, 0)
    at = math.ceil(START + 500)
    equal((yield Sweep(at - JUST_BEFORE)), 0)
    equal((yield count(at - JUST_BEFORE)), counts(1, watching=0, started=1))
    living((yield get(1, at - JUST_BEFORE)))
    equal((yield get(1, at)), None)


def what_was_learned_does_not_go_beyond_the_deadline() -> Steps:
    yield begin(1, deadline=START + 200)
    yield Learn(key(1), START, VOD, DAY, TIMEOUT, START + 2 * DAY)
    equal(living((yield get(1))).expires, math.ceil(START + 200))
    equal((yield get(1, START + 201)), None)


def data_is_merged_key_by_key() -> Steps:
    yield begin(1, data={"a": "1", "b": "2"})
    equal((yield Merge(key(1), START, {"b": None, "c": '{"x":[]}', "never": None})), True)
    equal((yield get(1)), begun(1, data={"a": "1", "c": '{"x":[]}'}))
    equal((yield Merge(key(1), START, {"a": '"new"'})), True)
    equal(living((yield touch(1, START))).data, {"a": '"new"', "c": '{"x":[]}'})
    equal((yield Merge(key(1), START, {"a": None, "c": None})), True)
    equal(living((yield get(1))).data, {})
    equal((yield Merge(key(1), START, {"d": "null"})), True)
    equal(living((yield get(1))).data, {"d": "null"})


def a_merge_of_nothing_finds_the_session_and_is_no_request() -> Steps:
    yield begin(1, playing=False)
    equal((yield Merge(key(1), START + 9, {})), True)
    equal((yield Merge(key(1), START + 9, {"a": "1"})), True)
    equal((yield get(1, START + 9)), begun(1, state=State.PENDING, data={"a": "1"}))


def tags_are_put_on_and_taken_off() -> Steps:
    yield begin(1)
    equal((yield Tag(key(1), START + 5, ("b", "a", "b"))), begun(1, tags=("a", "b")))
    equal(
        living((yield Tag(key(1), START, ("\u00e9", "B"), ("a", "never")))).tags,
        ("B", "b", "\u00e9"),
    )
    equal(living((yield Tag(key(1), START, ("b", "x"), ("b", "B")))).tags, ("b", "x", "\u00e9"))
    equal(living((yield touch(1, START))).tags, ("b", "x", "\u00e9"))
    equal(living((yield Tag(key(1), START, (), ("b", "x", "\u00e9")))).tags, ())
    equal((yield get(1)), begun(1, requests=2))


def what_else_a_session_was_seen_as_is_kept_in_its_order() -> Steps:
    yield begin(1)
    for _ in range(2):
        equal((yield Note(key(1), START + 5, ("protocol DASH", "ip ::1", "protocol DASH"))), True)
        equal((yield get(1)), begun(1, also=("protocol DASH", "ip ::1")))
    yield Note(key(1), START, ("a", "ip ::1"))
    equal((yield Note(key(1), START, ())), True)
    equal(living((yield touch(1, START))).also, ("protocol DASH", "ip ::1", "a"))


def no_more_is_noted_of_a_session_than_is_of_use() -> Steps:
    names = tuple(f"ip {number}" for number in range(20))
    for number, noted in ((1, (names,)), (2, (names[:15], names[10:])), (3, (names[:16], names))):
        yield begin(number)
        for also in noted:
            equal((yield Note(key(number), START, also)), True)
        equal(living((yield get(number))).also, names[:16])


def what_a_store_answered_stays_as_it_was() -> Steps:
    given = {"a": "1"}
    yield begin(1, data=given)
    given["a"] = "changed by its owner"
    before = living((yield get(1)))
    yield touch(1, START + 5)
    yield Merge(key(1), START + 5, {"a": "2"})
    yield Tag(key(1), START + 5, ("t",))
    yield Learn(key(1), START + 5, VOD, 1, 1, 0)
    equal(before, begun(1, data={"a": "1"}))


def a_cookie_is_renewed_by_one_request() -> Steps:
    yield begin(1, cookie_set=START)
    for after, now, renewed in (
        (50, START + 49, False),
        (None, START + 51, False),
        (50, START + 51, True),
        (50, START + 51, False),
        (50, START + 100, False),
        (50, START + 102, True),
        (50, START + 103, False),
    ):
        answer = living((yield touch(1, now, renew_cookie_after=after)))
        equal(answer.renew_cookie, renewed)
    equal(living((yield get(1, START + 104))).renew_cookie, False)


def a_cookie_that_was_never_set_is_set_by_one_request() -> Steps:
    yield begin(1)
    equal(living((yield touch(1, START, renew_cookie_after=None))).renew_cookie, False)
    equal(living((yield begin(1))).renew_cookie, False)
    for renewed in (True, False):
        answer = living((yield touch(1, START, renew_cookie_after=300)))
        equal(answer.renew_cookie, renewed)
