"""SPEC 8, the operator's orders: ``deny``, ``allow`` and ``invalidate``."""

from __future__ import annotations

from datetime import timedelta

from parity.cases_admission import account, by_header
from parity.cases_limits import ENDED, IN, ON, STARTED, last_end
from parity.cases_tokens import issued
from sessionware import presets
from support.parity import SECRET, Case, child, do, get
from support.site import children

ONE, TWO, THREE = (issued(SECRET, number) for number in (941, 942, 943))
HERE, THERE = "192.0.2.1", "198.51.100.1"
KEPT = {"cache-control": "private, max-age=10", "access-control-allow-origin": "*"}
BARE = {"cache-control": "private, no-store", "access-control-allow-origin": "*"}
OUT = {"status": 403, "seen": None, "told": ("RequestRefused",)}
RIDE = {"shared": "ride"}


def deny(**whom):
    """The operator keeps somebody out."""
    return lambda story: story.facade().deny(**whom)


def allow(**whom):
    return lambda story: story.facade().allow(**whom)


def deny_first(**more):
    """Keep out the session that began first, by its id."""
    return lambda story: story.facade().deny(id=story.facade().list().items[0].id, **more)


def allow_first(story):
    """Take that back."""
    denied = next(e for e in story.events if type(e).__name__ == ENDED)
    story.facade().allow(id=denied.session)


def invalidate(**what):
    return lambda story: story.facade().invalidate(**what)


def enters(path="/a.m3u8", name="a", **said):
    return get(path, status=307, location=f"{path}?tkn={{{name}}}", **said)


def watch(token, path="/a.m3u8", **said):
    return get(f"{path}?tkn={token}", **said)


def says(*words):
    def check(story):
        assert all(word in story.answer.text for word in words), story.answer.text

    return check


EVERYWHERE = [
    Case(
        "an address that is denied: whoever asks from it, for whatever, those inside too",
        [
            watch(ONE, "/a/index.m3u8", **IN),
            get("/a/in.m3u8", method="PUT", wait=1.0, session={"kind": "input"}),
            watch(TWO, "/a/index.m3u8", peer=THERE, **IN, counts={"sessions": 3}),
            do(
                deny(ip=HERE),
                told=(STARTED, ENDED, ENDED),
                check=last_end("denied"),
                counts={"sessions": 1, "watching": 1, "started": 2, "ended": 2},
            ),
            watch(ONE, "/a/index.m3u8", **OUT, headers=KEPT),
            get("/a/index.m3u8", **OUT, headers=BARE, cookie=None, location=None),
            get("/b.m3u8?response=200", **OUT, headers=BARE),
            get("/b.m3u8", with_cookie=f"tkn={THREE}", **OUT, headers=BARE),
            watch(THREE, "/b.m3u8", **OUT),
            watch(THREE, "/b.m3u8", method="HEAD", **OUT, body=b""),
            watch(ONE, "/a/1.ts", **OUT),
            get("/a/in.m3u8", method="PUT", **OUT, headers=BARE),
            get("/a/in.m3u8", method="OPTIONS"),
            watch(TWO, "/a/index.m3u8", peer=THERE, **ON),
            enters("/c.m3u8", peer=THERE),
        ],
        {"track": r"\.ts$", **RIDE},
    ),
    Case(
        "a network, and what it is said to be is what a trusted proxy says",
        [
            watch(ONE, peer="10.0.0.1", send={"X-Forwarded-For": "203.0.113.9"}, **IN),
            do(deny(ip="203.0.113.0/24"), counts={"sessions": 0, "ended": 1}),
            watch(TWO, peer="10.0.0.1", send={"X-Forwarded-For": "203.0.113.77"}, **OUT),
            watch(TWO, peer="10.0.0.1", send={"X-Forwarded-For": "203.0.114.1"}, **IN),
            watch(THREE, peer="192.0.2.1", send={"X-Forwarded-For": "203.0.113.1"}, **IN),
        ],
        {"trusted_proxies": ("10.0.0.0/8",), **RIDE},
    ),
    Case(
        "an IPv6 network, and an IPv4 address however it is written",
        [
            do(deny(ip="2001:db8::/32")),
            do(deny(ip="::ffff:198.51.100.1")),
            watch(ONE, peer="2001:db8::1", **OUT),
            watch(ONE, peer="198.51.100.1", **OUT),
            watch(ONE, peer="2001:db9::1", **IN),
        ],
        RIDE,
    ),
    *(
        Case(
            f"ip_privacy={privacy}: who is denied is known by the whole address all the same",
            [
                watch(ONE, **IN),
                watch(TWO, peer="192.0.2.2", wait=1.0, agent="Two/1", **IN),
                do(deny(ip=HERE), counts={"sessions": left}),
                watch(ONE, **OUT),
                watch(TWO, peer="192.0.2.2", agent="Two/1", **ON),
            ],
            {"ip_privacy": privacy, **RIDE},
        )
        for privacy, left in (("hash", 1), ("network", 2))
    ),
    Case(
        "a user, whatever the token, the stream and the address",
        [
            watch(ONE, **account("ann"), **IN),
            watch(ONE, **account("bob"), **IN),
            do(deny(user="ann"), counts={"sessions": 1}),
            watch(ONE, **account("ann"), **OUT),
            watch(TWO, "/b.m3u8", peer=THERE, **account("ann"), **OUT),
            get("/c.m3u8", **account("ann"), **OUT),
            watch(ONE, **account("bob"), **ON),
            watch(ONE, **IN),
        ],
        {"identify": by_header, **RIDE},
    ),
    Case(
        "a stream, and those below it, and no other",
        [
            watch(ONE, "/live/a.m3u8", **IN),
            watch(TWO, "/lively.m3u8", **IN),
            do(deny(stream="live"), counts={"sessions": 1}),
            watch(ONE, "/live/a.m3u8", **OUT),
            watch(THREE, "/live/b/c.m3u8", **OUT),
            get("/live/index.m3u8", **OUT),
            get("/live/a.m3u8", method="POST", **OUT),
            watch(TWO, "/lively.m3u8", **ON),
            enters("/alive/live.m3u8"),
        ],
    ),
    Case(
        "a token, on all streams, by URL and by cookie, and those that have begun",
        [
            watch(ONE, "/a/master.m3u8", uris=children(f"tkn={ONE}")),
            child(1, **ON),
            watch(ONE, "/b.m3u8", **IN),
            watch(TWO, **IN),
            do(lambda story: story.facade().deny(token=ONE), counts={"sessions": 1}),
            watch(ONE, "/b.m3u8", **OUT),
            watch(f"{ONE}.{{video}}", "/a/720p/index.m3u8", **OUT),
            get("/c.m3u8", with_cookie=f"tkn={ONE}", **OUT),
            watch(TWO, **ON),
            enters("/b.m3u8"),
        ],
    ),
    Case(
        "a token of the client's own, and one in broadpeak's form with its service",
        [
            get("/a.m3u8?bpkio_sessionid=alice", **IN),
            do(deny(token="alice")),
            get("/a.m3u8?bpkio_sessionid=alice", **OUT),
            get("/a.m3u8?bpkio_sessionid=bob", **IN),
        ],
        presets.broadpeak(new_token="core", foreign_tokens="accept"),
    ),
    Case(
        "who is pending ends, too, and nobody is told of it",
        [
            watch(ONE, "/a/master.m3u8", uris=children(f"tkn={ONE}"), stored=1),
            do(deny(stream="a"), told=(), stored=0),
            child(1, **OUT),
        ],
    ),
    Case(
        "a session, by its id: its token may go elsewhere",
        [
            watch(ONE, **IN),
            watch(TWO, wait=1.0, agent="Two/1", **IN),
            do(deny_first(), told=(STARTED, ENDED), counts={"sessions": 1}),
            watch(ONE, **OUT),
            watch(ONE, "/b.m3u8", **IN),
            watch(TWO, agent="Two/1", **ON),
            do(allow_first),
            watch(ONE, **IN),
        ],
    ),
    Case(
        "given together, all must hold",
        [
            watch(ONE, **IN),
            watch(ONE, "/b.m3u8", **IN),
            watch(TWO, peer=THERE, **IN),
            do(deny(ip=HERE, stream="a"), counts={"sessions": 2}),
            watch(ONE, **OUT),
            watch(ONE, "/b.m3u8", **ON),
            watch(TWO, peer=THERE, **ON),
            do(deny(token=TWO, ip="198.51.100.0/24", stream="a"), counts={"sessions": 1}),
            watch(TWO, peer=THERE, **OUT),
            watch(TWO, "/b.m3u8", peer=THERE, **IN),
        ],
        RIDE,
    ),
]

WORDS = [
    Case(
        "the reason is what the client is told, and no token",
        [
            do(deny(ip=HERE, reason="you were noisy")),
            watch(ONE, **OUT, check=says("you were noisy", "Session denied")),
            do(deny(ip=HERE, reason="still noisy")),
            watch(ONE, **OUT, check=says("still noisy")),
        ],
    ),
    Case(
        "duration: ten minutes, or as long as is said",
        [
            do(deny(stream="a")),
            do(deny(stream="b", duration=timedelta(seconds=30))),
            watch(ONE, "/b.m3u8", wait=29.0, **OUT),
            watch(ONE, "/b.m3u8", wait=1.0, **IN),
            watch(ONE, wait=569.0, **OUT),
            watch(ONE, wait=1.0, **IN),
        ],
    ),
    Case(
        "of several denials that fit the one that lasts longest speaks",
        [
            do(deny(stream="a", duration=100, reason="long")),
            do(deny(ip=HERE, duration=50, reason="short")),
            watch(ONE, **OUT, check=says("long")),
            watch(ONE, wait=51.0, **OUT, check=says("long")),
            watch(ONE, "/b.m3u8", **IN),
        ],
    ),
    Case(
        "denied_status: by which status",
        [do(deny(ip=HERE)), watch(ONE, **{**OUT, "status": 451})],
        {"denied_status": 451},
    ),
    Case(
        "allow() takes it back: the same token begins again, as a new session",
        [
            watch(ONE, session={"new": True, "data": {}}),
            do(deny(ip=HERE, stream="a")),
            watch(ONE, **OUT),
            do(allow(ip=HERE)),
            watch(ONE, **OUT),
            do(allow(ip=HERE, stream="a")),
            get("/a.m3u8", with_cookie=f"tkn={TWO}", **IN),
            watch(ONE, session={"new": True, "previous": None, "requests": 1}),
        ],
    ),
    Case(
        "allow() lets entries in at once",
        [
            do(deny(ip=HERE)),
            get("/a.m3u8", **OUT),
            do(allow(ip=HERE)),
            enters(),
        ],
    ),
    Case(
        "an order that can't be one is a ValueError, and changes nothing",
        [
            do(deny(), raises=ValueError),
            do(deny(ip="nowhere"), raises=ValueError),
            do(deny(ip=HERE, duration=0), raises=ValueError),
            do(deny(token="no token"), raises=ValueError),
            do(deny(id="nobody"), raises=ValueError),
            do(allow(), raises=ValueError),
            do(invalidate(id="1", stream="a"), raises=ValueError),
            watch(ONE, **IN),
        ],
    ),
]

WORKERS = {
    "options": {"stream": r"^/\w+/(?P<stream>\w+)", "sweep_every": 0},
    "layers": ({"match": r"^/one/.*m3u8$"}, {"match": r"^/two/.*m3u8$"}),
}

ALIKE = [
    Case(
        "what one worker orders holds at the others: at once, and for entries when they know",
        [
            watch(ONE, "/one/a.m3u8", **IN),
            watch(ONE, "/two/a.m3u8", **ON),
            enters("/two/a.m3u8"),
            do(deny(ip=HERE), counts={"sessions": 0}),
            watch(ONE, "/two/a.m3u8", **OUT),
            get("/two/a.m3u8", **OUT),
            watch(TWO, "/two/b.m3u8", **OUT),
            do(lambda story: story.facade(1).allow(ip=HERE)),
            watch(TWO, "/two/b.m3u8", **IN),
            watch(ONE, "/one/b.m3u8", **OUT),
            watch(ONE, "/one/b.m3u8", wait=1.0, **IN),
        ],
        **WORKERS,
    ),
]

CASES = [*EVERYWHERE, *WORDS, *ALIKE]
