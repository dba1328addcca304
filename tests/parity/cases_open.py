"""SPEC 4 and 8, ``open()``: connections that are no requests, as long as they are held."""

from __future__ import annotations

from parity.cases_limits import ENDED, FULL, IN, ON, STARTED, last_end, sweep
from parity.cases_tokens import issued
from sessionware import Kind
from sessionware.errors import RefusedError, StoreError
from support.parity import SECRET, Case, Made, do, get
from support.story import KnownStore

BEGAN = 1_700_000_000.0
ONE, TWO = issued(SECRET, 981), issued(SECRET, 982)
HERE = "203.0.113.5"


def opens(name="it", **what):
    """Open something by SRT, and tell what it is."""

    def act(story):
        given = {"stream": "cam", "protocol": "SRT", "ip": HERE, "token": ONE, **what}
        session = story.open(name, **given)
        return session.kind, session.stream, session.protocol, session.ip, session.requests

    return act


def touches(name="it", **passed):
    return lambda story: story.opened[name][1].touch(**passed)


def closes(name="it"):
    return lambda story: story.close(name)


def numbers(**which):
    def act(story):
        counts = story.facade().count(**which)
        return counts.watching, counts.sessions, counts.bytes_up, counts.bytes_down

    return act


def shown(story):
    """What the facade lists."""
    return [(s.kind, s.stream, s.protocol, s.requests) for s in story.facade().list().items]


def fails(story):
    """Hold something open in a block that raises."""
    with story.facade().open(stream="cam", token=ONE):
        raise RuntimeError("the encoder is broken")


def two_of_this_process(story):
    """Open two inputs that bring no token; nothing of them is the same in two worlds."""
    with story.facade().open(stream="cam") as one, story.facade().open(stream="cam") as two:
        return one.id != two.id, story.facade().count().sessions


KINDS = [
    Case(
        "an input by SRT: it starts at once, counts as what it is, and is closed at the end",
        [
            do(opens(), gives=(Kind.INPUT, "cam", "SRT", HERE, 1), told=(STARTED,)),
            do(numbers(), gives=(0, 1, 0, 0)),
            do(numbers(kind=Kind.INPUT, protocol="SRT", stream="cam"), gives=(0, 1, 0, 0)),
            do(numbers(kind=Kind.VIEWER), gives=(0, 0, 0, 0)),
            do(touches(bytes_up=1000), wait=5.0, gives=True, told=()),
            do(touches(bytes_up=500, bytes_down=7), wait=5.0, gives=True),
            do(shown, gives=[(Kind.INPUT, "cam", "SRT", 3)]),
            do(
                closes(),
                wait=4.0,
                told=(ENDED,),
                check=last_end(
                    "closed",
                    requests=3,
                    seconds=10.0,
                    bytes_up=1500,
                    bytes_down=7,
                    protocols=("SRT",),
                    ips=(HERE,),
                ),
                counts={"sessions": 0, "started": 1, "ended": 1, "bytes_up": 1500},
            ),
            do(sweep, wait=200.0, told=()),
        ],
    ),
    Case(
        "an output, and a viewer, who watches",
        [
            do(opens("out", kind=Kind.OUTPUT, protocol="RTMP"), told=(STARTED,)),
            do(numbers(kind=Kind.OUTPUT, protocol="RTMP"), gives=(0, 1, 0, 0)),
            do(opens("tv", kind=Kind.VIEWER, protocol="WebRTC", user="ann"), told=(STARTED,)),
            do(numbers(kind=Kind.VIEWER), gives=(1, 1, 0, 0)),
            do(numbers(kind=Kind.VIEWER), wait=16.0, gives=(0, 1, 0, 0)),
            do(touches("tv", bytes_down=9), gives=True),
            do(numbers(kind=Kind.VIEWER), gives=(1, 1, 0, 9)),
            do(lambda s: [one.kind for one in s.facade().list(user="ann").items], gives=["viewer"]),
            do(closes("out"), told=(ENDED,), counts={"sessions": 1}),
        ],
    ),
    Case(
        "a kind without sessions gets a stand-in, which is always there",
        [
            do(opens(kind=Kind.UNSPECIFIED), told=(), stored=0),
            do(lambda story: story.opened["it"][1].stored, gives=False),
            do(touches(bytes_up=5), gives=True, counts={"sessions": 0, "bytes_up": 0}),
            do(closes(), told=(), stored=0),
        ],
    ),
    Case(
        "an unspecified one, where they have sessions, is told of to nobody",
        [
            do(opens(kind=Kind.UNSPECIFIED), told=(), stored=1),
            do(numbers(), gives=(0, 0, 0, 0)),
            do(numbers(kind=Kind.UNSPECIFIED), gives=(0, 1, 0, 0)),
            do(closes(), told=(), stored=0),
        ],
        {"unspecified": {"stream"}},
    ),
    Case(
        "without a token each is one of its own",
        [do(two_of_this_process, gives=(True, 2))],
        {"on_event": None},
    ),
    Case(
        "what can't be one is a ValueError",
        [
            do(opens(kind=Kind.STREAM_INFO), raises=ValueError),
            do(opens(stream=""), raises=ValueError),
            do(opens(ip="nowhere"), raises=ValueError),
            do(opens(token="no token"), raises=ValueError, stored=0),
        ],
    ),
    Case(
        "a block that raises closes it all the same",
        [do(fails, raises=RuntimeError, told=(STARTED, ENDED), check=last_end("closed"))],
    ),
]

HELD = [
    Case(
        "two that are the same are one, and it is there until the last one is closed",
        [
            do(opens("one"), told=(STARTED,)),
            do(opens("two"), gives=(Kind.INPUT, "cam", "SRT", HERE, 2), told=(), stored=1),
            do(closes("one"), told=(), stored=1),
            do(touches("two"), gives=True),
            do(closes("two"), told=(ENDED,), stored=0),
        ],
    ),
    Case(
        "another token, address or stream is another one",
        [
            do(opens("one"), stored=1),
            do(opens("two", token=TWO), stored=2),
            do(opens("three", ip="203.0.113.6"), stored=3),
            do(opens("four", stream="cam2"), stored=4),
            do(opens("five", protocol="RTMP"), stored=4),
        ],
    ),
    Case(
        "a viewer that plays by HTTP, too, is one session",
        [
            get(f"/cam.m3u8?tkn={ONE}", **IN),
            do(opens(kind=Kind.VIEWER), stored=1, told=(STARTED,)),
            do(closes(), told=(ENDED,), check=last_end("closed", requests=2)),
            get(f"/cam.m3u8?tkn={ONE}", status=410, seen=None),
        ],
    ),
    Case(
        "the sweep of who holds it keeps it alive, with the traffic too",
        [
            do(opens()),
            get(f"/a.m3u8?tkn={ONE}", wait=100.0),
            get(f"/a.m3u8?tkn={ONE}", wait=100.0),
            get(f"/a.m3u8?tkn={ONE}", wait=100.0),
            do(touches(), wait=100.0, gives=True, counts={"sessions": 2}),
        ],
        {"sweep_every": 0},
    ),
    Case(
        "without a sweep or a touch it expires, and closing it ends nothing any more",
        [
            do(opens()),
            do(touches(), wait=119.0, gives=True),
            do(sweep, wait=121.0, gives=1, told=(ENDED,), check=last_end("expired")),
            do(closes(), told=()),
        ],
    ),
    Case(
        "one that expired begins anew when it is touched: the connection is there",
        [
            do(opens()),
            do(sweep, wait=121.0, gives=1, told=(ENDED,), check=last_end("expired")),
            do(touches(bytes_down=5), gives=True, told=(STARTED,)),
            do(numbers(), gives=(0, 1, 0, 5)),
            do(closes(), told=(ENDED,), check=last_end("closed")),
        ],
    ),
    Case(
        "no life of it is longer than absolute_timeout, but the connection may be",
        [
            do(opens()),
            do(touches(), wait=100.0, gives=True),
            do(sweep, wait=51.0, gives=1, told=(ENDED,), counts={"sessions": 0}),
            do(touches(), gives=True, told=(STARTED,), counts={"sessions": 1}),
        ],
        {"absolute_timeout": 150},
    ),
]

REFUSED = [
    Case(
        "who is denied can't open, and is over if it was open",
        [
            do(opens()),
            do(
                lambda story: story.facade().deny(ip="203.0.113.0/24", reason="not from there"),
                told=(ENDED,),
                check=last_end("denied"),
            ),
            do(touches(bytes_up=9), gives=False, counts={"bytes_up": 0}),
            do(opens("again"), raises=RefusedError, stored=0),
            do(opens("else", ip="198.51.100.1"), stored=1),
            do(closes(), told=()),
            do(lambda story: story.facade().allow(ip="203.0.113.0/24")),
            do(opens("again"), told=(STARTED,), stored=2),
        ],
    ),
    Case(
        "by user, by stream and by token, too",
        [
            do(lambda story: story.facade().deny(user="ann")),
            do(lambda story: story.facade().deny(stream="live")),
            do(lambda story: story.facade().deny(token=TWO)),
            do(opens(user="ann"), raises=RefusedError),
            do(opens(stream="live/a"), raises=RefusedError),
            do(opens(token=TWO), raises=RefusedError),
            do(opens(), stored=1),
        ],
    ),
    Case(
        "what another worker has ordered holds at the next touch",
        [
            do(opens()),
            do(lambda story: story.facade(1).deny(stream="cam"), told=(ENDED,)),
            do(touches(), gives=False),
            do(opens("again"), raises=RefusedError, stored=0),
        ],
        layers=({"match": r"^/one/"}, {"match": r"^/two/"}),
    ),
    Case(
        "who is denied elsewhere by an address that is not kept here is over at its next touch",
        [
            do(opens()),
            do(lambda story: story.facade(1).deny(ip=HERE), told=(), stored=1),
            do(touches(), gives=False),
        ],
        {"ip_privacy": "network"},
        layers=({"match": r"^/one/"}, {"match": r"^/two/"}),
    ),
    Case(
        "who was stopped can't open for deny_for, and is over if it was open",
        [
            do(opens()),
            do(lambda story: story.facade().stop(stream="cam"), gives=1, told=(ENDED,)),
            do(touches(), gives=False),
            do(opens("again"), wait=599.0, raises=RefusedError),
            do(opens("again"), wait=1.0, told=(STARTED,)),
        ],
    ),
    Case(
        "it needs no place in a limit, and takes none",
        [
            get(f"/cam.m3u8?tkn={ONE}", **IN),
            do(opens("tv", kind=Kind.VIEWER, token=TWO), stored=2),
            do(opens("in"), stored=3),
            get(f"/cam.m3u8?tkn={TWO}", **ON),
            get(f"/b.m3u8?tkn={TWO}", **FULL),
            get(f"/cam.m3u8?tkn={ONE}", **ON),
        ],
        {"max_sessions": 1},
    ),
    Case(
        "a viewer that is held open is nobody who opened twice",
        [
            get(f"/cam.m3u8?tkn={ONE}", **IN),
            do(opens(kind=Kind.VIEWER, token=TWO, ip="192.0.2.1"), wait=1.0),
            do(numbers(), gives=(2, 2, 0, 0)),
        ],
    ),
    Case(
        "a store that is full says so",
        [do(opens()), do(opens("more", token=TWO), raises=StoreError, stored=1)],
        {"store": Made(lambda _: KnownStore(max_sessions=1))},
    ),
]

CASES = [*KINDS, *HELD, *REFUSED]
