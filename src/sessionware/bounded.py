"""A memory that never grows beyond a number of bytes; the oldest entries go first."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

V = TypeVar("V")


class Bounded(Generic[V]):
    """Values by key, safe under threads; what is looked up is never locked."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[V, int]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> V | None:
        """Give a value if it is kept."""
        kept = self._kept.get(key)
        return kept[0] if kept is not None else None

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def keep(self, key: Hashable, value: V, cost: int) -> None:
        """Keep a value that takes ``cost`` bytes; not one that takes more than a quarter of all."""
        if cost > self._max_bytes // 4:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes += cost - (before[1] if before is not None else 0)
            self._kept[key] = (value, cost)
            while self._bytes > self._max_bytes:
                oldest = next(iter(self._kept))
                self._bytes -= self._kept.pop(oldest)[1]
