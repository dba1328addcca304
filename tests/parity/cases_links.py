"""SPEC 3, "Link": which paths are part of a stream, and that a token is no key to others."""

from __future__ import annotations

from parity.cases_tokens import ONE, TWO
from support.origin import Reply
from support.parity import Case, child, follow, get
from support.site import MEDIA, children

CAM = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=1
cam1_low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2
cam1.m3u8?v=2
"""


def beside(seen):
    """A multivariant playlist with its variants beside it."""
    return (
        Reply(body=CAM) if seen.path == "/live/cam1.m3u8" and not seen.query else Reply(body=MEDIA)
    )


def carried(*urls):
    """An app whose headers ``X-0``, ``X-1`` ... are these URLs as its session carries them."""

    def answer(seen):
        carry = seen.session.carry if seen.session is not None else str
        pairs = tuple((f"X-{number}", carry(url)) for number, url in enumerate(urls))
        return Reply(headers=pairs, body=MEDIA)

    return answer


FILM = children(f"tkn={ONE}")
LINKS_ALONE = children("tkn=")
FILM_OF_TWO = children(f"tkn={TWO}")

CASES = [
    Case(
        "children in sub-folders belong to the entry's stream: one viewer, counted once (P44)",
        [
            get(
                f"/vod/film/master.m3u8?tkn={ONE}", uris=FILM, counts={"watching": 0, "sessions": 0}
            ),
            *(
                child(number, seen=path, session={"stream": "vod/film", "new": False}, stored=1)
                for number, path in (
                    (0, "/vod/film/audio/en.m3u8"),
                    (1, "/vod/film/720p/index.m3u8"),
                    (2, "/vod/film/index.m3u8?q=1"),
                    (3, "/vod/film/iframes.m3u8"),
                )
            ),
            child(1, wait=4.0, counts={"watching": 1, "sessions": 1, "started": 1, "requests": 6}),
        ],
    ),
    Case(
        "children beside the master belong to its stream",
        [
            get("/live/cam1.m3u8", status=307, location="/live/cam1.m3u8?tkn={a}"),
            follow(uris=("cam1_low.m3u8?tkn={a}.{l:link}", "cam1.m3u8?v=2&tkn={a}")),
            child(0, session={"stream": "live/cam1"}, stored=1),
        ],
        origin=beside,
    ),
    Case(
        "a link depends on no viewer",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}", uris=FILM),
            get(f"/vod/film/master.m3u8?tkn={TWO}", uris=FILM_OF_TWO, stored=2),
        ],
    ),
    Case(
        "a link at another path is ignored: the path's own stream holds",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}", uris=FILM, stored=1),
            get(
                f"/vod/film/1080p/index.m3u8?tkn={ONE}.{{video}}",
                stored=2,
                session={"stream": "vod/film/1080p", "new": True},
            ),
            get(
                f"/vod/other/720p/index.m3u8?tkn={ONE}.{{video}}",
                stored=3,
                session={"stream": "vod/other/720p"},
            ),
            get(
                f"/vod/film/720p//index.m3u8?tkn={ONE}.{{video}}",
                stored=3,
                seen="/vod/film/720p//index.m3u8",
                session={"stream": "vod/film"},
            ),
        ],
    ),
    Case(
        "a token of /free/a at /premium/b begins a session on premium/b and nothing else",
        [
            get("/free/a.m3u8", status=307, location="/free/a.m3u8?tkn={a}"),
            get(
                "/premium/b.m3u8?tkn={a}",
                asked=("Meta", "Touch", "Begin", "Learn"),
                stored=1,
                session={"stream": "premium/b", "new": True, "data": {}},
            ),
            get("/free/a.m3u8?tkn={a}", stored=2, session={"stream": "free/a", "new": True}),
            get(
                "/premium/b.m3u8?tkn={a}", stored=2, session={"stream": "premium/b", "requests": 2}
            ),
        ],
    ),
    Case(
        "a redirect of an entry on a linked path keeps nobody's link alive",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}", uris=FILM),
            get(
                "/vod/film/720p/index.m3u8?tkn=.{video}",
                status=307,
                location="/vod/film/720p/index.m3u8?tkn={a}.{video}",
            ),
            follow(session={"stream": "vod/film"}, stored=2),
        ],
    ),
    Case(
        "a link is read whatever read says, and belongs to the cookie's session",
        [
            get("/vod/film/master.m3u8", with_cookie=f"tkn={ONE}", uris=LINKS_ALONE),
            child(1, session={"stream": "vod/film", "new": False}, stored=1),
            get(
                "/vod/film/720p/index.m3u8",
                session={"stream": "vod/film/720p"},
                stored=2,
                with_cookie=f"tkn={ONE}",
            ),
        ],
        {"read": ("cookie",), "write": ("cookie",)},
    ),
    Case(
        "where a trusted header carries, children get the link alone",
        [
            get("/vod/film/master.m3u8", send={"X-CDN": "id-1"}, cookie=None, uris=LINKS_ALONE),
            child(1, session={"stream": "vod/film", "new": False}, stored=1),
        ],
        {"trusted_header": "X-CDN", "trusted_proxies": ("192.0.2.1",)},
    ),
    Case(
        "where the stream tells no sessions apart, no link is needed",
        [
            get(
                f"/vod/film/master.m3u8?tkn={ONE}",
                uris=tuple(uri.partition(".{")[0] for uri in FILM),
            ),
            child(1, stored=1, session={"stream": "vod/film", "requests": 2}),
            get(f"/other.m3u8?tkn={ONE}", stored=1, session={"stream": "vod/film"}),
        ],
        {"viewer": {"token"}},
    ),
    Case(
        "session.carry puts token and link into URLs; a tracked path's link is its directory's",
        [
            get(
                f"/vod/film/index.m3u8?tkn={ONE}",
                headers={
                    "x-0": f"/vod/film/master.m3u8?a=1&tkn={ONE}",
                    "x-1": f"720p/1.ts?tkn={ONE}.{{dir:link}}",
                    "x-2": f"http://testserver/vod/film/1.ts?tkn={ONE}",
                    "x-3": "https://cdn.example/vod/film/1.ts",
                    "x-4": "data:text/plain,x",
                },
            ),
            get(
                f"/vod/film/720p/1.ts?tkn={ONE}.{{dir}}",
                session={"stream": "vod/film", "requests": 2},
            ),
            get(f"/vod/film/720p/2.ts?tkn={ONE}.{{dir}}", session={"requests": 3}),
            get(f"/vod/film/720p/sub/2.ts?tkn={ONE}.{{dir}}", session=None, stored=1),
            get(f"/vod/film/720p/2.ts?tkn={ONE}", session=None, stored=1),
            get(f"/vod/film/2.ts?tkn={ONE}", session={"requests": 4}, stored=1),
        ],
        {"track": r"\.ts$"},
        carried(
            "/vod/film/master.m3u8?a=1",
            "720p/1.ts",
            "http://testserver/vod/film/1.ts",
            "https://cdn.example/vod/film/1.ts",
            "data:text/plain,x",
        ),
    ),
    Case(
        "session.carry gives no token to a URL where the cookie carries it",
        [
            get(
                "/vod/film/index.m3u8",
                with_cookie=f"tkn={ONE}",
                headers={"x-0": "/vod/film/a/b.m3u8?tkn=.{l:link}", "x-1": "/vod/film.m3u8"},
            ),
        ],
        {"write": ("cookie",)},
        carried("/vod/film/a/b.m3u8", "/vod/film.m3u8"),
    ),
]
