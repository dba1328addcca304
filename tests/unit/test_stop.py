"""``stop()`` of both facades: which sessions it ends, and how many it says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import AsyncSessions, MemoryStore, Sessions, Settings
from sessionware.identity import session_id
from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import Bar, Begin, Opening, Touch

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_700_000_000.0


def key(number: int) -> bytes:
    return number.to_bytes(16)


def begin(
    store: MemoryStore,
    number: int,
    stream: str,
    now: float = NOW,
    user: str = "",
    *,
    playing: bool = True,
) -> str:
    """Begin a session; gives its id."""
    opening = Opening(
        kind=Kind.VIEWER,
        stream=stream,
        ip="192.0.2.1",
        protocol="HLS",
        service="",
        params="",
        timeout=120.0,
        deadline=now + 86400,
        playing=playing,
        mark=key(number),
        user=user,
    )
    store.execute(Begin(key(number), now, opening))
    return session_id(key(number), now)


def found(store: MemoryStore, number: int) -> Any:
    return store.execute(Touch(key(number), key(number), NOW))


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(params=["sync", "async"])
def stop(store: MemoryStore, request: pytest.FixtureRequest) -> Callable[..., int]:
    settings = Settings(clock=lambda: NOW, deny_for=100)
    if request.param == "sync":
        return Sessions(store, settings).stop
    facade = AsyncSessions(store, settings)
    return lambda **what: asyncio.run(facade.stop(**what))


def test_a_session_is_stopped_by_its_id_and_barred_for_deny_for(store, stop):
    named = begin(store, 1, "a")
    begin(store, 2, "a")
    assert stop(id=named) == 1
    assert found(store, 1) == Bar(Cause.STOPPED, NOW + 100)
    assert found(store, 2).stream == "a"
    assert stop(id=named) == 0


def test_an_id_of_another_life_stops_nobody(store, stop):
    begin(store, 1, "a")
    assert stop(id=session_id(key(1), NOW - 500)) == 0
    assert found(store, 1).stream == "a"


def test_a_stream_is_stopped_with_those_below_it_and_no_other(store, stop):
    for number, stream in enumerate(["live", "live/a", "live/a/b", "lively", "vod/live"]):
        begin(store, number, stream)
    assert stop(stream="live") == 3
    barred = [isinstance(found(store, number), Bar) for number in range(5)]
    assert barred == [True, True, True, False, False]


def test_pending_ones_are_stopped_too(store, stop):
    begin(store, 1, "a", playing=False)
    assert stop(stream="a") == 1
    assert found(store, 1) == Bar(Cause.STOPPED, NOW + 100)


def test_all_of_a_stream_are_stopped_however_many_there_are(store, stop):
    for number in range(2500):
        begin(store, number, "live")
    assert stop(stream="live") == 2500
    assert stop(stream="live") == 0


def test_a_user_is_stopped_on_all_streams_or_on_one(store, stop):
    for number, (stream, user) in enumerate([("a", "eve"), ("b", "eve"), ("a", "bob"), ("a", "")]):
        begin(store, number, stream, user=user)
    assert stop(stream="a", user="eve") == 1
    assert stop(user="eve") == 1
    assert [isinstance(found(store, number), Bar) for number in range(4)] == [True] * 2 + [
        False
    ] * 2


@pytest.mark.parametrize("what", [{}, {"id": "x", "stream": "a"}, {"id": "x", "user": "u"}])
def test_it_must_be_said_what_to_stop(stop, what):
    with pytest.raises(ValueError, match="needs either id="):
        stop(**what)


def test_what_is_no_id_is_refused(stop):
    with pytest.raises(ValueError, match="no session id"):
        stop(id="nonsense")


def test_the_usual_time_of_a_bar_is_ten_minutes(store):
    named = begin(store, 1, "a")
    sessions = Sessions(store, Settings(clock=lambda: NOW))
    assert sessions.stop(id=named) == 1
    assert found(store, 1).until == NOW + 600
