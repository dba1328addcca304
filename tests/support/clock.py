"""A clock that only moves when a test says so."""

from __future__ import annotations


class Clock:
    """Seconds since 1970, as ``time.time`` gives them; pass it as the option ``clock``."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> float:
        """Let time pass and give the new time; time does not run backwards."""
        if seconds < 0:
            msg = f"a clock does not run backwards: {seconds}"
            raise ValueError(msg)
        self.now += seconds
        return self.now

    def __repr__(self) -> str:
        return f"Clock({self.now!r})"
