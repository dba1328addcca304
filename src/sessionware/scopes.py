"""The names by which a session is known beside its key: its token's, its client's, its places'.

Pure: the store finds by them who opened twice (SPEC 7), who has places, and whose a token is
(SPEC 8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionware.identity import TOKEN, ip_part, name_of
from sessionware.option_groups import Limit, seconds
from sessionware.request import Kind
from sessionware.settings import LIMITS
from sessionware.store import Place

if TYPE_CHECKING:
    from sessionware.rules import Rules
    from sessionware.settings import Settings
    from sessionware.token import Token
    from sessionware.visit import Visit

ALL, STREAM, USER, IP = "all", "stream", "user", "ip"

_NAMES = {
    "max_sessions": ALL,
    "max_sessions_per_stream": STREAM,
    "max_sessions_per_user": USER,
    "max_sessions_per_ip": IP,
}


def limits_of(settings: Settings) -> tuple[tuple[str, Limit], ...]:
    """Give the limits that are set, each with the name of what it limits."""
    given = ((_NAMES[option], getattr(settings, option)) for option in LIMITS)
    return tuple(
        (name, value if isinstance(value, Limit) else Limit(value))
        for name, value in given
        if value is not None
    )


def holder_of(rules: Rules, token: Token | None) -> bytes:
    """Give the name of a token, on all streams alike; b"" without one."""
    return b"" if token is None else name_of(rules.names_key, TOKEN, token.identity)


def client_of(visit: Visit) -> bytes:
    """Give the name of who asks for a stream, whatever the token; b"" where it does not matter.

    Who opens, drops and opens again is known by it: by address, User-Agent and account (SPEC 7).
    """
    rules, request = visit.rules, visit.request
    matters = rules.settings.supersede and visit.kind is Kind.VIEWER
    if not matters or TOKEN not in rules.parts[visit.kind]:
        return b""
    return name_of(
        rules.names_key,
        "client",
        ip_part(request.ip, rules.settings.ipv6_prefix),
        request.user_agent,
        visit.user or "",
        visit.carried.service,
        visit.stream,
    )


def places_of(visit: Visit) -> tuple[Place, ...]:
    """Give the places that a viewer's session needs in limits."""
    rules = visit.rules
    if not rules.limits or visit.kind is not Kind.VIEWER:
        return ()
    values: dict[str, str | bytes | None] = {
        ALL: "",
        STREAM: visit.stream,
        USER: visit.user,
        IP: ip_part(visit.request.ip, rules.settings.ipv6_prefix),
    }
    return tuple(
        Place(
            name,
            name_of(rules.names_key, name, value),
            limit.n,
            seconds(limit.hold),
            limit.over == "evict",
        )
        for name, limit in rules.limits
        if (value := values[name]) is not None
    )
