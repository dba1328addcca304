"""The ASGI shell's way out: the messages of an answer, the app's and ours."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sessionware.answer import OK, Answering
from sessionware.finished import Finished

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    from sessionware.answer import Head
    from sessionware.drivers import AsyncDriver
    from sessionware.http import Headers
    from sessionware.outcome import Serve
    from sessionware.request import Request
    from sessionware.rules import Rules

    Message = MutableMapping[str, Any]
    Send = Callable[[Message], Awaitable[None]]

T = TypeVar("T")

SHORTCUTS = frozenset({"http.response.pathsend", "http.response.zerocopysend"})
"""By these messages a body would go past us."""


class Shell(Protocol):
    """What the way out needs of the middleware."""

    rules: Rules
    driver: AsyncDriver


class Completing:
    """Completes one answer: takes the app's messages and sends its own.

    A running viewer's manifest, in one piece and known already, goes the short way: what is sent
    was worked out when it was sent first.
    """

    __slots__ = ("_answering", "_began", "_plan", "_request", "_send", "_shell", "_start", "_whole")

    def __init__(self, shell: Shell, send: Send, request: Request, plan: Serve) -> None:
        self._shell = shell
        self._send = send
        self._request = request
        self._plan = plan
        self._start: Message | None = None  # held back for the short way
        self._began: Message = {}  # the app's own start, which may say more, of trailers say
        self._answering: Answering | None = None
        self._whole = False

    async def send(self, message: Message) -> None:
        """Take a message of the app."""
        kind = message["type"]
        if self._answering is None:
            if kind == "http.response.start" and message["status"] == OK and self._is_settled():
                self._start = message
                return
            if self._start is not None and kind.startswith("http.response."):
                start, self._start = self._start, None
                if kind == "http.response.body" and not message.get("more_body"):
                    await self._at_once(start, message)
                    return
                await self._take(start)
        await self._take(message)

    async def abandon(self) -> None:
        """Note that the app failed."""
        if not self._whole:
            await self._shell.driver.drive(self._general().abandon())

    async def close(self) -> None:
        """Note that nothing more goes out."""
        if self._answering is not None:
            await self._shell.driver.drive(self._answering.close())

    def _is_settled(self) -> bool:
        """Tell whether the session runs, and nothing but the body may ask a question."""
        plan, session = self._plan, self._plan.session
        return (
            plan.again
            and plan.cookie is None
            and plan.traffic is None
            and session is not None
            and self._request.method == "GET"
        )

    async def _at_once(self, start: Message, message: Message) -> None:
        """Send a whole answer, by what is known of it or else the long way."""
        plan, rules = self._plan, self._shell.rules
        body = bytes(message.get("body", b""))  # it may be a memoryview
        headers = start.get("headers", ())
        accepted = self._request.headers.get("accept-encoding")
        key = (plan.answers_alike(), accepted, body, *map(tuple, headers))
        finished = rules.finished.get(key)
        session = plan.session
        if (
            finished is None
            or session is None
            or session.touched
            or rules.news(session, self._request.path, finished.learned) is not None
        ):
            head = await self._take(start)
            head = await self._take(message) or head
            answering = self._answering
            if head is not None and answering is not None and answering.finished is not None:
                kept = Finished(tuple(encoded(head.headers)), *answering.finished)
                rules.finished.keep(key, kept, kept.cost(body))
            return
        self._whole = True
        if finished.pieces is not None:
            body = finished.pieces.render(plan.token.encode())
        await self._send({**start, "headers": list(finished.headers)})
        await self._send(body_message(body, more=False))

    async def _take(self, message: Message) -> Head | None:
        """Go the long way with a message; gives the head if it was sent now."""
        answering = self._general()
        kind = message["type"]
        sent = None
        more = False
        if kind == "http.response.start":
            self._began = message
            answering.start(message["status"], decoded(message.get("headers", ())))
            if not answering.holds:
                sent, more = await self._shell.driver.drive(answering.take(b"", last=False)), True
        elif kind == "http.response.body":
            more = message.get("more_body", False)
            if more and answering.streams:
                answering.passed(message.get("body", b""))
                await self._send(message)
                return None
            body = bytes(message.get("body", b""))
            sent = await self._shell.driver.drive(answering.take(body, last=not more))
        elif kind in SHORTCUTS:
            answering.passes_file()
            sent, more = await self._shell.driver.drive(answering.take(b"", last=True)), True
        if sent is None:
            if kind != "http.response.start":
                await self._send(message)
            return None
        if sent.head is not None:
            await self._send({**self._began, **start_message(sent.head)})
        if sent.body or not more:
            await self._send(body_message(sent.body, more=more))
        if kind in SHORTCUTS:
            await self._send(message)
        return sent.head

    def _general(self) -> Answering:
        if self._answering is None:
            self._answering = Answering(self._shell.rules, self._request, self._plan)
        return self._answering


async def send_reply(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole answer of our own."""
    await send({"type": "http.response.start", "status": status, "headers": encoded(headers)})
    await send(body_message(body, more=False))


def start_message(head: Head) -> Message:
    """Make the message that begins an answer."""
    headers = encoded(head.headers)
    return {"type": "http.response.start", "status": head.status, "headers": headers}


def body_message(body: bytes, *, more: bool) -> Message:
    """Make a message with bytes of the body."""
    return {"type": "http.response.body", "body": body, "more_body": more}


def decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give headers as text, the names in lower case."""
    return [_decode(name, value) for name, value in headers]


def encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Give headers as ASGI has them."""
    return [_encode(name, value) for name, value in headers]


# An app sends the same few headers again and again.
@lru_cache(maxsize=512)
def _decode(name: bytes, value: bytes) -> tuple[str, str]:
    return name.decode("latin-1").lower(), value.decode("latin-1")


@lru_cache(maxsize=512)
def _encode(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode("latin-1"), value.encode("latin-1")
