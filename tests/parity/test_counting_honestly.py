"""What the numbers must withstand, in both worlds and on both stores (SPEC 7, 8; P42, P44)."""

from __future__ import annotations

import pytest

from parity.cases_tokens import issued
from sessionware import Limit, MemoryStore, SqliteStore
from support.calls import Call
from support.origin import Origin, Reply
from support.parity import SECRET
from support.site import site
from support.viewer import entered, token_of

MINUTES = 10 * 60
FILM = (
    b'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    b'mediaPresentationDuration="PT600S"><Period/></MPD>'
)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    kept = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "sessions.db")
    yield kept
    kept.close()


@pytest.fixture
def world(make_world, store, clock):
    def make(origin=site, **options):
        usual = {"secret": SECRET, "store": store, "clock": clock, "sweep_every": 0}
        return make_world(Origin(origin), **usual, **options)

    return make


def film(_seen):
    return Reply(body=FILM, headers=(("Content-Type", "application/dash+xml"),))


def knock(world, clock, call):
    """Ask every second for ten minutes; gives the statuses, and who was counted."""
    statuses, counted = set(), set()
    for second in range(MINUTES - 1):
        clock.advance(1)
        statuses.add(world.send(call).status)
        if second % 60 == 0:
            counts = world.sessions.count()
            counted.add((counts.watching, counts.sessions, counts.quiet))
    return statuses, counted


@pytest.mark.parametrize("by", ["query", "cookie"])
def test_who_is_denied_and_asks_every_second_never_gets_in_and_never_counts(world, clock, by):
    asked = []

    def admit(_session, request):
        asked.append(request.path)
        return False

    served = world(admit=admit)
    token = issued(SECRET, 1)
    target = "/cam1/manifest.mpd"
    cookie = (("Cookie", f"tkn={token}"),)
    call = Call(f"{target}?tkn={token}") if by == "query" else Call(target, headers=cookie)
    assert served.send(call).status == 403
    assert knock(served, clock, call) == ({403}, {(0, 0, 0)})
    assert len(asked) == 1
    assert served.origin.seen == []
    clock.advance(2)
    assert served.send(call).status == 403
    assert len(asked) == 2


def test_who_was_stopped_and_asks_every_second_never_gets_in_and_never_counts(world, clock):
    served = world()
    call = entered(served, "/cam1/manifest.mpd")
    assert served.send(call).status == 200
    (session,) = served.sessions.list().items
    assert served.sessions.stop(id=session.id) == 1
    before = len(served.origin.seen)
    assert knock(served, clock, call) == ({410}, {(0, 0, 0)})
    assert len(served.origin.seen) == before


def test_of_three_devices_of_one_user_the_one_silent_longest_goes_and_may_enter_again(world, clock):
    served = world(
        identify=lambda request: request.headers.get("x-user"),
        max_sessions_per_user=Limit(2, "evict"),
    )
    calls = []
    for device in range(3):
        headers = (("X-User", "ann"), ("User-Agent", f"device/{device}"))
        call = entered(served, "/cam1/manifest.mpd", headers=headers)
        calls.append(call)
        clock.advance(1)
        assert served.send(call).status == 200
        if device == 1:
            clock.advance(1)
            assert served.send(calls[0]).status == 200  # so the second is silent longest
    assert [served.send(call).status for call in calls] == [200, 410, 200]
    assert served.sessions.count().sessions == 2
    clock.advance(1)
    assert served.send(calls[2]).status == 200
    again = entered(served, "/cam1/manifest.mpd", headers=calls[1].headers)
    assert served.send(again).status == 200
    assert [served.send(call).status for call in calls] == [410, 410, 200]
    assert served.sessions.count().sessions == 2


def test_thirty_viewers_of_one_film_behind_one_address_are_thirty(world, clock):
    served = world(film)
    tokens = set()
    for _ in range(30):
        call = entered(served, "/film/manifest.mpd")
        tokens.add(token_of(call))
        assert served.send(call).status == 200
    assert len(tokens) == 30
    counts = served.sessions.count()
    assert (counts.sessions, counts.quiet, counts.watching) == (30, 30, 0)
    clock.advance(11)
    counts = served.sessions.count()
    assert (counts.sessions, counts.started) == (30, 30)


def test_who_opens_drops_and_opens_again_is_one(world, clock):
    # As mpv does: each time by a redirect, without a cookie; the second one plays.
    served = world()
    dropped = entered(served, "/cam1/manifest.mpd")
    assert served.send(dropped).status == 200
    clock.advance(1)
    plays = entered(served, "/cam1/manifest.mpd")
    for _ in range(10):
        assert served.send(plays).status == 200
        clock.advance(2)
    counts = served.sessions.count()
    assert (counts.watching, counts.started) == (1, 1)


def test_two_tabs_are_one_with_cookies_and_two_without(world, clock):
    served = world()
    first = Call("/cam1/manifest.mpd")
    answer = served.send(first)
    (cookie,) = (f"{name}={value}" for name, value in answer.cookies().items())
    one = first.at(answer.location, headers=(("Cookie", cookie),))
    assert served.send(one).status == 200
    same = Call("/cam1/manifest.mpd", headers=(("Cookie", cookie),))
    for _ in range(3):
        clock.advance(2)
        assert {served.send(one).status, served.send(same).status} == {200}
    assert served.sessions.count().watching == 1
    other = entered(served, "/cam1/manifest.mpd")
    for _ in range(3):
        clock.advance(2)
        assert {served.send(one).status, served.send(other).status} == {200}
    assert served.sessions.count().watching == 2
