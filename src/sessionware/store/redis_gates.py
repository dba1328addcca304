"""The gates of a cluster: the places of each scope in a slot of their own (SPEC 8)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from struct import Struct, unpack
from typing import TYPE_CHECKING, Any

from sessionware.limits import NO_SWAP, Rival, Swap, judge
from sessionware.store.redis_records import RECORD, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionware.limits import Verdict
    from sessionware.store.records import Place
    from sessionware.store.redis_calls import Call, Caller, Plan

_ENTRY = Struct("<16s16sdddd")
"""Holder, partner, when it began, when it asked last, how often it swapped, since when."""

_NOBODY = bytes(16)

FULL, GOT, HAD = range(3)
"""What a gate answers, as in ``lua/gate_take.lua``."""


@dataclass(frozen=True, slots=True)
class Seated:
    """A session, as far as gates go; ``held``: since when it has its places."""

    key: bytes
    holder: bytes
    started: float
    seen: float
    expires: float
    held: float
    places: tuple[Place, ...]
    swap: Swap


@dataclass(frozen=True, slots=True)
class Taken:
    """What the gates gave: places that were not held before, and with whom was swapped for them."""

    places: tuple[Place, ...] = ()
    swap: Swap = NO_SWAP
    crowded: str | None = None


def sort_of(reply: Any) -> int:
    """Give what sort of a reply it is."""
    return reply if isinstance(reply, int) else reply[0]


def seated_of(reply: Any) -> Seated:
    """Give the session of a reply."""
    key, record = reply[2:4]
    fields = RECORD.unpack_from(record)
    seen, expires, held = fields[14], fields[15], fields[19]
    started, swaps, since = fields[28], fields[36], fields[37]
    holder = fields[-2] if fields[13] else b""
    swap = Swap(fields[-1] if swaps else b"", int(swaps), since)
    return Seated(key, holder, started, seen, expires, held, places_of(record), swap)


class Gates:
    """Makes the parts of plans that are about places."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def asked(self, seated: Seated, now: float) -> list[Call]:
        """Ask for all places of a session: it gets those that are free."""
        return self._takings(seated, seated.places, now)

    @staticmethod
    def got(seated: Seated, replies: list[Any]) -> tuple[Place, ...]:
        """Give the places that a session has got by that, and had not."""
        answered = zip(seated.places, replies, strict=True)
        return tuple(place for place, reply in answered if reply[0] == GOT)

    def take(
        self, seated: Seated, now: float, first: list[Any] | None = None, *, again: bool = False
    ) -> Plan:
        """Take all places of a session, or none; who gives way loses its own, or is ended.

        ``first`` are the replies to what was ``asked``, if that has been done; with ``again``
        somebody has left since.
        """
        if not seated.places:
            return Taken()
        got = [] if first is None else list(self.got(seated, first))
        replies = (yield self.asked(seated, now)) if first is None or again else first
        got += [place for place in self.got(seated, replies) if place not in got]
        answered = zip(seated.places, replies, strict=True)
        full = {place: reply for place, reply in answered if reply[0] == FULL}
        if not full:
            return Taken(tuple(got))
        seen = yield from self._seen(full, now)
        newcomer = Rival(seated.key, seated.holder, seated.started, seated.seen, seated.swap)
        verdict = _verdict(newcomer, full, seen, now)
        if verdict.crowded is None:
            victims = (*verdict.displaced, *verdict.evicted)
            swap = dict(verdict.swaps).get(seated.key, seated.swap)
            wants = replace(seated, swap=swap)
            taken = yield self._takings(wants, tuple(full), now, *victims)
            got += [p for p, reply in zip(full, taken, strict=True) if reply[0] == GOT]
            lost = [place for place, reply in zip(full, taken, strict=True) if reply[0] == FULL]
            if not lost:
                yield from self._give_way(verdict, now)
                own = dict(verdict.swaps).get(seated.key, NO_SWAP)
                return Taken(tuple(got), own)
            verdict = replace(verdict, crowded=lost[0].name)  # somebody else was quicker
        yield from self.leave(seated, got)
        return Taken(crowded=verdict.crowded)

    def _seen(self, full: dict[Place, Any], now: float) -> Plan:
        """Ask when those asked last who may give way: a gate is not told of every request."""
        keys = list(dict.fromkeys(key for _, _, known in full.values() for key in known[::2]))
        if not keys:
            return {}
        replies = yield [self._caller.call("seen", self._caller.of(key), now, key) for key in keys]
        # Who is not there any more is the first to go.
        times = (unpack("<d", reply)[0] if reply else -math.inf for reply in replies)
        return dict(zip(keys, times, strict=True))

    def _takings(
        self, seated: Seated, places: tuple[Place, ...], now: float, *victims: bytes
    ) -> list[Call]:
        swap = seated.swap
        entry = _ENTRY.pack(
            seated.holder or _NOBODY,
            swap.partner or _NOBODY,
            seated.started,
            now,
            swap.times,
            swap.since,
        )
        return [
            self._call(
                "gate_take", place, now, seated.key, entry, seated.holder, *victims,
                form="ddB", numbers=(place.limit, self._until(seated, place, now), place.evict),
            )
            for place in places
        ]  # fmt: skip

    def _give_way(self, verdict: Verdict, now: float) -> Plan:
        """Tell those who gave way; they give back their other places, too."""
        swaps = dict(verdict.swaps)
        calls = [self._lose(key, swaps[key], now, evicted=False) for key in verdict.displaced] + [
            self._lose(key, NO_SWAP, now, evicted=True) for key in verdict.evicted
        ]
        replies = yield calls
        for reply in replies:
            if sort_of(reply) == 1:
                yield from self.leave(seated_of(reply))

    def _lose(self, key: bytes, swap: Swap, now: float, *, evicted: bool) -> Call:
        numbers = swap.times, swap.since, evicted
        return self._caller.call(
            "lose", self._caller.of(key), now, key, swap.partner, form="ddB", numbers=numbers
        )

    def renew(self, seated: Seated, now: float) -> Plan:
        """Keep all places of a session from now on; False: it has lost one of them."""
        replies = yield self._renewals(replace(seated, held=now, seen=now), now)
        return all(replies)

    def move(self, seated: Seated, now: float) -> Plan:
        """Let the gates know until when a session has its places now."""
        if seated.places:
            yield self._renewals(seated, now)

    def _renewals(self, seated: Seated, now: float) -> list[Call]:
        return [
            self._call(
                "gate_renew", place, now, seated.key,
                form="dd", numbers=(self._until(seated, place, seated.held), seated.seen),
            )
            for place in seated.places
        ]  # fmt: skip

    def leave(self, seated: Seated, places: Iterable[Place] | None = None) -> Plan:
        """Give places back: some, or all of a session's."""
        some = seated.places if places is None else tuple(places)
        if some:
            yield [self._call("gate_leave", place, 0.0, seated.key) for place in some]

    def _call(self, name: str, place: Place, now: float, *arguments: bytes, **more: Any) -> Call:
        return self._caller.call(name, f"g{place.scope.hex()}", now, *arguments, **more)

    @staticmethod
    def _until(seated: Seated, place: Place, since: float) -> float:
        return min(since + place.hold, seated.expires)


def _verdict(
    newcomer: Rival, full: dict[Place, Any], seen: dict[bytes, float], now: float
) -> Verdict:
    """Judge by what the gates said of who is inside: of some, only how many they are."""
    asked: dict[Place, list[Rival]] = {}
    for place, (_, number, known) in full.items():
        entries = zip(known[::2], known[1::2], strict=True)
        rivals = [_rival(key, entry, seen[key]) for key, entry in entries]
        asked[replace(place, limit=place.limit - (number - len(rivals)))] = rivals
    return judge(newcomer, tuple(asked), asked.__getitem__, now)


def _rival(key: bytes, entry: bytes, seen: float) -> Rival:
    holder, partner, started, _, times, since = _ENTRY.unpack(entry)
    swap = Swap(partner, int(times), since) if times else NO_SWAP
    return Rival(key, b"" if holder == _NOBODY else holder, started, seen, swap)
