"""The streaming clients, with plain apps: both worlds tell the same story."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from support.calls import Call
from support.origin import Origin, Reply
from support.trace import Trace
from support.worlds import AsgiWorld, bare

CHUNKS = [b"one", b"two", b"three"]


def streamed(trace: Trace, **kw: Any) -> Origin:
    return Origin(lambda seen: Reply(body=CHUNKS, trace=trace, **kw))


def test_the_errors_of_the_app_come_out(make_world):
    for after in (None, 0, 1, 9):
        trace = Trace()
        world = make_world(streamed(trace, error=KeyError("x"), error_after=after), wrap=bare)
        with pytest.raises(KeyError):
            world.get("/")
        assert trace.only("app")[-1:] == ([] if after is None else ["cleanup"])


def test_the_app_is_never_ahead_of_the_client(make_world):
    trace = Trace()
    world = make_world(streamed(trace, background=lambda: None), wrap=bare)
    with world.stream(Call("/"), trace) as stream:
        assert trace.steps == ["client:start"]
        for number, chunk in enumerate(CHUNKS):
            assert stream.next() == chunk
            assert trace.steps[-2:] == [f"app:chunk {number}", f"client:chunk {number}"]
        assert stream.next() is None
        assert trace.steps[-1] == "client:end"
        assert stream.finish().body == b"onetwothree"
    assert trace.before("client:end", "app:background", "app:cleanup")
    assert stream.next() is None


def test_an_early_leaver_stops_the_app_and_its_cleanup_runs(make_world):
    trace = Trace()
    world = make_world(streamed(trace, background=lambda: None), wrap=bare)
    with world.stream(Call("/"), trace) as stream:
        assert stream.next() == b"one"
        stream.disconnect()
    assert trace.steps[-3:] == ["client:gone", "app:gone", "app:cleanup"]
    assert "app:chunk 1" not in trace
    assert "app:background" not in trace


def test_leaving_before_the_first_chunk_runs_the_cleanup_too(make_world):
    trace = Trace()
    with make_world(streamed(trace), wrap=bare).stream(Call("/"), trace):
        pass
    assert trace.steps == ["client:start", "client:gone", "app:gone", "app:cleanup"]


def test_an_app_told_by_oserror_stops_too():
    trace = Trace()
    with (
        AsgiWorld(streamed(trace), wrap=bare, after_leaving="oserror") as world,
        world.stream(Call("/"), trace) as stream,
    ):
        stream.next()
    assert trace.steps[-3:] == ["client:gone", "app:gone", "app:cleanup"]


def test_an_app_that_does_not_watch_runs_to_its_end_unheard():
    trace = Trace()
    with (
        AsgiWorld(streamed(trace, watch=False), wrap=bare) as world,
        world.stream(Call("/"), trace) as stream,
    ):
        stream.next()
    assert trace.before("client:gone", "app:chunk 2", "app:cleanup")
    assert "client:chunk 1" not in trace


def test_a_middleware_that_buffers_is_seen_in_the_trace():
    def asgi(app):
        async def middleware(scope, receive, send):
            held = []

            async def hold(message):
                held.append(message)

            await app(scope, receive, hold)
            for message in held:
                await send(message)

        return middleware

    trace = Trace()
    with (
        AsgiWorld(streamed(trace, background=lambda: None), wrap=asgi) as world,
        world.stream(Call("/"), trace) as stream,
    ):
        stream.finish()
    assert trace.before("app:chunk 2", "app:background", "app:cleanup", "client:start")


def test_a_body_that_never_comes_fails_in_time():
    async def app(scope, receive, send):
        await asyncio.Event().wait()

    with (
        AsgiWorld(app, wrap=bare, patience=0.05) as world,
        pytest.raises(AssertionError, match="made nothing"),
    ):
        world.get("/")


def test_write_sends_at_once(world_kind, make_world):
    trace = Trace()
    answer_of = make_world(streamed(trace, write=True), wrap=bare).stream(Call("/"), trace)
    with answer_of as stream:
        assert stream.finish().body == b"onetwothree"
    assert trace.before("app:chunk 0", "client:chunk 0", "app:chunk 1", "client:chunk 1")


@pytest.mark.parametrize("pathsend", [False, True])
def test_a_file_goes_out_as_the_server_offers(make_world, world_kind, tmp_path, pathsend):
    path = tmp_path / "a.ts"
    path.write_bytes(b"x" * 20_000)
    options = {"pathsend": pathsend} if world_kind == "asgi" else {}
    world = make_world(Origin(lambda seen: Reply(file=path)), wrap=bare, **options)
    answer = world.get("/a.ts")
    assert (len(answer.body), answer.header("content-length")) == (20_000, "20000")
    assert world.get("/a.ts", method="HEAD").body == b""


def test_calls_can_be_sent_at_the_same_time(make_world):
    origin = Origin(lambda seen: Reply(body=[seen.query.encode()]))
    answers = make_world(origin, wrap=bare).send_all([Call(f"/?{n}") for n in range(20)])
    assert [answer.body for answer in answers] == [b"%d" % n for n in range(20)]
