"""SPEC 7 and 8: when a session counts as started, and when that is told."""

from __future__ import annotations

from parity.cases_admission import account, by_header
from parity.cases_events import BEGAN, TS, told, watch
from parity.cases_limits import ENDED, STARTED, sweep
from parity.cases_sessions import crash
from parity.cases_tokens import issued
from sessionware import Kind
from support.parity import SECRET, Case, child, do, get
from support.site import children

ONE = issued(SECRET, 973)


def of_one_session(story):
    """All that was told is of one session, and the app's request was of it, too."""
    (name,) = {event.session for event in story.events}
    assert name == story.origin.seen[-1].session.id


CASES = [
    Case(
        "SessionStarted at the second request of a viewer",
        [
            watch(ONE, told=(), counts={"started": 0}),
            watch(
                ONE,
                wait=4.0,
                told=(STARTED,),
                counts={"started": 1},
                check=told(
                    at=BEGAN + 4,
                    stream="a",
                    kind=Kind.VIEWER,
                    protocol="HLS",
                    ip="192.0.2.1",
                    user=None,
                    previous=None,
                ),
            ),
            watch(ONE, wait=4.0, told=(), check=of_one_session),
        ],
    ),
    Case(
        "or ten seconds after a first that succeeded, without anybody asking",
        [
            watch(ONE, **account("ann"), told=()),
            do(sweep, wait=9.0, told=(), counts={"started": 0}),
            do(sweep, wait=1.0, told=(STARTED,), check=told(at=BEGAN + 10, user="ann")),
            do(sweep, wait=1.0, told=(), counts={"started": 1}),
            watch(ONE, **account("ann"), told=()),
        ],
        {"identify": by_header},
    ),
    Case(
        "a segment is a second request as good as any",
        [watch(ONE, "/a/index.m3u8", told=()), watch(ONE, "/a/1.ts", told=(STARTED,))],
        TS,
    ),
    Case(
        "a pending session is not told of, neither when it begins nor when it is over",
        [
            watch(ONE, "/a/master.m3u8", told=()),
            watch(ONE, "/a/master.m3u8", wait=20.0, told=()),
            do(sweep, wait=20.0, told=()),
            do(sweep, wait=120.0, told=(), gives=1, stored=0),
        ],
    ),
    Case(
        "the first child of a multivariant playlist starts it",
        [
            watch(ONE, "/a/master.m3u8", uris=children(f"tkn={ONE}"), told=()),
            child(1, told=(STARTED,)),
            child(1, told=()),
        ],
    ),
    Case(
        "what the app answered with 400 or more never was",
        [
            watch(ONE, "/gone.m3u8", status=404, told=()),
            get("/gone.m3u8", method="PUT", status=404, told=()),
            do(sweep, wait=200.0, told=(), counts={"started": 0, "ended": 0}),
        ],
    ),
    Case(
        "what the app failed to answer, neither",
        [watch(ONE, raises=RuntimeError), do(sweep, wait=200.0, told=())],
        origin=crash,
    ),
    Case(
        "an input, and an output by classify, as soon as the app has answered",
        [
            get("/a.m3u8", method="PUT", told=(STARTED,), check=told(kind=Kind.INPUT)),
            get("/a.m3u8", method="PUT", told=()),
            get(f"/a.m3u8?out&tkn={ONE}", told=(STARTED,), check=told(kind=Kind.OUTPUT)),
        ],
        {"classify": lambda request: Kind.OUTPUT if "out" in request.query else Kind.INPUT},
    ),
    Case(
        "a revived session as soon as the app has answered, with the life before",
        [
            watch(ONE),
            watch(
                ONE,
                wait=130.0,
                told=(STARTED,),
                check=lambda story: told(
                    previous=story.origin.seen[0].session.id,
                    session=story.origin.seen[1].session.id,
                )(story),
            ),
            do(sweep, told=(STARTED, ENDED), check=told(at=BEGAN + 120)),
        ],
    ),
    Case(
        "what is unspecified is told of to nobody",
        [
            get("/x.m3u8", told=()),
            get("/x.m3u8", told=()),
            do(sweep, wait=200.0, told=(), stored=0),
        ],
        {"unspecified": {"ip"}, "classify": lambda _: Kind.UNSPECIFIED},
    ),
    Case(
        "HEAD, a prefetch and an entry start nothing",
        [
            watch(ONE, method="HEAD", told=()),
            watch(ONE, send={"Purpose": "prefetch"}, told=()),
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}", told=()),
            do(sweep, wait=200.0, told=()),
        ],
    ),
]
