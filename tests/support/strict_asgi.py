"""A checker to stand between an ASGI server and an app: it says in clear words who broke what.

It raises AssertionError where the rule is broken, and again when the call ends, so that an app
that swallows exceptions cannot hide the fault. Rules: the ASGI HTTP specification 2.5, and what
h11 refuses.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Scope = dict[str, Any]
    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
VALUE = re.compile(rb"(?:[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?")
EMPTY = (204, 304)
KINDS: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "path": str,
    "query_string": bytes,
    "root_path": str,
    "scheme": str,
    "http_version": str,
    "asgi": dict,
}


class StrictASGI:
    """Checks both sides of one app: the scope and messages it gets, and the messages it sends.

    ``side`` names the app in messages. With ``keeps_scope`` the app must leave the scope it gets as
    it was ("state" excepted): for a middleware, whose caller goes on using it. Frameworks write
    into their scope, so they stand behind a checker without it; what they get is a copy.
    ``patience``: seconds that receive() may wait once the answer is complete.
    """

    def __init__(
        self, app: App, side: str = "app", *, keeps_scope: bool = False, patience: float = 2.0
    ) -> None:
        self.app = app
        self.side = side
        self.keeps_scope = keeps_scope
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self, scope, receive, send)
        exchange.check_scope()
        handed = _copied(scope)
        before = _copied(handed)
        raised: BaseException | None = None
        try:
            await self.app(handed, exchange.receive, exchange.send)
        except BaseException as error:
            raised = error
            raise
        finally:
            if exchange.fault is not None and raised is not exchange.fault:
                raise exchange.fault
        exchange.check_end()
        if self.keeps_scope:
            changed = _differences(before, handed)
            exchange.check(not changed, f"the scope that came from outside was changed: {changed}")


class _Exchange:
    """One request under the checker: what was said so far, and the first fault."""

    def __init__(self, checker: StrictASGI, scope: Scope, receive: Receive, send: Send) -> None:
        self.checker = checker
        self.scope = scope
        self._receive = receive
        self._send = send
        self.fault: AssertionError | None = None
        self.status: int | None = None
        self.length: int | None = None
        self.sent = 0
        self.complete = False
        self.gone = False
        self.request_over = False
        self.waiting: list[asyncio.Timeout] = []

    def fail(self, words: str) -> NoReturn:
        fault = AssertionError(f"{self.checker.side}: {words}")
        self.fault = self.fault or fault
        raise fault

    def check(self, holds: object, words: str) -> None:
        if not holds:
            self.fail(words)

    def check_scope(self) -> None:
        scope = self.scope
        self.check(type(scope) is dict, f"the scope is a {type(scope).__name__}, not a dict")
        for key, kind in KINDS.items():
            self.check(isinstance(scope.get(key, kind()), kind), f"scope[{key!r}] has a wrong type")  # type: ignore[operator]
        for key in ("asgi", "method", "path", "query_string", "headers", "http_version"):
            self.check(key in scope, f"the scope has no {key!r}")
        self.check(scope["method"] == scope["method"].upper(), "the method is not upper-case")
        raw = scope.get("raw_path")
        self.check(raw is None or isinstance(raw, bytes), "scope['raw_path'] is no bytes")
        self.check(raw is None or b"?" not in raw, "scope['raw_path'] holds the query too")
        self.check(not scope["query_string"].startswith(b"?"), "the query begins with '?'")
        for key in ("client", "server"):
            pair = scope.get(key)
            self.check(pair is None or len(pair) == 2, f"scope[{key!r}] is no pair")
        self.check_headers(scope["headers"], "request")

    def check_headers(self, headers: Any, whose: str) -> None:
        self.check(not isinstance(headers, (str, bytes, dict)), f"{whose} headers are no list")
        lengths = set()
        for pair in headers:
            self.check(
                len(pair) == 2 and all(type(part) is bytes for part in pair),
                f"a {whose} header is no pair of bytes: {pair!r}",
            )
            name, value = pair
            self.check(name == name.lower(), f"a {whose} header name is not lower-case: {name!r}")
            self.check(NAME.fullmatch(name), f"a {whose} header name is no token: {name!r}")
            self.check(
                VALUE.fullmatch(value), f"{whose} header {name!r} has a bad value: {value!r}"
            )
            if name == b"content-length":
                self.check(value.isdigit(), f"Content-Length is no number: {value!r}")
                lengths.add(int(value))
        self.check(len(lengths) < 2, f"there are several Content-Lengths: {sorted(lengths)}")
        if whose == "response":
            self.length = lengths.pop() if lengths else None

    async def receive(self) -> Message:
        words = "receive() after the answer was complete still waits: it must give http.disconnect"
        try:
            async with asyncio.timeout(self.checker.patience if self.complete else None) as limit:
                self.waiting.append(limit)
                try:
                    message = await self._receive()
                finally:
                    self.waiting.remove(limit)
        except TimeoutError:
            if not limit.expired():
                raise
            self.fail(words)
        kind = message.get("type")
        if kind == "http.disconnect":
            self.gone = True
            return message
        self.check(kind == "http.request", f"receive() gave {kind!r}")
        self.check(not self.gone, "receive() gave http.request after http.disconnect")
        self.check(not self.request_over, "receive() gave http.request after the last one")
        body, more = message.get("body", b""), message.get("more_body", False)
        self.check(type(body) is bytes, f"the request body is a {type(body).__name__}")
        self.check(isinstance(more, bool), "more_body is no bool in http.request")
        self.request_over = not more
        return message

    async def send(self, message: Message) -> None:
        kind = message.get("type")
        self.check(isinstance(kind, str), f"a message without a type was sent: {message!r}")
        self.check(not self.complete, f"{kind} was sent after the answer was complete")
        if kind == "http.response.start":
            self.check_start(message)
        elif kind == "http.response.body":
            self.check_body(message)
        else:
            offered = self.scope.get("extensions") or {}
            self.check(kind in offered, f"{kind} was sent, but the scope does not offer it")
            if kind in ("http.response.pathsend", "http.response.zerocopysend"):
                self.check(self.status is not None, f"{kind} was sent before http.response.start")
                self.complete = not message.get("more_body", False)
        if self.complete:
            limit_at = asyncio.get_running_loop().time() + self.checker.patience
            for limit in self.waiting:
                limit.reschedule(limit_at)
        try:
            await self._send(message)
        except OSError:
            self.gone = True
            raise

    def check_start(self, message: Message) -> None:
        self.check(self.status is None, "http.response.start was sent twice")
        status = message.get("status")
        self.check(type(status) is int, f"the status is no int: {status!r}")
        assert isinstance(status, int)
        self.check(200 <= status <= 599, f"{status} is no final status")
        self.check_headers(message.get("headers", ()), "response")
        self.status = status

    def check_body(self, message: Message) -> None:
        self.check(self.status is not None, "http.response.body was sent before the start")
        body, more = message.get("body", b""), message.get("more_body", False)
        self.check(type(body) is bytes, f"the body is a {type(body).__name__}, not bytes")
        self.check(isinstance(more, bool), f"more_body is no bool: {more!r}")
        self.sent += len(body)
        self.check(not (body and self.status in EMPTY), f"a {self.status} answer has a body")
        self.complete = not more
        if self.length is None or self.scope["method"] == "HEAD" or self.status in EMPTY:
            return
        told = f"Content-Length says {self.length}, {self.sent} bytes were sent"
        self.check(self.sent <= self.length, told)
        self.check(more or self.sent == self.length, told)

    def check_end(self) -> None:
        if self.gone and not self.complete:
            return
        self.check(self.status is not None, "the app returned without http.response.start")
        self.check(self.complete, "the app returned before the last http.response.body")


def _copied(scope: Scope) -> Scope:
    """A copy down to the lists and dicts inside; "state" is there to be shared."""
    kinds = (list, dict, set)
    return {
        key: value.copy() if isinstance(value, kinds) and key != "state" else value
        for key, value in scope.items()
    }


def _differences(before: Scope, after: Scope) -> list[str]:
    missing = object()
    keys = [*before, *(key for key in after if key not in before)]
    return [
        key
        for key in keys
        if key != "state" and before.get(key, missing) != after.get(key, missing)
    ]
