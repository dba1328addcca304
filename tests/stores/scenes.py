"""Scenes of which the random histories are made, where single commands rarely meet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from both import ALL, Both, mark_of
from draws import (
    DATA,
    EVICTING,
    EVICTING_TWO,
    HOLDERS,
    KEYS,
    MOMENT,
    NUMBERS,
    OFTEN,
    ONE,
    ONE_LONGER,
    OPENINGS,
    PLACES,
    REQUESTS,
    SHORT_STEPS,
    SOME_KEYS,
    STREAMS,
    TWO,
    TWO_KEYS,
)
from hypothesis import strategies as st
from hypothesis.stateful import rule

from sessionware.session import Cause, Presentation
from sessionware.store import (
    Announce,
    Asked,
    Bar,
    Begin,
    Changed,
    Count,
    Decline,
    End,
    Enter,
    Finish,
    Get,
    Invalidate,
    Learn,
    Leave,
    Listing,
    Living,
    Merge,
    Note,
    Outside,
    Streams,
    Tag,
    Touch,
    Withdraw,
)
from sessionware.testing.steps import key, mark

FIRST = 20


class Scenes(Both):
    """What belongs together, and at the times at which it matters."""

    @rule(
        number=NUMBERS,
        which=st.sampled_from(["announced", "over", "over", "held", "opened", "watching"]),
        early=st.sampled_from([0.0, 0.0, MOMENT]),
        asked=st.integers(0, FIRST - 1),
    )
    def something_is_due(self, number: int, which: str, early: float, asked: int) -> None:
        """Time comes to an edge of a session, and the first thing asked is about it, or all."""
        name = self.pick(number)
        life = self.model.lives.get(name)
        if life is None:
            return
        held = min((place.hold for place in life.opening.places), default=0) + (life.held or 0)
        edges = {
            "announced": life.announce_at,
            "opened": life.started + 10,
            "over": life.expires,
            "held": held,
            "watching": life.seen + 1 + life.watches_for,
        }
        if self.clock.now < edges[which] - early < self.clock.now + 600:
            self.clock.now = edges[which] - early
            self.ask_first(asked, name)

    def ask_first(self, asked: int, name: bytes) -> None:
        now, opening = self.clock.now, self.model.lives[name].opening
        again = replace(opening, deadline=now + 500, playing=True)
        first = [
            Touch(name, mark_of(name), now),
            Touch(name, mark_of(name), now, playing=True, lease=5.0),
            Enter(name, mark_of(name), now, confirmed=True),
            Begin(name, now, again),
            Begin(key(KEYS), now, replace(again, holder=mark(79))),
            Get(name, now, mark_of(name)),
            Learn(name, now),
            Leave(name, now),
            Announce(name, now),
            Finish(name, now, 1, 1),
            Note(name, now, ("ip 99",)),
            Merge(name, now, {"a": "1"}),
            Tag(name, now, ("x",)),
            Withdraw(name, now),
            End(name, now, Cause.CLOSED),
            Invalidate(now, name),
            Count(now, opening.stream, opening.kind),
            Streams(now),
            Listing(now, pending=True),
        ]
        if asked >= len(first):
            self.claim_some(ALL)
        elif not isinstance(first[asked], Begin):
            self.ask(first[asked])
        elif (first[asked].key, now) not in self.began:
            self.began.add((first[asked].key, now))
            self.ask(first[asked])

    @rule(number=st.integers(0, KEYS - 1), data=st.data(), opening=OPENINGS)
    def request(self, number: int, data: Any, opening: Any) -> None:
        """What a worker asks at a request."""
        name, now, asked = key(number), self.clock.now, data.draw(REQUESTS)
        found = self.ask(Touch(name, mark_of(name), now, **asked, lease=5.0))
        if isinstance(found, Outside):
            asked |= {"data": data.draw(DATA), "confirmed": True} if found.invalid else {}
            found = self.ask(Enter(name, mark_of(name), now, **asked))
        elif not isinstance(found, Living | Bar | Asked | Changed):
            found = self.ask(self.beginning(name, opening, data))
        if isinstance(found, Living) and found.new:
            well = data.draw(OFTEN)
            self.ask((Announce if well else Withdraw)(name, self.clock.now))

    @rule(
        numbers=TWO_KEYS,
        data=st.data(),
        opening=OPENINGS,
        places=st.sampled_from([(ONE,), (ONE_LONGER,)]),
        steps=st.lists(SHORT_STEPS, min_size=2, max_size=7),
    )
    def to_and_fro(
        self, numbers: list[int], data: Any, opening: Any, places: Any, steps: list[float]
    ) -> None:
        """One token, one place, two sessions that ask by turns."""
        opening |= {"playing": True, "timeout": 60.0, "places": places}
        for turn, step in enumerate(steps):
            self.clock.advance(step)
            self.request(numbers[turn % 2], data, opening)

    @rule(
        number=NUMBERS,
        lease=st.sampled_from([5.0, 0.25]),
        waits=SHORT_STEPS,
        end=st.sampled_from([None, Decline, Enter, Begin]),
        data=st.data(),
    )
    def a_lease(self, number: int, lease: float, waits: float, end: Any, data: Any) -> None:
        """One takes it, and another asks; perhaps after it was given back, or was over."""
        name = self.pick(number)
        first = self.ask(Touch(name, mark_of(name), self.clock.now, lease=lease))
        if isinstance(first, Living) and self.ask(Invalidate(self.clock.now, name)):
            self.ask(Touch(name, mark_of(name), self.clock.now, lease=lease))
        if end is Decline:
            self.ask(Decline(name, mark_of(name), self.clock.now))
        if end is Enter:
            confirmed = data.draw(OFTEN)
            self.ask(Enter(name, mark_of(name), self.clock.now, confirmed=confirmed))
        if end is Begin:
            self.ask(self.beginning(name, data.draw(OPENINGS), data))
        self.clock.advance(waits)
        for asked in (key(0), key(1), name):
            self.ask(Touch(asked, mark_of(asked), self.clock.now, lease=lease))

    @rule(
        numbers=TWO_KEYS,
        data=st.data(),
        opening=OPENINGS,
        before=st.sampled_from([None, None, Announce, Finish, Learn, Begin]),
        step=st.sampled_from([0.0, 1.0, 9.0, 9.5, 10 - MOMENT, 10.0, 11.0]),
        after=st.sampled_from([Touch, Enter, Announce, Finish, Learn, End, Begin]),
    )
    def opened_twice(
        self, numbers: list[int], data: Any, opening: Any, before: Any, step: float, after: Any
    ) -> None:
        """A client begins, drops that, and begins again; and asks for the first, or does not."""
        first, second = map(key, numbers)
        returns = data.draw(st.booleans())
        opening |= {"client": mark(81), "timeout": 60.0, "announced": False}
        opening |= {"playing": data.draw(OFTEN), "returns": returns != (before is Learn)}
        for name in (first, second):
            if name in self.model.lives:
                self.ask(End(name, self.clock.now, Cause.CLOSED))
        self.ask(self.beginning(first, opening, data))
        if before is not None:
            self.ask(self.about(before, first, opening, data, returns))
        self.clock.advance(step)
        opening |= {
            "holder": data.draw(HOLDERS),
            "client": data.draw(st.sampled_from([mark(81)] * 4 + [b""])),
        }
        opening |= {"places": data.draw(PLACES)}
        self.ask(self.beginning(second, opening, data))
        self.ask(Count(self.clock.now))
        self.ask(self.about(after, first, opening, data, returns))
        self.ask(Count(self.clock.now))

    def about(self, what: Any, name: bytes, opening: Any, data: Any, returns: bool) -> Any:
        """Give a command of that sort about a session."""
        now = self.clock.now
        if what in {Touch, Enter}:
            return what(name, mark_of(name), now)
        if what is Learn:
            presentation = data.draw(st.sampled_from([None, Presentation.LIVE]))
            return Learn(name, now, presentation, None, 60.0, returns=returns)
        if what is Begin:
            return self.beginning(name, opening, data)
        return what(name, now, Cause.CLOSED) if what is End else what(name, now)

    @rule(
        numbers=st.permutations(range(KEYS)),
        data=st.data(),
        opening=OPENINGS,
        places=st.lists(
            st.sampled_from([ONE, ONE_LONGER, TWO, EVICTING, EVICTING_TWO]),
            min_size=1,
            max_size=3,
            unique_by=lambda place: place.scope,
        ),
        step=st.sampled_from([0.0, 0.0, 0.25]),
    )
    def a_crowd(
        self, numbers: list[int], data: Any, opening: Any, places: list[Any], step: float
    ) -> None:
        """Some are inside who asked at once or one after the other, and others come."""
        opening |= {"timeout": 60.0, "playing": True}
        for number in numbers:
            name = key(number)
            some = data.draw(st.lists(st.sampled_from(places), min_size=1, unique=True))
            opening |= {"places": tuple(some), "holder": data.draw(HOLDERS)}
            if name in self.model.lives:
                found = self.ask(Touch(name, mark_of(name), self.clock.now))
                if isinstance(found, Outside):
                    self.ask(Enter(name, mark_of(name), self.clock.now))
            else:
                self.ask(self.beginning(name, opening, data))
            self.clock.advance(step)
        self.no_limit_is_exceeded()

    @rule(
        numbers=SOME_KEYS,
        data=st.data(),
        cause=st.sampled_from([Cause.DENIED, Cause.DENIED, Cause.STOPPED]),
        step=st.sampled_from([0.0, 20.0, 60.0]),
    )
    def denials(self, numbers: list[int], data: Any, cause: Cause, step: float) -> None:
        """Some are denied, and then the app is to be asked again about some or all."""
        now = self.clock.now
        for number in numbers:
            bar = Bar(cause, now + data.draw(st.sampled_from([20.0, 60.0])))
            if key(number) in self.model.lives:
                self.ask(End(key(number), now, cause, bar))
            else:
                stream = data.draw(STREAMS)
                self.ask(Decline(key(number), mark_of(key(number)), now, bar, stream))
        self.clock.advance(step)
        name, stream = data.draw(
            st.sampled_from([(None, None), (None, "a"), (None, "a/b"), (key(numbers[0]), None)])
        )
        self.ask(Invalidate(self.clock.now, name, stream))
        for number in range(KEYS):
            self.ask(Get(key(number), self.clock.now, mark_of(key(number))))
        self.ask(Invalidate(self.clock.now))
