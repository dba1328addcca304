"""Stream names and paths (SPEC 4)."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import naming

SEGMENTS = st.lists(st.sampled_from(["a", "..", ".", "", "b.c", ".hidden", "...", " "]), max_size=8)

MANIFEST_NAMES = {
    # one stream, whatever the protocol and however it is laid out (seed 000)
    "hls/cam1.m3u8": "cam1",
    "hls/cam1/index.m3u8": "cam1",
    "dash/cam1/manifest.mpd": "cam1",
    "LL-HLS/cam1/Master.M3U8": "cam1",
    "cmaf/llhls/cam1/playlist.m3u8": "cam1",
    "cam1/hls/live.m3u8": "cam1",
    # a generic name stays where nothing else would remain
    "index.m3u8": "index",
    "hls/index.m3u8": "index",
    "live/index.m3u8": "live",
    "live.m3u8": "live",
    # generic is the last element only, and the whole of it
    "live/cam1/index.m3u8": "live/cam1",
    "master/cam1.m3u8": "master/cam1",
    "cam1/index2.m3u8": "cam1/index2",
    "cam1/index.1.m3u8": "cam1/index.1",
    "cam1/video/720p.m3u8": "cam1/video/720p",
    # only a whole element is packaging
    "hls2/cam1.m3u8": "hls2/cam1",
    "cam1/hls.m3u8": "cam1/hls",
}

OTHER_NAMES = {
    "hls/cam1/seg1.ts": "cam1",
    "cam1/720p/init.mp4": "cam1/720p",
    "cam1/index.ts": "cam1",
    "seg1.ts": "",
    "hls/seg1.ts": "",
}

RESOLVED = {
    "/a/b": "a/b",
    "a/b": "a/b",
    "//a/./b/../c": "a/c",
    "/a//b": "a/b",
    "/../../a": "a",
    "/a/..": "",
    "/a/b/": "a/b",
    "/.a/..b": ".a/..b",
    "/a/.": "a",
    "/": "",
    "//": "",
    "": "",
}


@pytest.mark.parametrize(("path", "name"), MANIFEST_NAMES.items())
def test_a_manifest_names_its_stream_by_what_is_not_packaging(path, name):
    assert naming.stream_name(path, manifest=True) == name


@pytest.mark.parametrize(("path", "name"), OTHER_NAMES.items())
def test_what_is_no_manifest_belongs_to_its_directory(path, name):
    assert naming.stream_name(path, manifest=False) == name


@pytest.mark.parametrize("generic", sorted(naming.GENERIC))
def test_each_generic_name_speaks_of_its_folder(generic):
    assert naming.stream_name(f"cam1/{generic}.m3u8", manifest=True) == "cam1"


@pytest.mark.parametrize(("path", "resolved"), RESOLVED.items())
def test_slashes_and_dots_are_resolved_below_the_root(path, resolved):
    assert naming.resolve(path) == resolved


@given(SEGMENTS)
def test_the_short_way_of_resolving_gives_what_the_long_way_gives(segments):
    path = "/" + "/".join(segments)
    resolved = naming.resolve(path)
    assert "/" + resolved == posixpath.normpath("/" + path.lstrip("/"))
    assert naming.resolve("/" + resolved) == resolved


@pytest.mark.parametrize(
    ("path", "protocol"),
    [
        ("a.m3u8", "HLS"),
        ("a.M3U8", "HLS"),
        ("a.mpd", "DASH"),
        ("a.mpp", "DASH"),
        ("a.ts", "HTTP"),
        ("a.m3u8/b", "HTTP"),
        ("a", "HTTP"),
        ("", "HTTP"),
    ],
)
def test_the_extension_tells_the_protocol(path, protocol):
    assert naming.protocol(path) == protocol


@pytest.mark.parametrize(
    ("escaped", "path"),
    [
        ("/a%20b", "/a b"),
        ("/caf%C3%A9", "/café"),
        ("/a%2Fb", "/a/b"),
        ("/%ff%C3%A9%fe", "/%ffé%fe"),  # SPEC 10: invalid UTF-8 is kept as escapes
        ("/%FF", "/%ff"),
        ("/100%", "/100%"),
        ("/%zz", "/%zz"),
        ("/%2541", "/%41"),  # decoded once
        ("/a+b", "/a+b"),
        ("/\udcff/x", "/%ff/x"),  # a manifest's byte that is no UTF-8
        ("/\udcff%20x", "/%ff x"),
        ("/café%20x", "/café x"),
    ],
)
def test_escapes_are_decoded_and_bytes_that_are_no_text_stay_escapes(escaped, path):
    assert naming.unescape(escaped) == path


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_escaped_says_the_same_and_holds_only_what_a_url_may(path):
    escaped = naming.escape(path)
    assert naming.unescape(escaped) == path
    assert escaped.isascii()
    assert not set(escaped) & set(' "#<>?[\\]^`{|}\r\n\x00')


@given(st.binary())
def test_any_bytes_are_readable_and_give_no_lone_surrogates(raw):
    assert naming.readable(raw).encode().count(b"\n") == raw.count(b"\n")
