"""Seed 003, what a session is and its id: K3a to K7."""

from __future__ import annotations

import itertools
import re

import pytest

from seeds.broadpeak_service import (
    DYNAMIC,
    HLS,
    MPD,
    PARAMETER,
    TOKEN,
    Service,
    remembering,
    site,
    uris,
)
from support.origin import Reply

PLAYBACK = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def service(make_world, clock):
    return Service(make_world, clock)


def test_an_app_makes_each_viewer_a_manifest_of_its_own_from_what_it_sees(make_world, clock):
    def personal(seen):
        if seen.session.new:
            seen.session.data["asked"] = seen.session.params["zipcode"]
        return Reply(body=DYNAMIC.replace(b"v/", f"v/{seen.session.params['zipcode']}/".encode()))

    service = Service(make_world, clock, personal)
    viewers = {code: service.enter(MPD.replace("25267", code)) for code in ("25267", "10115")}
    ids = set()
    for refresh in range(5):
        for code, viewer in viewers.items():
            answer = viewer.send()
            assert f"<BaseURL>v/{code}/</BaseURL>" in answer.text
            session = service.session
            ids.add(session.id)
            assert session.new is (refresh == 0)
            assert (session.params, dict(session.data)) == ({"zipcode": code}, {"asked": code})
        clock.advance(6)
    assert len(ids) == 2


def test_each_request_of_the_service_url_makes_a_session_when_it_is_followed(service):
    viewers = [service.enter() for _ in range(3)]
    assert len({viewer.token for viewer in viewers}) == 3
    assert service.sessions.count().sessions == 0
    ids = {viewer.ask().id for viewer in viewers}
    assert len(ids) == 3
    assert service.sessions.count().sessions == 3
    assert service.sessions.count().started == 0
    for viewer in viewers:
        viewer.ask()
    assert service.sessions.count().started == 3


def test_what_was_decided_at_first_holds_in_all_refreshes_and_children_on_all_workers(
    make_world, clock, tmp_path
):
    drawn = itertools.count(1)

    def deciding(seen):
        if seen.session.new:
            seen.session.data["variant"] = next(drawn)
        return site(seen)

    store = f"sqlite:///{tmp_path}/sessions.db"
    workers = [Service(make_world, clock, deciding, store=store) for _ in range(2)]
    viewer = workers[0].enter(HLS)
    viewer.ask()
    seen = []
    for turn in range(20):
        worker = viewer.service = workers[turn % 2]
        for uri in ("", viewer.child("720p"), viewer.child("480p"), viewer.child("audio")):
            session = viewer.ask(uri)
            seen.append((session.id, session.data["variant"]))
        assert worker.sessions.count().sessions == 1
        clock.advance(6)
    assert set(seen) == {(seen[0][0], 1)}
    assert next(drawn) == 2


def test_the_context_is_kept_while_requests_refer_to_it_and_no_longer(make_world, clock):
    service = Service(make_world, clock, remembering)
    viewer = service.enter(HLS + "?zipcode=25267")
    first = viewer.ask().id
    for _ in range(10):
        clock.advance(110)
        session = viewer.ask(viewer.child())
        assert "zipcode" not in viewer.child()
        assert (session.id, session.params) == (first, {"zipcode": "25267"})
        assert session.data == {"lives": [first]}
    other = service.enter(HLS + "?zipcode=25267").ask()
    assert (other.id != first, other.data) == (True, {"lives": [other.id]})


def test_the_id_has_the_seeds_form_tells_the_time_and_comes_once(service):
    tokens = set()
    for number in range(1000):
        service.clock.advance(0.25)
        client = f"10.0.{number // 250}.{number % 250}"
        token = service.enter(peer=client).token
        assert int(token[:11], 16) == round(service.clock() * 1000)
        tokens.add(token)
    assert len(tokens) == 1000
    assert all(re.fullmatch(TOKEN, token) for token in tokens)


def test_an_id_with_one_digit_changed_is_none(service):
    viewer = service.enter()
    for place, digit in enumerate(viewer.token):
        if digit == "-":
            continue
        other = viewer.token[:place] + ("0" if digit != "0" else "1") + viewer.token[place + 1 :]
        target = viewer.call.target.replace(viewer.token, other)
        # From clients of their own: one that is redirected again and again is in a loop.
        handed = service.enter(target, peer=f"10.0.0.{place}").token
        assert handed not in {viewer.token, other}
    assert service.origin.seen == []


def test_the_id_is_a_query_parameter_of_the_urls_of_manifests_from_then_on(service):
    entry = service.world.get(HLS)
    assert re.search(rf"[?&]{PARAMETER}={TOKEN}$", entry.location)
    token = entry.location.rpartition("=")[2]
    master = service.world.get(entry.location)
    own = [uri for uri in uris(master.text) if "other.example" not in uri]
    assert len(own) == 4
    assert all(uri.endswith(f"{PARAMETER}={token}") for uri in own)
    child = service.world.get(f"/live/{own[1]}")
    assert re.findall(r"^\d+\.ts.*$", child.text, re.MULTILINE) == ["7.ts"]
    assert [answer.all("set-cookie") for answer in (entry, master, child)] == [(), (), ()]


@pytest.mark.parametrize(
    ("name", "value", "query"),
    [
        ("Cookie", f"{PARAMETER}=T", ""),
        ("Cookie", "tkn=T", ""),
        ("X-Playback-Session-Id", PLAYBACK, ""),
        ("CMCD-Session", f'sid="{PLAYBACK}"', ""),
        ("X-Nothing", "", f"&CMCD=sid%3D%22{PLAYBACK}%22"),
    ],
)
def test_without_the_parameter_it_is_a_new_session_with_no_earlier_context(
    make_world, clock, name, value, query
):
    service = Service(make_world, clock, remembering)
    first = service.enter(MPD + query, headers=((name, value),))
    running = first.ask()
    again = service.enter(MPD + query, headers=((name, value.replace("=T", f"={first.token}")),))
    assert again.token != first.token
    session = again.ask()
    assert (session.new, session.previous) == (True, None)
    assert session.id != running.id
    assert session.data == {"lives": [session.id]}
    assert service.sessions.get(running.id).requests == 1
