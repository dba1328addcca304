"""Sessions for the tests of apps: as real ones are, and found where real ones are found."""

from __future__ import annotations

import asyncio
import inspect
import threading

import flask
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from sessionware import DataError, Kind, Presentation, State, current_session
from sessionware.asgi import StreamSessionMiddleware as Asgi
from sessionware.testing import as_current, asgi_with_session, fake_session, wsgi_with_session
from sessionware.wsgi import StreamSessionMiddleware as Wsgi
from support.origin import Origin
from support.site import site
from support.worlds import AsgiWorld, WsgiWorld, bare

SECRET = "a secret of at least thirty-two characters"


def test_it_says_all_that_a_real_session_says_in_the_same_types(make_world, clock):
    origin = Origin(site)
    world = make_world(origin, secret=SECRET, clock=clock)
    world.get(world.get("/film.m3u8?a=1").location)
    real = origin.seen[-1].session
    fake = fake_session(id=real.id, params={"a": "1"}, requests=1, new=True)
    assert fake.to_dict() == real.to_dict()
    assert repr(fake) == repr(real)


def test_each_that_is_told_nothing_is_a_live_viewer_of_its_own_who_began_just_now():
    one, two = fake_session(), fake_session()
    assert one.id != two.id
    assert (one.kind, one.state, one.stream) == (Kind.VIEWER, State.LIVE, "film")
    assert one.started == one.last_seen == one.expires - 120
    assert (one.stored, one.new, one.quiet, one.user, dict(one.data)) == (
        True,
        False,
        False,
        None,
        {},
    )


SAID = {
    "stream": "cam1",
    "kind": Kind.INPUT,
    "protocol": "SRT",
    "ip": "2001:db8::1",
    "user": "ann",
    "service": "a",
    "state": State.PENDING,
    "presentation": Presentation.VOD,
    "duration": 60.0,
    "started": 1_700_000_000.0,
    "last_seen": 1_700_000_030.0,
    "expires": 1_700_000_090.0,
    "previous": f"{1:032x}-1",
    "requests": 7,
    "seconds": 30.0,
    "bytes_down": 1,
    "bytes_up": 2,
    "tags": ("a", "b"),
    "params": {"zipcode": "25267", "q": "ä&="},
    "data": {"seen": [1, {"a": None}]},
    "new": True,
    "stored": False,
}


@pytest.mark.parametrize("name", SAID)
def test_what_it_is_told_it_says(name):
    assert getattr(fake_session(**SAID), name) == SAID[name]


def test_all_that_can_be_said_is_tried_above():
    known = set(inspect.signature(fake_session).parameters)
    assert known - {"id", "token"} == set(SAID)


def test_without_seconds_it_is_quiet():
    assert (fake_session(seconds=None).quiet, fake_session(seconds=None).seconds) == (True, None)


def test_an_id_names_it_and_tells_when_it_began():
    name = f"{7:032x}-{1_700_000_000_123:x}"
    session = fake_session(id=name)
    assert (session.id, session.started) == (name, 1_700_000_000.123)
    assert fake_session(id=name, started=1_700_000_000.123).id == name


@pytest.mark.parametrize(
    "wrong", [{"id": "nonsense"}, {"id": f"{7:032x}-1", "started": 1_700_000_000.0}]
)
def test_what_is_no_id_or_of_another_time_is_said(wrong):
    with pytest.raises(ValueError, match=r"^(id|started)="):
        fake_session(**wrong)


def test_its_data_is_json_that_changes_as_that_of_a_real_one():
    session = fake_session(data={"seen": 1, "gone": True})
    session.data["seen"] += 1
    del session.data["gone"]
    assert session.changes() == {"seen": "2", "gone": None}
    with pytest.raises(DataError, match="seen"):
        fake_session(data={"seen": object()})


@pytest.mark.parametrize(
    ("url", "carried"),
    [
        ("/a.m3u8", "/a.m3u8?tkn=TOKEN"),
        ("a.m3u8?q=1#t", "a.m3u8?q=1&tkn=TOKEN#t"),
        ("/a.m3u8?tkn=other&q=1", "/a.m3u8?q=1&tkn=TOKEN"),
        ("https://elsewhere.example/a.m3u8", "https://elsewhere.example/a.m3u8"),
        ("//elsewhere.example/a.m3u8", "//elsewhere.example/a.m3u8"),
    ],
)
def test_it_carries_its_token_to_urls_of_the_site_alone(url, carried):
    assert fake_session().carry(url) == carried
    assert fake_session(token="").carry(url) == url


def test_the_token_is_nowhere_else():
    session = fake_session(token="abracadabra")
    assert "abracadabra" not in f"{session!r} {session.to_dict()}"


def test_it_is_the_current_session_within_the_block_and_in_this_thread_alone():
    elsewhere = []
    with as_current(fake_session()) as one:
        with as_current(fake_session()) as two:
            assert current_session() is two
        assert current_session() is one
        with as_current(None):
            assert current_session() is None
        thread = threading.Thread(target=lambda: elsewhere.append(current_session()))
        thread.start()
        thread.join()
    assert current_session() is None
    assert elsewhere == [None]


# --- in an app --------------------------------------------------------------------------------


def starlette_app():
    def told(request):
        found = request.scope["sessionware.session"]
        return JSONResponse({"scope": found.id, "current": current_session().id})

    async def parts(_):
        async def body():
            yield current_session().id

        return StreamingResponse(body())

    routes = [Route("/film.m3u8", told), Route("/parts", parts)]
    return Starlette(routes=routes)


def flask_app():
    app = flask.Flask(__name__)

    @app.get("/film.m3u8")
    def told():
        found = flask.request.environ["sessionware.session"]
        return {"scope": found.id, "current": current_session().id}

    @app.get("/parts")
    def parts():
        def body():
            yield current_session().id

        return app.response_class(body())

    return app


@pytest.fixture(params=["bare", "with the middleware inside"])
def get(request, world_kind):
    """``get(session, path)``: ask an app of this world that finds that session."""
    is_asgi = world_kind == "asgi"
    app = starlette_app() if is_asgi else flask_app()
    if request.param != "bare":
        app = Asgi(app, secret=SECRET) if is_asgi else Wsgi(app, secret=SECRET)
    world, wrapped = (AsgiWorld, asgi_with_session) if is_asgi else (WsgiWorld, wsgi_with_session)

    def ask(session, path):
        with world(wrapped(app, session), wrap=bare, lint=None) as asked:
            return asked.get(path)

    return ask


def test_an_app_finds_it_where_it_finds_a_real_one(get):
    session = fake_session()
    answer = get(session, "/film.m3u8")
    assert answer.status == 200
    assert answer.text.count(session.id) == 2
    assert current_session() is None


def test_it_is_current_while_a_body_is_streamed(get):
    session = fake_session()
    assert get(session, "/parts").text == session.id


def test_the_body_of_a_wsgi_app_is_closed_with_it_as_current():
    closed = []

    class Body(list):
        def close(self):
            closed.append(current_session())

    session = fake_session()
    body = wsgi_with_session(lambda *_: Body([b"a"]), session)({}, lambda *_: None)
    assert list(body) == [b"a"]
    body.close()
    assert closed == [session]
    wsgi_with_session(lambda *_: [b"a"], session)({}, lambda *_: None).close()  # has none itself


def test_lifespan_and_websockets_have_none():
    seen = []

    async def app(scope, receive, send):
        seen.append((scope, current_session()))

    asyncio.run(asgi_with_session(app, fake_session())({"type": "lifespan"}, None, None))
    assert seen == [({"type": "lifespan"}, None)]
