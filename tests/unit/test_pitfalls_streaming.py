"""Traps of bodies that come piece by piece (PITFALLS, Python and servers: 1, 2, 4, 10, 16)."""

from __future__ import annotations

from typing import Any

import pytest

from support.calls import Call, to_environ
from support.origin import Origin, Reply
from support.site import MASTER, SEGMENT
from support.trace import Trace
from support.viewer import entered, token_of
from support.worlds import WsgiWorld

CHUNKS = [b"one", b"two", b"three"]
LINES = MASTER.splitlines(keepends=True)
# Not ours, tracked, and a manifest's path that answers with something else.
PATHS = ["/cam1/poster.jpg", "/cam1/7.ts", "/cam1/master.m3u8"]

on_each_path = pytest.mark.parametrize("path", PATHS)


class Site:
    """An origin with one reply for all paths, the middleware around it, and a viewer of cam1."""

    def __init__(self, make_world: Any, **options: Any) -> None:
        self.trace = Trace()
        self.reply = Reply()
        self.world = make_world(Origin(lambda _: self.reply), track=r"\.ts$", **options)
        self.token = token_of(entered(self.world))

    def call(self, path: str, **kw: Any) -> Call:
        return Call(f"{path}?tkn={self.token}", **kw)

    def answers(self, **kw: Any) -> None:
        self.reply = Reply(trace=self.trace, **kw)

    def stream(self, path: str, **kw: Any) -> Any:
        return self.world.stream(self.call(path, **kw), self.trace)


@pytest.fixture
def site(make_world):
    return Site(make_world)


@on_each_path
def test_three_chunks_arrive_one_by_one_as_the_app_makes_them(site, path):
    site.answers(body=CHUNKS)
    with site.stream(path) as stream:
        for number, chunk in enumerate(CHUNKS):
            assert stream.next() == chunk
            assert site.trace.only("app")[-1] == f"chunk {number}"
        assert stream.next() is None


@on_each_path
def test_chunks_of_an_app_that_reads_its_data_still_arrive_one_by_one(site, path):
    def handler(seen):
        if seen.session is not None:
            seen.session.data["seen"] = True
        return site.reply

    site.world.origin.handler = handler
    site.answers(body=CHUNKS)
    with site.stream(path) as stream:
        for number, chunk in enumerate(CHUNKS):
            assert stream.next() == chunk
            assert site.trace.only("app")[-1] == f"chunk {number}"


def test_an_endless_body_at_a_manifest_path_is_not_buffered(site):
    site.answers(body=[b"\x47" * 65536] * 100_000)  # 6.5 GB, were it held
    with site.stream("/cam1/master.m3u8") as stream:
        assert stream.next() == b"\x47" * 65536
        assert site.trace.only("app") == ["chunk 0"]


def test_an_endless_body_that_begins_like_a_manifest_is_held_up_to_max_manifest(make_world):
    site = Site(make_world, max_manifest=3000)
    line = b"#" * 999 + b"\n"
    site.answers(body=[b"#EXTM3U\n", *[line] * 100_000])
    with site.stream("/cam1/master.m3u8") as stream:
        assert stream.next() == b"#EXTM3U\n" + line * 3
        assert site.trace.only("app")[-1] == "chunk 3"
        assert stream.next() == line
        assert site.trace.only("app")[-1] == "chunk 4"


def test_a_manifest_that_comes_in_chunks_is_rewritten_as_one(site):
    site.answers(body=LINES)
    in_chunks = site.world.send(site.call("/cam1/master.m3u8"))
    site.answers(body=MASTER)
    assert in_chunks.body == site.world.send(site.call("/cam1/master.m3u8")).body
    assert in_chunks.body.count(site.token.encode()) == 4
    assert in_chunks.header("content-length") == str(len(in_chunks.body))


@on_each_path
@pytest.mark.parametrize("body", [MASTER, LINES, SEGMENT, CHUNKS, b""], ids=repr)
def test_a_background_task_does_not_delay_the_answer(site, path, body):
    site.answers(body=body, background=lambda: None)
    site.stream(path).finish()
    assert site.trace.before("client:end", "app:background", "app:cleanup")


@on_each_path
@pytest.mark.parametrize("body", [LINES, CHUNKS], ids=["manifest", "chunks"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_iterable_is_closed_once_whatever_the_method(site, path, body, method):
    site.answers(body=body)
    answer = site.world.send(site.call(path, method=method))
    assert answer.status == 200
    assert site.trace.steps.count("app:cleanup") == 1


@on_each_path
def test_who_leaves_before_the_first_chunk_runs_the_cleanup(site, path):
    site.answers(body=CHUNKS)
    with site.stream(path):
        pass
    assert site.trace.only("app")[-2:] == ["gone", "cleanup"]


@on_each_path
@pytest.mark.parametrize("begun", [True, False], ids=["begun", "never begun"])
def test_a_wsgi_body_closed_before_its_first_next_closes_the_app_s(path, begun):
    site = Site(WsgiWorld, lint=None)
    site.answers(body=CHUNKS)
    environ = to_environ(site.call(path))
    body = site.world.middleware(environ, lambda *_: None)
    if begun:
        iter(body)
    body.close()
    assert site.trace.steps == ["app:gone", "app:cleanup"]


@on_each_path
@pytest.mark.parametrize("empty", [(), [b""], [b"", b""], b""], ids=repr)
def test_an_empty_iterable_is_an_empty_answer(site, path, empty):
    site.answers(body=empty, headers=(("X-App", "here"),))
    answer = site.world.send(site.call(path))
    assert (answer.status, answer.body, answer.header("x-app")) == (200, b"", "here")


@on_each_path
@pytest.mark.parametrize("empty", [[], (), iter(()), {}], ids=["list", "tuple", "iterator", "dict"])
def test_a_wsgi_app_may_return_a_plain_empty_iterable(path, empty):
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-App", "here")])
        return empty

    with WsgiWorld(app, track=r"\.ts$", lint=None) as world:
        answer = world.get(f"{path}?tkn={token_of(entered(world))}")
        assert (answer.status, answer.body, answer.header("x-app")) == (200, b"", "here")


@on_each_path
def test_what_the_app_writes_by_the_write_callable_arrives(path):
    with (site := Site(WsgiWorld)).world:
        site.answers(body=CHUNKS, write=True)
        assert site.world.send(site.call(path)).body == b"onetwothree"


def test_a_manifest_that_is_written_by_the_write_callable_is_rewritten():
    with (site := Site(WsgiWorld)).world:
        site.answers(body=LINES, write=True)
        answer = site.world.send(site.call("/cam1/master.m3u8"))
        assert answer.body.count(site.token.encode()) == 4


@on_each_path
@pytest.mark.parametrize("after_leaving", ["quiet", "oserror"])
def test_who_leaves_early_stops_the_app_and_hears_nothing_of_it(
    make_world, world_kind, path, after_leaving
):
    only_asgi = {"after_leaving": after_leaving} if world_kind == "asgi" else {}
    site = Site(make_world, **only_asgi)
    site.answers(body=CHUNKS, background=lambda: None)
    with site.stream(path) as stream:
        assert stream.next() == b"one"
        stream.disconnect()
    assert site.trace.steps[-3:] == ["client:gone", "app:gone", "app:cleanup"]
    assert "app:background" not in site.trace
    assert "app:chunk 2" not in site.trace
