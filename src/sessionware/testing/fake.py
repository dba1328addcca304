"""A session without a middleware and a store, for the tests of an app that looks at one."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from sessionware.base import SESSION
from sessionware.identity import KEY_BYTES, parse_session_id
from sessionware.query import join, split
from sessionware.request import Kind
from sessionware.session import Active, Presentation, Session, State, json_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
    WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_NUMBERS = itertools.count(1)

_PARAMETER = "tkn"

_WINDOW, _TIMEOUT = 15.0, 120.0
"""As a session has them that plays something live, in seconds."""


def fake_session(  # what a session says of itself
    *,
    id: str | None = None,  # noqa: A002 - as the session calls it
    stream: str = "film",
    kind: Kind = Kind.VIEWER,
    protocol: str = "HLS",
    ip: str = "192.0.2.1",
    user: str | None = None,
    service: str = "",
    state: State = State.LIVE,
    presentation: Presentation | None = Presentation.LIVE,
    duration: float | None = None,
    started: float | None = None,
    last_seen: float | None = None,
    expires: float | None = None,
    previous: str | None = None,
    requests: int = 2,
    seconds: float | None = 0.0,
    bytes_down: int = 0,
    bytes_up: int = 0,
    tags: Iterable[str] = (),
    params: Mapping[str, str] | None = None,
    data: Mapping[str, Any] | None = None,
    new: bool = False,
    stored: bool = True,
    token: str = "TOKEN",  # noqa: S107 - it opens nothing
) -> Session:
    """Give a session as an app would see it; no store knows it, and nothing is saved.

    ``started`` is now, ``last_seen`` is ``started``, ``expires`` is two minutes after that.
    ``seconds`` None: it is quiet. ``carry(url)`` puts ``tkn=`` and ``token`` into a URL of this
    site; with ``token=""`` nothing. ``id`` gives the time of the beginning, too; without, each has
    one of its own. ValueError: ``id`` is none, or ``started`` says otherwise. DataError: a value of
    ``data`` is not JSON.
    """
    key, began = _named(id, started)
    seen = began if last_seen is None else last_seen
    return Session(
        key=key,
        kind=kind,
        stream=stream,
        ip=ip,
        protocol=protocol,
        service=service,
        started=began,
        last_seen=seen,
        expires=seen + _TIMEOUT if expires is None else expires,
        state=state,
        requests=requests,
        new=new,
        stored=stored,
        presentation=presentation,
        duration=duration,
        previous=previous,
        user=user,
        window=0.0 if seconds is None else _WINDOW,
        asked_for=seconds or 0.0,
        bytes_down=bytes_down,
        bytes_up=bytes_up,
        tags=tuple(sorted(set(tags))),
        query=urlencode(params or {}),
        kept={name: json_text(name, value) for name, value in (data or {}).items()},
        carrying=_carrying(token),
    )


@contextmanager
def as_current(session: Session | None) -> Iterator[Session | None]:
    """Let ``current_session()`` give this session, in this task or thread, within the block."""
    with Active(session):
        yield session


def asgi_with_session(app: AsgiApp, session: Session) -> AsgiApp:
    """Give an ASGI app that finds this session in each request, as behind the middleware.

    It may have the middleware inside: that leaves a request alone which has a session.
    """

    async def with_session(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        with Active(session):
            await app({**scope, SESSION: session}, receive, send)

    return with_session


def wsgi_with_session(app: WsgiApp, session: Session) -> WsgiApp:
    """Give a WSGI app that finds this session in each request, as behind the middleware."""

    def with_session(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with Active(session):
            return _Body(app({**environ, SESSION: session}, start_response), session)

    return with_session


class _Body:
    """A body that is drawn, and closed, with the session as current."""

    def __init__(self, body: Iterable[bytes], session: Session) -> None:
        self._body = body
        self._parts = iter(body)
        self._session = session

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with Active(self._session):
            return next(self._parts)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            with Active(self._session):
                close()


def _named(id_: str | None, started: float | None) -> tuple[bytes, float]:
    """Give the key and the time of the beginning."""
    if id_ is None:
        key = next(_NUMBERS).to_bytes(KEY_BYTES)
        return key, time.time() if started is None else started
    parsed = parse_session_id(id_)
    if parsed is None:
        raise ValueError(f"id={id_!r}: is no session id")
    key, began = parsed
    if started is not None and round(started * 1000) != began:
        raise ValueError(f"started={started!r}: the id says {began / 1000}")
    return key, began / 1000


def _carrying(token: str) -> Callable[[str], str]:
    def carry(url: str) -> str:
        parts = urlsplit(url)
        if not token or parts.scheme or parts.netloc:
            return url
        kept, _ = split(parts.query, {_PARAMETER})
        return parts._replace(query=join(kept, f"{_PARAMETER}={token}")).geturl()

    return carry
