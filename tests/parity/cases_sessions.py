"""The session that the app sees, what it keeps in it, and how long it lives (SPEC 2, 6)."""

from __future__ import annotations

from datetime import timedelta

from parity.cases_handoff import says
from parity.cases_tokens import ONE, TWO
from support.origin import Reply
from support.parity import Case, child, follow, get
from support.site import MASTER, children, site


def keeping(seen):
    """An app that keeps the query's ``name=value`` in its session, and deletes ``-name``."""
    name, _, value = seen.query.partition("=")
    if seen.session is not None and name:
        if name[0] == "-":
            seen.session.data.pop(name[1:], None)
        else:
            seen.session.data.setdefault(name, []).append(value)
    return site(seen)


def crash(seen):
    """An app that fails."""
    return Reply(error=RuntimeError("the app is broken"))


FIRST = f"/a.m3u8?tkn={ONE}"

DATA = [
    Case(
        "what the app puts into data lasts as long as the session, key by key",
        [
            get(f"{FIRST}&a=1", session={"data": {"a": ["1"]}}),
            get(
                f"{FIRST}&b=2", session={"data": {"a": ["1"], "b": ["2"]}}, asked=("Touch", "Merge")
            ),
            get(f"{FIRST}&a=3", session={"data": {"a": ["1", "3"], "b": ["2"]}}),
            get(f"{FIRST}&-b", session={"data": {"a": ["1", "3"]}}),
            get(FIRST, session={"data": {"a": ["1", "3"]}}, asked=("Touch",)),
            get(f"/b.m3u8?tkn={ONE}", session={"data": {}}),
            get(FIRST, wait=121.0, session={"data": {}, "new": True}),
        ],
        origin=keeping,
    ),
    Case(
        "data of a tracked path's session is kept too",
        [
            get(f"/a/index.m3u8?tkn={ONE}&a=1"),
            get(f"/a/1.ts?tkn={ONE}&a=2", session={"data": {"a": ["1", "2"]}}),
            get(f"/a/index.m3u8?tkn={ONE}", session={"data": {"a": ["1", "2"]}}),
        ],
        {"track": r"\.ts$"},
        keeping,
    ),
    Case(
        "the app sees the whole session, and no token in it",
        [
            get(
                f"{FIRST}&zip=1&zip=2&e=&u=%C3%A9",
                session={
                    "kind": "viewer",
                    "stream": "a",
                    "ip": "192.0.2.1",
                    "protocol": "HLS",
                    "service": "",
                    "state": "live",
                    "started": 1_700_000_000.0,
                    "last_seen": 1_700_000_000.0,
                    "expires": 1_700_000_120.0,
                    "requests": 1,
                    "new": True,
                    "stored": True,
                    "params": {"zip": "2", "e": "", "u": "é"},
                    "data": {},
                },
            ),
            get(
                FIRST,
                wait=7.0,
                session={
                    "started": 1_700_000_000.0,
                    "last_seen": 1_700_000_007.0,
                    "requests": 2,
                    "params": {"zip": "2", "e": "", "u": "é"},
                    "new": False,
                },
            ),
        ],
    ),
    Case(
        "a multivariant playlist alone leaves a session pending, a media one or an MPD doesn't",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                session={"state": "pending"},
                counts={"sessions": 0, "started": 0},
            ),
            get(
                f"/a/index.m3u8?tkn={ONE}",
                session={"state": "live"},
                counts={"sessions": 1, "started": 1},
            ),
            get(f"/a/master.m3u8?tkn={ONE}", session={"state": "live"}, counts={"sessions": 1}),
            get(
                f"/b.mpd?tkn={ONE}",
                session={"state": "live"},
                counts={"sessions": 2, "watching": 2},
            ),
        ],
    ),
    Case(
        "a session whose only request the app answered with 400 or more is withdrawn",
        [
            get(
                f"/gone.m3u8?tkn={ONE}",
                status=404,
                stored=0,
                counts={"requests": 0, "started": 0, "ended": 0},
            ),
            get(
                f"/gone.m3u8?tkn={ONE}",
                method="PUT",
                status=404,
                stored=0,
                counts={"started": 0, "ended": 0},
            ),
        ],
    ),
    Case(
        "an origin gap ends nothing that runs (P40)",
        [
            get(f"/gone/index.m3u8?tkn={ONE}", stored=1),
            get(f"/gone/gone.m3u8?tkn={ONE}", status=404, stored=1),
            get(f"/gone/index.m3u8?tkn={ONE}", session={"new": False}, stored=1),
        ],
        {"viewer": {"token"}},
    ),
    Case(
        "an app's error is the server's to answer, and nothing has begun",
        [get(FIRST, raises=RuntimeError, stored=0), get("/page", raises=RuntimeError)],
        origin=crash,
    ),
    Case(
        "non-200 answers pass through untouched",
        [
            get(
                f"/a/master.m3u8?tkn={ONE}",
                status=503,
                body=MASTER,
                headers={"cache-control": None, "etag": '"1"'},
            )
        ],
        origin=says(MASTER, 503, "text/plain", ("ETag", '"1"')),
    ),
]

LAYERS = [
    Case(
        "nested twice is as once",
        [
            get("/film/master.m3u8", status=307, location="/film/master.m3u8?tkn={a}"),
            follow(
                stored=1,
                uris=children("tkn={a}"),
                asked=("Meta", "Touch", "Begin"),
                session={"requests": 1},
            ),
            child(1, session={"requests": 2}, stored=1, seen="/film/720p/index.m3u8"),
            get("/film/1.ts", session=None, asked=()),
            get("/film/1.ts?tkn={a}", session={"requests": 3}, asked=("Touch", "Finish")),
        ],
        {"track": r"\.ts$"},
        layers=({}, {}),
    ),
    Case(
        "two with disjoint match in one app, over one store",
        [
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
            follow(stored=1, session={"protocol": "HLS"}),
            get("/b.mpd", status=302, location="/b.mpd?sid={b}"),
            follow(stored=2, session={"protocol": "DASH"}),
            get("/a.mpd?sid={a}", stored=2, session={"stream": "a", "requests": 2}),
            get("/a.m3u8?sid={a}", status=307, location="/a.m3u8?sid={a}&tkn={c}"),
        ],
        layers=(
            {"match": r"\.m3u8$"},
            {"match": r"\.mpd$", "parameter": "sid", "redirect_status": 302},
        ),
    ),
]

TIMES = [
    Case(
        "live_timeout: after so long without a request it is over; a timedelta will do",
        [
            get(f"/a.m3u8?tkn={ONE}", stored=1),
            get(f"/a.m3u8?tkn={ONE}", wait=599.0, session={"new": False}),
            get(
                f"/a.m3u8?tkn={ONE}",
                wait=601.0,
                session={"new": True, "requests": 1},
                stored=1,
                counts={"started": 2, "ended": 1},
            ),
        ],
        {"live_timeout": timedelta(minutes=10)},
    ),
    Case(
        "absolute_timeout: nothing lives longer",
        [
            get(f"/a.m3u8?tkn={ONE}"),
            get(
                f"/a.m3u8?tkn={ONE}", wait=100.0, session={"new": False, "expires": 1_700_000_150.0}
            ),
            get(f"/a.m3u8?tkn={ONE}", wait=51.0, session={"new": True}),
        ],
        {"absolute_timeout": 150},
    ),
    Case(
        "watching_window: who asked within it watches",
        [
            get(f"/a.m3u8?tkn={ONE}", counts={"watching": 1}),
            get(f"/a.m3u8?tkn={TWO}", wait=30.0, counts={"watching": 2, "sessions": 2}),
            get(f"/a.m3u8?tkn={TWO}", wait=31.0, counts={"watching": 1, "sessions": 2}),
        ],
        {"watching_window": 60},
    ),
]

CASES = [*DATA, *LAYERS, *TIMES]
