"""Connections that are held open: ``open()``, ``touch()`` and the end of the block (SPEC 4, 8)."""

from __future__ import annotations

import asyncio
import os
from dataclasses import fields
from typing import Any

import pytest

from sessionware import (
    AsyncSessions,
    Kind,
    MemoryStore,
    Session,
    SessionEnded,
    Sessions,
    SessionStarted,
    Settings,
    State,
    StoreError,
    StoreFailed,
)
from sessionware.held import Held
from sessionware.session import Presentation
from sessionware.store import Begin, Claim, End, Living, Postpone
from sessionware.store.sqlite import SqliteStore
from sessionware.sweeper import sweep

SECRET = "s" * 32
HERE = "203.0.113.5"
CAM: dict[str, Any] = {"stream": "cam", "ip": HERE, "token": "alice"}


class Watched(MemoryStore):
    """A memory store: ``before(command)`` is called for each command, which is noted."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Any = None
        self.commands: list[Any] = []

    def execute(self, command: Any) -> Any:
        self.commands.append(command)
        if self.before is not None:
            self.before(command)
        return super().execute(command)

    def of(self, kind: type) -> list[Any]:
        return [command for command in self.commands if isinstance(command, kind)]


@pytest.fixture
def store():
    kept = Watched()
    yield kept
    kept.close()


@pytest.fixture
def events():
    return []


@pytest.fixture
def sessions(store, clock, events):
    return Sessions(store, Settings(secret=SECRET, clock=clock, on_event=events.append))


def names(events):
    return [type(event) for event in events]


# --- opened, touched, closed ---------------------------------------------------------------------


def test_what_is_opened_again_while_it_is_being_closed_goes_on(sessions, store, clock, events):
    again = sessions.open(**CAM)
    held: list[Any] = []

    def reopen(command: Any) -> None:
        if isinstance(command, End) and not held:
            held.append(again.__enter__())

    store.before = reopen
    with sessions.open(**CAM) as first:
        pass
    clock.advance(1)
    assert first.touch() is False
    assert sessions.count().sessions == 0
    assert held[0].touch(bytes_up=5) is True
    counts = sessions.count()
    assert (counts.sessions, counts.bytes_up) == (1, 5)
    assert sessions.get(held[0].id) is not None
    clock.advance(1)
    again.__exit__(None, None, None)
    assert sessions.count().sessions == 0
    assert names(events) == [SessionStarted, SessionEnded] * 2


def test_what_another_process_has_closed_goes_on_here(sessions, store, clock):
    other = Sessions(store, Settings(secret=SECRET, clock=clock))
    with sessions.open(**CAM) as held:
        with other.open(**CAM):
            pass
        assert sessions.count().sessions == 0
        clock.advance(1)
        assert held.touch() is True
        assert sessions.count().sessions == 1
    assert sessions.count().sessions == 0


def test_a_touch_after_the_end_says_so_and_begins_nothing(sessions, store):
    with sessions.open(**CAM) as held:
        assert held.touch() is True
    begun = len(store.of(Begin))
    assert held.touch(bytes_up=7) is False
    assert len(store.of(Begin)) == begun
    counts = sessions.count()
    assert (counts.sessions, counts.bytes_up) == (0, 0)


def test_a_touch_saves_data_and_brings_the_session_up_to_date(sessions, clock):
    with sessions.open(**CAM) as held:
        before = held.last_seen, held.expires
        held.data["bitrate"] = [5000]
        clock.advance(5)
        assert held.touch(bytes_up=1000, bytes_down=7)
        (listed,) = sessions.list().items
        assert listed.data == {"bitrate": [5000]}
        held.data["bitrate"].append(6000)
        clock.advance(5)
        assert held.touch(bytes_up=500)
        (listed,) = sessions.list().items
        assert listed.data == held.data == {"bitrate": [5000, 6000]}
        assert (held.last_seen, held.expires) == (before[0] + 10, before[1] + 10)
        for one in (held, listed):
            assert (one.requests, one.bytes_up, one.bytes_down) == (3, 1500, 7)
        sessions.tag(held.id, "vip")
        assert held.touch()
        assert held.tags == ("vip",)


def test_one_that_begins_anew_has_another_id(sessions, clock):
    with sessions.open(**CAM) as held:
        first = held.id
        clock.advance(200)
        assert held.touch()
        assert held.id != first
        assert (held.requests, held.started) == (1, clock.now)
        assert sessions.get(held.id) is not None


def test_it_is_all_the_same_where_it_is_awaited(store, clock):
    async def use() -> None:
        sessions = AsyncSessions(store, Settings(secret=SECRET, clock=clock))
        async with sessions.open(**CAM) as held:
            held.data["a"] = 1
            clock.advance(1)
            assert await held.touch(bytes_down=3)
            assert (held.requests, held.bytes_down, held.last_seen) == (2, 3, clock.now)
            (listed,) = (await sessions.list()).items
            assert listed.data == {"a": 1}
        assert await held.touch() is False
        assert (await sessions.count()).sessions == 0

    asyncio.run(use())


def test_a_store_that_fails_when_it_is_closed_disturbs_nobody_and_is_told_of(
    sessions, store, clock, events
):
    def fail(command: Any) -> None:
        if isinstance(command, End):
            raise StoreError("out of reach")

    with sessions.open(**CAM) as held:
        store.before = fail
    assert names(events) == [SessionStarted, StoreFailed]
    store.before = None
    assert held.touch() is False
    assert sessions.count().sessions == 1  # until it expires
    clock.advance(200)
    assert sessions.sweep() == 1


def test_the_error_of_the_block_is_what_is_raised_though_the_store_fails_too(sessions, store):
    def fail(command: Any) -> None:
        if isinstance(command, End):
            raise StoreError("out of reach")

    def broken() -> None:
        with sessions.open(**CAM):
            store.before = fail
            raise RuntimeError("the encoder is broken")

    with pytest.raises(RuntimeError, match="the encoder"):
        broken()


# --- processes -----------------------------------------------------------------------------------


def test_a_process_holds_a_session_as_often_as_it_was_opened():
    held = Held()
    held.take(b"a")
    held.take(b"a")
    held.take(b"b")
    assert sorted(held.all()) == [b"a", b"b"]
    assert [held.give(b"a"), held.give(b"a"), held.give(b"a")] == [False, True, False]
    assert held.all() == (b"b",)


@pytest.mark.parametrize("first", ["all", "take", "give"])
def test_after_a_fork_a_process_holds_nothing_of_its_parents(monkeypatch, first):
    held = Held()
    held.take(b"a")
    pid = os.getpid()
    monkeypatch.setattr("sessionware.held.os.getpid", lambda: pid + 1)
    if first == "all":
        assert held.all() == ()
    elif first == "take":
        held.take(b"b")
        assert held.all() == (b"b",)
    else:
        assert held.give(b"a") is False


def test_a_child_neither_keeps_alive_nor_ends_what_its_parent_holds(clock, tmp_path):
    store = SqliteStore(tmp_path / "sessions.db")
    sessions = Sessions(store, Settings(secret=SECRET, clock=clock))
    block = sessions.open(**CAM)
    held = block.__enter__()
    (before,) = sessions.list().items
    pid = os.fork()
    if not pid:
        code = 1
        try:
            clock.advance(50)
            sessions._driver.drive(sweep(sessions._operations.rules))
            block.__exit__(None, None, None)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
    (after,) = sessions.list().items
    assert (after.id, after.expires, after.last_seen) == (held.id, before.expires, before.last_seen)
    clock.advance(1)
    sessions._driver.drive(sweep(sessions._operations.rules))
    assert sessions.list().items[0].last_seen == clock.now
    block.__exit__(None, None, None)
    assert sessions.count().sessions == 0
    store.close()


# --- what no call of the facade does -------------------------------------------------------------


@pytest.mark.parametrize("sweep_every", [0, 1, 5, 60])
@pytest.mark.parametrize("world", ["sync", "async"])
def test_the_calls_of_a_facade_make_good_for_no_gap(store, clock, world, sweep_every):
    worker = Sessions(store, Settings(secret=SECRET, clock=clock))
    with worker.open(Kind.VIEWER, stream="cam", token="bob") as held:
        store.execute(Claim(clock.now, 0))  # a worker is there, and then none for a while
        clock.advance(100)
        settings = Settings(secret=SECRET, clock=clock, sweep_every=sweep_every)
        if world == "sync":
            ask(Sessions(store, settings))
        else:
            asyncio.run(ask_async(AsyncSessions(store, settings)))
        assert store.of(Postpone) == []
        (session,) = worker.list(kind=Kind.VIEWER).items
        assert session.expires == held.expires
        clock.advance(21)
        assert worker.sweep() == 1


def ask(sessions: Any) -> None:
    sessions.explain("/cam.m3u8?tkn=bob")
    sessions.by_token("bob")
    sessions.list(ip=HERE)
    sessions.count()
    sessions.streams()
    sessions.deny(user="ann")
    sessions.allow(user="ann")
    with sessions.open(stream="other", token="carol") as held:
        held.touch()


async def ask_async(sessions: Any) -> None:
    await sessions.explain("/cam.m3u8?tkn=bob")
    await sessions.by_token("bob")
    await sessions.list(ip=HERE)
    await sessions.count()
    await sessions.streams()
    await sessions.deny(user="ann")
    await sessions.allow(user="ann")
    async with sessions.open(stream="other", token="carol") as held:
        await held.touch()


# --- what a session is made of -------------------------------------------------------------------


def test_a_session_has_all_of_what_the_store_says_under_the_same_name():
    said: dict[str, Any] = {
        "key": b"k" * 16,
        "kind": Kind.OUTPUT,
        "state": State.PENDING,
        "data": {"a": "1"},
        "presentation": Presentation.VOD,
        "new": True,
        "segments": True,
        "renew_cookie": True,
        "announce": True,
        "tags": ("a tag",),
        "also": ("ip 192.0.2.7",),
    }
    for number, one in enumerate(fields(Living), 100):
        if one.name not in said:
            said[one.name] = f"{one.name} {number}" if one.type == "str" else number
    living = Living(**said)
    session = Session.of(living)
    same = {one.name for one in fields(Session)} & {one.name for one in fields(Living)}
    assert len(same) >= 23
    assert {name: getattr(session, name) for name in same} == {n: said[n] for n in same}
    assert (session.query, session.kept, session.asked_for) == (
        said["params"],
        said["data"],
        said["seconds"],
    )
    assert session.stored is True
