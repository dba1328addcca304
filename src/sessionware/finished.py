"""Answers that were completed before: the same manifest for another viewer, or the same once more.

What an app's answer becomes follows from the answer and the plan alone, but for the token in it. So
a body that thousands of viewers get is completed once, and then joined with each one's token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sessionware.manifest import Pieces

MAX_ANSWERS = 256
MAX_BODY = 128 * 1024
"""Larger bodies are completed anew: together the kept ones stay below 32 MiB."""


class Finished(NamedTuple):
    """An answer but for the token: its headers in the shell's own form, and its pieces.

    ``pieces`` None: the body goes out as it is.
    """

    headers: tuple[tuple[bytes, bytes], ...]
    pieces: Pieces | None


class FinishedAnswers:
    """Keeps the newest answers."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, Finished] = {}

    def get(self, key: Hashable) -> Finished | None:
        """Give the answer for a key if it is kept."""
        return self._kept.get(key)

    def keep(self, key: Hashable, size: int, finished: Finished) -> None:
        """Keep an answer whose body has ``size`` bytes; the oldest is forgotten for it."""
        if size > MAX_BODY:
            return
        self._kept[key] = finished
        if len(self._kept) > MAX_ANSWERS:
            self._kept.pop(next(iter(self._kept)), None)
