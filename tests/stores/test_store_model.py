"""Our stores against the model: over random histories every answer is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from histories import Histories, LittleRoom
from hypothesis import settings

from sessionware import MemoryStore
from sessionware.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path


def in_memory(_: Path, room: int) -> MemoryStore:
    return MemoryStore(room)


def in_a_file(folder: Path, room: int) -> SqliteStore:
    return SqliteStore(folder / "sessions.db", max_sessions=room)


def held(histories: type[Histories], make: Any) -> Any:
    """Make the test that holds a store against the model."""
    case = type(histories.__name__, (histories,), {"make": staticmethod(make)}).TestCase
    case.settings = settings(
        max_examples=60, stateful_step_count=60, deadline=None, print_blob=True
    )
    return case


TestInMemory = held(Histories, in_memory)
TestInMemoryWithLittleRoom = held(LittleRoom, in_memory)
TestInAFile = held(Histories, in_a_file)
TestInAFileWithLittleRoom = held(LittleRoom, in_a_file)
