"""Seed 000: outputs, which go out and are no viewers, and what else a process can be."""

from __future__ import annotations

import pytest

from seeds.mist import AWAY, CAM1, HOME, LONE1, PROBE, WITH_PROBE
from sessionware import Cause, Kind

OUTPUT = {"kind": Kind.OUTPUT, "stream": "cam1"}


def outputs(scene, **what) -> int:
    return scene.count(Kind.OUTPUT, **what).sessions


# --- M25: all kinds ---------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [{"stream", "ip"}, frozenset()], ids=["counted", "not counted"])
def test_one_of_each_kind_is_there_at_once(mist, parts):
    scene = mist(unspecified=parts, stream_info="unspecified", **WITH_PROBE)
    scene.ask(f"{LONE1}?tkn=alice")
    scene.ask(CAM1, "PUT")
    scene.ask(PROBE)
    with scene.hold(OUTPUT):
        shown = {kind: len(scene.listed(kind=kind)) for kind in list(Kind)[:4]}
    expected = dict.fromkeys((Kind.VIEWER, Kind.INPUT, Kind.OUTPUT), 1)
    assert shown == {**expected, Kind.UNSPECIFIED: int(bool(parts))}


def test_a_process_is_input_and_output_at_once(mist):
    scene = mist()
    low = {"kind": Kind.INPUT, "stream": "cam1-low"}
    with scene.hold(OUTPUT, low) as [out, back]:
        assert out.id != back.id
        assert outputs(scene, stream="cam1") == 1
        assert scene.count(Kind.INPUT, stream="cam1-low").sessions == 1
        assert scene.count().watching == 0
    assert (scene.listed(), scene.count().sessions) == ((), 0)
    assert {event.session for event in scene.told("SessionEnded")} == {out.id, back.id}


def test_a_process_of_no_kind_holds_nothing_that_counts(mist):
    scene = mist()
    with scene.hold({"kind": Kind.UNSPECIFIED, "stream": "cam1"}) as [held]:
        held.touch(bytes_up=5, bytes_down=7)
        assert (held.kind, held.stream) == (Kind.UNSPECIFIED, "cam1")
        assert scene.listed() == scene.listed(kind=Kind.UNSPECIFIED) == ()
        assert scene.count().sessions == scene.count(Kind.UNSPECIFIED).sessions == 0
    assert scene.events == []


# --- M51: what goes out -----------------------------------------------------------------------


def test_an_output_is_no_viewer_and_takes_no_viewer_s_place(mist):
    scene = mist(max_sessions=1)
    with scene.hold(OUTPUT):
        assert (outputs(scene), scene.count().watching) == (1, 0)
        assert scene.ask(f"{LONE1}?tkn=alice").status == 200
        assert scene.ask(f"{LONE1}?tkn=bob", ip=AWAY).status == 403
        assert scene.count(Kind.VIEWER).sessions == 1


def test_pushes_out_are_listed_and_their_bytes_add_up(mist):
    scene = mist()
    pushes = ({**OUTPUT, "protocol": "RTMP"}, {**OUTPUT, "protocol": "HTTP", "ip": ""})
    with scene.hold(*pushes) as held:
        shown = {session.id: session.protocol for session in scene.listed(kind=Kind.OUTPUT)}
        assert shown == {held[0].id: "RTMP", held[1].id: "HTTP"}
        for sent in (1000, 234):
            held[0].touch(bytes_down=sent)
        assert scene.sessions.get(held[0].id).bytes_down == 1234
        assert scene.sessions.get(held[1].id).bytes_down == 0
        assert scene.count(Kind.OUTPUT).bytes_down == 1234
    for name in ("SessionStarted", "SessionEnded"):
        assert sorted(event.session for event in scene.told(name)) == sorted(shown)
    assert {event.cause for event in scene.told("SessionEnded")} == {Cause.CLOSED}
    assert sorted(event.stats.bytes_down for event in scene.told("SessionEnded")) == [0, 1234]


# --- M53 to M56: stream, address, process, protocol -------------------------------------------


def test_an_output_s_stream_and_target_are_what_it_says(mist):
    scene = mist()
    with scene.hold({**OUTPUT, "ip": "203.0.113.9"}) as [held]:
        assert [session.id for session in scene.listed(stream="cam1")] == [held.id]
        assert scene.listed(stream="cam2") == ()
        assert held.ip == "203.0.113.9"
        assert [session.ip for session in scene.listed(kind=Kind.OUTPUT)] == [held.ip]


def test_an_output_is_its_process_unless_it_names_a_token(mist):
    scene = mist()
    with scene.hold(OUTPUT, OUTPUT):
        assert outputs(scene) == 2
    named = {**OUTPUT, "token": "push-1"}
    with scene.hold(named, named) as [one, other]:
        assert one.id == other.id
        assert outputs(scene) == 1


def test_where_an_output_s_protocol_counts_it_tells_two_apart(mist):
    scene = mist(output={"stream", "protocol"})
    srt, rtmp = ({**OUTPUT, "protocol": protocol} for protocol in ("SRT", "RTMP"))
    with scene.hold(srt, rtmp) as held:
        assert [session.protocol for session in held] == ["SRT", "RTMP"]
        assert outputs(scene) == 2
    with scene.hold(srt, srt):
        assert outputs(scene) == 1


# --- M58: a new output ------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"stream": "cam2"}, {"ip": AWAY}, {"token": "push-2"}])
def test_another_stream_target_or_token_is_a_new_output(mist, change):
    scene = mist(preset=False)
    first = {**OUTPUT, "ip": HOME, "token": "push-1"}
    with scene.hold(first):
        assert outputs(scene) == 1
        with scene.hold({**first, **change}):
            assert outputs(scene) == 2


def test_each_push_out_is_an_output_of_its_own(mist):
    scene = mist(preset=False)
    with scene.hold(OUTPUT, OUTPUT) as [one, other]:
        assert one.id != other.id
        assert outputs(scene) == 2
    assert outputs(scene) == 0
