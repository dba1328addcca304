"""The token of a visit: whether it is the visitor's own, and how one is made (SPEC 3).

Generators, as in ``flow``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware import hints
from sessionware.events import TokenShared
from sessionware.questions import Emit
from sessionware.reach import store_key
from sessionware.request import network_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.token import Token
    from sessionware.visit import Visit


def own_token(visit: Visit) -> Generator[Question, Any, Token | None]:
    """Give the token of a request unless somebody else got it (``shared``, SPEC 3)."""
    token = visit.carried.token
    if token is None or visit.carried.carrier == "header":
        return token
    if not visit.compare(token)[1]:
        yield from note_sharing(visit, token)
    return token if is_own(visit, token) else None


def is_own(visit: Visit, token: Token) -> bool:
    """Tell whether a token may be that of who carries it (``shared``, SPEC 3)."""
    if visit.carried.carrier == "header" or visit.rules.settings.shared == "ride":
        return True
    return any(visit.compare(token))


def steady(visit: Visit) -> Token | None:
    """Give the token that a client always gets because it names its playback, if it does."""
    hint = hints.find(visit.request, visit.rules.settings.hints)
    if hint is None:
        return None
    return derived(visit, hints.digest(visit.rules.names_key, hint, visit.request))


def note_sharing(visit: Visit, token: Token) -> Generator[Question, Any, None]:
    """Note that a token is used away from where it was handed to; of too many networks tell."""
    home = token.handed_to is not None
    network = network_of(visit.request.ip)
    networks = visit.rules.sharing.away(token.identity, network, visit.now, home=home)
    if networks:
        yield from store_key(visit)
        session = visit.key(token).hex()
        yield Emit(
            TokenShared(at=visit.now, stream=visit.stream, session=session, networks=networks)
        )


def issue(visit: Visit) -> Generator[Question, Any, Token]:
    """Make a token: always the same for a client that names its playback, else a fresh one."""
    rules, request = visit.rules, visit.request
    if hints.find(request, rules.settings.hints) is not None:
        yield from store_key(visit)
        token = steady(visit)
        if token is not None:
            return token
    service = visit.carried.service
    return rules.tokens.issue(visit.now, request.user_agent, request.ip, service)


def derived(visit: Visit, digest: bytes) -> Token:
    """Give the token that always belongs to a digest."""
    request, service = visit.request, visit.carried.service
    return visit.rules.tokens.derive(digest, request.user_agent, request.ip, service)


def cookie_of(visit: Visit, token: Token) -> str | None:
    """Give the token to set as a cookie, in the answer that issues it."""
    return token.text if "cookie" in visit.rules.settings.write else None
