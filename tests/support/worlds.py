"""Two worlds with one face: an origin, the middleware around it, a server with clients in front.

``AsgiWorld`` and ``WsgiWorld`` take the same calls and give the same answers, so that one test
runs in both.
"""

from __future__ import annotations

import asyncio
import importlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

from .calls import Answer, Call
from .loops import Lifespan, SyncView, called
from .streaming import AsgiExchange, AsgiStream
from .streaming_wsgi import WsgiStream
from .strict_asgi import StrictASGI
from .strict_wsgi import linted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .trace import Trace

    Wrap = Callable[..., Any]

__all__ = ["Answer", "AsgiWorld", "Call", "SyncView", "World", "WsgiWorld", "bare"]

PATHSEND = "http.response.pathsend"


def bare(app: Any, **options: Any) -> Any:
    """No middleware at all: what a world does by itself."""
    assert not options, f"options without a middleware: {sorted(options)}"
    return app


class _World:
    """What both worlds share: the short ways to send."""

    kind: str
    middleware: Any
    origin: Any

    def send(self, call: Call) -> Answer:
        raise NotImplementedError

    def get(self, target: str, **kw: Any) -> Answer:
        """Send ``Call(target, **kw)``."""
        return self.send(Call(target, **kw))

    def follow(self, call: Call, answer: Answer) -> Answer:
        """Go, as the same client, where the answer's Location points."""
        assert answer.location is not None, f"no Location in a {answer.status}: {answer.headers}"
        return self.send(call.at(answer.location))

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsgiWorld(_World):
    """The middleware under a private event loop, which runs only while a method of the world does.

    ``origin`` is an ``Origin`` or any ASGI app. ``wrap(app, **options)`` makes the middleware.
    ``lint``: anything but None puts ``StrictASGI`` on both sides. ``lifespan`` runs startup now and
    shutdown in ``close()``. ``pathsend`` offers that extension. ``after_leaving``: see
    ``AsgiExchange``.
    """

    kind = "asgi"

    def __init__(
        self,
        origin: Any,
        *,
        wrap: Wrap | None = None,
        lint: str | None = "strict",
        lifespan: bool = False,
        pathsend: bool = False,
        after_leaving: str = "quiet",
        patience: float = 5.0,
        **options: Any,
    ) -> None:
        self.origin = origin
        wrap = wrap or importlib.import_module("sessionware.asgi").StreamSessionMiddleware
        app = getattr(origin, "asgi", origin)
        strict = lint is not None
        inner = StrictASGI(app, "app") if strict else app
        self._how: dict[str, Any] = {
            "after_leaving": after_leaving,
            "extensions": (PATHSEND,) if pathsend else (),
            "patience": patience,
        }
        self._runner = asyncio.Runner()
        try:
            self.middleware = self._runner.run(called(wrap, inner, **options))
            outer = StrictASGI(self.middleware, "middleware", keeps_scope=True)
            self._app: Any = outer if strict else self.middleware
            self._life = Lifespan(self._app, patience) if lifespan else None
            if self._life is not None:
                self._how["state"] = self._life.state
                self._runner.run(self._life.step("startup"))
        except BaseException:
            self._runner.close()
            raise

    def run(self, coroutine: Any) -> Any:
        """Run something on the world's loop."""
        return self._runner.run(coroutine)

    @property
    def sessions(self) -> Any:
        """``middleware.sessions``, to be called without await."""
        return SyncView(self.middleware.sessions, self.run)

    def stream(self, call: Call, trace: Trace | None = None) -> AsgiStream:
        """Begin a request and take its answer in steps."""
        return AsgiStream(AsgiExchange(self._app, call, trace, **self._how), self.run)

    def send(self, call: Call) -> Answer:
        answer: Answer = self.run(self._send(call))
        return answer

    def send_all(self, calls: Iterable[Call]) -> list[Answer]:
        """Send these at the same time; the answers are in the order of the calls."""

        async def gathered() -> list[Answer]:
            return list(await asyncio.gather(*map(self._send, calls)))

        answers: list[Answer] = self.run(gathered())
        return answers

    async def _send(self, call: Call) -> Answer:
        exchange = AsgiExchange(self._app, call, **self._how)
        try:
            await exchange.start()
            return await exchange.finish()
        finally:
            await exchange.abandon()

    def close(self) -> None:
        """Shut down lifespan, close the middleware, end the loop. Twice does no harm."""
        if self._app is None:
            return
        self._app = None
        try:
            if self._life is not None:
                self.run(self._life.step("shutdown"))
            for name in ("aclose", "close"):
                if hasattr(self.middleware, name):
                    self.run(called(getattr(self.middleware, name)))
                    break
        finally:
            self._runner.close()


class WsgiWorld(_World):
    """The middleware in the test's own thread, between checkers on both sides.

    ``lint``: "wsgiref" (or "strict", the same), "werkzeug", or None; see ``strict_wsgi.linted``.
    """

    kind = "wsgi"

    def __init__(
        self, origin: Any, *, wrap: Wrap | None = None, lint: str | None = "wsgiref", **options: Any
    ) -> None:
        self.origin = origin
        lint = "wsgiref" if lint == "strict" else lint
        wrap = wrap or importlib.import_module("sessionware.wsgi").StreamSessionMiddleware
        self.middleware = wrap(linted(getattr(origin, "wsgi", origin), lint), **options)
        self._app = linted(self.middleware, lint)
        self._closed = False

    @property
    def sessions(self) -> Any:
        """``middleware.sessions``, as it is."""
        return self.middleware.sessions

    def stream(self, call: Call, trace: Trace | None = None) -> WsgiStream:
        """Begin a request and take its answer in steps."""
        return WsgiStream(self._app, call, trace)

    def send(self, call: Call) -> Answer:
        with self.stream(call) as stream:
            return stream.finish()

    def send_all(self, calls: Sequence[Call]) -> list[Answer]:
        """Send these at the same time, each in a thread; answers are in the order of the calls."""
        with ThreadPoolExecutor(max(1, len(calls))) as pool:
            return list(pool.map(self.send, calls))

    def close(self) -> None:
        """Close the middleware. Twice does no harm."""
        if not self._closed:
            self._closed = True
            if hasattr(self.middleware, "close"):
                self.middleware.close()


World = AsgiWorld | WsgiWorld
