"""The memory store's orders: who is to be kept out, whatever session he comes with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessionware.store import Denial


class Denials:
    """Denials in the order in which they were put down, and the version of them all."""

    def __init__(self) -> None:
        self.version: int = 0
        self._by_whom: dict[tuple[object, ...], Denial] = {}

    def all(self) -> tuple[Denial, ...]:
        """Give those that have not been dropped."""
        return tuple(self._by_whom.values())

    def order(self, denial: Denial) -> int:
        """Put one down, in the place of one for the same; give the version then."""
        self._by_whom.pop(denial.whom, None)
        self._by_whom[denial.whom] = denial
        self.version += 1
        return self.version

    def allow(self, denial: Denial) -> int:
        """Take back the one for the same, if there is one; give the version then."""
        if self._by_whom.pop(denial.whom, None) is not None:
            self.version += 1
        return self.version

    def forget(self, now: float) -> None:
        """Drop those that have passed; that is no news to anybody."""
        for whom, denial in list(self._by_whom.items()):
            if now >= denial.until:
                del self._by_whom[whom]
