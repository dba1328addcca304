"""The default clock: the time of day, but never stepped.

A session's silence is measured by this clock, so a host whose time of day is corrected must not
end every session, nor keep one for ever: the time of day is read once and then counted on by the
monotonic clock (PITFALLS, Python and servers, 5).
"""

from __future__ import annotations

import time

_ORIGIN = time.time() - time.monotonic()


def steady() -> float:
    """Give the seconds since the epoch, as they pass for this process."""
    return _ORIGIN + time.monotonic()
