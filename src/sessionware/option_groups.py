"""Options that are several values in one: a cookie, CORS, a limit; and what a time is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

Seconds: TypeAlias = float | timedelta
"""A time: so many seconds, or a ``timedelta``."""


def seconds(value: Seconds) -> float:
    """Give a time in seconds."""
    # total_seconds, for timedelta(days=14).seconds is 0.
    return value.total_seconds() if isinstance(value, timedelta) else value


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """The cookie that carries the token.

    ``same_site`` and ``secure`` None: ``Secure; SameSite=None`` on https, ``SameSite=Lax`` on
    plain http; ``partitioned`` None: on https. ``max_age`` in seconds.
    """

    name: str = "tkn"
    max_age: int = 600
    path: str = "/"
    domain: str | None = None
    same_site: Literal["Strict", "Lax", "None"] | None = None
    secure: bool | None = None
    http_only: bool = True
    partitioned: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Cors:
    """The CORS headers of the answers that the middleware makes itself (SPEC 10).

    ``origins``: which may read them, ``"*"`` for any. With ``credentials`` the request's origin is
    echoed, never ``*``: then name the origins, or any page may use its visitor's session.
    ``expose`` names headers beside ``Location`` that scripts may read, ``max_age`` is how many
    seconds a preflight's answer may be kept.
    """

    origins: tuple[str, ...] = ("*",)
    credentials: bool = False
    expose: tuple[str, ...] = ()
    max_age: int = 600


@dataclass(frozen=True)
class Limit:
    """At most ``n`` sessions at once, of all, of a stream, of a user or of an address (SPEC 8).

    A session holds its place for ``hold`` seconds after its last request. Where all are taken,
    ``over="refuse"`` refuses the newcomer, and ``"evict"`` ends who is silent longest.
    """

    n: int
    over: Literal["refuse", "evict"] = "refuse"
    hold: Seconds = 120.0
