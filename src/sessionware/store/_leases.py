"""The memory store's leases: who decides just now whether a session begins."""

from __future__ import annotations

MANY = 10_000
"""So many leases are a sign that some are over and were never given back."""


class Leases:
    """Times by session key, until which one request may decide and others wait for it."""

    def __init__(self) -> None:
        self._until: dict[bytes, float] = {}

    def take(self, key: bytes, now: float, seconds: float) -> float | None:
        """Take a lease; None: it is taken, else until when somebody else has it."""
        until = self._until.get(key)
        if until is not None and now < until:
            return until
        if len(self._until) >= MANY:
            self._until = {k: until for k, until in self._until.items() if now < until}
        self._until[key] = now + seconds
        return None

    def give_back(self, key: bytes) -> None:
        """Let the next one decide."""
        self._until.pop(key, None)
