"""Places in limits, and who gives way (SPEC 8): rules on values, no I/O.

A store finds out who has a place; what follows from that is decided here, so that all stores limit
alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sessionware.store.records import MAX_SWAPS, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class Swap(NamedTuple):
    """With whom a session last changed places, how often since when; ``partner`` b"": nobody."""

    partner: bytes = b""
    times: int = 0
    since: float = 0.0


NO_SWAP = Swap()


@dataclass(frozen=True, slots=True)
class Rival:
    """A session, as far as places go: who holds one, or wants one."""

    key: bytes
    holder: bytes
    started: float
    seen: float
    swap: Swap = NO_SWAP

    def silence(self) -> tuple[float, float, bytes]:
        """Sort who was silent longest first."""
        return (self.seen, self.started, self.key)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who gives way to a newcomer.

    ``displaced`` lose their places, ``evicted`` are ended; ``swaps`` are to be kept, by key, the
    newcomer's among them. ``crowded`` names the place that is not to be had; nobody gives way then.
    """

    displaced: tuple[bytes, ...] = ()
    evicted: tuple[bytes, ...] = ()
    swaps: tuple[tuple[bytes, Swap], ...] = ()
    crowded: str | None = None


def judge(
    newcomer: Rival,
    places: Sequence[Place],
    occupants: Callable[[Place], Iterable[Rival]],
    now: float,
) -> Verdict:
    """Find a place in each scope, or in none.

    ``occupants`` gives the sessions that have a place in a scope now, the newcomer left out.
    Scopes that refuse are asked first: nobody is ended for a session that can't begin.
    """
    gone: set[bytes] = set()
    displaced: list[Rival] = []
    evicted: list[bytes] = []
    swaps: dict[bytes, Swap] = {}
    for place in sorted(places, key=_evicts):  # stable: within both sorts as given
        there = [rival for rival in occupants(place) if rival.key not in gone]
        need = len(there) - place.limit + 1
        if need <= 0:
            continue
        there.sort(key=Rival.silence)
        own = [rival for rival in there if gives_way(rival, newcomer, place.hold, now)][:need]
        others = [rival for rival in there if rival not in own]
        more = others[: need - len(own)] if place.evict else []
        if len(own) + len(more) < need:
            return Verdict(crowded=place.name)
        for rival in own:
            swap = swaps[rival.key] = _swapped(rival, newcomer, place.hold, now)
            swaps[newcomer.key] = swap._replace(partner=rival.key)
        displaced += own
        evicted += (rival.key for rival in more)
        gone.update(rival.key for rival in (*own, *more))
    return Verdict(tuple(rival.key for rival in displaced), tuple(evicted), tuple(swaps.items()))


def gives_way(rival: Rival, newcomer: Rival, hold: float, now: float) -> bool:
    """Tell whether a session is a former one of the newcomer's token, and gives it its place.

    Two that displace each other again and again are two viewers: the later one gives way alone.
    """
    if not newcomer.holder or rival.holder != newcomer.holder:
        return False
    worn_out = _is_swapping(rival, newcomer, hold, now) and rival.swap.times >= MAX_SWAPS
    is_later = (newcomer.started, newcomer.key) > (rival.started, rival.key)
    return not (worn_out and is_later)


def _is_swapping(rival: Rival, newcomer: Rival, hold: float, now: float) -> bool:
    return rival.swap.partner == newcomer.key and now - rival.swap.since < hold


def _swapped(rival: Rival, newcomer: Rival, hold: float, now: float) -> Swap:
    if _is_swapping(rival, newcomer, hold, now):
        return Swap(newcomer.key, rival.swap.times + 1, rival.swap.since)
    return Swap(newcomer.key, 1, now)


def _evicts(place: Place) -> bool:
    return place.evict
