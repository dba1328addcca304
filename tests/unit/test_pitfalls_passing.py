"""What is not ours passes untouched: the very same objects go in and come out (SPEC 4)."""

from __future__ import annotations

import asyncio

import pytest

from sessionware import asgi, wsgi
from support.calls import Call, to_environ, to_scope

NOT_OURS = {
    "another path": Call("/page.html?tkn=a&x=1"),
    "a segment that is not tracked": Call("/cam1/7.ts?tkn=a"),
    "a path above the manifest's": Call("/cam1.m3u8/page"),
    "the root": Call("/"),
    "an input method at another path": Call("/page", method="PUT", body=b"x"),
    "a mounted path": Call("/m/page", mount="/m"),
    "a plain OPTIONS": Call("/cam1/master.m3u8", method="OPTIONS"),
    "an unknown method": Call("/cam1/master.m3u8", method="PROPFIND"),
    "an excluded one": Call("/probe/master.m3u8"),
    "an unclassified one": Call("/none/master.m3u8"),
}
OPTIONS = {
    "exclude": lambda request: request.path.startswith("/probe/"),
    "stream": lambda request: None if request.path.startswith("/none/") else "one",
}


class App:
    """Remembers what it was called with, under ASGI and under WSGI."""

    def __init__(self):
        self.got = ()
        self.iterable = [b"body"]

    async def asgi(self, *got):
        self.got = got

    def wsgi(self, *got):
        self.got = got
        return self.iterable


async def receive():
    return {"type": "http.disconnect"}


async def send(message):
    raise AssertionError(f"nobody answered, and yet {message} is sent")


def passed(app: App, *given) -> bool:
    return len(app.got) == len(given) and all(a is b for a, b in zip(app.got, given, strict=True))


@pytest.mark.parametrize("case", NOT_OURS)
def test_the_app_gets_the_very_same_scope_receive_and_send(case):
    app = App()
    scope = to_scope(NOT_OURS[case])
    before = {**scope, "headers": list(scope["headers"])}
    asyncio.run(asgi.StreamSessionMiddleware(app.asgi, **OPTIONS)(scope, receive, send))
    assert passed(app, scope, receive, send)
    assert scope == before


@pytest.mark.parametrize("case", NOT_OURS)
def test_the_app_gets_the_very_same_environ_and_its_iterable_comes_back(case):
    app = App()
    environ = to_environ(NOT_OURS[case])
    before = dict(environ)
    start_response = object()
    found = wsgi.StreamSessionMiddleware(app.wsgi, **OPTIONS)(environ, start_response)
    assert passed(app, environ, start_response)
    assert found is app.iterable
    assert environ == before


def test_a_request_of_ours_does_not_get_the_outer_objects():
    app = App()
    scope = to_scope(Call("/cam1/master.m3u8"))
    middleware = asgi.StreamSessionMiddleware(app.asgi, write=("cookie",))
    asyncio.run(middleware(scope, receive, send))
    assert app.got[0]["sessionware.session"] is not None
    assert "sessionware.session" not in scope


def test_a_request_that_already_has_a_session_passes_through():
    app = App()
    scope = {**to_scope(Call("/cam1/master.m3u8")), "sessionware.session": object()}
    asyncio.run(asgi.StreamSessionMiddleware(app.asgi)(scope, receive, send))
    assert passed(app, scope, receive, send)
    environ = {**to_environ(Call("/cam1/master.m3u8")), "sessionware.session": object()}
    assert wsgi.StreamSessionMiddleware(app.wsgi)(environ, send) is app.iterable
    assert passed(app, environ, send)


@pytest.mark.parametrize("kind", ["websocket", "webtransport"])
def test_a_websocket_at_a_manifest_path_passes_through(kind):
    app = App()
    scope = {"type": kind, "path": "/cam1/master.m3u8", "headers": [], "query_string": b"tkn=a"}
    asyncio.run(asgi.StreamSessionMiddleware(app.asgi)(scope, receive, send))
    assert passed(app, scope, receive, send)


@pytest.mark.parametrize("outcome", ["complete", "failed"])
def test_lifespan_reaches_the_app_and_its_word_comes_out(outcome):
    heard, said = [], []
    steps = iter(["startup", "shutdown"])

    async def app(scope, receive, send):
        assert scope is lifespan
        for _ in range(2):
            message = await receive()
            heard.append(message["type"])
            await send({"type": f"{message['type']}.{outcome}", "message": "so"})

    async def server():
        return {"type": f"lifespan.{next(steps)}"}

    async def hear(message):
        said.append(message)

    lifespan = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    asyncio.run(asgi.StreamSessionMiddleware(app)(lifespan, server, hear))
    assert heard == ["lifespan.startup", "lifespan.shutdown"]
    assert said == [
        {"type": f"lifespan.{step}.{outcome}", "message": "so"} for step in ("startup", "shutdown")
    ]
    assert lifespan["state"] == {}


def test_an_app_without_lifespan_says_so_itself():
    async def app(scope, receive, send):
        raise NotImplementedError(scope["type"])

    with pytest.raises(NotImplementedError, match="lifespan"):
        asyncio.run(asgi.StreamSessionMiddleware(app)({"type": "lifespan"}, receive, send))
