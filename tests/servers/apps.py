"""The apps that the servers serve: a folder of media behind the middleware, and its numbers.

``/NAME/hls/film/master.m3u8`` is the film for any NAME, so that each test has a stream of its own.
Pages of any other origin may play it, with or without cookies. MEDIA names the folder, OPTIONS
holds more options of the middleware as JSON.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from flask import Flask, request, send_from_directory
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sessionware import Settings, logs
from sessionware.asgi import StreamSessionMiddleware as Asgi
from sessionware.wsgi import StreamSessionMiddleware as Wsgi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Response
    from starlette.requests import Request

    from sessionware import Session

MEDIA = os.environ["MEDIA"]
SETTINGS = Settings.from_dict(
    {
        "secret": "a secret of at least thirty-two characters",
        **json.loads(os.environ.get("OPTIONS", "{}")),
    }
)

logs.redact()


def told(counts: Any, sessions: Iterable[Session]) -> dict[str, Any]:
    return {
        "watching": counts.watching,
        "quiet": counts.quiet,
        "sessions": counts.sessions,
        "started": counts.started,
        "ips": [session.ip for session in sessions],
        "protocols": [session.protocol for session in sessions],
    }


async def asgi_numbers(asked: Request) -> JSONResponse:
    stream = asked.path_params["stream"]
    page = await asgi.sessions.list(stream=stream)
    return JSONResponse(told(await asgi.sessions.count(stream), page.items))


async def asgi_stop(asked: Request) -> PlainTextResponse:
    return PlainTextResponse(str(await asgi.sessions.stop(stream=asked.path_params["stream"])))


asgi = Asgi.from_settings(
    Starlette(
        routes=[
            Route("/numbers/{stream:path}", asgi_numbers),
            Route("/stop/{stream:path}", asgi_stop, methods=["POST"]),
            Mount("/{name}", StaticFiles(directory=MEDIA)),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True),
        ],
    ),
    SETTINGS,
)

flask = Flask(__name__)


@flask.get("/numbers/<path:stream>")
def wsgi_numbers(stream: str) -> dict[str, Any]:
    page = wsgi.sessions.list(stream=stream)
    return told(wsgi.sessions.count(stream), page.items)


@flask.post("/stop/<path:stream>")
def wsgi_stop(stream: str) -> str:
    return str(wsgi.sessions.stop(stream=stream))


@flask.get("/<name>/<path:file>")
def media(name: str, file: str) -> Response:
    return send_from_directory(MEDIA, file)


@flask.after_request
def allow_origin(response: Response) -> Response:
    if origin := request.headers.get("Origin"):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


wsgi = Wsgi.from_settings(flask, SETTINGS)
