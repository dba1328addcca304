"""The sweeper: one for each process, quiet about failures, gone with its owner."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from typing import Any

import pytest

from sessionware import MemoryStore, SessionEnded, StoreError, StoreFailed, StoreRecovered
from sessionware import asgi as asgi_world
from sessionware import wsgi as wsgi_world
from sessionware.store import Claim, Meta
from sessionware.sweeper import TrafficSweeper
from support.calls import Call, to_environ
from support.clock import Clock
from support.origin import Origin
from support.site import site
from support.viewer import entered
from support.worlds import AsgiWorld, WsgiWorld

SECRET = "s" * 32
PATIENCE = 10.0


class Failing(MemoryStore):
    """A memory store whose claims fail for as long as it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.fails: type[BaseException] | None = None
        self.claims = 0

    def execute(self, command: Any) -> Any:
        if isinstance(command, Claim):
            self.claims += 1
            if self.fails is not None:
                raise self.fails("not now")
        return super().execute(command)


def until(truth: Any) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.01)


def sweepers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "sessionware sweeper"]


def wsgi_app(environ: Any, start_response: Any) -> Any:
    return Origin(site).wsgi(environ, start_response)


@pytest.fixture
def middleware():
    made = wsgi_world.StreamSessionMiddleware(wsgi_app, secret=SECRET, sweep_every=0.02)
    yield made
    made.close()


def ask(middleware: Any, target: str = "/cam1.m3u8") -> None:
    body = middleware(to_environ(Call(target)), lambda *_: None)
    list(body)
    getattr(body, "close", lambda: None)()


def test_under_wsgi_it_starts_with_the_first_request_and_ends_when_it_is_closed(middleware):
    others = set(sweepers())  # of other tests; they may end meanwhile
    ask(middleware, "/page")
    assert set(sweepers()) <= others
    ask(middleware)
    ask(middleware)
    (mine,) = set(sweepers()) - others
    assert mine.daemon
    middleware.close()
    until(lambda: not mine.is_alive())


def test_under_wsgi_it_ends_with_a_middleware_that_nobody_has_any_more():
    made = wsgi_world.StreamSessionMiddleware(wsgi_app, secret=SECRET, sweep_every=0.02)
    others = set(sweepers())
    ask(made)
    (mine,) = set(sweepers()) - others
    gone = weakref.ref(made.rules)
    del made
    gc.collect()
    until(lambda: gone() is None)
    until(lambda: not mine.is_alive())


def test_each_process_after_a_fork_has_its_own(middleware):
    ask(middleware)
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:  # in the child only this thread has come along
        there = [len(sweepers())]
        ask(middleware)
        there.append(len(sweepers()))
        os.write(writing, repr(there).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 100) == b"[0, 1]"
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize("lifespan", [True, False])
def test_under_asgi_it_is_a_task_of_the_loop_and_ends_with_it(lifespan):
    events: list[Any] = []
    clock = Clock()
    with AsgiWorld(
        Origin(site),
        secret=SECRET,
        clock=clock,
        sweep_every=0.02,
        on_event=events.append,
        lifespan=lifespan,
    ) as world:
        call = entered(world, "/cam1/manifest.mpd")
        assert world.send(call).status == 200
        clock.advance(200)
        end = time.monotonic() + PATIENCE
        while not any(isinstance(event, SessionEnded) for event in events):
            assert time.monotonic() < end
            world.run(asyncio.sleep(0.01))
        tasks = [one for one in world.run(all_tasks()) if one.get_name() == "sessionware sweeper"]
        assert len(tasks) == 1
        world.run(world.middleware.aclose())
        assert tasks[0].cancelled()


async def all_tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks()


def test_a_second_loop_gets_a_task_of_its_own():
    events: list[Any] = []
    clock = Clock()
    made = asgi_world.StreamSessionMiddleware(
        Origin(site).asgi, secret=SECRET, clock=clock, sweep_every=0.02, on_event=events.append
    )

    async def use() -> int:
        async def send(_message: Any) -> None:
            pass

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": "/cam1.m3u8",
            "query_string": b"",
            "headers": [],
            "scheme": "http",
        }
        await made(scope, receive, send)
        await made(scope, receive, send)
        mine = [one for one in asyncio.all_tasks() if one.get_name() == "sessionware sweeper"]
        return len(mine)

    assert [asyncio.run(use()), asyncio.run(use())] == [1, 1]


@pytest.mark.parametrize("world_of", [AsgiWorld, WsgiWorld])
def test_a_sweep_that_fails_is_told_and_the_next_one_goes_on(world_of):
    events: list[Any] = []
    store, clock = Failing(), Clock()
    options = {"store": store, "clock": clock, "sweep_every": 0.02, "on_event": events.append}
    with world_of(Origin(site), secret=SECRET, **options) as world:
        call = entered(world, "/cam1/manifest.mpd")
        assert world.send(call).status == 200
        store.fails = StoreError
        waits(world, lambda: any(isinstance(event, StoreFailed) for event in events))
        store.fails = RuntimeError  # a fault, and no failure: logged, and no end of sweeping
        claims = store.claims
        waits(world, lambda: store.claims > claims + 1)
        store.fails = None
        waits(world, lambda: any(isinstance(event, StoreRecovered) for event in events))
        clock.advance(200)
        waits(world, lambda: any(isinstance(event, SessionEnded) for event in events))


@pytest.mark.parametrize("world_of", [AsgiWorld, WsgiWorld])
def test_denials_that_have_passed_are_dropped_by_the_store_and_by_the_worker(world_of):
    store, clock = MemoryStore(), Clock()
    options = {"store": store, "clock": clock, "sweep_every": 0}  # with the traffic
    with world_of(Origin(site), secret=SECRET, **options) as world:
        orders = world.middleware.rules.orders
        world.sessions.deny(ip="198.51.100.1", duration=60)
        for passed, kept in ((0, 1), (59, 1), (2, 0)):
            clock.advance(passed)
            assert world.get("/cam1.m3u8").status == 307
            assert (len(store.execute(Meta()).denials), len(orders.denials)) == (kept, kept)


def waits(world: Any, truth: Any) -> None:
    """Wait until something is so, and let the world's loop run meanwhile."""
    if isinstance(world, AsgiWorld):
        end = time.monotonic() + PATIENCE
        while not truth():
            assert time.monotonic() < end, "it has not come true"
            world.run(asyncio.sleep(0.01))
    else:
        until(truth)


def test_with_the_traffic_it_sweeps_once_a_second_also_when_a_clock_was_set_back():
    due = TrafficSweeper().is_due
    assert [due(at) for at in (1000.0, 1000.0, 1000.9, 1001.0)] == [True, False, False, True]
    assert [due(at) for at in (400.0, 400.9, 401.0)] == [True, False, True]  # set back by 10 min
