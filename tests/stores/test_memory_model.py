"""The memory store against a naive model, over random histories with a time of their own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sessionware import Counts, Kind, MemoryStore
from sessionware.identity import milliseconds
from sessionware.store import End, Full, Learn, Listing, Streams, Sweep, Withdraw
from support.clock import Clock
from support.driver import Driver

ROOM = 6
NUMBERS = st.integers(1, 9)
KINDS = st.sampled_from([Kind.VIEWER, Kind.VIEWER, Kind.INPUT, Kind.UNSPECIFIED])
STEPS = st.sampled_from([0.0, 0.25, 1.0, 7.5, 29.75, 40.0])


@dataclass
class Known:
    """A session as the model knows it."""

    kind: Kind
    stream: str
    started: float
    seen: float
    timeout: float
    deadline: float
    playing: bool
    requests: int = 1

    def is_over(self, now: float) -> bool:
        return now >= self.expires

    @property
    def expires(self) -> float:
        return math.ceil(min(self.seen + self.timeout, self.deadline))


class Model(RuleBasedStateMachine):
    """Both are told the same; whatever they are asked, they answer the same."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(1_700_000_000.5)
        self.driver = Driver(MemoryStore(max_sessions=ROOM), self.clock)
        self.known: dict[int, Known] = {}
        self.gone: dict[tuple[str, Kind], Counter] = {}

    def expire(self) -> None:
        for number, known in list(self.known.items()):
            if known.is_over(self.clock.now):
                self.end(number)

    def end(self, number: int, *, withdrawn: bool = False) -> None:
        known = self.known.pop(number)
        if not withdrawn:
            gone = self.gone.setdefault((known.stream, known.kind), Counter())
            gone.ended += known.playing
            gone.requests += known.requests

    @rule(step=STEPS)
    def time_passes(self, step: float) -> None:
        self.clock.advance(step)
        self.expire()

    @rule(
        number=NUMBERS,
        kind=KINDS,
        stream=st.sampled_from("ab"),
        playing=st.booleans(),
        timeout=st.sampled_from([1.5, 30.0, 120.0]),
        life=st.sampled_from([20.25, 1000.0]),
    )
    def begin(self, number: int, playing: bool, life: float, **more: Any) -> None:
        now = self.clock.now
        answer = self.driver.begin(number, playing=playing, deadline=now + life, **more)
        if number in self.known:
            assert not answer.new
            self.touched(number, playing)
        elif len(self.known) == ROOM:
            assert answer == Full()
        else:
            assert answer.new
            self.known[number] = Known(
                started=now, seen=now, deadline=now + life, playing=playing, **more
            )

    def touched(self, number: int, playing: bool) -> None:
        known = self.known[number]
        known.requests += 1
        known.seen = max(known.seen, self.clock.now)
        known.playing |= playing

    @rule(number=NUMBERS, playing=st.booleans())
    def touch(self, number: int, playing: bool) -> None:
        answer = self.driver.touch(number, playing=playing)
        assert (answer is not None) is (number in self.known)
        if number in self.known:
            self.touched(number, playing)

    @rule(number=NUMBERS)
    def learn(self, number: int) -> None:
        if number in self.known:  # one whose time is over may still be told: it counts as ended
            assert self.driver.do(Learn, number)
            self.known[number].playing = True

    @rule(number=NUMBERS)
    def withdraw(self, number: int) -> None:
        if number in self.known:
            once = self.known[number].requests == 1
            assert self.driver.do(Withdraw, number) is once
            if once:
                self.end(number, withdrawn=True)

    @rule(number=NUMBERS)
    def stop(self, number: int) -> None:
        if number in self.known:
            assert self.driver.do(End, number)
            self.end(number)

    @rule(limit=st.integers(1, 3))
    def sweep(self, limit: int) -> None:
        assert self.driver.store.execute(Sweep(self.clock.now, limit)) <= limit

    @rule(number=NUMBERS)
    def get(self, number: int) -> None:
        got, known = self.driver.get(number), self.known.get(number)
        assert (got is None) is (known is None)
        if got is not None and known is not None:
            assert (got.started, got.last_seen) == (known.started, known.seen)
            assert (got.requests, got.kind, got.stream) == (
                known.requests,
                known.kind,
                known.stream,
            )
            assert got.expires == known.expires

    def counted(self, stream: str | None, kind: Kind | None) -> Counts:
        def counts(of_stream: str, of_kind: Kind) -> bool:
            right_kind = of_kind is kind or (kind is None and of_kind is not Kind.UNSPECIFIED)
            return right_kind and stream in {None, of_stream}

        living = [known for known in self.known.values() if counts(known.stream, known.kind)]
        gone = [counter for names, counter in self.gone.items() if counts(*names)]
        playing = [known for known in living if known.playing]
        oldest = int(self.clock.now) - 15
        ended = sum(counter.ended for counter in gone)
        return Counts(
            watching=sum(int(k.seen) >= oldest and k.kind is Kind.VIEWER for k in playing),
            sessions=len(playing),
            started=len(playing) + ended,
            ended=ended,
            requests=sum(k.requests for k in living) + sum(c.requests for c in gone),
        )

    @rule(stream=st.sampled_from(["a", "b", None]), kind=st.sampled_from([None, *Kind]))
    def count(self, stream: str | None, kind: Kind | None) -> None:
        assert self.driver.count(stream, kind) == self.counted(stream, kind)

    @rule()
    def streams(self) -> None:
        answer = self.driver.store.execute(Streams(self.clock.now, 15))
        assert all(counts == self.counted(stream, None) for stream, counts in answer.items())
        assert {known.stream for known in self.known.values() if known.kind in list(Kind)[:3]} <= (
            answer.keys()
        )

    @rule()
    def listing(self) -> None:
        answer = self.driver.store.execute(Listing(self.clock.now))
        playing = sorted(
            (milliseconds(known.started), number)
            for number, known in self.known.items()
            if known.playing
        )
        assert [int.from_bytes(living.key) for living in answer] == [
            number for _, number in playing
        ]

    @invariant()
    def the_store_is_bounded(self) -> None:
        store = self.driver.store
        assert isinstance(store, MemoryStore)
        assert len(self.known) <= len(store) <= ROOM


class Counter:
    """What is left of sessions that have ended."""

    def __init__(self) -> None:
        self.ended = 0
        self.requests = 0


Model.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
TestTheMemoryStoreAnswersAsTheModel = Model.TestCase
