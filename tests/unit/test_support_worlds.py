"""The worlds and the origin, with plain apps: both worlds give the same answers."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from support.calls import Answer, Call, to_environ, to_scope
from support.origin import Origin, Reply, files
from support.worlds import AsgiWorld, SyncView, bare

if TYPE_CHECKING:
    from support.clock import Clock


def test_a_call_reaches_the_origin_whole(make_world):
    origin = Origin(files({"/live/ä.m3u8": b"#EXTM3U\n"}))
    world = make_world(origin, wrap=bare)
    answer = world.get(
        "/media/live/%C3%A4.m3u8?b=%2f&a",
        mount="/media",
        method="POST",
        headers=(("Cookie", "a=1"), ("X-Thing", "é"), ("Content-Type", "text/x")),
        body=b"body",
    )
    assert (answer.status, answer.body) == (200, b"#EXTM3U\n")
    assert answer.header("Content-Type") == "application/vnd.apple.mpegurl"
    assert answer.header("content-length") == "8"
    seen = origin.last
    assert (seen.method, seen.path, seen.query) == ("POST", "/live/ä.m3u8", "b=%2f&a")
    assert (seen.body, seen.session) == (b"body", None)
    assert dict(seen.headers) == {
        "host": "testserver",
        "content-length": "4",
        "cookie": "a=1",
        "x-thing": "é",
        "content-type": "text/x",
    }


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/a.M3U8", "application/vnd.apple.mpegurl"),
        ("/a.mpd", "application/dash+xml"),
        ("/a.ts", "video/mp2t"),
        ("/a.m4s", "video/iso.segment"),
        ("/a", "application/octet-stream"),
    ],
)
def test_files_have_the_right_types(make_world, path, kind):
    world = make_world(Origin(files({path: b"x"})), wrap=bare)
    assert world.get(path + "?q").header("content-type") == kind
    assert world.get("/other").status == 404


def test_head_has_the_headers_of_get_and_no_body(make_world):
    world = make_world(Origin(files({"/a.ts": b"abc"})), wrap=bare)
    answer = world.get("/a.ts", method="HEAD")
    assert (answer.header("content-length"), answer.body) == ("3", b"")


@pytest.mark.parametrize("status", [204, 304, 307, 404, 503])
def test_any_status_passes_the_checkers(make_world, status):
    origin = Origin(lambda seen: Reply(status, (("Location", "/b"),)))
    assert make_world(origin, wrap=bare).get("/").status == status


def test_a_mount_stands_where_servers_put_it():
    call = Call("/media/a%20b.m3u8?x", mount="/media")
    scope, environ = to_scope(call), to_environ(call)
    assert (scope["root_path"], scope["path"]) == ("/media", "/media/a b.m3u8")
    assert (scope["raw_path"], scope["query_string"]) == (b"/media/a%20b.m3u8", b"x")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/media", "/a b.m3u8")
    assert environ["RAW_URI"] == environ["REQUEST_URI"] == call.target
    with pytest.raises(ValueError, match="does not lie under"):
        Call("/mediate", mount="/media")


def test_a_call_without_raw_path_peer_or_host():
    call = Call("/a", raw=False, peer=None, host="")
    scope, environ = to_scope(call), to_environ(call)
    assert "raw_path" not in scope
    assert not {"RAW_URI", "REQUEST_URI", "HTTP_HOST", "REMOTE_PORT"} & set(environ)
    assert (scope["client"], scope["headers"], environ["REMOTE_ADDR"]) == (None, [], "")


def test_hostile_bytes_arrive_as_servers_hand_them_over(make_world, world_kind):
    origin = Origin(files({}))
    make_world(origin, wrap=bare).get("/%ff%0d%0a?\xff")
    marks = {"asgi": "\ufffd", "wsgi": "\udcff"}
    assert origin.last.path == f"/{marks[world_kind]}\r\n"
    assert origin.last.query == "\xff"


def test_repeated_headers_travel_as_the_servers_hand_them_over(make_world, world_kind):
    origin = Origin(files({}))
    twice = (("Cookie", "a=1"), ("Cookie", "b=2"), ("X-A", "1"), ("X-A", "2"))
    make_world(origin, wrap=bare).get("/", headers=twice)
    values = [value for name, value in origin.last.headers if name != "host"]
    both = {"asgi": ["a=1", "b=2", "1", "2"], "wsgi": ["a=1; b=2", "1,2"]}
    assert values == both[world_kind]


def test_follow_goes_where_location_points(make_world):
    origin = Origin(
        files({"/d/a": Reply(307, (("Location", "b?tkn=1#f"),)), "/d/b": b"there"}),
    )
    world = make_world(origin, wrap=bare)
    call = Call("/d/a?x", headers=(("User-Agent", "u"),))
    assert world.follow(call, world.send(call)).body == b"there"
    assert (origin.last.query, origin.last.header("user-agent")) == ("tkn=1", "u")
    with pytest.raises(ValueError, match="leaves"):
        call.at("http://testserver.example/")


def test_an_answer_reads_cookies_and_refuses_to_choose_between_two_headers():
    pairs = (("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2=3"), ("location", "/"))
    answer = Answer(200, pairs, b"")
    assert answer.cookies() == {"a": "1", "b": "2=3"}
    assert (answer.location, answer.header("x")) == ("/", None)
    with pytest.raises(AssertionError, match="2 times"):
        answer.header("Set-Cookie")


class Awaited:
    name = "awaited"

    async def count(self, add=0):
        await asyncio.sleep(0)
        return 1 + add

    async def each(self):
        yield 1
        yield 2

    @asynccontextmanager
    async def open(self):
        yield self


def test_coroutines_can_be_called_without_await():
    with asyncio.Runner() as runner:
        view = SyncView(Awaited(), runner.run)
        assert (view.name, view.count(add=2), view.each()) == ("awaited", 3, [1, 2])
        with view.open() as inside:
            assert inside.count() == 1


def test_the_world_makes_the_middleware_with_its_options_and_closes_it(make_world, world_kind):
    made: dict[str, Any] = {}

    class Middleware:
        sessions = Awaited()

        def __init__(self, app, **options):
            made.update(options)
            self.app = app

        def __call__(self, *args):
            return self.app(*args)

        def close(self):
            made["closed"] = True

    world = make_world(Origin(files({"/": b"x"})), wrap=Middleware, secret="s")
    assert made == {"secret": "s"}
    assert world.get("/").body == b"x"
    assert world.middleware.sessions is Middleware.sessions
    if world_kind == "asgi":
        assert world.sessions.count() == 1
    world.close()
    world.close()
    assert made["closed"]


def test_lifespan_goes_through_the_middleware():
    origin = Origin(files({"/": b"x"}))
    with AsgiWorld(origin, wrap=bare, lifespan=True) as world:
        assert origin.lifespan == ["startup"]
        assert world.get("/").status == 200
        assert origin.last.native["state"] == {}
    assert origin.lifespan == ["startup", "shutdown"]


def test_the_clock_moves_only_when_told(clock: Clock):
    assert clock() == clock() == 1_700_000_000.0
    assert clock.advance(1.5) == clock() == 1_700_000_001.5
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
