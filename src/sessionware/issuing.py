"""The token of a visit: whether it is the visitor's own, and how one is made (SPEC 3).

Generators, as in ``flow``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware import hints
from sessionware.asking import Question, store_key
from sessionware.events import TokenShared
from sessionware.hooks import Emit
from sessionware.request import network_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.token import Token
    from sessionware.visit import Visit


def own_token(visit: Visit) -> Generator[Question, Any, Token | None]:
    """Give the token of a request unless somebody else got it (``shared``, SPEC 3)."""
    rules, token = visit.rules, visit.carried.token
    if token is None or visit.carried.carrier == "header":
        return token
    same_agent, same_network = visit.compare(token)
    if same_network:
        return token
    yield from note_sharing(visit, token)
    return None if rules.settings.shared == "split" and not same_agent else token


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
    hint = hints.find(request, rules.settings.hints)
    if hint is not None:
        key = yield from store_key(visit)
        return derived(visit, hints.digest(key, hint, request))
    service = visit.carried.service
    return rules.tokens.issue(visit.now, request.user_agent, request.ip, service)


def derived(visit: Visit, digest: bytes) -> Token:
    """Give the token that always belongs to a digest."""
    request, service = visit.request, visit.carried.service
    return visit.rules.tokens.derive(digest, request.user_agent, request.ip, service)


def cookie_of(visit: Visit, token: Token) -> str | None:
    """Give the token to set as a cookie, in the answer that issues it."""
    return token.text if "cookie" in visit.rules.settings.write else None
