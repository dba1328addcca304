"""Seed 000: what a session is, which parts make one, and numbers that can be trusted."""

from __future__ import annotations

from itertools import combinations

import pytest

from seeds.mist import (
    AWAY,
    CAM1,
    HOME,
    LONE1,
    MASTER,
    MEDIA,
    MPD1,
    PROBE,
    WITH_PROBE,
    both_options,
    uri,
)
from sessionware import Kind, Settings, presets

PARTS = ("stream", "ip", "token", "protocol")
SETS = [frozenset(parts) for size in range(5) for parts in combinations(PARTS, size)]
ONE = {"stream": "cam1", "ip": HOME, "token": "alice", "protocol": "HLS"}
OTHER = {"stream": "cam2", "ip": AWAY, "token": "bob", "protocol": "DASH"}


def named(parts) -> str:
    return "+".join(sorted(parts)) or "none"


def asked(scene, stream, ip, token, protocol):
    path = f"/hls/{stream}.m3u8" if protocol == "HLS" else f"/dash/{stream}/manifest.mpd"
    return scene.ask(f"{path}?tkn={token}", ip=ip)


# --- M5: what a session is --------------------------------------------------------------------


def test_a_connection_is_of_one_kind_and_only_that_kind_s_number_moves(mist):
    scene = mist(stream_info="unspecified", unspecified={"stream"}, **WITH_PROBE)

    def moves() -> dict:
        return {kind: n for kind in list(Kind)[:4] if (n := scene.count(kind).sessions)}

    scene.ask(MPD1)
    assert (scene.session.kind, moves()) == (Kind.VIEWER, {Kind.VIEWER: 1})
    scene.ask(MPD1, "PUT", body=b"<MPD/>")
    assert scene.session.kind is Kind.INPUT
    assert moves() == {Kind.VIEWER: 1, Kind.INPUT: 1}
    scene.ask(PROBE)
    assert scene.session.kind is Kind.UNSPECIFIED
    assert moves() == {Kind.VIEWER: 1, Kind.INPUT: 1, Kind.UNSPECIFIED: 1}


def test_a_route_that_holds_an_output_is_an_output(mist):
    scene = mist()
    with scene.hold({"kind": Kind.OUTPUT, "stream": "cam1"}) as [held]:
        assert held.kind is Kind.OUTPUT
        numbers = [scene.count(kind).sessions for kind in list(Kind)[:4]]
        assert numbers == [0, 0, 1, 0]


@both_options
def test_the_first_request_is_new_and_those_that_follow_are_not(mist, preset):
    scene = mist(preset=preset)
    for started in (1, 2):
        client, seen = scene.client(), []
        child = uri(client.ask(CAM1), "720p")
        seen.append(scene.session)
        for _ in range(2):
            client.ask(child)
            seen.append(scene.session)
        assert [session.new for session in seen] == [True, False, False]
        assert len({session.id for session in seen}) == 1
        assert scene.count().started == started
    assert len(scene.listed()) == 2


@both_options
def test_four_connections_and_a_change_of_protocol_are_one_viewer(mist, preset):
    scene = mist(preset=preset)
    client = scene.client()
    written = client.ask(CAM1)
    video = client.ask(uri(written, "720p"))
    client.ask(uri(written, "audio"))
    token = client.token
    client.ask(uri(video, "s1.ts"))
    scene.ask(f"{MPD1}?tkn={token}")
    assert scene.count().sessions == 1
    assert scene.count().watching == 1


# --- M7, M29: which parts count ---------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("parts", SETS, ids=named)
def test_two_requests_that_differ_in_one_part_are_two_viewers_where_it_counts(mist, parts, part):
    scene = mist(viewer=parts, handoff="redirect")
    for values in (ONE, {**ONE, part: OTHER[part]}):
        assert asked(scene, **values).status == 200
    expected = (2 if part in parts else 1) if parts else 0
    assert scene.count().sessions == len(scene.listed()) == expected


@pytest.mark.parametrize("parts", [parts for parts in SETS if "token" not in parts], ids=named)
@both_options
def test_where_the_token_does_not_count_nobody_gets_one(mist, preset, parts):
    scene = mist(preset=preset, viewer=parts)
    client = scene.client()
    answer = client.ask(CAM1)
    assert (answer.status, answer.body, answer.cookies()) == (200, MASTER, {})
    assert client.ask(LONE1).body == MEDIA
    assert client.redirects == 0
    assert [seen.session is not None for seen in scene.site.seen] == [bool(parts)] * 2
    assert scene.count().sessions == bool(parts)
    assert not parts or scene.session.stored


def test_same_stream_and_token_elsewhere_is_the_same_by_default_and_another_by_the_preset(mist):
    defaults, preset = {"stream", "token"}, {"stream", "ip", "token"}
    assert Settings().viewer == defaults
    assert Settings(**presets.mistserver()).viewer == preset
    for parts, expected in ((defaults, 1), (preset, 2)):
        scene = mist(viewer=parts)
        for ip in (HOME, AWAY):
            asked(scene, **{**ONE, "ip": ip})
        assert scene.count().sessions == expected


def test_by_default_the_address_tells_nobody_apart(mist):
    scene = mist(preset=False)
    client = scene.client()
    client.ask(LONE1)
    assert scene.client(AWAY).ask(f"{LONE1}?tkn={client.token}").status == 200
    assert scene.count().sessions == 1


# --- M9: numbers that can be trusted ----------------------------------------------------------


def test_each_stream_s_number_of_viewers_is_right(mist):
    scene = mist()
    player = scene.client("192.0.2.10")
    written = player.ask(CAM1)
    for name in ("720p", "audio", "subs"):
        player.ask(uri(written, name))

    reloading = scene.client("192.0.2.20", keeps_cookies=True)
    reloading.watch()
    reloading.watch()

    together = [scene.client("192.0.2.30") for _ in range(2)]
    masters = [client.ask(CAM1) for client in together]
    for client, master in zip(together, masters, strict=True):
        client.ask(uri(master, "720p"))

    scene.ask(CAM1, ip="192.0.2.40")  # a link preview
    scene.ask(MPD1, "HEAD", ip="192.0.2.50")
    scene.ask(MPD1, "OPTIONS", ip="192.0.2.60")
    scene.ask(MPD1, ip="192.0.2.70", sec_purpose="prefetch")

    scene.client("192.0.2.80").watch("cam2")

    def watching() -> list[int]:
        return [scene.count(stream=stream).watching for stream in ("cam1", "cam2", None)]

    assert watching() == [4, 1, 5]
    assert [scene.sessions.streams()[name].watching for name in ("cam1", "cam2")] == [4, 1]
    scene.later(16)
    assert watching() == [0, 0, 0]
    assert scene.count().sessions == 0


def test_explain_says_which_session_a_request_belongs_to_and_why(mist):
    requests = []
    scene = mist(exclude=requests.append)  # which excludes nobody: it gives None
    client = scene.client()
    client.watch()
    client.ask("720p.m3u8?" + client.at.query)
    here = scene.session
    scene.client(AWAY).ask(f"{LONE1}?tkn={client.token}")
    elsewhere, before = scene.session, scene.count()

    [_, first, second, last] = [scene.sessions.explain(request) for request in requests[:4]]
    assert first.id == second.id == here.id
    assert last.id == elsewhere.id != here.id
    assert differing(first, second) == set()
    assert differing(first, last) == {"ip"}
    assert (first.kind, first.stream, first.state) == (Kind.VIEWER, "cam1", "live")
    assert (first.carrier, bool(first.why)) == ("query", True)
    assert client.token not in f"{first!r} {first.why} {dict(first.parts)}"
    assert scene.sessions.explain(f"{LONE1}?tkn={client.token}").stream == "cam1"
    assert scene.count() == before
    assert scene.sessions.get(here.id).requests == here.requests


def differing(one, other) -> set[str]:
    return {part for part in PARTS if one.parts.get(part) != other.parts.get(part)}
