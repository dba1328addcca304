"""Answers that were completed before: the same manifest for another viewer, or the same once more.

What an app's answer becomes follows from the answer and the plan alone, but for the token in it. So
a body that thousands of viewers get is completed once, and then joined with each one's token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sessionware.manifest import Pieces
    from sessionware.manifest.learned import Learned

MAX_BYTES = 16 * 1024 * 1024


class Finished(NamedTuple):
    """An answer but for the token: its headers as ASGI has them, and its pieces.

    ``pieces`` None: the body goes out as it is. ``learned``: what it tells of what is played; None:
    who gets it does not play yet.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    pieces: Pieces | None
    learned: Learned | None

    def cost(self, body: bytes) -> int:
        """Give about the bytes that it takes to keep this answer to a body."""
        return 4096 + len(body) + (self.pieces.size if self.pieces is not None else 0)
