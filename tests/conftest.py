"""Fixtures that every test may use: a clock, and worlds that are closed afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.clock import Clock
from support.worlds import AsgiWorld, World, WsgiWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
