"""What is asked of the outside world: the store about a visit's session, the app's hook.

Generators, as in ``flow``: they yield questions and are sent the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionware.errors import StoreError
from sessionware.events import Event, StoreFailed
from sessionware.outcome import Refuse, Serve
from sessionware.session import Session
from sessionware.store import Begin, Command, Full, Get, Living, Meta, MetaInfo, Touch

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.token import Token
    from sessionware.visit import Visit

RETRY_AFTER = 5
"""Seconds after which it makes sense to ask a full or failing store again."""

FULL = Refuse(503, "Full", "There is no room for another session now.", RETRY_AFTER)


@dataclass(frozen=True, slots=True)
class Emit:
    """A command to the shell: tell the app's hook of an event."""

    event: Event


Question = Command[Any] | Emit


def present(
    visit: Visit,
    token: Token | None,
    serve: Serve,
    *,
    begin_with_answer: bool = False,
    is_new: bool = False,
) -> Generator[Question, Any, Refuse | None]:
    """Touch the session of a request, or begin it; answers a refusal where that can't be.

    ``begin_with_answer``: it begins when the app has answered 200 with a manifest. ``is_new``: it
    was touched already, and there is none.
    """
    carry = visit.carry(token)
    try:
        yield from know_store(visit)
        key = visit.key(token)
        living: Living | None = None
        if visit.passive:
            living = yield Get(key, visit.now)
        elif not is_new:
            living = yield Touch(key, visit.now, visit.plays, visit.renew_cookie_after(token))
        if living is None and (visit.passive or begin_with_answer):
            serve.session = visit.stand_in(key, token, stored=not visit.passive)
            if not visit.passive:
                serve.begin = Begin(key, visit.now, visit.opening(token, cookie=False))
            return None
        if living is None:
            has_cookie = visit.carried.cookie or serve.cookie is not None
            begun: Living | Full
            begun = yield Begin(key, visit.now, visit.opening(token, cookie=has_cookie))
            if isinstance(begun, Full):
                return FULL
            living = begun
    except StoreError as error:
        return (yield from without_store(visit, token, serve, error))
    serve.session = Session.of(living, carry)
    if living.renew_cookie and token is not None:
        serve.cookie = token.text
    return None


def without_store(
    visit: Visit, token: Token | None, serve: Serve, error: StoreError
) -> Generator[Question, Any, Refuse | None]:
    """Go on with a session that no store knows, or refuse, as ``on_store_error`` says."""
    serve.session = visit.stand_in(visit.key(token), token)
    return (yield from store_failed(visit, error))


def know_store(visit: Visit) -> Generator[Question, Any, None]:
    """Ask the store for its ``idkey``, once."""
    if visit.rules.idkey is None:
        meta: MetaInfo = yield Meta()
        visit.rules.idkey = meta.idkey


def store_key(visit: Visit) -> Generator[Question, Any, bytes]:
    """Give the store's key, or while it is out of reach the worker's own."""
    try:
        yield from know_store(visit)
    except StoreError as error:
        yield from store_failed(visit, error)
    return visit.rules.idkey or visit.rules.stand_in_key


def store_failed(visit: Visit, error: StoreError) -> Generator[Question, Any, Refuse | None]:
    """Tell of it, and give the refusal if there shall be one (``on_store_error``)."""
    yield Emit(StoreFailed(at=visit.now, reason=str(error)))
    if visit.rules.settings.on_store_error == "serve":
        return None
    detail = "The session store doesn't answer now."
    return Refuse(503, "Service Unavailable", detail, RETRY_AFTER)
