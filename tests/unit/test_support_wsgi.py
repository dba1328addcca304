"""The WSGI checkers are tested with broken apps: one that no longer fires would hide faults."""

from __future__ import annotations

import gc
import sys

import pytest

from support.origin import Origin, Reply, files
from support.strict_wsgi import linted
from support.worlds import WsgiWorld, bare


def wsgi_app(status="200 OK", headers=(("Content-Type", "text/plain"),), chunks=(b"a",)):
    def app(environ, start_response):
        start_response(status, list(headers))
        return list(chunks)

    return app


TEXT = ("Content-Type", "text/plain")


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (wsgi_app(status="200OK"), "three characters|Status"),
        (wsgi_app(headers=()), "No Content-Type"),
        (wsgi_app(headers=(TEXT, ("A", "b\nc"))), "Bad header value"),
        (wsgi_app(chunks=("text",)), "non-bytes|bytes"),
        (wsgi_app(headers=(TEXT, ("Content-Length", "2"))), "says 2, 1 bytes"),
        (wsgi_app(headers=(TEXT, ("Content-Length", "0"))), "says 0, 1 bytes"),
        (wsgi_app("304 Not Modified", ()), "304 answer has a body"),
        (lambda environ, start_response: [b"a"], "start_response"),
    ],
)
def test_each_rule_of_the_wsgi_checkers_fires(app, words):
    with WsgiWorld(app, wrap=bare) as world, pytest.raises(AssertionError, match=words):
        world.get("/")


def test_too_long_a_body_is_found_before_its_end():
    def app(environ, start_response):
        start_response("200 OK", [TEXT, ("Content-Length", "1")])
        yield b"ab"
        raise KeyError

    with WsgiWorld(app, wrap=bare) as world, pytest.raises(AssertionError, match="says 1, 2 bytes"):
        world.get("/")


def test_start_response_twice_is_found_and_with_exc_info_it_replaces():
    def app(environ, start_response):
        start_response("200 OK", [TEXT])
        error = RuntimeError()
        info = [(type(error), error, None)] if environ["PATH_INFO"] == "/right" else []
        start_response("500 No", [TEXT], *info)
        return [b"a"]

    with WsgiWorld(app, wrap=bare) as world:
        assert world.get("/right").reason == "No"
        with pytest.raises(AssertionError, match="called twice"):
            world.get("/wrong")


def test_an_iterable_that_a_middleware_forgets_to_close_is_found(monkeypatch):
    """The checker can only tell when the iterable dies; pytest turns that into a failed test."""
    told: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: told.append(str(found.exc_value)))

    def wrap(app):
        return lambda environ, start_response: list(app(environ, start_response))

    with WsgiWorld(Origin(files({"/a": b"a"})), wrap=wrap) as world:
        world.get("/a")
        gc.collect()
    assert told == ["Iterator garbage collected without being closed"]


def test_the_werkzeug_checker_fires_and_accepts_what_rfc_9110_accepts():
    with (
        WsgiWorld(wsgi_app(headers=(("ETag", "bare"),)), wrap=bare, lint="werkzeug") as world,
        pytest.raises(Warning, match="Unquoted etag"),
    ):
        world.get("/")
    relative = files({"/": Reply(307, (("Location", "/a"),)), "/204": Reply(204)})
    with WsgiWorld(Origin(relative), wrap=bare, lint="werkzeug") as world:
        assert world.get("/").location == "/a"
        assert world.get("/204").status == 204
        assert world.get("/", method="HEAD").header("content-length") == "0"


def test_an_unknown_checker_is_refused():
    with pytest.raises(ValueError, match="no such"):
        linted(wsgi_app(), "strict")
