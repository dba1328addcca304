"""SPEC 5: handing out the token without a round trip, or only by the cookie."""

from __future__ import annotations

from parity.cases_handoff import PERSONAL, says
from support.parity import Case, get
from support.site import MASTER, MEDIA, MPD, children

INLINE = [
    Case(
        "inline: a multivariant playlist carries the token at once, and the session begins",
        [
            get(
                "/vod/film/master.m3u8?z=1",
                uris=children("tkn={a}"),
                headers={**PERSONAL, "vary": "Accept-Encoding, Cookie"},
                cookie="{a}",
                stored=1,
                session={"new": True, "stored": True, "params": {"z": "1"}},
                counts={"watching": 0},
            ),
        ],
        {"handoff": "inline"},
    ),
    Case(
        "inline: an MPD carries it by Location, in the same directory (P2)",
        [
            get(
                "/dash/cam1/manifest.mpd?z=1&CMCD=x",
                uris=("manifest.mpd?z=1&tkn={a}",),
                stored=1,
                counts={"watching": 1},
            )
        ],
        {"handoff": "inline"},
    ),
    Case(
        "inline: a lone media playlist is wrapped into one variant that points to itself",
        [
            get("/live/a.m3u8?z=1", uris=("a.m3u8?z=1&tkn={a}",), stored=1, cookie="{a}"),
            get("/live/a.m3u8?z=1&tkn={a}", body=MEDIA, session={"new": False, "requests": 2}),
        ],
        {"handoff": "inline"},
    ),
    Case(
        "inline: a blocking reload is never wrapped",
        [get("/a.m3u8?_HLS_msn=8", body=MEDIA, cookie=None, stored=0)],
        {"handoff": "inline"},
    ),
    *(
        Case(
            f"inline: {what} passes untouched, without cookie or session",
            [
                get(
                    "/a.m3u8",
                    status=status,
                    body=body,
                    cookie=None,
                    stored=0,
                    headers={"etag": '"1"', "cache-control": None},
                    events=events,
                )
            ],
            {"handoff": "inline"},
            says(body, status, "text/html", ("ETag", '"1"')),
        )
        for what, status, body, events in (
            ("a page", 200, b"<html>no manifest</html>", ("RewriteSkipped",)),
            ("a text", 200, b"no manifest", ()),
            ("an empty body", 200, b"", ("RewriteSkipped",)),
            ("an error", 404, b"#EXTM3U\n", ()),
            ("a partial answer", 206, b"#EXTM3U\n", ()),
        )
    ),
    Case(
        "inline: HEAD and prefetch begin nothing",
        [
            get("/master.m3u8", method="HEAD", body=b"", stored=0),
            get("/master.m3u8", send={"Purpose": "prefetch"}, stored=0),
        ],
        {"handoff": "inline"},
    ),
]

COOKIE_ONLY = [
    Case(
        "writing only to the cookie: no redirect, the manifest goes out with Set-Cookie",
        [
            get(
                "/a.m3u8", body=MEDIA, cookie="{a}", headers=PERSONAL | {"vary": "Cookie"}, stored=0
            ),
            get("/a.m3u8", with_cookie="tkn={a}", body=MEDIA, cookie=None, stored=1),
        ],
        {"write": ("cookie",)},
    ),
    Case(
        "where the cookie carries the token, children get the link alone",
        [
            get(
                "/vod/film/master.m3u8",
                cookie="{a}",
                uris=children("tkn="),
            ),
            get(0, with_cookie="tkn={a}", body=MEDIA, session={"stream": "vod/film"}),
            get(
                "/vod/film/720p/index.m3u8?tkn=.{video}",
                cookie="{b}",
                seen="/vod/film/720p/index.m3u8",
            ),
        ],
        {"write": ("cookie",)},
    ),
    Case(
        "an MPD needs no Location where the cookie carries",
        [get("/a.mpd", cookie="{a}", body=MPD)],
        {"write": ("cookie",)},
    ),
    Case(
        "an answer that is no manifest plants no cookie",
        [get("/a.m3u8", body=b"later", cookie=None, stored=0)],
        {"write": ("cookie",)},
        says(b"later", 200, "text/plain"),
    ),
    Case(
        "writing only to the query sets no cookie, and reads none that was not named",
        [
            get(
                "/a.m3u8",
                status=307,
                location="/a.m3u8?tkn={a}",
                cookie=None,
                headers={"vary": "Origin"},
            ),
            get("/a.m3u8", with_cookie="tkn={a}", status=307, location="/a.m3u8?tkn={b}"),
        ],
        {"read": ("query",), "write": ("query",)},
    ),
    Case(
        "write=(): no handoff, nobody gets a token, the other parts tell sessions apart",
        [
            get("/master.m3u8", body=MASTER, cookie=None, headers={"vary": None}, stored=1),
            get("/master.m3u8", session={"requests": 2}, stored=1),
            get("/master.m3u8", peer="192.0.2.9", stored=2),
            get("/master.m3u8?response=200", seen="/master.m3u8?response=200", body=MASTER),
        ],
        {"write": (), "viewer": {"stream", "ip"}},
    ),
]


CASES = [*INLINE, *COOKIE_ONLY]
