"""Carriers: which of the things that a request carries is its token (SPEC 3)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.token import Origin
from support.values import request, rules

CHILD = "cam1/720p.m3u8"
SERVICE = "a" * 32
PLAIN = rules()
ACCEPT = rules(foreign_tokens="accept", aliases=("sid",))


def issue(of=PLAIN, service: str = "") -> str:
    return of.tokens.issue(1_700_000_000, "player/1", "192.0.2.7", service).text


A, B, C = issue(), issue(), issue()
LINK = PLAIN.links.make(CHILD, "cam1")
ELSEWHERE = PLAIN.links.make("other/720p.m3u8", "other")


def read(query: str = "", cookie: str = "", *, of=PLAIN, path=CHILD, service="", **more):
    headers = {"cookie": cookie} if cookie else {}
    headers.update(more.pop("headers", {}))
    return of.carriers.read(request(query=query, headers=headers, **more), path, service)


def found(*args, **more):
    carried = read(*args, **more)
    return (carried.token.text if carried.token else None), carried.carrier, carried.stream


# --- where it is read, and in which order --------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "cookie", "expected"),
    [
        ("", "", (None, None, None)),
        (f"tkn={A}", "", (A, "query", None)),
        ("", f"tkn={B}", (B, "cookie", None)),
        (f"tkn={A}", f"tkn={B}", (A, "query", None)),  # P22: two tabs share the cookie only
        ("tkn=forged", f"tkn={B}", (B, "cookie", None)),
        (f"tkn={A}", "tkn=forged", (A, "query", None)),
        (f"xtkn={A}&TKN={A}", f"xtkn={B}", (None, None, None)),
        # P6: some clients add the parent's query as well
        (f"tkn={A}&a=1&tkn={B}", "", (A, "query", None)),
        (f"tkn=forged&tkn=&tkn&tkn={B}", "", (B, "query", None)),
        # a token with a valid link goes before one without
        (f"tkn={A}&tkn={B}.{LINK}", "", (B, "query", "cam1")),
        (f"tkn={A}.{LINK}&tkn={B}.{LINK}", "", (A, "query", "cam1")),
        (f"tkn={A}&tkn=forged.{LINK}", "", (A, "query", "cam1")),
        (f"tkn={A}&tkn={B}.{ELSEWHERE}", "", (A, "query", None)),
        # P7: a value that a player has re-encoded
        (f"tkn={quote(A, safe='').replace('.', '%2E').replace('-', '%2d')}", "",
         (A, "query", None)),
        (f"%74%6Bn={A}%2e{LINK}", "", (A, "query", "cam1")),
        (f"tkn={quote(quote('.'))}{A}", "", (None, None, None)),
    ],
)  # fmt: skip
def test_the_first_usable_token_wins(query, cookie, expected):
    assert found(query, cookie) == expected


def test_aliases_come_after_the_parameter_and_in_their_order():
    aliases = rules(aliases=("sid", "sessId"))
    assert found(f"sessId={A}&sid={B}&tkn={C}", of=aliases)[0] == C
    assert found(f"sessId={A}&sid={B}&tkn=x", of=aliases)[0] == B
    assert found(f"sessId={A}", of=aliases)[0] == A
    assert found(f"tkn={C}&sid={B}.{LINK}", of=aliases) == (B, "query", "cam1")
    assert found(f"sid={A}") == (None, None, None)


@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        (("query", "cookie"), A),
        (("cookie", "query"), A),
        (("query",), A),
        (("cookie",), B),
        ((), None),
    ],
)
def test_only_the_carriers_of_the_option_are_read(reads, expected):
    of = rules(read=reads, write=())
    assert found(f"tkn={A}", f"tkn={B}", of=of)[0] == expected


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (f"a=1; tkn={A}; b=2", A),
        (f'tkn="{A}"', A),
        (f"tkn={A};tkn={B}", A),
        (f"tkn=forged; tkn={B}", B),
        (f"TKN={A}", None),
        (f"xtkn={A}", None),
        (f"tkn={A},tkn={B}", None),
        (f"tkn={A}.{LINK}", None),  # a link has no place in a cookie
        (f"tkn={A.replace('.', '%2E')}", None),
        ("tkn", None),
        ("=;;=;tkn==", None),
    ],
)
def test_a_cookie_is_found_among_others(cookie, expected):
    assert found(cookie=cookie)[0] == expected


def test_it_is_known_whether_the_cookie_carries_the_very_token():
    assert read(f"tkn={A}", f"tkn={A}").cookie
    assert read("", f"tkn={A}").cookie
    assert not read(f"tkn={A}", f"tkn={B}").cookie
    assert not read(f"tkn={A}").cookie


# --- links ---------------------------------------------------------------------------------------


def test_a_link_counts_only_at_its_path_and_the_token_stays_usable_elsewhere():
    assert found(f"tkn={A}.{LINK}") == (A, "query", "cam1")
    assert found(f"tkn={A}.{LINK}", path="premium/b/720p.m3u8") == (A, "query", None)
    assert found(f"tkn={A}.") == (A, "query", None)
    assert found(f"tkn={A}.{LINK[:-1]}") == (A, "query", None)


def test_a_link_alone_is_no_token_but_belongs_to_the_one_beside_it():
    assert found(f"tkn=.{LINK}") == (None, None, "cam1")
    assert found(f"tkn=.{LINK}", f"tkn={B}") == (B, "cookie", "cam1")
    assert found(f"tkn=.{ELSEWHERE}", f"tkn={B}") == (B, "cookie", None)


def test_a_link_is_read_from_the_query_whatever_read_says():
    of = rules(read=("cookie",), write=("cookie",))
    assert found(f"tkn=.{LINK}", f"tkn={B}", of=of) == (B, "cookie", "cam1")
    assert found(f"tkn={A}.{LINK}", of=of) == (None, None, "cam1")


# --- a trusted header ----------------------------------------------------------------------------

CDN = rules(trusted_header=("X-Cdn-Session", "X-Other"), trusted_proxies=("10.0.0.0/8",))


@pytest.mark.parametrize(
    ("headers", "identity"),
    [
        ({"x-cdn-session": "s1"}, b"\x04s1"),
        ({"x-other": "s2"}, b"\x04s2"),
        ({"x-other": "s2", "x-cdn-session": "s1"}, b"\x04s1"),
        ({"x-other": "s2", "x-cdn-session": ""}, b"\x04s2"),
        ({"x-other": "s2", "x-cdn-session": "x" * 513}, b"\x04s2"),
    ],
)
def test_a_trusted_header_goes_before_query_and_cookie(headers, identity):
    carried = read(f"tkn={A}.{LINK}", f"tkn={B}", of=CDN, headers=headers, trusted=True)
    assert (carried.token.identity, carried.carrier) == (identity, "header")
    assert carried.stream == "cam1"
    assert not carried.cookie


def test_without_the_header_the_token_of_the_url_counts():
    assert found(f"tkn={A}", of=CDN, trusted=True)[:2] == (A, "query")


def test_from_anyone_else_the_header_is_ignored():
    assert found(of=CDN, headers={"x-cdn-session": "s1"}) == (None, None, None)
    trusting_nobody_s_header = found(headers={"x-cdn-session": "s1"}, trusted=True)
    assert trusting_nobody_s_header == (None, None, None)


# --- foreign tokens ------------------------------------------------------------------------------


def test_by_default_an_id_that_we_did_not_issue_is_never_adopted():
    assert found("tkn=my-own", "tkn=my-own") == (None, None, None)
    assert found(f"tkn={issue(rules(secret='x' * 32))}") == (None, None, None)


@pytest.mark.parametrize(
    ("query", "cookie", "text", "origin"),
    [
        ("tkn=my-own", "", "my-own", Origin.FOREIGN),
        ("", "tkn=my-own", "my-own", Origin.FOREIGN),
        (f"tkn=my-own.{LINK}", "", "my-own", Origin.FOREIGN),
        ("tkn=my%2Down", "", "my-own", Origin.FOREIGN),
        (f"tkn={A}", "", A, Origin.ISSUED),
        ("sid=mine", "", "mine", Origin.FOREIGN),
    ],
)
def test_accepted_foreign_tokens_are_read_like_ours(query, cookie, text, origin):
    token = read(query, cookie, of=ACCEPT).token
    assert (token.text, token.origin) == (text, origin)


@pytest.mark.parametrize(
    "value", ["a%0d%0aX:1", "a b", "a%20b", "%00", "ä", "a/b", "<x>", "a" * 129, "%25", '"', "$1"]
)
def test_p46_what_is_outside_the_alphabet_is_no_token(value):
    assert found(f"tkn={value}", f"tkn={value}" if value != '"' else "", of=ACCEPT)[0] is None


def test_513_characters_are_no_token_and_512_may_be_one():
    def linked(length: int) -> str:
        return "f" * 100 + "." + "l" * (length - 101)

    assert found(f"tkn={linked(512)}", of=ACCEPT)[0] == "f" * 100
    assert found(f"tkn={linked(513)}", of=ACCEPT)[0] is None
    assert found(f"tkn={A}.{'l' * 433}") == (None, None, None)


# --- the service ---------------------------------------------------------------------------------

SERVED = rules(service=r"[0-9a-f]{32}", service_parameter="svc")
OF_SERVICE = issue(SERVED, SERVICE)


@pytest.mark.parametrize(
    ("query", "in_path", "service", "usable"),
    [
        (f"svc={SERVICE}&tkn={OF_SERVICE}", "", SERVICE, True),
        (f"tkn={OF_SERVICE}&svc=%61{SERVICE[1:]}", "", SERVICE, True),
        (f"tkn={OF_SERVICE}", SERVICE, SERVICE, True),
        (f"tkn={OF_SERVICE}", "", "", False),  # without its service
        (f"svc={'b' * 32}&tkn={OF_SERVICE}", "", "b" * 32, False),  # with another one
        (f"svc={SERVICE}&tkn={OF_SERVICE}", "b" * 32, "b" * 32, False),  # the path's counts
        (f"svc={SERVICE}x&tkn={OF_SERVICE}", "", "", False),
        (f"svc={SERVICE}%0a&tkn={OF_SERVICE}", "", "", False),
        (f"svc=&tkn={A}", "", "", True),
    ],
)
def test_both_are_critical_a_token_counts_with_its_own_service_only(
    query, in_path, service, usable
):
    carried = read(query, of=SERVED, service=in_path)
    assert (carried.service, carried.token is not None) == (service, usable)


# --- what is left for the app --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        (f"b=%7e&tkn={A}&a=1&&", "b=%7e&a=1&&"),
        ("tkn=forged&sid=x", ""),
        (f"a&%74kn={A}", "a"),
        ("svc=1", "svc=1"),
        ("a=1", "a=1"),
    ],
)
def test_ours_is_taken_out_of_the_query_and_nothing_else(query, rest):
    assert read(query, of=ACCEPT).query == rest


@given(st.text(st.sampled_from('tkn=&.%2E;" ,\\\x00ä' + A[:3]), max_size=80))
def test_no_query_and_no_cookie_is_an_error(text):
    assert read(text, text).token is None
    assert read(f"{text}&tkn={A}", text).token.text == A
