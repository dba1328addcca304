"""SPEC 4: what a request is, and which parts tell two sessions of a kind apart."""

from __future__ import annotations

from parity.cases_tokens import ONE
from sessionware import Kind
from support.parity import Case, get
from support.site import MASTER, MEDIA

PLAIN = {"cache-control": None, "set-cookie": None, "vary": None}
KINDS = {"probe": Kind.STREAM_INFO, "out": Kind.OUTPUT, "other": Kind.UNSPECIFIED, "in": Kind.INPUT}


def by_query(request):
    """Classify: ``?out`` is an output and so on, ``?none`` nothing, the rest are viewers."""
    word = request.query.partition("&")[0]
    return None if word == "none" else KINDS.get(word, Kind.VIEWER)


def probe(**said):
    return get("/a.m3u8?probe", seen="/a.m3u8?probe", **said)


METHODS = [
    *(
        Case(
            f"{method} of a manifest is an input: never redirected, never rewritten",
            [
                get(
                    "/in/master.m3u8?response=200&x",
                    method=method,
                    upload=b"#EXTM3U\n",
                    body=MASTER,
                    headers=PLAIN,
                    seen="/in/master.m3u8?response=200&x",
                    stored=1,
                    session={"kind": "input", "stream": "in", "new": True, "state": "live"},
                    counts={"watching": 0, "sessions": 1, "started": 1},
                ),
                get("/in/master.m3u8", method=method, session={"requests": 2}, stored=1),
                get("/in/master.m3u8", method=method, peer="192.0.2.2", stored=2),
                get(f"/in/master.m3u8?tkn={ONE}", method=method, stored=3, body=MASTER),
            ],
        )
        for method in ("PUT", "POST", "DELETE")
    ),
    Case(
        "PUT of a tracked path touches the input of its stream, and begins none",
        [
            get("/in/cam/1.ts", method="PUT", session=None, stored=0),
            get("/in/cam/index.m3u8", method="PUT", session={"stream": "in/cam"}),
            get("/in/cam/1.ts", method="PUT", session={"kind": "input", "requests": 2}),
            get("/in/cam/1.ts", method="DELETE", session={"requests": 3}),
            get("/in/cam/1.ts", session=None, stored=1),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "other methods are nobody's session",
        [get("/a.m3u8", method="PATCH", body=MEDIA, headers=PLAIN, session=None, asked=())],
    ),
    Case(
        "GET and HEAD of a tracked path: the token keeps its session alive; none begins one",
        [
            get("/a/1.ts", headers=PLAIN, session=None, asked=(), body=b"\x47segment"),
            get(f"/a/1.ts?tkn={ONE}", session=None, stored=0, seen="/a/1.ts"),
            get(f"/a/index.m3u8?tkn={ONE}", stored=1),
            get(f"/a/1.ts?tkn={ONE}", session={"stream": "a", "requests": 2}, headers=PLAIN),
            get(
                f"/a/1.ts?tkn={ONE}",
                method="HEAD",
                session={"requests": 2},
                seen="/a/1.ts",
                body=b"",
            ),
            get(f"/a/2.ts?tkn={ONE}", wait=100.0, stored=1),
            get(f"/a/2.ts?tkn={ONE}", wait=100.0, stored=1, session={"requests": 4}),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "a tracked path takes a session out of pending",
        [
            get(f"/a/master.m3u8?tkn={ONE}", counts={"sessions": 0}),
            get(f"/a/1.ts?tkn={ONE}", counts={"sessions": 1, "watching": 1}),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "require_token: a tracked path without a usable token gets denied_status",
        [
            get(
                "/a/1.ts",
                status=451,
                seen=None,
                location=None,
                headers={
                    "content-type": "application/problem+json",
                    "access-control-allow-origin": "*",
                    "cache-control": "private, no-store",
                },
            ),
            get("/a/1.ts?tkn=mine", status=451),
            get(f"/a/1.ts?tkn={ONE}", status=200),
            get("/a/1.ts", status=200, with_cookie=f"tkn={ONE}"),
            get("/a/1.ts", method="HEAD", status=451, body=b""),
        ],
        {"track": r"\.ts$", "require_token": True, "denied_status": 451},
    ),
]

CASES = [*METHODS]
