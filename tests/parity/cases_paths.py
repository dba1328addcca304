"""SPEC 5: the Location's forms, mounts and prefixes, the service, and CDNs that make the ids."""

from __future__ import annotations

from support.parity import Case, follow, get
from support.site import children

EDGE = {"trusted_proxies": ("10.0.0.0/8",)}


def behind(prefix):
    """What a request from the trusted proxy says."""
    return {"peer": "10.0.0.1", "send": {"X-Forwarded-Prefix": prefix}}


def root_path_apart(request):
    """As servers do whose path does not begin with root_path; and RAW_URI without SCRIPT_NAME."""
    if "type" in request:
        request["path"] = request["path"].removeprefix("/media")
        request["raw_path"] = request["raw_path"].removeprefix(b"/media")
    else:
        for name in ("RAW_URI", "REQUEST_URI"):
            request[name] = request[name].removeprefix("/media")


def request_uri_only(request):
    """As mod_wsgi and uWSGI do."""
    request.pop("RAW_URI", None)


FORMS = [
    Case(
        "location=root: the path from the root, mount included, escapes kept",
        [
            get(
                "/media/l%C3%AFve/a%2Fb.m3u8?x",
                mount="/media",
                status=307,
                location="/media/l%C3%AFve/a%2Fb.m3u8?x&tkn={a}",
            ),
            follow(mount="/media", seen="/lïve/a/b.m3u8?x"),
        ],
    ),
    Case(
        "location=relative: the last element with the query, so that a CDN's prefix survives",
        [
            get("/media/live/a.m3u8?x", mount="/media", status=307, location="a.m3u8?x&tkn={a}"),
            follow(mount="/media", stored=1),
            get("/live/12:30.m3u8", status=307, location="./12:30.m3u8?tkn={b}"),
            follow(stored=2),
            get("/live/a%3Ab.m3u8", status=307, location="a%3Ab.m3u8?tkn={c}"),
        ],
        {"location": "relative"},
    ),
    Case(
        "location=absolute: public_url in front, never the request's scheme or host",
        [
            get(
                "/media/live/a.m3u8?x",
                mount="/media",
                host="evil.example",
                status=307,
                location="https://tv.example:8443/pub/live/a.m3u8?x&tkn={a}",
            ),
            get("//b.m3u8", status=307, location="https://tv.example:8443/pub//b.m3u8?tkn={b}"),
        ],
        {"location": "absolute", "public_url": "https://tv.example:8443/pub/"},
    ),
    Case(
        "location=absolute: an MPD's Location too, for clients that take it for a base URL",
        [
            get(
                "/media//d/a.mpd?x&tkn=z",
                mount="/media",
                host="evil.example",
                status=307,
                location="https://tv.example/pub//d/a.mpd?x&tkn={a}",
            ),
            get(
                "/media//d/a.mpd?x&tkn={a}",
                mount="/media",
                uris=("https://tv.example/pub//d/a.mpd?x&tkn={a}",),
            ),
            get("/film/master.m3u8?tkn={a}", uris=children("tkn={a}")),
        ],
        {"location": "absolute", "public_url": "https://tv.example/pub"},
    ),
    *(
        Case(
            f"a mount is kept where {what}",
            [
                get(
                    "/media/live/a.m3u8?x",
                    mount="/media",
                    status=307,
                    location="/media/live/a.m3u8?x&tkn={a}",
                ),
                get(
                    "/media/live/a.m3u8?tkn={a}",
                    mount="/media",
                    seen="/live/a.m3u8",
                    stored=1,
                    session={"stream": "live/a"},
                ),
                get(
                    "/media/film/master.m3u8?tkn={a}",
                    mount="/media",
                    uris=children("tkn={a}"),
                ),
                get(
                    "/media/film/audio/en.m3u8?tkn={a}.{audio}",
                    mount="/media",
                    session={"stream": "film"},
                ),
            ],
            server=server,
        )
        for what, server in (
            ("path begins with it", None),
            ("path and RAW_URI don't", root_path_apart),
            ("only REQUEST_URI tells", request_uri_only),
        )
    ),
    Case(
        "without a raw path the decoded one is escaped again",
        [
            get(
                "/m%C3%A9/l%C3%AFve/a%20b%3F%23%25.m3u8?x",
                mount="/mé",
                raw=False,
                status=307,
                location="/m%C3%A9/l%C3%AFve/a%20b%3F%23%25.m3u8?x&tkn={a}",
            ),
            get(
                "/m%C3%A9/l%C3%AFve/a%20b%3F%23%25.m3u8?x&tkn={a}",
                mount="/mé",
                raw=False,
                seen="/lïve/a b?#%.m3u8?x",
                stored=1,
            ),
        ],
    ),
    Case(
        "a mount in the client's spelling stays in it",
        [get("/m%65dia/a.m3u8", mount="/media", status=307, location="/m%65dia/a.m3u8?tkn={a}")],
    ),
    Case(
        "X-Forwarded-Prefix from a trusted proxy stands in front, and the app never sees it",
        [
            get(
                "/media/a.m3u8?x",
                mount="/media",
                status=307,
                location="/edge/1/media/a.m3u8?x&tkn={a}",
                **behind("/edge/1/"),
            ),
            get("/media/a.m3u8?tkn={a}", mount="/media", seen="/a.m3u8", **behind("/edge/1")),
        ],
        EDGE,
    ),
    Case(
        "X-Forwarded-Prefix from anyone else, or none that could be one, is not believed",
        [
            get(
                "/a.m3u8",
                send={"X-Forwarded-Prefix": "/evil"},
                status=307,
                location="/a.m3u8?tkn={a}",
            ),
            *(
                get(f"/{n}.m3u8", status=307, location=f"/{n}.m3u8?tkn={{t{n}}}", **behind(prefix))
                for n, prefix in enumerate(
                    ("//evil.example", "/a//b", "https://evil.example", "/a?b", "/\\a", "/")
                )
            ),
        ],
        EDGE,
    ),
    Case(
        "scheme and host of a trusted proxy count: the cookie's, and which URIs are our own",
        [
            get(
                "/a.m3u8",
                method="GET",
                peer="10.0.0.1",
                send={"X-Forwarded-Proto": "https"},
                status=307,
                location="/a.m3u8?tkn={a}",
                headers={
                    "set-cookie": "tkn={a}; Max-Age=600; Path=/; HttpOnly"
                    "; Secure; SameSite=None; Partitioned"
                },
            ),
            get(
                "/b.m3u8",
                send={"X-Forwarded-Proto": "https"},
                status=307,
                location="/b.m3u8?tkn={b}",
                headers={"set-cookie": "tkn={b}; Max-Age=600; Path=/; HttpOnly; SameSite=Lax"},
            ),
        ],
        EDGE,
    ),
]

CASES = [*FORMS]
