"""Traps of state and time (PITFALLS, Python and servers: 3, 5, 7, 11, 12, 14)."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest

from sessionware import asgi, current_session, wsgi
from support.calls import Call, to_environ, to_scope
from support.origin import Origin, Reply
from support.site import MASTER, MPD, site
from support.streaming import AsgiExchange
from support.viewer import entered, token_of

MANY = 8


class Meeting:
    """An app in which all requests are at once: each waits for the others, several times."""

    def __init__(self) -> None:
        self.open = False
        self.threads = threading.Barrier(MANY, timeout=5)
        self.wrong: list[str] = []

    def look(self, place: str, session) -> None:
        if current_session() is not session or session.stream != place.split("/")[1]:
            self.wrong.append(place)

    async def asgi(self, scope, receive, send):
        tasks, place, session = self.tasks, scope["path"], scope["sessionware.session"]
        headers = [(b"content-type", b"application/vnd.apple.mpegurl")]
        for message in (
            {"type": "http.response.start", "status": 200, "headers": headers},
            *({"type": "http.response.body", "body": line, "more_body": True} for line in lines()),
            {"type": "http.response.body", "body": b""},
        ):
            await tasks.wait()
            self.look(place, session)
            session.data["at"] = place
            await send(message)

    def wsgi(self, environ, start_response):
        place, session = environ["PATH_INFO"], environ["sessionware.session"]
        start_response("200 OK", [("Content-Type", "application/vnd.apple.mpegurl")])
        for line in lines():
            self.threads.wait()
            self.look(place, session)
            session.data["at"] = place
            yield line


def lines() -> list[bytes]:
    return MASTER.splitlines(keepends=True)


def test_concurrent_requests_do_not_mix_up_their_state(make_world):
    meeting = Meeting()
    meeting.tasks = asyncio.Barrier(MANY)
    world = make_world(meeting)
    calls = [entered(world, f"/cam{number}/master.m3u8") for number in range(MANY)]
    tokens = [token_of(call) for call in calls]
    for number, answer in enumerate(world.send_all(calls)):
        found = [answer.text.count(token) for token in tokens]
        assert found == [4 if other == number else 0 for other in range(MANY)]
    assert meeting.wrong == []
    known = [world.sessions.by_token(token) for token in tokens]
    assert [[one.requests for one in found] for found in known] == [[1]] * MANY


def test_nothing_of_a_request_stays_on_the_instance(make_world):
    world = make_world(Origin(site))
    world.send(entered(world))
    before = dict(vars(world.middleware))
    world.send(entered(world, "/cam2/manifest.mpd"))
    assert vars(world.middleware) == before


def test_the_next_request_of_the_same_thread_or_task_finds_no_session_of_the_last_one():
    # Servers of threads call one request after another in one context.
    middleware = wsgi.StreamSessionMiddleware(Origin(site).wsgi, write=("cookie",))
    body = middleware(to_environ(Call("/cam1/master.m3u8")), lambda *_: None)
    assert current_session() is None
    for _ in body:
        assert current_session() is None
    body.close()
    assert current_session() is None

    async def ask():
        inner = asgi.StreamSessionMiddleware(Origin(site).asgi, write=("cookie",))
        await inner(to_scope(Call("/cam1/master.m3u8")), nothing, discard)
        assert current_session() is None

    async def nothing():
        return {"type": "http.request"}

    async def discard(message):
        pass

    asyncio.run(ask())


def test_the_middleware_serves_from_two_event_loops_one_after_another_and_at_once():
    async def ask(call: Call):
        exchange = AsgiExchange(middleware, call)
        await exchange.start()
        return await exchange.finish()

    async def view() -> None:
        entry = await ask(Call("/cam1/manifest.mpd"))
        for _ in range(20):
            answer = await ask(Call(entry.location))
            assert (answer.status, b"<Location>" in answer.body) == (200, True)

    async def count() -> int:
        return (await middleware.sessions.count()).sessions

    middleware = asgi.StreamSessionMiddleware(Origin(site).asgi)
    asyncio.run(view())
    asyncio.run(view())
    assert asyncio.run(count()) == 2
    failed = []
    threads = [threading.Thread(target=lambda: asyncio.run(view())) for _ in range(4)]
    threading.excepthook, before = lambda args: failed.append(args.exc_value), threading.excepthook
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    threading.excepthook = before
    assert failed == []
    assert asyncio.run(count()) == 6


def test_a_wall_clock_that_is_stepped_ends_nothing(make_world, monkeypatch):
    world = make_world(Origin(site))
    call = entered(world, "/cam1/manifest.mpd")
    began = time.time
    for requests, step in enumerate((0, 3 * 86400, -3 * 86400), 1):
        monkeypatch.setattr(time, "time", lambda step=step: began() + step)
        assert world.send(call).status == 200
        counts = world.sessions.count()
        assert (counts.watching, counts.sessions, counts.ended) == (1, 1, 0)
        assert counts.requests == requests


def test_days_of_a_timedelta_count(make_world, clock):
    world = make_world(
        Origin(site),
        clock=clock,
        live_timeout=timedelta(days=2),
        absolute_timeout=timedelta(days=5),
        watching_window=timedelta(days=1),
    )
    call = entered(world, "/cam1/manifest.mpd")
    world.send(call)
    for days, watching, sessions in ((0.9, 1, 1), (1.9, 0, 1), (2.1, 0, 0)):
        clock.now = 1_700_000_000 + days * 86400
        counts = world.sessions.count()
        assert (counts.watching, counts.sessions) == (watching, sessions)


FORKS = """
import os, sys
from sessionware import ConfigurationError, wsgi

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"#EXTM3U"]

def ask():
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/cam1/master.m3u8", "QUERY_STRING": ""}
    list(middleware(environ, lambda *_: None))

def child():
    ready, said = os.pipe()
    stay, go = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(go)
        try:
            ask()
            os.write(said, b"1")
        except ConfigurationError:
            os.write(said, b"0")
        os.read(stay, 1)
        os._exit(0)
    answer = os.read(ready, 1)
    return answer.decode(), pid, go

middleware = wsgi.StreamSessionMiddleware(app, secret="s" * 32)
ask()
first, pid, go = child()
second = child()
os.close(go); os.close(second[2])
os.waitpid(pid, 0); os.waitpid(second[1], 0)
print(first, second[0])
"""


def test_a_process_that_was_forked_after_use_asks_anew_whether_it_is_alone():
    ran = subprocess.run(
        [sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.stderr, ran.stdout.split()) == ("", ["1", "0"])


@pytest.mark.parametrize("path", ["/cam1/master.m3u8", "/cam1/manifest.mpd"])
def test_the_middleware_nested_twice_is_as_one(make_world, world_kind, path):
    one = importlib.import_module(f"sessionware.{world_kind}").StreamSessionMiddleware
    options = {"secret": "s" * 32, "track": r"\.ts$"}
    single = make_world(Origin(site), **options)
    twice = make_world(
        Origin(site), wrap=lambda app, **more: one(one(app, **more), **more), **options
    )
    call = entered(single, path)
    answers = [world.send(call) for world in (single, twice)]
    assert answers[0] == answers[1]
    known = [world.sessions.by_token(token_of(call)) for world in (single, twice)]
    assert [[session.requests for session in found] for found in known] == [[1], [1]]
    assert [world.get(f"/cam1/7.ts?tkn={token_of(call)}").status for world in (single, twice)] == [
        200,
        200,
    ]
    assert twice.sessions.count().requests == 2


CHOSEN = ["attacker", "A" * 24, "e" * 36 + "." + "x" * 43, "0190000000a-" + "0" * 36]


@pytest.mark.parametrize("chosen", CHOSEN)
@pytest.mark.parametrize("by", ["query", "cookie"])
def test_an_id_that_the_client_chose_is_not_adopted(make_world, chosen, by):
    world = make_world(Origin(lambda _: Reply(body=MPD)), track=r"\.ts$")

    def ask(path: str):
        if by == "cookie":
            return world.get(path, headers=(("Cookie", f"tkn={chosen}"),))
        return world.get(f"{path}?tkn={chosen}")

    answer = ask("/cam1/manifest.mpd")
    assert answer.status == 307
    assert chosen not in answer.location + "".join(answer.all("set-cookie"))
    assert ask("/cam1/7.ts").status == 200
    assert world.origin.last.session is None
    assert world.sessions.count().requests == 0
