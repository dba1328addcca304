"""HLS playlists whose segments carry: each URI of what is played, and no other byte."""

from __future__ import annotations

from urllib.parse import urlsplit

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.manifest import Form, cut, hls
from support.splicing import (
    TOKEN,
    Everything,
    carried,
    everywhere,
    fixtures,
    nowhere,
    real_slots,
    unmarked,
)

HEAD = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n"

# What it is -> a playlist in which «...» stands around each URI that carries.
PLAYLISTS: dict[str, str | bytes] = {
    "segments": HEAD + "#EXTINF:4,\n«1.ts»\n#EXTINF:4,\n«2.ts»\n",
    "CRLF": HEAD.replace("\n", "\r\n") + "#EXTINF:4,\r\n«1.ts»\r\n#EXTINF:4,\r\n«2.ts»\r\n",
    "CR": HEAD.replace("\n", "\r") + "#EXTINF:4,\r«1.ts»\r#EXT-X-ENDLIST",
    "BOM": "\ufeff" + HEAD + "#EXTINF:4,\n«1.ts»\n",
    "BOM, and nothing else of HLS": "\ufeff#EXTM3U\n«1.ts»\n",
    "no final newline": HEAD + "#EXTINF:4,\n«1.ts»",
    "no final newline after a tag": HEAD + '#EXTINF:4,\n«1.ts»\n#EXT-X-PART:URI="«2.ts»"',
    "no final newline after another": HEAD + "#EXTINF:4,\n«1.ts»\n#EXT-X-ENDLIST",
    "blanks around": HEAD + "#EXTINF:4,\n \t«1.ts» \n  \n\n",
    "an indented comment": HEAD + "#EXTINF:4,\n #EXT-X-GAP\n\t# x\n«1.ts»\n",
    "tags between": HEAD + "#EXTINF:4,\n#EXT-X-BYTERANGE:9@0\n#EXT-X-NEW\n«1.ts»\n",
    "a title that looks like one": HEAD + "#EXTINF:4,2.ts\n«1.ts»\n",
    "no EXTINF": HEAD + "«1.ts»\n",
    "a query, kept in front": HEAD + "#EXTINF:4,\n«1.ts?b=%41&a==»\n",
    "an absolute URI": HEAD + "#EXTINF:4,\n«https://tv.example/1.ts»\n",
    "byte ranges of one resource (P10)": HEAD
    + '#EXT-X-MAP:URI="«a.mp4»",BYTERANGE="9@0"\n'
    + "#EXTINF:4,\n#EXT-X-BYTERANGE:9@9\n«a.mp4»\n#EXTINF:4,\n#EXT-X-BYTERANGE:9@18\n«a.mp4»\n",
    "an init section": HEAD + '#EXT-X-MAP:URI="«init.mp4»"\n#EXTINF:4,\n«1.m4s»\n',
    "a key": HEAD + '#EXT-X-KEY:METHOD=AES-128,URI="«k?id=1»",IV=0x1\n#EXTINF:4,\n«1.ts»\n',
    "no key": HEAD + "#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\n«1.ts»\n",
    "parts": HEAD
    + '#EXT-X-PART:DURATION=1,URI="«1.0.ts»",INDEPENDENT=YES\n'
    + '#EXT-X-PART:DURATION=1,URI="«1.1.ts»"\n'
    + '#EXTINF:4,\n«1.ts»\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="«2.0.ts»"\n',
    "part information is no part": HEAD + '#EXT-X-PART-INF:PART-TARGET=1,URI="x"\n',
    "a delta update": HEAD + "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXTINF:4,\n«4.ts»\n",
    "a rendition report": HEAD + '#EXT-X-RENDITION-REPORT:URI="«../b/i.m3u8»",LAST-MSN=3\n',
    "a tag that is none of these": HEAD + '#EXT-X-MAPS:URI="x"\n#EXT-X-DATERANGE:X-ASSET-URI="y"\n',
    "a tag in a comment": HEAD + '# #EXT-X-MAP:URI="x"\n##EXT-X-KEY:URI="y"\n',
    "session data, for later": '#EXTM3U\n#EXT-X-SESSION-DATA:URI="x"\n',
    "a session key": (
        '#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=AES-128,URI="«k?id=1»"\n#EXT-X-STREAM-INF:X=1\n«v»\n'
    ),
    "a stray line of a multivariant": "#EXTM3U\nstray\n#EXT-X-STREAM-INF:X=1\n«v»\nstray\n",
    "variants among segments": HEAD + "#EXT-X-STREAM-INF:X=1\n«v.m3u8»\n#EXTINF:4,\n«1.ts»\n",
    "a variable (P12)": HEAD + "#EXTINF:4,\n«seg/{$n}.ts?{$q}»\n",
    "a NUL byte": HEAD.encode() + b"# \x00\n#EXTINF:4,\n\xc2\xab1\x00.ts\xc2\xbb\n",
    "invalid UTF-8": HEAD.encode()
    + b"#EXTINF:4,\xff\n\xc2\xab\xff.ts\xc2\xbb\n\xc2\xab\xc3\xc2\xbb",
    "a line of 1 MB": HEAD + "#" + "x," * 500_000 + "\n«1.ts»\n",
    "a segment of 1 MB": HEAD + "#EXTINF:4,\n«" + "x" * 1_000_000 + "»\n",
    "a million lines that say nothing": HEAD + "#EXTINF:4,\n«1.ts»\n" + "#\n" * 1_000_000,
}


def body_of(playlist: str | bytes) -> bytes:
    return playlist.encode() if isinstance(playlist, str) else playlist


@pytest.mark.parametrize("name", PLAYLISTS)
def test_the_token_goes_into_each_uri_of_what_is_played_and_nowhere_else(name: str) -> None:
    playlist = body_of(PLAYLISTS[name])
    pieces = hls.cut(unmarked(playlist), everywhere, Everything())
    assert pieces.render(TOKEN) == carried(playlist)


@pytest.mark.parametrize("name", PLAYLISTS)
def test_where_no_uri_may_carry_the_playlist_stays_as_it_was(name: str) -> None:
    playlist = unmarked(body_of(PLAYLISTS[name]))
    assert hls.cut(playlist, nowhere, lambda _uri, **_: None).parts == (playlist,)


@pytest.mark.parametrize("name", PLAYLISTS)
def test_manifests_are_not_taken_for_segments_nor_segments_for_manifests(name: str) -> None:
    # P27: without being asked for, segments carry nothing; the URIs of manifests do all the same.
    playlist = unmarked(body_of(PLAYLISTS[name]))
    manifests: list[str] = []
    without = hls.cut(playlist, manifests.append)
    assert without.parts == (playlist,)
    assert all(uri in {"../b/i.m3u8", "v", "v.m3u8"} for uri in manifests)
    segments, again = Everything(), []
    both = hls.cut(playlist, again.append, segments)
    assert again == manifests
    assert not {uri for uri, *_ in segments.asked} & set(manifests)
    assert (both.form, both.learned) == (without.form, without.learned)


def test_rendition_reports_carry_though_segments_do_not() -> None:
    # P11: players compare them with the URLs of the playlists that they were given.
    playlist = body_of(PLAYLISTS["a rendition report"])
    pieces = hls.cut(unmarked(playlist), everywhere)
    assert pieces.render(TOKEN) == carried(playlist)
    assert pieces.form is Form.MEDIA


def test_a_part_that_was_hinted_at_has_the_same_uri_when_it_comes() -> None:
    # P10, with links and the rest of it.
    slot, segments = real_slots("film")
    hint = HEAD + '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="a/7.1.m4s?x=1"\n'
    part = HEAD + '#EXTINF:4,\na/6.m4s\n#EXT-X-PART:DURATION=1,URI="a/7.1.m4s?x=1"\n'
    before, after = (
        hls.cut(body.encode(), slot, segments).render(TOKEN).partition(b'URI="')[2]
        for body in (hint, part)
    )
    assert before == after
    assert TOKEN in before


# --- variables ----------------------------------------------------------------------------------

DEFINED = (
    HEAD
    + '#EXT-X-DEFINE:NAME="dir",VALUE="a/b"\n#EXT-X-DEFINE:NAME="cdn",VALUE="https://cdn.example"\n'
    + '#EXT-X-DEFINE:VALUE="https://tv.example",NAME="own"\n#EXT-X-DEFINE:NAME="q",VALUE="x?y=1"\n'
    + '#EXT-X-DEFINE:IMPORT="theirs"\n'
)


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        ("{$dir}/1.ts", "a/b/1.ts"),
        ("{$own}/{$dir}/1.ts", "https://tv.example/a/b/1.ts"),
        ("{$q}", "x?y=1"),
        ("a/{$theirs}.ts", "a/{$theirs}.ts"),
        ("/a/{$theirs}.ts", "/a/{$theirs}.ts"),
        ("1.ts?{$theirs}", "1.ts?{$theirs}"),
        ("1.ts#{$theirs}", "1.ts#{$theirs}"),
        ("{no variable}.ts", "{no variable}.ts"),
    ],
)
def test_a_uri_with_variables_keeps_them_and_carries_by_what_they_stand_for(
    uri: str, meant: str
) -> None:
    segments = Everything()
    pieces = hls.cut(f"{DEFINED}{uri}\n".encode(), everywhere, segments)
    assert [asked for asked, *_ in segments.asked] == [meant]
    added = "&tkn=T.x" if "?" in meant else "?tkn=T.x"
    assert pieces.render(b"T").decode() == f"{DEFINED}{uri}{added}\n"


@pytest.mark.parametrize(
    "uri", ["{$theirs}/1.ts", "/{$theirs}/1.ts", "//{$theirs}/1.ts", "http{$theirs}/1.ts"]
)
def test_where_an_unknown_variable_may_be_a_host_nothing_carries(uri: str) -> None:
    playlist = f"{DEFINED}{uri}\n".encode()
    assert hls.cut(playlist, everywhere, Everything()).parts == (playlist,)
    multivariant = f'#EXTM3U\n#EXT-X-MEDIA:URI="{uri}"\n'.encode()
    assert hls.cut(multivariant, everywhere).parts == (multivariant,)


def test_a_variable_that_stands_for_a_foreign_host_is_foreign() -> None:
    slot, segments = real_slots("film")
    body = f"{DEFINED}#EXTINF:4,\n{{$cdn}}/1.ts\n#EXTINF:4,\n{{$own}}/2.ts\n".encode()
    once = hls.cut(body, slot, segments).render(TOKEN)
    assert b"{$cdn}/1.ts\n" in once
    assert b"{$own}/2.ts?tkn=TOKEN" in once


def test_a_uri_with_variables_and_our_parameter_gets_that_replaced() -> None:
    slot, segments = real_slots("film")
    body = f"{DEFINED}{{$dir}}/1.ts?tkn=old&a\n".encode()
    once = hls.cut(body, slot, segments).render(TOKEN)
    assert once.startswith(f"{DEFINED}{{$dir}}/1.ts?a&tkn=TOKEN".encode())


# --- by a grammar, against an independent reader --------------------------------------------------

_NAMES = st.text("abc/._-0123456789?=%&é$", min_size=1, max_size=12).filter(
    lambda name: name[0] not in "?=%&" and not name.isspace()
)
_ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def playlists(draw: st.DrawFn) -> str:
    """Give a media playlist with marks around what carries."""
    end = draw(_ENDS)
    lines = [draw(st.sampled_from(["", "\ufeff"])) + "#EXTM3U", "#EXT-X-TARGETDURATION:9"]
    for _ in range(draw(st.integers(1, 6))):
        name = f"«{draw(_NAMES)}»"
        match draw(st.integers(0, 5)):
            case 0:
                lines.append(f'#EXT-X-MAP:URI="{name}"')
            case 1:
                lines.append(f'#EXT-X-KEY:METHOD=AES-128,URI="{name}",IV=0x12')
            case 2:
                lines.append(f'#EXT-X-PART:DURATION=0.5,URI="{name}",INDEPENDENT=YES')
            case 3:
                lines.append(draw(st.sampled_from(["", "# comment", "#EXT-X-DISCONTINUITY"])))
            case _:
                lines += ["#EXTINF:4,a, b", name]
    return end.join(lines) + draw(st.sampled_from(["", end]))


@given(playlists())
def test_any_media_playlist_changes_only_where_its_uris_are(playlist: str) -> None:
    marks = playlist.encode()
    assert hls.cut(unmarked(marks), everywhere, Everything()).render(TOKEN) == carried(marks)


def uris(body: bytes) -> list[str]:
    """Read a playlist's URIs with another reader."""
    parsed = m3u8.loads(body.decode("utf-8-sig"))
    parts = [part for segment in parsed.segments for part in segment.parts]
    keys = [key for key in parsed.keys if key]
    found = (*parsed.segment_map, *keys, *parts, *parsed.segments)
    return [each.uri for each in found if each.uri is not None]


@given(playlists())
def test_another_reader_finds_the_same_uris_each_with_the_token(playlist: str) -> None:
    body = unmarked(playlist.encode())
    slot, segments = real_slots("film")
    before, after = uris(body), uris(hls.cut(body, slot, segments).render(TOKEN))
    assert len(before) == len(after)
    for plain, found in zip(before, after, strict=True):
        if slot(plain) is None:  # another host's
            assert found == plain
        else:
            assert urlsplit(found).path == urlsplit(plain).path
            assert f"tkn={TOKEN.decode()}" in urlsplit(found).query


@given(playlists())
def test_carrying_twice_is_carrying_once(playlist: str) -> None:
    slot, segments = real_slots("film")
    once = hls.cut(unmarked(playlist.encode()), slot, segments).render(TOKEN)
    assert hls.cut(once, slot, segments).render(TOKEN) == once


@given(st.binary(max_size=200))
def test_any_bytes_come_out_as_they_were_once_the_tokens_are_taken_out(more: bytes) -> None:
    body = HEAD.encode() + more
    pieces = hls.cut(body, lambda uri: (uri, ""), lambda uri, **_: (uri, ""))
    assert b"".join(pieces.parts) == body


def test_playlists_that_others_wrote_keep_their_bytes() -> None:
    for path in fixtures("hls"):
        body = path.read_bytes()
        segments = Everything()
        once = cut(body, everywhere, segments, location=True).render(TOKEN)
        assert once.replace(b"?tkn=TOKEN.x", b"").replace(b"&tkn=TOKEN.x", b"") == body, path
        assert once.count(b"TOKEN") >= len(segments.asked), path
        slot, real = real_slots("film")
        once = cut(body, slot, real, location=True).render(TOKEN)
        assert cut(once, slot, real, location=True).render(TOKEN) == once, path
