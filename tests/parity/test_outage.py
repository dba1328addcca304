"""A store that was down: its silence is not the viewers' (SPEC 6), in both worlds."""

from __future__ import annotations

from typing import Any

import pytest

from sessionware import SqliteStore, StoreError, StoreFailed, StoreRecovered
from sessionware.store import Meta
from support.calls import Call
from support.origin import Origin
from support.parity import SECRET
from support.site import site
from support.viewer import entered

MPD = "/cam1/manifest.mpd"


class Flaky:
    """A SQLite store that is out of reach for as long as ``down`` is True."""

    blocking = True
    shared = True

    def __init__(self, path: Any) -> None:
        self.kept = SqliteStore(path)
        self.down = False

    def execute(self, command: Any) -> Any:
        if self.down:
            raise StoreError("it is down")
        return self.kept.execute(command)

    def close(self) -> None:
        self.kept.close()


@pytest.fixture
def store(tmp_path):
    kept = Flaky(tmp_path / "sessions.db")
    yield kept
    kept.close()


@pytest.fixture
def world(make_world, store, clock):
    events: list[Any] = []

    def make(**options: Any) -> Any:
        usual = {"secret": SECRET, "store": store, "clock": clock, "on_event": events.append}
        made = make_world(Origin(site), sweep_every=0, **usual, **options)
        made.events = events
        return made

    return make


def outage(world: Any, store: Flaky, clock: Any, call: Call, seconds: float) -> None:
    """Let the store fail for so long, while its viewers go on asking."""
    store.down = True
    for _ in range(int(seconds / 10)):
        assert world.send(call).status == 200
        clock.advance(10)
    clock.advance(seconds % 10)
    store.down = False


def started(world: Any) -> float:
    return world.origin.last.session.started


def test_who_could_not_be_heard_is_still_there_when_the_store_is_back(world, store, clock):
    served = world()
    call, silent = entered(served, MPD), entered(served, "/cam2/manifest.mpd")
    for one in (call, silent):
        assert served.send(one).status == 200
    began = started(served)
    clock.advance(100)
    outage(served, store, clock, call, 300)
    assert served.send(call).status == 200
    assert started(served) < began + 1  # the same life
    clock.advance(19)  # it had 20 s left when the store went down
    assert served.send(silent).status == 200
    assert started(served) < began + 1
    names = [type(event) for event in served.events if isinstance(event, StoreRecovered)]
    assert len(names) == 1


def test_the_time_that_was_left_is_all_that_is_given_back(world, store, clock):
    served = world()
    call, silent = entered(served, MPD), entered(served, "/cam2/manifest.mpd")
    for one in (call, silent):
        assert served.send(one).status == 200
    began = started(served)
    clock.advance(100)
    outage(served, store, clock, call, 300)
    assert served.send(call).status == 200
    clock.advance(21)
    assert served.send(silent).status == 200
    assert started(served) > began + 100  # a new life


def test_a_short_outage_moves_nothing(world, store, clock):
    served = world()
    call, silent = entered(served, MPD), entered(served, "/cam2/manifest.mpd")
    for one in (call, silent):
        assert served.send(one).status == 200
    clock.advance(110)
    outage(served, store, clock, call, 14)
    assert served.send(call).status == 200
    assert [session.stream for session in served.sessions.list().items] == ["cam1"]


def test_an_outage_is_made_good_for_revive_window_at_most(world, store, clock):
    served = world(revive_window=100)
    call, silent = entered(served, MPD), entered(served, "/cam2/manifest.mpd")
    for one in (call, silent):
        assert served.send(one).status == 200
    outage(served, store, clock, call, 300)
    assert served.send(call).status == 200
    assert [session.stream for session in served.sessions.list().items] == ["cam1"]


def test_a_pause_in_the_traffic_is_no_outage(world, clock):
    served = world()
    call = entered(served, MPD)
    assert served.send(call).status == 200
    clock.advance(300)
    assert served.send(call).status == 200
    assert served.origin.last.session.previous is not None


def test_what_was_told_of_an_outage_is_its_beginning_and_its_end(world, store, clock):
    served = world()
    call = entered(served, MPD)
    assert served.send(call).status == 200
    outage(served, store, clock, call, 30)
    for _ in range(2):
        assert served.send(call).status == 200
    told = [event for event in served.events if isinstance(event, StoreFailed | StoreRecovered)]
    *before, last = told
    assert {type(event) for event in before} == {StoreFailed}
    assert (type(last), last.outage) == (StoreRecovered, 30)


def test_a_pause_after_a_failure_is_no_outage(world, store, clock):
    served = world()
    call = entered(served, MPD)
    assert served.send(call).status == 200
    store.down = True
    assert served.send(call).status == 200
    store.down = False
    clock.advance(590)
    assert served.send(call).status == 200
    assert served.origin.last.session.previous is not None


@pytest.mark.parametrize(("sweep_every", "silence", "moved"), [(5, 300, True), (5, 14, False)])
def test_workers_that_were_all_away_make_good_for_it_when_they_start(
    make_world, store, clock, sweep_every, silence, moved
):
    options = {"secret": SECRET, "store": store, "clock": clock}
    before = make_world(Origin(site), sweep_every=0, **options)
    call = entered(before, MPD)
    assert before.send(call).status == 200
    began = started(before)
    clock.advance(110)
    before.send(Call("/cam2/manifest.mpd?tkn=x"))  # an entry; the traffic sweeps, and so beats
    before.close()
    clock.advance(silence)
    after = make_world(Origin(site), sweep_every=sweep_every, **options)
    assert after.send(call).status == 200
    assert (started(after) < began + 1) is moved


def test_a_store_that_was_emptied_begins_anew_without_a_fault(make_world, tmp_path, clock):
    path = tmp_path / "sessions.db"
    store = Flaky(path)
    world = make_world(Origin(site), secret=SECRET, store=store, clock=clock, sweep_every=0)
    call = entered(world, MPD)
    assert [world.send(call).status for _ in range(2)] == [200, 200]
    world.sessions.deny(user="nobody")
    store.close()
    store.kept = SqliteStore(tmp_path / "another.db")
    key = store.kept.execute(Meta()).idkey
    for _ in range(3):
        clock.advance(2)
        assert world.send(call).status == 200
    assert world.middleware.rules.idkey == key
    assert world.sessions.count().sessions == 1
    store.close()
