"""SPEC 9: what a viewer gets when the store fails or is full, or its memory is split."""

from __future__ import annotations

from parity.cases_sessions import FIRST, keeping
from parity.cases_tokens import ONE, TWO
from sessionware import ConfigurationError
from sessionware.store import Begin, Learn, Merge, Meta, Touch, Withdraw
from support.parity import ANY, Case, Made, child, get
from support.site import MEDIA, children
from support.story import KnownStore


def failing(*commands):
    """The option ``store``: one that can't carry out these commands."""
    return {"store": Made(lambda _: KnownStore(lambda command: isinstance(command, commands)))}


def away(story):
    """A store that is away from the 40th to the 60th second."""
    began = story.clock.now
    return KnownStore(lambda _: 40 < story.clock.now - began < 60)


def full(number):
    return {"store": Made(lambda _: KnownStore(max_sessions=number))}


BUSY = {
    "retry-after": "5",
    "cache-control": "private, no-store",
    "access-control-allow-origin": "*",
    "content-type": "application/problem+json",
}

TROUBLE = [
    Case(
        "an entry asks the store nothing, so a broken one is not noticed",
        [get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}")],
        failing(object),
    ),
    *(
        Case(
            f"on_store_error=serve: playback goes on with a stand-in when {command.__name__} fails",
            [
                get(
                    f"/a/master.m3u8?tkn={ONE}&k=v",
                    events=("StoreFailed",),
                    seen="/a/master.m3u8?k=v",
                    stored=0,
                    session={"stored": False, "stream": "a", "new": True, "data": {"k": ["v"]}},
                    uris=children(f"tkn={ONE}"),
                ),
                child(
                    1, events=("StoreFailed",), session={"stored": False, "data": {}}, body=MEDIA
                ),
            ],
            failing(command),
            keeping,
        )
        for command in (Meta, Touch, Begin)
    ),
    *(
        Case(
            f"on_store_error=refuse: 503 and Retry-After when {command.__name__} fails",
            [
                get(
                    FIRST, status=503, events=("StoreFailed",), seen=None, headers=BUSY, cookie=None
                ),
                get(
                    FIRST,
                    method="HEAD",
                    status=503 if command is Meta else 200,
                    body=b"",
                    events=("StoreFailed",) if command is Meta else (),
                ),
                get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
                get("/page", seen="/page"),
            ],
            {**failing(command), "on_store_error": "refuse"},
        )
        for command in (Meta, Touch, Begin)
    ),
    *(
        Case(
            f"a store that can't {command.__name__} spoils no answer, whatever on_store_error says",
            [get(f"{target}&k=v", status=status, events=("StoreFailed",))],
            {**failing(command), "on_store_error": "refuse"},
            keeping,
        )
        for command, target, status in (
            (Learn, FIRST, 200),
            (Merge, f"/a.mpd?tkn={ONE}", 200),
            (Withdraw, f"/gone.m3u8?tkn={ONE}", 404),
        )
    ),
    Case(
        "a tracked path goes on without its session while the store is away, or is refused",
        [get(f"/a/1.ts?tkn={ONE}", events=("StoreFailed",), body=b"\x47segment", session=None)],
        {**failing(Touch), "track": r"\.ts$"},
    ),
    Case(
        "an input goes on, too",
        [
            get(
                "/a.m3u8",
                method="PUT",
                events=("StoreFailed",),
                session={"kind": "input", "stored": False},
            )
        ],
        failing(Begin),
    ),
    *(
        Case(
            f"on_store_error={policy}: a store that goes away, and comes back, in the middle",
            [
                get(FIRST, session={"stored": True}),
                get(FIRST, session={"requests": 2}),
                get(
                    FIRST,
                    wait=50.0,
                    status=status,
                    events=("StoreFailed",),
                    session=ANY if status == 503 else {"stored": False, "requests": 1},
                ),
                get(
                    FIRST,
                    wait=50.0,
                    events=("StoreRecovered",),
                    session={"stored": True, "requests": 3},
                ),
            ],
            {"store": Made(away), "on_store_error": policy},
        )
        for policy, status in (("serve", 200), ("refuse", 503))
    ),
    Case(
        "a full store refuses newcomers with 503 and Retry-After, and those inside go on",
        [
            get(FIRST, stored=1),
            get(f"/a.m3u8?tkn={TWO}", status=503, headers=BUSY, seen=None, stored=1),
            get(FIRST, session={"requests": 2}, stored=1),
            get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}"),
            get(f"/a.m3u8?tkn={TWO}", wait=121.0, stored=1, session={"new": True}),
        ],
        full(1),
    ),
    Case(
        "inline: a full store refuses with the answer, whose manifest goes to nobody",
        [
            get("/a/master.m3u8", stored=1, cookie="{a}"),
            get("/a/master.m3u8", status=503, headers=BUSY, cookie=None, stored=1),
        ],
        {**full(1), "handoff": "inline"},
    ),
    Case(
        "store as a URL",
        [get(FIRST), get(f"/a.m3u8?tkn={TWO}", status=503, headers=BUSY)],
        {"store": "memory:?max_sessions=1"},
    ),
    Case(
        "split memory beside a sibling worker is refused, for what is ours only",
        [get("/a.m3u8", raises=ConfigurationError, seen=None), get("/page", seen="/page")],
        sibling=True,
    ),
    Case(
        "allow_split_memory lets each worker count for itself",
        [get("/a.m3u8", status=307, location="/a.m3u8?tkn={a}")],
        {"allow_split_memory": True},
        sibling=True,
    ),
    Case(
        "on_event hears of it; a hook that raises harms no request",
        [
            get(
                FIRST,
                check=lambda story: story.names.match("StoreFailed", story.heard, "the event"),
            )
        ],
        {**failing(Learn), "on_event": Made(lambda story: story.hear_and_fail)},
    ),
    Case(
        "clock says what time it is",
        [
            get(FIRST),
            get(
                FIRST, wait=60.0, session={"started": 1_700_000_000.0, "last_seen": 1_700_000_060.0}
            ),
        ],
        {"clock": Made(lambda story: story.clock)},
    ),
]


CASES = [*TROUBLE]
