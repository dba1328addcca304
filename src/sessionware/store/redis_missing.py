"""What is said where redis-py is not installed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessionware.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

REASON = 'needs redis-py: pip install "sessionware[redis]"'


@contextmanager
def needs_redis() -> Iterator[None]:
    """Turn the want of redis-py into a ConfigurationError that says how to get it."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "redis":
            raise
        fault = Fault("store", "redis", REASON, 'store="sqlite:///sessions.db"')
        raise ConfigurationError([fault]) from None
