"""Seed 000: unspecified connections, which are kept out of triggers and of all numbers."""

from __future__ import annotations

import pytest

from seeds.mist import (
    AWAY,
    CAM1,
    HOME,
    LONE1,
    LONE2,
    MASTER,
    MPD1,
    PROBE,
    WITH_PROBE,
    Door,
    cameras,
    is_zero,
    token_in,
    uri,
)
from sessionware import Kind, MemoryStore, Settings, presets
from support.replies import Seen

ALL = {"classify": lambda request: Kind.UNSPECIFIED}
"""Options by which every request is unspecified."""

JSON = cameras(Seen("GET", PROBE, "", (), b"", None, {})).body


def unspecified(scene) -> list:
    return [session.id for session in scene.listed(kind=Kind.UNSPECIFIED)]


def count_of(scene, *targets) -> int:
    """Ask for these targets, each by a pair with an address, and count what they make."""
    for target, ip in targets:
        assert scene.ask(target, ip=ip).status == 200
    assert scene.count().sessions == 0
    assert scene.count(Kind.UNSPECIFIED).sessions == len(unspecified(scene))
    return len(unspecified(scene))


# --- M62: anything else -----------------------------------------------------------------------


def test_what_is_unspecified_is_answered_by_the_app_alone(mist):
    scene = mist(preset=False, **ALL)
    client = scene.client()
    answer = client.ask(CAM1)
    assert (answer.status, answer.body, client.redirects) == (200, MASTER, 0)
    assert not {"set-cookie", "cache-control", "vary"} & {name for name, _ in answer.headers}


def test_nothing_is_unspecified_without_classify(mist):
    scene = mist(unspecified={"stream", "ip"})
    for method in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"):
        for target in (CAM1, MPD1, "/hls/cam1/s1.ts", "/api"):
            scene.ask(target, method)
    kinds = {seen.session.kind for seen in scene.site.seen if seen.session is not None}
    assert kinds == {Kind.VIEWER, Kind.INPUT}
    assert unspecified(scene) == []


def test_what_is_unspecified_is_listed_and_in_no_hook_event_or_limit(mist):
    door = Door()
    options = {"unspecified": {"stream", "ip"}, "stream_info": "unspecified", **WITH_PROBE}
    scene = mist(admit=door, max_sessions=1, **options)
    for _ in range(3):
        scene.ask(PROBE)
    assert len(unspecified(scene)) == 1
    scene.later(16)
    assert (door.asked, scene.events, unspecified(scene)) == ([], [], [])
    scene.ask(PROBE)
    assert scene.count().watching == 0
    assert scene.ask(f"{LONE1}?tkn=alice").status == 200
    assert scene.ask(f"{LONE1}?tkn=bob", ip=AWAY).status == 403
    assert door.asked == ["cam1", "cam1"]  # by alice and by bob


def test_the_player_s_question_about_a_stream_can_be_unspecified(mist):
    scene = mist(stream_info="unspecified", **WITH_PROBE)
    answer = scene.ask(PROBE)
    assert (answer.status, answer.body, answer.cookies()) == (200, JSON, {})
    assert scene.session is None
    assert (scene.listed(), scene.events) == ((), [])


@pytest.mark.parametrize("preset", [True, False], ids=["preset", "defaults"])
def test_the_player_s_question_can_be_the_viewer_s_who_counts_once_he_watches(mist, preset):
    scene = mist(preset=preset, stream_info="viewer", **WITH_PROBE)
    client = scene.client(keeps_cookies=True)
    answer = client.ask(PROBE)
    assert (answer.status, answer.body, client.redirects) == (200, JSON, 0)
    assert list(client.cookies) == ["tkn"]
    assert scene.session.stream == "cam1"
    first = scene.session.id
    assert scene.listed() == ()
    assert is_zero(scene.count())
    client.watch()
    assert scene.session.id == first
    assert [session.id for session in scene.listed()] == [first]
    assert scene.count().sessions == 1


def test_the_player_s_question_with_a_token_touches_its_session(mist):
    scene = mist(stream_info="viewer", **WITH_PROBE)
    client = scene.client()
    client.watch()
    before = scene.session
    scene.clock.advance(5)
    answer = client.ask(f"{PROBE}?tkn={client.token}")
    assert (answer.body, answer.cookies()) == (JSON, {})
    after = scene.sessions.get(before.id)
    assert (after.requests, after.last_seen) == (before.requests + 1, before.last_seen + 5)
    assert len(scene.listed()) == 1


# --- M64 to M67: which parts count ------------------------------------------------------------


def test_the_stream_may_tell_unspecified_ones_apart(mist):
    scene = mist(unspecified={"stream"}, **ALL)
    assert count_of(scene, (CAM1, HOME), (CAM1, AWAY)) == 1
    assert count_of(scene, (LONE2, HOME)) == 2


def test_the_address_may_tell_unspecified_ones_apart_where_they_come_from_or_go_to(mist):
    scene = mist(unspecified={"ip"}, **ALL)
    assert count_of(scene, (LONE1, HOME), (LONE2, HOME)) == 1
    assert count_of(scene, (LONE1, AWAY)) == 2
    target = {"kind": Kind.UNSPECIFIED, "stream": "cam1", "ip": "203.0.113.9"}
    with scene.hold(target, {**target, "stream": "cam2"}) as held:
        assert {session.ip for session in held} == {"203.0.113.9"}
        assert len(unspecified(scene)) == 3


def test_the_token_may_tell_unspecified_ones_apart_the_url_s_before_the_cookie_s(mist):
    scene = mist(unspecified={"token"}, **ALL)
    ids = {}
    for token in ("A", "B"):
        scene.ask(f"{LONE1}?tkn={token}")
        ids[token] = scene.session.id
    assert sorted(unspecified(scene)) == sorted(ids.values())
    scene.ask(f"{LONE1}?tkn=A", cookie="tkn=B")
    assert scene.session.id == ids["A"]
    scene.ask(LONE1, cookie="tkn=B")
    assert scene.session.id == ids["B"]
    process = {"kind": Kind.UNSPECIFIED, "stream": "cam1"}
    with scene.hold(process, process):
        assert len(unspecified(scene)) == 4


def test_the_protocol_may_tell_unspecified_ones_apart(mist):
    scene = mist(unspecified={"protocol"}, **ALL)
    assert count_of(scene, (LONE1, HOME), (LONE2, HOME)) == 1
    assert count_of(scene, (MPD1, HOME)) == 2


# --- M69: none by default ---------------------------------------------------------------------


def test_by_default_no_part_makes_unspecified_ones_sessions():
    assert Settings().unspecified == frozenset()
    assert Settings(**presets.mistserver()).unspecified == frozenset()


@pytest.mark.parametrize("preset", [True, False], ids=["preset", "defaults"])
def test_a_hundred_unspecified_requests_leave_no_trace(mist, preset):
    door, store = Door(), MemoryStore()
    scene = mist(preset=preset, admit=door, store=store, **ALL)
    token = token_in(uri(mist().ask(CAM1), "720p"))
    for number in range(25):
        for target in (CAM1, f"{LONE1}?tkn={token}", MPD1, LONE2):
            assert scene.ask(target, ip=f"192.0.2.{number}").status == 200
    assert (door.asked, scene.events, len(store)) == ([], [], 0)
    assert is_zero(scene.count())
    assert is_zero(scene.count(Kind.UNSPECIFIED))
    assert scene.listed() == scene.listed(kind=Kind.UNSPECIFIED) == ()
    assert [seen.session for seen in scene.site.seen] == [None] * 100
