"""What the flow decides for a request: one of five values, which the shells carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sessionware.carriage import Carriage
    from sessionware.session import Session
    from sessionware.store import Begin
    from sessionware.token import Token
    from sessionware.visit import Visit


RETRY_AFTER = 5
"""Seconds after which it makes sense to ask again where no answer was to be had."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Not ours: the app answers as if we were not there."""


@dataclass(frozen=True, slots=True)
class Handoff:
    """An empty answer that names the next URL: a redirect, or the announced 200.

    ``cookie`` is the token to set, or None.
    """

    status: int
    location: str = field(repr=False)
    cookie: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refuse:
    """No manifest, and why; ``retry_after`` in seconds where trying again makes sense.

    ``may_be_kept``: the client may keep the answer for some seconds. Its URL is its own, for the
    token is in it, and players ask for a dead one without pause otherwise (P49).
    """

    status: int
    title: str
    detail: str
    retry_after: int | None = None
    may_be_kept: bool = False


@dataclass(frozen=True, slots=True)
class Preflight:
    """The app may answer a CORS preflight; where it has no answer, ours is given."""


@dataclass(slots=True)
class Traffic:
    """The bytes of one request, counted as they pass; of manifests none are (SPEC 7).

    At the end of the answer the store is told, and that the session was there until then.
    """

    down: int = 0
    up: int = 0


@dataclass(slots=True)
class Serve:
    """The app answers, and its answer is completed on the way out.

    ``path`` is the path for the app where the service was taken off it, ``query`` the query for
    the app where ours was taken out. ``manifest``: the answer is held until it is whole. ``token``
    goes into the URIs that ``carriage`` finds; None: nothing is written. ``cookie`` is the token
    to set. ``handing``: this very answer hands out the token, by cookie or inline, if it turns out
    to be a manifest. ``beginning``: so does the session begin. ``own_query`` is the client's query
    without ours, for the manifest's own URL. ``private``: its URL does not tell whose it is, so no
    cache may keep it. ``known``: the same request may be served again by it;
    ``again``: so it is, and nothing but the session is new. ``traffic``: the store is told when
    the answer has gone out, and how many bytes that was.
    """

    session: Session | None
    path: str | None = None
    query: str | None = None
    manifest: bool = False
    token: str = field(default="", repr=False)
    carriage: Carriage | None = None
    cookie: str | None = field(default=None, repr=False)
    handing: Literal["", "cookie", "inline"] = ""
    beginning: Beginning | None = None
    own_query: str = ""
    vary_cookie: bool = False
    private: bool = False
    known: Known | None = None
    again: bool = False
    traffic: Traffic | None = None

    def repeat(self, session: Session | None, cookie: str | None) -> Serve:
        """Serve the same request another time: only the session has moved on."""
        return Serve(
            session,
            self.path,
            self.query,
            self.manifest,
            self.token,
            self.carriage,
            cookie,
            own_query=self.own_query,
            vary_cookie=self.vary_cookie,
            private=self.private,
            again=True,
            traffic=self.traffic and Traffic(),
        )

    def answers_alike(self) -> Hashable:
        """Give all of the plan that an answer to it depends on, but the text of the token."""
        return (self.carriage, len(self.token), self.own_query, self.vary_cookie, self.private)


class Beginning(NamedTuple):
    """A session that begins when the app has answered with a manifest."""

    visit: Visit
    token: Token | None
    command: Begin


class Known(NamedTuple):
    """All that follows from a running viewer's request itself.

    Nothing in it depends on the store or on the time, so the same request, asked again, needs no
    more than a touch.
    """

    visit: Visit
    token: Token
    at_home: bool
    """Whether the request comes from the network to which the token was handed."""
    key: bytes
    mark: bytes
    ip: str
    """What is kept of its address."""
    renew_cookie_after: float | None
    lease: float
    carry: Callable[[str], str]
    serve: Serve

    def cost(self, sameness: Hashable) -> int:
        """Give about the bytes that it takes to keep this for a request."""
        return 2048 + 2 * len(repr(sameness))


Outcome = Pass | Handoff | Refuse | Preflight | Serve
