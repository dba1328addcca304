"""Seed 003, SmartLib and what a page may read: K58 to K60."""

from __future__ import annotations

import re

import pytest

from seeds.broadpeak_service import (
    HLS,
    MPD,
    PARAMETER,
    SERVICE_PARAMETER,
    TOKEN,
    H,
    Service,
    Viewer,
)
from sessionware import Cors
from support.calls import Call
from support.origin import Reply

ANNOUNCED = f"{MPD}&response=200"
PAGE = "https://page.example"
PREFLIGHT = (("Origin", PAGE), ("Access-Control-Request-Method", "GET"))


@pytest.fixture
def make_service(make_world, clock):
    return lambda **options: Service(make_world, clock, **options)


@pytest.fixture
def service(make_service):
    return make_service()


@pytest.mark.parametrize(
    ("options", "query", "status"),
    [
        ({}, "&response=200", 200),
        ({}, "&response=201", 307),
        ({}, "", 307),
        ({"announce": None}, "&response=200", 307),
    ],
)
def test_a_first_request_with_response_200_is_not_redirected(make_service, options, query, status):
    assert make_service(**options).world.get(MPD + query).status == status


def test_it_gets_an_empty_200_with_the_location_of_the_redirect(service):
    answer = service.world.get(ANNOUNCED)
    assert (answer.status, answer.header("content-length"), answer.body) == (200, "0", b"")
    assert answer.header("cache-control") == "private, no-store"
    own = f"{SERVICE_PARAMETER}={H}&{PARAMETER}="
    expected = re.escape(f"/myStream/myOutput/index.mpd?zipcode=25267&{own}") + TOKEN
    assert re.fullmatch(expected, answer.location)
    assert service.origin.seen == []
    assert service.sessions.count().sessions == 0


@pytest.mark.parametrize("wait", [1, 30 * 60])
def test_the_announced_url_may_be_played_at_once_or_much_later(service, wait):
    viewer = Viewer(service, Call(ANNOUNCED), service.world.get(ANNOUNCED), 200)
    service.clock.advance(wait)
    assert viewer.ask().new
    assert service.sessions.count().sessions == 1


@pytest.mark.parametrize("url", [MPD, f"{HLS}?zipcode=25267"])
def test_a_script_takes_the_url_from_the_location_and_plays_by_it_as_one_session(service, url):
    entry = Call(f"{url}&response=200")
    viewer = Viewer(service, entry, service.world.send(entry), 200)
    ids = {viewer.watch().id}
    for _ in range(10):
        service.clock.advance(6)
        for uri in [name for name in viewer.written if "other.example" not in name] or [""]:
            ids.add(viewer.ask(uri).id)
    assert len(ids) == 1
    assert service.sessions.count().sessions == 1


def announced(service):
    return Call(ANNOUNCED)


def redirected(service):
    return Call(MPD)


def expired(service):
    viewer = service.enter()
    viewer.ask()
    service.clock.advance(721)
    return viewer.call


@pytest.mark.parametrize(
    ("cors", "origin", "credentials"),
    [
        ({}, "*", None),
        ({"cors": Cors(origins=(PAGE,), credentials=True)}, PAGE, "true"),
        ({"cors": None}, None, None),
    ],
)
@pytest.mark.parametrize(("of", "status"), [(announced, 200), (redirected, 307), (expired, 400)])
def test_a_page_may_read_the_location_where_cors_says_so(
    make_service, cors, origin, credentials, of, status
):
    service = make_service(**cors)
    call = of(service)
    answer = service.world.send(call.at(call.url, headers=(("Origin", PAGE),)))
    assert answer.status == status
    assert answer.header("access-control-allow-origin") == origin
    assert answer.header("access-control-allow-credentials") == credentials
    exposed = answer.header("access-control-expose-headers")
    assert (exposed and exposed.split(", ")) == (["Location"] if origin else None)
    assert not origin or "Origin" in answer.header("vary").split(", ")


@pytest.mark.parametrize("of", [announced, redirected, expired])
def test_a_preflight_is_never_redirected_and_answered_where_the_app_has_no_answer(service, of):
    call = of(service)
    answer = service.world.send(call.at(call.url, method="OPTIONS", headers=PREFLIGHT))
    assert (answer.status, answer.location) == (204, None)
    assert answer.header("access-control-allow-origin") == "*"
    plain = service.world.send(call.at(call.url, method="OPTIONS"))
    assert plain.status not in {307, 308}
    assert plain.location is None


@pytest.mark.parametrize("url", [ANNOUNCED, MPD])
def test_the_apps_own_answer_to_a_preflight_stands(make_service, url):
    own = Reply(headers=(("Access-Control-Allow-Origin", PAGE),))
    answer = make_service(app=lambda seen: own).world.get(url, method="OPTIONS", headers=PREFLIGHT)
    assert (answer.status, answer.location) == (200, None)
    assert answer.header("access-control-allow-origin") == PAGE
