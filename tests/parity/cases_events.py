"""SPEC 8, events: what is told of a session's end, by whom, how often, and that no token is."""

from __future__ import annotations

from parity.cases_admission import account, answering, by_header
from parity.cases_limits import ENDED, IN, ON, STARTED, last_end, sweep
from parity.cases_stores import failing
from parity.cases_tokens import issued
from sessionware import Kind, Limit
from sessionware.store import Claim
from support.parity import SECRET, Case, Made, do, get
from support.site import SEGMENT

BEGAN = 1_700_000_000.0
ONE, TWO = issued(SECRET, 971), issued(SECRET, 972)
TS = {"track": r"\.ts$"}


def watch(token, path="/a.m3u8", **said):
    return get(f"{path}?tkn={token}", **said)


def told(number=-1, **what):
    """An event has these values; ``stats__x`` are those of its stats."""

    def check(story):
        event = story.events[number]
        for name, value in what.items():
            found = event
            for part in name.split("__"):
                found = getattr(found, part)
            assert found == value, f"{name}: {found!r} in {event}"

    return check


def nothing_names_the_token(*tokens):
    """No event shows a token, nor a part of it that would be enough to make one."""

    def check(story):
        text = repr(story.events)
        assert text.count("at=") >= len(story.events) > 0
        assert not any(token in text or token[:36] in text for token in tokens)

    return check


def sweep_other(story):
    return story.facade(1).sweep()


ENDS = [
    Case(
        "expired: told by the sweep, at the time when it was over, with all that it was",
        [
            watch(ONE, "/a/index.m3u8", wait=0.5),
            watch(ONE, "/a/index.m3u8", wait=4.0, peer="192.0.2.7"),
            watch(ONE, "/a/1.ts", wait=4.0, body=SEGMENT),
            watch(ONE, "/a/a.mpd", wait=40.0, stored=1),
            do(lambda s: s.facade().tag(s.facade().list().items[0].id, "tv", "eu") is not None),
            do(sweep, wait=119.0, told=()),
            do(
                sweep,
                wait=2.0,
                gives=1,
                told=(ENDED,),
                check=told(
                    at=BEGAN + 169,  # in whole seconds
                    stream="a",
                    kind=Kind.VIEWER,
                    user=None,
                    cause="expired",
                    stats__streams=("a",),
                    stats__protocols=("HLS", "DASH"),
                    stats__ips=("192.0.2.1", "192.0.2.7"),
                    stats__started=BEGAN + 0.5,
                    stats__seconds=23.0,
                    stats__requests=4,
                    stats__bytes_down=8,
                    stats__bytes_up=0,
                    stats__tags=("eu", "tv"),
                ),
            ),
            do(sweep, wait=100.0, told=()),
        ],
        {**TS, "stream": r"^/(?P<stream>\w+)/"},
    ),
    Case(
        "one that ends before its start was told is told of as started just before",
        [
            watch(ONE),
            do(
                lambda story: story.facade().stop(stream="a"),
                wait=3.0,
                told=(STARTED, ENDED),
                check=last_end("stopped", requests=1, seconds=0.0),
            ),
            watch(ONE, status=410, told=("RequestRefused",)),
            do(sweep, wait=200.0, told=()),
        ],
    ),
    Case(
        "where the stream is no part a token on several is one session, which was seen on all",
        [
            watch(ONE, "/a.m3u8"),
            watch(ONE, "/b.m3u8"),
            watch(ONE, "/a.m3u8"),
            do(sweep, wait=121.0, told=(ENDED,), check=last_end("expired", streams=("a", "b"))),
        ],
        {"viewer": {"token"}},
    ),
    Case(
        "of a VOD nobody knows how long it was watched",
        [
            watch(ONE, "/vod.m3u8"),
            do(sweep, wait=10.0, told=(STARTED,)),
            watch(ONE, "/vod.m3u8", wait=300.0, told=()),
            do(sweep, wait=590.0, told=(ENDED,), check=last_end("expired", seconds=None)),
        ],
    ),
    Case(
        "ip_privacy: an address is told as it is kept",
        [
            watch(ONE, peer="192.0.2.1"),
            watch(ONE, peer="198.51.100.7"),
            do(
                sweep,
                wait=121.0,
                told=(ENDED,),
                check=last_end("expired", ips=("192.0.2.0/24", "198.51.100.0/24")),
            ),
        ],
        {"ip_privacy": "network"},
    ),
    Case(
        "an end that a request finds out is told by the next sweep, and once",
        [
            watch(ONE, **IN),
            watch(ONE, **ON),
            watch(TWO, wait=121.0, told=(), counts={"ended": 1}),
            do(sweep, gives=0, told=(ENDED,)),
            do(sweep, told=()),
        ],
    ),
]

WORKERS = {
    "options": {"stream": r"^/\w+/(?P<stream>\w+)"},
    "layers": ({"match": r"^/one/.*m3u8$"}, {"match": r"^/two/.*m3u8$"}),
}

ONCE = [
    Case(
        "each is told once over all workers, by whichever is there first",
        [
            watch(ONE, "/one/a.m3u8", told=()),
            watch(ONE, "/two/a.m3u8", **ON, told=(STARTED,)),
            watch(ONE, "/one/a.m3u8", told=()),
            watch(TWO, "/two/b.m3u8", told=()),
            do(sweep_other, wait=10.0, told=(STARTED,)),
            do(sweep, told=()),
            do(sweep, wait=121.0, gives=2, told=(ENDED, ENDED)),
            do(sweep_other, gives=0, told=()),
        ],
        **WORKERS,
    ),
    Case(
        "one stops, and the other does not tell it again",
        [
            watch(ONE, "/one/a.m3u8"),
            do(lambda story: story.facade(1).stop(stream="a"), told=(STARTED, ENDED)),
            do(sweep, told=()),
            do(sweep_other, wait=200.0, told=()),
        ],
        **WORKERS,
    ),
    Case(
        "a worker without a hook leaves the telling to one that has one",
        [
            watch(ONE, "/two/a.m3u8"),
            do(sweep, wait=10.0, told=()),
            do(sweep_other, told=(STARTED,)),
            do(sweep, wait=200.0, told=()),
            do(sweep_other, told=(ENDED,)),
        ],
        {"stream": r"^/\w+/(?P<stream>\w+)"},
        layers=({"match": r"^/one/.*m3u8$", "on_event": None}, {"match": r"^/two/.*m3u8$"}),
    ),
]

SWEEPS = [
    Case(
        "sweep_every=0: who asks for anything pays for what is to be told",
        [
            watch(ONE, told=()),
            watch(TWO, "/b.m3u8", wait=9.5, told=()),
            watch(TWO, "/b.m3u8", wait=0.5, told=(STARTED,)),
            watch(TWO, "/b.m3u8", wait=0.5, told=(STARTED,)),
            watch(TWO, "/b.m3u8", wait=110.0, told=(ENDED,)),
        ],
        {"sweep_every": 0},
    ),
    Case(
        "sweep_every=0: at most once a second",
        [
            watch(ONE, told=(), asked=("Meta", "Claim", "Meta", "Touch", "Begin", "Learn")),
            watch(ONE, wait=0.9, asked=("Touch",)),
            watch(ONE, wait=0.1, asked=("Claim", "Meta", "Touch")),
        ],
        {"sweep_every": 0},
    ),
    Case(
        "sweep_every=0: where nobody is told, what is over ends all the same",
        [
            watch(ONE, asked=("Meta", "Claim", "Meta", "Touch", "Begin", "Learn")),
            watch(TWO, wait=121.0, asked=("Claim", "Meta", "Touch", "Begin"), stored=1),
        ],
        {"sweep_every": 0, "on_event": None},
    ),
    Case(
        "otherwise no request pays",
        [
            watch(ONE, asked=("Meta", "Touch", "Begin", "Learn")),
            watch(ONE, wait=30.0, asked=("Touch",)),
        ],
        {"sweep_every": 60},
    ),
    Case(
        "a sweep of a broken store says so, and harms no request",
        [
            watch(ONE, events=("StoreFailed", "StoreRecovered"), session={"stored": True}),
            watch(ONE, wait=1.0, events=("StoreFailed", "StoreRecovered")),
        ],
        {"sweep_every": 0, **failing(Claim)},
    ),
]

HOOKS = [
    Case(
        "a hook that raises harms nothing: all is told, and all is served",
        [
            watch(ONE, **IN),
            watch(ONE, check=lambda story: story.names.match(STARTED, story.heard, "heard")),
            do(lambda s: s.facade().stop(stream="a"), gives=1),
            watch(ONE, status=410, check=lambda s: s.names.match("RequestRefused", s.heard, "it")),
            watch(TWO, **IN),
            do(sweep, wait=121.0, check=lambda s: s.names.match(ENDED, s.heard, "it")),
        ],
        {"on_event": Made(lambda story: story.hear_and_fail)},
    ),
    Case(
        "without a hook nothing is asked for, and all is counted",
        [
            watch(ONE, asked=("Meta", "Touch", "Begin", "Learn")),
            watch(ONE, asked=("Touch",), counts={"started": 1}),
            do(sweep, wait=121.0, gives=1, asked=("Sweep",), counts={"ended": 1}),
        ],
        {"on_event": None},
    ),
    Case(
        "whoever is refused is told of, whatever for",
        [
            watch(ONE, **account("broken"), status=503, told=("RequestRefused",)),
            get("/a/1.ts", status=403, told=("RequestRefused",)),
            watch(TWO, status=503, told=("RequestRefused",)),
            watch(ONE, told=()),
            watch(ONE, wait=800.0, status=400, told=("RequestRefused",)),
        ],
        {
            "identify": by_header,
            "admit": answering(RuntimeError("no database"), True),
            "require_token": True,
            **TS,
        },
    ),
    Case(
        "no event shows a token",
        [
            watch(ONE, **account("ann"), agent="One/1"),
            watch(ONE, **account("ann"), agent="One/1"),
            watch(TWO, **account("ann"), agent="Two/1"),
            watch(ONE, **account("ann"), status=410),
            get(
                "/a.m3u8",
                **account("ann"),
                with_cookie=f"tkn={ONE}",
                status=307,
                location="/a.m3u8?tkn={a}",
            ),
            do(lambda s: s.facade().deny(token=TWO)),
            watch(TWO, **account("ann"), status=403),
            do(lambda s: s.facade().invalidate(), events=("SessionsInvalidated",)),
            do(sweep, wait=500.0, check=nothing_names_the_token(ONE, TWO)),
        ],
        {"identify": by_header, "max_sessions_per_user": Limit(1, "evict"), **TS},
    ),
]

CASES = [*ENDS, *ONCE, *SWEEPS, *HOOKS]
