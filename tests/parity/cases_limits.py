"""SPEC 8, limits: how many may watch at once, who is refused, and who gives way."""

from __future__ import annotations

from datetime import timedelta

from parity.cases_admission import account, by_header
from parity.cases_paths import EDGE
from parity.cases_tokens import issued
from sessionware import Kind, Limit
from support.parity import SECRET, Case, child, do, get
from support.site import MEDIA, children

ONE, TWO, THREE = (issued(SECRET, number) for number in (921, 922, 923))
FULL = {
    "status": 403,
    "seen": None,
    "cookie": None,
    "told": ("RequestRefused",),
    "headers": {
        "cache-control": "private, no-store",
        "content-type": "application/problem+json",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Location",
        "retry-after": None,
    },
}
IN = {"status": 200, "session": {"new": True}}
ON = {"status": 200, "session": {"new": False}}
STARTED, ENDED = "SessionStarted", "SessionEnded"


def watch(token, path="/a.m3u8", agent="", **said):
    """A request with a token; another ``agent`` is another client."""
    return get(f"{path}?tkn={token}", **({"agent": agent} if agent else {}), **said)


def one(**said):
    return watch(ONE, agent="One/1", **said)


def two(**said):
    return watch(TWO, agent="Two/1", **said)


def three(**said):
    return watch(THREE, agent="Three/1", **said)


def says(*words):
    """The problem body has these words, and the event the same title, and no token."""

    def check(story):
        text = story.answer.text
        assert all(word in text for word in words), text
        event = story.events[-1]
        assert event.reason in text
        assert (event.status, event.stream) == (story.answer.status, "a")
        assert event.path == "a.m3u8"
        assert THREE not in text

    return check


def sweep(story):
    """Let it be found out who has ended."""
    return story.facade().sweep()


def last_end(cause, **stats):
    """The last event is an end by this cause, with these numbers."""

    def check(story):
        event = story.events[-1]
        assert event.cause == cause
        assert {name: getattr(event.stats, name) for name in stats} == stats

    return check


WHOM = [
    Case(
        "max_sessions: whoever comes when all places are taken is refused, and nothing is stored",
        [
            one(path="/a.m3u8", **IN),
            two(path="/b.m3u8", **IN),
            three(**FULL, stored=2, counts={"sessions": 2}, check=says("Too many", "this server")),
            one(path="/a.m3u8", **ON),
            two(path="/b.m3u8", **ON),
            three(wait=60.0, **FULL, stored=2),
            one(wait=59.0, **ON),
            three(wait=2.0, **IN, stored=2, counts={"started": 2, "ended": 1}),
        ],
        {"max_sessions": 2},
    ),
    Case(
        "max_sessions_per_stream: each stream has its own places",
        [
            one(**IN),
            three(**FULL, check=says("this stream")),
            three(path="/b.m3u8", **IN),
            two(path="/c.m3u8", **IN, stored=3),
        ],
        {"max_sessions_per_stream": 1},
    ),
    Case(
        "max_sessions_per_user: an account's devices; who has no account takes no place",
        [
            one(send={"X-Account": "ann"}, **IN),
            two(send={"X-Account": "ann"}, path="/b.m3u8", **IN),
            three(send={"X-Account": "ann"}, **FULL, check=says("This account")),
            three(send={"X-Account": "bob"}, **IN),
            one(**IN),
            two(**IN),
            three(**IN, stored=6),
            one(send={"X-Account": "ann"}, **ON),
        ],
        {"max_sessions_per_user": 2, "identify": by_header},
    ),
    Case(
        "max_sessions_per_ip: an address's, as a trusted proxy tells it",
        [
            one(peer="10.0.0.1", send={"X-Forwarded-For": "198.51.100.7"}, **IN),
            three(
                peer="10.0.0.1",
                send={"X-Forwarded-For": "198.51.100.7"},
                **FULL,
                check=says("this address"),
            ),
            two(peer="10.0.0.1", send={"X-Forwarded-For": "198.51.100.8"}, **IN),
            three(peer="198.51.100.7", status=403),
            three(peer="192.0.2.1", send={"X-Forwarded-For": "203.0.113.1"}, **IN),
        ],
        {"max_sessions_per_ip": 1, "shared": "ride", **EDGE},
    ),
    Case(
        "of an IPv6 address so many bits count as ipv6_prefix says",
        [
            one(peer="2001:db8:0:1::1", **IN),
            two(peer="2001:db8:0:1:ffff::2", **FULL),
            two(peer="2001:db8:0:2::1", **IN),
        ],
        {"max_sessions_per_ip": 1, "ipv6_prefix": 64, "shared": "ride"},
    ),
    Case(
        "all limits hold together, and one that refuses takes nobody's place in another",
        [
            one(**IN),
            two(path="/b.m3u8", peer="192.0.2.2", **IN),
            three(peer="192.0.2.3", **FULL, check=says("this stream")),
            three(peer="192.0.2.1", **FULL, check=says("this address")),
            three(path="/c.m3u8", **FULL),
            three(path="/c.m3u8", peer="192.0.2.3", **IN),
        ],
        {
            "max_sessions": 3,
            "max_sessions_per_stream": 1,
            "max_sessions_per_ip": Limit(1),
            "shared": "ride",
        },
    ),
    Case(
        "who finds several taken is told of the narrowest",
        [
            one(**account("ann"), **IN),
            two(**account("ann"), **FULL, check=says("this address")),
            two(**account("ann"), peer="192.0.2.2", **FULL, check=says("This account")),
            two(**account("bob"), peer="192.0.2.2", **FULL, check=says("this stream")),
            two(**account("bob"), peer="192.0.2.2", path="/b.m3u8", **FULL),
        ],
        {
            "max_sessions": 1,
            "max_sessions_per_stream": 1,
            "max_sessions_per_user": 1,
            "max_sessions_per_ip": 1,
            "identify": by_header,
            "shared": "ride",
        },
    ),
    Case(
        "limit_status: by which status",
        [one(**IN), two(**{**FULL, "status": 429}, check=says("Too many"))],
        {"max_sessions": 1, "limit_status": 429},
    ),
]

PLACES = [
    Case(
        "hold: a place is free so long after the last request; who comes back is a newcomer then",
        [
            one(**IN),
            one(wait=20.0, **ON),
            two(wait=29.0, **FULL),
            two(wait=1.0, **IN, counts={"sessions": 2}),
            one(wait=5.0, **FULL, stored=2),
            two(wait=29.0, **ON),
            one(wait=29.0, **FULL),
            one(wait=1.0, status=200, session={"new": False, "requests": 3}),
            two(wait=1.0, **FULL),
        ],
        {"max_sessions": Limit(1, hold=timedelta(seconds=30))},
    ),
    Case(
        "the place of a session that ended is free at once",
        [
            one(**IN),
            two(**FULL),
            do(lambda story: story.facade().stop(stream="a"), gives=1),
            two(**IN),
        ],
        {"max_sessions": 1},
    ),
    Case(
        "a VOD whose segments nobody sees holds its place from its start, however often it asks",
        [
            one(path="/vod.m3u8", **IN),
            one(path="/vod.m3u8", wait=200.0, **ON),
            two(path="/vod.m3u8", wait=99.0, **FULL),
            two(path="/vod.m3u8", wait=1.0, **IN, counts={"quiet": 2}),
            one(path="/vod.m3u8", **FULL),
        ],
        {"max_sessions": Limit(1, hold=300)},
    ),
    Case(
        "tracked segments hold the place, and are refused to who has lost it",
        [
            one(path="/vod/vod.m3u8", **IN),
            one(path="/vod/1.ts", wait=25.0, **ON),
            one(path="/vod/2.ts", wait=25.0, **ON),
            two(path="/vod/vod.m3u8", wait=25.0, **FULL),
            two(path="/vod/vod.m3u8", wait=6.0, **IN),
            one(path="/vod/3.ts", **FULL),
            one(path="/vod/vod.m3u8", **FULL),
            two(path="/vod/1.ts", **ON),
            one(path="/vod/3.ts", wait=31.0, **ON),
            two(path="/vod/1.ts", **FULL),
        ],
        {
            "max_sessions": Limit(1, hold=30),
            "track": r"\.ts$",
            "stream": r"^/(?P<stream>\w+)/",
        },
    ),
    Case(
        "a multivariant playlist needs a place and gives it back; its child is judged anew",
        [
            one(path="/a/master.m3u8", session={"new": True, "state": "pending"}),
            two(**IN, counts={"sessions": 1}),
            one(path="/a/index.m3u8", **FULL, counts={"sessions": 1}),
            three(path="/a/master.m3u8", **FULL),
            one(path="/a/index.m3u8", wait=29.0, **FULL),
            one(path="/a/index.m3u8", wait=1.0, session={"new": False, "state": "live"}),
            two(**FULL),
        ],
        {"max_sessions": Limit(1, hold=30)},
    ),
    Case(
        "while it waits for its first child others may come, and it is asked before the app",
        [
            one(path="/a/master.m3u8", uris=children(f"tkn={ONE}")),
            child(1, session={"state": "live"}, body=MEDIA),
            two(**FULL),
        ],
        {"max_sessions": 1},
    ),
    Case(
        "what the app refuses takes no place",
        [one(path="/gone.m3u8", status=404), two(**IN)],
        {"max_sessions": 1},
    ),
]

NOBODY = [
    Case(
        "inputs and outputs take no place and need none",
        [
            get("/in.m3u8", method="PUT", session={"kind": "input"}),
            get(f"/out.m3u8?out&tkn={THREE}", session={"kind": "output"}),
            one(**IN),
            two(**FULL),
            get("/in2.m3u8", method="PUT", session={"kind": "input"}),
            get(f"/out.m3u8?out&tkn={TWO}", session={"kind": "output"}),
        ],
        {
            "max_sessions": 1,
            "max_sessions_per_ip": 1,
            "classify": lambda request: (
                Kind.INPUT
                if request.method == "PUT"
                else Kind.OUTPUT
                if "out" in request.query
                else Kind.VIEWER
            ),
        },
    ),
    Case(
        "what is unspecified takes none either",
        [
            get("/x.m3u8", session={"kind": "unspecified"}),
            get("/y.m3u8", session={"kind": "unspecified"}),
            get("/x.m3u8", peer="192.0.2.9", session={"kind": "unspecified"}, stored=3),
        ],
        {
            "max_sessions": 1,
            "unspecified": {"stream", "ip"},
            "classify": lambda _: Kind.UNSPECIFIED,
        },
    ),
    Case(
        "HEAD and a prefetch take none",
        [
            one(method="HEAD", status=200),
            one(send={"Sec-Purpose": "prefetch"}, status=200, stored=0),
            two(**IN),
        ],
        {"max_sessions": 1},
    ),
]

CASES = [*WHOM, *PLACES, *NOBODY]
