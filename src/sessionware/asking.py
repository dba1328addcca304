"""What is asked of the outside world: the store about a visit's session, the app's hook.

Generators, as in ``flow``: they yield questions and are sent the answers.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sessionware.admission import admission, decline, unknown
from sessionware.errors import StoreError
from sessionware.events import StoreFailed
from sessionware.evidence import Begins, Enters, barred, judge
from sessionware.hooks import Call, Emit, Wait
from sessionware.outcome import RETRY_AFTER, Refuse, Serve
from sessionware.session import Session
from sessionware.store import (
    Asked,
    Bar,
    Begin,
    Command,
    Ended,
    Full,
    Get,
    Living,
    Meta,
    MetaInfo,
    Touch,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.token import Token
    from sessionware.visit import Visit

WHILE_ASKED = 0.05
"""Seconds after which it is looked again whether somebody else has decided."""

FULL = Refuse(503, "Full", "There is no room for another session now.", RETRY_AFTER)


Question = Command[Any] | Emit | Call | Wait

Touched = Living | Ended | Bar | None


class Unasked(Enum):
    """The store was not asked yet."""

    UNASKED = 0


UNASKED = Unasked.UNASKED


def present(
    visit: Visit,
    token: Token | None,
    serve: Serve,
    *,
    begin_with_answer: bool = False,
    found: Touched | Unasked = UNASKED,
) -> Generator[Question, Any, Refuse | Enters | None]:
    """Touch the session of a request, or begin it; answers a refusal where that can't be.

    ``begin_with_answer``: it begins when the app has answered 200 with a manifest. ``found``: what
    it was touched for already. Enters: the token is worth nothing any more, nothing has begun.
    """
    try:
        yield from know_store(visit)
        key = visit.key(token)
        if isinstance(found, Unasked):
            asked = yield from touch(visit, token, key)
            if isinstance(asked, Asked):
                return unknown()
            found = asked
        if not isinstance(found, Living):
            judged = judge(visit, token, found)
            if not isinstance(judged, Begins):
                return judged
            session = visit.stand_in(key, token, stored=not visit.passive, previous=judged.previous)
            if visit.request.method == "HEAD":
                serve.session = session
                return None
            admitted = yield from admission(visit, token, session)
            if isinstance(admitted, Refuse):
                return admitted
            if visit.passive:  # a prefetch gets all there is to get, so it was asked for, too
                serve.session = session
                return None
            has_cookie = visit.carried.cookie or serve.cookie is not None
            opening = visit.opening(token, cookie=has_cookie, previous=judged.previous)
            begin = Begin(key, visit.now, opening, admitted)
            if begin_with_answer:
                if visit.lease:  # others need not wait for the app
                    yield from decline(visit, token)
                serve.session, serve.begin = session, begin
                return None
            begun: Living | Bar | Full
            begun = yield begin
            if isinstance(begun, Full):
                return FULL
            if isinstance(begun, Bar):
                return barred(visit, begun)
            found = begun
    except StoreError as error:
        return (yield from without_store(visit, token, serve, error))
    serve.session = Session.of(found, visit.carry(token))
    if found.renew_cookie and token is not None:
        serve.cookie = token.text
    return None


def touch(
    visit: Visit, token: Token | None, key: bytes
) -> Generator[Question, Any, Touched | Asked]:
    """Move a session's last request, or only look at it where the request is passive.

    Waits while somebody else decides whether it begins, but no longer than a decision may take.
    """
    mark, above, lease = visit.mark(token), visit.above(token), visit.lease
    if visit.passive:
        seen: Touched = yield Get(key, visit.now, mark, above)
        return seen
    renew, now = visit.renew_cookie_after(token), visit.now
    waited = 0.0
    while True:
        found: Touched | Asked = yield Touch(key, mark, now, visit.plays, renew, lease, above)
        if not isinstance(found, Asked) or waited > lease:
            return found
        yield Wait(WHILE_ASKED)
        waited += WHILE_ASKED
        now = visit.rules.settings.clock()


def without_store(
    visit: Visit, token: Token | None, serve: Serve, error: StoreError
) -> Generator[Question, Any, Refuse | None]:
    """Go on with a session that no store knows, or refuse, as ``on_store_error`` says.

    Nobody remembers then who was let in, so ``admit`` is asked each time.
    """
    serve.session = session = visit.stand_in(visit.key(token), token)
    refusal = yield from store_failed(visit, error)
    if refusal is not None:
        return refusal
    if visit.request.method == "HEAD":
        return None
    admitted = yield from admission(visit, token, session)
    return admitted if isinstance(admitted, Refuse) else None


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
