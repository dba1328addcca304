"""What the recipes say beside their files: where the session is seen, and where not to put us."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from litestar import Litestar, Response, get
from litestar.middleware import DefineMiddleware
from quart import Quart, request
from starlette.responses import PlainTextResponse

from servers.running import free_port, started
from sessionware import MemoryStore, current_session
from sessionware.asgi import StreamSessionMiddleware
from support.calls import Call
from support.site import MASTER, MEDIA
from support.viewer import entered
from support.worlds import AsgiWorld, bare

SECRET = "a secret of at least thirty-two characters"
PAGE = Path(__file__).parents[2] / "docs/recipes.md"


def django_block(name: str) -> str:
    """The block of the page that goes into a project's file of that name."""
    return re.search(rf"in `{name}`:\n\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]


def played(app, path="/film/master.m3u8"):
    """The answer behind the redirect."""
    with AsgiWorld(app, wrap=bare, lint=None) as world:
        return world.send(entered(world, path))


# --- FastAPI ----------------------------------------------------------------------------------


def test_fastapi_s_middleware_has_the_session_if_it_is_added_before():
    seen = {}

    def noting(name):
        async def note(asked, call_next):
            seen[name] = (current_session() is not None, "tkn=" in asked.url.query)
            return await call_next(asked)

        return note

    app = FastAPI()
    app.middleware("http")(noting("before"))
    app.add_middleware(StreamSessionMiddleware, secret=SECRET)
    app.middleware("http")(noting("after"))

    @app.get("/film/master.m3u8")
    def manifest() -> PlainTextResponse:
        seen["def"] = current_session().stream
        return PlainTextResponse(MASTER)

    assert "tkn=" in played(app).text
    assert seen == {"before": (True, False), "after": (False, True), "def": "film"}


# --- Quart ------------------------------------------------------------------------------------


def quart_app(seen):
    app = Quart(__name__)

    @app.before_request
    async def before():
        seen["before"] = request.scope["sessionware.session"], "tkn" in request.url

    @app.after_request
    async def after(response):
        seen["after"] = current_session(), "tkn" in request.args
        return response

    @app.get("/def/master.m3u8")
    def plain():
        seen["view"] = current_session(), False
        return MASTER

    @app.get("/generator/master.m3u8")
    async def generator():
        async def body():
            seen["view"] = current_session(), False
            yield MASTER

        return body()

    app.asgi_app = StreamSessionMiddleware(app.asgi_app, secret=SECRET)
    return app


@pytest.mark.parametrize("view", ["def", "generator"])
def test_quart_s_hooks_views_and_generators_have_the_session_and_no_token(view):
    seen = {}
    assert "tkn=" in played(quart_app(seen), f"/{view}/master.m3u8").text
    assert [name for name in seen if seen[name][1]] == []
    assert [seen[name][0].stream for name in ("before", "after", "view")] == [view] * 3


# --- Litestar ---------------------------------------------------------------------------------


@get("/film/master.m3u8")
async def master() -> Response[bytes]:
    return Response(MASTER, media_type="application/vnd.apple.mpegurl")


@get("/film/720p/index.m3u8")
async def media_playlist() -> Response[bytes]:
    return Response(MEDIA, media_type="application/vnd.apple.mpegurl")


def litestar_app(**options) -> Litestar:
    """Litestar with the middleware where it is not to be put."""
    inside = DefineMiddleware(StreamSessionMiddleware, secret=SECRET, **options)
    return Litestar(route_handlers=[master, media_playlist], middleware=[inside])


def test_litestar_s_own_handler_may_be_wrapped():
    app = Litestar(route_handlers=[master])
    app.asgi_handler = StreamSessionMiddleware(app.asgi_handler, secret=SECRET)
    assert "tkn=" in played(app).text


@pytest.mark.parametrize("given", ["no store", "one store"])
def test_inside_of_litestar_each_route_counts_for_itself_without_one_store(given):
    made = []

    class Noted(StreamSessionMiddleware):
        def __init__(self, app, **options) -> None:
            super().__init__(app, **options)
            made.append(self)

    options = {"store": MemoryStore()} if given == "one store" else {}
    inside = DefineMiddleware(Noted, secret=SECRET, **options)
    app = Litestar(route_handlers=[master, media_playlist], middleware=[inside])
    assert played(app, "/film/720p/index.m3u8").status == 200
    watching = {asyncio.run(one.sessions.count()).watching for one in made}
    assert watching == ({1} if given == "one store" else {0, 1})


@pytest.mark.parametrize(("where", "status"), [("inside", 405), ("outside", 307)])
def test_inside_of_litestar_head_of_a_manifest_is_not_ours(where, status):
    app = litestar_app()
    if where == "outside":
        app = StreamSessionMiddleware(Litestar(route_handlers=[master]), secret=SECRET)
    with AsgiWorld(app, wrap=bare, lint=None) as world:
        assert world.send(Call("/film/master.m3u8", method="HEAD")).status == status


@pytest.mark.parametrize(("where", "status"), [("inside", 404), ("outside", 307)])
def test_inside_of_litestar_a_service_in_the_path_is_taken_out_too_late(where, status):
    app = litestar_app(service=r"\d{4}")
    if where == "outside":
        inner = Litestar(route_handlers=[master])
        app = StreamSessionMiddleware(inner, secret=SECRET, service=r"\d{4}")
    with AsgiWorld(app, wrap=bare, lint=None) as world:
        assert world.get("/1234/film/master.m3u8").status == status


# --- Django -----------------------------------------------------------------------------------

PROJECT = {
    "settings.py": """
from sessionware import logs
logs.redact()
logs.redact(loggers=("django.server",))
ALLOWED_HOSTS = ["127.0.0.1"]
DEBUG = False
MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "urls"
SECRET_KEY = "a secret of Django"
WSGI_APPLICATION = "wsgi.application"
""",
    "urls.py": """
from django.http import HttpResponse
from django.urls import path

def manifest(request):
    session = getattr(request, "scope", request.META)["sessionware.session"]
    film = f"#EXTM3U\\n#EXT-X-STREAM-INF:BANDWIDTH=1\\n{session.stream}.m3u8\\n" + "#\\n" * 999
    return HttpResponse(film, content_type="application/vnd.apple.mpegurl")

urlpatterns = [path("film/master.m3u8", manifest)]
""",
    "wsgi.py": django_block("wsgi.py"),
    "asgi.py": django_block("asgi.py"),
}
COMMANDS = {
    "wsgi": "django runserver --noreload {port}",
    "asgi": "uvicorn --port {port} asgi:application",
}


@pytest.fixture(params=list(COMMANDS))
def project(request, tmp_path):
    """A project with its middlewares, and the lines of the page in its asgi.py and wsgi.py."""
    for name, code in PROJECT.items():
        (tmp_path / name).write_text(code)
    port = free_port()
    command = COMMANDS[request.param].format(port=port).split()
    environment = {"DJANGO_SETTINGS_MODULE": "settings", "SESSIONWARE_SECRET": SECRET}
    with started(command, port, tmp_path, environment) as server:
        server.wait()
        yield server


@pytest.mark.servers
def test_a_project_of_django_serves_sessions_and_keeps_its_middlewares(project):
    entry = project.curl("/film/master.m3u8")
    assert entry.status == 307
    manifest = project.curl(entry.location, "--compressed", "-H", 'If-None-Match: "a"')
    assert (manifest.status, manifest.header("etag")) == (200, None)
    assert manifest.header("content-encoding") == "gzip"
    assert "film.m3u8?tkn=" in manifest.text


@pytest.mark.servers
def test_a_host_that_django_does_not_allow_gets_no_further_than_the_redirect(project):
    stranger = ("-H", "Host: stranger.example")
    entry = project.curl("/film/master.m3u8", *stranger)
    assert entry.status == 307
    assert entry.location.startswith("/film/master.m3u8?tkn=")
    assert project.curl(entry.location, *stranger).status == 400


@pytest.mark.servers
def test_the_logs_of_a_django_project_are_redacted_by_its_settings(project):
    project.curl("/film/master.m3u8", "-L")
    assert "/film/master.m3u8?tkn=[redacted]" in project.log
