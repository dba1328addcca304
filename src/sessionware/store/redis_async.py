"""The store of many machines for an event loop: Redis or Valkey, awaited."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.store.redis_missing import needs_redis

with needs_redis():
    from redis.asyncio import Redis, RedisCluster, Sentinel
    from redis.asyncio.retry import Retry
    from redis.exceptions import NoScriptError

from sessionware.store.redis_errors import CAUGHT, first_failure
from sessionware.store.redis_shell import Shell
from sessionware.store.redis_time import time_now
from sessionware.store.redis_wire import (
    TIMEOUT,
    connection_options,
    sentinel_options,
    watchers_of,
)

if TYPE_CHECKING:
    from sessionware.store.commands import Command
    from sessionware.store.redis_calls import Call
    from sessionware.store.redis_wire import Address

    Waiting = tuple[list[Call], asyncio.Future[list[Any]]]

A = TypeVar("A")

LANES = 4
"""So many pipelines are under way at once; commands that come meanwhile go in the next."""


class AsyncRedisStore:
    """Keeps sessions in Redis or Valkey; for one event loop at a time.

    What is asked in one turn of the loop goes to the server in one pipeline. The arguments are
    those of :class:`sessionware.store.redis.RedisStore`; the client is one of ``redis.asyncio``.
    """

    shared = True

    def __init__(
        self,
        server: str | Any,
        *,
        prefix: str | None = None,
        max_sessions: int | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._shell = Shell(server, prefix, max_sessions, RedisCluster)
        self.max_sessions: int = self._shell.max_sessions
        self._timeout = timeout
        self._here: _Loop | None = None

    async def execute(self, command: Command[A]) -> A:
        """Answer a command; TypeError for one that this store doesn't know."""
        shell = self._shell
        shell.check()
        here = self._connected()
        try:
            if shell.offset.is_due(time.monotonic()):
                here.learning = here.loop.create_task(self._learn_the_time(here.client))
            if here.learning is not None:
                await asyncio.shield(here.learning)
                here.learning = None
            plan, replies = shell.plan(command), cast("Any", None)
            while True:
                try:
                    calls = plan.send(replies)
                except StopIteration as done:
                    shell.succeeded()
                    return cast("A", done.value)
                replies = await here.send(calls)
        except CAUGHT as error:
            here.learning = None
            raise shell.failed(error) from error

    async def close(self) -> None:
        """Close the connections; the sessions stay on the server."""
        here, self._here = self._here, None
        if here is not None and here.is_here() and self._shell.given is None:
            for one in (here.client, *watchers_of(here.client)):
                await one.aclose()

    async def _learn_the_time(self, client: Any) -> None:
        before = time_now()
        said = await client.time()
        self._shell.offset.learn(before, said, time_now())

    def _connected(self) -> _Loop:
        if self._here is None or not self._here.is_here():
            address = self._shell.address
            client = _connect(address, self._timeout) if address else self._shell.given
            self._here = _Loop(client, self._shell)
        return self._here


class _Loop:
    """What belongs to one event loop: the client, and who waits for a pipeline."""

    def __init__(self, client: Any, shell: Shell) -> None:
        self.client = client
        self.loop = asyncio.get_running_loop()
        self.learning: asyncio.Task[None] | None = None
        self._pid = os.getpid()
        self._shell = shell
        self._waiting: list[Waiting] = []
        self._lanes: set[asyncio.Task[None]] = set()
        self._is_called = False

    def is_here(self) -> bool:
        """Tell whether this is the loop, and the process, that is running."""
        return self._pid == os.getpid() and self.loop is asyncio.get_running_loop()

    def send(self, calls: list[Call]) -> asyncio.Future[list[Any]]:
        """Have calls sent with all others of this turn of the loop."""
        future: asyncio.Future[list[Any]] = self.loop.create_future()
        self._waiting.append((calls, future))
        if not self._is_called and len(self._lanes) < LANES:
            self._is_called = True
            self.loop.call_soon(self._flush)
        return future

    def _flush(self) -> None:
        self._is_called = False
        if self._waiting:
            batch, self._waiting = self._waiting, []
            lane = self.loop.create_task(self._run(batch))
            self._lanes.add(lane)
            lane.add_done_callback(self._go_on)

    def _go_on(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        if not self._is_called:
            self._flush()

    async def _run(self, batch: list[Waiting]) -> None:
        try:
            replies = iter(await self._replies([call for calls, _ in batch for call in calls]))
        except BaseException as error:  # noqa: BLE001 - whoever waits is told
            for _, future in batch:
                _fail(future, error)
            return
        for calls, future in batch:
            own = [next(replies) for _ in calls]
            failure = first_failure(own)
            if failure is not None:
                _fail(future, failure)
            elif not future.done():
                future.set_result(own)

    async def _replies(self, calls: list[Call]) -> list[Any]:
        wire = self._shell.wire
        replies = await self._sent([wire.evalsha(call) for call in calls])
        unknown = [at for at, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if unknown:
            told: set[str] = set()  # in one pipeline, who comes first brings the script along
            commands = []
            for at in unknown:
                name = calls[at].script.name
                knows = name in told and not self._shell.is_cluster
                commands.append((wire.evalsha if knows else wire.eval)(calls[at]))
                told.add(name)
            again = await self._sent(commands)
            for at, reply in zip(unknown, again, strict=True):
                replies[at] = reply
        return replies

    async def _sent(self, commands: list[tuple[str | bytes, ...]]) -> list[Any]:
        if self._shell.is_cluster or len(commands) == 1:
            sent = (self.client.execute_command(*command) for command in commands)
            return list(await asyncio.gather(*sent, return_exceptions=True))
        pipeline = self.client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return list(await pipeline.execute(raise_on_error=False))


def _fail(future: asyncio.Future[list[Any]], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


def _connect(address: Address, timeout: float) -> Any:
    options = connection_options(address, Retry, timeout)
    if address.sort == "redis+sentinel":
        watchers: Any = Sentinel(  # type: ignore[no-untyped-call]  # redis-py says nothing of it
            address.nodes, sentinel_kwargs=sentinel_options(options), **options
        )
        return watchers.master_for(address.service)  # its pool keeps the watchers
    if address.sort.endswith("cluster"):
        host, port = address.nodes[0]
        return RedisCluster(host=host, port=port, **options)
    return Redis(**options)
