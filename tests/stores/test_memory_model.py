"""The memory store against the model, where what only many sessions bring about is usual.

Two are a crowd, a request looks at one other session, and a survey at one row at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from histories import Histories
from hypothesis import settings

from sessionware import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path


class AsOfMany(Histories):
    @staticmethod
    def make(_: Path, room: int) -> MemoryStore:
        return MemoryStore(room)


class TestAsOfMany(AsOfMany.TestCase):  # type: ignore[misc]  # it is made for the machine
    settings = settings(max_examples=40, stateful_step_count=60, deadline=None, print_blob=True)

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        store = "sessionware.store"
        monkeypatch.setattr(f"{store}._members.FEW", 1)
        monkeypatch.setattr(f"{store}._lives.SWEPT_BY_A_REQUEST", 1)
        monkeypatch.setattr(f"{store}.memory.SWEPT_BY_A_REQUEST", 1)
        monkeypatch.setattr(f"{store}._many.CHUNK", 1)
