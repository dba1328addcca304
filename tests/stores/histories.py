"""Random histories of two stores that are told the same: both answer alike, whatever is asked.

One is the model. Some edges, such as when a place is lost, are looked up in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from both import ALL, NEVER_BARRED, mark_of, sane
from draws import (
    BARS,
    BYTES,
    CAUSES,
    CHANGES,
    DATA,
    DENIALS,
    HOLDERS,
    LEARNED,
    LISTINGS,
    NOTES,
    NUMBERS,
    OPENINGS,
    PLACES,
    PROTOCOLS,
    RARELY,
    REQUESTS,
    SHORT_STEPS,
    SOME_KEYS,
    STEPS,
    STREAMS,
    TAGS,
)
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from ledger import Ledger
from scenes import Scenes

from sessionware import Kind
from sessionware.identity import milliseconds
from sessionware.store import (
    Allow,
    Announce,
    Bar,
    Count,
    Decline,
    Denial,
    End,
    Enter,
    Finish,
    Get,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Merge,
    Note,
    Order,
    Postpone,
    Streams,
    Sweep,
    Tag,
    Told,
    Touch,
    Withdraw,
)
from sessionware.testing.steps import HOUR, key

MANY_PAST = 8  # of the streams, kinds and protocols that there may be


class Histories(Scenes):
    """Both are told the same; whatever they are asked, they answer the same."""

    # --- time ----------------------------------------------------------------------------------

    @rule(step=STEPS)
    def time_passes(self, step: float) -> None:
        self.clock.advance(step)

    @rule()
    @precondition(lambda self: len(self.model.past) > MANY_PAST)
    def everybody_leaves_and_is_forgotten(self) -> None:
        self.clock.advance(HOUR)
        for store in (self.store, self.model):
            store.execute(Sweep(self.clock.now))
        self.clock.advance(HOUR)
        self.ask(Count(self.clock.now))
        self.ask(Streams(self.clock.now))

    @rule(
        earlier=st.sampled_from([-3.0, 0.0, 0.0, 0.0, 4.0]),
        gaps=st.lists(st.sampled_from([0.0, 4.75, 5.0, 29.75]), min_size=1, max_size=2),
        most=st.sampled_from([4.0, 600.0]),
    )
    def nobody_could_ask_for_a_while(self, earlier: float, gaps: list[float], most: float) -> None:
        self.sweep_all()  # who was over by then is over, in a store that has not looked, too
        since = self.clock.now - earlier
        self.in_order = self.in_order and earlier <= 0
        for gap in gaps:
            self.clock.advance(gap)
            self.ask(Postpone(self.clock.now, since, most))

    # --- requests ------------------------------------------------------------------------------

    @rule(numbers=SOME_KEYS, data=st.data(), opening=OPENINGS, step=SHORT_STEPS, other=RARELY)
    def begin(self, numbers: list[int], data: Any, opening: Any, step: float, other: bool) -> None:
        for number in numbers:
            opening |= {"holder": data.draw(HOLDERS), "places": data.draw(PLACES)}
            more = {"data": data.draw(DATA), "orders": self.version(other)}
            self.ask(self.beginning(key(number), opening, data, **more))
            self.clock.advance(step)

    @rule(
        number=NUMBERS,
        asked=REQUESTS,
        lease=st.sampled_from([0.0, 0.0, 5.0]),
        above=st.sampled_from([(), (), (mark_of(b"\0"), mark_of(b"\1"))]),
        other=RARELY,
    )
    def touch(self, number: int, asked: Any, lease: float, above: Any, other: bool) -> None:
        name, more = self.pick(number), {"orders": self.version(other), **asked}
        self.ask(Touch(name, mark_of(name), self.clock.now, lease=lease, above=above, **more))

    @rule(number=NUMBERS, lag=st.sampled_from([0.25, 1.0, 20.0]), playing=st.booleans())
    def touch_late(self, number: int, lag: float, playing: bool) -> None:
        touched = self.pick(number)
        if self.ask(Get(touched, self.clock.now)):
            self.in_order = False
            self.ask(Touch(touched, NEVER_BARRED, self.clock.now - lag, playing))

    @rule(number=NUMBERS, asked=REQUESTS, confirmed=st.booleans(), data=DATA, other=RARELY)
    def enter(self, number: int, asked: Any, confirmed: bool, data: Any, other: bool) -> None:
        name, more = self.pick(number), {"orders": self.version(other), **asked}
        more |= {"confirmed": confirmed, "data": data}
        self.ask(Enter(name, mark_of(name), self.clock.now, **more))

    # --- what becomes of one session -----------------------------------------------------------

    @rule(number=NUMBERS, said=LEARNED, lasts=st.sampled_from([None, None, -10.0, 20.5, 600.0]))
    def learn(self, number: int, said: Any, lasts: float | None) -> None:
        now = self.clock.now
        until = 0.0 if lasts is None else now + lasts
        self.ask(Learn(self.pick(number), now, **{"timeout": 30.0, "until": until, **said}))

    @rule(number=NUMBERS, what=st.sampled_from([Leave, Announce, Withdraw]))
    def something_of_its_beginning(self, number: int, what: Any) -> None:
        self.ask(what(self.pick(number), self.clock.now))

    @rule(number=NUMBERS, down=BYTES, up=BYTES, also=NOTES, changes=CHANGES, add=TAGS, remove=TAGS)
    def something_more_of_it(self, number: int, **said: Any) -> None:
        name, now = self.pick(number), self.clock.now
        self.ask(Finish(name, now, said["down"], said["up"]))
        self.ask(Note(name, now, said["also"]))
        self.ask(Merge(name, now, said["changes"]))
        self.ask(Tag(name, now, said["add"], said["remove"]))

    @rule(number=NUMBERS, cause=CAUSES)
    def end(self, number: int, cause: Any) -> None:
        self.ask(End(self.pick(number), self.clock.now, cause))

    @rule(number=NUMBERS, put=st.none() | BARS, stream=STREAMS, ends=st.booleans())
    def a_bar(self, number: int, put: Bar | None, stream: str, ends: bool) -> None:
        name, now = self.pick(number), self.clock.now
        bar = put and replace(put, until=now + put.until)
        if bar and ends:
            self.ask(End(name, now, bar.cause, bar))
        else:
            self.ask(Decline(name, mark_of(name), now, bar, stream))

    @rule(number=NUMBERS, other=RARELY)
    def get(self, number: int, other: bool) -> None:
        read, orders = self.pick(number), self.version(other)
        self.ask(Get(read, self.clock.now, orders=orders))
        self.ask(Get(read, self.clock.now, mark_of(read), (mark_of(b"\0"),), orders))

    # --- many ----------------------------------------------------------------------------------

    @rule(limit=st.sampled_from([1, 2, 3, ALL]))
    def sweep(self, limit: int) -> None:
        # Some whose time was over may have been ended by other commands, in one and in the other.
        ended, _ = self.answers(Sweep(self.clock.now, limit))
        assert 0 <= ended <= limit

    @rule(
        stream=st.none() | STREAMS,
        kind=st.sampled_from([None, *Kind]),
        protocol=st.none() | PROTOCOLS,
    )
    def count(self, stream: str | None, kind: Kind | None, protocol: str | None) -> None:
        sane(self.ask(Count(self.clock.now, stream, kind, protocol)))
        sane(self.ask(Count(self.clock.now)))

    @rule()
    def streams(self) -> None:
        for counts in self.ask(Streams(self.clock.now)).values():
            sane(counts)

    @rule(wanted=LISTINGS, limit=st.integers(1, 4))
    def listing(self, wanted: dict[str, Any], limit: int) -> None:
        page = self.ask(Listing(self.clock.now, **wanted, limit=limit))
        if page:
            after = milliseconds(page[-1].started), page[-1].key
            self.ask(Listing(self.clock.now, **wanted, after=after, limit=limit))

    @rule(limit=st.sampled_from([1, 2, ALL]))
    def claim(self, limit: int) -> None:
        self.claim_some(limit)

    @rule(number=st.none() | NUMBERS, stream=st.none() | STREAMS)
    def invalidate(self, number: int | None, stream: str | None) -> None:
        name = None if number is None else self.pick(number)
        self.ask(Invalidate(self.clock.now, name, stream if name is None else None))

    @rule(denial=DENIALS, kind=st.sampled_from([Order, Order, Allow]))
    def order(self, denial: Denial, kind: Any) -> None:
        now = self.clock.now
        self.ask(kind(now, replace(denial, until=now + denial.until)))
        self.the_whole_is_the_same()

    @rule()
    def all_is_asked_for(self) -> None:
        self.everything_is_the_same()


class LittleRoom(Histories):
    """Newcomers are refused; nothing is remembered, for which of too many go is not said."""

    room = 3
    remembers = st.just(0.0)

    def __init__(self) -> None:
        super().__init__()
        self.happened = Ledger()
        tell = self.model.tell

        def noted(life: Any, told: Told) -> None:
            if life.opening.events:
                self.happened.claimed(told)
            tell(life, told)

        self.model.tell = noted  # type: ignore[method-assign]  # which entries go is not said

    def all_is_told(self) -> None:
        starts, ends = self.told.claims()
        all_starts, all_ends = self.happened.claims()
        assert starts <= all_starts
        assert ends.items() <= all_ends.items()
