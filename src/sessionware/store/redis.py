"""The store of many machines: Redis or Valkey, for threads; ``redis_async`` is for event loops."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sessionware.store.redis_missing import needs_redis

with needs_redis():
    from redis import Redis, RedisCluster, Sentinel
    from redis.exceptions import NoScriptError, ResponseError
    from redis.retry import Retry

from sessionware.store.redis_errors import CAUGHT
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
    from sessionware.store.redis_calls import Call, Plan
    from sessionware.store.redis_wire import Address

A = TypeVar("A")


class RedisStore:
    """Keeps sessions in Redis or Valkey; safe under threads and forks.

    ``server`` is a URL, or a client of redis-py's, which is not closed: it must not decode
    responses. ``prefix`` begins all keys. ``max_sessions`` bounds the store as it does a memory
    store. ``timeout``: within so many seconds a server must answer, or a command fails.
    """

    blocking = True
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
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._client = self._shell.given

    def execute(self, command: Command[A]) -> A:
        """Answer a command; TypeError for one that this store doesn't know."""
        shell = self._shell
        shell.check()
        try:
            client = self._connected()
            if shell.offset.is_due(time.monotonic()):
                before = time_now()
                shell.offset.learn(before, client.time(), time_now())
            answer = self._drive(client, shell.plan(command))
        except CAUGHT as error:
            raise shell.failed(error) from error
        shell.succeeded()
        return cast("A", answer)

    def close(self) -> None:
        """Close the connections of this process; the sessions stay on the server."""
        with self._lock:
            client, address = self._client, self._shell.address
            if address is not None and client is not None and self._pid == os.getpid():
                self._client = None
                for one in (client, *watchers_of(client)):
                    one.close()

    def _drive(self, client: Any, plan: Plan) -> Any:
        replies: Any = None
        while True:
            try:
                calls = plan.send(replies)
            except StopIteration as done:
                return done.value
            replies = self._send(client, calls)

    def _send(self, client: Any, calls: list[Call]) -> list[Any]:
        if len(calls) == 1 or not self._shell.is_cluster:
            return [self._run(client, call) for call in calls]
        # redis-py keeps scripts out of a cluster's pipelines: each node gets one of its own.
        nodes: dict[str, tuple[Any, list[int]]] = {}
        for number, call in enumerate(calls):
            slot = client.keyslot(self._shell.wire.evalsha(call)[3])
            node = client.nodes_manager.get_node_from_slot(slot)
            nodes.setdefault(node.name, (node, []))[1].append(number)
        replies: list[Any] = [None] * len(calls)
        for node, numbers in nodes.values():
            pipeline = client.get_redis_connection(node).pipeline(transaction=False)
            for number in numbers:
                pipeline.execute_command(*self._shell.wire.evalsha(calls[number]))
            for number, reply in zip(numbers, pipeline.execute(raise_on_error=False), strict=True):
                refused = isinstance(reply, ResponseError)  # it has moved, or knows no script
                replies[number] = self._run(client, calls[number]) if refused else reply
        return replies

    def _run(self, client: Any, call: Call) -> Any:
        try:
            return client.execute_command(*self._shell.wire.evalsha(call))
        except NoScriptError:
            return client.execute_command(*self._shell.wire.eval(call))

    def _connected(self) -> Any:
        address = self._shell.address
        if self._client is not None and (self._pid == os.getpid() or address is None):
            return self._client
        if self._pid != os.getpid():
            self._lock = threading.Lock()  # a thread of the parent's may have held it
        with self._lock:
            if address and (self._client is None or self._pid != os.getpid()):
                # What a child has of its parent's connections it lets alone.
                self._client, self._pid = _connect(address, self._timeout), os.getpid()
            return self._client


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
