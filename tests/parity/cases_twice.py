"""SPEC 7, opening twice: mpv and others open, drop and open again, and are one viewer."""

from __future__ import annotations

from parity.cases_admission import by_header
from parity.cases_limits import ENDED, FULL, IN, ON, STARTED, sweep
from parity.cases_tokens import issued
from support.origin import Reply
from support.parity import SECRET, Case, do, follow, get
from support.site import MEDIA, children

ONE, TWO, THREE = (issued(SECRET, number) for number in (931, 932, 933))


def watch(token, path="/a.m3u8", **said):
    return get(f"{path}?tkn={token}", **said)


def refreshing(seconds):
    """A live playlist that promises a refresh in so many seconds."""
    body = MEDIA.replace(b"DURATION:4", b"DURATION:%d" % seconds)
    return lambda _: Reply(body=body)


def twice(name, *, two, options=None, origin=None, path="/a.m3u8", wait=9.0, first=None, **second):
    """Opened by two tokens, one after the other: both of them, or one, are counted."""
    both = {"watching": 2, "sessions": 2} if two else {"watching": 1, "sessions": 2}
    return Case(
        name,
        [
            watch(ONE, path, **(first or {}), counts={"watching": 1, "sessions": 1}),
            watch(TWO, path, wait=wait, **second, counts=both),
        ],
        options or {},
        **({"origin": origin} if origin else {}),
    )


SUPERSEDED = [
    Case(
        "who drops a live playlist and opens it again is one viewer, and both count if both play",
        [
            watch(ONE, **IN, counts={"watching": 1}),
            watch(TWO, wait=1.0, **IN, counts={"watching": 1, "sessions": 2, "started": 0}),
            watch(TWO, wait=1.0, **ON, told=(STARTED,), counts={"watching": 1, "started": 1}),
            do(sweep, wait=30.0, told=()),
            watch(TWO, counts={"watching": 1, "started": 1, "requests": 4}),
            watch(ONE, **ON, told=(STARTED,), counts={"watching": 2, "started": 2}),
            watch(ONE, **ON, told=(), counts={"watching": 2}),
        ],
    ),
    Case(
        "the way a player does it: two entries, two follow-ups",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
            follow(**IN),
            get("/a.m3u8", wait=0.5, status=307, location="/a.m3u8?tkn={b}"),
            follow(**IN),
            get("/a.m3u8?tkn={b}", wait=4.0, **ON, counts={"watching": 1, "sessions": 2}),
            do(sweep, wait=121.0, gives=2, told=(ENDED,)),
            do(sweep, told=(), counts={"sessions": 0, "started": 1, "ended": 1}),
        ],
    ),
    twice("an MPD that is refreshed every two seconds is as good", path="/a.mpd", two=False),
    twice("so is one under ten seconds", origin=refreshing(9), two=False),
    twice("with ten nothing was due yet", origin=refreshing(10), two=True),
    Case(
        "a VOD need not ask again: each is a viewer of its own",
        [
            watch(ONE, "/vod.m3u8", counts={"quiet": 1}),
            watch(TWO, "/vod.m3u8", counts={"quiet": 2, "sessions": 2}),
            watch(ONE, "/b/vod.mpd", counts={"quiet": 3}),
            watch(TWO, "/b/vod.mpd", counts={"quiet": 4, "sessions": 4}),
            do(sweep, wait=10.0, told=(STARTED,) * 4),
        ],
    ),
    Case(
        "of a film that was opened twice the first is pending, and counts as little",
        [
            watch(ONE, "/f/master.m3u8", uris=children(f"tkn={ONE}")),
            watch(TWO, "/f/master.m3u8", wait=1.0, status=200),
            watch(TWO, "/f/index.m3u8", **ON, told=(STARTED,)),
            do(sweep, wait=9.0, told=(), counts={"watching": 1, "sessions": 1, "started": 1}),
        ],
    ),
    twice("two of one address with other programs are two", agent="Other/1", two=True),
    twice("two programs of one sort at other addresses are two", peer="192.0.2.2", two=True),
    twice(
        "two accounts are two",
        options={"identify": by_header},
        send={"X-Account": "bob"},
        two=True,
    ),
    Case(
        "two streams are two",
        [watch(ONE), watch(TWO, "/b.m3u8", wait=1.0, counts={"watching": 2, "sessions": 2})],
    ),
    twice("after ten seconds it is another viewer", wait=10.0, two=True),
    twice("supersede=False: nobody is", two=True, options={"supersede": False}),
    Case(
        "where no token tells viewers apart nobody drops one",
        [
            watch(ONE, "/a.m3u8", counts={"watching": 1}),
            watch(TWO, "/a.mpd", wait=1.0, counts={"watching": 2, "sessions": 2}),
        ],
        {"viewer": {"stream", "ip", "protocol"}},
    ),
    Case(
        "who has asked twice is a viewer, whoever comes then",
        [
            watch(ONE),
            watch(ONE, wait=4.0),
            watch(TWO, wait=1.0, counts={"watching": 2, "started": 1}),
        ],
    ),
]

LIMITED = [
    Case(
        "a limit of one lets in who opens twice, and the first is judged when it comes back",
        [
            watch(ONE, **IN),
            watch(TWO, wait=1.0, **IN),
            watch(TWO, wait=4.0, **ON),
            watch(ONE, wait=4.0, **FULL, counts={"watching": 1, "sessions": 2}),
            watch(TWO, wait=4.0, **ON),
            watch(THREE, **FULL),
            watch(ONE, wait=107.0, **FULL),
        ],
        {"max_sessions_per_ip": 1},
    ),
    Case(
        "with a place for both the first goes on as any other",
        [
            watch(ONE, **IN),
            watch(TWO, wait=1.0, **IN),
            watch(ONE, wait=4.0, **ON, counts={"watching": 2}),
            watch(TWO, wait=4.0, **ON, counts={"watching": 2}),
            watch(THREE, **FULL),
        ],
        {"max_sessions": 2},
    ),
]

CASES = [*SUPERSEDED, *LIMITED]
