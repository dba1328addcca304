"""Seed 003, a CDN that makes the ids: K64 and K65."""

from __future__ import annotations

import re

import pytest

from seeds.broadpeak_service import HLS, MPD, OTHER_SERVICE, PARAMETER, TOKEN, H, Service, uris

HEADER = "X-CDN-Session"
CDN = ("192.0.2.0/24",)
STRANGER = "203.0.113.9"
CHILD = f"/{H}/live/720p.m3u8"


def by(value):
    return {"headers": ((HEADER, value),)}


@pytest.fixture
def make_service(make_world, clock):
    return lambda **options: Service(make_world, clock, **options)


@pytest.fixture
def service(make_service):
    return make_service(trusted_header=HEADER, trusted_proxies=CDN)


def test_with_an_id_from_the_cdn_none_is_made(service):
    for url in (HLS, MPD, CHILD):
        answer = service.world.get(url, **by("abc"))
        assert (answer.status, answer.location, answer.all("set-cookie")) == (200, None, ())
        assert PARAMETER not in answer.text
        assert not re.search(TOKEN, f"{answer.headers}{answer.text}")


def test_the_cdns_id_tells_sessions_apart(service):
    ids = {}
    for value in ("abc", "abd"):
        master = service.world.get(HLS, **by(value))
        ids[value] = {service.session.id}
        child = next(uri for uri in uris(master.text) if uri.startswith("720p"))
        for _ in range(3):
            assert service.world.get(f"/{H}/live/{child}", **by(value)).status == 200
            ids[value].add(service.session.id)
            service.clock.advance(6)
    assert [len(found) for found in ids.values()] == [1, 1]
    assert ids["abc"] != ids["abd"]
    assert service.sessions.count().sessions == 2


def test_one_id_of_the_cdn_in_two_services_is_two_sessions(service):
    ids = set()
    for target in (MPD, MPD.replace(H, OTHER_SERVICE)):
        service.world.get(target, **by("abc"))
        ids.add(service.session.id)
    assert len(ids) == 2


def test_from_any_other_peer_the_id_is_ignored_and_kept_from_the_app(service):
    viewer = service.enter(MPD, peer=STRANGER, **by("abc"))
    viewer.ask()
    assert service.origin.last.header(HEADER) is None


@pytest.mark.parametrize("url", [MPD, f"{HLS}?zipcode=25267"])
def test_the_first_request_of_the_cdn_gets_the_personal_manifest_at_once(service, url):
    answer = service.world.get(url, **by("abc"))
    assert answer.status == 200
    assert answer.text.startswith(("<?xml", "#EXTM3U"))
    (seen,) = service.origin.seen
    assert (seen.path, seen.query) == (url[len(H) + 1 :].partition("?")[0], "zipcode=25267")
    assert (seen.session.new, seen.session.service) == (True, H)
    assert answer.header("cache-control") == "private, no-store"


@pytest.mark.parametrize("options", [{}, {"trusted_proxies": CDN}, {"trusted_header": HEADER}])
def test_without_the_option_or_without_trust_the_header_is_without_effect(make_service, options):
    service = make_service(**options)
    first, second = (service.enter(MPD, **by("abc")) for _ in range(2))
    assert first.location.startswith("/myStream/myOutput/index.mpd?zipcode=25267&bpkio_serviceid=")
    assert first.token != second.token
    assert first.ask().id != second.ask().id
