"""Who begins to watch, and who does not: what happens meanwhile, elsewhere and to others (SPEC 8).

In both worlds. ``elsewhere`` is another worker on the same store; ``apart`` lets something happen
in the middle of a request, as another worker's request would.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from parity.cases_tokens import issued
from sessionware import Kind, MemoryStore, SessionEnded, Sessions, SessionStarted, Settings
from sessionware.events import RequestRefused
from sessionware.store import Asked, Decline, End, Enter, Listing, Touch
from sessionware.store.sqlite import SqliteStore
from support.calls import Call
from support.origin import Origin, Reply, Seen
from support.parity import SECRET
from support.site import site

ONE, TWO = issued(SECRET, 1101), issued(SECRET, 1102)
CDN = {"trusted_header": "X-CDN-Session", "trusted_proxies": ("10.0.0.0/8",)}
MANIFESTS = ["/cam1/manifest.mpd", "/cam1/index.m3u8", "/cam1/master.m3u8"]
TRACK = r"\.ts$"


def apart(act: Any) -> Any:
    """Do something while a request is under way; under ASGI it needs a thread without a loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


class Recording:
    """A store that notes what it is asked and what it answers."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.blocking = getattr(store, "blocking", True)
        self.asked: list[tuple[Any, Any]] = []

    def execute(self, command: Any) -> Any:
        answer = self._store.execute(command)
        self.asked.append((command, answer))
        return answer

    def close(self) -> None:
        self._store.close()

    def commands(self, of: type) -> list[Any]:
        return [command for command, _ in self.asked if isinstance(command, of)]

    @property
    def has_waited(self) -> bool:
        return any(isinstance(answer, Asked) for _, answer in self.asked)


@pytest.fixture(params=["memory", "sqlite"])
def stores(request, tmp_path):
    """Give the store of one worker, and that of another one."""
    if request.param == "memory":
        kept: Any = MemoryStore()
        yield kept, kept
        kept.close()
    else:
        both = [SqliteStore(tmp_path / "sessions.db") for _ in range(2)]
        yield both[0], both[1]
        for one in both:
            one.close()


@pytest.fixture
def store():
    kept = Recording(MemoryStore())
    yield kept
    kept.close()


@pytest.fixture
def events():
    return []


@pytest.fixture
def make(make_world, clock, events):
    def made(origin=site, **options):
        usual = {"secret": SECRET, "clock": clock, "sweep_every": 60, "on_event": events.append}
        return make_world(Origin(origin), **{**usual, **options})

    return made


def elsewhere(store, clock):
    return Sessions(store, Settings(secret=SECRET, clock=clock))


def everybody(store, clock):
    """All sessions, pending ones too."""
    return store.execute(Listing(clock.now, pending=True))


def by_cdn(name, target="/cam1/index.m3u8", **more):
    return Call(target, headers=(("X-CDN-Session", name),), peer="10.0.0.1", **more)


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


# --- denied meanwhile, or elsewhere --------------------------------------------------------------


@pytest.mark.parametrize("target", MANIFESTS)
@pytest.mark.parametrize("when", ["before", "while the app answers"])
@pytest.mark.parametrize("way", ["inline", "header"])
def test_who_is_denied_by_another_worker_does_not_begin_with_an_answer(
    make, stores, clock, events, way, when, target
):
    mine, others = stores
    operator = elsewhere(others, clock)
    denies = False

    def origin(seen: Seen) -> Reply:
        if denies:
            apart(lambda: operator.deny(stream="cam1", reason="not today"))
        return site(seen)

    options = {"handoff": "inline"} if way == "inline" else CDN
    world = make(origin, store=mine, **options)
    world.get("/other/index.m3u8", peer="192.0.2.9")  # so that it knows the orders so far
    before = everybody(mine, clock)
    del events[:]
    if when == "before":
        operator.deny(stream="cam1", reason="not today")
    denies = when != "before"
    answer = world.send(by_cdn("a", target) if way == "header" else Call(target))
    assert answer.status == 403
    assert "not today" in answer.text
    assert "EXT-X" not in answer.text
    assert "MPD" not in answer.text
    assert everybody(mine, clock) == before
    clock.advance(11)
    world.sessions.sweep()
    assert not [e for e in of(SessionStarted, events) if e.stream == "cam1"]
    assert [event.status for event in of(RequestRefused, events)] == [403]


@pytest.mark.parametrize("target", MANIFESTS)
def test_who_is_denied_by_another_worker_gets_no_manifest_by_cookie_alone(
    make, stores, clock, events, target
):
    mine, others = stores
    world = make(store=mine, write=("cookie",))
    assert world.get("/other/index.m3u8").status == 200
    elsewhere(others, clock).deny(ip="192.0.2.1")
    seen = len(world.origin.seen)
    answer = world.get(target)
    assert (answer.status, answer.cookies()) == (403, {})
    assert len(world.origin.seen) == seen
    assert everybody(mine, clock) == ()
    assert [event.status for event in of(RequestRefused, events)] == [403]


def test_a_session_that_comes_from_a_denied_address_ends_at_that_request_and_once(
    make, store, clock, events
):
    world = make(store=store, viewer={"stream", "token"}, trusted_proxies=("10.0.0.0/8",))

    def asks(client, path="/cam1/index.m3u8"):
        headers = (("X-Forwarded-For", client),)
        return world.get(f"{path}?tkn={ONE}", peer="10.0.0.1", headers=headers).status

    for _ in range(2):
        clock.advance(1)
        assert asks("203.0.113.9") == 200
    elsewhere(store, clock).deny(ip="198.51.100.0/24")
    assert world.sessions.count().sessions == 1  # it is not seen there
    clock.advance(1)
    assert asks("203.0.113.9") == 200
    assert store.commands(End) == []
    assert [asks("198.51.100.7") for _ in range(5)] == [403] * 5
    assert [command.cause for command in store.commands(End)] == ["denied"]
    assert world.sessions.count().sessions == 0
    world.sessions.sweep()
    assert [event.cause for event in of(SessionEnded, events)] == ["denied"]


# --- places --------------------------------------------------------------------------------------


def test_who_joins_what_has_lost_its_place_meanwhile_is_judged_by_the_limit(
    make, store, clock, events
):
    happens: list[Any] = []

    def origin(seen: Seen) -> Reply:
        if happens:
            apart(happens.pop())
        return site(seen)

    options = {**CDN, "store": store, "max_sessions": 1}
    world, other = make(origin, **options), make(**options)

    def meanwhile() -> None:
        assert other.send(by_cdn("a")).status == 200
        assert other.send(by_cdn("b")).status == 200  # its client opens anew

    happens.append(meanwhile)
    assert world.send(by_cdn("a")).status == 403
    counts = world.sessions.count()
    assert (counts.watching, counts.sessions) == (1, 2)
    assert len(store.commands(Enter)) == 1
    assert [event.status for event in of(RequestRefused, events)] == [403]
    clock.advance(1)
    assert world.send(by_cdn("b")).status == 200
    assert world.sessions.count().watching == 1


def probe(request: Any) -> Kind:
    return Kind.STREAM_INFO if request.path.endswith(".json") else Kind.VIEWER


def answers_elsewhere(seen: Seen) -> Reply:
    """A page that says something of a stream, and a redirect to another host."""
    if seen.path.endswith(".json"):
        return Reply(body=b"{}")
    if seen.path == "/moved/index.m3u8":
        return Reply(302, headers=(("Location", "https://cdn.example/index.m3u8"),))
    return site(seen)


@pytest.mark.parametrize(
    "target", ["/cam1/info.json", f"/moved/index.m3u8?tkn={ONE}", f"/cam1/master.m3u8?tkn={ONE}"]
)
def test_who_only_asked_about_a_stream_holds_no_place(make, store, clock, target):
    options = {"match": r"\.(m3u8|json)$", "classify": probe, "max_sessions": 1}
    world = make(answers_elsewhere, store=store, **options)
    assert world.get(target).status in {200, 302}
    (pending,) = everybody(store, clock)
    assert pending.state == "pending"
    assert world.get(f"/cam1/index.m3u8?tkn={TWO}", peer="192.0.2.2").status == 200
    assert world.sessions.count().watching == 1


# --- asked about ---------------------------------------------------------------------------------


def test_who_asks_for_tracked_segments_only_is_asked_about_again_too(make, store, events):
    says = True
    asked = []

    def admit(session: Any, _request: Any) -> bool:
        asked.append(session.id)
        return says

    world = make(store=store, track=TRACK, admit=admit)
    assert world.get(f"/cam1/index.m3u8?tkn={ONE}").status == 200
    segment = f"/cam1/1.ts?tkn={ONE}"
    assert world.sessions.invalidate() == 1
    assert world.get(segment).status == 200
    assert len(asked) == 2
    says = False
    assert world.get(segment).status == 200  # nobody was asked about it anew
    assert world.sessions.invalidate() == 1
    seen = len(world.origin.seen)
    assert world.get(segment).status == 403
    assert (len(asked), len(world.origin.seen)) == (3, seen)
    assert world.sessions.count().sessions == 0
    assert world.get(segment).status == 403
    assert len(asked) == 3
    world.sessions.sweep()
    assert [event.cause for event in of(SessionEnded, events)] == ["denied"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_tracked_path_without_a_session_keeps_no_beginning_waiting(make, store, method):
    asked = []
    world = make(store=store, track=TRACK, admit=lambda *_: asked.append(1))
    assert world.send(Call(f"/cam1/1.ts?tkn={ONE}", method)).status == 200
    assert world.get(f"/cam1/index.m3u8?tkn={ONE}").status == 200
    assert not store.has_waited
    assert asked == [1]


def test_a_player_whose_session_is_over_is_told_so_at_once_however_often_it_asks(
    make, store, clock
):
    asked = []
    world = make(store=store, admit=lambda *_: asked.append(1))
    target = f"/cam1/index.m3u8?tkn={ONE}"
    assert world.get(target).status == 200
    clock.advance(1000)
    assert [world.get(target).status for _ in range(3)] == [400] * 3
    assert not store.has_waited
    assert asked == [1]


@pytest.mark.parametrize(
    "call",
    [
        Call(f"/cam1/1.ts?tkn={ONE}", "HEAD"),
        Call(f"/cam1/1.ts?tkn={ONE}", peer="198.51.100.1"),
    ],
    ids=["a HEAD", "who is denied"],
)
def test_a_tracked_path_gives_back_no_lease_of_somebody_else(make, store, clock, call):
    decided = []

    def admit(session: Any, _request: Any) -> None:
        apart(lambda: other.send(call))
        decided.append(store.execute(Touch(session.key, session.key, clock.now, lease=5.0)))

    world, other = make(store=store, admit=admit), make(store=store, track=TRACK, admit=admit)
    elsewhere(store, clock).deny(ip="198.51.100.1")
    assert world.get(f"/cam1/index.m3u8?tkn={ONE}").status == 200
    assert [type(answer) for answer in decided] == [Asked]


def test_eight_first_requests_of_one_id_of_a_cdn_ask_the_app_once(make, store):
    asked = []
    world = make(store=store, admit=lambda *_: asked.append(1), **CDN)
    answers = world.send_all([by_cdn("a") for _ in range(8)])
    assert [answer.status for answer in answers] == [200] * 8
    assert asked == [1]
    assert world.sessions.count().sessions == 1


@pytest.mark.parametrize("fails", ["answers 500", "raises", "answers no manifest"])
def test_where_the_app_fails_the_next_first_request_of_an_id_need_not_wait(make, store, fails):
    asked = []
    is_broken = True

    def origin(seen: Seen) -> Reply:
        if not is_broken:
            return site(seen)
        if fails == "raises":
            return Reply(error=RuntimeError("the origin is broken"))
        return Reply(500 if fails == "answers 500" else 200, body=b"no manifest")

    world = make(origin, store=store, admit=lambda *_: asked.append(1), **CDN)
    if fails == "raises":
        with pytest.raises(RuntimeError):
            world.send(by_cdn("a"))
    else:
        world.send(by_cdn("a"))
    assert world.sessions.count().sessions == 0
    is_broken = False
    assert world.send(by_cdn("a")).status == 200
    assert not store.has_waited
    assert len(store.commands(Decline)) == 1
    assert asked == [1, 1]
    assert world.sessions.count().sessions == 1


# --- who it is -----------------------------------------------------------------------------------


def test_what_is_no_name_is_no_answer_of_identify(make, store, caplog):
    said: Any = 42
    world = make(store=store, identify=lambda _: said)
    target = f"/cam1/index.m3u8?tkn={ONE}"
    assert world.get(target).status == 503
    assert "identify answered 42" in caplog.text
    assert world.sessions.count().sessions == 0
    for nobody in (None, ""):
        said = nobody
        assert world.get(target).status == 200
    (session,) = world.sessions.list().items
    assert session.user is None


def test_a_name_that_is_no_utf8_is_a_name_like_any_other(make, stores):
    world = make(store=stores[0], identify=lambda _: "\ud800", max_sessions_per_user=3)
    target = f"/cam1/index.m3u8?tkn={ONE}"
    assert [world.get(target).status for _ in range(3)] == [200] * 3
    (session,) = world.sessions.list(user="\ud800").items
    assert (session.user, session.requests) == ("\ud800", 3)
    world.sessions.deny(user="\ud800")
    assert world.get(target).status == 403
    assert world.sessions.count().sessions == 0


@pytest.mark.parametrize("parts", [set(), {"stream"}], ids=["without sessions", "with"])
def test_of_unspecified_requests_neither_identify_nor_on_event_hears(make, store, events, parts):
    asked = []

    def identify(request: Any) -> int:
        asked.append(request)
        return 42

    options = {"identify": identify, "unspecified": parts, "on_admit_error": "deny"}
    world = make(store=store, classify=lambda _: Kind.UNSPECIFIED, **options)
    assert world.get("/cam1/index.m3u8").status == 200
    world.sessions.deny(ip="192.0.2.1")
    assert world.get("/cam1/index.m3u8").status == (403 if parts else 200)
    world.get(f"/{'x' * 9000}.m3u8")
    assert (asked, events) == ([], [])
