"""Real apps, wrapped the way their users do it: Starlette, FastAPI and Flask."""

from __future__ import annotations

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import PlainTextResponse as FastText
from flask import Flask, Response, current_app, request, send_from_directory, stream_with_context
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sessionware import current_session
from sessionware.asgi import StreamSessionMiddleware as Asgi
from sessionware.wsgi import StreamSessionMiddleware as Wsgi
from support.calls import Call
from support.site import MASTER, MEDIA, MPD, SEGMENT
from support.viewer import entered, token_of
from support.worlds import AsgiWorld, WsgiWorld, bare

OPTIONS = {"secret": "s" * 32, "track": r"\.ts$"}


@pytest.fixture
def folder(tmp_path):
    for name, body in {
        "cam1/master.m3u8": MASTER,
        "cam1/720p/index.m3u8": MEDIA,
        "cam1/manifest.mpd": MPD,
        "cam1/7.ts": SEGMENT * 20_000,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    return tmp_path


def starlette_app(folder):
    app = Starlette(routes=[Mount("/media", StaticFiles(directory=folder))])
    app.add_middleware(Asgi, **OPTIONS)
    return AsgiWorld(app, wrap=bare, pathsend=True)


def fastapi_app(folder):
    app = FastAPI()
    app.mount("/media", StaticFiles(directory=folder))
    app.add_middleware(Asgi, **OPTIONS)
    return AsgiWorld(app, wrap=bare, lifespan=True)


def inside_a_mount(folder):
    """The middleware around a mounted app: what is above it is its root_path."""
    inner = Asgi(StaticFiles(directory=folder), **OPTIONS)
    return AsgiWorld(Starlette(routes=[Mount("/media", inner)]), wrap=bare, pathsend=True)


def behind_gzip(folder):
    app = Starlette(routes=[Mount("/media", StaticFiles(directory=folder))])
    app.add_middleware(GZipMiddleware, minimum_size=1)
    app.add_middleware(Asgi, **OPTIONS)
    return AsgiWorld(app, wrap=bare)


def flask_app(folder):
    app = Flask(__name__)
    app.add_url_rule("/media/<path:name>", "media", lambda name: send_from_directory(folder, name))
    app.wsgi_app = Wsgi(app.wsgi_app, **OPTIONS)
    return WsgiWorld(app, wrap=bare)


APPS = [starlette_app, fastapi_app, inside_a_mount, behind_gzip, flask_app]


@pytest.fixture(params=APPS, ids=lambda made: made.__name__)
def world(request, folder):
    with request.param(folder) as world:
        yield world


def test_a_folder_of_manifests_and_segments_is_played(world, folder):
    call = entered(world, "/media/cam1/master.m3u8?q=1")
    assert call.target.startswith("/media/cam1/master.m3u8?q=1&tkn=")
    token = token_of(call)
    master = world.send(call)
    assert master.status == 200
    assert master.text.count(f"tkn={token}") == 4
    assert master.header("cache-control") == "private, no-store"
    assert master.header("etag") is None
    child = next(line for line in master.text.splitlines() if line.startswith("720p/"))
    assert world.send(call.at(child)).body == MEDIA
    segment = world.send(call.at("7.ts"))  # as a player asks: without the token
    assert segment.body == (folder / "cam1/7.ts").read_bytes()
    assert world.get(f"/media/cam1/7.ts?tkn={token}").body == segment.body


def test_head_range_and_validators_meet_a_whole_rewritten_manifest(world, folder):
    call = entered(world, "/media/cam1/manifest.mpd")
    whole = world.send(call)
    assert whole.body.count(b"<Location>") == 1
    headers = (("Range", "bytes=0-"), ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"))
    again = world.send(Call(call.target, headers=headers))
    assert (again.status, again.body) == (200, whole.body)
    head = world.send(Call(call.target, method="HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert head.header("content-length") == str(len(whole.body))


def test_a_segment_keeps_its_range_and_its_validators(world, folder):
    answer = world.get("/media/cam1/7.ts", headers=(("Range", "bytes=1-7"),))
    assert (answer.status, answer.body) == (206, SEGMENT[1:])
    assert answer.header("etag")


def test_what_is_missing_stays_missing(world):
    call = entered(world, "/media/cam1/none.m3u8")
    assert world.send(call).status == 404


def test_starlette_streams_and_runs_its_background_task_after_the_answer():
    steps = []

    async def chunks():
        for number in range(3):
            steps.append(number)
            yield f"chunk {number}".encode()

    async def stream(request):
        assert current_session() is request.scope["sessionware.session"]
        return StreamingResponse(chunks(), media_type="video/mp2t")

    app = Starlette(routes=[Route("/cam1/7.ts", stream), Route("/cam1/master.m3u8", stream)])
    app.add_middleware(Asgi, **OPTIONS)
    with AsgiWorld(app, wrap=bare) as world:
        for target in ("/cam1/7.ts", entered(world).target):
            steps.clear()
            with world.stream(Call(target)) as answer:
                for number in range(3):
                    assert answer.next() == f"chunk {number}".encode()
                    assert steps == list(range(number + 1))


def test_an_endpoint_of_fastapi_has_the_session_and_its_background_task():
    done = []
    app = FastAPI()
    app.add_middleware(Asgi, **OPTIONS)

    @app.get("/cam1/manifest.mpd")
    async def manifest(tasks: BackgroundTasks) -> FastText:
        session = current_session()
        session.data["seen"] = True
        tasks.add_task(done.append, session.carry("/cam1/thumbs.json"))
        return FastText(MPD)

    with AsgiWorld(app, wrap=bare) as world:
        call = entered(world, "/cam1/manifest.mpd")
        with world.stream(call) as answer:
            while answer.next() is not None:
                assert done == []
            assert b"<Location>" in answer.finish().body
        assert len(done) == 1
        assert done[0].startswith(f"/cam1/thumbs.json?tkn={token_of(call)}")


def test_an_endpoint_of_starlette_changes_data_that_the_next_request_finds():
    async def numbers(request):
        data = request.scope["sessionware.session"].data
        data["count"] = data.get("count", 0) + 1
        return JSONResponse({"count": data["count"]})

    app = Starlette(routes=[Route("/cam1/master.m3u8", numbers)])
    app.add_middleware(Asgi, **OPTIONS)
    with AsgiWorld(app, wrap=bare) as world:
        call = entered(world)
        assert [world.send(call).body for _ in range(2)] == [b'{"count":1}', b'{"count":2}']


@pytest.mark.parametrize("path", ["/cam1/7.ts", "/cam1/master.m3u8"])
def test_flask_streams_with_its_context_and_the_session(path):
    steps = []
    app = Flask(__name__)

    @app.get("/cam1/<name>")
    def stream(name):
        def chunks():
            for number in range(3):
                assert current_session() is request.environ["sessionware.session"]
                steps.append(current_app.name)
                yield f"{request.path} {number};"

        return Response(stream_with_context(chunks()), mimetype="video/mp2t")

    app.wsgi_app = Wsgi(app.wsgi_app, **OPTIONS)
    with WsgiWorld(app, wrap=bare) as world:
        token = token_of(entered(world))
        with world.stream(Call(f"{path}?tkn={token}")) as answer:
            for number in range(3):
                assert answer.next() == f"{path} {number};".encode()
                assert len(steps) == number + 1
    assert current_session() is None


def test_a_generator_of_flask_is_closed_when_the_client_leaves():
    steps = []
    app = Flask(__name__)

    @app.get("/cam1/7.ts")
    def stream():
        def chunks():
            try:
                yield b"one"
                yield b"two"
            finally:
                steps.append("closed")

        return Response(stream_with_context(chunks()), mimetype="video/mp2t")

    app.wsgi_app = Wsgi(app.wsgi_app, **OPTIONS)
    with WsgiWorld(app, wrap=bare) as world:
        with world.stream(Call("/cam1/7.ts")) as answer:
            assert answer.next() == b"one"
            assert steps == []
        assert steps == ["closed"]


def test_the_server_may_send_flask_s_file_its_own_way(folder):
    """wsgi.file_wrapper comes out as it went in: no byte of it is ours to read."""
    found = []

    def server(app, **_):
        def call(environ, start_response):
            found.append(app(environ, start_response))
            return found[-1]

        return call

    app = Flask(__name__)
    app.add_url_rule("/<path:name>", "media", lambda name: send_from_directory(folder, name))
    app.wsgi_app = Wsgi(app.wsgi_app, **OPTIONS)
    bodies = []
    for wrapped in (app, app.wsgi_app.app):
        with WsgiWorld(wrapped, wrap=server, lint=None) as world:
            bodies.append(world.get("/cam1/7.ts").body)
    assert bodies[0] == bodies[1]
    assert type(found[0]) is type(found[1])
