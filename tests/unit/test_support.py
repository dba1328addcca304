"""The support is tested with plain apps: a checker that no longer fires would hide real faults."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from support.origin import Origin, files
from support.worlds import AsgiWorld, bare

START = {"type": "http.response.start", "status": 200, "headers": []}
LAST = {"type": "http.response.body", "body": b""}


def start(*headers: tuple[Any, Any], status: Any = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(data: Any = b"", more: Any = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def sends(*messages: dict[str, Any]) -> Any:
    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    return app


def asgi_world(app: Any, **kw: Any) -> AsgiWorld:
    return AsgiWorld(app, wrap=kw.pop("wrap", bare), patience=kw.pop("patience", 0.5), **kw)


# --- the strict ASGI checker -------------------------------------------------------------------

BAD = [
    ([body()], "before the start"),
    ([START, START, LAST], "sent twice"),
    ([START], "before the last"),
    ([START, body(b"a", more=True)], "before the last"),
    ([START, LAST, LAST], "after the answer was complete"),
    ([START, LAST, START], "after the answer was complete"),
    ([], "without http.response.start"),
    ([{"status": 200}], "without a type"),
    ([START, {"type": "http.response.bodies"}], "does not offer"),
    ([START, {"type": "http.response.pathsend", "path": "/etc/hostname"}], "does not offer"),
    ([start(status="200"), LAST], "no int"),
    ([start(status=True), LAST], "no int"),
    ([start(status=100), LAST], "no final status"),
    ([start(("a", b"b")), LAST], "no pair of bytes"),
    ([start((b"a", "b")), LAST], "no pair of bytes"),
    ([start((b"Location", b"b")), LAST], "not lower-case"),
    ([start((b"a b", b"b")), LAST], "no token"),
    ([start((b"", b"b")), LAST], "no token"),
    ([start((b"a", b"b\r\nset-cookie: c")), LAST], "bad value"),
    ([start((b"a", b" b")), LAST], "bad value"),
    ([start((b"content-length", b"x")), LAST], "no number"),
    ([start((b"content-length", b"0"), (b"content-length", b"1")), LAST], "several"),
    ([start((b"content-length", b"2")), body(b"abc")], "says 2, 3 bytes"),
    ([start((b"content-length", b"2")), body(b"a")], "says 2, 1 bytes"),
    ([start((b"content-length", b"2")), body(b"abc", more=True), LAST], "says 2, 3 bytes"),
    ([start((b"content-length", b"2")), body(b"abc", more=True)], "says 2, 3 bytes"),
    ([start(status=204), body(b"a")], "204 answer has a body"),
    ([start(status=304), body(b"a")], "304 answer has a body"),
    ([START, body("text")], "not bytes"),
    ([START, body(b"", more=1)], "no bool"),
]


@pytest.mark.parametrize(("messages", "words"), BAD)
def test_each_rule_of_the_asgi_checker_fires(messages, words):
    with asgi_world(sends(*messages)) as world, pytest.raises(AssertionError, match=words):
        world.get("/")


@pytest.mark.parametrize(
    ("method", "messages"),
    [
        ("GET", [START, LAST]),
        ("GET", [START, {"type": "http.response.body"}]),
        ("GET", [start((b"content-length", b"3")), body(b"ab", more=True), body(b"c")]),
        ("HEAD", [start((b"content-length", b"3")), LAST]),
        ("GET", [start((b"content-length", b"3"), status=304), LAST]),
        ("GET", [start((b"a", b"\xe9 b")), LAST]),
        ("GET", [start((b"a", b"")), LAST]),
    ],
)
def test_the_asgi_checker_lets_right_answers_pass(method, messages):
    with asgi_world(sends(*messages)) as world:
        assert world.get("/", method=method).status in (200, 304)


def test_a_fault_is_told_even_by_an_app_that_swallows_exceptions():
    async def app(scope, receive, send):
        await send(START)
        await send(LAST)
        with contextlib.suppress(AssertionError):
            await send(LAST)

    with asgi_world(app) as world, pytest.raises(AssertionError, match="after the answer"):
        world.get("/")


@pytest.mark.parametrize("pending", [False, True], ids=["begun after the end", "begun before"])
def test_a_middleware_that_lets_receive_hang_after_the_end_is_found(pending):
    def wrap(app):
        async def middleware(scope, receive, send):
            first = True

            async def silent():
                nonlocal first
                if first:
                    first = False
                    return await receive()
                return await asyncio.Event().wait()

            app.patience = 0.05
            await app(scope, silent, send)

        return middleware

    async def app(scope, receive, send):
        await receive()
        waiting = asyncio.create_task(receive()) if pending else None
        await asyncio.sleep(0)
        await send(START)
        await send(LAST)
        await (waiting or receive())

    with asgi_world(app, wrap=wrap) as world, pytest.raises(AssertionError, match="still waits"):
        world.get("/")
    with asgi_world(app) as world:
        assert world.get("/").status == 200


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([{"type": "http.bytes"}], "gave 'http.bytes'"),
        ([{"type": "http.request", "body": "text"}], "request body is a str"),
        ([{"type": "http.request", "more_body": 1}], "no bool"),
        ([{"type": "http.request"}] * 2, "after the last one"),
        ([{"type": "http.disconnect"}, {"type": "http.request"}], "after http.disconnect"),
    ],
)
def test_a_middleware_that_gives_wrong_request_messages_is_found(answers, words):
    def wrap(app):
        async def middleware(scope, receive, send):
            left = iter(answers)

            async def other():
                return next(left)

            await app(scope, other, send)

        return middleware

    async def app(scope, receive, send):
        for _ in answers:
            await receive()

    with asgi_world(app, wrap=wrap) as world, pytest.raises(AssertionError, match=words):
        world.get("/")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("query_string", "a=b", "wrong type"),
        ("query_string", b"?a=b", r"begins with '\?'"),
        ("path", b"/", "wrong type"),
        ("raw_path", "/", "no bytes"),
        ("raw_path", b"/?a=b", "holds the query"),
        ("headers", [(b"Host", b"a")], "not lower-case"),
        ("headers", {}, "no list"),
        ("method", "get", "not upper-case"),
        ("client", ("192.0.2.1",), "no pair"),
    ],
)
def test_a_middleware_that_hands_on_a_wrong_scope_is_found(key, value, words):
    def wrap(app):
        async def middleware(scope, receive, send):
            await app({**scope, key: value}, receive, send)

        return middleware

    with (
        asgi_world(Origin(files({})), wrap=wrap) as world,
        pytest.raises(AssertionError, match=words),
    ):
        world.get("/")


def test_a_scope_that_is_no_plain_dict_is_found():
    class Scope(dict[str, Any]):
        pass

    def wrap(app):
        async def middleware(scope, receive, send):
            await app(Scope(scope), receive, send)

        return middleware

    with (
        asgi_world(Origin(files({})), wrap=wrap) as world,
        pytest.raises(AssertionError, match="not a dict"),
    ):
        world.get("/")


def test_a_path_sent_before_the_start_is_found():
    app = sends({"type": "http.response.pathsend", "path": "/etc/hostname"})
    with (
        asgi_world(app, pathsend=True) as world,
        pytest.raises(AssertionError, match=r"before http\.response\.start"),
    ):
        world.get("/")


def test_a_missing_key_of_the_scope_is_found():
    def wrap(app):
        async def middleware(scope, receive, send):
            await app({k: v for k, v in scope.items() if k != "path"}, receive, send)

        return middleware

    with (
        asgi_world(Origin(files({})), wrap=wrap) as world,
        pytest.raises(AssertionError, match="no 'path'"),
    ):
        world.get("/")


@pytest.mark.parametrize("how", ["set", "delete", "inside"])
def test_a_middleware_that_changes_its_callers_scope_is_found(how):
    def wrap(app):
        async def middleware(scope, receive, send):
            if how == "set":
                scope["sessionware.session"] = 1
            elif how == "delete":
                del scope["server"]
            else:
                scope["headers"].append((b"a", b"b"))
            await app(scope, receive, send)

        return middleware

    with (
        asgi_world(Origin(files({})), wrap=wrap) as world,
        pytest.raises(AssertionError, match="was changed"),
    ):
        world.get("/")


def test_an_app_may_write_into_its_scope_and_into_state():
    async def app(scope, receive, send):
        scope["router"] = 1
        scope["headers"].append((b"a", b"b"))
        scope.setdefault("state", {})["a"] = 1
        await send(START)
        await send(LAST)

    with asgi_world(app) as world:
        assert world.get("/").status == 200
