"""Traps of odd bodies and of bodies that go past us (PITFALLS, Python and servers: 8, 9, 17)."""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib

import pytest

from sessionware.asgi import StreamSessionMiddleware
from support.calls import Call
from support.origin import Origin, Reply
from support.site import MASTER, MEDIA, MPD, SEGMENT
from support.streaming import AsgiExchange
from support.viewer import entered
from support.worlds import AsgiWorld

BOM = b"\xef\xbb\xbf"
# Each {} is where a token must go; every other byte must come out as it is.
VARIANT = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8{}\n"
HLS = {
    "a BOM": BOM + VARIANT,
    "CRLF": VARIANT.replace(b"\n", b"\r\n"),
    "CR at some lines": VARIANT.replace(b"1\n", b"1\r\n"),
    "no final newline": VARIANT[:-1],
    "no final newline after an attribute": b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="a.m3u8{}"',
    "a line of 1 MB": VARIANT + b"#" * 1_000_000 + b"\n" + VARIANT,
    "an attribute of 1 MB": VARIANT.replace(b"=1", b'=1,X="' + b"," * 1_000_000 + b'"'),
    "a URI of 1 MB": VARIANT.replace(b"a.m3u8", b"a" * 1_000_000 + b".m3u8"),
    "NUL in a comment": VARIANT + b"#\0\n",
    "NUL in a URI beside another": VARIANT.replace(b"a.m3u8{}", b"a\0b.m3u8") + VARIANT,
    "invalid UTF-8 in a comment": b"#EXTM3U\n#\xff\xfe\xc3\n" + VARIANT,
    "invalid UTF-8 in a URI": VARIANT.replace(b"a.m3u8", b"\xff\xe9.m3u8?q=\x80").replace(
        b"{}", b"&{}"
    ),
    "empty lines before the URI": VARIANT.replace(b"\na", b"\n\n\r\n \na"),
}
OPEN, PERIOD = b'<MPD type="dynamic">', b"<Period/></MPD>"
DASH = {
    "a BOM": BOM + OPEN + b"{}" + PERIOD,
    "CRLF": b'<?xml version="1.0"?>\r\n' + OPEN + b"\r\n{}" + PERIOD + b"\r\n",
    "a comment of 1 MB": OPEN + b"<!--" + b" " * 1_000_000 + b"-->{}" + PERIOD,
    "white space in front": b"\n \n" + OPEN + b"{}" + PERIOD,
    "NUL": OPEN + b"\0" + PERIOD,
    "invalid UTF-8": OPEN + b"\xff" + PERIOD,
    "another encoding": b'<?xml version="1.0" encoding="latin-1"?>' + OPEN + b"\xe9{}" + PERIOD,
    "UTF-16": (OPEN + PERIOD).decode().encode("utf-16"),
    "cut off": OPEN,
}
OURS = re.compile(rb"(?:\?|(?<=&))tkn=[A-Za-z0-9_.-]{40,}|<Location>[^<]+</Location>")
SHORTCUTS = ("http.response.pathsend", "http.response.zerocopysend")


@pytest.mark.parametrize("trap", HLS)
def test_a_playlist_with_a_trap_is_spliced_and_every_other_byte_stays(make_world, trap):
    template = HLS[trap]
    world = make_world(Origin(lambda _: Reply(body=template.replace(b"{}", b""))))
    answer = world.send(entered(world))
    assert answer.status == 200
    assert OURS.sub(b"{}", answer.body) == template


@pytest.mark.parametrize("trap", DASH)
def test_an_mpd_with_a_trap_is_spliced_or_passes_untouched(make_world, trap):
    template = DASH[trap]
    world = make_world(Origin(lambda _: Reply(body=template.replace(b"{}", b""))))
    answer = world.send(entered(world, "/cam1/manifest.mpd"))
    assert answer.status == 200
    assert OURS.sub(b"{}", answer.body) == template


def gzipped(body: bytes) -> Reply:
    return Reply(body=gzip.compress(body), headers=(("Content-Encoding", "gzip"),))


@pytest.mark.parametrize("accepts", ["", "gzip", "br, gzip;q=0.5", "gzip;q=0", "identity"])
def test_a_gzip_body_is_rewritten_although_accept_encoding_was_removed(make_world, accepts):
    world = make_world(Origin(lambda _: gzipped(MASTER)))
    headers = (("Accept-Encoding", accepts),) if accepts else ()
    answer = world.send(entered(world, headers=headers))
    assert world.origin.last.header("accept-encoding") is None
    takes_it = "gzip" in accepts and not accepts.endswith("q=0")
    assert answer.header("content-encoding") == ("gzip" if takes_it else None)
    body = gzip.decompress(answer.body) if takes_it else answer.body
    assert len(OURS.findall(body)) == 4
    assert answer.header("content-length") == str(len(answer.body))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(MASTER)[:-9], "gzip"),
        (b"no gzip at all", "gzip"),
        (b"#EXTM3U\n", "br"),
        (gzip.compress(MASTER + b"#" * 10_000_000), "gzip"),
    ],
    ids=["cut off", "no gzip", "br", "a bomb"],
)
def test_what_can_not_be_decompressed_passes_untouched(make_world, body, coding):
    reply = Reply(body=body, headers=(("Content-Encoding", coding), ("ETag", '"1"')))
    world = make_world(Origin(lambda _: reply))
    answer = world.send(entered(world))
    assert (answer.status, answer.body) == (200, body)
    assert (answer.header("content-encoding"), answer.header("etag")) == (coding, '"1"')


def test_a_deflated_body_is_rewritten_too(make_world):
    reply = Reply(body=zlib.compress(MASTER), headers=(("Content-Encoding", "deflate"),))
    world = make_world(Origin(lambda _: reply))
    assert len(OURS.findall(world.send(entered(world)).body)) == 4


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/cam1/master.m3u8", False), ("/cam1/7.ts", True), ("/poster.jpg", True)],
)
def test_pathsend_and_zerocopysend_are_offered_to_all_but_manifests(path, kept):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": MEDIA})

    async def ask(call: Call):
        exchange = AsgiExchange(middleware, call, extensions=(*SHORTCUTS, "http.response.debug"))
        await exchange.start()
        return await exchange.finish(), exchange._scope

    middleware = StreamSessionMiddleware(app, track=r"\.ts$")

    async def both():
        entry, _ = await ask(Call("/cam1/master.m3u8"))
        query = entry.location.partition("?")[2]
        return await ask(Call(f"{path}?{query}"))

    _, outer = asyncio.run(both())
    all_of_them = {*SHORTCUTS, "http.response.debug"}
    assert set(seen[-1]["extensions"]) == (all_of_them if kept else {"http.response.debug"})
    assert set(outer["extensions"]) == all_of_them


@pytest.mark.parametrize("path", ["/cam1/7.ts", "/poster.jpg"])
def test_a_file_that_is_sent_by_its_path_arrives(tmp_path, path):
    file = tmp_path / "file"
    file.write_bytes(SEGMENT)
    with AsgiWorld(Origin(lambda _: Reply(file=file)), track=r"\.ts$", pathsend=True) as world:
        query = entered(world).query
        assert world.get(f"{path}?{query}").body == SEGMENT


@pytest.mark.parametrize("body", [MASTER, MPD], ids=["HLS", "DASH"])
def test_a_manifest_that_lies_in_a_file_is_rewritten(make_world, tmp_path, body):
    file = tmp_path / "file"
    file.write_bytes(body)
    world = make_world(Origin(lambda _: Reply(file=file)))
    assert OURS.search(world.send(entered(world)).body)
