"""SPEC 3: how clients are known again, who rides along, and how tokens look."""

from __future__ import annotations

from parity.cases_tokens import ONE, enters, issued
from sessionware import presets
from sessionware.token import BroadpeakFormat
from support.parity import SECRET, Case, Made, follow, get
from support.site import MEDIA

UUID = "5b6b7a0e-4f6f-4d4e-9c39-4f4d3f2b1a00"

HINTS = [
    Case(
        f"a player that names its playback {where} is one session however often it returns (P1)",
        [
            enters(target, **said),
            follow(stored=1),
            enters(target, wait=5.0, **said),
            follow(stored=1, session={"requests": 2}),
            enters(target, "{b}", agent="Another/1", **said),
            follow(stored=2),
            enters(target, "{c}", peer="203.0.113.1", **said),
            follow(stored=3),
        ],
        {"hints": hints},
    )
    for where, target, said, hints in (
        (
            "by X-Playback-Session-Id",
            "/a.m3u8",
            {"send": {"X-Playback-Session-Id": UUID}},
            ("playback-session-id",),
        ),
        ("by CMCD in the query", f"/a.m3u8?CMCD=bl%3D1%2Csid%3D%22{UUID}%22", {}, ("cmcd",)),
        (
            "by CMCD in a header",
            "/a.m3u8",
            {"send": {"CMCD-Session": f'sid="{UUID}",v=1'}},
            ("cmcd",),
        ),
        (
            "by 22 characters and more",
            "/a.m3u8",
            {"send": {"X-Playback-Session-Id": "x" * 22}},
            ("playback-session-id",),
        ),
    )
] + [
    Case(
        "a hint that others may have too is none",
        [
            enters("/a.m3u8", send={"X-Playback-Session-Id": "x" * 21}),
            enters("/a.m3u8", "{b}", send={"X-Playback-Session-Id": "x" * 21}),
        ],
    ),
    Case(
        "hints=() looks at none",
        [
            enters("/a.m3u8", send={"X-Playback-Session-Id": UUID}),
            enters("/a.m3u8", "{b}", send={"X-Playback-Session-Id": UUID}),
        ],
        {"hints": ()},
    ),
]

SHARED = [
    Case(
        "shared=split: where agent and network both differ it is somebody else's: an entry",
        [
            enters("/a.m3u8", agent="Phone/1"),
            follow(stored=1),
            get("/a.m3u8?tkn={a}", agent="Phone/1", peer="203.0.113.5", stored=1),
            get("/a.m3u8?tkn={a}", agent="Browser/2", session={"requests": 3}),
            get("/a.m3u8?tkn={a}", agent="Phone/1", peer="192.0.2.77", session={"requests": 4}),
            enters("/a.m3u8?tkn={a}", "{b}", agent="Browser/2", peer="203.0.113.5", seen=None),
            follow(stored=2),
        ],
    ),
    Case(
        "shared=ride: whoever has the token rides the session",
        [
            enters("/a.m3u8", agent="Phone/1"),
            follow(stored=1),
            get("/a.m3u8?tkn={a}", agent="Other/2", peer="203.0.113.5", session={"requests": 2}),
        ],
        {"shared": "ride"},
    ),
    *(
        Case(
            f"a token from more than 8 networks raises TokenShared once, shared={shared}",
            [
                enters("/a.m3u8", agent="A/1"),
                *(
                    get(
                        "/a.m3u8?tkn={a}",
                        agent="A/1",
                        peer=f"198.18.{number}.1",
                        wait=20.0,
                        events=("TokenShared",) if number == 8 else (),
                    )
                    for number in range(1, 13)
                ),
            ],
            {"shared": shared},
        )
        for shared in ("split", "ride")
    ),
    Case(
        "a few networks in 10 minutes, and a few later, are no published link",
        [
            enters("/a.m3u8", agent="A/1"),
            *(
                get("/a.m3u8?tkn={a}", agent="A/1", peer=f"198.18.{number}.1", wait=86.0)
                for number in range(1, 20)
            ),
        ],
    ),
    Case(
        "following a link never plants its token in a cookie",
        [
            get(f"/a.m3u8?tkn={ONE}", cookie=None, body=MEDIA),
            get(f"/a.m3u8?tkn={ONE}", wait=400.0, cookie=None),
        ],
    ),
]

FORMATS = [
    Case(
        "broadpeak's form, and every repeat of the first URL is a new session (seed 003)",
        [
            get("/a.mpd", status=307, location="/a.mpd?bpkio_sessionid={a:broadpeak}", cookie=None),
            follow(stored=1, uris=("a.mpd?bpkio_sessionid={a}",)),
            get("/a.mpd", status=307, location="/a.mpd?bpkio_sessionid={b:broadpeak}"),
            follow(stored=2),
            get("/b.mpd?sessionid={a}", stored=2, session={"requests": 2}),
        ],
        {
            **presets.broadpeak(),
            "new_token": Made(lambda story: lambda keys: BroadpeakFormat(keys, story.random)),
        },
    ),
    Case(
        "new_token makes the tokens",
        [get("/a.m3u8", status=307, location=f"/a.m3u8?tkn={issued(SECRET, 1)}")],
        {"new_token": Made(lambda story: story.new_token)},
    ),
]


CASES = [*HINTS, *SHARED, *FORMATS]
