"""Fixtures that every test may use: a clock, worlds that are closed afterwards, a film."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from servers.running import SCRIPTS, program
from support.clock import Clock
from support.worlds import AsgiWorld, World, WsgiWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(params=["asgi", "wsgi"])
def world_kind(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it, or for ``make_world``, runs in both worlds."""
    kind: str = request.param
    return kind


@pytest.fixture
def make_world(world_kind: str) -> Iterator[Callable[..., World]]:
    """``make_world(origin, **options)``; options of the world (``wrap``, ``lint``) go along."""
    worlds: list[World] = []

    def make(origin: Any, **options: Any) -> World:
        world: World = (
            AsgiWorld(origin, **options) if world_kind == "asgi" else WsgiWorld(origin, **options)
        )
        worlds.append(world)
        return world

    yield make
    for world in reversed(worlds):
        world.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film, as HLS and as DASH."""
    program("ffmpeg")
    folder = tmp_path_factory.mktemp("media")
    subprocess.run([SCRIPTS / "media", folder], check=True)
    return folder
