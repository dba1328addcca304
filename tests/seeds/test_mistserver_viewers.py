"""Seed 000: viewers, by the stream, the address, the token and the protocol."""

from __future__ import annotations

import pytest

from seeds.mist import (
    AWAY,
    CAM1,
    HOME,
    LONE1,
    LONE2,
    MPD1,
    PROXY,
    Door,
    both_options,
    token_in,
    uri,
)
from sessionware import Kind

# --- M31: the stream --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [CAM1, LONE1, MPD1, "/hls//cam1/./index.m3u8", "/hls/c%61m1/index.m3u8"]
)
@both_options
def test_a_stream_has_one_name_however_it_is_asked_for(mist, preset, path):
    scene = mist(preset=preset)
    scene.ask(path)
    assert scene.session.stream == "cam1"


@pytest.mark.parametrize("child", ["720p", "audio", "subs"])
@both_options
def test_a_child_belongs_to_the_stream_whose_manifest_names_it(mist, preset, child):
    scene = mist(preset=preset)
    scene.client().watch(child=child)
    assert scene.session.stream == "cam1"


# --- M32: the address -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "headers", "ip"),
    [
        (HOME, {}, HOME),
        (HOME, {"X-Forwarded-For": AWAY}, HOME),
        (HOME, {"Forwarded": f"for={AWAY}"}, HOME),
        (PROXY, {"X-Forwarded-For": f"198.51.100.7, {AWAY}, 10.0.0.2"}, AWAY),
        (PROXY, {"Forwarded": f"for=198.51.100.7, for={AWAY};proto=https, for=10.0.0.2"}, AWAY),
        (PROXY, {"X-Forwarded-For": f"::ffff:{HOME}"}, HOME),
        (f"::ffff:{HOME}", {}, HOME),
    ],
)
def test_the_address_is_the_peer_s_or_what_a_trusted_proxy_says(mist, peer, headers, ip):
    scene = mist(trusted_proxies=("10.0.0.0/8",))
    scene.world.get(LONE1, peer=peer, headers=tuple(headers.items()))
    assert scene.session.ip == ip


@pytest.mark.parametrize(("prefix", "expected"), [(64, 1), (128, 2)])
def test_of_an_ipv6_address_the_prefix_counts(mist, prefix, expected):
    scene = mist(ipv6_prefix=prefix)
    for ip in ("2001:db8::1", "2001:db8::2"):
        scene.ask(f"{LONE1}?tkn=alice", ip=ip)
    assert scene.count().sessions == expected
    scene.ask(f"{LONE1}?tkn=alice", ip="2001:db8:0:1::1")
    assert scene.count().sessions == expected + 1


# --- M34: the protocol ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "protocol"), [(CAM1, "HLS"), (f"{LONE1}?_HLS_msn=7", "HLS"), (MPD1, "DASH")]
)
def test_the_protocol_is_that_of_the_manifest(mist, target, protocol):
    scene = mist()
    scene.ask(f"{target}{'&' if '?' in target else '?'}tkn=alice")
    assert scene.session.protocol == protocol


def test_the_protocol_of_a_viewer_that_a_route_holds_is_what_it_says(mist):
    scene = mist()
    with scene.hold({"kind": Kind.VIEWER, "stream": "cam1", "protocol": "MP4"}) as [held]:
        assert (held.kind, held.protocol) == (Kind.VIEWER, "MP4")
        assert scene.count(protocol="MP4").sessions == 1
        assert scene.count(protocol="HLS").sessions == 0


def test_where_the_protocol_counts_dash_is_another_viewer_and_low_latency_is_not(mist):
    scene = mist(viewer={"stream", "ip", "token", "protocol"})
    for target, sessions in ((LONE1, 1), (f"{LONE1}?_HLS_msn=7", 1), (MPD1, 2)):
        scene.ask(f"{target}{'&' if '?' in target else '?'}tkn=alice")
        assert scene.count().sessions == sessions


def test_an_mp4_of_the_stream_touches_its_viewer_and_begins_none(mist):
    scene = mist()
    assert scene.ask("/hls/cam1/init.mp4?tkn=alice").status == 200
    assert scene.session is None
    assert scene.count().sessions == 0
    scene.ask(f"{LONE1}?tkn=alice")
    first = scene.session
    scene.later(10)
    scene.ask("/hls/cam1/init.mp4?tkn=alice")
    scene.later(10)
    assert scene.sessions.get(first.id).requests == first.requests + 1
    assert scene.count().sessions == 1


# --- M36: a new viewer ------------------------------------------------------------------------


def test_another_token_address_or_stream_is_a_new_viewer(mist):
    scene = mist()
    ids = []
    for target, ip in (
        (f"{LONE1}?tkn=alice", HOME),
        (f"{LONE1}?tkn=bob", HOME),
        (f"{LONE1}?tkn=alice", AWAY),
        (f"{LONE2}?tkn=alice", HOME),
    ):
        assert scene.ask(target, ip=ip).status == 200
        assert scene.session.new
        ids.append(scene.session.id)
        assert scene.count().sessions == len(set(ids)) == len(ids)


@pytest.mark.parametrize("after", [1, 600])
def test_the_address_may_change_at_any_time_without_a_redirect(mist, after):
    scene = mist()
    client = scene.client()
    client.watch()
    child, token = client.at.target, client.token
    for _ in range(after // 10):
        scene.later(10)
        client.ask(child)
    scene.later(after % 10)
    moved = scene.client(AWAY, "Other/1")
    assert token_in(uri(moved.ask(f"{CAM1}?tkn={token}"), "720p")) == token
    assert moved.ask(child).status == 200
    assert moved.redirects == 0
    assert scene.count().sessions == 2


@pytest.mark.parametrize("after", [1, 600])
def test_by_default_another_address_is_no_new_viewer(mist, after):
    scene = mist(preset=False)
    client = scene.client()
    client.watch()
    first, child = scene.session.id, client.at.target
    for _ in range(after // 100):
        scene.later(100)
        client.ask(child)
    moved = scene.client(AWAY)
    assert moved.ask(child).status == 200
    assert (scene.session.id, moved.redirects, scene.count().sessions) == (first, 0, 1)


@pytest.mark.parametrize("by_cookie", [False, True], ids=["url", "cookie"])
@both_options
def test_a_viewer_may_change_the_protocol_and_come_back(mist, preset, by_cookie):
    scene = mist(preset=preset)
    client = scene.client()
    client.watch()
    child, token = client.at.target, client.token
    scene.later(1)
    if by_cookie:
        assert scene.ask(MPD1, cookie=f"tkn={token}").status == 200
    else:
        assert client.ask(f"{MPD1}?tkn={token}").status == 200
    assert scene.session.stream == "cam1"
    client.ask(child)
    assert (scene.count().sessions, scene.count().started) == (1, 1)
    assert len(scene.told("SessionStarted")) == 1


@pytest.mark.parametrize(("preset", "over"), [(True, 16), (False, 121)], ids=["preset", "defaults"])
def test_another_stream_makes_a_new_viewer_of_that_stream(mist, preset, over):
    door = Door()
    scene = mist(preset=preset, admit=door)
    client = scene.client()
    client.watch()
    child, token = client.at.target, client.token
    assert client.watch("cam2", token=token).status == 200
    other = client.at.target
    there = scene.count(stream="cam2")
    assert (there.sessions, there.started) == (1, 1)
    assert door.asked == ["cam1", "cam2"]
    client.ask(child)
    assert (scene.session.stream, scene.count(stream="cam1").sessions) == ("cam1", 1)
    scene.later(over - 10)
    client.ask(other)
    scene.later(10)
    assert scene.count(stream="cam1").sessions == 0
    assert scene.count(stream="cam2").sessions == 1
