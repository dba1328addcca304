"""SPEC 5: how the answer to an entry request gives the client its token."""

from __future__ import annotations

from support.origin import Reply
from support.parity import Case, follow, get
from support.site import MEDIA

PERSONAL = {"cache-control": "private, no-store", "etag": None, "last-modified": None}
ENTRY = {**PERSONAL, "content-length": "0", "access-control-expose-headers": "Location"}


def says(body, status=200, kind="application/vnd.apple.mpegurl", *headers):
    """An app that always answers this."""
    return lambda seen: Reply(status, headers, body, content_type=kind)


def only_at(path, reply):
    """An app that answers this at one path, and a media playlist elsewhere."""
    return lambda seen: reply if seen.path == path else Reply(body=MEDIA)


REDIRECT = [
    Case(
        "an entry is redirected: the client's query first, the token last",
        [
            get(
                "/vod/film/master.m3u8?zipcode=25267&b=%2F&a=x+y",
                status=307,
                location="/vod/film/master.m3u8?zipcode=25267&b=%2F&a=x+y&tkn={a}",
                headers={**ENTRY, "vary": "Cookie, Origin"},
                cookie="{a}",
                body=b"",
                seen=None,
                asked=(),
            ),
            follow(seen="/vod/film/master.m3u8?zipcode=25267&b=%2F&a=x+y", cookie=None, stored=1),
        ],
    ),
    *(
        Case(
            f"redirect_status={status} is the status of the handoff",
            [get("/a.m3u8", status=status, location="/a.m3u8?tkn={a}")],
            {"redirect_status": status},
        )
        for status in (302, 303)
    ),
    Case(
        "HEAD is handed off too, without a body, and begins nothing",
        [
            get("/a.m3u8", method="HEAD", status=307, location="/a.m3u8?tkn={a}", body=b""),
            follow(method="HEAD", body=b"", seen="/a.m3u8", stored=0, session={"stored": False}),
            get("/a.m3u8?tkn={a}", stored=1, session={"new": True, "requests": 1}),
            get("/a.m3u8?tkn={a}", method="HEAD", session={"new": False, "requests": 1}),
            get("/a.m3u8?tkn={a}", session={"new": False, "requests": 2}),
        ],
    ),
    Case(
        "a prefetch is redirected, and begins and touches nothing (P26)",
        [
            get(
                "/a.m3u8",
                send={"Sec-Purpose": "prefetch;prerender"},
                status=307,
                location="/a.m3u8?tkn={a}",
            ),
            follow(body=MEDIA, stored=0, session={"stored": False}),
            get("/a.m3u8?tkn={a}", send={"Sec-Purpose": ""}, stored=1, session={"new": True}),
            get("/a.m3u8?tkn={a}", send={"Purpose": "prefetch"}, session={"requests": 1}),
        ],
    ),
    Case(
        "what a player asks for in passing does not stick to the Location (P8)",
        [
            get(
                "/a.m3u8?x=1&CMCD=bl%3D1&_HLS_msn=7&_HLS_part=0&_HLS_skip=YES&response=1&y=2",
                status=307,
                location="/a.m3u8?x=1&y=2&tkn={a}",
            ),
            get(
                "/a.m3u8?CMCDX=1&_hls_msn=7",
                status=307,
                location="/a.m3u8?CMCDX=1&_hls_msn=7&tkn={b}",
            ),
        ],
    ),
    Case(
        "no && and no ?& in a Location, and nothing that was there is lost (P45)",
        [
            get("/a.m3u8?", status=307, location="/a.m3u8?tkn={a}"),
            get("/b.m3u8?x&", status=307, location="/b.m3u8?x&tkn={b}"),
            get("/c.m3u8?tkn=old&x=$1", status=307, location="/c.m3u8?x=$1&tkn={c}"),
            get("/d.m3u8?x=1&tkn=old", status=307, location="/d.m3u8?x=1&tkn={d}"),
        ],
    ),
    Case(
        "a 3xx of the app to a path of ours carries the token on",
        [
            get("/old.m3u8", status=307, location="/old.m3u8?tkn={a}"),
            follow(
                status=302,
                location="/hls/new.m3u8?q=1&tkn={a}.{l:link}#t",
                headers=PERSONAL,
            ),
            follow(body=MEDIA, session={"stream": "old", "requests": 2}, stored=1),
        ],
        origin=only_at(
            "/old.m3u8",
            Reply(302, (("Location", "/hls/new.m3u8?q=1#t"), ("ETag", '"1"')), b"", "text/plain"),
        ),
    ),
    Case(
        "a 3xx of the app to a path that is not ours, or to another host, stays as it is",
        [
            get("/a.m3u8?tkn=&to=/login", status=307, location="/a.m3u8?to=/login&tkn={a}"),
            follow(status=302, location="/login", headers={"etag": '"1"'}),
            get(
                "/a.m3u8?tkn={a}&to=https://cdn.example/b.m3u8",
                status=302,
                location="https://cdn.example/b.m3u8",
            ),
            get(
                "/a.m3u8?tkn={a}&to=http://testserver/a.m3u8",
                status=302,
                location="http://testserver/a.m3u8?tkn={a}",
            ),
        ],
        origin=lambda seen: Reply(
            302, (("Location", seen.query.removeprefix("to=")), ("ETag", '"1"')), b"", "text/plain"
        ),
    ),
]

ANNOUNCE = [
    Case(
        "response=200 gives an empty 200 with the Location of the redirect, exposed",
        [
            get(
                "/a.m3u8?x=1&response=200&y=2",
                location="/a.m3u8?x=1&y=2&tkn={a}",
                headers={**ENTRY, "vary": "Cookie, Origin"},
                cookie="{a}",
                body=b"",
                seen=None,
                asked=(),
            ),
            follow(wait=86000, body=MEDIA, session={"new": True}),
        ],
    ),
    Case(
        "an announcement is answered before all else, with the client's own token",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
            follow(stored=1),
            get("/a.m3u8?response=200&tkn={a}", location="/a.m3u8?tkn={a}", cookie=None, seen=None),
            get(
                "/a.m3u8?response=200", with_cookie="tkn={a}", location="/a.m3u8?tkn={a}", asked=()
            ),
            get("/b.m3u8?response=200&tkn={a}", location="/b.m3u8?tkn={a}", seen=None, stored=1),
        ],
    ),
    Case(
        "HEAD is announced too",
        [
            get("/a.m3u8?response=200", method="HEAD", location="/a.m3u8?tkn={a}", seen=None),
            follow(method="GET", session={"new": True}),
        ],
    ),
    Case(
        "another value, another method and a tracked path announce nothing",
        [
            get("/a.m3u8?response=201", status=307, location="/a.m3u8?tkn={a}"),
            get("/a.m3u8?response=200", method="POST", seen="/a.m3u8?response=200"),
            get("/a.ts?response=200", seen="/a.ts?response=200"),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "announce names parameter and value",
        [
            get("/a.m3u8?how=json", location="/a.m3u8?tkn={a}"),
            get("/a.m3u8?response=200", status=307, location="/a.m3u8?response=200&tkn={b}"),
        ],
        {"announce": ("how", "json")},
    ),
    Case(
        "announce=None switches it off",
        [get("/a.m3u8?response=200", status=307, location="/a.m3u8?response=200&tkn={a}")],
        {"announce": None},
    ),
]

CASES = [*REDIRECT, *ANNOUNCE]
