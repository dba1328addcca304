"""Bytes are counted on whatever way they go: by file, in pieces, to who leaves early (SPEC 7)."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import pytest

from parity.cases_tokens import issued
from sessionware import asgi, wsgi
from support.calls import Call, to_environ, to_scope
from support.origin import Origin, Reply
from support.parity import SECRET
from support.site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.worlds import World

TOKEN = issued(SECRET, 961)
CHUNKS = (b"123", b"4567", b"89")
OPTIONS = {"secret": SECRET, "track": r"\.ts$"}


def serving(reply: Reply, make_world: Callable[..., World], clock: Any, **options: Any) -> World:
    """A world whose segments are this reply, and in which somebody watches ``cam1``."""
    origin = Origin(lambda seen: reply if seen.path.endswith(".ts") else site(seen))
    world = make_world(origin, clock=clock, **OPTIONS, **options)
    world.get(f"/cam1/index.m3u8?tkn={TOKEN}")
    return world


def segment(**more: Any) -> Call:
    return Call(f"/cam1/1.ts?tkn={TOKEN}", **more)


def test_who_leaves_early_is_counted_for_what_was_sent_until_then(make_world, clock):
    world = serving(Reply(body=CHUNKS), make_world, clock)
    with world.stream(segment()) as stream:
        assert stream.next() == b"123"
        assert stream.next() == b"4567"
        clock.advance(30)
        stream.disconnect()
    counts = world.sessions.count()
    assert (counts.bytes_down, counts.requests, counts.watching) == (7, 2, 1)


def test_a_client_that_is_slow_to_take_an_answer_watches_until_its_end(make_world, clock):
    world = serving(Reply(body=CHUNKS), make_world, clock)
    with world.stream(segment()) as stream:
        stream.next()
        clock.advance(100)
        stream.finish()
    counts = world.sessions.count()
    assert (counts.bytes_down, counts.watching, counts.seconds) == (9, 1, 15)
    clock.advance(119)
    assert world.sessions.count().sessions == 1


def test_a_file_that_the_server_sends_is_counted_by_its_length(
    make_world, world_kind, clock, tmp_path
):
    file = tmp_path / "1.ts"
    file.write_bytes(b"x" * 100_000)
    more = {"pathsend": True} if world_kind == "asgi" else {}
    world = serving(Reply(file=file), make_world, clock, lint=None, **more)
    assert world.send(segment()).body == file.read_bytes()
    assert world.sessions.count().bytes_down == 100_000
    assert world.send(segment(method="HEAD")).body == b""
    assert world.sessions.count().bytes_down == 100_000


def test_what_goes_out_by_write_is_counted(make_world, clock):
    world = serving(Reply(body=CHUNKS, write=True), make_world, clock)
    world.send(segment())
    assert world.sessions.count().bytes_down == 9


# --- what comes in ---------------------------------------------------------------------------

PUT = Call("/cam1/1.ts", method="PUT", body=b"one\ntwo\nthree\nfour")
OPENS = Call("/cam1/index.m3u8", method="PUT", body=b"#EXTM3U\n")


def test_a_body_that_comes_in_pieces_is_counted_under_asgi(clock):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def put(call: Call, *pieces: bytes) -> None:
        left = list(pieces)

        async def receive() -> dict[str, Any]:
            piece = left.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def send(message: Any) -> None:
            pass

        await middleware(to_scope(call), receive, send)

    async def play() -> int:
        await put(OPENS, b"#EXTM3U\n")
        await put(PUT, b"123", b"", b"45678")
        sent: int = (await middleware.sessions.count()).bytes_up
        await middleware.aclose()
        return sent

    middleware: Any = asgi.StreamSessionMiddleware(app, clock=clock, **OPTIONS)
    assert asyncio.run(play()) == 8


WAYS: dict[str, Callable[[Any], object]] = {
    "at once": lambda body: body.read(),
    "by a number": lambda body: [body.read(5) for _ in range(4)],
    "by lines": lambda body: [body.readline() for _ in range(4)],
    "by parts of lines": lambda body: [body.readline(2) for _ in range(10)],
    "as a list of lines": lambda body: body.readlines(),
    "as it is gone through": list,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_counted_however_it_is_read_under_wsgi(clock, way):
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        WAYS[way](environ["wsgi.input"])
        start_response("200 OK", [("Content-Length", "0")])
        return []

    middleware: Any = wsgi.StreamSessionMiddleware(app, clock=clock, **OPTIONS)
    for call in (OPENS, PUT):
        environ = {**to_environ(call), "wsgi.input": io.BytesIO(call.body)}
        answer = middleware(environ, lambda *_: lambda _: None)
        list(answer)
        answer.close()
    middleware.close()
    assert middleware.sessions.count().bytes_up == 18


def test_what_the_app_does_not_read_has_not_come_in_under_wsgi(clock):
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read(4)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    middleware: Any = wsgi.StreamSessionMiddleware(app, clock=clock, **OPTIONS)
    for call in (OPENS, PUT):
        middleware(to_environ(call), lambda *_: lambda _: None).close()
    middleware.close()
    assert middleware.sessions.count().bytes_up == 4
