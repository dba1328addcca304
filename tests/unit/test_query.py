"""Queries are spliced, never parsed and printed again (P7, P45)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import query as queries

QUERIES = st.text(st.sampled_from("ab=&%2+;/?$\\1tkn"), max_size=40)
OURS = ("tkn",)


@pytest.mark.parametrize(
    ("query", "rest", "taken"),
    [
        ("", "", []),
        ("a=1", "a=1", []),
        ("tkn=x", "", [("tkn", "x")]),
        ("b=2&tkn=x&a=1", "b=2&a=1", [("tkn", "x")]),
        ("tkn=x&a&tkn=y", "a", [("tkn", "x"), ("tkn", "y")]),
        ("tkn", "", [("tkn", "")]),
        ("tkn=a=b", "", [("tkn", "a=b")]),
        ("%74kn=x%2Ey", "", [("tkn", "x.y")]),  # P7: re-encoded by a player
        ("tkn=x+y", "", [("tkn", "x+y")]),
        ("TKN=x&xtkn=1&tknx=2", "TKN=x&xtkn=1&tknx=2", []),
        ("a=tkn=x", "a=tkn=x", []),
        ("a=%26tkn%3Dx", "a=%26tkn%3Dx", []),
        ("a;tkn=x", "a;tkn=x", []),
        ("&&", "&&", []),
        ("tkn=%ff", "", [("tkn", "\ufffd")]),
    ],
)
def test_ours_is_taken_out_and_the_rest_stays_as_it_was(query, rest, taken):
    assert queries.split(query, OURS) == (rest, taken)


@given(QUERIES)
def test_foreign_parameters_keep_bytes_and_order(query):
    rest, _ = queries.split(query, OURS)
    theirs = [part for part in query.split("&") if part.partition("=")[0] != "tkn"]
    assert [part for part in rest.split("&") if part] == [part for part in theirs if part]


@pytest.mark.parametrize(
    ("query", "more", "joined"),
    [
        ("", "tkn=x", "tkn=x"),
        ("a=1", "tkn=x", "a=1&tkn=x"),
        ("a=1&", "tkn=x", "a=1&tkn=x"),
        ("a=1&&", "tkn=x", "a=1&tkn=x"),
        ("&", "tkn=x", "tkn=x"),
        ("&a", "tkn=x", "&a&tkn=x"),
        ("a=$1\\1", "tkn=x", "a=$1\\1&tkn=x"),
    ],
)
def test_p45_joining_makes_no_double_ampersand(query, more, joined):
    assert queries.join(query, more) == joined


@given(QUERIES)
def test_p39_what_was_joined_is_replaced_and_never_grows(query):
    def write(text: str, value: str) -> str:
        return queries.join(queries.split(text, OURS)[0], f"tkn={value}")

    assert write(write(query, "old"), "new") == write(query, "new")


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("CMCD=sid%3D1&a=1", "a=1"),
        ("a=1&_HLS_msn=3&_HLS_part=1&b", "a=1&b"),
        ("_HLS_skip=YES", ""),
        ("_HLS_skip", ""),
        ("CMCD", ""),
        ("a=CMCD=1&xCMCD=2&CMCDx=3", "a=CMCD=1&xCMCD=2&CMCDx=3"),
        ("a=_HLS_msn", "a=_HLS_msn"),
        ("a&&b", "a&&b"),
    ],
)
def test_p8_requests_of_the_moment_do_not_stick(query, rest):
    assert queries.drop_passing(query) == rest


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("a=1&b=/?:@!$'()*+,;~", "a=1&b=/?:@!$'()*+,;~"),
        ("a=%0d%0a%zz%", "a=%0d%0a%zz%"),
        ("a=\r\nX: y", "a=%0D%0AX:%20y"),
        ('a=<">\\^`{|}#[]', "a=%3C%22%3E%5C%5E%60%7B%7C%7D%23%5B%5D"),
        ("caf\xc3\xa9", "caf%C3%A9"),  # bytes of the wire, as latin-1
        ("\x00\x7f", "%00%7F"),
    ],
)
def test_what_rfc_3986_forbids_is_encoded_and_escapes_stay(text, encoded):
    assert queries.encode_forbidden(text) == encoded
