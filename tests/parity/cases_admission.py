"""SPEC 8: who may watch, and who it is: ``admit`` and ``identify``."""

from __future__ import annotations

import time
from datetime import timedelta

from parity.cases_stores import failing
from parity.cases_tokens import issued
from sessionware import Deny, Kind
from sessionware.store import Decline, Get, Touch
from support.parity import SECRET, Case, Made, child, follow, get
from support.site import children

ONE, TWO = issued(SECRET, 911), issued(SECRET, 912)
NAMED = {"X-Playback-Session-Id": "5b1f1c2e-0000-4000-8000-00000000000a"}
PREFETCH = {"Sec-Purpose": "prefetch"}
KEPT = {"cache-control": "private, max-age=10", "access-control-allow-origin": "*"}
OUT = {"status": 403, "seen": None, "headers": KEPT}
UNKNOWN = {"status": 503, "seen": None, "headers": {"retry-after": "5"}}


def answering(*answers):
    """An ``admit`` that gives these answers, the last one for ever; it notes what it was asked."""

    def make(story):
        story.asked = []

        def admit(session, request):
            story.asked.append((session.stream, session.user, request.path, session.previous))
            answer = answers[min(len(story.asked), len(answers)) - 1]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return admit

    return Made(make)


def denying_wrongly(_story):
    """An ``admit`` that makes another impossible ``Deny`` each time."""
    wrong = iter([{"duration": "10"}, {"status": 200}, {"reason": 7}])
    return lambda _session, _request: Deny(**next(wrong))


def asked(number):
    def check(story):
        assert len(story.asked) == number, story.asked

    return check


def by_header(request):
    """The account that a header names."""
    name = request.headers.get("x-account", "")
    if name == "broken":
        raise RuntimeError("no database")
    return name or None


def account(name):
    return {"send": {"X-Account": name}}


def slowly(session, _request):
    time.sleep(0.1)
    return session.stream != "quick"


def says(word):
    def check(story):
        assert word in story.answer.body

    return check


ADMIT = [
    Case(
        "admit is asked once for a session, and again for another stream or token",
        [
            get(f"/film/master.m3u8?tkn={ONE}", check=asked(1), uris=children(f"tkn={ONE}")),
            child(1, check=asked(1)),
            get(f"/film/master.m3u8?tkn={ONE}", check=asked(1), asked=("Touch",)),
            get(f"/b.m3u8?tkn={ONE}", check=asked(2)),
            get(f"/b.m3u8?tkn={TWO}", check=asked(3)),
            get("/b.m3u8", status=307, location="/b.m3u8?tkn={a}", check=asked(3)),
            follow(check=asked(4)),
        ],
        {"admit": answering(None, True)},
    ),
    Case(
        "admit=False: nothing is served, by URL nor by cookie, for ten minutes (M11b)",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                **OUT,
                events=("SessionDenied",),
                stored=0,
                counts={"started": 0},
                check=asked(1),
            ),
            get(f"/a.m3u8?tkn={ONE}", wait=1.0, **OUT, check=asked(1)),
            get("/a.m3u8", wait=299.0, with_cookie=f"tkn={ONE}", status=403, seen=None),
            get(f"/a.m3u8?tkn={ONE}", wait=299.0, **OUT, check=asked(1)),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, session={"new": True}, check=asked(2)),
        ],
        {"admit": answering(False, True)},
    ),
    Case(
        "admit=False holds for the token on that stream, whatever the IP",
        [
            get(f"/a.m3u8?tkn={ONE}", peer="192.0.2.1", **OUT, events=("SessionDenied",)),
            get(f"/a.m3u8?tkn={ONE}", peer="198.51.100.1", **OUT, check=asked(1)),
        ],
        {"admit": answering(False), "viewer": {"stream", "ip", "token"}, "shared": "ride"},
    ),
    Case(
        "Deny: a reason, a status and a duration of its own",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                status=451,
                seen=None,
                events=("SessionDenied",),
                check=says(b"not in your country"),
            ),
            get(f"/a.m3u8?tkn={ONE}", wait=29.0, status=451, check=says(b"not in your country")),
            get(f"/a.m3u8?tkn={ONE}", wait=2.0, check=asked(2)),
        ],
        {"admit": answering(Deny("not in your country", 451, timedelta(seconds=30)), None)},
    ),
    Case(
        "a mapping is merged into data",
        [
            get(f"/a.m3u8?tkn={ONE}", session={"data": {"plan": "gold", "ads": [1, 2]}}),
            get(f"/a.m3u8?tkn={ONE}", session={"data": {"plan": "gold", "ads": [1, 2]}}),
        ],
        {"admit": answering({"plan": "gold", "ads": [1, 2]})},
    ),
    Case(
        "a revived session is asked for again (K49b)",
        [
            get(f"/a.m3u8?tkn={ONE}", check=asked(1)),
            get(f"/a.m3u8?tkn={ONE}", wait=130.0, session={"new": True}, check=asked(2)),
        ],
        {"admit": answering(None)},
    ),
    Case(
        "an admit that fails, or answers nonsense, keeps out and is asked again",
        [
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN, check=asked(1)),
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN, check=asked(2)),
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN, check=asked(3)),
            get(f"/a.m3u8?tkn={ONE}", session={"new": True}, check=asked(4)),
        ],
        {"admit": answering(RuntimeError("no database"), 7, {"no": object()}, True)},
    ),
    Case(
        "on_admit_error=allow: then it lets in",
        [get(f"/a.m3u8?tkn={ONE}", session={"new": True, "data": {}})],
        {"admit": answering(RuntimeError("no database")), "on_admit_error": "allow"},
    ),
    Case(
        "admit_timeout: an answer that comes later is none",
        [get(f"/a.m3u8?tkn={ONE}", **UNKNOWN)],
        {"admit": slowly, "admit_timeout": 0.05},
    ),
    Case(
        "inline and by cookie only, admit is asked before anything is served",
        [get("/a/master.m3u8", status=403, seen=None, cookie=None, events=("SessionDenied",))],
        {"admit": answering(False), "handoff": "inline"},
    ),
    Case(
        "inline, what admit gives is the session's data",
        [
            get("/a/master.m3u8", uris=children("tkn={a}"), session={"data": {}}),
            get("/a/master.m3u8?tkn={a}", session={"data": {"plan": 1}}, check=asked(1)),
        ],
        {"admit": answering({"plan": 1}), "handoff": "inline"},
    ),
    Case(
        "inline, a player that names its playback is asked for once, however often it comes back",
        [
            get("/a.mpd", send=NAMED, session={"new": True}, check=asked(1)),
            *[get("/a.mpd", send=NAMED, session={"new": False}, check=asked(1), stored=1)] * 3,
        ],
        {"admit": answering(None), "handoff": "inline"},
    ),
    Case(
        "inline, a player that names its playback stays out once it was denied",
        [
            get("/a.mpd", send=NAMED, status=403, seen=None, events=("SessionDenied",)),
            get("/a.mpd", send=NAMED, status=403, seen=None, check=asked(1)),
        ],
        {"admit": answering(False), "handoff": "inline"},
    ),
    Case(
        "a Deny that can't be one fails as admit does",
        [
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN),
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN),
            get(f"/a.m3u8?tkn={ONE}", **UNKNOWN),
        ],
        {"admit": Made(denying_wrongly)},
    ),
    Case(
        "by cookie only, too",
        [get("/a/master.m3u8", status=403, seen=None, cookie=None, events=("SessionDenied",))],
        {"admit": answering(False), "read": ("cookie",), "write": ("cookie",)},
    ),
    Case(
        "an input is asked for, and what is unspecified is not (M62b)",
        [
            get("/a.m3u8", method="PUT", status=403, seen=None, events=("SessionDenied",)),
            get("/b.m3u8", method="POST", session={"kind": "unspecified"}, check=asked(1)),
        ],
        {
            "admit": answering(False),
            "unspecified": {"stream", "ip"},
            "classify": lambda request: Kind.INPUT if request.method == "PUT" else Kind.UNSPECIFIED,
        },
    ),
    Case(
        "HEAD asks nobody",
        [get(f"/a.m3u8?tkn={ONE}", method="HEAD", check=asked(0), stored=0)],
        {"admit": answering(False)},
    ),
    *(
        Case(
            f"a prefetch gets nothing that admit refuses: {how}",
            [get(path, send=PREFETCH, status=403, seen=None, events=("SessionDenied",))],
            {"admit": answering(False), **options},
        )
        for how, path, options in (
            ("by URL", f"/a.m3u8?tkn={ONE}", {}),
            ("inline", "/a.m3u8", {"handoff": "inline"}),
            ("by cookie only", "/a.m3u8", {"read": ("cookie",), "write": ("cookie",)}),
        )
    ),
    Case(
        "a prefetch that admit lets in begins nothing",
        [get(f"/a.m3u8?tkn={ONE}", send=PREFETCH, session={"new": True}, stored=0)],
        {"admit": answering(True)},
    ),
    Case(
        "while the store fails, HEAD asks nobody either",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                method="HEAD",
                events=("StoreFailed",),
                session={"stored": False},
                check=asked(0),
            )
        ],
        {"admit": answering(False), **failing(Get)},
    ),
    Case(
        "while the store fails, admit is asked for each request, and keeps out",
        [
            get(f"/a.m3u8?tkn={ONE}", events=("StoreFailed",), check=asked(1)),
            get(
                f"/a.m3u8?tkn={ONE}",
                status=403,
                seen=None,
                events=("StoreFailed", "StoreFailed", "SessionDenied"),
                check=asked(2),
            ),
        ],
        {"admit": answering(True, False), **failing(Touch, Decline)},
    ),
]

IDENTIFY = [
    Case(
        "another user with the same token is another session",
        [
            get(f"/a.m3u8?tkn={ONE}", **account("ann"), session={"user": "ann", "new": True}),
            get(f"/a.m3u8?tkn={ONE}", **account("ann"), session={"user": "ann", "new": False}),
            get(f"/a.m3u8?tkn={ONE}", **account("bob"), session={"user": "bob", "new": True}),
            get(f"/a.m3u8?tkn={ONE}", session={"user": None, "new": True}, stored=3),
        ],
        {"identify": by_header},
    ),
    Case(
        "admit is told the user",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                **account("ann"),
                check=lambda story: story.names.match("ann", story.asked[0][1], "the user"),
            )
        ],
        {"identify": by_header, "admit": answering(True)},
    ),
    Case(
        "an identify that fails keeps out, or with on_admit_error=allow is as if it knew nobody",
        [
            get(f"/a.m3u8?tkn={ONE}", **account("broken"), **UNKNOWN),
            get(f"/a.m3u8?tkn={ONE}", **account("ann"), session={"user": "ann"}),
        ],
        {"identify": by_header},
    ),
    Case(
        "with on_admit_error=allow an identify that fails knows nobody",
        [get(f"/a.m3u8?tkn={ONE}", **account("broken"), session={"user": None})],
        {"identify": by_header, "on_admit_error": "allow"},
    ),
]

CASES = [*ADMIT, *IDENTIFY]
