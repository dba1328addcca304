"""What the facade's calls refuse: arguments that can mean nothing (ValueError)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sessionware.checks_answers import is_number
from sessionware.identity import parse_session_id
from sessionware.proxies import parse_network
from sessionware.request import Kind

if TYPE_CHECKING:
    from sessionware.option_groups import Seconds

FOREVER = 1e12
"""Seconds: longer than any denial is meant, and short enough to be added to a time."""


def check_texts(**texts: object) -> None:
    """Refuse what is given and is no text, or an empty one."""
    for name, value in texts.items():
        if value is not None and (not isinstance(value, str) or not value):
            shown = "..." if name == "token" else repr(value)
            raise ValueError(f"{name}={shown}: is no text, or an empty one")


def check_maybe_empty(**texts: object) -> None:
    """Refuse what is no text; an empty one is none given."""
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ValueError(f"{name}={value!r}: is no text")  # noqa: TRY004 - as of all arguments


def check_kind(kind: object) -> None:
    """Refuse what no session is."""
    if not isinstance(kind, Kind) or kind is Kind.STREAM_INFO:
        raise ValueError(f"kind={kind!r}: is no kind of sessions, such as Kind.VIEWER")


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a denial is about; all that is given must hold. ValueError: nothing is, or can't be."""

    id: str | None = None
    ip: str | None = None
    user: str | None = None
    stream: str | None = None
    token: str | None = None
    service: str = ""

    def __post_init__(self) -> None:
        if all(one is None for one in (self.id, self.ip, self.user, self.stream, self.token)):
            raise ValueError("needs one of id=, ip=, user=, stream= and token=, or several")
        check_texts(id=self.id, ip=self.ip, user=self.user, stream=self.stream, token=self.token)
        check_maybe_empty(service=self.service)
        if self.ip is not None:
            try:
                parse_network(self.ip)
            except ValueError as error:
                raise ValueError(f"ip={self.ip!r}: is no address and no network") from error
        if self.id is not None:
            parse_id(self.id)

    @property
    def key(self) -> bytes | None:
        """The session's key."""
        return None if self.id is None else parse_id(self.id)[0]

    @property
    def network(self) -> str | None:
        """The addresses, as one text for all ways to write them."""
        return None if self.ip is None else str(parse_network(self.ip))


def seconds_given(duration: Seconds) -> float:
    """Give a time in seconds; ValueError for what is none, or none that passes."""
    given: Any = duration
    lasts = given.total_seconds() if isinstance(given, timedelta) else given
    if not is_number(lasts) or not 0 < lasts < FOREVER:
        raise ValueError(f"duration={duration!r}: is no positive number of seconds or timedelta")
    return float(lasts)


def parse_id(session_id: object, name: str = "id") -> tuple[bytes, int]:
    """Give the key of a session id, and the ms when that life began; ValueError: it is none.

    ``name`` is that of the argument.
    """
    parsed = parse_session_id(session_id) if isinstance(session_id, str) else None
    if parsed is None:
        raise ValueError(f"{name}={session_id!r}: is no session id")
    return parsed
