"""Manifests alone, beside libraries that parse and print."""

from collections.abc import Iterator

import m3u8
from lxml import etree
from timing import best, once

from sessionware.manifest import Form, cut
from sessionware.manifest.cache import PieceCache

TOKEN = b"t" * 80
URL = "/vod/film/manifest.mpd?tkn="
NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"

DVR = b"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n" + b"".join(
    b"#EXT-X-PROGRAM-DATE-TIME:2026-01-01T%02d:%02d:%02d.000Z\n#EXTINF:4.000,\n720p/segment_%06d.m4s\n"
    % (n // 900, n // 15 % 60, n % 15 * 4, n)
    for n in range(5400)
)
MPD = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n<MPD xmlns="{NAMESPACE}" type="dynamic" '
    'minimumUpdatePeriod="PT2S" availabilityStartTime="2026-01-01T00:00:00Z">\n'
    '<Period id="1" start="PT0S"><AdaptationSet mimeType="video/mp4"><SegmentTemplate '
    'timescale="90000" media="$RepresentationID$/$Time$.m4s"><SegmentTimeline>\n'
    + "".join(f'<S t="{180000 * n}" d="{180000 + n % 7}"/>\n' for n in range(3300))
    + "</SegmentTimeline></SegmentTemplate>"
    '<Representation id="720p" bandwidth="3000000"/></AdaptationSet></Period>\n</MPD>\n'
).encode()


def no_slot(_uri: str) -> None:
    """Stand for a carriage that writes nothing: a media playlist's URIs are segments."""


def by_m3u8() -> bytes:
    playlist = m3u8.loads(DVR.decode())
    for segment in playlist.segments:
        segment.uri += "?tkn=t"
    return playlist.dumps().encode()


def by_lxml() -> bytes:
    root = etree.fromstring(MPD)
    location = etree.Element(f"{{{NAMESPACE}}}Location")
    location.text = URL + TOKEN.decode()
    root.insert(0, location)
    return etree.tostring(root)


def by_splicing() -> bytes:
    pieces = cut(MPD, no_slot, location=True)
    return pieces.with_own(URL.encode(), b"").render(TOKEN)


def hls_first() -> bytes:
    return cut(DVR, no_slot, location=True).render(TOKEN)


def measure() -> Iterator[tuple[str, float, str]]:
    cache = PieceCache()
    if cache.cut(DVR, None, no_slot, location=True).form is not Form.MEDIA:
        raise RuntimeError("the playlist was not understood")
    if b"<Location>" + URL.encode() + TOKEN not in by_splicing():
        raise RuntimeError("the MPD was not rewritten")

    def next_viewer() -> object:
        body = bytes(bytearray(DVR))  # the app's next answer: equal, and not hashed yet
        return lambda: cache.seen(body, None).render(TOKEN)

    parsing = best({"m3u8": once(by_m3u8)}, 12, calls=1)
    cost = parsing | best(
        {
            "lxml": once(by_lxml),
            "splice": once(by_splicing),
            "hls": once(hls_first),
            "next": next_viewer,
        },
        300,
        calls=1,
    )
    size = f"{len(DVR) // 1024} KB, 5,400 segments: {cost['m3u8'] / 1000:.0f} ms against"
    yield "hls-first-time/m3u8", cost["m3u8"] / cost["hls"], f"{size} {cost['hls']:.1f} us"
    yield "hls-next-viewer/m3u8", cost["m3u8"] / cost["next"], f"{size} {cost['next']:.1f} us"
    against = f"{len(MPD) // 1024} KB: {cost['lxml']:.0f} us against {cost['splice']:.0f} us"
    yield "mpd-location/lxml", cost["lxml"] / cost["splice"], against
