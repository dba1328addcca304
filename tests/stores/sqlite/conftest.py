"""A file of SQLite's and a store in it, in place of the memory store of the folder above."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sessionware.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store
