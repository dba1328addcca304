"""HTTP manners: the headers of our answers, and what becomes of the app's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sessionware import Cookie, Cors, Settings, http
from sessionware.outcome import Handoff, Refuse
from sessionware.request import Request

ANY, A, B = "*", "https://a.example", "https://b.example"
CLOSED = [("vary", "Origin")]


def request(method: str = "GET", scheme: str = "https", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = "/film.m3u8"
    return Request(method, path, "", named, "192.0.2.7", "", scheme, "tv.example", path)


def opened(origin: str, *, credentials: bool = False, more: str = "") -> http.Headers:
    headers = CLOSED[:]
    headers.append(("access-control-allow-origin", origin))
    if credentials:
        headers.append(("access-control-allow-credentials", "true"))
    return [*headers, ("access-control-expose-headers", f"Location{more}")]


CORS: list[tuple[Cors, str | None, http.Headers]] = [
    (Cors(), None, opened(ANY)),
    (Cors(), A, opened(ANY)),
    (Cors(), "null", opened(ANY)),  # P18: what an Origin is after a hop
    (Cors(expose=("X-A", "X-B")), A, opened(ANY, more=", X-A, X-B")),
    (Cors(credentials=True), A, opened(A, credentials=True)),
    (Cors(credentials=True), None, CLOSED),
    (Cors(origins=(A,)), A, opened(A)),
    (Cors(origins=(A,)), B, CLOSED),
    (Cors(origins=(A,)), "null", CLOSED),
    (Cors(origins=(A,)), A + ".evil.example", CLOSED),
    (Cors(origins=(A,)), A[:-1], CLOSED),
    (Cors(origins=(A,)), None, CLOSED),
    (Cors(origins=(A, B), credentials=True), B, opened(B, credentials=True)),
    (Cors(origins=()), A, CLOSED),
]


@pytest.mark.parametrize(("options", "origin", "expected"), CORS)
def test_cors_lets_the_allowed_origins_read(
    options: Cors, origin: str | None, expected: http.Headers
) -> None:
    assert http.cors(options, origin) == expected


# --- preflights ---------------------------------------------------------------------------------

ASKED = {"origin": A, "access-control-request-method": "GET"}


@pytest.mark.parametrize(
    ("method", "headers", "is_one"),
    [
        ("OPTIONS", ASKED, True),
        ("GET", ASKED, False),
        ("OPTIONS", {"origin": A}, False),
        ("OPTIONS", {"access-control-request-method": "GET"}, False),
    ],
)
def test_a_preflight_is_known_by_its_headers(method: str, headers: Any, is_one: bool) -> None:
    assert http.is_preflight(request(method)._replace(headers=headers)) is is_one


@pytest.mark.parametrize("status", [200, 204, 404, 405, 501])
def test_an_app_without_a_word_on_options_leaves_the_preflight_to_us(status: int) -> None:
    assert not http.answers_preflight(status, [("allow", "GET")])


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        *((status, []) for status in (301, 307, 400, 401, 403, 500, 503)),
        (200, [("access-control-allow-origin", A)]),
        (404, [("x", "y"), ("access-control-max-age", "0")]),
    ],
)
def test_an_app_that_has_an_answer_to_a_preflight_keeps_it(
    status: int, headers: http.Headers
) -> None:
    assert http.answers_preflight(status, headers)


def test_a_preflight_of_ours_allows_what_was_asked_for() -> None:
    asked = request("OPTIONS", origin=A, access_control_request_headers="X-A, range")
    reply = http.preflight(Cors(max_age=60), asked)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers == [
        *opened(ANY),
        ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
        ("access-control-max-age", "60"),
        ("access-control-allow-headers", "X-A, range"),
    ]


def test_a_preflight_from_elsewhere_is_allowed_nothing() -> None:
    assert http.preflight(Cors(origins=(B,)), request("OPTIONS", origin=A)).headers == CLOSED


@pytest.mark.parametrize("asked", ["", "x\r\nset-cookie: a", "x-\x00", "é"])
def test_a_preflight_echoes_no_header_names_that_are_none(asked: str) -> None:
    hostile = request("OPTIONS", origin=A, access_control_request_headers=asked)
    names = [name for name, _ in http.preflight(Cors(), hostile).headers]
    assert "access-control-allow-headers" not in names
    assert "access-control-allow-methods" in names


# --- our own answers ----------------------------------------------------------------------------


def test_a_redirect_is_private_empty_and_readable() -> None:
    reply = http.answer(Handoff(307, "/film.m3u8?tkn=x", "x"), request(), Settings())
    assert (reply.status, reply.body) == (307, b"")
    assert reply.headers == [
        ("cache-control", "private, no-store"),
        ("location", "/film.m3u8?tkn=x"),
        ("content-type", "text/plain; charset=utf-8"),
        http.set_cookie(Cookie(), "x", "https"),
        ("vary", "Cookie"),
        ("content-length", "0"),
        *opened(ANY),
    ]


def test_a_redirect_without_cookies_and_cors_speaks_of_neither() -> None:
    settings = Settings(read=("query",), write=("query",), cors=None)
    headers = dict(http.answer(Handoff(303, "/x", None), request(), settings).headers)
    assert headers.keys() == {"cache-control", "location", "content-type", "content-length"}


@pytest.mark.parametrize("retry_after", [None, 5])
def test_a_refusal_is_a_problem_body_that_scripts_can_read(retry_after: int | None) -> None:
    refusal = Refuse(503, "Full", "There is no room.", retry_after)
    reply = http.answer(refusal, request(), Settings())
    headers = dict(reply.headers)
    assert reply.status == 503
    assert json.loads(reply.body) == {
        "type": "about:blank",
        "title": "Full",
        "status": 503,
        "detail": "There is no room.",
    }
    assert headers["content-type"] == "application/problem+json"
    assert headers["content-length"] == str(len(reply.body))
    assert headers["access-control-allow-origin"] == ANY  # P18
    assert "no-store" in headers["cache-control"]  # P14
    assert headers.get("retry-after") == (None if retry_after is None else "5")


def test_head_is_answered_as_get_without_the_body() -> None:
    refusal = Refuse(403, "No", "No.")
    get = http.answer(refusal, request("GET"), Settings())
    head = http.answer(refusal, request("HEAD"), Settings())
    assert head == get._replace(body=b"")
    assert get.body


@pytest.mark.parametrize(("status", "phrase"), [(307, "Temporary Redirect"), (599, "Unknown")])
def test_a_status_has_a_phrase(status: int, phrase: str) -> None:
    assert http.reason(status) == phrase


# --- cookies ------------------------------------------------------------------------------------

HTTP, HTTPS = "http", "https"
COOKIES: list[tuple[Cookie, str, str]] = [
    (Cookie(), HTTPS, "tkn=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"),
    (Cookie(), HTTP, "tkn=v; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"),
    (
        Cookie(name="sid", max_age=9, path="/vod", domain="tv.example", http_only=False),
        HTTP,
        "sid=v; Max-Age=9; Path=/vod; Domain=tv.example; SameSite=Lax",
    ),
    (
        Cookie(same_site="Strict", partitioned=False),
        HTTPS,
        "tkn=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Strict",
    ),
    # Behind a proxy that says nothing of TLS: what browsers would drop without Secure gets it.
    (
        Cookie(same_site="None"),
        HTTP,
        "tkn=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=None",
    ),
    (
        Cookie(partitioned=True),
        HTTP,
        "tkn=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax; Partitioned",
    ),
    (Cookie(secure=True), HTTP, "tkn=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax"),
    (
        Cookie(secure=False, same_site="Lax", partitioned=False),
        HTTPS,
        "tkn=v; Max-Age=600; Path=/; HttpOnly; SameSite=Lax",
    ),
]


@pytest.mark.parametrize(("cookie", "scheme", "expected"), COOKIES)
def test_a_cookie_has_the_attributes_of_its_scheme(
    cookie: Cookie, scheme: str, expected: str
) -> None:
    assert http.set_cookie(cookie, "v", scheme) == ("set-cookie", expected)


def test_a_cookie_that_may_be_insecure_is_never_one_that_browsers_drop() -> None:
    # SameSite=None and Partitioned count only beside Secure (P21).
    for scheme in (HTTP, HTTPS):
        _, value = http.set_cookie(Cookie(secure=False), "v", scheme)
        attributes = set(value.split("; "))
        assert "Secure" in attributes or not attributes & {"SameSite=None", "Partitioned"}


# --- the app's headers --------------------------------------------------------------------------

APP: http.Headers = [
    ("content-type", "application/vnd.apple.mpegurl"),
    ("cache-control", "max-age=3600"),
    ("etag", '"a"'),
    ("last-modified", "yesterday"),
    ("content-md5", "x"),
    ("expires", "tomorrow"),
    ("content-length", "100"),
    ("content-encoding", "br"),
    ("accept-ranges", "bytes"),
    ("x-app", "1"),
    ("set-cookie", "a=1"),
    ("set-cookie", "b=2"),
]
LASTING = [APP[0], *APP[-3:]]


def test_a_personal_answer_has_no_validators_and_may_not_be_stored() -> None:
    # P15: a shared cache gave one viewer's manifest to all.
    kept = [*APP[:1], *APP[6:]]
    assert http.personal(APP) == [*kept, ("cache-control", "private, no-store")]


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_a_rewritten_body_has_headers_of_its_own(coding: str) -> None:
    coded = [("content-encoding", coding)] if coding else []
    own = [("cache-control", "private, no-store"), ("content-length", "7")]
    assert http.rewritten(APP, 7, coding) == [*LASTING, *coded, *own]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], ["Cookie"]),
        (["Origin"], ["Origin, Cookie"]),
        (["origin, cookie"], ["origin, cookie"]),
        (["*"], ["*"]),
        (["Accept-Encoding,Origin"], ["Accept-Encoding,Origin, Cookie"]),
        (["X-Cookie"], ["X-Cookie, Cookie"]),
    ],
)
def test_vary_is_merged_with_what_is_there(before: list[str], after: list[str]) -> None:
    named: http.Headers = [("a", "1"), *(("vary", value) for value in before), ("b", "2")]
    merged = http.vary(named, "Cookie")
    assert [value for name, value in merged if name == "vary"] == after
    assert [header for header in merged if header[0] != "vary"] == [("a", "1"), ("b", "2")]


@pytest.mark.parametrize(
    ("exposed", "merged"),
    [
        (None, "Location"),
        ("", "Location"),
        ("X-A", "X-A, Location"),
        ("x-a, LOCATION", "x-a, LOCATION"),
        ("*", "*, Location"),  # P20: with credentials "*" is no wildcard
        ("Content-Location", "Content-Location, Location"),
    ],
)
def test_location_is_merged_into_what_the_app_exposes(exposed: str | None, merged: str) -> None:
    allowed: http.Headers = [("access-control-allow-origin", A)]
    given = [] if exposed is None else [("access-control-expose-headers", exposed)]
    headers = http.expose_location([*allowed, *given])
    assert headers == [*allowed, ("access-control-expose-headers", merged)]


def test_an_app_that_allows_no_origin_exposes_nothing() -> None:
    headers = [("access-control-expose-headers", "X-A")]
    assert http.expose_location(headers) == headers


def test_the_first_header_of_a_name_is_found() -> None:
    assert http.first(APP, "set-cookie") == "a=1"
    assert http.first(APP, "location") == ""
