"""Real servers, each begun by who needs it first and ended with the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionware.store.redis import RedisStore
from support.redis_server import Server, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """A server that is empty, and that is not to be ended."""
    with shared_server.client() as client:
        client.flushall()
        client.script_flush()
    return shared_server


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that may be ended."""
    with running() as server:
        yield server


@pytest.fixture
def store(server: Server) -> Iterator[RedisStore]:
    store = RedisStore(server.url, timeout=10)
    yield store
    store.close()
