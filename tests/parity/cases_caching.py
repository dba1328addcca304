"""SPEC 10: caching, encodings, and what reaches the app."""

from __future__ import annotations

import gzip

from parity.cases_handoff import PERSONAL
from parity.cases_tokens import ONE
from support.origin import Reply
from support.parity import Case, Made, get
from support.site import MASTER, MEDIA, MPD, children

CARRIED = children(f"tkn={ONE}")
VALIDATED = (
    ("ETag", '"1"'),
    ("Last-Modified", "Sat, 01 Jan 2022 00:00:00 GMT"),
    ("Cache-Control", "public, max-age=9"),
    ("Expires", "0"),
    ("Content-MD5", "x"),
    ("Accept-Ranges", "bytes"),
    ("X-Kept", "1"),
    ("Vary", "Origin"),
)
OURS = {
    "cache-control": "private, no-store",
    "etag": None,
    "last-modified": None,
    "expires": None,
    "content-md5": None,
    "accept-ranges": None,
    "x-kept": "1",
}
LONG = MASTER + b"".join(b"# comment %d\n" % number for number in range(99))


def says(body, *headers, status=200):
    """An app that answers everything with this."""
    return lambda seen: Reply(status, headers, body)


CACHING = [
    Case(
        "a manifest that carries a token is private, without validators, with its own length",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                uris=CARRIED,
                headers={**OURS, "vary": "Origin, Accept-Encoding"},
            ),
            get(
                "/a/master.m3u8",
                with_cookie=f"tkn={ONE}",
                headers={"vary": "Origin, Accept-Encoding, Cookie"},
            ),
        ],
        origin=says(MASTER, *VALIDATED),
    ),
    Case(
        "a manifest that is not rewritten keeps the app's headers",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                body=MEDIA,
                headers={
                    "etag": '"1"',
                    "cache-control": "public, max-age=9",
                    "vary": "Origin",
                    "accept-ranges": "bytes",
                },
            )
        ],
        origin=says(MEDIA, *VALIDATED),
    ),
    Case(
        "an answer that sets the cookie is private, though its body is the app's",
        [
            get(
                "/a.m3u8",
                cookie="{a}",
                body=MEDIA,
                headers={
                    "cache-control": "private, no-store",
                    "etag": None,
                    "vary": "Origin, Cookie",
                    "accept-ranges": "bytes",
                },
            )
        ],
        {"write": ("cookie",)},
        says(MEDIA, *VALIDATED),
    ),
    Case(
        "Vary: * says it all",
        [get("/a.m3u8", with_cookie=f"tkn={ONE}", body=MEDIA, headers={"vary": "*"})],
        origin=says(MEDIA, ("Vary", "*")),
    ),
    Case(
        "Range, If-* and Accept-Encoding do not reach the app for what will be rewritten (P16)",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                uris=CARRIED,
                send={
                    "Range": "bytes=0-",
                    "If-Range": '"1"',
                    "If-None-Match": '"1"',
                    "If-Match": "*",
                    "Accept": "x/y",
                    "If-Modified-Since": "Sat, 01 Jan 2022 00:00:00 GMT",
                    "Accept-Encoding": "br",
                    "If-Unmodified-Since": "Sat, 01 Jan 2022 00:00:00 GMT",
                },
                app={
                    "range": None,
                    "if-range": None,
                    "if-none-match": None,
                    "if-match": None,
                    "if-modified-since": None,
                    "if-unmodified-since": None,
                    "accept-encoding": None,
                    "accept": "x/y",
                },
            )
        ],
    ),
    Case(
        "segments, and manifests that nobody rewrites, keep their conditions",
        [
            get(
                f"/a/1.ts?tkn={ONE}",
                send={"Range": "bytes=0-", "If-None-Match": '"1"'},
                app={"range": "bytes=0-", "if-none-match": '"1"'},
            ),
            get("/a.m3u8", method="PUT", send={"If-Match": '"1"'}, app={"if-match": '"1"'}),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "strip_from_app: our parameters are out of the query, the original stays at hand",
        [
            get(
                f"/a.m3u8?b=%2F&tkn={ONE}&a=1&&tkn=x",
                seen="/a.m3u8?b=%2F&a=1&",
                original=f"b=%2F&tkn={ONE}&a=1&&tkn=x",
            )
        ],
    ),
    Case(
        "strip_from_app=False: the app sees the query as it came",
        [get(f"/a.m3u8?b&tkn={ONE}", seen=f"/a.m3u8?b&tkn={ONE}", body=MEDIA, stored=1)],
        {"strip_from_app": False},
    ),
    Case(
        "max_manifest: a larger body passes through unchanged, with an event; it counts as played",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                body=MASTER,
                events=("RewriteSkipped",),
                headers={"x-kept": "1"},
                counts={"sessions": 1},
            )
        ],
        {"max_manifest": len(MASTER) - 1},
        says(MASTER, *VALIDATED),
    ),
    Case(
        "max_manifest: one that comes in chunks without a length, too",
        [get(f"/a/master.m3u8?tkn={ONE}", body=MASTER, events=("RewriteSkipped",))],
        {"max_manifest": 100},
        says([MASTER[:60], MASTER[60:150], MASTER[150:]]),
    ),
    Case(
        "max_manifest: a body of just this size is rewritten, in chunks or not",
        [get(f"/a/master.m3u8?tkn={ONE}", uris=CARRIED)],
        {"max_manifest": len(MASTER)},
        says([MASTER[:3], MASTER[3:8], b"", MASTER[8:]]),
    ),
    Case(
        "dash_location=False writes no Location into MPDs",
        [get(f"/a.mpd?tkn={ONE}", body=MPD)],
        {"dash_location": False},
    ),
    Case(
        "an MPD's Location is its own name with the client's query, escaped for XML (P2, P51)",
        [
            get(f"/d/a%20b.mpd?x=1&y='2'&tkn={ONE}", uris=(f"a%20b.mpd?x=1&y='2'&tkn={ONE}",)),
            get(
                f"/d/a.mpd?x=1&CMCD=2&tkn={ONE}",
                uris=(f"a.mpd?x=1&tkn={ONE}",),
                headers={"content-type": "application/dash+xml"},
            ),
        ],
    ),
]

CODING = [
    Case(
        f"a body that the app compressed ({name}) is read all the same",
        [
            get(f"/a/master.m3u8?tkn={ONE}", uris=CARRIED, headers={"content-encoding": None}),
            get(
                f"/a/master.m3u8?tkn={ONE}",
                uris=CARRIED,
                send={"Accept-Encoding": "br, gzip;q=0.5"},
                headers={"content-encoding": "gzip", "vary": "Accept-Encoding"},
            ),
            get(
                f"/a/master.m3u8?tkn={ONE}",
                uris=CARRIED,
                send={"Accept-Encoding": "gzip;q=0"},
                headers={"content-encoding": None},
            ),
        ],
        origin=says(compressed, ("Content-Encoding", name)),
    )
    for name, compressed in (("gzip", gzip.compress(LONG, mtime=0)), ("identity", LONG))
] + [
    Case(
        f"a body that nobody can read ({coding}) passes as it is, with an event",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                status=200,
                events=("RewriteSkipped",),
                headers={"content-encoding": coding},
            )
        ],
        origin=says(b"\x1f\x8bnonsense", ("Content-Encoding", coding)),
    )
    for coding in ("br", "gzip", "gzip, br")
]


def from_then_on(story):
    """An ``exclude`` that changes its mind after 10 s."""
    began = story.clock.now
    return lambda _: story.clock.now > began + 10


AGAIN = [
    Case(
        "the same request again has the same answer, by cookie too",
        [
            *[get("/a.m3u8", with_cookie=f"tkn={ONE}", headers={"vary": "Cookie"}, body=MEDIA)] * 3,
            *[get(f"/a/master.m3u8?tkn={ONE}", uris=CARRIED, headers=PERSONAL)] * 3,
        ],
    ),
    Case(
        "requests that differ in the spelling of the path only are not the same",
        [
            *[get(f"/d/%61.mpd?tkn={ONE}", uris=(f"%61.mpd?tkn={ONE}",), stored=1)] * 2,
            *[get(f"/d/a.mpd?tkn={ONE}", uris=(f"a.mpd?tkn={ONE}",), stored=1)] * 2,
        ],
    ),
    Case(
        "a request that comes again after its session has expired begins anew, and is announced",
        [
            get(f"/a.mpd?tkn={ONE}"),
            get(
                f"/a.mpd?tkn={ONE}",
                wait=121.0,
                asked=("Touch", "Begin", "Announce"),
                session={"new": True},
            ),
        ],
    ),
    Case(
        "a function of the app is asked at each request",
        [
            *[get(f"/a.m3u8?tkn={ONE}", seen="/a.m3u8")] * 2,
            get(f"/a.m3u8?tkn={ONE}", wait=20.0, seen=f"/a.m3u8?tkn={ONE}", session=None, asked=()),
        ],
        {"exclude": Made(from_then_on)},
    ),
]

CASES = [*CACHING, *CODING, *AGAIN]
