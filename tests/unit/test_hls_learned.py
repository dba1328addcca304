"""What playlists say of what is played: live or VOD, how long, how soon they change."""

from __future__ import annotations

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.manifest import cut, hls
from sessionware.manifest.learned import LONGEST, NOTHING, Learned, live, vod
from support.splicing import everywhere, nowhere

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n"
WHOLE = "#EXT-X-ENDLIST\n"

TOLD: dict[str, tuple[str, Learned]] = {
    "live": (HEAD + "#EXTINF:6,\na\n", live(6)),
    "no segment yet": (HEAD, live(6)),
    "no target duration": ("#EXTM3U\n#EXTINF:6,\na\n", live(0)),
    "a bare header": ("#EXTM3U", live(0)),
    "a garbage target duration": ("#EXTM3U\n#EXT-X-TARGETDURATION:soon\n", live(0)),
    "a negative target duration": ("#EXTM3U\n#EXT-X-TARGETDURATION:-6\n", live(0)),
    "a decimal target duration": ("#EXTM3U\n#EXT-X-TARGETDURATION: 6.5 \n", live(6.5)),
    "an endless target duration": (f"#EXTM3U\n#EXT-X-TARGETDURATION:{'9' * 999}", live(LONGEST)),
    "a target duration at the end": ("#EXTM3U\n#EXT-X-TARGETDURATION:6", live(6)),
    "a commented target duration": ("#EXTM3U\n##EXT-X-TARGETDURATION:6\n", live(0)),
    "an event": (HEAD + "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:6,\na\n", live(6)),
    "an event that is over": (
        HEAD + "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXTINF:6,\na\n" + WHOLE,
        vod(6, 6),
    ),
    "a playlist type": (HEAD + "#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:6,\na\n", vod(6, 6)),
    "a playlist type, CRLF": (
        "#EXTM3U\r\n#EXT-X-PLAYLIST-TYPE:VOD\r\n#EXTINF:5,\r\na\r\n",
        vod(5, 0),
    ),
    "a blank before the type": ("#EXTM3U\n#EXT-X-PLAYLIST-TYPE: VOD\n", vod(0, 0)),
    "an unknown type": (HEAD + "#EXT-X-PLAYLIST-TYPE:VODKA\n", live(6)),
    "an end": (HEAD + "#EXTINF:6,\na\n#EXTINF:4.5,\nb\n" + WHOLE, vod(10.5, 6)),
    "an end in front": (HEAD + WHOLE + "#EXTINF:6,\na\n", vod(6, 6)),
    "an end without a newline": (HEAD + "#EXTINF:6,\na\n#EXT-X-ENDLIST", vod(6, 6)),
    "an end and nothing before": (HEAD + WHOLE, vod(0, 6)),
    "a commented end": (HEAD + "##EXT-X-ENDLIST\n# #EXT-X-ENDLIST\n", live(6)),
    "another tag like an end": (HEAD + "#EXT-X-ENDLISTS\n#EXT-X-ENDLIST-NOT\n", live(6)),
    "a segment named as an end": (HEAD + "#EXTINF:6,\na#EXT-X-ENDLIST\n", live(6)),
    "titles": (HEAD + "#EXTINF:6,a,b,7\na\n#EXTINF:4, \u00e9 9\nb\n" + WHOLE, vod(10, 6)),
    "no comma": (HEAD + "#EXTINF:6\na\n#EXTINF:4 \nb\n" + WHOLE, vod(10, 6)),
    "blanks": (HEAD + "#EXTINF: \t6 ,\na\n" + WHOLE, vod(6, 6)),
    "a point first, a point last": (HEAD + "#EXTINF:.5,\na\n#EXTINF:4.,\nb\n" + WHOLE, vod(4.5, 6)),
    "garbage": (
        HEAD
        + "".join(
            f"#EXTINF:{length},\na\n"
            for length in ("", "x", "6x", "-6", "+6", "nan", "inf", "1e9", "6.5.4", ".", "6 6")
        )
        + "#EXTINF:4,\nb\n"
        + WHOLE,
        vod(4, 6),
    ),
    "a commented segment": (HEAD + "##EXTINF:6,\n# #EXTINF:6,\n" + WHOLE, vod(0, 6)),
    "an endless segment": (HEAD + f"#EXTINF:{'9' * 999},\na\n" + WHOLE, vod(LONGEST, 6)),
    "CRLF": ((HEAD + "#EXTINF:6,x\na\n#EXTINF:4\nb\n" + WHOLE).replace("\n", "\r\n"), vod(10, 6)),
    "CR": ((HEAD + "#EXTINF:6,x\na\n#EXTINF:4\nb\n" + WHOLE).replace("\n", "\r"), vod(10, 6)),
    "BOM": ("\ufeff" + HEAD + "#EXTINF:6,\na\n" + WHOLE, vod(6, 6)),
    "a multivariant": ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n" + WHOLE, NOTHING),
    "a media playlist with a stray variant": (HEAD + "#EXT-X-STREAM-INF:X=1\nv\n", live(6)),
    "media with a URI that carries": (
        HEAD + "#EXT-X-STREAM-INF:\nv\n#EXTINF:6,\na\n" + WHOLE,
        vod(6, 6),
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_playlist_tells_live_from_vod_and_how_long_it_is(name: str) -> None:
    playlist, learned = TOLD[name]
    assert cut(playlist.encode(), everywhere, location=True).learned == learned
    assert cut(playlist.encode(), nowhere, location=False).learned == learned


def test_bytes_that_are_no_utf_8_hide_nothing() -> None:
    body = b"#EXTM3U\n#EXTINF:6,caf\xe9\n\xff\0\n#EXTINF:4,\xfe\nb\n#EXT-X-ENDLIST\n"
    assert hls.cut(body, everywhere).learned == vod(10, 0)


@given(st.lists(st.integers(0, 10**7)), st.sampled_from(["\n", "\r\n", "\r"]))
def test_the_duration_is_the_sum_that_another_reader_finds(lengths: list[int], end: str) -> None:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:7"]
    for number, length in enumerate(lengths):
        lines += [f"#EXTINF:{length / 1000:.3f},", f"{number}.ts"]
    playlist = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
    found = sum(segment.duration for segment in m3u8.loads(playlist).segments)
    body = playlist.replace("\n", end).encode()
    assert hls.cut(body, everywhere).learned == vod(pytest.approx(min(found, LONGEST)), 7)


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_playlist_something_bounded_is_learned(more: bytes) -> None:
    learned = hls.cut(b"#EXTM3U\n#EXT-X-ENDLIST\n#EXTINF:" + more, nowhere).learned
    if learned is not NOTHING:
        assert learned.duration is not None
        assert 0 <= learned.duration <= LONGEST


def test_a_wrapped_playlist_tells_what_the_lone_one_told() -> None:
    assert hls.wrap(("a", ""), vod(600, 6)).learned == vod(600, 6)
    assert hls.wrap(("a", "")).learned is NOTHING
