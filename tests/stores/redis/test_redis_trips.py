"""How often a server is asked: a request that goes on once, a beginning once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessionware.store import Crowded, Get, Living
from sessionware.store.redis_shell import plans_for
from sessionware.store.redis_wire import Wire
from sessionware.testing.steps import START, begin, key, mark, place, touch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis import Redis

    from support.redis_server import Server

FAR = bytes([77]) * 16
"""A mark, and a client, of another partition than the keys of these tests."""


class Counted:
    """Drives plans; ``trips`` counts the pipelines of the last one."""

    def __init__(self, client: Redis, partitions: int) -> None:
        self.plans = plans_for(1000, partitions)
        self.partitions = partitions
        self._client = client
        self._wire = Wire("sessionware")
        self.trips = 0

    def ask(self, command: Any) -> Any:
        plan, replies, self.trips = self.plans[type(command)](command), None, 0
        while True:
            try:
                calls = plan.send(replies)  # type: ignore[arg-type]  # None begins it
            except StopIteration as done:
                return done.value
            assert calls
            self.trips += 1
            replies = [self._client.execute_command(*self._wire.eval(call)) for call in calls]


@pytest.fixture(params=[1, 64])
def counted(request: pytest.FixtureRequest, server: Server) -> Iterator[Counted]:
    with server.client() as client:
        yield Counted(client, request.param)


def test_who_goes_on_asks_once_and_who_begins_once_more(counted: Counted) -> None:
    for above in ((), (FAR,)):
        assert counted.ask(touch(1, START, mark=bytes(16), above=above)) is None
        assert counted.trips == 1
        assert counted.ask(Get(key(1), START, bytes(16), above)) is None
        assert counted.trips == 1
    assert counted.ask(touch(1, START, lease=5.0, mark=bytes(16))) is None
    assert counted.ask(begin(1, mark=bytes(16))).new
    assert counted.trips == 1
    assert counted.ask(touch(1, START, mark=bytes(16), above=(FAR,))).requests == 2
    assert counted.trips == 1


def test_with_limits_a_cluster_is_asked_twice_where_somebody_begins(counted: Counted) -> None:
    places = (place(1, 1), place(1, 2))
    more: dict[str, Any] = {"mark": bytes(16), "client": FAR, "above": (FAR,), "places": places}
    of_a_cluster = counted.partitions > 1
    assert counted.ask(begin(1, **more)).new
    assert counted.trips == (2 if of_a_cluster else 1)
    assert isinstance(counted.ask(touch(1, START + 9.5, mark=bytes(16))), Living)
    assert counted.trips == 1
    assert counted.ask(begin(2, **more | {"client": b""})) == Crowded("scope 1")
    renewed = counted.ask(touch(1, START + 10, mark=bytes(16)))
    assert isinstance(renewed, Living)
    assert counted.trips == (3 if of_a_cluster else 1)


def test_the_marks_of_others_lie_elsewhere() -> None:
    assert FAR[0] % 64 != mark(0)[0] % 64
