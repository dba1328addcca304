"""Bodies that were seen before need not be read again: thousands of viewers get the same one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sessionware.manifest import cut

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sessionware.manifest import Pieces, SegmentSlot, Slot

MAX_BYTES = 32 * 1024 * 1024


class PieceCache:
    """Keeps the pieces of recent bodies, bounded by bytes; the result is the same without it."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = threading.Lock()
        self._kept: dict[tuple[bytes, Hashable], Pieces] = {}

    def seen(self, body: bytes, context: Hashable) -> Pieces | None:
        """Give the pieces of a body if they are known."""
        return self._kept.get((body, context))

    def cut(
        self,
        body: bytes,
        context: Hashable,
        slot: Slot,
        segments: SegmentSlot | None = None,
        *,
        location: bool,
    ) -> Pieces:
        """Cut a manifest; on ``context`` depends which URIs carry, and what ours is in them."""
        key = (body, context)
        pieces = self._kept.get(key)
        if pieces is None:
            pieces = cut(body, slot, segments, location=location)
            self._keep(key, pieces)
        return pieces

    def _keep(self, key: tuple[bytes, Hashable], pieces: Pieces) -> None:
        cost = len(key[0]) + pieces.size + 512
        if cost > self._max_bytes // 4:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = pieces
            self._bytes += cost
            while self._bytes > self._max_bytes:
                # The oldest go first: a live playlist is never seen again once it has changed.
                oldest = next(iter(self._kept))
                self._bytes -= len(oldest[0]) + self._kept.pop(oldest).size + 512
