"""Seed 003, the first request and its Location: K11 to K25, K54 to K56."""

from __future__ import annotations

import importlib
import re
from urllib.parse import urljoin

import pytest

from seeds.broadpeak_service import (
    DYNAMIC,
    HLS,
    MPD,
    OTHER_SERVICE,
    PARAMETER,
    SERVICE_PARAMETER,
    TOKEN,
    H,
    Service,
    remembering,
)
from sessionware import MemoryStore
from support.calls import Call
from support.origin import Reply

RESOLVED = rf"/myStream/myOutput/index\.mpd\?zipcode=25267&{SERVICE_PARAMETER}={H}&{PARAMETER}="
PRIVATE = "private, no-store"


@pytest.fixture
def make_service(make_world, clock):
    return lambda **options: Service(make_world, clock, **options)


@pytest.fixture
def service(make_service):
    return make_service()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_first_request_is_answered_by_307_and_does_not_reach_the_app(service, method):
    answer = service.world.get(MPD, method=method)
    assert (answer.status, answer.body) == (307, b"")
    assert (answer.header("content-length"), answer.header("cache-control")) == ("0", PRIVATE)
    assert answer.location
    assert service.origin.seen == []


@pytest.mark.parametrize("status", [302, 303])
def test_the_redirect_may_have_another_status(make_service, status):
    assert make_service(redirect_status=status).world.get(MPD).status == status


@pytest.mark.parametrize("url", [MPD, HLS])
def test_the_location_gives_the_manifest_without_another_redirect(service, url):
    viewer = service.enter(url)  # which looks that there is one token, and that it comes last
    answer = viewer.send()
    assert (answer.status, answer.location) == (200, None)
    assert answer.text.startswith(("<?xml", "#EXTM3U"))
    playing = 0 if viewer.written else 1  # a multivariant playlist alone is pending
    assert service.sessions.count().sessions == playing


def test_a_cache_that_obeys_hands_no_viewer_the_session_of_another(service):
    kept = {}

    def through_cache(call):
        answer = kept.get(call.target) or service.world.send(call)
        if not {"private", "no-store"} & set((answer.header("cache-control") or "").split(", ")):
            kept[call.target] = answer
        return answer

    viewers = []
    for peer in ("192.0.2.1", "192.0.2.2"):
        entry = Call(MPD, peer=peer)
        first = through_cache(entry)
        second = through_cache(entry.at(first.location))
        for answer in (first, second):
            assert answer.header("cache-control") == PRIVATE
            assert (answer.header("etag"), answer.header("last-modified")) == (None, None)
        viewers.append((first.location, service.session.id))
    assert len({location for location, _ in viewers}) == 2
    assert len({identity for _, identity in viewers}) == 2


def test_the_seeds_example_is_answered_by_the_url_of_the_first_manifest(service):
    target = f"/{H}/myStream/myOutput/index.mpd?zipcode=25267"
    assert re.fullmatch(RESOLVED + TOKEN, service.world.get(target).location)


def test_the_clients_query_stays_first_byte_for_byte(service):
    query = "zipcode=25267&b=%2F&a=x+y&empty=&c=%e4"
    location = service.world.get(f"/{H}/myStream/myOutput/index.mpd?{query}").location
    before = f"/myStream/myOutput/index.mpd?{query}&{SERVICE_PARAMETER}={H}&{PARAMETER}="
    assert re.fullmatch(re.escape(before) + TOKEN, location)


def test_the_service_moves_from_the_path_into_the_query(service):
    viewer = service.enter()
    assert f"/{H}/" not in viewer.location
    assert f"&{SERVICE_PARAMETER}={H}&{PARAMETER}=" in viewer.location
    assert viewer.ask().service == H
    seen = service.origin.last
    assert (seen.path, seen.query) == ("/myStream/myOutput/index.mpd", "zipcode=25267")


def test_a_child_that_still_has_the_service_in_its_path_is_of_the_same_session(service):
    viewer = service.enter(HLS)
    first = viewer.ask()
    session = viewer.ask(f"/{H}/live/{viewer.child()}")
    assert (session.id, session.service) == (first.id, H)
    assert (service.origin.last.path, service.origin.last.query) == ("/live/720p.m3u8", "")


@pytest.mark.parametrize("first", [H[:-1], H + "0", "g" + H[1:], "live"])
def test_a_first_element_that_is_no_service_is_left_alone(make_world, clock, first):
    service = Service(make_world, clock, lambda seen: Reply(body=DYNAMIC))
    viewer = service.enter(f"/{first}/index.mpd")
    assert re.fullmatch(rf"/{first}/index\.mpd\?{PARAMETER}={TOKEN}", viewer.location)
    assert viewer.ask().service == ""
    assert service.origin.last.path == f"/{first}/index.mpd"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{SERVICE_PARAMETER}={H}&", ""),
        (f"{SERVICE_PARAMETER}={H}", f"{SERVICE_PARAMETER}={OTHER_SERVICE}"),
    ],
)
def test_an_id_without_its_service_is_not_that_session(make_service, before, after):
    service = make_service(app=remembering)
    viewer = service.enter()
    running = viewer.ask()
    service.clock.advance(1)
    stranger = service.enter(viewer.call.target.replace(before, after))
    assert stranger.token != viewer.token
    assert len(service.origin.seen) == 1
    session = stranger.ask()
    assert (session.new, session.previous) == (True, None)
    assert session.id != running.id
    assert session.data == {"lives": [session.id]}
    kept = service.sessions.get(running.id)
    assert (kept.requests, kept.last_seen) == (1, running.last_seen)
    assert viewer.ask().data == {"lives": [running.id]}


def test_a_service_without_an_id_is_a_new_session(service):
    viewer = service.enter()
    viewer.ask()
    token = f"&{PARAMETER}={viewer.token}"
    again = service.enter(viewer.call.target.replace(token, ""))
    assert re.fullmatch(RESOLVED + TOKEN, again.location)
    assert again.token != viewer.token


# --- the form of the Location -----------------------------------------------------------------


@pytest.mark.parametrize("trusted", [(), ("192.0.2.0/24",)])
def test_the_location_begins_at_the_root_and_names_no_host(make_service, trusted):
    service = make_service(trusted_proxies=trusted)
    headers = (("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"))
    answer = service.world.get(MPD, host="cdn.example", headers=headers)
    assert re.fullmatch(RESOLVED + TOKEN, answer.location)


def test_below_a_mount_the_location_begins_with_its_prefix(service):
    location = service.world.get(f"/mnt/tv{MPD}", mount="/mnt/tv").location
    assert re.fullmatch("/mnt/tv" + RESOLVED + TOKEN, location)


@pytest.mark.parametrize("url", [MPD, "/film/manifest.mpd"])
def test_the_location_can_be_relative(make_service, url):
    location = make_service(location="relative").world.get(url).location
    assert not location.startswith("/")
    assert "://" not in location


def test_one_service_alone_can_have_relative_locations(make_world, clock, world_kind):
    middleware = importlib.import_module(f"sessionware.{world_kind}").StreamSessionMiddleware
    inner = []

    def both(app, **options):
        inner.append(middleware(app, match=r"^/live/", location="root", **options))
        return middleware(inner[0], match=r"^/myStream/", location="relative", **options)

    service = Service(make_world, clock, wrap=both, store=MemoryStore())
    relative, root = service.enter(MPD), service.enter(HLS)
    assert re.fullmatch(r"(\.\./){3}" + RESOLVED[1:] + TOKEN, relative.location)
    assert root.location.startswith(f"/live/master.m3u8?{SERVICE_PARAMETER}={H}&")
    assert [viewer.watch().service for viewer in (relative, root)] == [H, H]
    assert service.sessions.count().sessions == 2
    if world_kind == "asgi":
        service.world.run(inner[0].aclose())
    else:
        inner[0].close()


def test_a_relative_location_stays_below_what_a_cdn_has_in_front(make_service):
    cdn = "https://cdn.example/x/y"
    location = make_service(location="relative").world.get(MPD).location
    assert re.fullmatch(re.escape(cdn) + RESOLVED + TOKEN, urljoin(cdn + MPD, location))


def test_a_relative_location_without_a_service_is_the_last_element(make_service):
    service = make_service(location="relative", service=None)
    viewer = service.enter("/myStream/myOutput/index.mpd?zipcode=25267")
    assert re.fullmatch(rf"index\.mpd\?zipcode=25267&{PARAMETER}={TOKEN}", viewer.location)
    assert viewer.call.path == "/myStream/myOutput/index.mpd"
    assert viewer.ask().service == ""
