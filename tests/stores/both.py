"""A store and the model, which are asked the same at the same time."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from draws import KEYS, LIMITS, MOMENT, NAMES_OF_STREAMS
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine
from ledger import Ledger

from sessionware import Kind
from sessionware.store import (
    Begin,
    Claim,
    Count,
    Counts,
    Get,
    Listing,
    Living,
    Meta,
    Opening,
    Streams,
    Sweep,
    Touch,
)
from sessionware.testing.steps import key, mark, plain
from support.clock import Clock
from support.model import ModelStore

if TYPE_CHECKING:
    from sessionware import Store

ALL = 10_000
LISTED: list[dict[str, Any]] = [
    {"pending": True},
    {"stream": "a"},
    {"stream": "a", "below": True},
    {"kind": Kind.VIEWER},
    {"user": "u"},
    {"ip": ""},
    {"tag": "x"},
    {"holder": b""},
    {"holder": mark(71)},
]
NEVER_BARRED = bytes(16)


def mark_of(key: bytes) -> bytes:
    """Give the mark of a key: some share one."""
    return mark(1 + key[-1] % 3)


class Both(RuleBasedStateMachine):
    """Asks both, compares the answers, and in the end all that there is."""

    room: ClassVar[int] = 1000
    remembers = st.sampled_from([0.0, 0.5, 45.0, 300.0, 600.0])

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.store = self.make(Path(self.folder.name), self.room)
        self.model = ModelStore(self.room)
        self.clock = Clock(1_700_000_000.5)
        self.told, self.expected = Ledger(), Ledger()
        self.began: set[tuple[bytes, float]] = set()
        self.in_order = True
        self.failed = False

    @staticmethod
    def make(folder: Path, room: int) -> Store:
        raise NotImplementedError

    def teardown(self) -> None:
        try:
            if not self.failed:
                self.everything_is_the_same()
        finally:
            self.store.close()
            self.folder.cleanup()

    # --- asking --------------------------------------------------------------------------------

    def ask(self, command: Any) -> Any:
        answer, expected = self.answers(command)
        self.failed = answer != expected
        assert not self.failed, f"{command}\nanswered {answer}\n     not {expected}"
        if isinstance(answer, Living) and answer.announce:
            self.told.announced(answer)
            self.expected.announced(expected)
        return answer

    def answers(self, command: Any) -> tuple[Any, Any]:
        self.failed = True
        both = plain(self.store.execute(command)), plain(self.model.execute(command))
        self.failed = False
        return both

    def pick(self, number: int) -> bytes:
        """Give a key, mostly of a session that lives or of one that did."""
        known = [*self.model.lives, *self.model.lives, *self.model.ends]
        if number < KEYS or not known:
            return key(number % KEYS)
        return known[number % len(known)]

    def version(self, other: bool) -> int | None:
        """Give the version of the orders that an asker knows; rarely another."""
        return self.model.orders + 1 if other else self.model.orders or None

    def beginning(self, of: bytes, opening: dict[str, Any], drawn: Any, **more: Any) -> Begin:
        """Give the command that begins a session, with what is still to be drawn for it."""
        if (of, self.clock.now) in self.began:  # two lives are told apart by when they began
            self.clock.advance(MOMENT)
        now = self.clock.now
        self.began.add((of, now))
        complete = Opening(
            **opening,
            mark=mark_of(of),
            above=drawn.draw(st.sampled_from([(), (), (mark(1),)])),
            deadline=now + drawn.draw(st.sampled_from([20.25, 100.0, 1000.0])),
            until=drawn.draw(st.sampled_from([0.0, now + 50, now + 400])),
            cookie_set=drawn.draw(st.sampled_from([None, now, now - 10])),
            remember=drawn.draw(self.remembers),
        )
        return Begin(of, now, complete, **more)

    # --- what is compared in other ways than answer by answer -------------------------------------

    def sweep_all(self) -> None:
        self.answers(Sweep(self.clock.now))
        assert self.store.execute(Sweep(self.clock.now)) == 0

    def claim_some(self, limit: int) -> None:
        given, expected = self.answers(Claim(self.clock.now, limit))
        assert len(given) <= limit
        for told in given:
            self.told.claimed(told)
        for told in expected:
            self.expected.claimed(told)
        if limit == ALL:
            self.all_is_told()

    def all_is_told(self) -> None:
        assert self.told.claims() == self.expected.claims()

    def the_whole_is_the_same(self) -> None:
        mine, expected = self.answers(Meta())
        assert mine.orders == expected.orders
        assert mine.denials == expected.denials
        assert mine.heartbeat == expected.heartbeat

    def no_limit_is_exceeded(self) -> None:
        """Ask for all: of those who may go on, no more need a place than there are."""
        taken = dict.fromkeys(LIMITS, 0)
        for name, life in list(self.model.lives.items()):
            answer = self.ask(Touch(name, NEVER_BARRED, self.clock.now))
            for place in life.opening.places:
                taken[place.scope] += isinstance(answer, Living)
        if self.in_order:
            assert all(taken[scope] <= limit for scope, limit in LIMITS.items()), taken

    def everything_is_the_same(self) -> None:
        now = self.clock.now
        counted: list[dict[str, Any]] = [{"kind": kind} for kind in (None, *Kind)]
        counted += [{"stream": stream} for stream in NAMES_OF_STREAMS]
        counted += [{"protocol": "DASH"}]
        for wanted in counted:
            sane(self.ask(Count(now, **wanted)))
        self.ask(Streams(now))
        for wanted in LISTED:
            self.ask(Listing(now, **wanted))
        for number in range(KEYS):
            self.ask(Get(key(number), now, mark_of(key(number)), (mark(1), mark(2))))
        self.claim_some(ALL)
        self.the_whole_is_the_same()
        self.no_limit_is_exceeded()


def sane(counts: Counts) -> None:
    """What holds of all numbers, whatever happened."""
    assert counts.started - counts.ended <= counts.sessions
    assert counts.watching + counts.quiet <= counts.sessions
    assert min(counts.__getstate__()) >= 0
