"""SPEC 10: cookies, and what scripts of other origins may read."""

from __future__ import annotations

from parity.cases_caching import says
from parity.cases_tokens import ONE
from sessionware import Cookie, Cors
from support.origin import Reply
from support.parity import Case, get
from support.site import MEDIA

HTTPS = "; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"
COOKIES = [
    Case(
        "the cookie's attributes on https and on http (P21, P47)",
        [
            get(
                "/a/b/c.m3u8",
                scheme="https",
                status=307,
                location="/a/b/c.m3u8?tkn={a}",
                headers={"set-cookie": "tkn={a}" + HTTPS},
            ),
            get(
                "/a/b/c.m3u8",
                status=307,
                location="/a/b/c.m3u8?tkn={b}",
                headers={"set-cookie": "tkn={b}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"},
            ),
        ],
    ),
    Case(
        "cookie names every attribute",
        [
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={a}",
                headers={
                    "set-cookie": "sw={a}; Max-Age=60; Path=/v; Domain=tv.example"
                    "; Secure; SameSite=Strict"
                },
            ),
            get("/a.m3u8", with_cookie="sw={a}; tkn=x", stored=1, cookie=None),
        ],
        {
            "cookie": Cookie(
                name="sw",
                max_age=60,
                path="/v",
                domain="tv.example",
                http_only=False,
                same_site="Strict",
                secure=True,
                partitioned=False,
            )
        },
    ),
    Case(
        "the cookie is set again when half worn out, once, and only for who has it",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}", cookie="{a}"),
            get("/a.m3u8", with_cookie="tkn={a}", wait=100.0, cookie=None),
            get("/a.m3u8?tkn={a}", wait=100.0, cookie=None),
            get("/a.m3u8?tkn={a}", wait=101.0, cookie=None),
            get(
                "/a.m3u8",
                with_cookie="tkn={a}",
                wait=1.0,
                cookie="{a}",
                headers={"cache-control": "private, no-store"},
            ),
            get("/a.m3u8", with_cookie="tkn={a}", cookie=None),
            get("/a.m3u8?tkn={a}", with_cookie="tkn={a}", wait=110.0, cookie=None),
            get("/a.m3u8?tkn={a}", with_cookie="tkn={a}", wait=110.0, cookie=None),
            get("/a.m3u8?tkn={a}", with_cookie="tkn={a}", wait=110.0, cookie="{a}"),
        ],
    ),
    Case(
        "no cookie goes out with an error of the app",
        [get("/gone.m3u8", status=404, cookie=None)],
        {"write": ("cookie",)},
    ),
    Case(
        "a worn cookie is not set again with an error of the app",
        [
            get("/gone/index.m3u8", with_cookie=f"tkn={ONE}", cookie=None),
            get("/gone/gone.m3u8", with_cookie=f"tkn={ONE}", wait=100.0, status=404, cookie=None),
        ],
        {"viewer": {"token"}, "cookie": Cookie(max_age=2)},
    ),
]

ANYBODY = {"access-control-allow-origin": "*", "access-control-expose-headers": "Location"}
TV = {"Origin": "https://tv.example"}
NAMED = {
    "access-control-allow-origin": "https://tv.example",
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "Location, X-Thing",
}
WITH = {
    "cors": Cors(origins=("https://tv.example",), credentials=True, expose=("X-Thing",), max_age=5)
}
ASKS = {
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-playback-session-id",
}


def preflight(target="/a.m3u8", **said):
    return get(target, method="OPTIONS", send={"Origin": "https://tv.example", **ASKS}, **said)


def allowing(seen):
    """An app with CORS of its own."""
    return Reply(
        headers=(
            ("Access-Control-Allow-Origin", "https://tv.example"),
            ("Access-Control-Expose-Headers", "Date"),
        ),
        body=MEDIA,
    )


CORS = [
    Case(
        "CORS is on every answer that we make (P18)",
        [
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={a}",
                send={"Origin": "null"},
                headers=ANYBODY,
            ),
            get("/a.m3u8?response=200", location="/a.m3u8?tkn={b}", headers=ANYBODY),
            get("/a/1.ts", status=403, headers=ANYBODY),
            get("/a.m3u8?" + "x" * 8193, status=414, headers=ANYBODY),
            get(f"/a.m3u8?tkn={ONE}", headers=dict.fromkeys(ANYBODY)),
        ],
        {"track": r"\.ts$", "require_token": True},
    ),
    Case(
        "with credentials the origin is echoed, never *, and Vary says so",
        [
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={a}",
                send=TV,
                headers={**NAMED, "vary": "Cookie, Origin"},
            ),
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={b}",
                send={"Origin": "https://evil.example"},
                headers={**dict.fromkeys(NAMED), "vary": "Cookie, Origin"},
            ),
            get("/a.m3u8?response=200", location="/a.m3u8?tkn={c}", headers=dict.fromkeys(NAMED)),
        ],
        WITH,
    ),
    Case(
        "cors=None: none",
        [
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={a}",
                send=TV,
                headers=dict.fromkeys(ANYBODY),
            ),
            preflight(seen="/a.m3u8", body=MEDIA, headers=dict.fromkeys(ANYBODY)),
        ],
        {"cors": None},
    ),
    Case(
        "on the app's answers the app's CORS stands, with Location among the exposed (P20)",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                send=TV,
                body=MEDIA,
                headers={
                    "access-control-allow-origin": "https://tv.example",
                    "access-control-expose-headers": "Date, Location",
                },
            )
        ],
        origin=allowing,
    ),
    *(
        Case(
            f"a preflight that the app answers with {status} gets our 204, creates nothing (P19)",
            [
                preflight(
                    status=204,
                    seen="/a.m3u8",
                    body=b"",
                    asked=(),
                    cookie=None,
                    headers={
                        "access-control-allow-origin": "https://tv.example",
                        "access-control-max-age": "5",
                        "access-control-allow-credentials": "true",
                        "access-control-allow-headers": "x-playback-session-id",
                        "content-length": None,
                    },
                ),
            ],
            WITH,
            lambda seen, status=status: Reply(
                status, body=b"" if status == 204 else b"no", content_type="text/plain"
            ),
        )
        for status in (200, 204, 404, 405, 501)
    ),
    *(
        Case(
            f"a preflight's answer by the app stands: {what}",
            [
                preflight(
                    status=status,
                    seen="/a.m3u8",
                    body=b"no",
                    headers={"x-app": "1", "access-control-max-age": None},
                )
            ],
            origin=says(b"no", ("X-App", "1"), *more, status=status),
        )
        for what, status, more in (
            ("it has a word on CORS", 200, (("Access-Control-Allow-Methods", "GET"),)),
            ("it has a word on CORS, though 405", 405, (("Access-Control-Allow-Origin", "*"),)),
            ("401", 401, ()),
            ("500", 500, ()),
        )
    ),
    Case(
        "OPTIONS that is no preflight, and a preflight elsewhere, are the app's",
        [
            get("/a.m3u8?tkn=x", method="OPTIONS", seen="/a.m3u8?tkn=x", body=MEDIA, session=None),
            get("/a.m3u8", method="OPTIONS", send=TV, body=MEDIA),
            preflight("/page", seen="/page", body=b"\x47segment"),
        ],
    ),
]


CASES = [*COOKIES, *CORS]
