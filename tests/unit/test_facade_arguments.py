"""What the facade is given: what it refuses, and what it finds however that is written (SPEC 8)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from parity.cases_tokens import issued
from sessionware import (
    AsyncSessions,
    ConfigurationError,
    Deny,
    Kind,
    MemoryStore,
    Sessions,
    Settings,
)
from sessionware.store import Meta
from sessionware.store.sqlite import SqliteStore
from support.calls import Call
from support.loops import SyncView
from support.origin import Origin
from support.parity import SECRET
from support.site import site

NO_TEXTS = [42, b"a", ["a"], "", 0]
SECRETIVE = "a token that nobody shall read!"
ID = f"{'ab' * 16}-18bcfe56800"
HUGE = 10**400


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    kept: Any = MemoryStore()
    if request.param == "sqlite":
        kept = SqliteStore(tmp_path / "sessions.db")
    yield kept
    kept.close()


@pytest.fixture(params=["sync", "async"])
def sessions(request, store, clock):
    settings = Settings(secret=SECRET, clock=clock)
    if request.param == "sync":
        yield Sessions(store, settings)
    else:
        with asyncio.Runner() as runner:
            yield SyncView(AsyncSessions(store, settings), runner.run)


def calls(sessions: Any, argument: str) -> dict[str, Any]:
    """Give the calls that take an argument, each to be called with its value."""
    taking: dict[str, dict[str, Any]] = {
        "id": {
            "get": sessions.get,
            "stop": lambda it: sessions.stop(id=it),
            "deny": lambda it: sessions.deny(id=it),
            "allow": lambda it: sessions.allow(id=it),
            "invalidate": lambda it: sessions.invalidate(id=it),
            "tag": lambda it: sessions.tag(it, "a"),
            "untag": lambda it: sessions.untag(it, "a"),
        },
        "stream": {
            "count": sessions.count,
            "list": lambda it: sessions.list(stream=it),
            "stop": lambda it: sessions.stop(stream=it),
            "deny": lambda it: sessions.deny(stream=it),
            "allow": lambda it: sessions.allow(stream=it),
            "invalidate": lambda it: sessions.invalidate(stream=it),
            "open": lambda it: opened(sessions, stream=it),
        },
        "user": {
            "list": lambda it: sessions.list(user=it),
            "stop": lambda it: sessions.stop(user=it),
            "deny": lambda it: sessions.deny(user=it),
            "allow": lambda it: sessions.allow(user=it),
            "open": lambda it: opened(sessions, stream="cam", user=it),
        },
        "ip": {
            "list": lambda it: sessions.list(ip=it),
            "deny": lambda it: sessions.deny(ip=it),
            "allow": lambda it: sessions.allow(ip=it),
        },
        "tag": {
            "list": lambda it: sessions.list(tag=it),
            "stop": lambda it: sessions.stop(tag=it),
            "tag": lambda it: sessions.tag(ID, it),
            "untag": lambda it: sessions.untag(ID, "a", it),
        },
        "token": {
            "by_token": sessions.by_token,
            "deny": lambda it: sessions.deny(token=it),
            "allow": lambda it: sessions.allow(token=it),
            "open": lambda it: opened(sessions, stream="cam", token=it),
        },
        "protocol": {
            "count": lambda it: sessions.count(protocol=it),
            "open": lambda it: opened(sessions, stream="cam", protocol=it),
        },
        "after": {"list": lambda it: sessions.list(after=it)},
    }
    return taking[argument]


def opened(sessions: Any, **what: Any) -> None:
    with sessions.open(**what):
        pass


@pytest.mark.parametrize("value", NO_TEXTS, ids=repr)
@pytest.mark.parametrize(
    "argument", ["id", "stream", "user", "ip", "tag", "token", "protocol", "after"]
)
def test_what_is_no_text_or_an_empty_one_is_refused_by_its_name(sessions, store, argument, value):
    for name, call in calls(sessions, argument).items():
        with pytest.raises(ValueError) as raised:
            call(value)
        assert argument in str(raised.value), name
    assert store.execute(Meta()).denials == ()
    assert sessions.count().sessions == 0


@pytest.mark.parametrize(
    "token", [SECRETIVE, SECRETIVE.encode(), [SECRETIVE], "x" * 600, "ä" + SECRETIVE]
)
def test_no_error_shows_a_token(sessions, token):
    for name, call in calls(sessions, "token").items():
        if name == "by_token" and isinstance(token, str):
            assert call(token) == ()
            continue
        with pytest.raises(ValueError) as raised:
            call(token)
        assert "token" in str(raised.value)
        assert "nobody" not in str(raised.value)
        assert "xxx" not in str(raised.value)


@pytest.mark.parametrize("value", [42, b"a", ["a"], 0, None], ids=repr)
def test_a_reason_and_a_service_are_texts_that_may_be_empty(sessions, store, value):
    with pytest.raises(ValueError, match="reason"):
        sessions.deny(user="ann", reason=value)
    token = issued(SECRET, 1301)
    for call in (
        lambda: sessions.by_token(token, value),
        lambda: sessions.deny(token=token, service=value),
        lambda: sessions.allow(token=token, service=value),
    ):
        with pytest.raises(ValueError, match="service"):
            call()
    assert store.execute(Meta()).denials == ()
    sessions.deny(token=token, service="", reason="")
    assert len(store.execute(Meta()).denials) == 1


@pytest.mark.parametrize("value", [42, b"192.0.2.1", ["192.0.2.1"], 0, None, "nowhere"], ids=repr)
def test_an_address_that_is_opened_from_is_a_text_that_may_be_empty(sessions, value):
    with pytest.raises(ValueError, match="ip"):
        opened(sessions, stream="cam", ip=value)
    opened(sessions, stream="cam", ip="")


@pytest.mark.parametrize("value", ["viewer", 42, "", b"viewer", Kind.STREAM_INFO], ids=repr)
def test_a_kind_is_one_of_sessions(sessions, value):
    for call in (
        lambda: sessions.count(kind=value),
        lambda: sessions.list(kind=value),
        lambda: opened(sessions, kind=value, stream="cam"),
    ):
        with pytest.raises(ValueError, match="kind"):
            call()


@pytest.mark.parametrize("value", [0, -1, 10**30, True, 1.0, "10", None], ids=repr)
def test_a_limit_is_a_number_of_sessions(sessions, value):
    with pytest.raises(ValueError, match="limit"):
        sessions.list(limit=value)


@pytest.mark.parametrize(
    "value",
    [
        *[0, -1, HUGE, -HUGE, 1e13, float("inf"), float("nan"), True, "60", None, b""],
        *[timedelta(0), timedelta.max, timedelta.min],
    ],
)
def test_a_duration_passes_and_is_no_eternity(sessions, store, value):
    with pytest.raises(ValueError, match="duration"):
        sessions.deny(user="ann", duration=value)
    assert store.execute(Meta()).denials == ()


@pytest.mark.parametrize(
    "value", [-1, HUGE, 1.5, True, "1", None], ids=lambda value: str(value)[:9]
)
def test_bytes_are_a_number_of_bytes(sessions, value):
    with sessions.open(stream="cam") as held:
        for name in ("bytes_up", "bytes_down"):
            with pytest.raises(ValueError, match=name):
                held.touch(**{name: value})
        assert held.touch()
        assert sessions.count().bytes_up == 0


@pytest.mark.parametrize(
    "value", ["0" * 32 + "-" + "f" * 16, "0" * 32 + "-", "ab", f"{ID}\n", ID.upper(), f"-{ID}"]
)
def test_what_is_no_id_is_refused_and_one_of_the_far_future_is_nobodys(sessions, value):
    for argument in ("id", "after"):
        for call in calls(sessions, argument).values():
            with pytest.raises(ValueError, match=argument):
                call(value)
    last = "f" * 32 + "-" + "f" * 13
    assert sessions.get(last) is None
    assert sessions.list(after=last).items == ()


@pytest.mark.parametrize("value", [HUGE, -1, True, "60", float("inf"), float("nan")])
def test_a_denial_by_the_app_lasts_for_no_more_than_time_does(value):
    with pytest.raises(ValueError, match="duration"):
        Deny(duration=value)


def test_what_is_asked_for_names_somebody(sessions):
    for call in (sessions.deny, sessions.allow, sessions.stop):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError):
        sessions.stop(id=ID, stream="cam")
    with pytest.raises(ValueError):
        sessions.invalidate(id=ID, stream="cam")
    with pytest.raises(ValueError, match="ip"):
        sessions.deny(ip="192.0.2.0/99")


# --- what a facade is made of --------------------------------------------------------------------


class Awaited:
    async def execute(self, command: Any) -> Any:
        raise AssertionError(command)

    async def close(self) -> None:
        pass


async def awaited(*_: Any) -> None:
    pass


@pytest.mark.parametrize("facade", [Sessions, AsyncSessions])
def test_what_is_no_store_is_said_at_once(facade):
    for wrong in ("memory:", None, object()):
        with pytest.raises(ConfigurationError, match="store"):
            facade(wrong)


def test_what_must_be_awaited_is_said_at_once():
    with pytest.raises(ConfigurationError, match="store"):
        Sessions(Awaited())  # type: ignore[arg-type]  # as somebody might
    for hook in ("identify", "on_event"):
        settings = Settings(secret=SECRET, **{hook: awaited})
        with pytest.raises(ConfigurationError, match=hook):
            Sessions(MemoryStore(), settings)
        AsyncSessions(MemoryStore(), settings)
    AsyncSessions(Awaited())


# --- what is found, however it is written --------------------------------------------------------


@pytest.mark.parametrize("privacy", ["full", "network", "hash"])
def test_an_address_is_found_however_it_is_written(make_world, store, clock, privacy):
    options = {"secret": SECRET, "clock": clock, "store": store, "ip_privacy": privacy}
    world = make_world(Origin(site), **options)
    written = {
        "2001:db8::1": ["2001:db8::1", "2001:DB8::1", "2001:0db8:0:0:0:0:0:1", "[2001:db8::1]"],
        "192.0.2.1": ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201"],
    }
    for number, peer in enumerate(written):
        token = issued(SECRET, 1310 + number, ip=peer)
        assert world.get(f"/cam{number}/index.m3u8?tkn={token}", peer=peer).status == 200
    for number, texts in enumerate(written.values()):
        for text in texts:
            found = world.sessions.list(ip=text).items
            assert [session.stream for session in found] == [f"cam{number}"], text
            assert [one.stream for one in world.sessions.list(ip=found[0].ip).items] == [
                f"cam{number}"
            ]
    assert world.sessions.list(ip="198.51.100.1").items == ()


@pytest.mark.parametrize("name", ["cdn:1/a=b", "a b", "ä".encode().hex(), "~!@#$%^&*()", "x" * 512])
def test_a_session_is_found_and_denied_by_what_a_cdn_calls_it(make_world, store, clock, name):
    cdn = {"trusted_header": "X-CDN-Session", "trusted_proxies": ("10.0.0.0/8",)}
    world = make_world(Origin(site), secret=SECRET, clock=clock, store=store, **cdn)

    def asks(stream: str, who: str = name) -> int:
        headers = (("X-CDN-Session", who),)
        call = Call(f"/{stream}/index.m3u8", headers=headers, peer="10.0.0.1")
        return int(world.send(call).status)

    assert [asks("a"), asks("b"), asks("a", "another")] == [200] * 3
    assert {session.stream for session in world.sessions.by_token(name)} == {"a", "b"}
    world.sessions.deny(token=name)
    assert [asks("a"), asks("c"), asks("a", "another")] == [403, 403, 200]
    assert world.sessions.by_token(name) == ()
    world.sessions.allow(token=name)
    assert asks("c") == 200
