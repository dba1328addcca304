"""Seed 000: when a session is over, how long a denial lasts, and INVALIDATE_SESSIONS."""

from __future__ import annotations

import pytest

from seeds.mist import CAM1, LONE1, LONE2, Door, uri
from sessionware import Cause

MINUTE, HOUR = 60, 3600


@pytest.fixture
def door() -> Door:
    return Door(opens=False)


# --- M11a: fifteen seconds --------------------------------------------------------------------


def test_a_session_is_over_after_fifteen_seconds_of_silence(mist, clock):
    scene = mist(sweep_every=0.05)
    client = scene.client()
    client.watch()
    first = scene.session.id
    clock.advance(14)
    client.ask("720p.m3u8?" + client.at.query)
    assert scene.session.id == first
    clock.advance(16)
    ends_once(scene, first)


def test_a_film_is_over_fifteen_seconds_after_its_last_segment(mist, clock):
    scene = mist(sweep_every=0.05)
    client = scene.client()
    playlist = client.watch("film")
    first = scene.session.id
    for _ in range(3):
        clock.advance(10)
        client.ask(uri(playlist, "s1.ts"))
        assert scene.session.id == first
    assert scene.count().sessions == 1
    clock.advance(16)
    ends_once(scene, first)


def ends_once(scene, first) -> None:
    """Nobody asks, and yet the end of that session is told of, once."""
    scene.wait_for("SessionEnded")
    scene.pause(0.2)
    scene.sessions.sweep()
    [event] = scene.told("SessionEnded")
    assert (event.cause, event.session) == (Cause.EXPIRED, first)
    assert scene.count().sessions == 0


def test_without_the_preset_it_is_two_minutes(mist, clock):
    scene = mist(preset=False)
    scene.client().watch()
    scene.later(119)
    assert scene.count().sessions == 1
    scene.later(2)
    assert scene.count().sessions == 0
    assert [event.cause for event in scene.told("SessionEnded")] == [Cause.EXPIRED]


# --- M11b, c: ten minutes for the denied ------------------------------------------------------


def test_the_denied_are_refused_for_ten_minutes_from_the_decision(mist, clock, door):
    scene = mist(admit=door)
    assert scene.ask(f"{CAM1}?tkn=alice").status == 403
    for wait in (1, 299, 299):
        clock.advance(wait)
        assert scene.ask(f"{CAM1}?tkn=alice").status == 403
        assert scene.ask(CAM1, cookie="tkn=alice").status == 403
    assert door.asked == ["cam1"]
    assert len(scene.told("SessionDenied")) == 1
    clock.advance(2)
    assert scene.ask(f"{CAM1}?tkn=alice").status == 403
    assert door.asked == ["cam1", "cam1"]


@pytest.mark.parametrize("silence", [16, 11 * MINUTE, 5 * HOUR])
def test_who_comes_back_is_a_new_session_and_never_refused(mist, silence):
    scene = mist(admit=Door())
    scene.ask(f"{LONE1}?tkn=alice")
    before = scene.session.id
    scene.site.handler = scribbled(scene.site.handler)
    scene.ask(f"{LONE1}?tkn=alice")
    assert scene.session.data == {"note": 1}
    started = scene.count().started
    scene.later(silence)
    comes_back(scene, before, started)


def test_the_denied_come_back_as_new_sessions_too(mist, door):
    scene = mist(admit=door)
    assert scene.ask(f"{LONE1}?tkn=alice").status == 403
    denied = scene.told("SessionDenied")[0].session
    scene.later(601)
    door.opens = True
    comes_back(scene, denied, 0)


def scribbled(handler):
    """Let the app keep something with each session that it has seen before."""

    def reply(seen):
        if not seen.session.new:
            seen.session.data["note"] = 1
        return handler(seen)

    return reply


def comes_back(scene, before, started) -> None:
    client = scene.client()
    assert client.ask(f"{LONE1}?tkn=alice").status == 200
    assert client.redirects == 0
    assert scene.session.new
    assert scene.session.id != before
    assert scene.session.data == {}
    client.ask(f"{LONE1}?tkn=alice")
    assert scene.count().started == started + 1


# --- M11d: INVALIDATE_SESSIONS ----------------------------------------------------------------


def test_invalidating_a_stream_lets_its_denied_ask_again(mist, clock, door):
    scene = mist(admit=door)
    assert scene.ask(f"{LONE1}?tkn=alice").status == 403
    assert scene.ask(f"{LONE2}?tkn=alice").status == 403
    clock.advance(10)
    door.opens = True
    assert scene.sessions.invalidate(stream="cam1") == 1
    assert scene.ask(f"{LONE1}?tkn=alice").status == 200
    assert scene.ask(f"{LONE2}?tkn=alice").status == 403
    assert door.asked == ["cam1", "cam2", "cam1"]
    [event] = scene.told("SessionsInvalidated")
    assert (event.stream, event.sessions) == ("cam1", 1)


def test_invalidating_a_stream_has_its_viewers_asked_for_again(mist):
    door = Door()
    scene = mist(admit=door)
    scene.ask(f"{LONE1}?tkn=alice")
    scene.ask(f"{LONE2}?tkn=alice")
    assert scene.sessions.invalidate(stream="cam1") == 1
    door.opens = False
    assert scene.ask(f"{LONE2}?tkn=alice").status == 200
    assert scene.ask(f"{LONE1}?tkn=alice").status == 403
    assert door.asked == ["cam1", "cam2", "cam1"]
    assert len(scene.told("SessionsInvalidated")) == 1


def test_who_is_still_welcome_after_it_goes_on_with_the_same_session(mist):
    door = Door()
    scene = mist(admit=door)
    for _ in range(2):
        scene.ask(f"{LONE1}?tkn=alice")
        scene.ask(f"{LONE1}?tkn=alice")
        scene.sessions.invalidate(stream="cam1")
    assert door.asked == ["cam1", "cam1"]
    assert len({seen.session.id for seen in scene.site.seen}) == 1


def test_invalidating_one_session_touches_no_other(mist):
    door = Door()
    scene = mist(admit=door)
    ids = []
    for token in ("alice", "bob"):
        scene.ask(f"{LONE1}?tkn={token}")
        ids.append(scene.session.id)
    assert scene.sessions.invalidate(id=ids[0]) == 1
    door.opens = False
    assert scene.ask(f"{LONE1}?tkn=bob").status == 200
    assert scene.ask(f"{LONE1}?tkn=alice").status == 403
    assert [event.session for event in scene.told("SessionsInvalidated")] == ids[:1]


def test_invalidating_everything_has_all_asked_again_but_those_that_deny_keeps_out(mist, clock):
    door = Door()
    scene = mist(admit=door)
    scene.sessions.deny(token="eve", stream="cam1")
    scene.ask(f"{LONE1}?tkn=alice")
    scene.ask(f"{LONE2}?tkn=bob")
    assert scene.ask(f"{LONE1}?tkn=eve").status == 403
    clock.advance(1)
    assert scene.sessions.invalidate() == 2
    assert scene.ask(f"{LONE1}?tkn=alice").status == 200
    assert scene.ask(f"{LONE2}?tkn=bob").status == 200
    assert scene.ask(f"{LONE1}?tkn=eve").status == 403
    assert door.asked == ["cam1", "cam2"] * 2
