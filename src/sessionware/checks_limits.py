"""What makes limits work: the faults of the options that say how many may watch at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.checks_answers import is_number, is_whole
from sessionware.errors import Fault
from sessionware.option_groups import Limit
from sessionware.settings import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEVER_EVICT = ("max_sessions", "max_sessions_per_stream")
"""Where strangers would end each other's sessions."""

_OVER = ("refuse", "evict")

_MANY = 2**40


def limit_faults(s: Any) -> Iterator[Fault]:
    """Find what is wrong with limits, each alone and with the other options."""
    for name in LIMITS:
        value = getattr(s, name)
        if value is None:
            continue
        fault = _fault(name, value)
        if fault is not None:
            yield fault
        elif name == "max_sessions_per_user" and s.identify is None:
            reason = "nobody has an account without identify"
            yield Fault(name, value, reason, "identify=lambda request: request.headers['x-user']")


def _fault(name: str, value: Any) -> Fault | None:
    example = f"{name}=Limit(2, hold=120)"
    limit: Any = value if isinstance(value, Limit) else Limit(value)
    if not is_whole(limit.n, 1, _MANY):
        return Fault(name, value, "is neither a positive number of sessions nor a Limit", example)
    if limit.over not in _OVER:
        return Fault(name, value, "over is neither 'refuse' nor 'evict'", example)
    if not is_number(limit.hold) or not 0 < limit.hold < float("inf"):
        reason = "hold is no positive number of seconds and no timedelta"
        return Fault(name, value, reason, example)
    if limit.over == "evict" and name in _NEVER_EVICT:
        reason = "would let strangers end each other's sessions"
        return Fault(name, value, reason, f"{name}={limit.n}")
    return None
