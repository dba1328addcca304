"""The Redis stores under many processes, threads and forks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from redis.asyncio import Redis as AsyncRedis

from sessionware import Counts
from sessionware.store import Meta, Touch
from sessionware.store.redis_async import AsyncRedisStore
from sessionware.testing.steps import START, begin, count, get, mark, touch
from sessionware.testing.steps import key as key_of

if TYPE_CHECKING:
    from sessionware.store.redis import RedisStore
    from support.redis_server import Server

TESTS = Path(__file__).parents[2]

MANY = """
import sys, threading
from sessionware.store import Meta
from sessionware.store.redis import RedisStore
from sessionware.testing.steps import begin

store = RedisStore(sys.argv[1], timeout=30)
new = []
ask = lambda: new.append(store.execute(begin(1)).new)
threads = [threading.Thread(target=ask) for _ in range(25)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(new), sum(new), store.execute(Meta()).idkey.hex())
store.close()
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    folders = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": folders},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_hundred_threads_of_four_processes_begin_one_session(
    server: Server, store: RedisStore
) -> None:
    workers = [python(MANY, server.url) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [begun for begun, _, _ in answers] == ["25"] * 4
    assert sum(int(new) for _, new, _ in answers) == 1
    assert {idkey for _, _, idkey in answers} == {store.execute(Meta()).idkey.hex()}
    assert store.execute(get(1)).requests == 100
    assert store.execute(count()) == Counts(1, 1 - 1, 1, 1, 0, 0.0, 100)


FORK = """
import os, sys
from sessionware.store.redis import RedisStore
from sessionware.testing.steps import START, begin, touch

store = RedisStore(sys.argv[1], timeout=10)
store.execute(begin(1))
children = []
for _ in range(4):
    child = os.fork()
    if not child:
        for _ in range(50):
            store.execute(touch(1, START))
        store.close()
        os._exit(0)
    children.append(child)
for _ in range(50):
    store.execute(touch(1, START))
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
print(store.execute(touch(1, START)).requests)
store.close()
"""


def test_a_store_goes_on_in_the_children_of_a_fork(server: Server) -> None:
    forked = python(FORK, server.url)
    assert forked.communicate(timeout=60)[0] == f"{1 + 5 * 50 + 1}\n"
    assert forked.returncode == 0


def test_threads_that_close_a_store_harm_nobody(store: RedisStore) -> None:
    store.execute(begin(1))
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(100):
                store.execute(touch(1, START))
        except BaseException as error:  # noqa: BLE001 - to be looked at
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    store.execute(Meta())
    for thread in threads:
        thread.join()
    assert not failed
    assert store.execute(get(1)).requests == 401


# --- event loops -----------------------------------------------------------------------------


class Counting(AsyncRedis):
    """A client that tells how often something was sent."""

    pipelines = 0

    def pipeline(self, *args: object, **options: object) -> object:  # type: ignore[override]
        self.pipelines += 1
        return super().pipeline(*args, **options)  # type: ignore[arg-type]


def test_what_is_asked_in_one_turn_of_a_loop_goes_in_one_pipeline(server: Server) -> None:
    async def ask() -> None:
        client = Counting(unix_socket_path=server.socket)
        store = AsyncRedisStore(client, timeout=10)
        await store.execute(Meta())
        begun = await asyncio.gather(*(store.execute(begin(n)) for n in range(50)))
        assert all(living.new for living in begun)
        await store.execute(touch(99, START))
        before = client.pipelines
        touches = (Touch(key_of(n), mark(n), START) for n in range(50))
        touched = await asyncio.gather(*map(store.execute, touches))
        assert [living.requests for living in touched] == [2] * 50  # type: ignore[union-attr]
        assert client.pipelines == before + 1
        await store.close()
        assert await client.ping()
        await client.aclose()

    asyncio.run(ask())


def test_who_gives_up_waiting_harms_nobody(server: Server) -> None:
    async def ask() -> None:
        store = AsyncRedisStore(server.url, timeout=10)
        await store.execute(begin(1))
        waiting = [asyncio.ensure_future(store.execute(touch(1, START))) for _ in range(9)]
        await asyncio.sleep(0)
        for one in waiting[::2]:
            one.cancel()
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [isinstance(answer, asyncio.CancelledError) for answer in answers[::2]] == [True] * 5
        assert all(answer.key == key_of(1) for answer in answers[1::2])  # type: ignore[union-attr]
        assert (await store.execute(get(1))).requests >= 5
        await store.close()

    asyncio.run(ask())


def test_a_store_may_be_used_by_one_loop_after_another(server: Server) -> None:
    store = AsyncRedisStore(server.url, timeout=10)

    async def ask() -> object:
        living = await store.execute(begin(1))
        await store.close()
        return living.requests  # type: ignore[union-attr]

    assert [asyncio.run(ask()) for _ in range(3)] == [1, 2, 3]
