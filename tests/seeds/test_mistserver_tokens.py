"""Seed 000: tokens, once called session ids: who makes them, and where they travel."""

from __future__ import annotations

import re

import pytest

from seeds.mist import (
    CAM1,
    CAM2,
    CORE,
    LONE1,
    LONE2,
    MPD1,
    Mist,
    both_options,
    token_in,
    uri,
)
from support.story import uris_of

CHILDREN = ("audio", "subs", "720p")


def all_carry(answer, token: str) -> bool:
    """Tell whether all URIs in a manifest carry this token, and nothing else of ours."""
    written = uris_of(answer)
    assert "sid=" not in answer.text
    assert "sessId=" not in answer.text
    return bool(written) and [token_in(one) for one in written] == [token] * len(written)


def own_token(scene: Mist) -> str:
    """Get a token that the server made, as a client whose cookie jar stays empty."""
    return token_in(uri(scene.client().ask(CAM1), "720p"))


# --- M19 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sid", "sessId"])
def test_the_names_that_tokens_had_before_are_read_and_written_as_tkn(mist, name):
    scene = mist()
    scene.ask(f"{LONE1}?tkn=alice")
    first = scene.session.id
    scene.ask(f"{LONE1}?{name}=alice")
    assert scene.session.id == first
    assert all_carry(scene.ask(f"{CAM1}?x=1&{name}=alice"), "alice")
    assert scene.count().sessions == 1


@both_options
def test_one_token_follows_its_user_to_another_protocol_and_stream(mist, preset):
    scene = mist(preset=preset)
    token = own_token(scene)
    before = scene.session.requests
    client = scene.client()
    answers = [client.ask(f"{target}?tkn={token}") for target in (LONE1, MPD1, LONE2)]
    assert [answer.status for answer in answers] == [200] * 3
    assert [answer.cookies() for answer in answers] == [{}] * 3
    assert client.redirects == 0
    assert all_carry(client.ask(f"{CAM2}?tkn={token}"), token)
    found = {session.stream: session for session in scene.sessions.by_token(token)}
    assert sorted(found) == ["cam1", "cam2"]
    assert found["cam1"].requests == before + 2


# --- M21c, M21d: cookie, URL, or both ---------------------------------------------------------


@both_options
def test_a_token_counts_by_url_and_by_cookie_alike(mist, preset):
    scene = mist(preset=preset)
    client = scene.client()
    client.watch()
    first, token = scene.session.id, client.token
    scene.ask(client.at.target)
    assert scene.session.id == first
    scene.ask(LONE1, cookie=f"tkn={token}")
    assert scene.session.id == first


@both_options
def test_written_to_the_url_alone_there_is_no_cookie(mist, preset):
    scene = mist(preset=preset, write=("query",))
    client = scene.client(keeps_cookies=True)
    answer = client.ask(CAM1)
    assert all_carry(answer, token_in(uri(answer, "720p")))
    client.ask(uri(answer, "720p"))
    assert client.cookies == {}


@both_options
def test_written_to_the_cookie_alone_children_carry_the_link_at_most(mist, preset):
    scene = mist(preset=preset, write=("cookie",))
    client = scene.client(keeps_cookies=True)
    answer = client.ask(CAM1)
    assert (client.redirects, answer.status, list(client.cookies)) == (0, 200, ["tkn"])
    values = [one.partition("tkn=")[2] for one in uris_of(answer)]
    assert all(value.startswith(".") for value in values)
    ids = []
    for name in CHILDREN:
        scene.clock.advance(1)
        client.ask(uri(answer, name))
        ids.append(scene.session.id)
    assert len(set(ids)) == scene.count().sessions == 1


@both_options
def test_who_reads_the_url_alone_ignores_the_cookie(mist, preset):
    scene = mist(preset=preset, read=("query",), write=("query",))
    token = own_token(scene)
    scene.ask(f"{LONE1}?tkn={token}")
    before = scene.session
    client = scene.client()
    written = uri(client.ask(CAM1, cookie=f"tkn={token}"), "720p")
    assert token_in(written) != token
    assert scene.session.id != before.id
    assert client.redirects == (0 if preset else 1)


@both_options
def test_who_reads_the_cookie_alone_ignores_the_url(mist, preset):
    scene = mist(preset=preset, read=("cookie",), write=("cookie",))
    client = scene.client(keeps_cookies=True)
    client.watch()
    before, token = scene.session, client.cookies["tkn"]
    other = scene.client(keeps_cookies=True)
    other.ask(f"{CAM1}?tkn={token}")
    assert other.cookies["tkn"] != token
    other.ask(f"{LONE1}?tkn={token}")
    assert scene.session.id != before.id
    assert scene.sessions.get(before.id).requests == before.requests


def test_the_first_answer_carries_the_token_in_the_url_and_in_a_cookie(mist):
    scene = mist(preset=False)
    first = scene.world.get(CAM1)
    assert first.status == 307
    assert first.cookies() == {"tkn": token_in(first.location)}


def test_the_first_manifest_carries_the_token_in_its_uris_and_in_a_cookie(mist):
    answer = mist().ask(CAM1)
    assert list(answer.cookies()) == ["tkn"]
    assert all_carry(answer, answer.cookies()["tkn"])


# --- M21f, M33: the URL goes first ------------------------------------------------------------


@both_options
def test_the_url_goes_before_the_cookie(mist, preset):
    scene = mist(preset=preset)
    first, second = own_token(scene), own_token(scene)
    sessions = []
    for token in (first, second):
        scene.ask(f"{LONE1}?tkn={token}")
        sessions.append(scene.session)
    scene.clock.advance(5)
    answer = scene.ask(f"{CAM1}?tkn={first}", cookie=f"tkn={second}")
    assert all_carry(answer, first)
    one, other = (scene.sessions.get(session.id) for session in sessions)
    assert one.requests == sessions[0].requests + 1
    assert (other.requests, other.last_seen) == (sessions[1].requests, sessions[1].last_seen)


def test_explain_names_the_carrier_that_went_first(mist):
    requests = []
    scene = mist(preset=False, exclude=requests.append)
    first, second = own_token(scene), own_token(scene)
    requests.clear()
    scene.ask(f"{LONE1}?tkn={first}", cookie=f"tkn={second}")
    scene.ask(LONE1, cookie=f"tkn={second}")
    carriers = [scene.sessions.explain(request).carrier for request in requests[:2]]
    assert carriers == ["query", "cookie"]


@pytest.mark.parametrize("unusable", ["a" * 513, "a%2Fb", "a%20b", ""])
@both_options
def test_what_is_no_token_in_the_url_leaves_it_to_the_cookie(mist, preset, unusable):
    scene = mist(preset=preset)
    token = own_token(scene)
    scene.ask(f"{LONE1}?tkn={token}")
    first = scene.session.id
    answer = scene.ask(f"{CAM1}?tkn={unusable}", cookie=f"tkn={token}")
    assert scene.session.id == first
    assert all_carry(answer, token)


# --- M21g: a token of one's own ---------------------------------------------------------------


@pytest.mark.parametrize("sent", [("?tkn=alice", {}), ("", {"cookie": "tkn=alice"})])
def test_a_client_may_bring_its_own_token(mist, sent):
    scene = mist()
    client = scene.client()
    query, headers = sent
    answer = client.ask(CAM1 + query, **headers)
    assert (answer.status, client.redirects) == (200, 0)
    assert all_carry(answer, "alice")
    playlist = client.ask(uri(answer, "720p"))
    assert scene.session.stream == "cam1"
    assert len(scene.sessions.by_token("alice")) == 1
    assert all_carry(playlist, "alice")


@pytest.mark.parametrize("sent", [("?tkn=alice", ()), ("", (("Cookie", "tkn=alice"),))])
def test_by_default_a_token_of_the_client_s_is_replaced(mist, sent):
    scene = mist(preset=False)
    query, headers = sent
    answer = scene.world.get(CAM1 + query, headers=headers)
    assert answer.status == 307
    assert re.fullmatch(CORE, token_in(answer.location))
    assert "alice" not in str(answer)
