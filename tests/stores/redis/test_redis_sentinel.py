"""A primary with a replica and three sentinels: after a failover the stores go on by themselves."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis

from sessionware import StoreError
from sessionware.store import Living
from sessionware.store.redis import RedisStore
from sessionware.store.redis_async import AsyncRedisStore
from sessionware.testing.contract import CASES, run
from sessionware.testing.steps import START, begin, get, touch
from support.redis_servers import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessionware.testing.steps import Case

PATIENCE = 60.0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with servers("sentinel") as (port, _):
        yield port


def url_of(port: int) -> str:
    sentinels = ",".join(f"127.0.0.1:{port + number}" for number in (2, 3, 4))
    return f"redis+sentinel://{sentinels}/main/0"


@pytest.fixture
def url(port: int) -> str:
    with Redis(port=port) as primary:
        primary.flushall()
    return url_of(port)


def goes_on(ask: Callable[[Any], Any]) -> Any:
    """Ask until somebody answers, as workers do."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return ask(touch(1, START))
        except StoreError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.mark.parametrize("case", CASES[::20], ids=lambda case: case.__name__)
def test_a_store_by_sentinels_keeps_the_contract(url: str, case: Case) -> None:
    run(case, RedisStore(url, timeout=10))


@pytest.fixture
def own_port() -> Iterator[int]:
    with servers("sentinel") as (port, _):
        yield port


def test_after_a_failover_the_sessions_are_there_and_go_on(own_port: int) -> None:
    url = url_of(own_port)
    store, loop = RedisStore(url, timeout=2), asyncio.new_event_loop()
    awaited = AsyncRedisStore(url, timeout=2)
    assert store.execute(begin(1)).new
    assert loop.run_until_complete(awaited.execute(touch(1, START))).requests == 2
    with Redis(port=own_port) as primary:
        assert primary.wait(1, 10000) == 1
        primary.shutdown(nosave=True)
    assert isinstance(goes_on(store.execute), Living)
    assert isinstance(
        goes_on(lambda command: loop.run_until_complete(awaited.execute(command))), Living
    )
    assert store.execute(get(1)).requests == 4
    store.close()
    loop.run_until_complete(awaited.close())
    loop.close()
