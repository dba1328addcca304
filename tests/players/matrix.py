"""The rows of the matrix: which client, by which handoff, from where, watches what.

What is expected of a row is one session that plays. ``expected`` says where that cannot be, and
why: these are properties of the client, not of ours, seen with every server that hands out tokens.
"""

from __future__ import annotations

from typing import NamedTuple

from sessionware import naming

CONTENTS = {
    "HLS VOD": "hls/film/master.m3u8",
    "HLS live": "hls/cam1/master.m3u8",
    "HLS live, lone": "hls/cam1/180p/index.m3u8",
    "DASH VOD": "dash/film/manifest.mpd",
    "DASH live": "dash/cam1/manifest.mpd",
    "DASH live, timeline": "dash/cam1-timeline/manifest.mpd",
}
"""What is watched: a path below the media folder. Lone: a media playlist without a multivariant."""

HLS = ("HLS VOD", "HLS live", "HLS live, lone")
DASH = ("DASH VOD", "DASH live", "DASH live, timeline")

IN_BROWSER = {
    "hls.js": HLS,
    "dash.js": DASH,
    "shaka-player": (*HLS, *DASH),
    "Chromium": HLS,
}
PROGRAMS = {
    # They do not wait for a numbered segment that is not there yet, and may ask for the next one
    # without end: with any server.
    "ffmpeg": (*HLS, "DASH VOD", "DASH live, timeline"),
    "mpv": (*HLS, "DASH VOD", "DASH live, timeline"),
    "VLC": (*HLS, *DASH),
    # GStreamer 1.22 plays no live SegmentTimeline of any server.
    "GStreamer": (*HLS, "DASH VOD", "DASH live"),
    "streamlink": (*HLS, *DASH),
}

REDIRECT, ANNOUNCE, INLINE, COOKIE = "redirect", "announce", "inline", "cookie only"
SAME, CROSS, CREDENTIALS = "same origin", "cross origin", "cross origin, credentials"
NO_PAGE = "-"


class Row(NamedTuple):
    """One viewer. ``origin``: where the page is, and whether it sends cookies to another origin."""

    client: str
    handoff: str
    origin: str
    content: str

    @property
    def name(self) -> str:
        """A first path element of its own: its stream is nobody else's."""
        letters = "".join(c if c.isalnum() else "-" for c in "_".join(self).lower())
        return "-".join(filter(None, letters.split("-")))

    def path(self, name: str = "") -> str:
        """Give the path of its manifest, or of one under another name, to watch with others."""
        return f"/{name or self.name}/{CONTENTS[self.content]}"

    def stream(self, name: str = "") -> str:
        """Give the name of the stream at that path."""
        return naming.stream_name(self.path(name).removeprefix("/"), manifest=True)


class Expected(NamedTuple):
    """How many viewers a row is, and why where that is not one.

    ``returns``: a session of it asks a second time, and so counts as started.
    """

    viewers: int
    why: str = ""
    returns: bool = True


def expected(row: Row) -> Expected:
    """Tell how many viewers a row is."""
    by_cookie, lone = row.handoff == COOKIE, row.content == "HLS live, lone"
    if by_cookie and row.origin == CROSS:
        return Expected(0, "a page that sends no cookies has no other carrier here")
    if by_cookie and _asks_once(row):
        return Expected(0, "a session begins when the cookie comes back: this client asks once")
    if row.client == "mpv" and row.content == "DASH VOD" and not by_cookie:
        return Expected(2, "mpv opens each URL twice, and of a film nobody can tell it from two")
    if row.client == "Chromium" and lone and (row.origin, row.handoff) == (CROSS, REDIRECT):
        why = "it asks for the first URL at each refresh, so no session asks a second time"
        return Expected(1, why, returns=False)
    return Expected(1)


def _asks_once(row: Row) -> bool:
    """Tell whether nobody needs the manifest twice; VLC asks for it twice all the same."""
    by_clock = row.content == "DASH live" and row.client == "streamlink"
    return by_clock or (row.content == "DASH VOD" and row.client != "VLC")


def _rows() -> list[Row]:
    pages = [
        Row(client, handoff, origin, content)
        for client, contents in IN_BROWSER.items()
        for handoff in (REDIRECT, ANNOUNCE, INLINE, COOKIE)
        for origin in (SAME, CROSS, CREDENTIALS)
        for content in contents
    ]
    programs = [
        Row(client, handoff, NO_PAGE, content)
        for client, contents in PROGRAMS.items()
        for handoff in (REDIRECT, INLINE, COOKIE)
        for content in contents
    ]
    return pages + programs


ROWS = _rows()
