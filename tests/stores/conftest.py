"""What the tests of stores have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionware import MemoryStore
from support.driver import Driver

if TYPE_CHECKING:
    from support.clock import Clock


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def driver(store: MemoryStore, clock: Clock) -> Driver:
    return Driver(store, clock)
