"""A small site with a manifest of each type: whatever the folder, the last name says what it is."""

from __future__ import annotations

from .origin import Reply, Seen

MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="en",URI="audio/en.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO="a"
720p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2000000,AUDIO="a"
index.m3u8?q=1
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,URI="iframes.m3u8"
"""
MEDIA = b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:4.0,\n7.ts\n"
MPD = (
    b'<?xml version="1.0"?>\n<MPD type="dynamic" minimumUpdatePeriod="PT2S">\n'
    b" <Period><BaseURL>v/</BaseURL></Period>\n</MPD>"
)
VOD = (
    b"#EXTM3U\n#EXT-X-TARGETDURATION:300\n#EXTINF:300,\n1.ts\n#EXTINF:300,\n2.ts\n#EXT-X-ENDLIST\n"
)
VOD_MPD = b'<MPD type="static" mediaPresentationDuration="PT10M"><Period/></MPD>'
SEGMENT = b"\x47segment"


def site(seen: Seen) -> Reply:
    """``master.m3u8`` is multivariant, other ``.m3u8`` are media playlists, ``.mpd`` are MPDs.

    They are live; those whose name begins with "vod" last ten minutes.
    """
    name = seen.path.rpartition("/")[2].lower()
    if name.startswith("gone"):
        return Reply(404, body=b"gone\n", content_type="text/plain")
    if name == "master.m3u8":
        return Reply(body=MASTER)
    if name.endswith(".m3u8"):
        return Reply(body=VOD if name.startswith("vod") else MEDIA)
    if name.endswith(".mpd"):
        return Reply(body=VOD_MPD if name.startswith("vod") else MPD)
    return Reply(body=SEGMENT, content_type="video/mp2t")


def children(carried: str) -> tuple[str, ...]:
    """The URIs of ``MASTER`` as a viewer finds them; ``carried`` is ``tkn={a}`` say.

    Where it is ``tkn=``, they have the link alone, and the one that needs no link has nothing.
    """
    own = "" if carried.endswith("=") else f"&{carried}"
    return (
        f"audio/en.m3u8?{carried}.{{audio:link}}",
        f"720p/index.m3u8?{carried}.{{video:link}}",
        f"index.m3u8?q=1{own}",
        f"iframes.m3u8?{carried}.{{frames:link}}",
    )
