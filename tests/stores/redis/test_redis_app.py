"""Apps whose sessions are in Redis: each world opens the store that is made for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sessionware import open_store
from sessionware.asgi import StreamSessionMiddleware as Asgi
from sessionware.store.redis import RedisStore
from sessionware.store.redis_async import AsyncRedisStore
from sessionware.wsgi import StreamSessionMiddleware as Wsgi

if TYPE_CHECKING:
    from support.redis_server import Server

SECRET = "0123456789abcdef0123456789abcdef"
MPD = b'<MPD type="dynamic"></MPD>'


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/dash+xml")])
    return [MPD]


def ask_wsgi(app: Any, path: str) -> tuple[str, dict[str, str]]:
    from wsgiref.util import setup_testing_defaults

    environ: dict[str, Any] = {"PATH_INFO": path.partition("?")[0], "REMOTE_ADDR": "192.0.2.1"}
    environ["QUERY_STRING"] = path.partition("?")[2]
    setup_testing_defaults(environ)
    said: list[Any] = []
    answer = app(environ, lambda status, headers, *_: said.append((status, dict(headers))))
    list(answer)
    if hasattr(answer, "close"):
        answer.close()
    return said[0]  # type: ignore[no-any-return]  # a test's list


def test_a_url_opens_the_store_of_its_world(server: Server) -> None:
    assert isinstance(open_store(server.url), RedisStore)
    assert isinstance(open_store(server.url, awaits=True), AsyncRedisStore)
    assert isinstance(Wsgi(wsgi_app, secret=SECRET, store=server.url)._store, RedisStore)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    assert isinstance(Asgi(app, secret=SECRET, store=server.url)._store, AsyncRedisStore)


def test_two_workers_of_a_site_know_one_session(server: Server) -> None:
    workers = [Wsgi(wsgi_app, secret=SECRET, store=server.url) for _ in range(2)]
    _, headers = ask_wsgi(workers[0], "/live/film.mpd")
    for worker in workers:
        status, _ = ask_wsgi(worker, headers["Location"])
        assert status == "200 OK"
    counts = [worker.sessions.count() for worker in workers]
    assert counts[0] == counts[1]
    assert (counts[0].sessions, counts[0].requests) == (1, 2)
    for worker in workers:
        worker._store.close()


def test_under_asgi_a_session_is_awaited(server: Server) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/dash+xml")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": MPD})

    async def ask(worker: Any, path: str) -> Any:
        sent: list[Any] = []
        scope = {
            "type": "http",
            "method": "GET",
            "path": path.partition("?")[0],
            "raw_path": path.partition("?")[0].encode(),
            "query_string": path.partition("?")[2].encode(),
            "headers": [(b"host", b"localhost")],
            "client": ("192.0.2.1", 1),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await worker(scope, receive, send)
        return sent[0]

    async def play() -> None:
        worker = Asgi(app, secret=SECRET, store=server.url)
        start = await ask(worker, "/live/film.mpd")
        location = dict(start["headers"])[b"location"].decode()
        assert (await ask(worker, location))["status"] == 200
        assert (await worker.sessions.count()).requests == 1
        await worker._store.close()

    asyncio.run(play())
