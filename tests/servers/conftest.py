"""A live stream, and servers that stay up for all tests of this folder."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from servers.running import SCRIPTS, ended, eventually, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers.running import Server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = pytest.mark.servers
    for item in items:
        if "servers" in item.path.parent.name:
            item.add_marker(here)


@pytest.fixture
def broadcast(media: Path) -> Iterator[None]:
    """A live stream, ``cam1``, in the same folder."""
    with ended(subprocess.Popen([SCRIPTS / "live", media])):
        eventually((media / "hls/cam1/180p/index.m3u8").exists, "the live stream begins")
        eventually((media / "hls/cam1/master.m3u8").exists, "the live stream begins")
        yield


@pytest.fixture(scope="session")
def server(media: Path) -> Iterator[Callable[[str], Server]]:
    """``server("gunicorn")``: started by who asks first."""
    with ExitStack() as stack:
        running: dict[str, Server] = {}

        def get(kind: str) -> Server:
            if kind not in running:
                options = {"trusted_proxies": ["unix"]} if kind == "gunicorn-unix" else {}
                running[kind] = stack.enter_context(serving(kind, media, **options))
            return running[kind]

        yield get
