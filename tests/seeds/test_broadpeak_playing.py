"""Seed 003, how a session is maintained: K31 to K37."""

from __future__ import annotations

import re

import pytest

from seeds.broadpeak_service import HLS, MPD, PARAMETER, SERVICE_PARAMETER, H, Service, site
from support.calls import Call
from support.origin import Origin


@pytest.fixture
def make_service(make_world, clock):
    return lambda **options: Service(make_world, clock, **options)


@pytest.fixture
def service(make_service):
    return make_service()


@pytest.mark.parametrize("url", [MPD, HLS])
def test_a_live_player_that_asks_the_resolved_url_keeps_its_session(service, url):
    viewer = service.enter(url)
    ids = {viewer.watch().id}
    uri = viewer.child() if viewer.written else ""
    for _ in range(50):
        service.clock.advance(6)
        ids.add(viewer.ask(uri).id)
    assert len(ids) == 1
    assert service.sessions.count().started == 1


def test_who_goes_back_to_the_service_url_gets_a_new_session_each_time(service):
    ids, tokens = set(), set()
    for _ in range(10):
        viewer = service.enter(headers=(("User-Agent", "player/1"),))
        ids.add(viewer.ask().id)
        tokens.add(viewer.token)
        service.clock.advance(1)
    assert (len(ids), len(tokens)) == (10, 10)
    counts = service.sessions.count()
    assert (counts.sessions, counts.watching) == (10, 10)
    assert {session.id for session in service.sessions.list().items} == ids


def test_by_default_who_keeps_the_cookie_is_one_viewer(make_world, clock):
    world = make_world(Origin(site), clock=clock)
    call = Call("/myStream/myOutput/index.mpd", headers=(("User-Agent", "player/1"),))
    first = world.send(call)
    (pair,) = (f"{name}={value}" for name, value in first.cookies().items())
    call = call.at(call.url, headers=(*call.headers, ("Cookie", pair)))
    world.follow(call, first)
    for _ in range(9):
        clock.advance(1)
        assert world.send(call).status == 200
    assert len({seen.session.id for seen in world.origin.seen}) == 1
    assert world.sessions.count().sessions == 1


@pytest.mark.parametrize("carry_hosts", [(), ("other.example",)])
def test_multivariant_playlists_carry_the_id_in_each_uri_of_ours(make_service, carry_hosts):
    viewer = make_service(service=None, carry_hosts=carry_hosts).enter("/live/master.m3u8")
    viewer.ask()
    own = f"{PARAMETER}={viewer.token}"
    at_first, after = ("?" + own, "&" + own) if carry_hosts else ("", "")
    assert viewer.written == [
        f"audio.m3u8?lang=en&{own}",
        f"https://other.example/audio.m3u8{at_first}",
        f"720p.m3u8?{own}",
        f"http://testserver/live/480p.m3u8?{own}",
        f"https://other.example/360p.m3u8?x=1{after}",
        f"iframes.m3u8?{own}",
    ]


def test_multivariant_playlists_carry_the_service_directly_before_the_id(service):
    viewer = service.enter(HLS)
    viewer.ask()
    carrying = [uri for uri in viewer.written if PARAMETER in uri]
    assert len(carrying) == 4
    own = f"{SERVICE_PARAMETER}={H}&{PARAMETER}={viewer.token}"
    assert all(re.fullmatch(rf"[^?]+\?(lang=en&)?{own}", uri) for uri in carrying)


def test_a_player_that_follows_what_is_written_has_nothing_to_manage(service):
    viewer = service.enter(HLS)
    ids = {viewer.ask().id}
    for _ in range(10):
        for name in ("720p", "480p", "audio"):
            ids.add(viewer.ask(viewer.child(name)).id)
        service.clock.advance(6)
    assert len(ids) == 1
    assert service.sessions.count().sessions == 1
