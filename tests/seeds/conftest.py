"""The scenes that the tests of the seeds are played in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from seeds.mist import Mist

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def mist(make_world, clock) -> Callable[..., Mist]:
    """``mist(**options)``: a server by ``presets.mistserver()``, with these options over it."""
    return partial(Mist, make_world, clock)
