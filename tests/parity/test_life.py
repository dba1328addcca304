"""The table of a session's life, walked step by step over HTTP in both worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessionware import Kind, Limit, life
from sessionware.life import LIFE, Step
from sessionware.session import Cause
from sessionware.store import Bar, Ended, Get, Living, Meta, open_store
from support.origin import Origin, Reply
from support.site import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sessionware.session import Session
    from sessionware.store import Store
    from support.clock import Clock
    from support.origin import Seen
    from support.worlds import World

SECRET = "a secret of at least thirty-two characters"
HOLD = 60.0

WAIT = {
    life.WAITS: 121,
    life.COMES_LATE: 601,
    life.IS_FORGOTTEN: 3601,
    life.IS_FORGIVEN: 601,
    life.PASSES: 601,
}
"""How long it takes until these happen."""

LIMITS = {
    life.CROWDED: Limit(1, hold=HOLD),
    life.IS_EVICTED: Limit(1, over="evict"),
    life.EVICTED: Limit(1, over="evict"),
}
"""Which limit on an address lets these happen, or leads into such a state."""

REFUSED = {life.STOPPED: 410, life.CLOSED: 410, life.EVICTED: 410}
"""What a viewer gets who knocks; the other states are denied, and get 403."""


class Viewer:
    """One token on one stream, and what the store says of its session."""

    def __init__(
        self, make_world: Callable[..., World], clock: Clock, store: Store, step: Step
    ) -> None:
        self.clock = clock
        self.store = store
        self.denies = False
        self._options: dict[str, Any] = {
            "secret": SECRET,
            "clock": clock,
            "stream": "/(?P<stream>a)/",
            "admit": lambda session, _: self._note(session),
            "max_sessions_per_ip": LIMITS.get(step.happens, LIMITS.get(step.state)),
        }
        self.world = make_world(Origin(site), store=store, **self._options)
        self.token = self._new_token()
        self._names: tuple[bytes, bytes] | None = None
        self._is_another = False

    def asks(self, name: str) -> int:
        """Ask for a manifest under the token; gives the status."""
        return self.world.get(f"/a/{name}?tkn={self.token}").status

    def is_joined(self, **how: Any) -> None:
        """Let somebody else at the same address begin to play."""
        self._is_another = True
        token = self._new_token()
        assert self.world.get(f"/a/index.m3u8?tkn={token}", **how).status == 200
        self._is_another = False

    def _new_token(self) -> str:
        location = self.world.get("/a/master.m3u8").location
        assert location is not None
        return location.partition("tkn=")[2]

    def _note(self, session: Session) -> bool:
        if not self._is_another:
            self._names = (session.key, session.key)  # by default the mark is the key
        return not self.denies

    @property
    def state(self) -> str:
        now = self.clock.now
        if any(now < denial.until for denial in self.store.execute(Meta()).denials):
            return life.DENIED_BY_DENY
        if self._names is None:
            return life.NEW
        key, mark = self._names
        found = self.store.execute(Get(key, now, mark))
        if isinstance(found, Living):
            return found.state.value
        if isinstance(found, Bar):
            return {Cause.STOPPED: life.STOPPED, Cause.DENIED: life.DENIED_BY_ADMIT}[found.cause]
        if isinstance(found, Ended) and found.cause is not Cause.DENIED:
            return found.cause.value
        return life.NEW  # who was denied has nothing against it when that is over

    # --- how it gets into a state --------------------------------------------------------------

    def become(self, state: str) -> None:
        self.denies = state == life.DENIED_BY_ADMIT
        if state == life.PENDING:
            self.asks("master.m3u8")
        elif state != life.NEW:
            self.asks("index.m3u8")
        if state == life.EXPIRED:
            self.clock.advance(121)
        leads = {
            life.STOPPED: life.STOPS,
            life.CLOSED: life.CLOSES,
            life.EVICTED: life.IS_EVICTED,
            life.DENIED_BY_DENY: life.DENIES,
        }
        if state in leads:
            self._suffer(leads[state])

    # --- what happens --------------------------------------------------------------------------

    def meet(self, step: Step) -> None:
        happens = step.happens
        self.clock.advance(WAIT.get(happens, 0))
        self._suffer(happens)
        if happens in ASKS:
            name, status = ASKS[happens]
            expected = REFUSED.get(step.state, 403) if happens == life.KNOCKS else status
            assert self.asks(name) == expected

    def _suffer(self, happens: str) -> None:
        """Let happen what is not its own request."""
        sessions = self.world.sessions
        if happens == life.STOPS:
            assert sessions.stop(stream="a") == 1
        elif happens == life.CLOSES:
            with sessions.open(Kind.VIEWER, stream="a", token=self.token) as held:
                assert held.key == self._names[0]
        elif happens == life.IS_EVICTED:
            self.is_joined(headers=(("user-agent", "another"),))
        elif happens == life.IS_SUPERSEDED:
            self.is_joined()
            counts = sessions.count()
            assert (counts.watching, counts.sessions) == (1, 2)
        elif happens == life.CROWDED:
            self.clock.advance(HOLD)  # of its own place
            self.is_joined(headers=(("user-agent", "another"),))
        elif happens == life.DENIES:
            sessions.deny(token=self.token, duration=600)
        elif happens == life.ALLOWS:
            sessions.allow(token=self.token)
        elif happens in {life.INVALIDATES, life.IS_EXPELLED}:
            sessions.invalidate()
        self.denies = self.denies or happens in {life.IS_DENIED, life.IS_EXPELLED}


ASKS = {
    life.LOOKS: ("master.m3u8", 200),
    life.LOOKS_AGAIN: ("master.m3u8", 200),
    life.PLAYS: ("index.m3u8", 200),
    life.RETURNS: ("index.m3u8", 200),
    life.FAILS: ("gone.m3u8", 404),
    life.CROWDED: ("index.m3u8", 403),
    life.COMES_LATE: ("index.m3u8", 400),
    life.IS_DENIED: ("index.m3u8", 403),
    life.IS_EXPELLED: ("index.m3u8", 403),
    life.KNOCKS: ("index.m3u8", 0),
}
"""What it asks for as these happen, and the status that it gets."""


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/sessions.db"
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("step", LIFE, ids=lambda step: f"{step.state}: {step.happens}")
def test_each_step_of_the_table_happens(make_world, clock, store, step: Step):
    viewer = Viewer(make_world, clock, store, step)
    viewer.become(step.state)
    assert viewer.state == step.state
    viewer.meet(step)
    assert viewer.state == step.then


def test_no_state_has_two_ways_at_once():
    assert len({(step.state, step.happens) for step in LIFE}) == len(LIFE)


def test_the_table_has_each_cause_of_an_end_and_a_way_out_of_each():
    states = {step.state for step in LIFE}
    assert {cause.value for cause in Cause} - states == {"denied"}  # which has two
    get_out = {life.NEW}
    for _ in states:
        get_out |= {step.state for step in LIFE if step.then in get_out}
    assert get_out == states


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_gap_of_the_origin_ends_nobody_who_goes_on_asking(make_world, clock, store, status):
    is_down = False

    def origin(seen: Seen) -> Reply:
        return Reply(status) if is_down else site(seen)

    seen: list[str] = []
    world = make_world(Origin(origin), secret=SECRET, clock=clock, store=store)
    url = world.get("/a.m3u8").location
    for at in range(60):  # ten minutes, five times as long as it may be silent
        is_down = at > 0 and at < 59
        assert world.get(url).status == (status if is_down else 200)
        seen += [session.id for session in world.sessions.list().items]
        clock.advance(10)
    assert len(seen) == 60
    assert len(set(seen)) == 1
