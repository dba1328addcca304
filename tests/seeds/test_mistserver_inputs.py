"""Seed 000: inputs, which bring a stream in, by HTTP or by a process of the app's own."""

from __future__ import annotations

import pytest

from seeds.mist import AWAY, CAM1, CAM2, HOME, LONE1, MASTER, MPD1, token_in, uri
from seeds.process import processes
from sessionware import Cause, Kind

INPUT = {"kind": Kind.INPUT, "stream": "cam1", "ip": HOME}


def inputs(scene, **what) -> int:
    return scene.count(Kind.INPUT, **what).sessions


# --- M21b, M44: the process is the token ------------------------------------------------------


def test_two_processes_that_hold_an_input_are_two(mist, world_kind, tmp_path):
    store = f"sqlite:///{tmp_path}/sessions.db"
    scene = mist(store=store)
    with processes(2, world_kind, store) as two:
        ids = {process.does("hold", {**INPUT}) for process in two}
        assert len(ids) == inputs(scene) == 2
        assert {session.id for session in scene.listed(kind=Kind.INPUT)} == ids
    assert inputs(scene) == 0


def test_the_requests_of_one_push_are_one_input_whatever_process_they_reach(
    mist, world_kind, tmp_path
):
    store = f"sqlite:///{tmp_path}/sessions.db"
    scene = mist(store=store)
    with processes(4, world_kind, store) as four:
        statuses = [process.does("put", CAM1, HOME) for process in four * 2]
    assert statuses == [200] * 8
    [only] = scene.listed(kind=Kind.INPUT)
    assert (only.stream, only.ip, only.requests) == ("cam1", HOME, 8)


def test_pushes_that_carry_different_tokens_are_two_inputs(mist):
    scene = mist()
    for token in ("a", "b", "a"):
        scene.ask(f"{CAM1}?tkn={token}", "PUT")
        assert scene.session.kind is Kind.INPUT
    assert inputs(scene) == 2


# --- M40: what comes in -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_push_reaches_the_app_and_is_answered_untouched(mist, method):
    scene = mist()
    client = scene.client()
    answer = client.ask(f"{CAM1}?response=200", method, body=b"#EXTM3U\npushed\n")
    assert (scene.site.last.method, scene.site.last.body) == (method, b"#EXTM3U\npushed\n")
    assert scene.site.last.query == "response=200"
    assert (answer.status, answer.body, client.redirects) == (200, MASTER, 0)
    assert not {"set-cookie", "cache-control", "vary"} & {name for name, _ in answer.headers}
    assert scene.session.kind is Kind.INPUT
    assert (inputs(scene), scene.count().watching) == (1, 0)


def test_the_segments_of_a_push_add_to_its_bytes(mist):
    scene = mist()
    scene.ask(CAM1, "PUT", body=b"#EXTM3U\n")
    first = scene.session.id
    before = scene.sessions.get(first).bytes_up
    for _ in range(2):
        scene.ask("/hls/cam1/s1.ts", "PUT", body=b"1234567")
        assert scene.session.id == first
    assert scene.sessions.get(first).bytes_up == before + 14
    assert scene.count(Kind.INPUT).bytes_up == before + 14
    assert (inputs(scene), scene.count().watching) == (1, 0)


def test_a_route_holds_an_input_for_as_long_as_it_runs(mist):
    scene = mist()
    with scene.hold({**INPUT, "protocol": "SRT"}) as [held]:
        first = held.id
        assert (inputs(scene), held.protocol) == (1, "SRT")
    assert inputs(scene) == 0
    [started], [ended] = scene.told("SessionStarted"), scene.told("SessionEnded")
    assert started.session == ended.session == first
    assert (started.kind, ended.kind) == (Kind.INPUT, Kind.INPUT)
    assert ended.cause == Cause.CLOSED == "closed"


# --- M42 to M45: stream, address, protocol ----------------------------------------------------


def test_an_input_s_stream_is_that_of_what_it_pushes(mist):
    scene = mist()
    scene.ask(CAM1, "PUT")
    assert scene.session.stream == "cam1"
    assert inputs(scene, stream="cam1") == 1
    assert inputs(scene, stream="cam2") == 0


def test_two_publishers_are_two_inputs(mist):
    scene = mist()
    for ip in (HOME, AWAY, HOME):
        scene.ask(CAM1, "PUT", ip=ip)
        assert scene.session.ip == ip
    assert inputs(scene) == 2


@pytest.mark.parametrize("counts", [False, True], ids=["does not count", "counts"])
def test_an_input_s_protocol_is_that_of_what_it_pushes(mist, counts):
    parts = {"stream", "ip", "token", "protocol"} if counts else {"stream", "ip", "token"}
    scene = mist(input=parts)
    for target, protocol in ((LONE1, "HLS"), (MPD1, "DASH"), (LONE1, "HLS")):
        scene.ask(target, "PUT")
        if counts:
            assert scene.session.protocol == protocol
    assert inputs(scene) == (2 if counts else 1)


def test_the_protocol_of_an_input_that_a_route_holds_is_what_it_says(mist):
    with mist().hold({**INPUT, "protocol": "RTMP"}) as [held]:
        assert held.protocol == "RTMP"


# --- M47: a new input -------------------------------------------------------------------------


def test_ten_pushes_are_one_input_and_another_address_or_stream_is_another(mist):
    scene = mist(preset=False)
    for target, ip, expected in ((CAM1, HOME, 1), (CAM1, AWAY, 2), (CAM2, HOME, 3)):
        for _ in range(10):
            scene.ask(target, "PUT", ip=ip)
        assert inputs(scene) == expected


def test_each_push_is_an_input_of_its_own(mist):
    scene = mist(preset=False)
    with scene.hold(INPUT, INPUT) as [one, other]:
        assert one.id != other.id
        assert inputs(scene) == 2
    tokens = [token_in(uri(scene.ask(CAM1), "720p")) for _ in range(2)]
    for token in tokens * 2:
        scene.ask(f"{CAM1}?tkn={token}", "PUT")
    assert inputs(scene) == 2
