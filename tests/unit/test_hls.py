"""HLS playlists: the token goes into the URIs of manifests, every other byte stays."""

from __future__ import annotations

from urllib.parse import parse_qs, urljoin, urlsplit

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.manifest import Form, cut, hls, is_hls, may_be
from support.splicing import TOKEN, carried, everywhere, fixtures, nowhere, real_slot, unmarked

# What it is -> a playlist in which «...» stands around each URI that carries the token.
PLAYLISTS: dict[str, str | bytes] = {
    "a variant": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v.m3u8»\n",
    "CRLF": "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\n«v.m3u8»\r\n",
    "CR": "#EXTM3U\r#EXT-X-STREAM-INF:BANDWIDTH=1\r«v.m3u8»\r",
    "BOM": "\ufeff#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v.m3u8»\n",
    "no final newline": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v.m3u8»",
    "blanks around": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n \t«v.m3u8» \n",
    "empty lines between": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\n  \n«v.m3u8»\n\n",
    "a comment between": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n# x\n«v.m3u8»\n",
    "an unknown tag between": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-NEW:A=1\n«v»\n",
    "a query, kept in front": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v?b=%41&a==»\n",
    "a second line is no variant": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v»\nw\n",
    "a line before any tag": "#EXTM3U\nstray.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\n«v»\n",
    "a URI among attributes": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="«a»",GROUP-ID="g"\n',
    "a URI in front": '#EXTM3U\n#EXT-X-MEDIA:URI="«a.m3u8»",TYPE=AUDIO\n',
    "blanks among attributes": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO, URI = "«a.m3u8»"\n',
    "a quoted comma": '#EXTM3U\n#EXT-X-MEDIA:NAME="a,URI=b",URI="«a,b.m3u8»"\n',
    "an attribute ending in URI": '#EXTM3U\n#EXT-X-MEDIA:X-URI="x",URI="«a»",NOTURI="y"\n',
    "an unquoted URI": "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=a.m3u8\n",
    "an open quote": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a.m3u8\n',
    "an empty URI": '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=""\n',
    "captions have none": '#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,INSTREAM-ID="CC1"\n',
    "I-frames": '#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="«i.m3u8»"\n',
    "a segment is no manifest": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\ns.m3u8\n",
    "a media sequence is no rendition": '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:URI="x"\n',
    "a tag inside a comment": '#EXTM3U\n# #EXT-X-MEDIA:URI="x"\n##EXT-X-STREAM-INF:\nv\n',
    "a tag in lower case": '#EXTM3U\n#ext-x-media:uri="x"\n',
    "session data, for later": '#EXTM3U\n#EXT-X-SESSION-DATA:URI="x"\n',
    "braces stay raw (P12)": (
        '#EXTM3U\n#EXT-X-DEFINE:NAME="p",VALUE="v?a"\n#EXT-X-STREAM-INF:\n«a/{$p}?{$q}»\n'
    ),
    "a line of nothing that is seen": "#EXTM3U\n#EXT-X-STREAM-INF:X=1\n\x0c\n«v.m3u8»\n",
    "an indented comment": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n  # x\n«v.m3u8»\n",
    "a NUL byte": b"#EXTM3U\n# \x00\n#EXT-X-STREAM-INF:\n\xc2\xabv\x00.m3u8\xc2\xbb\n",
    "invalid UTF-8": b"#EXTM3U\n# \xff\xfe\n#EXT-X-STREAM-INF:\n\xc2\xabv\xff.m3u8\xc2\xbb\n\xc3",
    "a line of 1 MB": "#EXTM3U\n#" + "x," * 500_000 + "\n#EXT-X-STREAM-INF:\n«v.m3u8»\n",
    "a tag of 1 MB": '#EXTM3U\n#EXT-X-MEDIA:N="' + "A=," * 330_000 + '",URI="«a.m3u8»"\n',
    "an empty playlist": "#EXTM3U",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_the_token_goes_where_it_belongs_and_nowhere_else(name: str) -> None:
    body = PLAYLISTS[name]
    playlist = body.encode() if isinstance(body, str) else body
    pieces = hls.cut(unmarked(playlist), everywhere)
    assert pieces.render(TOKEN) == carried(playlist)
    assert pieces.carries is (b"\xc2\xab" in playlist)
    assert pieces.skipped == ""
    assert pieces.own is None


@pytest.mark.parametrize("name", PLAYLISTS)
def test_where_no_uri_may_carry_the_playlist_stays_as_it_was(name: str) -> None:
    body = PLAYLISTS[name]
    playlist = unmarked(body.encode() if isinstance(body, str) else body)
    assert hls.cut(playlist, nowhere).parts == (playlist,)


def test_a_uri_that_may_not_carry_stays_between_those_that_do() -> None:
    playlist = (
        b"#EXTM3U\n#EXT-X-STREAM-INF:\na\n#EXT-X-STREAM-INF:\ndata:b\n#EXT-X-STREAM-INF:\nc\n"
    )
    pieces = hls.cut(playlist, lambda uri: None if uri.startswith("data:") else everywhere(uri))
    assert pieces.render(b"T") == playlist.replace(b"\na\n", b"\na?tkn=T.x\n").replace(
        b"\nc\n", b"\nc?tkn=T.x\n"
    )


# --- what it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("playlist", "form"),
    [
        ("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n", Form.MULTIVARIANT),
        ('#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a"\n', Form.MULTIVARIANT),
        ('#EXTM3U\r\n#EXT-X-I-FRAME-STREAM-INF:URI="i"\r\n', Form.MULTIVARIANT),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:4\n", Form.MEDIA),
        ("#EXTM3U\n#EXTINF:4,\na.ts\n", Form.MEDIA),
        ("#EXTM3U\r\n#EXT-X-MEDIA-SEQUENCE:7\r\n", Form.MEDIA),
        ("#EXTM3U\n#EXT-X-STREAM-INF:X=1\nv\n#EXTINF:4,\na.ts\n", Form.MEDIA),
        ("#EXTM3U\n", Form.MEDIA),
        ('#EXTM3U\n#EXT-X-RENDITION-REPORT:URI="a"\n', Form.MEDIA),
    ],
)
def test_a_playlist_is_known_by_its_tags(playlist: str, form: Form) -> None:
    assert hls.cut(playlist.encode(), everywhere).form is form


@pytest.mark.parametrize(
    ("head", "hls_", "manifest"),
    [
        (b"#EXTM3U\n", True, True),
        (b"\xef\xbb\xbf#EXTM3U", True, True),
        (b"#EXTM", False, True),
        (b"", False, True),
        (b"\xef\xbb\xbf", False, True),
        (b"\n <?xml", False, True),
        (b"<MPD>", False, True),
        (b"\xff\xfe<\x00M\x00", False, True),
        (b"\xfe\xff\x00<", False, True),
        (b"#EXTINF:4,\n", False, False),
        (b'{"error": 1}', False, False),
        (b"\x47@\x11\x10", False, False),
    ],
)
def test_a_manifest_is_known_by_its_first_bytes(head: bytes, hls_: bool, manifest: bool) -> None:
    assert is_hls(head) is hls_
    assert may_be(head) is manifest


def test_a_lone_media_playlist_is_wrapped_into_one_variant_that_is_itself() -> None:
    wrapped = hls.wrap(("live.m3u8?a=1&tkn=", ".x")).render(b"T").decode()
    parsed = m3u8.loads(wrapped)
    assert parsed.is_variant
    assert [variant.uri for variant in parsed.playlists] == ["live.m3u8?a=1&tkn=T.x"]
    assert hls.wrap(("a", "")).form is Form.MULTIVARIANT


# --- by a grammar, against an independent reader --------------------------------------------------

_NAMES = st.text("abc/._-0123456789?=%&é", min_size=1, max_size=12).filter(
    lambda name: name[0] not in "?=%&" and not name.isspace()
)
_QUOTED = st.text("ab ,=URI#:'é", max_size=8)
_ENDS = st.sampled_from(["\n", "\r\n"])


@st.composite
def playlists(draw: st.DrawFn) -> str:
    """Give a multivariant playlist with marks around what carries."""
    end = draw(_ENDS)
    lines = [draw(st.sampled_from(["", "\ufeff"])) + "#EXTM3U"]
    for _ in range(draw(st.integers(1, 5))):
        name = f"«{draw(_NAMES)}»"
        attributes = [f'NAME="{draw(_QUOTED)}"', "BANDWIDTH=1", 'GROUP-ID="g"', "TYPE=AUDIO"]
        match draw(st.integers(0, 4)):
            case 0:
                lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", name]
            case 1:
                attributes.append(f'URI="{name}"')
                lines.append("#EXT-X-MEDIA:" + ",".join(draw(st.permutations(attributes))))
            case 2:
                attributes.append(f'URI="{name}"')
                lines.append("#EXT-X-I-FRAME-STREAM-INF:" + ",".join(attributes))
            case 3:
                lines.append("#EXT-X-UNKNOWN:" + draw(_QUOTED))
            case _:
                lines.append(draw(st.sampled_from(["", "# comment", "#EXT-X-VERSION:7", "stray"])))
    return end.join(lines) + draw(st.sampled_from(["", end]))


@given(playlists())
def test_any_multivariant_changes_only_where_its_uris_are(playlist: str) -> None:
    marks = playlist.encode()
    assert hls.cut(unmarked(marks), everywhere).render(TOKEN) == carried(marks)


def uris(body: bytes) -> list[str]:
    """Read a playlist's URIs with another reader."""
    parsed = m3u8.loads(body.decode("utf-8-sig"))
    parts = (*parsed.playlists, *parsed.media, *parsed.iframe_playlists)
    return [part.uri for part in parts if part.uri]


@given(playlists())
def test_another_reader_finds_the_same_children_each_with_the_token(playlist: str) -> None:
    body = unmarked(playlist.encode())
    before, after = uris(body), uris(hls.cut(body, everywhere).render(TOKEN))
    assert len(before) == len(after)
    for plain, with_token in zip(before, after, strict=True):
        base = "https://tv.example/vod/master.m3u8"
        wanted, found = urlsplit(urljoin(base, plain)), urlsplit(urljoin(base, with_token))
        assert found.path == wanted.path
        assert found.query.startswith(wanted.query)
        assert parse_qs(found.query)["tkn"] == [TOKEN.decode() + ".x"]


@given(st.binary(max_size=200), st.integers(7, 60))
def test_any_bytes_come_out_as_they_were_once_the_tokens_are_taken_out(
    more: bytes, at: int
) -> None:
    body = b'#EXTM3U\n#EXT-X-MEDIA:URI="a"\n#EXT-X-STREAM-INF:\nv\n'
    body = body[:at] + more + body[at:]
    assert b"".join(hls.cut(body, lambda uri: (uri, "")).parts) == body


@given(playlists())
def test_carrying_twice_is_carrying_once(playlist: str) -> None:
    # P39: a playlist that refers to itself must not grow with every round.
    slot = real_slot("film")
    once = hls.cut(unmarked(playlist.encode()), slot).render(TOKEN)
    assert hls.cut(once, slot).render(TOKEN) == once


def test_playlists_that_others_wrote_keep_their_bytes() -> None:
    for path in fixtures("hls"):
        body = path.read_bytes()
        once = cut(body, everywhere, location=True).render(TOKEN)
        assert once.replace(b"?tkn=TOKEN.x", b"").replace(b"&tkn=TOKEN.x", b"") == body, path
