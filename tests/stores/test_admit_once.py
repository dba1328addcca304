"""One fresh token, asked for by a hundred threads of four processes: admit is asked once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessionware import Sessions, open_store
from sessionware.token import CoreFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET = "a secret of at least thirty-two characters"
PROCESSES, THREADS = 4, 25

WORKER = """
import asyncio, sys, threading, time
from pathlib import Path
from sessionware.{world} import StreamSessionMiddleware

folder, url, path, query, verdict = sys.argv[1:]
told = Path(folder, "told").open("a", buffering=1)


def admit(session, request):
    told.write("asked\\n")
    time.sleep(0.3)
    told.write("answered\\n")
    return verdict == "yes"


def hear(event):
    told.write(type(event).__name__ + "\\n")


def begin():
    Path(folder, str(__import__("os").getpid())).touch()
    while len(list(Path(folder).glob("[0-9]*"))) < {processes}:
        time.sleep(0.01)


{code}
"""

WSGI = """
def app(environ, start_response):
    told.write("served\\n")
    start_response("200 OK", [("Content-Type", "application/vnd.apple.mpegurl")])
    return [b"#EXTM3U\\n#EXT-X-TARGETDURATION:2\\n"]


middleware = StreamSessionMiddleware(
    app, secret="{secret}", store=url, admit=admit, on_event=hear
)


def ask():
    environ = {{"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query,
               "REMOTE_ADDR": "192.0.2.1", "wsgi.url_scheme": "http", "HTTP_HOST": "x"}}
    body = middleware(environ, lambda status, *_: told.write(status[:3] + "\\n"))
    list(body)
    getattr(body, "close", int)()


begin()
threads = [threading.Thread(target=ask) for _ in range({threads})]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""

ASGI = """
async def app(scope, receive, send):
    told.write("served\\n")
    headers = [(b"content-type", b"application/vnd.apple.mpegurl")]
    await send({{"type": "http.response.start", "status": 200, "headers": headers}})
    await send({{"type": "http.response.body", "body": b"#EXTM3U\\n#EXT-X-TARGETDURATION:2\\n"}})


middleware = StreamSessionMiddleware(
    app, secret="{secret}", store=url, admit=admit, on_event=hear
)


async def ask():
    scope = {{"type": "http", "method": "GET", "path": path, "query_string": query.encode(),
             "headers": [], "client": ("192.0.2.1", 1), "scheme": "http"}}

    async def send(message):
        if message["type"] == "http.response.start":
            told.write(str(message["status"]) + "\\n")

    await middleware(scope, None, send)


async def all_at_once():
    await asyncio.gather(*(ask() for _ in range({threads})))


begin()
asyncio.run(all_at_once())
"""


def told_by(folder: Path, world: str, verdict: str) -> Sequence[str]:
    """What the workers noted, line by line."""
    token = CoreFormat((SECRET.encode(),)).issue(time.time(), "", "192.0.2.1", "").text
    code = {"wsgi": WSGI, "asgi": ASGI}[world].format(secret=SECRET, threads=THREADS)
    script = WORKER.format(world=world, processes=PROCESSES, code=code)
    url = f"sqlite:///{folder}/sessions.db"
    arguments = [str(folder), url, "/a.m3u8", f"tkn={token}", verdict]
    command = [sys.executable, "-c", script, *arguments]
    workers = [subprocess.Popen(command) for _ in range(PROCESSES)]
    assert [worker.wait(60) for worker in workers] == [0] * PROCESSES
    return Path(folder, "told").read_text().splitlines()


@pytest.mark.parametrize("world", ["asgi", "wsgi"])
def test_admit_is_asked_once_and_nobody_is_served_before_it_has_answered(tmp_path, world):
    told = told_by(tmp_path, world, "yes")
    assert told[:2] == ["asked", "answered"]
    assert told[2:].count("served") == told[2:].count("200") == PROCESSES * THREADS
    assert set(told[2:]) == {"served", "200", "SessionStarted"}
    assert told.count("SessionStarted") == 1
    store = open_store(f"sqlite:///{tmp_path}/sessions.db")
    counts = Sessions(store).count("a")
    assert (counts.started, counts.requests) == (1, PROCESSES * THREADS)
    store.close()


@pytest.mark.parametrize("world", ["asgi", "wsgi"])
def test_who_is_denied_is_denied_to_all_who_wait(tmp_path, world):
    told = told_by(tmp_path, world, "no")
    assert told[:2] == ["asked", "answered"]
    assert told.count("SessionDenied") == 1
    assert told.count("403") == told.count("RequestRefused") == PROCESSES * THREADS
    assert set(told[2:]) == {"SessionDenied", "403", "RequestRefused"}
