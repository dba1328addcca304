"""SPEC 5, the loop guard: what strips queries and cookies must not send players round and round."""

from __future__ import annotations

from support.parity import Case, follow, get
from support.site import MEDIA, children


def enter(name, **said):
    return get("/a.m3u8", status=307, location=f"/a.m3u8?tkn={{{name}}}", **said)


HOT = [enter("a"), enter("b"), enter("c")]
LOOP = "RedirectLoop"

CASES = [
    Case(
        "after 3 redirects within 10 s the manifest goes out unwrapped, with one event (P38)",
        [
            *HOT,
            get(
                "/a.m3u8", body=MEDIA, events=(LOOP,), cookie=None, stored=1, session={"new": True}
            ),
            *(get("/a.m3u8", wait=9.0, body=MEDIA, cookie=None, stored=1) for _ in range(4)),
        ],
    ),
    Case(
        "a hot client is known by IP, User-Agent and path",
        [
            *HOT,
            get("/a.m3u8", body=MEDIA, events=(LOOP,)),
            get("/b.m3u8", status=307, location="/b.m3u8?tkn={d}"),
            enter("e", agent="Other/1"),
            enter("f", peer="192.0.2.2"),
            get("/a.m3u8", body=MEDIA, session={"requests": 2}),
        ],
    ),
    Case(
        "it cools down when its client has not asked for 10 s, and may be told of again",
        [
            *HOT,
            get("/a.m3u8", body=MEDIA, events=(LOOP,)),
            enter("d", wait=10.5),
            enter("e"),
            enter("f"),
            get("/a.m3u8", body=MEDIA, events=(LOOP,), stored=1),
        ],
    ),
    Case(
        "3 redirects in more than 10 s are none",
        [enter(name, wait=3.4) for name in ("a", "b", "c")] + [enter("d", wait=4.0), enter("e")],
    ),
    Case(
        "a follow-up by query clears it",
        [*HOT, follow(), enter("d"), enter("e"), enter("f"), follow(method="HEAD"), enter("g")],
    ),
    Case(
        "HEAD and prefetch are not counted",
        [
            *(enter(f"h{number}", method="HEAD") for number in range(6)),
            *(enter(f"p{number}", send={"Purpose": "prefetch"}) for number in range(6)),
            *HOT,
            enter("x", method="HEAD"),
            get("/a.m3u8", body=MEDIA, events=(LOOP,)),
        ],
    ),
    Case(
        "the unwrapped manifest carries a token that is always the same for client and stream",
        [
            *(
                get("/f/master.m3u8", status=307, location=f"/f/master.m3u8?tkn={{{name}}}")
                for name in ("a", "b", "c")
            ),
            *(
                get(
                    "/f/master.m3u8",
                    events=events,
                    uris=children("tkn={x}"),
                )
                for events in ((LOOP,), ())
            ),
        ],
    ),
    Case(
        "an announcement is no redirect: asked for again and again it is answered",
        [get("/a.m3u8?response=200", location=f"/a.m3u8?tkn={{t{number}}}") for number in range(6)],
    ),
]
