"""A broadcast that goes on for all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from players.stage import broadcast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def on_air(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with broadcast(tmp_path_factory.mktemp("on-air")) as folder:
        yield folder
