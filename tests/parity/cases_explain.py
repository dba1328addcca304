"""SPEC 8, ``explain()``: faith in the numbers."""

from __future__ import annotations

from parity.cases_admission import by_header
from parity.cases_limits import sweep
from parity.cases_tokens import issued
from sessionware import Kind
from support.parity import SECRET, Case, do, get
from support.site import SEGMENT
from support.values import request

BEGAN = 1_700_000_000.0
ONE, TWO = issued(SECRET, 991), issued(SECRET, 992)
OLD = issued(SECRET, 993, at=BEGAN - 90_000)
V = Kind.VIEWER
ENTRY = "It carries no usable token of its own: it is an entry (redirect)."
RUNS = "Its session runs."
BEGINS = "No session runs: one begins."


def watch(token, path="/a.m3u8", **said):
    return get(f"{path}?tkn={token}", **said)


def explained(what, *expected, **more):
    """What is said of a URL or a request: kind, stream, why, carrier and state; nothing changes."""

    def act(story):
        found = story.facade().explain(what)
        assert not any(token in repr(found) for token in (ONE, TWO, OLD))
        assert (found.id is None) == (found.state not in {"pending", "live"})
        return found.kind, found.stream, found.why, found.carrier, found.state

    carrier, state = (*expected[3:], None, None)[:2]
    return do(act, gives=(*expected[:3], carrier, state), told=(), **more)


def url(token, path="/a.m3u8"):
    return f"https://tv.example{path}?tkn={token}"


def asks(path="/a.m3u8", query="", **more):
    """A request from where the tokens were handed to."""
    return request(path, query, **{"ip": "192.0.2.1", "user_agent": "", **more})


def same_parts(story):
    """Who is the same by its parts, and who is not."""
    explain = story.facade().explain
    here, again = explain(url(ONE)), explain(asks(query=f"tkn={ONE}"))
    other, elsewhere = explain(url(TWO)), explain(url(ONE, "/b.m3u8"))
    assert here.parts == again.parts
    assert {"stream", "token"} == here.parts.keys()
    return (
        [name for name in here.parts if here.parts[name] != other.parts[name]],
        [name for name in here.parts if here.parts[name] != elsewhere.parts[name]],
    )


def is_the_session(story):
    """The id is that of the session that the app saw."""
    seen = story.origin.seen[-1].session
    return story.facade().explain(url(ONE)).id == seen.id


PATHS = [
    Case(
        "what is none of ours, and why",
        [
            explained("/page.html", None, None, "Its path is neither matched nor tracked."),
            explained("/probe/a.m3u8", None, None, "exclude takes it out."),
            explained(
                asks(method="PATCH"),
                None,
                None,
                "It is none of ours, by its method or by classify.",
            ),
            explained("/nameless.m3u8", V, None, "Its path names no stream."),
        ],
        {
            "exclude": lambda one: one.path.startswith("/probe/"),
            "stream": r"^/(?P<stream>\w+)/|^/(?=probe)",
        },
    ),
    Case(
        "kinds, and those that make no sessions",
        [
            explained(
                "/a.m3u8?probe",
                Kind.STREAM_INFO,
                "a",
                "It asks about a stream, and stream_info is none.",
            ),
            explained(
                "/a.m3u8?other",
                Kind.UNSPECIFIED,
                "a",
                "No part tells two sessions of the kind unspecified apart: there are none.",
            ),
            explained("/a.m3u8?out", Kind.OUTPUT, "a", BEGINS),
            explained(asks(method="PUT"), Kind.INPUT, "a", BEGINS),
            explained("/a.m3u8", V, "a", ENTRY),
        ],
        {
            "stream_info": "none",
            "classify": lambda one: (
                Kind.INPUT
                if one.method == "PUT"
                else {
                    "probe": Kind.STREAM_INFO,
                    "other": Kind.UNSPECIFIED,
                    "out": Kind.OUTPUT,
                }.get(one.query, Kind.VIEWER)
            ),
        },
    ),
    Case(
        "a question about a stream that counts as a viewer is one, and is called what it is",
        [
            explained("/a.m3u8", Kind.STREAM_INFO, "a", ENTRY),
            explained(url(ONE), Kind.STREAM_INFO, "a", BEGINS, "query"),
        ],
        {"classify": lambda _: Kind.STREAM_INFO},
    ),
    Case(
        "who could not be identified",
        [
            explained(
                asks(query=f"tkn={ONE}", headers={"x-account": "broken"}),
                V,
                "a",
                "identify can't say who it is.",
                "query",
            ),
            watch(ONE, send={"X-Account": "ann"}),
            explained(
                asks(query=f"tkn={ONE}", headers={"x-account": "ann"}),
                V,
                "a",
                RUNS,
                "query",
                "live",
            ),
            explained(asks(query=f"tkn={ONE}"), V, "a", BEGINS, "query"),
        ],
        {"identify": by_header},
    ),
]

STATES = [
    Case(
        "an entry, a session that will begin, one that is pending, one that runs",
        [
            explained("/a/master.m3u8", V, "a", ENTRY),
            explained("/a/master.m3u8?tkn=forged", V, "a", ENTRY),
            explained(url(ONE, "/a/master.m3u8"), V, "a", BEGINS, "query", asked=("Meta", "Get")),
            watch(ONE, "/a/master.m3u8"),
            explained(url(ONE, "/a/master.m3u8"), V, "a", RUNS, "query", "pending"),
            watch(ONE, "/a/index.m3u8"),
            explained(url(ONE, "/a/index.m3u8"), V, "a", RUNS, "query", "live", stored=1),
            explained(
                asks("/a/index.m3u8", headers={"cookie": f"tkn={ONE}"}),
                V,
                "a",
                RUNS,
                "cookie",
                "live",
            ),
            watch(ONE, "/a/index.m3u8", session={"requests": 3}),
        ],
    ),
    Case(
        "its parts, without a token in them, and its id",
        [
            watch(ONE),
            do(is_the_session, gives=True),
            do(same_parts, gives=(["token"], ["stream"])),
        ],
    ),
    Case(
        "an address in them is shown as it is kept",
        [
            do(
                lambda s: s.facade().explain(asks(method="PUT")).parts.get("ip"),
                gives="00000000000000000000ffffc0000201",
            ),
        ],
        {"ip_privacy": "network"},
    ),
    Case(
        "inline, an entry is called so",
        [explained("/a.m3u8", V, "a", ENTRY.replace("redirect", "inline"))],
        {"handoff": "inline"},
    ),
    Case(
        "somebody else's link is an entry, and a URL alone is taken as the owner's",
        [
            watch(ONE),
            explained(
                asks(query=f"tkn={ONE}", user_agent="Other/1"), V, "a", RUNS, "query", "live"
            ),
            explained(
                asks(query=f"tkn={ONE}", ip="198.51.100.1", user_agent="Other/1"), V, "a", ENTRY
            ),
            explained(url(ONE), V, "a", RUNS, "query", "live"),
        ],
    ),
    Case(
        "segments: with a session, with none, and without a token",
        [
            explained(
                url(ONE, "/a/1.ts"),
                V,
                "a",
                "No session runs: one does not begin by a tracked path.",
                "query",
            ),
            explained("/a/1.ts", V, "a", "It carries no usable token of its own: it is served."),
            watch(ONE, "/a/index.m3u8"),
            explained(url(ONE, "/a/1.ts"), V, "a", RUNS, "query", "live"),
            get("/a/1.ts", body=SEGMENT),
        ],
        {"track": r"\.ts$"},
    ),
    Case(
        "segments that need a token, and have none",
        [
            explained(
                "/a/1.ts",
                V,
                "a",
                "It carries no usable token of its own: it is refused with 403.",
            ),
            get("/a/1.ts", status=403),
        ],
        {"track": r"\.ts$", "require_token": True},
    ),
    Case(
        "expired: revived, refused, and entered anew",
        [
            watch(ONE),
            do(sweep, wait=121.0),
            do(
                lambda story: (
                    story.facade().explain(url(ONE)).why
                    == f"No session runs: one begins, a new life of {story.events[-1].session}."
                ),
                gives=True,
            ),
            explained(
                url(ONE),
                V,
                "a",
                "It is refused with 400: This session has expired. "
                "Ask for the stream at its first URL again.",
                "query",
                "ended: expired",
                wait=600.0,
            ),
            explained(
                asks(headers={"cookie": f"tkn={ONE}"}),
                V,
                "a",
                "Its token is worth nothing any more: it is an entry (redirect).",
                "cookie",
                "ended: expired",
            ),
            explained(
                url(OLD),
                V,
                "a",
                "It is refused with 400: This session has expired. "
                "Ask for the stream at its first URL again.",
                "query",
            ),
            watch(ONE, status=400),
        ],
    ),
    Case(
        "stopped, and denied by the operator",
        [
            watch(ONE),
            do(lambda story: story.facade().stop(stream="a"), gives=1),
            explained(
                url(ONE),
                V,
                "a",
                "It is refused with 410: This stream can't be watched with this token.",
                "query",
                "stopped",
            ),
            do(lambda story: story.facade().deny(stream="b", reason="It is dark.")),
            explained("/b.m3u8", V, "b", "deny() keeps it out. It is dark.", None, "denied"),
            explained(url(TWO), V, "a", BEGINS, "query"),
        ],
    ),
    Case(
        "denied by the app",
        [
            watch(ONE, status=403, events=("SessionDenied",)),
            explained(
                url(ONE),
                V,
                "a",
                "It is refused with 403: This stream can't be watched with this token.",
                "query",
                "denied",
            ),
        ],
        {"admit": lambda _session, _request: False},
    ),
    Case(
        "what another worker has ordered is known",
        [
            do(lambda story: story.facade(1).deny(stream="a")),
            explained("/one/a.m3u8", V, "a", "deny() keeps it out.", None, "denied"),
        ],
        {"stream": r"^/\w+/(?P<stream>\w+)"},
        layers=({"match": r"^/one/"}, {"match": r"^/two/"}),
    ),
]

CASES = [*PATHS, *STATES]
