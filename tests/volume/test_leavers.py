"""20,000 viewers leave at once: nobody asks any more, and each of them has ended (SPEC 8, P41)."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import Cause, MemoryStore, SessionEnded, SessionStarted, SqliteStore, asgi, wsgi
from sessionware.token import CoreFormat
from support.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "a secret of at least thirty-two characters"
LEAVERS = 20_000
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts\n"
MANIFEST = "application/vnd.apple.mpegurl"
PATIENCE = 60.0
"""Seconds of waiting after which something hangs."""


class Heard:
    """The events of a middleware, and when all that were awaited are there."""

    def __init__(self) -> None:
        self.started: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.causes: set[Cause] = set()
        self.all_gone = threading.Event()

    def __call__(self, event: Any) -> None:
        if isinstance(event, SessionStarted):
            self.started[event.session] += 1
        elif isinstance(event, SessionEnded):
            self.ended[event.session] += 1
            self.causes.add(event.cause)
            if self.ended.total() >= LEAVERS:
                self.all_gone.set()


def viewers() -> Iterator[tuple[str, str]]:
    """Give the address and the query of each."""
    tokens = CoreFormat([SECRET.encode()])
    for number in range(LEAVERS):
        ip = f"10.0.{number >> 8}.{number & 255}"
        yield ip, f"tkn={tokens.issue(1.7e9, '', ip, '').text}"


def watch_wsgi(store: Any, clock: Clock, heard: Heard) -> Any:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", MANIFEST)])
        return [PLAYLIST]

    middleware = wsgi.StreamSessionMiddleware(
        app, secret=SECRET, store=store, clock=clock, on_event=heard, sweep_every=0.05
    )
    for ip, query in viewers():
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/cam1.m3u8",
            "QUERY_STRING": query,
            "REMOTE_ADDR": ip,
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "x",
        }
        body: Any = middleware(environ, lambda *_: None)
        list(body)
        body.close()
    assert middleware.sessions.count().watching == LEAVERS
    clock.advance(121)
    assert heard.all_gone.wait(PATIENCE), heard.ended.total()
    counts = middleware.sessions.count()
    middleware.close()
    return counts


def watch_asgi(store: Any, clock: Clock, heard: Heard) -> Any:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", MANIFEST.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PLAYLIST})

    async def run() -> Any:
        middleware = asgi.StreamSessionMiddleware(
            app, secret=SECRET, store=store, clock=clock, on_event=heard, sweep_every=0.05
        )

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(_message: Any) -> None:
            pass

        for ip, query in viewers():
            scope = {
                "type": "http",
                "method": "GET",
                "path": "/cam1.m3u8",
                "query_string": query.encode(),
                "headers": [],
                "client": (ip, 1),
                "scheme": "http",
            }
            await middleware(scope, receive, send)
        assert (await middleware.sessions.count()).watching == LEAVERS
        clock.advance(121)
        assert await asyncio.to_thread(heard.all_gone.wait, PATIENCE), heard.ended.total()
        counts = await middleware.sessions.count()
        await middleware.aclose()
        return counts

    return asyncio.run(run())


@pytest.mark.parametrize("watch", [watch_asgi, watch_wsgi])
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_twenty_thousand_who_leave_at_once_have_all_ended_without_a_request(
    watch: Any, kind: str, tmp_path: Path
) -> None:
    store: Any = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "sessions.db")
    heard = Heard()
    counts = watch(store, Clock(), heard)
    store.close()
    assert (counts.watching, counts.sessions) == (0, 0)
    assert (counts.started, counts.ended) == (LEAVERS, LEAVERS)
    assert (heard.started.total(), heard.ended.total()) == (LEAVERS, LEAVERS)
    assert set(heard.started.values()) == set(heard.ended.values()) == {1}
    assert heard.causes == {Cause.EXPIRED}
