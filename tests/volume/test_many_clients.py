"""Many clients: an entry costs nothing that stays, and who only looks is nobody (SPEC 3, 6)."""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import MemoryStore, asgi, wsgi
from support.calls import Call, to_environ, to_scope
from support.origin import Origin
from support.parity import SECRET
from support.site import site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WARM_UP, TRACED = 2_000, 5_000
MEGABYTE = 1024 * 1024


def clients(count: int) -> Iterator[dict[str, str]]:
    """What differs between the entries of many clients, as a WSGI server says it.

    Every other one carries what is no token.
    """
    for number in range(count):
        junk = f"&tkn=AbH3iPwVETQT8syukGBNNLQBi8_laAAXVI{number:08}" if number % 2 else ""
        yield {
            "PATH_INFO": f"/live/{number % 5000}/index.m3u8",
            "QUERY_STRING": f"n={number}{junk}",
            "HTTP_USER_AGENT": f"Player/{number}",
            "REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        }


def enter_asgi(middleware: Any, said: Iterable[dict[str, str]]) -> None:
    scope = to_scope(Call("/", raw=False))

    async def receive() -> dict[str, Any]:
        raise AssertionError("an entry's body is not read")

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 307) == 307

    async def enter() -> None:
        for one in said:
            client = {
                "path": one["PATH_INFO"],
                "query_string": one["QUERY_STRING"].encode(),
                "headers": [(b"user-agent", one["HTTP_USER_AGENT"].encode())],
                "client": (one["REMOTE_ADDR"], 1),
            }
            await middleware(scope | client, receive, send)

    asyncio.run(enter())


def enter_wsgi(middleware: Any, said: Iterable[dict[str, str]]) -> None:
    environ = to_environ(Call("/", raw=False))

    def start_response(status: str, headers: Any) -> None:
        assert status[:3] == "307"

    for one in said:
        assert not list(middleware(environ | one, start_response))


@pytest.mark.parametrize(
    ("world", "enter", "entries"),
    [(asgi, enter_asgi, 10_000), (wsgi, enter_wsgi, 100_000)],
    ids=["asgi", "wsgi"],
)
def test_entries_write_nothing_to_the_store_and_cost_no_memory(world, enter, entries):
    store = MemoryStore()
    middleware = world.StreamSessionMiddleware(site, secret=SECRET, store=store)
    said = clients(WARM_UP + TRACED + entries)
    tracemalloc.start()
    try:
        enter(middleware, islice(said, WARM_UP))
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        enter(middleware, islice(said, TRACED))
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()  # it makes each entry four times as long: the rest goes by blocks
    assert grown < MEGABYTE * TRACED / 100_000
    blocks = sys.getallocatedblocks()
    enter(middleware, said)
    gc.collect()
    assert sys.getallocatedblocks() - blocks < 1_000
    assert len(store) == 0


def test_a_thousand_multivariants_alone_are_nobody_and_are_gone_after_120_s(make_world, clock):
    store = MemoryStore()
    world = make_world(Origin(site), secret=SECRET, store=store, clock=clock)
    for number in range(1000):
        call = Call("/film/master.m3u8", headers=(("user-agent", f"curl/{number}"),))
        assert world.follow(call, world.send(call)).status == 200
    assert len(store) == 1000
    counts = world.sessions.count()
    assert (counts.watching, counts.sessions, counts.started) == (0, 0, 0)
    assert world.sessions.list().items == ()
    clock.advance(119.0)
    world.sessions.sweep()
    assert len(store) == 1000
    clock.advance(1.0)
    assert world.sessions.sweep() == 1000
    assert len(store) == 0
    assert world.sessions.count().ended == 0
