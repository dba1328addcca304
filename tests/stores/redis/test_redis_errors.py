"""What is said where a Redis server fails, and how the stores go on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis, exceptions
from redis.asyncio import Redis as AsyncRedis

from sessionware import ConfigurationError, Settings, StoreError, open_store
from sessionware.session import Cause
from sessionware.store import End, Finish, Meta, Sweep
from sessionware.store.redis import RedisStore
from sessionware.store.redis_async import AsyncRedisStore
from sessionware.store.redis_errors import CAUGHT, FAILURES, REST, Breaker, explained
from sessionware.testing.steps import START, begin, count, counts, key, touch
from support.redis_server import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.redis_server import Server

PASSWORD = "not-to-be-told"


@pytest.fixture(params=[False, True], ids=["threads", "loop"])
def asked(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give a function that makes a store and gives a function that asks it."""
    import asyncio

    made: list[Any] = []
    loop = asyncio.new_event_loop()

    def make(server: Any, **options: Any) -> Any:
        if not request.param:
            store = RedisStore(server, **options)
            made.append(store)
            return store.execute
        awaited = AsyncRedisStore(server, **options)
        made.append(awaited)
        return lambda command: loop.run_until_complete(awaited.execute(command))

    yield make
    for store in made:
        closing = store.close()
        if closing is not None:
            loop.run_until_complete(closing)
    loop.close()


def test_a_server_that_is_started_again_is_used_again(own_server: Server, asked: Any) -> None:
    ask = asked(own_server.url)
    ask(begin(1))
    own_server.stop()
    with pytest.raises(StoreError, match=r"redis\.sock could not be used: it can't be reached"):
        ask(touch(1, START))
    own_server.start()
    assert ask(touch(1, START)) is None
    assert ask(begin(1)).new is True


def test_a_server_that_forgets_its_scripts_is_told_them_again(server: Server, asked: Any) -> None:
    ask = asked(server.url)
    ask(begin(1))
    with server.client() as client:
        client.script_flush()
    assert ask(touch(1, START)).requests == 2


def test_a_server_that_hangs_is_not_waited_for_and_then_used_again(
    own_server: Server, asked: Any
) -> None:
    ask = asked(own_server.url)
    ask(begin(1))
    own_server.signal(signal.SIGSTOP)
    with pytest.raises(StoreError, match=r"did not answer in time; see whether it hangs"):
        ask(touch(1, START))
    own_server.signal(signal.SIGCONT)
    assert ask(begin(2)).new is True


@pytest.mark.parametrize("url", ["redis://{}@127.0.0.1:1", "redis+unix:///nowhere/redis.sock"])
def test_a_server_that_is_not_there_is_named_without_its_password(asked: Any, url: str) -> None:
    ask = asked(url.format(f":{PASSWORD}"))
    with pytest.raises(StoreError, match=r"at (127.0.0.1:1|/nowhere/redis.sock) could") as failed:
        ask(Meta())
    assert PASSWORD not in str(failed.value)


def test_a_server_that_fails_again_and_again_is_left_alone_for_a_while(asked: Any) -> None:
    ask = asked("redis://127.0.0.1:1")
    for _ in range(FAILURES):
        with pytest.raises(StoreError, match="can't be reached"):
            ask(Meta())
    with pytest.raises(StoreError, match="failed again and again; see that it runs"):
        ask(Meta())


def test_after_a_rest_one_tries_and_the_others_wait() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.may_try(10.0)
        breaker.failed(10.0)
    assert not breaker.may_try(10.0 + REST / 2)
    assert [breaker.may_try(10.0 + REST) for _ in range(3)] == [True, False, False]
    breaker.failed(10.0 + REST)
    assert not breaker.may_try(10.0 + REST)
    assert breaker.may_try(10.0 + 2 * REST)
    breaker.succeeded()
    assert breaker.may_try(10.0 + 2 * REST)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Server]:
    """A server that wants a password, and knows a user who may do little."""
    with running(
        "--requirepass", PASSWORD, *f"--user little on >{PASSWORD} ~* +@read".split()
    ) as server:
        yield server


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("", "it wants a password; put one into the URL"),
        (":wrong", "it refuses this user and password"),
        (f"nobody:{PASSWORD}", "it refuses this user and password"),
        (f"little:{PASSWORD}", "this user may not do that; allow it"),
    ],
)
def test_who_may_not_log_in_is_told_why(guarded: Server, asked: Any, login: str, said: str) -> None:
    ask = asked(f"redis+unix://{login}@{guarded.socket}" if login else guarded.url)
    with pytest.raises(StoreError, match=said) as failed:
        ask(begin(1))
    assert PASSWORD not in str(failed.value)
    assert "wrong" not in str(failed.value)


def test_who_logs_in_by_the_url_is_let_in(guarded: Server, asked: Any) -> None:
    for login in (f":{PASSWORD}", f"default:{PASSWORD}"):
        asked(f"redis+unix://{login}@{guarded.socket}")(Meta())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.OutOfMemoryError("command not allowed"), "its memory is full; raise maxmemory"),
        (exceptions.ReadOnlyError("You can't write"), "it is a replica; name the primary"),
        (exceptions.BusyLoadingError("Redis is loading"), "it still reads its data"),
        (exceptions.ResponseError("BUSY Redis is busy"), "another script holds it up"),
        (exceptions.ResponseError("MISCONF Errors writing"), "it can't save its data"),
        (exceptions.MasterDownError("Link is down"), "lost its primary"),
        (exceptions.ClusterDownError("The cluster is down"), "its cluster is down"),
        (exceptions.MovedError("1 127.0.0.1:1"), "use redis.cluster://"),
        (exceptions.ResponseError("unknown command 'EVALSHA'"), "it lacks a command"),
        (exceptions.ResponseError("something else"), "something else; see its log"),
        (exceptions.RedisClusterException("Redis Cluster cannot be connected"), "can't be reached"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
    ],
    ids=lambda given: type(given).__name__,
)
def test_each_failure_says_why_and_what_to_do(error: Exception, said: str) -> None:
    assert isinstance(error, CAUGHT)
    assert re.search(
        rf"the Redis store at h:1 could not be used: .*{said}", str(explained(error, "h:1"))
    )


def test_a_server_whose_memory_is_full_refuses_newcomers_and_keeps_the_living(
    own_server: Server, asked: Any
) -> None:
    ask = asked(own_server.url)
    ask(begin(1))
    ask(begin(3, deadline=START + 5))
    ask(touch(2, START, lease=5.0))
    with own_server.client() as client:
        client.config_set("maxmemory", 1)
    with pytest.raises(StoreError, match="its memory is full"):
        ask(begin(2))
    for requests in (2, 3):  # the first makes it count as started
        assert ask(touch(1, START)).requests == requests
    assert ask(Finish(key(1), START, 7, 7)) is True
    assert ask(Sweep(START + 6)) == 1
    assert ask(End(key(1), START, Cause.CLOSED)).requests == 3
    with own_server.client() as client:
        client.config_set("maxmemory", 0)
    assert ask(begin(2)).new is True
    assert ask(count(START)) == replace(
        counts(1), started=2, ended=2, requests=5, bytes_down=7, bytes_up=7
    )


# --- what a store can't be made of -----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("redis://h:port", "is no URL"),
        ("redis://h/x", "has 'x' where a number belongs"),
        ("redis://h/0?max_sessions=0", "has '0' where a number belongs"),
        ("redis://h/0?colour=red", "has an option 'colour' that is not known"),
        ("redis://h/0?prefix={x}", "has a prefix"),
        ("redis://h/0?ssl_ca_certs=/ca", "speaks of TLS"),
        ("redis://a,b", "names several hosts"),
        ("redis+unix://host/path", "needs a path and no host"),
        ("redis+unix:///", "needs a path and no host"),
        ("redis+sentinel://h", "names no service"),
        ("redis+cluster://h/1", "names a database"),
        ("redis+other://h", "names no store"),
    ],
)
def test_a_url_that_names_no_server_is_refused(url: str, said: str) -> None:
    for awaits in (False, True):
        with pytest.raises(ConfigurationError, match=said):
            open_store(url, awaits=awaits)


def test_settings_and_stores_are_shown_without_a_password() -> None:
    url = f"redis://u:{PASSWORD}@h/0"
    shown = [Settings(secret="0" * 32, store=url), RedisStore(url), AsyncRedisStore(url)]
    assert PASSWORD not in repr(shown)


def test_a_refusal_shows_no_password() -> None:
    for url in (
        f"redis://u:{PASSWORD}@h/x",
        f"redis://u:{PASSWORD}/x@h",
        f"redis://{PASSWORD}@h/x",
    ):
        with pytest.raises(ConfigurationError) as refused:
            open_store(url)
        assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("kind", [Redis, AsyncRedis])
def test_a_client_that_decodes_is_refused(kind: Any) -> None:
    store = RedisStore if kind is Redis else AsyncRedisStore
    with pytest.raises(ConfigurationError, match="decode_responses=False"):
        store(kind(decode_responses=True))


def test_the_apps_own_client_is_used_and_left_open(server: Server) -> None:
    with server.client() as client:
        store = RedisStore(client)
        store.execute(begin(1))
        store.close()
        assert client.ping()
        assert store.execute(touch(1, START)).requests == 2


WITHOUT = """
import sys
sys.modules["redis"] = None
import sessionware
from sessionware import ConfigurationError, StreamSessionMiddleware
for awaits in (False, True):
    try:
        sessionware.open_store("redis://localhost", awaits=awaits)
    except ConfigurationError as error:
        assert 'pip install "sessionware[redis]"' in str(error), error
    else:
        sys.exit("no error")
"""


def test_without_redis_py_all_else_works_and_the_extra_is_named() -> None:
    code = WITHOUT.replace(
        "from sessionware import ConfigurationError, StreamSessionMiddleware",
        "from sessionware import ConfigurationError",
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=dict(os.environ))
