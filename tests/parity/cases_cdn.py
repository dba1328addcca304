"""SPEC 5: services in the path, CDNs that make the ids, and hosts that may get a token."""

from __future__ import annotations

from parity.cases_paths import EDGE
from parity.cases_tokens import ONE
from support.origin import Reply
from support.parity import Case, child, follow, get
from support.site import MEDIA, children

HASH = "9bf31c7ff062936aa98ca3e56900abcd"
OTHER = "0123456789abcdef0123456789abcdef"


def foreign(seen):
    """A multivariant playlist with URIs of many hosts."""
    hosts = (
        "https://tv.example/p/a.m3u8",
        "http://testserver/a.m3u8",
        "https://cdn.example/a.m3u8",
        "https://x.media.example/a.m3u8",
        "//evil.example/a.m3u8",
        "https://evil.example/a.m3u8",
        "https://cdn.example.evil.example/a.m3u8",
        "https://cdn.example@evil.example/a.m3u8",
        "data:application/x,a",
        "https://cdn.example:8443/a.m3u8",
    )
    lines = "".join(f"#EXT-X-STREAM-INF:BANDWIDTH=1\n{uri}\n" for uri in hosts)
    return Reply(body=f"#EXTM3U\n{lines}".encode())


def foreign_uris(*carrying):
    """Those URIs, with a token where ``carrying`` says so."""
    lines = foreign(None).body.decode().splitlines()[2::2]
    return tuple(f"{uri}?tkn={ONE}" if any(c in uri for c in carrying) else uri for uri in lines)


HOSTS = [
    Case(
        "a token never goes to a foreign host",
        [get(f"/a.m3u8?tkn={ONE}", uris=foreign_uris("/testserver/"))],
        {"viewer": {"token"}},
        foreign,
    ),
    Case(
        "public_url tells which absolute URIs are our own",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                host="TestServer:80",
                uris=foreign_uris("/testserver/", "/tv.example/"),
            )
        ],
        {"viewer": {"token"}, "public_url": "https://tv.example/p"},
        foreign,
    ),
    Case(
        "carry_hosts names the foreign hosts whose URIs may carry it",
        [
            get(
                f"/a.m3u8?tkn={ONE}",
                uris=foreign_uris(
                    "/testserver/", "//cdn.example/", "x.media.example", "cdn.example:8443"
                ),
            )
        ],
        {"viewer": {"token"}, "carry_hosts": ("CDN.example", "*.media.example")},
        foreign,
    ),
]

SERVICE = {"service": r"[0-9a-f]{32}", "service_parameter": "sv"}
SERVED = [
    Case(
        "the service moves from the path into the query, before the token, and on to the children",
        [
            get(
                f"/{HASH}/vod/master.m3u8?zip=2",
                status=307,
                location=f"/vod/master.m3u8?zip=2&sv={HASH}&tkn={{a}}",
                seen=None,
            ),
            follow(
                seen="/vod/master.m3u8?zip=2",
                session={"service": HASH, "params": {"zip": "2"}},
                uris=children(f"sv={HASH}&tkn={{a}}"),
            ),
            child(
                1, seen="/vod/720p/index.m3u8", session={"stream": "vod", "service": HASH}, stored=1
            ),
            get(
                f"/{HASH}/vod/720p/index.m3u8?tkn={{a}}.{{video}}",
                seen="/vod/720p/index.m3u8",
                session={"stream": "vod", "requests": 3},
                stored=1,
            ),
        ],
        SERVICE,
    ),
    Case(
        "with another service, or none, the token is none: an entry",
        [
            get(f"/{HASH}/a.m3u8", status=307, location=f"/a.m3u8?sv={HASH}&tkn={{a}}"),
            get(
                f"/a.m3u8?sv={OTHER}&tkn={{a}}",
                status=307,
                location=f"/a.m3u8?sv={OTHER}&tkn={{b}}",
            ),
            get("/a.m3u8?tkn={a}", status=307, location="/a.m3u8?tkn={c}"),
            get("/a.m3u8?sv=nohash&tkn={a}", wait=11.0, status=307, location="/a.m3u8?tkn={d}"),
            get(
                f"/{OTHER}/a.m3u8?sv={HASH}&tkn={{a}}",
                status=307,
                location=f"/a.m3u8?sv={OTHER}&tkn={{e}}",
            ),
            get(f"/a.m3u8?sv={HASH}&tkn={{a}}", stored=1),
        ],
        SERVICE,
    ),
    Case(
        "location=relative climbs where the service was taken out",
        [
            get(
                f"/m/{HASH}/a/b/index.mpd?z=1",
                mount="/m",
                status=307,
                location=f"../../../a/b/index.mpd?z=1&sv={HASH}&tkn={{a}}",
            ),
            follow(mount="/m", seen="/a/b/index.mpd?z=1"),
            get(f"/{HASH}/a.m3u8", status=307, location=f"../a.m3u8?sv={HASH}&tkn={{b}}"),
        ],
        {**SERVICE, "location": "relative"},
    ),
    Case(
        "a service is a whole first element, below the mount, decoded",
        [
            get(
                f"/m/%39{HASH[1:]}/a.m3u8",
                mount="/m",
                status=307,
                location=f"/m/a.m3u8?sv={HASH}&tkn={{a}}",
            ),
            get(f"/x{HASH}/a.m3u8", status=307, location=f"/x{HASH}/a.m3u8?tkn={{b}}"),
            get(f"/{HASH}.m3u8", status=307, location=f"/{HASH}.m3u8?tkn={{c}}"),
        ],
        SERVICE,
    ),
    Case(
        "a service of other letters than ASCII's is taken off the path for both",
        [
            get("/caf%C3%A9/a.m3u8", status=307, location="/a.m3u8?sv=caf%C3%A9&tkn={a}"),
            get("/caf%C3%A9/a.m3u8?tkn={a}", seen="/a.m3u8", session={"service": "café"}),
        ],
        {"service": r"\w{4}", "service_parameter": "sv"},
    ),
    Case(
        "the seed's example",
        [
            get(
                f"/{HASH}/myStream/myOutput/index.mpd?zipcode=25267",
                status=307,
                location=f"/myStream/myOutput/index.mpd?zipcode=25267&serviceid={HASH}&tkn={{a}}",
            ),
            follow(uris=(f"index.mpd?zipcode=25267&serviceid={HASH}&tkn={{a}}",)),
        ],
        {"service": r"[0-9a-f]{32}"},
    ),
]

HEADER = {"trusted_header": ("X-CDN", "X-Other"), **EDGE}
CDN = [
    Case(
        "trusted_header from a trusted proxy is the token: 200, nothing generated or redirected",
        [
            get(
                "/a/master.m3u8",
                peer="10.0.0.1",
                send={"X-CDN": "id-1"},
                cookie=None,
                asked=("Meta", "Touch", "Begin"),
                stored=1,
                app={"x-cdn": "id-1"},
                headers={"vary": None},
                uris=children("tkn="),
            ),
            get(
                "/a/index.m3u8",
                peer="10.0.0.1",
                send={"X-CDN": "id-1"},
                body=MEDIA,
                session={"requests": 2},
            ),
            get("/a/index.m3u8", peer="10.0.0.1", send={"X-Other": "id-1", "X-CDN": ""}, stored=1),
            get(
                "/a/index.m3u8",
                peer="10.0.0.1",
                send={"X-CDN": "id-2", "X-Other": "id-1"},
                stored=2,
            ),
            get(
                f"/a/index.m3u8?tkn={ONE}",
                peer="10.0.0.1",
                send={"X-CDN": "id-1"},
                seen="/a/index.m3u8",
                session={"requests": 4},
            ),
        ],
        HEADER,
    ),
    Case(
        "from anyone else trusted_header is ignored and removed",
        [
            get("/a.m3u8", send={"X-CDN": "id-1"}, status=307, location="/a.m3u8?tkn={a}"),
            follow(app={"x-cdn": None, "x-other": None}, send={"X-Other": "x"}, stored=1),
            get("/a.m3u8", method="PUT", send={"X-CDN": "id-1"}, app={"x-cdn": None}),
            get(
                "/a.m3u8", peer=None, send={"X-CDN": "id-1"}, status=307, location="/a.m3u8?tkn={b}"
            ),
        ],
        HEADER,
    ),
    Case(
        "a unix socket is a trusted peer where it is named",
        [get("/a.m3u8", peer=None, send={"X-CDN": "id-1"}, stored=1, session={"ip": "unix"})],
        {"trusted_header": "X-CDN", "trusted_proxies": ("unix",)},
    ),
    Case(
        "with a trusted header the service is taken off the path and kept in the session",
        [
            get(
                f"/{HASH}/a.m3u8",
                peer="10.0.0.1",
                send={"X-CDN": "id-1"},
                seen="/a.m3u8",
                cookie=None,
                session={"service": HASH, "stream": "a"},
                stored=1,
            )
        ],
        {**HEADER, **SERVICE},
    ),
    Case(
        "behind a trusted header the session begins when the app has answered with a manifest",
        [
            get("/gone.m3u8", peer="10.0.0.1", send={"X-CDN": "id-1"}, status=404, stored=0),
            get("/a.m3u8", peer="10.0.0.1", send={"X-CDN": "id-1"}, stored=1),
        ],
        HEADER,
    ),
]


CASES = [*HOSTS, *SERVED, *CDN]
