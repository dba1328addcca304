"""The table of a session's life, walked step by step over HTTP in both worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionware import life
from sessionware.life import LIFE, Step
from sessionware.session import Cause
from sessionware.store import Bar, Ended, Get, Living, open_store
from support.origin import Origin
from support.site import site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sessionware.session import Session
    from sessionware.store import Store
    from support.clock import Clock
    from support.worlds import World

SECRET = "a secret of at least thirty-two characters"


class Viewer:
    """One token on one stream, and what the store says of its session."""

    def __init__(self, make_world: Callable[..., World], clock: Clock, store: Store) -> None:
        self.clock = clock
        self.store = store
        self.origin = Origin(site)
        self.denies = False
        options = {"secret": SECRET, "clock": clock, "stream": "/(?P<stream>a)/"}
        options["admit"] = lambda session, _: self._note(session)
        self.world = make_world(self.origin, store=store, **options)
        self.token = self.world.get("/a/master.m3u8").location.partition("tkn=")[2]
        self._names: tuple[bytes, bytes] | None = None

    def asks(self, name: str) -> int:
        """Ask for a manifest under the token; gives the status."""
        return self.world.get(f"/a/{name}?tkn={self.token}").status

    def _note(self, session: Session) -> bool:
        self._names = (session.key, session.key)  # by default the mark is the key
        return not self.denies

    @property
    def state(self) -> str:
        if self._names is None:
            return life.NEW
        key, mark = self._names
        found = self.store.execute(Get(key, self.clock.now, mark))
        if isinstance(found, Living):
            return found.state.value
        if isinstance(found, Ended):
            assert found.cause is Cause.EXPIRED
            return life.EXPIRED
        if isinstance(found, Bar):
            return {Cause.STOPPED: life.STOPPED, Cause.DENIED: life.DENIED}[found.cause]
        return life.NEW

    # --- how it gets into a state --------------------------------------------------------------

    def become(self, state: str) -> None:
        self.denies = state == life.DENIED
        if state == life.PENDING:
            self.asks("master.m3u8")
        elif state != life.NEW:
            self.asks("index.m3u8")
        if state == life.EXPIRED:
            self.clock.advance(121)
        elif state == life.STOPPED:
            self.world.sessions.stop(stream="a")

    # --- what happens --------------------------------------------------------------------------

    def meet(self, happens: str) -> None:
        knocks = 403 if self.denies else 410
        self.denies = happens == life.IS_DENIED or self.denies
        refused = {life.COMES_LATE: 400, life.KNOCKS: knocks, life.FAILS: 404, life.IS_DENIED: 403}
        waits = {
            life.WAITS: 121,
            life.COMES_LATE: 601,
            life.IS_FORGOTTEN: 3601,
            life.IS_FORGIVEN: 601,
        }
        asks = {
            life.LOOKS: "master.m3u8",
            life.LOOKS_AGAIN: "master.m3u8",
            life.FAILS: "gone.m3u8",
        }
        self.clock.advance(waits.get(happens, 0))
        if happens == life.STOPS:
            assert self.world.sessions.stop(stream="a") == 1
        elif happens not in {life.WAITS, life.IS_FORGOTTEN, life.IS_FORGIVEN}:
            status = self.asks(asks.get(happens, "index.m3u8"))
            assert status == refused.get(happens, 200)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/sessions.db"
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.mark.parametrize("step", LIFE, ids=lambda step: f"{step.state}: {step.happens}")
def test_each_step_of_the_table_happens(make_world, clock, store, step: Step):
    viewer = Viewer(make_world, clock, store)
    viewer.become(step.state)
    assert viewer.state == step.state
    viewer.meet(step.happens)
    assert viewer.state == step.then


def test_no_state_has_two_ways_at_once():
    assert len({(step.state, step.happens) for step in LIFE}) == len(LIFE)
