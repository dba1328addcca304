"""Traps of errors (PITFALLS, Python and servers: 13): the app's come out, the store's stay in."""

from __future__ import annotations

import sys

import pytest

from sessionware import MemoryStore
from support.calls import Call
from support.origin import Origin, Reply
from support.site import MASTER, MEDIA, MPD
from support.story import KnownStore
from support.trace import Trace
from support.viewer import entered, token_of
from support.worlds import AsgiWorld, WsgiWorld

PATHS = ["/poster.jpg", "/cam1/7.ts", "/cam1/master.m3u8", "/cam1/manifest.mpd"]
LINES = MASTER.splitlines(keepends=True)


class Broken(Exception):  # noqa: N818 - the app's own
    """What the app raises."""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("after", [None, 0, 1, 99], ids=["before", "at once", "amid", "at the end"])
@pytest.mark.parametrize(
    "body", [LINES, [b"one", b"two"], MASTER], ids=["manifest", "chunks", "whole"]
)
def test_an_error_of_the_app_is_never_swallowed(make_world, path, after, body):
    trace = Trace()
    replies = [Reply(body=MASTER)]
    world = make_world(Origin(lambda _: replies[-1]), track=r"\.ts$")
    token = token_of(entered(world))
    replies.append(Reply(body=body, error=Broken(), error_after=after, trace=trace))
    with pytest.raises(Broken):
        world.get(f"{path}?tkn={token}")
    assert trace.only("app")[-1:] == ([] if after is None else ["cleanup"])


@pytest.mark.parametrize("write", [("query", "cookie"), ("cookie",)])
@pytest.mark.parametrize("after", [None, 1], ids=["before", "amid"])
def test_a_session_whose_only_request_broke_was_never_there(make_world, after, write):
    replies = [Reply(body=MPD)]
    store = MemoryStore()
    world = make_world(Origin(lambda _: replies[-1]), write=write, store=store)
    call = Call("/cam1/manifest.mpd")
    if "query" in write:
        call = entered(world, call.target)
    replies.append(Reply(body=[b"<MPD>", b"</MPD>"], error=Broken(), error_after=after))
    with pytest.raises(Broken):
        world.send(call)
    assert (len(store), world.sessions.count().started) == (0, 0)


def test_an_error_after_the_answer_comes_out_and_the_session_stays():
    def fail() -> None:
        raise Broken

    with AsgiWorld(Origin(lambda _: Reply(body=MPD, background=fail))) as world:
        call = entered(world, "/cam1/manifest.mpd")
        with pytest.raises(Broken):
            world.send(call)
        assert world.sessions.count().sessions == 1


def failing_late(environ, start_response):
    """An app that notices its error after start_response, as WSGI allows."""
    start_response("200 OK", [("Content-Type", "application/dash+xml")])
    try:
        raise Broken  # noqa: TRY301 - exc_info has to come from somewhere
    except Broken:
        start_response("500 Broken Indeed", [("Content-Type", "text/plain")], sys.exc_info())
    return [b"sorry"]


@pytest.mark.parametrize("path", PATHS)
def test_an_app_may_replace_its_head_by_exc_info_before_the_first_byte(path):
    with WsgiWorld(failing_late, track=r"\.ts$") as world:
        token = token_of(entered(world))
        answer = world.get(f"{path}?tkn={token}")
        assert (answer.status, answer.reason, answer.body) == (500, "Broken Indeed", b"sorry")
        assert answer.header("content-type") == "text/plain"
        assert world.sessions.count().sessions == 0


@pytest.mark.parametrize("path", PATHS)
def test_exc_info_after_the_first_byte_raises_the_app_s_error(path):
    def app(environ, start_response):
        write = start_response("200 OK", [("Content-Type", "text/plain")])
        write(b"not a manifest")
        try:
            raise Broken  # noqa: TRY301 - as above
        except Broken:
            start_response("500 Broken", [("Content-Type", "text/plain")], sys.exc_info())
        return []

    with WsgiWorld(app, track=r"\.ts$", lint=None) as world:
        token = token_of(entered(world))
        with pytest.raises(Broken):
            world.get(f"{path}?tkn={token}")


# What is asked of the store while the answer is on its way, and the answer that makes it ask.
WHILE_SENDING = {
    "Learn": ("/cam1/720p.m3u8", Reply(body=MEDIA)),
    "Merge": ("/cam1/manifest.mpd", Reply(body=MPD)),
    "Withdraw": ("/cam1/manifest.mpd", Reply(404, body=b"gone", content_type="text/plain")),
}


class Awaited:
    """The same store for those who await it."""

    shared = False

    def __init__(self, store):
        self._store = store

    async def execute(self, command):
        return self._store.execute(command)

    async def close(self):
        self._store.close()


WORLDS_AND_STORES = [(AsgiWorld, KnownStore), (WsgiWorld, KnownStore), (AsgiWorld, Awaited)]


@pytest.mark.parametrize("command", WHILE_SENDING)
@pytest.mark.parametrize(("world_of", "wrap"), WORLDS_AND_STORES)
def test_a_store_error_inside_send_harms_no_answer(command, world_of, wrap):
    def handler(seen):
        seen.session.data["x"] = 1
        return reply

    path, reply = WHILE_SENDING[command]
    events = []
    store = KnownStore(lambda asked: type(asked).__name__ == command)
    options = {"store": Awaited(store) if wrap is Awaited else store, "on_event": events.append}
    with world_of(Origin(handler), **options) as world:
        answer = world.send(entered(world, path))
    assert command in store.asked
    assert answer.status == reply.status
    assert answer.body.startswith(reply.body[:7])
    assert [event.reason for event in events] == [f"no {command} today"]


def test_data_that_is_no_json_is_the_app_s_error_and_is_raised(make_world):
    def handler(seen):
        seen.session.data["x"] = object()
        return Reply(body=MPD)

    world = make_world(Origin(handler))
    call = entered(world, "/cam1/manifest.mpd")
    with pytest.raises(TypeError, match="not JSON"):
        world.send(call)
