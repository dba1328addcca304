"""Our stores against the model: over random histories every answer is the same."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from sessionware import Kind, MemoryStore
from sessionware.identity import milliseconds
from sessionware.session import Cause, Presentation
from sessionware.store import (
    Bar,
    Begin,
    Count,
    End,
    Get,
    Learn,
    Listing,
    Merge,
    Opening,
    Streams,
    Sweep,
    Touch,
    Withdraw,
)
from sessionware.store.sqlite import SqliteStore
from sessionware.testing.steps import HOUR, key, mark, plain
from support.clock import Clock
from support.model import ModelStore

if TYPE_CHECKING:
    from sessionware import Store

ROOM = 3
KEYS = 5
NUMBERS = st.sampled_from(range(40))
SOME_KEYS = st.lists(st.integers(0, KEYS - 1), min_size=1, max_size=4, unique=True)
NEVER_BARRED = bytes(16)
MANY_PAST = 4  # of the streams and kinds that there may be
STREAMS = st.sampled_from(["a", "a/b", "ä\0"])
KINDS = st.sampled_from([Kind.VIEWER, Kind.VIEWER, Kind.INPUT, Kind.UNSPECIFIED])
STEPS = st.sampled_from([0.0, 0.0004, 0.25, 0.75, 1.0, 2.0, 7.5, 19.75, 40.0])
SPANS = st.sampled_from([1.5, 20.25, 30.0, 60.0, 120.0])
TEXTS = st.sampled_from(["1", '"é"', "[]"])
NAMES = st.sampled_from(["a", "b", ""])
CAUSES = st.sampled_from(Cause)
OPENINGS = {
    "kind": KINDS,
    "stream": STREAMS,
    "ip": st.sampled_from(["192.0.2.7", ""]),
    "protocol": st.just("HLS"),
    "service": st.sampled_from(["", "s"]),
    "params": st.sampled_from(["", "a=1"]),
    "timeout": SPANS,
    "playing": st.sampled_from([True, True, False]),
    "previous": st.sampled_from(["", "p"]),
}
BARS = st.builds(Bar, CAUSES, SPANS, st.sampled_from([0, 451]), st.sampled_from(["", "✓"]))


def mark_of(key: bytes) -> bytes:
    """Give the mark of a key: some share one."""
    return mark(1 + key[-1] % 3)


class Histories(RuleBasedStateMachine):
    """Both are told the same; whatever they are asked, they answer the same."""

    room: ClassVar[int] = 1000
    remembers = st.sampled_from([0.0, 0.5, 45.0, 300.0, 600.0])

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = self.make(Path(self.folder.name), self.room)
        self.model = ModelStore(self.room)
        self.clock = Clock(1_700_000_000.5)

    @staticmethod
    def make(folder: Path, room: int) -> Store:
        raise NotImplementedError

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def ask(self, command: Any) -> Any:
        answer, expected = plain(self.store.execute(command)), self.model.execute(command)
        assert answer == expected, command
        return answer

    def pick(self, number: int) -> bytes:
        """Give a key, mostly of a session that lives or of one that did."""
        known = [*self.model.lives, *self.model.lives, *self.model.ends]
        if number < KEYS or not known:
            return key(number % KEYS)
        return known[number % len(known)]

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
        self.ask(Count(self.clock.now, 15))
        self.ask(Streams(self.clock.now, 15))

    # --- one session ---------------------------------------------------------------------------

    @rule(numbers=SOME_KEYS, data=st.data(), opening=st.fixed_dictionaries(OPENINGS))
    def begin(self, numbers: list[int], data: Any, opening: Any) -> None:
        now = self.clock.now
        opening["deadline"] = now + data.draw(st.sampled_from([20.25, 100.0, 1000.0]))
        opening["until"] = data.draw(st.sampled_from([0.0, now + 50, now + 400]))
        opening["cookie_set"] = data.draw(st.sampled_from([None, now, now - 10]))
        opening["remember"] = data.draw(self.remembers)
        texts = data.draw(st.dictionaries(NAMES, TEXTS))
        for number in numbers:
            opening["mark"] = mark_of(key(number))
            self.ask(Begin(key(number), now, Opening(**opening), texts))

    @rule(number=NUMBERS, playing=st.booleans(), after=st.sampled_from([None, 0, 10, 40.5]))
    def touch(self, number: int, playing: bool, after: float | None) -> None:
        touched = self.pick(number)
        self.ask(Touch(touched, mark_of(touched), self.clock.now, playing, after))

    @rule(number=NUMBERS, lag=st.sampled_from([0.25, 1.0, 20.0]), playing=st.booleans())
    def touch_late(self, number: int, lag: float, playing: bool) -> None:
        touched = self.pick(number)
        if self.ask(Get(touched, self.clock.now)):
            self.ask(Touch(touched, NEVER_BARRED, self.clock.now - lag, playing))

    @rule(number=NUMBERS)
    def learn_that_it_plays(self, number: int) -> None:
        self.ask(Learn(self.pick(number), self.clock.now))

    @rule(
        number=NUMBERS,
        presentation=st.sampled_from(Presentation),
        duration=st.sampled_from([None, 90.04]),
        timeout=SPANS,
        lasts=st.sampled_from([None, -10.0, 20.5, 600.0]),
    )
    def learn(self, number: int, lasts: float | None, **said: Any) -> None:
        now = self.clock.now
        until = 0.0 if lasts is None else now + lasts
        self.ask(Learn(self.pick(number), now, **said, until=until))

    @rule(number=NUMBERS, changes=st.dictionaries(NAMES, st.none() | TEXTS))
    def merge(self, number: int, changes: dict[str, str | None]) -> None:
        self.ask(Merge(self.pick(number), self.clock.now, changes))

    @rule(number=NUMBERS)
    def withdraw(self, number: int) -> None:
        self.ask(Withdraw(self.pick(number), self.clock.now))

    @rule(number=NUMBERS, cause=CAUSES)
    def end(self, number: int, cause: Cause) -> None:
        self.ask(End(self.pick(number), self.clock.now, cause))

    @rule(number=NUMBERS, bar=BARS)
    def end_with_a_bar(self, number: int, bar: Bar) -> None:
        now = self.clock.now
        told = Bar(bar.cause, now + bar.until, bar.status, bar.reason)
        self.ask(End(self.pick(number), now, bar.cause, told))

    @rule(number=NUMBERS)
    def get(self, number: int) -> None:
        read = self.pick(number)
        self.ask(Get(read, self.clock.now))
        self.ask(Get(read, self.clock.now, mark_of(read)))

    # --- many ----------------------------------------------------------------------------------

    @rule(limit=st.integers(1, 3))
    def sweep(self, limit: int) -> None:
        # Some whose time was over may have been ended by other commands, in one and in the other.
        assert 0 <= self.store.execute(Sweep(self.clock.now, limit)) <= limit
        self.model.execute(Sweep(self.clock.now, limit))

    @rule()
    def sweep_all(self) -> None:
        self.store.execute(Sweep(self.clock.now))
        assert self.store.execute(Sweep(self.clock.now)) == 0

    @rule(
        stream=st.none() | STREAMS,
        kind=st.sampled_from([None, *Kind]),
        window=st.sampled_from([0.5, 15, 60]),
    )
    def count(self, stream: str | None, kind: Kind | None, window: float) -> None:
        self.ask(Count(self.clock.now, window, stream, kind))

    @rule(window=st.sampled_from([15, 60]))
    def streams(self, window: float) -> None:
        self.ask(Streams(self.clock.now, window))

    @rule(stream=st.none() | STREAMS, kind=st.none() | KINDS, limit=st.integers(1, 4))
    def listing(self, stream: str | None, kind: Kind | None, limit: int) -> None:
        page = self.ask(Listing(self.clock.now, stream, kind, None, limit))
        if page:
            after = milliseconds(page[-1].started), page[-1].key
            self.ask(Listing(self.clock.now, stream, kind, after, limit))


class LittleRoom(Histories):
    """Newcomers are refused; nothing is remembered, for which of too many go is not said."""

    room = ROOM
    remembers = st.just(0.0)


def in_memory(_: Path, room: int) -> MemoryStore:
    return MemoryStore(room)


def in_a_file(folder: Path, room: int) -> SqliteStore:
    return SqliteStore(folder / "sessions.db", max_sessions=room)


def held(histories: type[Histories], make: Any) -> Any:
    """Make the test that holds a store against the model."""
    case = type(histories.__name__, (histories,), {"make": staticmethod(make)}).TestCase
    case.settings = settings(
        max_examples=60, stateful_step_count=60, deadline=None, print_blob=True
    )
    return case


TestInMemory = held(Histories, in_memory)
TestInMemoryWithLittleRoom = held(LittleRoom, in_memory)
TestInAFile = held(Histories, in_a_file)
TestInAFileWithLittleRoom = held(LittleRoom, in_a_file)
