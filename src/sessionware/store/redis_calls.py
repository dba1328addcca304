"""What is sent to a Redis server: scripts, each in a partition, and plans made of them."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from struct import pack
from typing import TYPE_CHECKING, Any

from sessionware.store.redis_scripts import Script, script

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Call:
    """A script to be run in a partition; its first argument are the numbers."""

    script: Script
    partition: int | str
    arguments: tuple[bytes, ...]


Plan = Generator[list[Call], list[Any], Any]
"""It yields what is to be sent in one pipeline, is sent the replies, and gives the answer."""

NONE: tuple[Any, ...] = ()


class Caller:
    """Makes calls for a store of so many partitions, with room for so many sessions."""

    def __init__(self, room: int, partitions: int) -> None:
        # Less than nothing says that there are several partitions: places are in gates then.
        self._room = math.ceil(room / partitions) * (1 if partitions == 1 else -1)
        self.partitions = partitions

    def of(self, name: bytes) -> int:
        """Give the partition of a key, of a mark, or of a client."""
        return name[0] % self.partitions

    def call(
        self,
        name: str,
        partition: int | str,
        now: float,
        *arguments: bytes,
        form: str = "",
        numbers: Iterable[Any] = NONE,
    ) -> Call:
        """Give a call; ``form`` says as what the numbers are packed."""
        head = pack(f"<dd{form}", now, self._room, *numbers)
        return Call(script(name), partition, (head, *arguments))

    def everywhere(self, name: str, now: float, *arguments: bytes, **more: Any) -> list[Call]:
        """Give a call for each partition."""
        first = self.call(name, 0, now, *arguments, **more)
        others = range(1, self.partitions)
        return [first, *(Call(first.script, other, first.arguments) for other in others)]
