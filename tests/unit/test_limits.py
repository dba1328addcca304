"""Who gives way to a newcomer, and who finds no place (SPEC 8): the rule, without a store."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.limits import NO_SWAP, Rival, Swap, gives_way, judge
from sessionware.store import Place

NOW = 1000.0
MINE, YOURS = b"my token", b"your token"


def rival(name: str, *, holder: bytes = b"", seen: float = NOW, swap: Swap = NO_SWAP) -> Rival:
    return Rival(name.encode(), holder, NOW - 100, seen, swap)


def place(name: str = "user", limit: int = 1, *, evict: bool = False) -> Place:
    return Place(name, name.encode(), limit, 120.0, evict)


NEW = Rival(b"new", MINE, NOW, NOW)


def there(**scopes: list[Rival]):
    """Who has a place in which scope."""
    return lambda asked: scopes.get(asked.name, [])


def test_where_there_is_room_nobody_gives_way():
    verdict = judge(NEW, [place(limit=2)], there(user=[rival("a")]), NOW)
    assert (verdict.displaced, verdict.evicted, verdict.swaps, verdict.crowded) == (
        (),
        (),
        (),
        None,
    )


def test_where_all_are_taken_the_newcomer_is_refused_by_the_name_of_the_place():
    verdict = judge(NEW, [place("ip", 2), place("all", 1)], there(all=[rival("a")]), NOW)
    assert verdict.crowded == "all"


def test_the_one_silent_longest_is_evicted_and_as_many_as_need_be():
    users = [rival("a", seen=NOW - 1), rival("b", seen=NOW - 9), rival("c", seen=NOW - 5)]
    verdict = judge(NEW, [place(limit=2, evict=True)], there(user=users), NOW)
    assert verdict.evicted == (b"b", b"c")
    few = judge(NEW, [place(limit=3, evict=True)], there(user=users), NOW)
    assert few.evicted == (b"b",)


def test_nobody_is_evicted_for_one_whom_another_scope_refuses():
    found = there(user=[rival("a")], all=[rival("b")])
    verdict = judge(NEW, [place("user", evict=True), place("all")], found, NOW)
    assert (verdict.crowded, verdict.evicted) == ("all", ())


def test_a_former_session_of_the_same_token_gives_way_before_anybody_is_evicted():
    found = [rival("silent", seen=NOW - 99), rival("own", holder=MINE)]
    verdict = judge(NEW, [place(limit=2, evict=True)], there(user=found), NOW)
    assert (verdict.displaced, verdict.evicted) == ((b"own",), ())
    assert dict(verdict.swaps) == {b"own": Swap(b"new", 1, NOW), b"new": Swap(b"own", 1, NOW)}


def test_a_token_of_nobody_is_nobody_s_own():
    verdict = judge(replace(NEW, holder=b""), [place()], there(user=[rival("a")]), NOW)
    assert verdict.crowded == "user"
    verdict = judge(NEW, [place()], there(user=[rival("a", holder=YOURS)]), NOW)
    assert verdict.crowded == "user"


def test_who_gives_way_in_one_scope_is_gone_in_the_others():
    own = rival("own", holder=MINE)
    verdict = judge(NEW, [place("user"), place("all")], there(user=[own], all=[own]), NOW)
    assert (verdict.displaced, verdict.crowded) == ((b"own",), None)


@pytest.mark.parametrize(
    ("times", "since", "later", "way"),
    [
        *[(2, NOW - 10, True, True), (3, NOW - 10, True, False), (3, NOW - 10, False, True)],
        *[(3, NOW - 120, True, True), (9, NOW - 119.9, True, False)],
    ],
)
def test_two_that_displace_each_other_again_and_again_are_two_viewers(times, since, later, way):
    newcomer = replace(NEW, started=NOW if later else NOW - 500)
    other = rival("other", holder=MINE, swap=Swap(b"new", times, since))
    assert gives_way(other, newcomer, 120.0, NOW) is way
    verdict = judge(newcomer, [place()], there(user=[other]), NOW)
    assert (verdict.crowded is None) is way
    if way:
        fresh = since <= NOW - 120
        swap = Swap(b"new", 1, NOW) if fresh else Swap(b"new", times + 1, since)
        assert dict(verdict.swaps)[b"other"] == swap


def test_zapping_through_many_streams_is_no_swapping():
    worn = rival("four", holder=MINE, swap=Swap(b"three", 9, NOW - 1))
    assert judge(NEW, [place()], there(user=[worn]), NOW).displaced == (b"four",)


RIVALS = st.lists(
    st.builds(
        Rival,
        st.binary(min_size=1, max_size=1),
        st.sampled_from([b"", MINE, YOURS]),
        st.integers(0, 5).map(float),
        st.integers(0, 5).map(float),
        st.sampled_from([NO_SWAP, Swap(b"new", 3, NOW - 1)]),
    ),
    max_size=6,
    unique_by=lambda one: one.key,
)
PLACES = st.lists(
    st.builds(place, st.sampled_from(["ip", "user"]), st.integers(1, 3), evict=st.booleans()),
    max_size=2,
    unique_by=lambda one: one.name,
)


@given(PLACES, RIVALS, RIVALS)
def test_afterwards_no_scope_has_more_than_its_limit(places, by_ip, by_user):
    scopes = {"ip": by_ip, "user": by_user}
    verdict = judge(NEW, places, there(**scopes), NOW)
    gone = {*verdict.displaced, *verdict.evicted}
    if verdict.crowded is not None:
        assert not gone
        assert not verdict.swaps
        return
    for one in places:
        left = [other for other in scopes[one.name] if other.key not in gone]
        assert len(left) + 1 <= one.limit
    assert len(verdict.displaced) + len(verdict.evicted) == len(gone)
