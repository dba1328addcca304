"""The apps that the servers serve: a folder of media behind the middleware, and its numbers.

``/NAME/hls/film/master.m3u8`` is the film for any NAME, so that each test has a stream of its own.
MEDIA names the folder, OPTIONS holds more options of the middleware as JSON.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from flask import Flask, send_from_directory
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sessionware import logs
from sessionware.asgi import StreamSessionMiddleware as Asgi
from sessionware.wsgi import StreamSessionMiddleware as Wsgi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from starlette.requests import Request

    from sessionware import Session

MEDIA = os.environ["MEDIA"]
OPTIONS: dict[str, Any] = {
    "secret": "a secret of at least thirty-two characters",
    **json.loads(os.environ.get("OPTIONS", "{}")),
}

logs.redact()


def told(counts: Any, sessions: Iterable[Session]) -> dict[str, Any]:
    return {
        "watching": counts.watching,
        "sessions": counts.sessions,
        "started": counts.started,
        "ips": [session.ip for session in sessions],
        "protocols": [session.protocol for session in sessions],
    }


async def asgi_numbers(request: Request) -> JSONResponse:
    stream = request.path_params["stream"]
    page = await asgi.sessions.list(stream=stream)
    return JSONResponse(told(await asgi.sessions.count(stream), page.items))


asgi = Asgi(
    Starlette(
        routes=[
            Route("/numbers/{stream:path}", asgi_numbers),
            Mount("/{name}", StaticFiles(directory=MEDIA)),
        ]
    ),
    **OPTIONS,
)

flask = Flask(__name__)


@flask.get("/numbers/<path:stream>")
def wsgi_numbers(stream: str) -> dict[str, Any]:
    page = wsgi.sessions.list(stream=stream)
    return told(wsgi.sessions.count(stream), page.items)


@flask.get("/<name>/<path:file>")
def media(name: str, file: str) -> Response:
    return send_from_directory(MEDIA, file)


wsgi = Wsgi(flask, **OPTIONS)
