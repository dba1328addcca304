"""The Redis stores keep the contract, and answer as the model does over random histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from histories import Histories, LittleRoom
from hypothesis import settings

from sessionware.store.redis import RedisStore
from sessionware.store.redis_async import AsyncRedisStore
from sessionware.testing import (
    AsyncRoomContract,
    AsyncStoreContract,
    RoomContract,
    StoreContract,
)
from support.redis_server import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.redis_server import Server

ROOM = 3


class TestRedis(StoreContract):
    pass


class TestRedisWithLittleRoom(RoomContract):
    @pytest.fixture
    def store(self, server: Server) -> RedisStore:
        return RedisStore(server.url, max_sessions=ROOM, timeout=10)


class TestAsyncRedis(AsyncStoreContract):
    @pytest.fixture
    def store(self, server: Server) -> AsyncRedisStore:
        return AsyncRedisStore(server.url, timeout=10)


class TestAsyncRedisWithLittleRoom(AsyncRoomContract):
    @pytest.fixture
    def store(self, server: Server) -> AsyncRedisStore:
        return AsyncRedisStore(server.url, max_sessions=ROOM, timeout=10)


class Held:
    """The store of a history: on one server for all, which is emptied before each."""

    server: ClassVar[Server]

    @classmethod
    def make(cls, _: Path, room: int) -> RedisStore:
        with cls.server.client() as client:
            client.flushall()
        return RedisStore(cls.server.url, max_sessions=room, timeout=10)


@pytest.fixture(scope="module", autouse=True)
def _server_of_histories() -> Iterator[None]:
    with running() as Held.server:
        yield


def held(histories: type[Histories]) -> Any:
    case = type(histories.__name__, (Held, histories), {}).TestCase
    case.settings = settings(
        max_examples=60, stateful_step_count=60, deadline=None, print_blob=True
    )
    return case


TestHistories = held(Histories)
TestHistoriesWithLittleRoom = held(LittleRoom)
