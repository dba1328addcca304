"""Seed 003, how long a session lives, and what it gets afterwards: K40 to K51."""

from __future__ import annotations

import re

import pytest

from seeds.broadpeak_service import (
    DYNAMIC,
    FILM,
    HLS,
    LIVE,
    MPD,
    PERIODS,
    STATIC,
    H,
    Service,
    remembering,
    site,
    vod,
)
from sessionware import Cause
from support.origin import Reply, files

HOUR = 3600
FILMS = [FILM, f"/{H}/film/manifest.mpd", f"/{H}/film/periods.mpd"]
PREROLL = b"#EXTINF:5.0,\nhttps://ads.example/preroll.ts\n"


@pytest.fixture
def make_service(make_world, clock):
    return lambda app=site, **options: Service(make_world, clock, app, **options)


@pytest.fixture
def service(make_service):
    return make_service()


# --- live -------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [MPD, HLS])
def test_a_live_session_lives_as_long_as_requests_with_its_id_come(service, url):
    viewer = service.enter(url)
    first = viewer.watch()
    for _ in range(HOUR // 119 + 1):
        service.clock.advance(119)
        session = viewer.ask(viewer.child() if viewer.written else "")
        assert (session.id, session.new) == (first.id, False)


SLOW = DYNAMIC.replace(b"PT6S", b"PT50S"), LIVE.replace(b"DURATION:6", b"DURATION:50")


@pytest.mark.parametrize(
    ("path", "manifest", "lasts"),
    [
        ("live.mpd", DYNAMIC, 120),
        ("live.m3u8", LIVE, 120),
        ("slow.mpd", SLOW[0], 150),
        ("slow.m3u8", SLOW[1], 150),
    ],
    ids=["MPD, 6 s", "HLS, 6 s", "MPD, 50 s", "HLS, 50 s"],
)
def test_it_expires_2_minutes_after_the_last_request_without_another(
    make_service, path, manifest, lasts
):
    service = make_service(files({f"/{path}": Reply(body=manifest)}), sweep_every=0.05)
    viewer = service.enter(f"/{H}/{path}")
    viewer.ask()
    last = viewer.ask()
    service.clock.advance(lasts - 1)
    assert service.sessions.get(last.id).id == last.id
    assert service.told("SessionEnded") == []
    service.clock.advance(2)
    (ended,) = service.hears("SessionEnded")
    assert (ended.session, ended.cause) == (last.id, Cause.EXPIRED)
    assert ended.cause == "expired"
    assert service.sessions.count().sessions == 0
    service.sessions.sweep()
    assert service.told("SessionEnded") == [ended]


def test_a_paused_player_that_goes_on_asking_keeps_its_session(make_service):
    service = make_service(remembering)
    viewer = service.enter(HLS)
    first = viewer.watch().id
    for _ in range(20 * 60 // 6):
        service.clock.advance(6)
        session = viewer.ask(viewer.child())
        assert (session.id, session.data) == (first, {"lives": [first]})
    service.clock.advance(121)
    session = viewer.ask(viewer.child())
    assert (session.previous, session.data) == (first, {"lives": [session.id]})
    assert session.id != first


# --- VOD --------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", FILMS)
def test_a_vod_session_lives_for_one_and_a_half_times_the_duration(service, url):
    asking, silent = service.enter(url), service.enter(url)
    first = asking.watch()
    silent.watch()
    service.clock.advance(899)
    session = asking.ask(asking.child() if asking.written else "")
    assert (session.id, session.new) == (first.id, False)
    service.clock.advance(2)
    answer = silent.send(silent.child() if silent.written else "")
    assert answer.status == 404


@pytest.mark.parametrize(
    ("manifest", "path"),
    [(vod(10), "a.m3u8"), (STATIC.replace(b"PT10M", b"PT10S"), "a.mpd")],
    ids=["HLS", "MPD"],
)
def test_a_vod_session_never_ends_sooner_than_2_minutes_after_the_last_request(
    make_service, manifest, path
):
    service = make_service(files({f"/{path}": Reply(body=manifest)}))
    viewer = service.enter(f"/{H}/{path}")
    ids = {viewer.ask().id}
    for _ in range(5):
        service.clock.advance(119)
        ids.add(viewer.ask().id)
    assert len(ids) == 1
    service.clock.advance(121)
    assert viewer.send().status == 404


def test_a_vod_session_never_lives_longer_than_a_day(make_service):
    long = PERIODS.replace(b"PT4M", b"PT20H")
    service = make_service(files({"/a.mpd": Reply(body=long)}))
    viewer = service.enter(f"/{H}/a.mpd")
    first = viewer.ask()
    service.clock.advance(24 * HOUR - 1)
    assert viewer.ask().id == first.id
    service.clock.advance(2)
    assert viewer.send().status == 404


def test_a_vod_player_may_change_the_rendition_long_after_it_began(service):
    viewer = service.enter(FILM)
    first = viewer.watch()
    service.clock.advance(890)
    session = viewer.ask(viewer.child("480p"))
    assert (session.id, session.new) == (first.id, False)
    assert service.sessions.count().started == 1


def test_a_vod_user_may_pause_for_long(service):
    viewer = service.enter(FILM)
    first = viewer.watch()
    service.clock.advance(5)
    viewer.ask(viewer.child())
    service.clock.advance(875)
    session = viewer.ask(viewer.child())
    assert (session.id, session.new) == (first.id, False)


# --- expired ----------------------------------------------------------------------------------


@pytest.mark.parametrize("silence", [121, 719])
@pytest.mark.parametrize("url", [MPD, HLS])
def test_who_comes_back_in_time_gets_a_new_session_with_the_same_id(make_service, url, silence):
    service = make_service(remembering)
    viewer = service.enter(url)
    first = viewer.watch().id
    service.clock.advance(silence)
    answer = viewer.send()
    assert (answer.status, answer.location) == (200, None)
    session = service.session
    assert session.id != first
    assert (session.previous, session.new) == (first, True)
    assert session.started == service.clock()
    assert session.data == {"lives": [session.id]}
    assert set(re.findall(r"bpkio_sessionid=([^\"&<\s]*)", answer.text)) == {viewer.token}
    service.clock.advance(6)
    later = viewer.watch()
    assert (later.id, later.new, later.previous) == (session.id, False, first)


def test_with_the_new_session_all_is_as_at_first_a_preroll_too(make_service):
    asked = []

    def with_preroll(seen):
        data, now = seen.session.data, service.clock()
        if seen.session.new:
            data["preroll until"] = now + 15
        reply = site(seen)
        playing = seen.path.endswith("720p.m3u8") and now < data["preroll until"]
        return Reply(body=reply.body + PREROLL) if playing else reply

    service = make_service(
        with_preroll, admit=lambda session, request: asked.append(session.previous)
    )
    viewer = service.enter(HLS)
    first = viewer.ask().id
    prerolls = []
    for wait in (0, 6, 10, 6, 121, 6, 10):
        service.clock.advance(wait)
        prerolls.append(PREROLL in viewer.send(viewer.child()).body)
    assert prerolls == [True, True, False, False, True, True, False]
    assert asked == [None, first]
    second = service.session
    assert second.previous == first
    told = [(event.session, event.previous) for event in service.hears("SessionStarted", 2)]
    assert told == [(first, None), (second.id, first)]


@pytest.mark.parametrize("silence", [721, 20 * HOUR])
@pytest.mark.parametrize("url", [MPD, HLS])
def test_who_comes_back_later_is_told_that_the_live_session_has_expired(service, url, silence):
    viewer = service.enter(url)
    viewer.watch()
    calls = len(service.origin.seen)
    service.clock.advance(silence)
    uri = viewer.child() if viewer.written else ""
    answer = viewer.send(uri, headers=(("Origin", "https://page.example"),))
    assert answer.status == 400
    assert answer.header("cache-control") == "private, max-age=10"
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("content-type").startswith("application/problem+json")
    assert viewer.token not in f"{answer.headers}{answer.text}"
    assert len(service.origin.seen) == calls
    assert service.sessions.count().sessions == 0


def test_an_expired_player_of_low_latency_is_told_410(service):
    viewer = service.enter(HLS)
    viewer.watch()
    service.clock.advance(721)
    assert viewer.send(viewer.child() + "&_HLS_msn=20").status == 410


def test_the_status_of_expired_live_sessions_can_be_set(make_service):
    viewer = make_service(expired_live_status=404).enter()
    viewer.ask()
    viewer.service.clock.advance(721)
    assert viewer.send().status == 404


@pytest.mark.parametrize(("options", "status"), [({}, 404), ({"expired_vod_status": 400}, 400)])
@pytest.mark.parametrize("later", [0, 600, 20 * HOUR])
def test_an_expired_vod_session_is_refused_and_does_not_come_back(
    make_service, options, status, later
):
    service = make_service(**options)
    viewer = service.enter(FILM)
    viewer.watch()
    service.clock.advance(901 + later)
    assert viewer.send(viewer.child()).status == status
    assert viewer.send().status == status
    assert service.sessions.count().sessions == 0
