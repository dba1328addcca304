"""What a hostile or unlucky client, proxy or store meets, in both worlds alike."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from sessionware import Cookie, Kind, MemoryStore, StoreError, TokenShared
from sessionware.asgi import StreamSessionMiddleware
from sessionware.bounded import Bounded
from sessionware.store import Begin, Meta
from support.calls import Call, to_scope
from support.origin import Origin, Reply, files

MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p.m3u8\n"
MEDIA = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\ns1.ts\n"
SECRET = "0123456789abcdef"


def origin() -> Origin:
    media = {"/a/master.m3u8": MASTER, "/a.m3u8": MEDIA, "/b.m3u8": MEDIA, "/vod/a/1.ts": b"ts"}
    return Origin(files({**media, "/info.json": b"{}"}))


class Failing(MemoryStore):
    """Fails for the commands named."""

    def __init__(self, *failing: type) -> None:
        super().__init__()
        self.failing = failing

    def execute(self, command: Any) -> Any:
        if isinstance(command, self.failing):
            raise StoreError("out of reach")
        return super().execute(command)


def test_a_path_above_8_kb_is_refused_as_a_query_is(make_world):
    world = make_world(origin(), secret=SECRET)
    assert world.get(f"/{'x' * 9000}.m3u8").status == 414
    assert world.origin.seen == []


def test_only_a_few_candidates_of_one_request_cost_a_check(make_world):
    world = make_world(origin(), secret=SECRET, foreign_tokens="accept")
    junk = "&".join(["tkn=.AAAAAAAAAAAAp1"] * 40)
    assert world.get(f"/a.m3u8?{junk}&tkn=alice").status == 307
    assert world.get("/a.m3u8?tkn=.AAAAAAAAAAAAp1&tkn=alice").status == 200
    cookies = "; ".join(["tkn=!"] * 40)
    late = (("cookie", f"{cookies}; tkn=alice"),)
    assert world.get("/a.m3u8", headers=late).status == 307


def test_a_guarded_path_that_no_stream_is_named_for_is_guarded_all_the_same(make_world):
    options: dict[str, Any] = {"stream": r"/live/(?P<stream>\w+)/", "track": r"\.ts$"}
    world = make_world(origin(), secret=SECRET, require_token=True, **options)
    assert world.get("/vod/a/1.ts").status == 403
    world = make_world(origin(), secret=SECRET, **options)
    assert world.get("/vod/a/1.ts").status == 200


@pytest.mark.parametrize(("policy", "status"), [("refuse", 503), ("serve", 200)])
def test_inline_hands_nothing_out_that_a_failing_store_would_not_know(make_world, policy, status):
    store = Failing(Meta)
    world = make_world(
        origin(), secret=SECRET, store=store, handoff="inline", on_store_error=policy
    )
    assert world.get("/a/master.m3u8").status == status
    assert len(store) == 0


def test_a_session_whose_beginning_failed_is_not_stored(make_world):
    world = make_world(origin(), secret=SECRET, store=Failing(Begin), handoff="inline")
    assert world.get("/a/master.m3u8").status == 200
    assert world.origin.last.session.stored is False


def test_networks_are_counted_also_when_the_same_request_comes_again(make_world, clock):
    events: list[Any] = []

    def hear(event: Any) -> None:
        if isinstance(event, TokenShared):
            events.append(event)

    world = make_world(origin(), secret=SECRET, foreign_tokens="accept", on_event=hear, clock=clock)
    for network in range(7):
        world.get("/a.m3u8?tkn=alice", peer=f"10.0.{network}.1")
    clock.advance(700)
    for network in range(7):
        world.get("/a.m3u8?tkn=alice", peer=f"10.0.{network}.1")
    assert events == []
    for network in range(7, 9):
        world.get("/a.m3u8?tkn=alice", peer=f"10.0.{network}.1")
    assert [event.networks for event in events] == [9]


def probe(request: Any) -> Kind:
    return Kind.STREAM_INFO if request.path == "/info.json" else Kind.VIEWER


@pytest.mark.parametrize("kind", ["viewer", "output"])
def test_a_probe_of_any_kind_that_has_tokens_gets_its_cookie(make_world, kind):
    options: dict[str, Any] = {"match": r"\.(m3u8|json)$", "classify": probe}
    store = MemoryStore()
    world = make_world(origin(), secret=SECRET, store=store, stream_info=kind, **options)
    first = world.get("/info.json")
    token = first.cookies()["tkn"]
    for _ in range(3):
        world.get("/info.json", headers=(("cookie", f"tkn={token}"),))
    assert len(store) == 1


def test_a_probe_that_no_cookie_can_bring_back_begins_nothing(make_world):
    options: dict[str, Any] = {"match": r"\.(m3u8|json)$", "classify": probe}
    store = MemoryStore()
    world = make_world(
        origin(), secret=SECRET, store=store, read=("query",), write=("query",), **options
    )
    assert world.get("/info.json").all("set-cookie") == ()
    session = world.origin.last.session
    assert (len(store), session.stored) == (0, False)
    assert world.get(session.carry("/a.m3u8")).status == 200
    assert len(store) == 1


def test_neighbours_in_a_redirect_loop_are_two_viewers(make_world, clock):
    store = MemoryStore()
    world = make_world(origin(), secret=SECRET, store=store, clock=clock)
    for peer in ("10.0.0.1", "10.0.0.2"):
        answers = [world.get("/a.m3u8", peer=peer).status for _ in range(4)]
        assert answers == [307, 307, 307, 200]
    assert len(store) == 2


def test_the_answer_to_an_input_stays_untouched_although_its_cookie_is_worn(make_world, clock):
    cookie = Cookie(max_age=10)
    world = make_world(origin(), secret=SECRET, foreign_tokens="accept", cookie=cookie, clock=clock)
    for _ in range(3):
        put = world.send(Call("/a.m3u8", "PUT", headers=(("cookie", "tkn=alice"),), body=b"x"))
        assert put.all("set-cookie") == ()
        clock.advance(9)


def test_a_forged_header_of_the_cdn_reaches_the_app_in_no_way(make_world):
    options: dict[str, Any] = {
        "trusted_header": "X-CDN-Session",
        "trusted_proxies": ("198.51.100.1",),
        "classify": lambda _: None,
    }
    world = make_world(origin(), secret=SECRET, **options)
    forged = (("x-cdn-session", "abc"), ("x-other", "1"))
    for method in ("GET", "OPTIONS"):
        world.send(Call("/a.m3u8", method, headers=forged))
        names = [name for name, _ in world.origin.last.headers]
        assert "x-other" in names
        assert "x-cdn-session" not in names
    world.send(Call("/a.m3u8", headers=forged, peer="198.51.100.1"))
    assert world.origin.last.header("x-cdn-session") == "abc"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_body_may_be_any_bytes_like_object(make_world, world_kind, kind):
    if world_kind == "wsgi":  # PEP 3333 knows bytes only
        kind = bytes
    body = kind(bytearray(MASTER))
    world = make_world(Origin(lambda _: Reply(body=[body])), secret=SECRET, lint=None)
    call = Call("/a/master.m3u8")
    for _ in range(3):
        assert b"720p.m3u8?tkn=" in world.follow(call, world.send(call)).body


def test_a_bounded_memory_stays_bounded_under_threads():
    kept: Bounded[int] = Bounded(1000)

    def fill(start: int) -> None:
        for number in range(start, start + 3000):
            kept.keep(number, number, 10)

    threads = [threading.Thread(target=fill, args=(n * 10_000,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept) == 100
    kept.keep("large", 0, 900)
    assert kept.get("large") is None


def test_what_else_an_app_says_when_it_begins_is_passed_on():
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
        await send(start)
        await send({"type": "http.response.body", "body": MEDIA})
        await send({"type": "http.response.trailers", "headers": []})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    middleware = StreamSessionMiddleware(app, secret=SECRET, foreign_tokens="accept")
    for _ in range(3):
        scope = to_scope(Call("/a.m3u8?tkn=alice"))
        asyncio.run(middleware(scope, None, send))  # type: ignore[arg-type]  # nothing is received
    kinds = [(message["type"].rpartition(".")[2], message.get("trailers")) for message in sent]
    assert kinds == [("start", True), ("body", None), ("trailers", None)] * 3
