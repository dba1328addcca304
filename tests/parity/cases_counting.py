"""SPEC 7: who watches, who is quiet, and what is counted of them."""

from __future__ import annotations

from parity.cases_limits import ON, sweep
from parity.cases_tokens import issued
from sessionware import Kind
from support.origin import Reply
from support.parity import SECRET, Case, Made, child, do, get
from support.site import MEDIA, SEGMENT, children, site

ONE, TWO = issued(SECRET, 951), issued(SECRET, 952)
TS = {"track": r"\.ts$"}


def watch(token, path="/a.m3u8", **said):
    return get(f"{path}?tkn={token}", **said)


def counts(**numbers):
    """A look at the numbers, after some seconds."""
    return do(lambda _: None, wait=numbers.pop("wait", 0.0), counts=numbers)


def numbers(story, **which):
    """What the facade counts of a stream, of a kind, of a protocol."""
    found = story.facade().count(**which)
    return found.sessions, found.requests, found.bytes_down, found.bytes_up


def number_of(*expected, **which):
    return do(lambda story: numbers(story, **which), gives=expected)


def live(target_duration):
    """A live playlist whose segments last so long."""
    body = MEDIA.replace(b"DURATION:4", b"DURATION:%d" % target_duration)
    return lambda _: Reply(body=body)


def mpd(attributes):
    body = b"<MPD %s><Period/></MPD>" % attributes
    return lambda _: Reply(body=body, content_type="application/dash+xml")


def holding(story):
    """An app that answers a blocking reload 20 s later, and anything else at once."""

    def answer(seen):
        if "_HLS_msn" in seen.query:
            story.clock.advance(20.0)
        return site(seen)

    return answer


def in_chunks(seen):
    """An app that streams its segments, and reads what it is sent."""
    if seen.path.endswith(".ts"):
        return Reply(body=(b"1234567", b"", b"89"), content_type="video/mp2t")
    return site(seen)


WINDOWS = [
    Case(
        "who asked within fifteen seconds watches",
        [
            watch(ONE, counts={"watching": 1, "quiet": 0, "sessions": 1}),
            counts(wait=15.0, watching=1),
            counts(wait=1.0, watching=0, sessions=1),
            watch(ONE, counts={"watching": 1, "sessions": 1}),
        ],
    ),
    *(
        Case(
            f"a refresh every {refresh} s: who asked within {window} s watches",
            [
                watch(ONE, path, counts={"watching": 1, "quiet": 0}),
                counts(wait=window, watching=1),
                counts(wait=1.0, watching=0, quiet=0, sessions=1),
            ],
            {"live_timeout": 200},
            origin,
        )
        for refresh, window, path, origin in (
            (6, 18.0, "/a.m3u8", live(6)),
            (30, 90.0, "/a.m3u8", live(30)),
            (10, 30.0, "/a.mpd", mpd(b'type="dynamic" minimumUpdatePeriod="PT10S"')),
            (60, 180.0, "/a.mpd", mpd(b'type="dynamic" minimumUpdatePeriod="PT1M"')),
        )
    ),
    *(
        Case(
            f"{what} need not ask: quiet for as long as it is open, and never watching",
            [
                watch(ONE, path, counts={"watching": 0, "quiet": 1, "sessions": 1}),
                counts(wait=stays, watching=0, quiet=1),
                counts(wait=ends - stays, watching=0, quiet=0, sessions=0),
            ],
            origin=origin,
        )
        for what, path, origin, stays, ends in (
            ("live that refreshes every 61 s", "/a.m3u8", live(61), 182.0, 183.0),
            (
                "an MPD as ffmpeg writes it, PT500S",
                "/a.mpd",
                mpd(b'type="dynamic" minimumUpdatePeriod="PT500S"'),
                1499.0,
                1500.0,
            ),
            (
                "a dynamic MPD that promises no refresh",
                "/a.mpd",
                mpd(b'type="dynamic"'),
                21_599.0,
                21_600.0,
            ),
            ("a VOD playlist", "/vod.m3u8", site, 899.0, 900.0),
            ("a VOD MPD", "/vod.mpd", site, 899.0, 900.0),
        )
    ),
    Case(
        "a VOD whose segments are tracked watches for a minute after each",
        [
            watch(ONE, "/vod/vod.m3u8", counts={"quiet": 1, "watching": 0}),
            watch(ONE, "/vod/1.ts", wait=30.0, counts={"quiet": 0, "watching": 1}),
            counts(wait=60.0, watching=1, quiet=0),
            counts(wait=1.0, watching=0, quiet=0, sessions=1),
            watch(ONE, "/vod/2.ts", counts={"watching": 1}),
            watch(ONE, "/vod/vod.m3u8", wait=61.0, counts={"watching": 1, "quiet": 0}),
        ],
        {**TS, "stream": r"^/(?P<stream>\w+)/"},
    ),
    Case(
        "of one viewer's renditions the slowest refresh counts",
        [
            watch(ONE, "/f/slow.m3u8"),
            watch(ONE, "/f/fast.m3u8", wait=1.0, stored=1),
            counts(wait=36.0, watching=1),
            counts(wait=1.0, watching=0),
            watch(ONE, "/f/fast.m3u8", wait=10.0),
            watch(ONE, "/f/fast.m3u8"),
            counts(wait=36.0, watching=1),
            counts(wait=1.0, watching=0),
        ],
        {"stream": r"^/(?P<stream>\w+)/"},
        lambda seen: live(12 if "slow" in seen.path else 4)(seen),
    ),
    Case(
        "a pending session is in no number",
        [
            watch(ONE, "/f/master.m3u8", uris=children(f"tkn={ONE}")),
            *[watch(ONE, "/f/master.m3u8", wait=9.0)] * 2,
            do(sweep, counts=dict.fromkeys(("watching", "sessions", "started", "requests"), 0)),
            do(lambda story: dict(story.facade().streams()), gives={}),
            child(1, counts={"watching": 1, "sessions": 1, "started": 1, "requests": 4}),
        ],
    ),
    Case(
        "a blocking reload counts as there until it is answered",
        [
            watch(ONE),
            get(f"/a.m3u8?tkn={ONE}&_HLS_msn=8", wait=1.0, **ON, seen="/a.m3u8?_HLS_msn=8"),
            counts(wait=15.0, watching=1, requests=2, bytes_down=0),
            counts(wait=1.0, watching=0),
            watch(ONE, session={"requests": 3, "seconds": 31.0}),
        ],
        {},
        Made(holding),
    ),
]

SUMS = [
    Case(
        "seconds: what lies between its requests, of each gap no more than the window",
        [
            watch(ONE, session={"seconds": 0.0}),
            watch(ONE, wait=4.0, session={"seconds": 4.0, "requests": 2}),
            watch(ONE, wait=100.0, session={"seconds": 19.0, "requests": 3}),
            watch(TWO, "/b.m3u8"),
            watch(TWO, "/b.m3u8", wait=6.0, session={"seconds": 6.0}),
            counts(seconds=25.0, requests=5),
            do(sweep, wait=120.0, gives=2),
            counts(seconds=25.0, requests=5, sessions=0, ended=2),
        ],
    ),
    Case(
        "seconds of one that need not ask are not known",
        [
            watch(ONE, "/vod.m3u8"),
            watch(ONE, "/vod.m3u8", wait=400.0, session={"seconds": None, "quiet": True}),
            counts(seconds=0.0, requests=2),
        ],
    ),
    Case(
        "bytes_down and bytes_up: those of tracked paths, and of no manifest",
        [
            watch(ONE, "/a/index.m3u8", counts={"bytes_down": 0}),
            watch(ONE, "/a/1.ts", body=SEGMENT, counts={"bytes_down": 8, "bytes_up": 0}),
            watch(ONE, "/a/1.ts", method="HEAD", asked=("Get",), counts={"bytes_down": 8}),
            watch(ONE, "/a/1.ts", send={"Purpose": "prefetch"}, counts={"bytes_down": 8}),
            watch(ONE, "/a/1.ts", session={"bytes_down": 8}, counts={"bytes_down": 16}),
            get("/a/1.ts", counts={"bytes_down": 16}),
            watch(ONE, "/b/1.ts", session=None, counts={"bytes_down": 16}),
            get("/a/index.m3u8", method="PUT", upload=b"#EXTM3U\n", counts={"bytes_up": 0}),
            get("/a/1.ts", method="PUT", upload=b"x" * 1000, counts={"bytes_up": 1000}),
            get("/a/2.ts", method="POST", upload=b"y" * 500, counts={"bytes_up": 1500}),
            number_of(1, 3, 16, 0, kind=Kind.VIEWER),
            number_of(1, 3, 16, 1500, kind=Kind.INPUT),
            do(sweep, wait=121.0, gives=2, counts={"bytes_down": 32, "bytes_up": 1500}),
        ],
        TS,
    ),
    Case(
        "an answer in the place of a manifest is no payload either",
        [
            watch(ONE, "/a/x.m3u8"),
            get(f"/a/gone.m3u8?tkn={ONE}&_HLS_msn=8", status=404, body=b"gone\n"),
            counts(bytes_down=0, requests=2),
        ],
        {"stream": r"^/(?P<stream>\w+)/"},
    ),
    Case(
        "what is streamed is counted as it goes out",
        [
            watch(ONE, "/a/index.m3u8"),
            watch(ONE, "/a/1.ts", body=b"123456789", counts={"bytes_down": 9}),
            get("/a/index.m3u8", method="PUT"),
            get("/a/1.ts", method="PUT", upload=b"x" * 9, counts={"bytes_up": 9}),
        ],
        TS,
        in_chunks,
    ),
    Case(
        "of an answer that the app breaks off only what it gave",
        [
            watch(ONE, "/a/index.m3u8"),
            watch(ONE, "/a/1.ts", raises=RuntimeError, counts={"bytes_down": 3}),
        ],
        TS,
        lambda seen: (
            Reply(
                body=(b"123", b"456"),
                content_type="video/mp2t",
                error=RuntimeError("the disk is broken"),
                error_after=1,
            )
            if seen.path.endswith(".ts")
            else site(seen)
        ),
    ),
    Case(
        "by stream, by kind and by protocol, and in all",
        [
            watch(ONE, "/a.m3u8"),
            watch(ONE, "/b.mpd"),
            watch(TWO, "/b.m3u8"),
            get("/b.m3u8", method="PUT"),
            number_of(4, 4, 0, 0),
            number_of(1, 1, 0, 0, stream="a"),
            number_of(3, 3, 0, 0, stream="b"),
            number_of(0, 0, 0, 0, stream="c"),
            number_of(2, 2, 0, 0, stream="b", kind=Kind.VIEWER),
            number_of(1, 1, 0, 0, kind=Kind.INPUT),
            number_of(1, 1, 0, 0, protocol="DASH"),
            number_of(3, 3, 0, 0, protocol="HLS"),
            number_of(1, 1, 0, 0, stream="b", kind=Kind.VIEWER, protocol="HLS"),
            do(
                lambda story: {n: c.sessions for n, c in story.facade().streams().items()},
                gives={"a": 1, "b": 3},
            ),
        ],
    ),
    Case(
        "unspecified ones count under their own kind only",
        [
            get("/x.m3u8", session={"kind": "unspecified"}),
            number_of(0, 0, 0, 0),
            number_of(1, 1, 0, 0, kind=Kind.UNSPECIFIED),
            do(lambda story: story.facade().count(kind=Kind.UNSPECIFIED).started, gives=1),
        ],
        {"unspecified": {"ip"}, "classify": lambda _: Kind.UNSPECIFIED},
    ),
]

CASES = [*WINDOWS, *SUMS]
