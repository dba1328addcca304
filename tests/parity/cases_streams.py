"""SPEC 4: which requests are ours, and which parts tell two sessions of a kind apart."""

from __future__ import annotations

import re

from parity.cases_kinds import PLAIN, by_query, probe
from parity.cases_tokens import ONE
from support.parity import Case, follow, get
from support.site import MEDIA


def keeps_hash(story):
    """Of the address 16 digits are kept, the same ones wherever it is."""
    event, session = story.events[-1:], story.origin.seen[-1:]
    kept = {event[0].ip} if event else set()
    kept |= {session[0].session.ip} if session else set()
    assert all(re.fullmatch("[0-9a-f]{16}", ip) for ip in kept)
    assert len(kept) < 2


UNRESOLVED = ("/1/a.m3u8/", "/2/a.m3u8/.", "/3/a.m3u8/x/..", "/4/a.m3u8%2F", "/5/a.m3u8//")

WHICH = [
    Case(
        "match says which requests are handled",
        [
            get("/a.list?x", status=307, location="/a.list?x&tkn={a}"),
            follow(body=b"\x47segment", stored=1),
            get("/a.m3u8", body=MEDIA, session=None, asked=()),
        ],
        {"match": r"\.list$"},
    ),
    Case(
        "the default match takes any case, and nothing longer",
        [
            get("/a.M3U8", status=307, location="/a.M3U8?tkn={a}"),
            get("/a.Mpp", status=307, location="/a.Mpp?tkn={b}"),
            get("/a.m3u8x?tkn=x", seen="/a.m3u8x?tkn=x", session=None),
            get("/m3u8", seen="/m3u8", session=None),
        ],
    ),
    Case(
        "a path that is served as another one is that one: nobody gets past it by a slash or a dot",
        [
            *(
                get(path, status=307, location=f"{path}?tkn={{{name}}}", seen=None)
                for name, path in zip("abcde", UNRESOLVED, strict=True)
            ),
            get("/b/a.ts/", status=403, seen=None),
            get("/b/..m3u8x/", session=None),
        ],
        {"track": r"\.ts$", "require_token": True},
    ),
    Case(
        "match is asked below the mount, also where nothing is left",
        [
            get("/media", mount="/media", status=307, location="/media?tkn={a}"),
            get("/media/", mount="/media", status=307, location="/media/?tkn={b}"),
        ],
        {"match": r"^/$"},
    ),
    Case(
        "exclude: never ours, whatever it carries",
        [
            get(
                "/a.m3u8?response=200&tkn=mine",
                agent="Monitor/1",
                body=MEDIA,
                session=None,
                seen="/a.m3u8?response=200&tkn=mine",
                headers=PLAIN,
            ),
            get("/a.m3u8", agent="Player/1", status=307, location="/a.m3u8?tkn={a}"),
        ],
        {"exclude": lambda request: request.user_agent.startswith("Monitor")},
    ),
    Case(
        "classify says what a request is; None: it passes through",
        [
            get("/a.m3u8?out", session={"kind": "output"}, body=MEDIA, headers=PLAIN, stored=1),
            get("/a.m3u8?in", session={"kind": "input"}, body=MEDIA, stored=2),
            get("/a.m3u8?none&tkn=x", session=None, seen="/a.m3u8?none&tkn=x", stored=2),
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
        ],
        {"classify": by_query},
    ),
    *(
        Case(
            f"stream as {what} names the stream; without a name a request passes through",
            [
                get(
                    "/tv/one/x/index.m3u8",
                    status=307,
                    location="/tv/one/x/index.m3u8?tkn={a}" + link,
                ),
                follow(session={"stream": "one"}),
                get("/tv/one/y/index.m3u8?tkn={a}", session={"stream": "one", "new": False}),
                get("/other/index.m3u8?tkn=x", session=None, seen="/other/index.m3u8?tkn=x"),
            ],
            {"stream": stream},
        )
        for what, link, stream in (
            ("a pattern", "", r"^/tv/(?P<stream>[^/]+)/"),
            (
                "a function",
                ".{l:link}",
                lambda request: request.path.split("/")[2] if request.path[:4] == "/tv/" else None,
            ),
        )
    ),
    Case(
        "a switch of protocol or of layout is the same viewer: one name for all (seed 000)",
        [
            get(
                "/hls/cam1.m3u8",
                with_cookie=f"tkn={ONE}",
                session={"stream": "cam1", "protocol": "HLS"},
            ),
            get("/hls/cam1/index.m3u8", with_cookie=f"tkn={ONE}", stored=1),
            get(
                "/dash/cam1/manifest.mpd",
                with_cookie=f"tkn={ONE}",
                stored=1,
                session={"requests": 3},
            ),
            get("/llhls/cmaf/cam1/live.m3u8", with_cookie=f"tkn={ONE}", stored=1),
            get("//LL-HLS/./x/../cam1/Playlist.M3U8", with_cookie=f"tkn={ONE}", stored=1),
            get(
                "/cam1/ca%6D1.m3u8",
                with_cookie=f"tkn={ONE}",
                stored=2,
                session={"stream": "cam1/cam1"},
            ),
        ],
    ),
]

PARTS = [
    Case(
        "stream_info=viewer: with a token it touches, without it begins one and sets the cookie",
        [
            probe(cookie="{a}", body=MEDIA, stored=1, session={"kind": "viewer", "new": True}),
            probe(with_cookie="tkn={a}", cookie=None, session={"requests": 2}),
            probe(method="HEAD", stored=1),
        ],
        {"classify": by_query},
    ),
    Case(
        "stream_info=output: never handed off; parts of an output hold",
        [
            probe(
                session={"kind": "output"},
                cookie=None,
                stored=1,
                counts={"watching": 0, "sessions": 1},
            ),
            probe(session={"requests": 2}),
            probe(peer="192.0.2.2", stored=1, session={"requests": 3}),
        ],
        {"classify": by_query, "stream_info": "output", "output": {"stream"}},
    ),
    Case(
        "stream_info=unspecified: counts only under its own kind",
        [probe(session={"kind": "unspecified"}, stored=1, counts={"sessions": 0, "requests": 0})],
        {"classify": by_query, "stream_info": "unspecified", "unspecified": {"stream", "ip"}},
    ),
    Case(
        "unspecified makes no sessions by default (seed 000)",
        [
            probe(session=None, body=MEDIA, stored=0),
            get("/a.m3u8?other&tkn=x", session=None, seen="/a.m3u8?other"),
        ],
        {"classify": by_query, "stream_info": "unspecified"},
    ),
    Case(
        "stream_info=none: nobody looks at it",
        [probe(session=None, asked=(), headers=PLAIN)],
        {"classify": by_query, "stream_info": "none"},
    ),
    Case(
        "a set without token needs no handoff: the session begins at the first request",
        [
            get("/a.m3u8?x=1", body=MEDIA, headers=PLAIN, stored=1, session={"params": {"x": "1"}}),
            get("/a.m3u8", agent="Other/1", session={"requests": 2}),
            get("/a.m3u8", peer="192.0.2.2", stored=2),
            get("/b.m3u8", stored=3),
        ],
        {"viewer": {"stream", "ip"}},
    ),
    Case(
        "protocol as a part: HLS and DASH of one viewer are two sessions",
        [
            get("/hls/a.m3u8", with_cookie=f"tkn={ONE}", stored=1),
            get("/dash/a.mpd", with_cookie=f"tkn={ONE}", stored=2, session={"protocol": "DASH"}),
        ],
        {"viewer": {"stream", "token", "protocol"}},
    ),
    Case(
        "a kind whose set is empty makes no sessions",
        [get("/a.m3u8?tkn=x", body=MEDIA, seen="/a.m3u8", session=None, asked=())],
        {"viewer": ()},
    ),
    Case(
        "input names the parts of an input",
        [
            get("/a.m3u8", method="PUT", stored=1),
            get("/a.m3u8", method="PUT", peer="198.51.100.1", stored=1, session={"requests": 2}),
        ],
        {"input": {"stream"}},
    ),
    Case(
        "ipv6_prefix: so many bits count; an IPv4 is compared whole, mapped or not",
        [
            get("/a.m3u8", peer="2001:db8:1:2::1", stored=1),
            get("/a.m3u8", peer="2001:db8:1:2:ffff::9", stored=1),
            get("/a.m3u8", peer="2001:db8:1:3::1", stored=2),
            get("/a.m3u8", peer="192.0.2.1", stored=3),
            get("/a.m3u8", peer="192.0.2.2", stored=4),
            get("/a.m3u8", peer="::ffff:192.0.2.2", stored=4, session={"ip": "192.0.2.2"}),
            get("/a.m3u8", peer=None, stored=5),
        ],
        {"viewer": {"stream", "ip"}, "ipv6_prefix": 64},
    ),
    Case(
        "ip_privacy=network: of an address its network is kept, and all of it tells viewers apart",
        [
            get("/a.m3u8", peer="192.0.2.7", session={"ip": "192.0.2.0/24"}, stored=1),
            get("/a.m3u8", peer="192.0.2.8", session={"ip": "192.0.2.0/24"}, stored=2),
            get("/a.m3u8", peer="2001:db8:1:2::3", session={"ip": "2001:db8:1::/48"}),
            get("/a.m3u8", peer="", session={"ip": "unix"}),
        ],
        {"viewer": {"stream", "ip"}, "ip_privacy": "network"},
    ),
    Case(
        "ip_privacy=hash: of an address 16 digits are kept, the same in session and event",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}", check=keeps_hash),
            *[get("/a.m3u8", status=307, location=f"/a.m3u8?tkn={{{name}}}") for name in "bc"],
            get("/a.m3u8", events=("RedirectLoop",), check=keeps_hash),
            get("/a.m3u8?tkn={a}", check=keeps_hash),
        ],
        {"ip_privacy": "hash"},
    ),
    Case(
        "the client's IP is the right-most untrusted one, and nobody else may name it",
        [
            get(
                "/a.m3u8",
                peer="10.0.0.1",
                send={"X-Forwarded-For": "1.2.3.4, 198.51.100.7, 10.0.0.9"},
                session={"ip": "198.51.100.7"},
            ),
            get(
                "/a.m3u8",
                peer="10.0.0.1",
                send={"Forwarded": 'for="[2001:db8::7]:4711";proto=https'},
                session={"ip": "2001:db8::7"},
            ),
            get(
                "/a.m3u8",
                peer=None,
                send={"X-Forwarded-For": "198.51.100.8"},
                session={"ip": "198.51.100.8"},
            ),
            get(
                "/a.m3u8",
                peer="192.0.2.1",
                send={"X-Forwarded-For": "198.51.100.9"},
                session={"ip": "192.0.2.1"},
            ),
        ],
        {"viewer": {"stream", "ip"}, "trusted_proxies": ("10.0.0.0/8", "unix")},
    ),
]


CASES = [*WHICH, *PARTS]
