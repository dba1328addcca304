"""Who is the same viewer: key and id (SPEC 4)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import token as tokens
from sessionware.identity import (
    PARTS,
    TOKEN,
    ip_part,
    name_of,
    parse_session_id,
    session_id,
    session_key,
)
from sessionware.request import Kind
from sessionware.visit import Visit
from support.values import rules

if TYPE_CHECKING:
    from sessionware.token import Token

IDKEY = b"i" * 32
TEXT = st.one_of(st.none(), st.text("ab\xff\x00", max_size=4))
BYTES = st.one_of(st.none(), st.binary(max_size=4))
IDENTITIES = st.tuples(
    st.sampled_from([Kind.VIEWER, Kind.INPUT]),
    TEXT,
    st.text("ab", max_size=2),
    TEXT,
    BYTES,
    BYTES,
    TEXT,
)
ONE = {"stream": "cam1", "ip": "192.0.2.7", "token": "one", "protocol": "/a.m3u8"}
OTHER = {"stream": "cam2", "ip": "192.0.2.8", "token": "two", "protocol": "/a.mpd"}


def visit(
    parts: set[str],
    kind: Kind = Kind.VIEWER,
    service: str = "",
    user: str | None = None,
    options: dict[str, Any] | None = None,
    idkey: bytes = IDKEY,
    **different: str,
) -> tuple[Visit, Token]:
    """One who asks for something, and the token that they carry."""
    said = {**ONE, **different}
    of_parts = rules(**{kind.value: parts}, **options or {})
    of_parts.idkey = idkey
    place = of_parts._place(said["protocol"])
    request, carried = SimpleNamespace(ip=said["ip"]), SimpleNamespace(service=service)
    made = Visit(of_parts, request, place, carried, kind, said["stream"], 0.0, False, user)
    return made, tokens.foreign(said["token"])


def key(*how, **different) -> bytes:
    made, token = visit(*how, **different)
    return made.key(token)


def mark(*how, **different) -> bytes:
    made, token = visit(*how, **different)
    return made.mark(token)


@pytest.mark.parametrize("kind", [Kind.VIEWER, Kind.INPUT, Kind.OUTPUT, Kind.UNSPECIFIED])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("chosen", [{"stream"}, {"ip", "token"}, set(PARTS), {"protocol"}], ids=str)
def test_a_part_tells_sessions_apart_if_and_only_if_it_was_chosen(kind, part, chosen):
    different = key(chosen, kind, **{part: OTHER[part]})
    assert (different != key(chosen, kind)) is (part in chosen)


def test_kind_service_and_user_always_tell_sessions_apart():
    keys = {
        key({"stream"}, kind, service, user)
        for kind in (Kind.VIEWER, Kind.INPUT)
        for service in "ab"
        for user in (None, "ann", "bob")
    }
    assert len(keys) == 12


@pytest.mark.parametrize("part", PARTS)
def test_the_mark_is_the_tokens_on_a_stream_whatever_the_ip_and_the_protocol(part):
    usual, other = (mark(set(PARTS), **more) for more in ({}, {part: OTHER[part]}))
    assert (usual != other) is (part in {"stream", "token"})


@pytest.mark.parametrize("parts", [{"stream", "token"}, {"token"}, {"stream"}], ids=str)
def test_where_neither_counts_the_mark_is_the_key(parts):
    assert mark(parts) == key(parts)


def test_without_a_token_the_mark_is_the_key():
    made, _ = visit({"stream", "ip", "token"}, Kind.INPUT)
    assert made.mark(None) == made.key(None)


@given(IDENTITIES, IDENTITIES)
def test_two_identities_have_one_key_only_if_they_are_equal(one, other):
    assert (session_key(IDKEY, *one) == session_key(IDKEY, *other)) is (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", b"c"), ("a", b"bc")),
        (("", b"ab"), ("ab", b"")),
        ((None, b""), ("", None)),
        (("\xff\xff\xff\xff", None), (None, b"\xff\xff\xff\xff")),
        ((None, b"x"), ("", b"x")),
    ],
)
def test_lengths_keep_the_parts_of_a_key_apart(one, other):
    keys = [session_key(IDKEY, Kind.VIEWER, None, "", *parts, b"t", None) for parts in (one, other)]
    assert keys[0] != keys[1]


def test_rotating_the_secret_moves_nobody_and_another_store_shares_nothing():
    keys = [
        key({"stream", "token"}, options={"secret": secret * 32}, idkey=idkey)
        for secret, idkey in (("a", IDKEY), ("b", IDKEY), ("a", b"j" * 32))
    ]
    assert keys[0] == keys[1] != keys[2]
    assert {len(key) for key in keys} == {16}


@pytest.mark.parametrize("name", ["\udcff", "ä", "\x00", "a/../b"])
def test_any_stream_name_has_a_key(name):
    assert len(key({"stream"}, stream=name)) == 16


@pytest.mark.parametrize(
    ("ip", "prefix", "part"),
    [
        ("192.0.2.7", 128, "00000000000000000000ffffc0000207"),
        ("::ffff:192.0.2.7", 128, "00000000000000000000ffffc0000207"),
        ("192.0.2.7", 64, "00000000000000000000ffffc0000207"),  # the prefix is IPv6's only
        ("::ffff:192.0.2.7", 1, "00000000000000000000ffffc0000207"),
        ("2001:db8::ff01", 128, "20010db800000000000000000000ff01"),
        ("2001:DB8:0:0::ff01", 128, "20010db800000000000000000000ff01"),
        ("2001:db8::ff01", 124, "20010db800000000000000000000ff00"),
        ("2001:db8:1:2:3::", 64, "20010db8000100020000000000000000"),
        ("2001:db8:1:2:3::", 1, "00000000000000000000000000000000"),
        ("unix", 128, b"unix".hex()),
    ],
)
def test_addresses_are_compared_as_16_bytes(ip, prefix, part):
    assert ip_part(ip, prefix).hex() == part


def test_p29_of_an_ipv6_address_only_the_prefix_counts():
    ips = ("2001:db8:0:1::a", "2001:db8:0:1:ffff::b", "2001:db8:0:2::a", "192.0.2.7")
    keys = [key({"ip"}, options={"ipv6_prefix": 64}, ip=ip) for ip in ips]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**44))
def test_a_session_id_can_be_split_again(session, milliseconds):
    text = session_id(session, milliseconds / 1000)
    assert parse_session_id(text) == (session, milliseconds)
    assert tokens.ALPHABET.fullmatch(text)


def test_each_life_has_an_id_of_its_own():
    assert session_id(b"k" * 16, 1.0) != session_id(b"k" * 16, 1.001)


HEX = "ab" * 16


@pytest.mark.parametrize(
    "text",
    ["", "-", HEX, f"{HEX}-", "g" * 32 + "-1", f"{HEX[:-2]}-1", f"{HEX}ab-1", f"{HEX}--5",
     f"{HEX}-0x1", f"{HEX}-1_0", f"{HEX}- 1", f"{HEX}-1\n", "ab " * 16 + "-1",
     f"{HEX.upper()}-1", f"{HEX}-{'f' * 5000}", f"{HEX}-٣", f"{HEX}-g"],
)  # fmt: skip
def test_what_is_no_session_id_is_none(text):
    assert parse_session_id(text) is None


def test_all_keys_of_a_token_begin_alike_as_its_name_does():
    token = b"a token's identity"
    named = name_of(IDKEY, TOKEN, token)
    keys = {
        session_key(IDKEY, kind, user, service, stream, ip, token, None)
        for kind in (Kind.VIEWER, Kind.INPUT)
        for user in (None, "ann")
        for service in ("", "s")
        for stream in (None, "cam1", "cam2")
        for ip in (None, b"\x01")
    }
    assert len(keys) == 2 * 2 * 2 * 3 * 2
    assert {key[:1] for key in keys} == {named[:1]}
    firsts = {
        session_key(IDKEY, Kind.VIEWER, None, "", "cam1", None, bytes([n]), None)[0]
        for n in range(99)
    }
    assert len(firsts) > 50
