"""What the two Redis stores have in common: everything but how they wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sessionware.store.redis_calls import Caller
from sessionware.store.redis_dialect import One
from sessionware.store.redis_errors import Breaker, explained, is_away, resting
from sessionware.store.redis_spread import Spread
from sessionware.store.redis_surveys import Surveys
from sessionware.store.redis_time import Offset
from sessionware.store.redis_wire import (
    MAX_SESSIONS,
    PREFIX,
    Address,
    Wire,
    check_client,
    place_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.errors import StoreError
    from sessionware.store.commands import Command
    from sessionware.store.redis_calls import Plan

PARTITIONS_OF_A_CLUSTER = 64


def plans_for(room: int, partitions: int) -> dict[type, Callable[[Any], Plan]]:
    """Give who makes a plan for which command."""
    caller = Caller(room, partitions)
    one = One(caller) if partitions == 1 else Spread(caller)
    return one.plans() | Surveys(caller).plans()


class Shell:
    """Where the server is, what is said to it, and what became of that.

    ``clusters`` are the classes of redis-py whose objects are clients of a cluster.
    """

    shared = True

    def __init__(
        self, server: str | Any, prefix: str | None, max_sessions: int | None, clusters: type
    ) -> None:
        self.address: Address | None = None
        self.is_cluster: bool
        if isinstance(server, str):
            self.address = Address(server)
            prefix = prefix or self.address.prefix
            max_sessions = max_sessions or self.address.room
            self.is_cluster = self.address.sort.endswith("cluster")
        else:
            check_client(server)
            self.is_cluster = isinstance(server, clusters)
        self.max_sessions: int = max_sessions or MAX_SESSIONS
        self.given: Any = None if isinstance(server, str) else server
        self.wire: Wire = Wire(prefix or PREFIX)
        self.offset: Offset = Offset()
        self._plans = plans_for(
            self.max_sessions, PARTITIONS_OF_A_CLUSTER if self.is_cluster else 1
        )
        self._breaker = Breaker()

    def plan(self, command: Command[Any]) -> Plan:
        """Give the plan for a command, by the server's clock."""
        make = self._plans.get(type(command))
        if make is None:
            raise TypeError(f"the Redis stores know no command {type(command).__name__}")
        return make(self.offset.corrected(command))

    def check(self) -> None:
        """Raise StoreError if the server has failed again and again, and none shall wait for it."""
        if not self._breaker.may_try(time.monotonic()):
            raise resting(self.where())

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._breaker.succeeded()

    def failed(self, error: BaseException) -> StoreError:
        """Take note of a failure, and give it as one that says what to do."""
        if is_away(error):
            self._breaker.failed(time.monotonic())
            self.offset.forget()
        return explained(error, self.where())

    def where(self) -> str:
        """Say where the server is."""
        if self.address is None:
            return place_of(self.given)
        if self.address.sort == "redis+unix":
            return self.address.path
        return ",".join(f"{host}:{port}" for host, port in self.address.nodes)
