"""SPEC 6: how long a session lives, and what its token gets when that life is over (seed 003)."""

from __future__ import annotations

from parity.cases_tokens import issued
from support.origin import Reply
from support.parity import SECRET, Case, child, follow, get
from support.site import MEDIA, children

BEGAN = 1_700_000_000.0
ONE, TWO = issued(SECRET, 901), issued(SECRET, 902)
KEPT = {"cache-control": "private, max-age=10", "access-control-allow-origin": "*"}
EXPIRED = b"Session expired"
STOPPED = {"status": 410, "seen": None, "headers": KEPT}


def said(word):
    """The problem body names what is wrong, and not the token."""

    def check(story):
        assert word in story.answer.body
        assert ONE.encode() not in story.answer.body

    return check


def revives(story):
    """The session is another life of the same one."""
    session = story.origin.seen[-1].session
    assert session.previous
    assert session.previous != session.id
    assert session.previous.partition("-")[0] == session.id.partition("-")[0]


def stop(**what):
    """Stop sessions beside the request."""

    def check(story):
        assert story.world.sessions.stop(**what) == 1

    return check


def ends_later(seen):
    """A playlist that is live until the hundredth second, and VOD from then on."""
    is_over = seen.session.last_seen >= BEGAN + 100
    return Reply(body=MEDIA + b"#EXT-X-ENDLIST\n" * is_over)


LIVE = [
    Case(
        "what is played at a path is learned once, and the next viewer begins in two trips",
        [
            get(f"/a.m3u8?tkn={ONE}", asked=("Meta", "Touch", "Begin", "Learn")),
            get(
                f"/a.m3u8?tkn={TWO}",
                asked=("Touch", "Begin"),
                session={"new": True, "presentation": "live", "state": "live"},
                counts={"started": 0, "sessions": 2, "watching": 1},  # it may have opened twice
            ),
            get(f"/vod.m3u8?tkn={ONE}", asked=("Touch", "Begin", "Learn")),
            get(
                f"/vod.m3u8?tkn={TWO}",
                asked=("Touch", "Begin"),
                session={"presentation": "vod", "duration": 600.0, "expires": BEGAN + 900},
            ),
        ],
    ),
    Case(
        "a live session goes on as long as it is asked for within 120 s (K40a, K40b)",
        [
            get(f"/a.m3u8?tkn={ONE}", session={"new": True, "presentation": "live"}),
            *[get(f"/a.m3u8?tkn={ONE}", wait=119.0, session={"new": False})] * 3,
            get(
                f"/b.m3u8?tkn={TWO}",
                wait=121.0,
                counts={"sessions": 1, "started": 1, "ended": 1},
            ),
        ],
    ),
    Case(
        "expired and asked for within revive_window: a new life of the same token (K49a)",
        [
            get(f"/a.m3u8?tkn={ONE}", counts={"started": 0}),
            get(
                f"/a.m3u8?tkn={ONE}",
                wait=720.0,
                session={"new": True, "data": {}, "started": BEGAN + 720},
                counts={"sessions": 1, "started": 2, "ended": 1},
                check=revives,
            ),
            get(f"/a.m3u8?tkn={ONE}", wait=1.0, session={"new": False}, check=revives),
        ],
    ),
    Case(
        "later than that it is refused as expired, for an hour (K50), and at 410 in a live reload",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(
                f"/a.m3u8?tkn={ONE}",
                wait=721.0,
                status=400,
                seen=None,
                headers=KEPT,
                check=said(EXPIRED),
                counts={"sessions": 0, "started": 1},
            ),
            get(f"/a.m3u8?tkn={ONE}&_HLS_msn=7", status=410, seen=None, check=said(EXPIRED)),
            get(f"/a.m3u8?tkn={ONE}", method="HEAD", status=400, seen=None),
            get(f"/a.m3u8?tkn={ONE}", wait=2998.0, status=400, seen=None),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, session={"new": True, "previous": None}),
        ],
    ),
    Case(
        "expired_live_status: another status for it",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(f"/a.m3u8?tkn={ONE}&_HLS_msn=7", wait=721.0, status=404, seen=None),
        ],
        {"expired_live_status": 404},
    ),
    Case(
        "with a cookie alone it is a page view: an entry, and the new token replaces the cookie",
        [
            get("/a.m3u8", with_cookie=f"tkn={ONE}", session={"new": True}),
            get(
                "/a.m3u8",
                wait=721.0,
                with_cookie=f"tkn={ONE}",
                status=307,
                location="/a.m3u8?tkn={a}",
                cookie="{a}",
            ),
            follow(session={"new": True, "previous": None}, stored=1),
        ],
    ),
    Case(
        "revive_window: how long after its end a session comes back",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(f"/a.m3u8?tkn={ONE}", wait=130.0, check=revives),
            get(f"/a.m3u8?tkn={ONE}", wait=131.0, status=400, seen=None),
        ],
        {"revive_window": 10},
    ),
    Case(
        "revive_window=None: always, and never an error (seed 000)",
        [
            get(f"/a.m3u8?tkn={issued(SECRET, 3, at=BEGAN - 1e8)}", session={"new": True}),
            get(f"/a.m3u8?tkn={ONE}"),
            get(f"/a.m3u8?tkn={ONE}", wait=3700.0, session={"new": True}, check=revives),
            get(f"/a.m3u8?tkn={ONE}", wait=1e6, session={"new": True, "previous": None}),
        ],
        {"revive_window": None},
    ),
    Case(
        "remember: how long an expired session is known for one",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(f"/a.m3u8?tkn={ONE}", wait=819.0, status=400, seen=None),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, session={"new": True, "previous": None}),
        ],
        {"remember": 700},
    ),
    Case(
        "a promised refresh of more than 40 s counts three times",
        [
            get(f"/slow.m3u8?tkn={ONE}", session={"expires": BEGAN + 120}),
            get(f"/slow.m3u8?tkn={ONE}", session={"expires": BEGAN + 150}),
            get(f"/slow.m3u8?tkn={ONE}", wait=149.0, session={"new": False}),
        ],
        origin=lambda _: Reply(body=MEDIA.replace(b"DURATION:4", b"DURATION:50")),
    ),
    Case(
        "a live MPD that promises no refresh is not asked for again: vod_timeout",
        [
            get(f"/a.mpd?tkn={ONE}"),
            get(f"/a.mpd?tkn={ONE}", wait=999.0, session={"new": False}),
            get(f"/a.mpd?tkn={ONE}", wait=1001.0, session={"new": True}),
        ],
        {"vod_timeout": 1000},
        origin=lambda _: Reply(
            body=b'<MPD type="dynamic"><Period/></MPD>', content_type="application/dash+xml"
        ),
    ),
]

VOD = [
    Case(
        "VOD lives 1.5 times its duration from the start, then 404 (K45a, K51)",
        [
            get(f"/vod.m3u8?tkn={ONE}"),
            get(f"/vod.m3u8?tkn={TWO}"),
            get(
                f"/vod.m3u8?tkn={ONE}",
                wait=899.0,
                session={"new": False, "presentation": "vod", "duration": 600.0},
            ),
            get(
                f"/vod.m3u8?tkn={TWO}",
                wait=2.0,
                status=404,
                seen=None,
                headers=KEPT,
                check=said(EXPIRED),
            ),
            # Never sooner than live_timeout after its last request.
            get(f"/vod.m3u8?tkn={ONE}", wait=117.0, session={"new": False}),
        ],
    ),
    Case(
        "the duration of an MPD is the same to it (K45a)",
        [
            get(f"/vod.mpd?tkn={ONE}"),
            get(f"/vod.mpd?tkn={ONE}", wait=899.0, session={"new": False, "duration": 600.0}),
            get(f"/vod.mpd?tkn={ONE}", wait=121.0, status=404, seen=None),
        ],
    ),
    Case(
        "expired_vod_status: another status for it",
        [get(f"/vod.m3u8?tkn={ONE}"), get(f"/vod.m3u8?tkn={ONE}", wait=901.0, status=410)],
        {"expired_vod_status": 410},
    ),
    Case(
        "vod_factor: another factor",
        [
            get(f"/vod.m3u8?tkn={ONE}"),
            get(f"/vod.m3u8?tkn={ONE}", wait=1199.0, session={"new": False}),
            get(f"/vod.m3u8?tkn={ONE}", wait=121.0, status=404),
        ],
        {"vod_factor": 2},
    ),
    Case(
        "vod_factor=None: VOD lives and comes back as live (M11a)",
        [
            get(f"/vod.m3u8?tkn={ONE}"),
            # Three times its target duration, as if it were the promise of a live one.
            get(f"/vod.m3u8?tkn={ONE}", wait=899.0, session={"new": False}),
            get(f"/vod.m3u8?tkn={ONE}", wait=901.0, session={"new": True}, check=revives),
            get(f"/vod.m3u8?tkn={ONE}", wait=1501.0, status=400),
        ],
        {"vod_factor": None},
    ),
    Case(
        "vod_timeout: where no duration can be learned",
        [
            get(f"/vod.mpd?tkn={ONE}"),
            get(f"/vod.mpd?tkn={ONE}", wait=299.0, session={"new": False, "duration": None}),
            get(f"/vod.mpd?tkn={ONE}", wait=121.0, status=404),
        ],
        {"vod_timeout": 300},
        origin=lambda _: Reply(
            body=b'<MPD type="static"><Period/></MPD>', content_type="application/dash+xml"
        ),
    ),
    Case(
        "live becomes VOD when no live playlist was asked for any more",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(f"/a.m3u8?tkn={ONE}", wait=110.0),
            get(f"/a.m3u8?tkn={ONE}", session={"presentation": "live"}),
            get(f"/a.m3u8?tkn={ONE}", wait=100.0),
            get(f"/a.m3u8?tkn={ONE}", session={"presentation": "vod", "duration": 4.0}),
        ],
        origin=ends_later,
    ),
]

STOPS = [
    Case(
        "a stopped session is refused for deny_for, by URL and by cookie, and counts no more",
        [
            get(f"/a.m3u8?tkn={ONE}", check=stop(stream="a"), counts={"sessions": 1}),
            get(f"/a.m3u8?tkn={ONE}", **STOPPED, counts={"sessions": 0, "ended": 1}),
            get(f"/a.m3u8?tkn={ONE}", method="HEAD", status=410, seen=None),
            get(
                "/a.m3u8",
                with_cookie=f"tkn={ONE}",
                status=410,
                seen=None,
                headers={"cache-control": "private, no-store"},
            ),
            get(f"/a.ts?tkn={ONE}", **STOPPED),
            get(f"/b.m3u8?tkn={ONE}", session={"new": True}),
            get(f"/a.m3u8?tkn={TWO}", session={"new": True}),
            get(f"/a.m3u8?tkn={ONE}", wait=599.0, **STOPPED),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, session={"new": True, "previous": None}),
        ],
        {"track": r"\.ts$", "stream": r"/(?P<stream>\w+)\."},
    ),
    Case(
        "deny_for and ended_status: how long, and by which status",
        [
            get(f"/a.m3u8?tkn={ONE}", check=stop(stream="a")),
            get(f"/a.m3u8?tkn={ONE}", wait=99.0, status=403, seen=None),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, session={"new": True}),
        ],
        {"deny_for": 100, "ended_status": 403},
    ),
    Case(
        "a stop holds for the token on that stream, whatever the IP",
        [
            get(f"/a.m3u8?tkn={ONE}", peer="192.0.2.1", check=stop(stream="a")),
            get(f"/a.m3u8?tkn={ONE}", peer="198.51.100.1", **STOPPED),
        ],
        {"viewer": {"stream", "ip", "token"}, "shared": "ride"},
    ),
    Case(
        "who was stopped on a stream is out below it, with the link or without",
        [
            get(f"/film/master.m3u8?tkn={ONE}", uris=children(f"tkn={ONE}")),
            child(1, session={"stream": "film"}, check=stop(stream="film")),
            get(f"/film/720p/index.m3u8?tkn={ONE}.{{video}}", **STOPPED),
            get(f"/film/720p/index.m3u8?tkn={ONE}", **STOPPED),
            get(f"/film/720p/index.m3u8?tkn={ONE}", method="HEAD", status=410, seen=None),
            get(f"/film/720p/1.ts?tkn={ONE}", **STOPPED),
            get(f"/film/720p/hd/index.m3u8?tkn={ONE}", **STOPPED),
            get(f"/filmed/index.m3u8?tkn={ONE}", session={"new": True}),
            get(f"/film/720p/index.m3u8?tkn={TWO}", session={"new": True}),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "a stop of a stream covers the streams below it, and no other",
        [
            get(f"/live/a.m3u8?tkn={ONE}"),
            get(f"/lively.m3u8?tkn={TWO}", check=stop(stream="live")),
            get(f"/live/a.m3u8?tkn={ONE}", **STOPPED),
            get(f"/lively.m3u8?tkn={TWO}", session={"new": False}),
        ],
    ),
]

AGES = [
    Case(
        "a token that was never used is good for a day and the revive window, whatever its age",
        [
            get(f"/a.m3u8?tkn={issued(SECRET, 4, at=BEGAN - 87_000)}", session={"new": True}),
            get(f"/a.m3u8?tkn={issued(SECRET, 5, at=BEGAN - 87_001)}", status=400, seen=None),
            get(
                "/a.m3u8",
                with_cookie=f"tkn={issued(SECRET, 6, at=BEGAN - 87_001)}",
                status=307,
                location="/a.m3u8?tkn={a}",
            ),
        ],
    ),
]

CASES = [*LIVE, *VOD, *STOPS, *AGES]
