"""SPEC 8, limits: who gives way, who is ended, and how it is with the other options."""

from __future__ import annotations

from parity.cases_admission import account, answering, asked, by_header
from parity.cases_limits import (
    ENDED,
    FULL,
    IN,
    ON,
    STARTED,
    TWO,
    last_end,
    one,
    says,
    sweep,
    three,
    two,
)
from parity.cases_paths import EDGE
from sessionware import Deny, Limit, presets
from sessionware.token import BroadpeakFormat
from support.parity import Case, Made, do, follow, get
from support.site import children

EVICTS = [
    Case(
        "evict ends who is silent longest: a running player is told so, a page view enters anew",
        [
            one(**account("ann"), **IN),
            two(**account("ann"), **IN, wait=1.0),
            one(**account("ann"), **ON, wait=1.0, told=(STARTED,)),
            three(**account("ann"), **IN, wait=1.0, counts={"sessions": 2, "ended": 1}),
            do(sweep, told=(STARTED, ENDED), check=last_end("evicted", requests=1)),
            two(
                **account("ann"),
                status=410,
                seen=None,
                headers={"cache-control": "private, max-age=10"},
            ),
            one(**account("ann"), **ON),
            get(
                "/a.m3u8",
                send={"X-Account": "ann", "Cookie": f"tkn={TWO}"},
                agent="Two/1",
                status=307,
                location="/a.m3u8?tkn={a}",
                cookie="{a}",
            ),
            follow(send={"Cookie": ""}, **IN, wait=5.0, counts={"sessions": 2, "ended": 2}),
        ],
        {"max_sessions_per_user": Limit(2, "evict"), "identify": by_header},
    ),
    Case(
        "evict for an address",
        [one(**IN), two(**IN, stored=1), one(status=410, seen=None)],
        {"max_sessions_per_ip": Limit(1, over="evict")},
    ),
    Case(
        "nobody is ended for who is refused by another limit",
        [
            one(peer="192.0.2.1", **IN),
            two(peer="192.0.2.2", path="/b.m3u8", **IN),
            three(peer="192.0.2.2", **FULL, stored=2),
            two(peer="192.0.2.2", path="/b.m3u8", **ON),
        ],
        {"max_sessions_per_ip": Limit(1, "evict"), "max_sessions": 2, "shared": "ride"},
    ),
]

ZAPPING = [
    Case(
        "a token's own former session on another stream gives way, and is a newcomer later",
        [
            one(**IN),
            two(path="/c.m3u8", **FULL),
            one(path="/b.m3u8", wait=1.0, **IN, counts={"sessions": 2}),
            one(wait=1.0, **ON),
            one(path="/b.m3u8", wait=1.0, **ON),
            two(path="/c.m3u8", **FULL),
        ],
        {"max_sessions": 1},
    ),
    Case(
        "two that displace each other more than three times are two viewers: the later one is out",
        [
            one(**IN),
            one(path="/b.m3u8", wait=1.0, **IN),
            one(wait=1.0, **ON),
            one(path="/b.m3u8", wait=1.0, **ON),
            one(wait=1.0, **ON),
            one(path="/b.m3u8", wait=1.0, **FULL),
            one(wait=1.0, **ON),
            one(path="/b.m3u8", wait=56.0, **FULL),
            one(path="/b.m3u8", wait=1.0, **ON),
        ],
        {"max_sessions": Limit(1, hold=62)},
    ),
    Case(
        "it gives way before anybody else is ended",
        [
            two(**IN),
            one(wait=1.0, **IN),
            one(path="/b.m3u8", wait=1.0, **IN, counts={"sessions": 3, "ended": 0}),
        ],
        {"max_sessions_per_ip": Limit(2, "evict")},
    ),
]

ELSEWHERE = [
    Case(
        "inline: the newcomer gets no manifest and no cookie",
        [
            get("/a.m3u8", agent="One/1", uris=("a.m3u8?tkn={a}",), cookie="{a}"),
            get("/a.m3u8?tkn={a}", agent="One/1", session={"state": "live"}),
            get(
                "/a.m3u8",
                agent="Two/1",
                **{**FULL, "seen": "/a.m3u8"},
                stored=1,
                check=says("Too many sessions"),
            ),
            get("/a.m3u8?tkn={a}", agent="One/1", **ON),
            get("/a.m3u8", agent="Two/1", wait=121.0, uris=("a.m3u8?tkn={b}",), cookie="{b}"),
        ],
        {"max_sessions": 1, "handoff": "inline"},
    ),
    Case(
        "inline, a multivariant playlist gives its place back, too",
        [
            get("/a/master.m3u8", agent="One/1", uris=children("tkn={a}"), cookie="{a}"),
            get("/b/master.m3u8", agent="Two/1", cookie="{b}"),
            get("/b/index.m3u8?tkn={b}", agent="Two/1", **ON),
            get("/a/index.m3u8?tkn={a}", agent="One/1", **FULL),
        ],
        {"max_sessions": 1, "handoff": "inline"},
    ),
    Case(
        "behind a trusted header, too",
        [
            get("/a.m3u8", peer="10.0.0.1", send={"X-CDN": "id-1"}, **IN),
            get(
                "/b.m3u8",
                peer="10.0.0.1",
                send={"X-CDN": "id-2"},
                **{**FULL, "seen": "/b.m3u8"},
                stored=1,
            ),
            get("/a.m3u8", peer="10.0.0.1", send={"X-CDN": "id-1"}, **ON),
        ],
        {"max_sessions": 1, "trusted_header": "X-CDN", **EDGE},
    ),
    Case(
        "who is served unwrapped, because redirects lead nowhere, needs a place, too",
        [
            two(path="/b.m3u8", **IN),
            *(
                get("/a.m3u8", status=307, location=f"/a.m3u8?tkn={{{name}}}")
                for name in ("a", "b", "c")
            ),
            get("/a.m3u8", events=("RedirectLoop",), **FULL),
            two(path="/b.m3u8", wait=9.0, **ON),
            get("/a.m3u8", **FULL),
        ],
        {"max_sessions": 1},
    ),
    Case(
        "where no token tells viewers apart, too",
        [
            get("/a.m3u8", peer="192.0.2.1", **IN),
            get("/a.m3u8", peer="192.0.2.2", **FULL),
            get("/b.m3u8", peer="192.0.2.1", **FULL),
            get("/a.m3u8", peer="192.0.2.1", **ON),
        ],
        {"max_sessions": 1, "viewer": {"stream", "ip"}},
    ),
    Case(
        "the preset of broadpeak, whose every repeat of the first URL is a newcomer",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?bpkio_sessionid={a:broadpeak}"),
            follow(**IN),
            get("/a.m3u8", status=307, location="/a.m3u8?bpkio_sessionid={b:broadpeak}"),
            follow(**FULL),
            get("/a.m3u8?bpkio_sessionid={a}", **ON),
        ],
        {
            **presets.broadpeak(max_sessions=1),
            "new_token": Made(lambda story: lambda keys: BroadpeakFormat(keys, story.random)),
        },
    ),
    Case(
        "the preset of MistServer, where a client brings its token, and a segment tells who is in",
        [
            get("/a/index.m3u8?tkn=alice", **IN),
            get("/a/index.m3u8?tkn=bob", agent="Two/1", **FULL),
            get("/a/1.ts?tkn=alice", wait=14.0, **ON),
            get("/a/index.m3u8?tkn=bob", agent="Two/1", wait=14.0, **FULL),
            get("/a/index.m3u8?tkn=bob", agent="Two/1", wait=1.0, **IN, stored=1),
        ],
        presets.mistserver(max_sessions=1),
    ),
    Case(
        "admit is asked first: whom it keeps out is told so, and who finds no place is asked again",
        [
            one(**IN, check=asked(1)),
            two(status=403, seen=None, events=("SessionDenied",), check=asked(2)),
            three(**FULL, check=asked(3)),
            three(**FULL, check=asked(4)),
        ],
        {
            "max_sessions": 1,
            "admit": answering(True, Deny("not you"), True),
            "limit_status": 403,
        },
    ),
]

CASES = [*EVICTS, *ZAPPING, *ELSEWHERE]
