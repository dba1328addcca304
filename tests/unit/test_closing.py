"""When a worker ends: all that there is to tell is told, once, and nothing is lost (SPEC 8)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from parity.cases_tokens import issued
from sessionware import Limit, MemoryStore, SessionEnded, SessionStarted
from sessionware import asgi as asgi_world
from sessionware import wsgi as wsgi_world
from sessionware.store import Count
from support.calls import Call, to_environ, to_scope
from support.clock import Clock
from support.origin import Origin
from support.parity import SECRET
from support.site import site

TESTS = Path(__file__).parents[1]
PATIENCE = 10.0
TOKENS = [issued(SECRET, 1201 + number) for number in range(5)]


def until(truth: Any) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.01)


def watch(world: Any, *tokens: str, peer: str = "") -> None:
    for number, token in enumerate(tokens):
        call = Call(f"/cam{number}/manifest.mpd?tkn={token}", peer=peer or f"192.0.2.{number + 1}")
        assert world.send(call).status == 200


def ends(events: Any) -> list[str]:
    return [str(event.cause) for event in events if isinstance(event, SessionEnded)]


@pytest.fixture
def events():
    return []


@pytest.fixture
def make(make_world, clock, events):
    def made(**options):
        usual = {"secret": SECRET, "clock": clock, "sweep_every": 60, "on_event": events.append}
        return make_world(Origin(site), **{**usual, **options})

    return made


# --- what is told at the end ---------------------------------------------------------------------


def test_who_was_evicted_is_told_of_at_the_end(make, events):
    world = make(max_sessions_per_ip=Limit(2, "evict"))
    watch(world, *TOKENS, peer="192.0.2.1")
    assert ends(events) == []
    world.close()
    assert ends(events) == ["evicted"] * 3


def test_who_expired_and_was_found_by_a_count_is_told_of_at_the_end(make, clock, events):
    store = MemoryStore()
    world = make(store=store)
    watch(world, *TOKENS)
    clock.advance(200)
    assert store.execute(Count(clock.now)).sessions == 0
    assert ends(events) == []
    world.close()
    assert ends(events) == ["expired"] * 5
    starts = [event.session for event in events if isinstance(event, SessionStarted)]
    assert len(set(starts)) == len(starts) == 5


def test_who_expired_and_was_found_by_nobody_is_told_of_at_the_end(make, clock, events):
    world = make()
    watch(world, *TOKENS)
    clock.advance(200)
    world.close()
    assert ends(events) == ["expired"] * 5


def test_a_worker_that_served_nobody_asks_its_store_nothing_at_the_end(make):
    class Silent(MemoryStore):
        def execute(self, command: Any) -> Any:
            raise AssertionError(command)

    world = make(store=Silent())
    world.get("/page")
    world.close()


# --- while a sweep is under way ------------------------------------------------------------------


def wsgi_app(environ: Any, start_response: Any) -> Any:
    return Origin(site).wsgi(environ, start_response)


def ask(middleware: Any, token: str, number: int) -> None:
    call = Call(f"/cam{number}/manifest.mpd?tkn={token}", peer=f"192.0.2.{number + 1}")
    body = middleware(to_environ(call), lambda *_: None)
    list(body)
    body.close()


def test_under_wsgi_the_sweep_that_is_under_way_tells_all_that_it_has_claimed():
    begun, goes_on, told, clock = threading.Event(), threading.Event(), [], Clock()

    def hear(event: Any) -> None:
        if isinstance(event, SessionEnded):
            begun.set()
            assert goes_on.wait(PATIENCE)
            told.append(event.session)

    options = {"secret": SECRET, "clock": clock, "on_event": hear, "sweep_every": 0.02}
    made = wsgi_world.StreamSessionMiddleware(wsgi_app, **options)
    for number, token in enumerate(TOKENS):
        ask(made, token, number)
    clock.advance(200)
    assert begun.wait(PATIENCE)
    closing = threading.Thread(target=made.close)
    closing.start()
    until(made._sweeper._stop.is_set)
    assert closing.is_alive()  # it waits for what is being told
    goes_on.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert len(set(told)) == len(told) == len(TOKENS)


async def send(_message: Any) -> None:
    pass


async def receive() -> Any:
    return {"type": "http.request", "body": b""}


async def ask_async(middleware: Any, token: str, number: int = 0) -> None:
    call = Call(f"/cam{number}/manifest.mpd?tkn={token}", peer=f"192.0.2.{number + 1}")
    await middleware(to_scope(call), receive, send)


def asgi_middleware(**options: Any) -> Any:
    return asgi_world.StreamSessionMiddleware(Origin(site).asgi, secret=SECRET, **options)


def test_under_asgi_the_sweep_that_is_under_way_tells_all_that_it_has_claimed():
    async def use() -> None:
        begun, goes_on, told, clock = asyncio.Event(), asyncio.Event(), [], Clock()

        async def hear(event: Any) -> None:
            if isinstance(event, SessionEnded):
                begun.set()
                await goes_on.wait()
                told.append(event.session)

        made = asgi_middleware(clock=clock, on_event=hear, sweep_every=0.02)
        for number, token in enumerate(TOKENS):
            await ask_async(made, token, number)
        clock.advance(200)
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
            closing = asyncio.create_task(made.aclose())
            for _ in range(10):
                await asyncio.sleep(0)
            assert not closing.done()
            goes_on.set()
            await closing
        assert len(set(told)) == len(told) == len(TOKENS)

    asyncio.run(use())


def test_a_loop_that_was_closed_with_its_task_is_no_obstacle(recwarn):
    told: list[Any] = []
    made = asgi_middleware(clock=Clock(), on_event=told.append, sweep_every=60)
    first = asyncio.new_event_loop()
    first.set_exception_handler(lambda *_: None)  # that a task was left behind is what is meant
    first.run_until_complete(ask_async(made, TOKENS[0]))
    first.close()
    second = asyncio.new_event_loop()
    second.run_until_complete(ask_async(made, TOKENS[1], 1))
    second.run_until_complete(made.aclose())
    second.close()
    assert [type(event) for event in told if isinstance(event, SessionEnded)] == []


def test_a_task_of_a_loop_that_another_thread_runs_is_ended_there():
    made = asgi_middleware(clock=Clock(), sweep_every=60)
    other = asyncio.new_event_loop()
    thread = threading.Thread(target=other.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(ask_async(made, TOKENS[0]), other).result(PATIENCE)
    (task,) = made._sweeper._tasks
    asyncio.run(made.aclose())
    until(task.done)
    assert task.cancelled()
    other.call_soon_threadsafe(other.stop)
    thread.join(PATIENCE)
    other.close()


# --- requests and processes that end early -------------------------------------------------------


def test_an_event_that_a_cancelled_request_was_telling_is_told_all_the_same():
    async def use() -> None:
        begun, goes_on, heard, told = asyncio.Event(), asyncio.Event(), asyncio.Event(), []

        async def hear(event: Any) -> None:
            if isinstance(event, SessionStarted):
                begun.set()
                await goes_on.wait()
                told.append(event)
                heard.set()

        made = asgi_middleware(clock=Clock(), on_event=hear, sweep_every=60)
        async with asyncio.timeout(PATIENCE):
            await ask_async(made, TOKENS[0])
            request = asyncio.create_task(ask_async(made, TOKENS[0]))  # the second one announces
            await begun.wait()
            request.cancel()
            with suppress(asyncio.CancelledError):
                await request
            assert request.cancelled()
            goes_on.set()
            await heard.wait()
            await made.aclose()
        assert len(told) == 1

    asyncio.run(use())


def test_what_a_cancelled_request_had_claimed_to_tell_is_told_all_the_same():
    async def use() -> None:
        begun, goes_on, all_told = asyncio.Event(), asyncio.Event(), asyncio.Event()
        told, clock = [], Clock()

        async def hear(event: Any) -> None:
            if isinstance(event, SessionEnded):
                begun.set()
                await goes_on.wait()
                told.append(event.session)
                if len(told) == len(TOKENS) - 1:
                    all_told.set()

        made = asgi_middleware(clock=clock, on_event=hear, sweep_every=0)  # with the traffic
        for number, token in enumerate(TOKENS[1:], 1):
            await ask_async(made, token, number)
        clock.advance(200)
        async with asyncio.timeout(PATIENCE):
            request = asyncio.create_task(ask_async(made, TOKENS[0]))
            await begun.wait()
            request.cancel()
            with suppress(asyncio.CancelledError):
                await request
            goes_on.set()
            await all_told.wait()
            await made.aclose()
        assert len(set(told)) == len(told) == len(TOKENS) - 1

    asyncio.run(use())


ENDS_WITHOUT_CLOSING = """
import sys, threading, time
from sessionware import SessionEnded
from sessionware.wsgi import StreamSessionMiddleware
from support.calls import Call, to_environ
from support.clock import Clock
from support.origin import Origin
from support.site import site

claimed = threading.Event()

def hear(event):
    if isinstance(event, SessionEnded):
        claimed.set()
        time.sleep(0.05)
        print(event.session, flush=True)

clock = Clock()
made = StreamSessionMiddleware(
    Origin(site).wsgi, secret=sys.argv[1], clock=clock, on_event=hear, sweep_every=0.02
)
for number, token in enumerate(sys.argv[2:]):
    call = Call(f"/cam{number}/manifest.mpd?tkn={token}", peer=f"192.0.2.{number + 1}")
    body = made(to_environ(call), lambda *_: None)
    list(body)
    body.close()
clock.advance(200)
assert claimed.wait(10)
"""


def test_a_process_that_ends_without_closing_has_told_what_it_had_claimed():
    folders = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(
        [sys.executable, "-c", ENDS_WITHOUT_CLOSING, SECRET, *TOKENS],
        env={**os.environ, "PYTHONPATH": folders},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    told = ended.stdout.split()
    assert len(set(told)) == len(told) == len(TOKENS)
