"""Stable hints: how a player names its own playback (SPEC 3, P1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import hints
from support.values import request

UUID = "6e2fb550-c457-11e9-bb97-0800200c9a66"
LONG = "abcdefghijklmnopqrstuv"  # 22 characters
BOTH = hints.NAMES
KEY = b"i" * 32


def find(query: str = "", names=BOTH, **headers: str) -> str | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return hints.find(request(query=query, headers=named), names)


@pytest.mark.parametrize(
    ("headers", "query", "hint"),
    [
        ({"x_playback_session_id": UUID}, "", f"playback-session-id={UUID}"),
        ({"x_playback_session_id": UUID.upper()}, "", f"playback-session-id={UUID.upper()}"),
        ({"x_playback_session_id": LONG}, "", f"playback-session-id={LONG}"),
        ({"cmcd_session": f'sid="{UUID}"'}, "", f"cmcd={UUID}"),
        ({"cmcd_session": f'cid="a",pr=1, sid="{LONG}",sf=h'}, "", f"cmcd={LONG}"),
        ({}, f"CMCD=bs,sid%3D%22{UUID}%22", f"cmcd={UUID}"),
        ({}, f'a=1&CMCD=sid="{UUID}"&b', f"cmcd={UUID}"),
    ],
)
def test_a_hint_is_found_where_players_put_it(headers, query, hint):
    assert find(query, **headers) == hint


@pytest.mark.parametrize(
    "hint", ["", "1", "player", "x" * 21, LONG[:-1], "x" * 129, LONG + " ", LONG + "\n",
             LONG + "ä", LONG + ",", "\x00" * 30]
)  # fmt: skip
def test_what_others_may_have_too_is_no_hint(hint):
    assert find(x_playback_session_id=hint) is None
    assert find(cmcd_session=f'sid="{hint}"') is None


@pytest.mark.parametrize(
    "query",
    [
        f"xCMCD=sid%3D%22{UUID}%22",
        f"CMCD=xsid%3D%22{UUID}%22",
        f"CMCD=sid%3D{UUID}",
        f'a=CMCD=sid="{UUID}"',
        f'cmcd=sid="{UUID}"',
        "CMCD=",
        "CMCD",
        "CMCD=%ff%00sid",
    ],
)
def test_what_only_looks_like_a_sid_is_no_hint(query):
    assert find(query) is None


def test_only_the_hints_of_the_option_are_read_and_in_its_order():
    query = f"CMCD=sid%3D%22{LONG}%22"
    assert find(query, (), x_playback_session_id=UUID) is None
    assert find(query, ("cmcd",), x_playback_session_id=UUID) == f"cmcd={LONG}"
    assert find(query, BOTH[::-1], x_playback_session_id=UUID) == f"cmcd={LONG}"
    assert find(query, BOTH, x_playback_session_id=UUID) == f"playback-session-id={UUID}"
    assert find(query, BOTH, x_playback_session_id="short") == f"cmcd={LONG}"


def digest(hint=f"cmcd={UUID}", key=KEY, **client: str) -> bytes:
    return hints.digest(key, hint, request(**client))


def test_p1_a_player_that_returns_gets_the_same_digest():
    assert digest() == digest(ip="192.0.2.200")  # moved about in its network
    assert len(digest()) == 16


@pytest.mark.parametrize(
    "other",
    [
        {"ip": "198.51.100.1"},
        {"user_agent": "player/2"},
        {"key": b"j" * 32},
        {"hint": f"playback-session-id={UUID}"},
        {"hint": f"cmcd={LONG}"},
    ],
    ids=str,
)
def test_who_learns_a_sid_from_a_log_gets_another_digest_than_its_owner(other):
    assert digest(**other) != digest()


@given(st.text(max_size=8), st.text(max_size=8), st.integers(1, 8))
def test_no_part_of_a_digest_can_spill_into_the_next(hint, agent, length):
    moved = hint + agent[:length], agent[length:]
    same = moved == (hint, agent)
    assert (digest(hint, user_agent=agent) == digest(moved[0], user_agent=moved[1])) is same
