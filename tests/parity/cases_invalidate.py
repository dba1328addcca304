"""SPEC 8, ``invalidate``: ``admit`` is asked again about those inside (seed 000)."""

from __future__ import annotations

from parity.cases_admission import answering, asked
from parity.cases_events import told
from parity.cases_limits import ENDED, IN, ON, last_end, sweep
from parity.cases_orders import KEPT, ONE, OUT, TWO, deny, invalidate, watch
from support.parity import Case, do


def invalidate_first(story):
    """Let it be asked again about the session that began first."""
    return story.facade().invalidate(id=story.facade().list().items[0].id)


CASES = [
    Case(
        "invalidate: each is asked about at its next request, and what admit gives is merged",
        [
            watch(ONE, session={"new": True, "data": {"plan": "gold", "n": 1}}, check=asked(1)),
            watch(ONE, **ON, check=asked(1)),
            watch(TWO, "/b.m3u8", **IN, check=asked(2)),
            do(invalidate(), gives=2, events=("SessionsInvalidated",), told=()),
            watch(
                ONE,
                session={"new": False, "data": {"plan": "lead", "n": 1}},
                check=asked(3),
                asked=("Touch", "Enter"),
            ),
            watch(ONE, check=asked(3), asked=("Touch",)),
            watch(TWO, "/b.m3u8", session={"new": False, "requests": 2}, check=asked(4)),
        ],
        {"admit": answering({"plan": "gold", "n": 1}, None, {"plan": "lead"}, None)},
    ),
    Case(
        "who may not go on is refused, has ended, and is remembered as denied",
        [
            watch(ONE, **IN),
            watch(ONE, **ON),
            do(invalidate(stream="a"), gives=1, events=("SessionsInvalidated",)),
            watch(
                ONE,
                **OUT,
                events=("SessionDenied",),
                headers=KEPT,
                check=asked(2),
                counts={"sessions": 0, "started": 1, "ended": 1},
            ),
            do(sweep, told=(ENDED,), check=last_end("denied", requests=2)),
            watch(ONE, **OUT, check=asked(2)),
            watch(ONE, wait=600.0, **IN, check=asked(3)),
        ],
        {"admit": answering(True, False, True)},
    ),
    Case(
        "by stream: that and those below; by id: that one",
        [
            watch(ONE, "/live/a.m3u8"),
            watch(ONE, "/live/b.m3u8", wait=1.0),
            watch(ONE, "/other.m3u8", wait=1.0, check=asked(3)),
            do(
                invalidate(stream="live"),
                gives=2,
                events=("SessionsInvalidated",),
                check=told(stream="live", session=None, sessions=2),
            ),
            watch(ONE, "/other.m3u8", check=asked(3)),
            watch(ONE, "/live/a.m3u8", check=asked(4)),
            watch(ONE, "/live/b.m3u8", check=asked(5)),
            do(
                invalidate_first,
                gives=1,
                events=("SessionsInvalidated",),
                check=lambda s: told(stream=None, session=s.facade().list().items[0].id)(s),
            ),
            watch(ONE, "/live/b.m3u8", check=asked(5)),
            watch(ONE, "/live/a.m3u8", check=asked(6)),
        ],
        {"admit": answering(None)},
    ),
    Case(
        "denials by admit are forgotten, those by deny() stay",
        [
            watch(ONE, **OUT, events=("SessionDenied",), check=asked(1)),
            watch(ONE, "/b.m3u8", **OUT, events=("SessionDenied",), check=asked(2)),
            do(deny(stream="b")),
            do(invalidate(), gives=2, events=("SessionsInvalidated",)),
            watch(ONE, "/b.m3u8", **OUT, check=asked(2)),
            watch(ONE, **IN, check=asked(3)),
        ],
        {"admit": answering(False, False, True)},
    ),
    Case(
        "who only asks for segments is asked about, too; a request that can't be decided waits",
        [
            watch(ONE, "/a/index.m3u8", **IN),
            do(invalidate(), gives=1, events=("SessionsInvalidated",)),
            watch(ONE, "/a/1.ts", status=503, seen=None, check=asked(2)),
            watch(ONE, "/a/1.ts", **ON, check=asked(3)),
            watch(ONE, "/a/index.m3u8", **ON, check=asked(3)),
            do(invalidate(), gives=1, events=("SessionsInvalidated",)),
            watch(ONE, "/a/2.ts", status=403, seen=None, events=("SessionDenied",), check=asked(4)),
            watch(ONE, "/a/index.m3u8", status=403, seen=None, check=asked(4)),
        ],
        {"admit": answering(None, RuntimeError("no database"), None, False), "track": r"\.ts$"},
    ),
]
