"""Who gives way to a newcomer, in the model of a store: in so many words, and slowly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionware.store import Place
    from support.model_life import Life

PING_PONG = 3


@dataclass
class Judgement:
    """Who gives way, or the name of the place that is not to be had."""

    displaced: list[tuple[Life, Place]] = field(default_factory=list)
    evicted: list[Life] = field(default_factory=list)
    crowded: str | None = None


def judge(newcomer: Life, places: Sequence[Place], lives: Iterable[Life], now: float) -> Judgement:
    judgement = Judgement()
    others = [life for life in lives if life.key != newcomer.key]
    others.sort(key=lambda life: (life.seen, life.started, life.key))
    refusing = [place for place in places if not place.evict]
    evicting = [place for place in places if place.evict]
    for place in [*refusing, *evicting]:
        inside = [life for life in others if life.has(place.scope, now)]
        need = len(inside) - place.limit + 1
        for life in list(inside):
            if need > 0 and gives_way(life, newcomer, place, now):
                judgement.displaced.append((life, place))
                inside.remove(life)
                others.remove(life)
                need -= 1
        for life in list(inside):
            if need > 0 and place.evict:
                judgement.evicted.append(life)
                others.remove(life)
                need -= 1
        if need > 0:
            return Judgement(crowded=place.name)
    return judgement


def gives_way(life: Life, newcomer: Life, place: Place, now: float) -> bool:
    if not newcomer.opening.holder or life.opening.holder != newcomer.opening.holder:
        return False
    began_later = (newcomer.started, newcomer.key) > (life.started, life.key)
    often = changing_places(life, newcomer, place, now) and life.swaps >= PING_PONG
    return not (often and began_later)


def changing_places(life: Life, newcomer: Life, place: Place, now: float) -> bool:
    return life.partner == newcomer.key and now - life.since < place.hold


def displace(life: Life, newcomer: Life, place: Place, now: float) -> None:
    if changing_places(life, newcomer, place, now):
        times, since = life.swaps + 1, life.since
    else:
        times, since = 1, now
    life.held = None
    life.swaps = newcomer.swaps = times
    life.since = newcomer.since = since
    life.partner, newcomer.partner = newcomer.key, life.key
