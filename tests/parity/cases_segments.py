"""SPEC 2, ``carry_to``: segments, init sections, keys and parts that carry the session."""

from __future__ import annotations

from parity.cases_handoff import PERSONAL
from parity.cases_tokens import ONE
from sessionware import presets
from support.origin import Reply
from support.parity import Case, child, get
from support.site import MASTER, MEDIA, SEGMENT, children

CARRY = {"carry_to": ("manifests", "segments"), "track": r"\.(?:ts|m4s|mp4|key)$"}

LOW_LATENCY = b"""#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=SAMPLE-AES,KEYFORMAT="com.apple.streamingkeydelivery",URI="skd://key"
#EXT-X-KEY:METHOD=AES-128,URI="/keys/1.key?v=2"
#EXTINF:4.0,
7.m4s
#EXTINF:4.0,
https://cdn.example/8.m4s
#EXT-X-PART:DURATION=1.0,URI="9.0.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="9.1.m4s"
#EXT-X-RENDITION-REPORT:URI="../480p/index.m3u8",LAST-MSN=8
"""
VOD_MPD = b"""<MPD type="static" mediaPresentationDuration="PT10M"><Period><AdaptationSet>
<SegmentTemplate media="$Number$.m4s" initialization="init.mp4?a=1"/><Representation id="1"/>
</AdaptationSet></Period></MPD>"""


def packaged(seen):
    """A site whose streams are of fragments, on two hosts, with keys; and its segments."""
    name = seen.path.rpartition("/")[2]
    if name == "master.m3u8":
        return Reply(body=MASTER)
    if name.endswith(".m3u8"):
        return Reply(body=LOW_LATENCY, headers=(("ETag", '"1"'),))
    if name.endswith(".mpd"):
        return Reply(body=VOD_MPD)
    return Reply(body=SEGMENT, content_type="video/mp4")


def low_latency(own: str, before: str) -> tuple[str, ...]:
    """The URIs of ``LOW_LATENCY``, relative to ``/vod/film/720p/``, as a viewer finds them."""
    return (
        f"init.mp4?{before}{own}.{{dir:link}}",
        "skd://key",
        f"/keys/1.key?v=2&{before}{own}.{{keys:link}}",
        f"7.m4s?{before}{own}.{{dir}}",
        "https://cdn.example/8.m4s",
        f"9.0.m4s?{before}{own}.{{dir}}",
        f"9.1.m4s?{before}{own}.{{dir}}",
        f"../480p/index.m3u8?{before}{own}.{{report:link}}",
    )


CASES = [
    Case(
        "segments carry token and link: by them a session lives, in their folder only",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}", uris=children(f"tkn={ONE}")),
            child(1, uris=(f"7.ts?tkn={ONE}.{{dir:link}}",), headers=PERSONAL),
            get(
                f"/vod/film/720p/7.ts?tkn={ONE}.{{dir}}",
                body=SEGMENT,
                seen="/vod/film/720p/7.ts",
                session={"stream": "vod/film", "requests": 3},
            ),
            get(f"/vod/film/720p/8.ts?tkn={ONE}.{{dir}}", session={"requests": 4}, stored=1),
            get(f"/vod/film/other/8.ts?tkn={ONE}.{{dir}}", session=None, stored=1),
        ],
        CARRY,
    ),
    Case(
        "all that is played carries, and nobody else's: P9, P10, P13",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}"),
            child(1, uris=low_latency(ONE, "tkn="), headers={**PERSONAL, "etag": None}),
            child(1, uris=low_latency(ONE, "tkn=")),
            get(f"/keys/1.key?v=2&tkn={ONE}.{{keys}}", seen="/keys/1.key?v=2"),
            get(f"/vod/film/480p/index.m3u8?tkn={ONE}.{{report}}", session={"requests": 5}),
        ],
        CARRY,
        packaged,
    ),
    Case(
        "without being asked to, no segment carries; a rendition report is a manifest (P11, P27)",
        [
            get(f"/vod/film/master.m3u8?tkn={ONE}"),
            child(
                1,
                uris=(
                    "init.mp4",
                    "skd://key",
                    "/keys/1.key?v=2",
                    "7.m4s",
                    "https://cdn.example/8.m4s",
                    "9.0.m4s",
                    "9.1.m4s",
                    f"../480p/index.m3u8?tkn={ONE}.{{report:link}}",
                ),
            ),
        ],
        {"track": r"\.m4s$"},
        packaged,
    ),
    Case(
        "the segments of an MPD carry, their templates whole (P51)",
        [
            get(
                f"/dash/film/manifest.mpd?tkn={ONE}",
                uris=(
                    f"manifest.mpd?tkn={ONE}",
                    f"$Number$.m4s?tkn={ONE}",
                    f"init.mp4?a=1&tkn={ONE}",
                ),
                headers=PERSONAL,
            ),
            get(f"/dash/film/7.m4s?tkn={ONE}", session={"stream": "film", "requests": 2}),
        ],
        CARRY,
        packaged,
    ),
    Case(
        "who has no token is kept from segments, and who was handed one plays them",
        [
            get("/dash/film/7.m4s", status=403, seen=None),
            get("/dash/film/manifest.mpd", status=307, location="/dash/film/manifest.mpd?tkn={a}"),
            get(
                None, uris=("manifest.mpd?tkn={a}", "$Number$.m4s?tkn={a}", "init.mp4?a=1&tkn={a}")
            ),
            get("/dash/film/7.m4s?tkn={a}", body=SEGMENT, session={"stream": "film"}),
        ],
        {**CARRY, "require_token": True},
        packaged,
    ),
    Case(
        "a playlist that is wrapped has segments that carry when it is asked for by its own URL",
        [
            get("/live/a/low.m3u8", uris=("low.m3u8?tkn={a}",)),
            child(0, uris=("7.ts?tkn={a}.{dir:link}",)),
            get("/live/a/7.ts?tkn={a}.{dir}", session={"stream": "live/a/low", "requests": 3}),
        ],
        {**CARRY, "handoff": "inline"},
    ),
    Case(
        "where the cookie carries, segments get the link alone, and only where they need one",
        [
            get("/vod/film/master.m3u8", with_cookie=f"tkn={ONE}", uris=children("tkn=")),
            child(1, uris=("7.ts?tkn=.{dir:link}",)),
            get(
                "/vod/film/720p/7.ts?tkn=.{dir}",
                with_cookie=f"tkn={ONE}",
                session={"stream": "vod/film", "requests": 3},
            ),
            get("/vod/film/index.m3u8", with_cookie=f"tkn={ONE}", uris=("7.ts",)),
        ],
        {**CARRY, "read": ("cookie",), "write": ("cookie",)},
    ),
    Case(
        "the service travels with the token on segments, too",
        [
            get(
                "/abc/vod/film/index.m3u8",
                status=307,
                location="/vod/film/index.m3u8?serviceid=abc&tkn={a}",
            ),
            get(None, uris=("7.ts?serviceid=abc&tkn={a}",)),
            get("/vod/film/7.ts?serviceid=abc&tkn={a}", session={"service": "abc", "requests": 2}),
        ],
        {**CARRY, "service": "abc"},
    ),
    Case(
        "a segment that carries our parameter already gets it replaced (P39)",
        [
            get(
                f"/vod/film/index.m3u8?tkn={ONE}",
                uris=(f"7.ts?a=%41&tkn={ONE}",),
            ),
        ],
        CARRY,
        lambda _: Reply(body=MEDIA.replace(b"7.ts", b"7.ts?tkn=old&a=%41&tkn=older")),
    ),
    Case(
        "MistServer's: children and segments carry a client's own token, and by them it lives",
        [
            get("/vod/film/master.m3u8?tkn=alice", uris=children("tkn=alice")),
            child(1, uris=("7.ts?tkn=alice.{dir:link}",)),
            *(
                get(
                    "/vod/film/720p/7.ts?tkn=alice.{dir}", wait=14.0, session={"stream": "vod/film"}
                )
                for _ in range(3)
            ),
            get("/vod/film/720p/7.ts?tkn=alice.{dir}", wait=17.0, session=None, stored=0),
        ],
        presets.mistserver(),
    ),
]
