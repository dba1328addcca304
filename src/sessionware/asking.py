"""What is asked of the outside world about a visit's session: the store, and the app's hook.

Generators, as in ``flow``.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from sessionware.admission import admission, crowded, decline, unknown
from sessionware.errors import StoreError
from sessionware.evidence import Begins, Enters, barred, judge
from sessionware.noting import note
from sessionware.outcome import RETRY_AFTER, Beginning, Refuse, Serve
from sessionware.questions import Wait
from sessionware.reach import (
    attempt,
    in_order,
    know_store,
    make_good,
    recovered,
    store_failed,
)
from sessionware.session import Cause, Session
from sessionware.store import (
    Asked,
    Bar,
    Begin,
    Crowded,
    End,
    Ended,
    Enter,
    Full,
    Get,
    Living,
    Outside,
    Touch,
)
from sessionware.told import announced

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.token import Token
    from sessionware.visit import Visit

WHILE_ASKED = 0.05
"""Seconds after which it is looked again whether somebody else has decided."""

FULL = Refuse(503, "Full", "There is no room for another session now.", RETRY_AFTER)

Touched = Living | Outside | Ended | Bar | None


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
        yield from know_store(visit.rules)
        yield from make_good(visit.rules, visit.now)
        if isinstance(found, Unasked):
            asked = yield from touch(visit, token)
            if isinstance(asked, Asked):
                return unknown()
            found = asked
        if isinstance(found, Outside):
            entered = yield from enter(visit, token, found)
            if isinstance(entered, Refuse):
                return entered
            found = entered
        if not isinstance(found, Living):
            judged = judge(visit, token, found)
            if not isinstance(judged, Begins):
                yield from give_back(visit, token, found)
                return judged
            begun = yield from _begin(
                visit, token, serve, judged.previous, with_answer=begin_with_answer
            )
            if not isinstance(begun, Living):
                return begun
            found = begun
        yield from goes_on(visit, found)
        yield from recovered(visit.rules, visit.now)
    except StoreError as error:
        return (yield from without_store(visit, token, serve, error))
    serve.session = Session.of(found, visit.carry(token))
    if found.renew_cookie and token is not None:
        serve.cookie = token.text
    return None


def touch(visit: Visit, token: Token | None) -> Generator[Question, Any, Touched | Asked]:
    """Move a session's last request, or only look at it where the request is passive.

    The operator's orders come before all else. Waits while somebody else decides whether it
    begins, but no longer than a decision may take.
    """
    key, mark, above, lease = visit.key(token), visit.mark(token), visit.above(token), visit.lease
    renew, now = visit.renew_cookie_after(token), visit.now
    waited = 0.0
    denied = yield from kept_out(visit, token)
    if denied is not None:
        return denied
    while True:
        command: Touch | Get
        if visit.passive:
            command = Get(key, now, mark, above)
        else:
            command = Touch(
                key, mark, now, visit.plays, renew, lease, above, segments=visit.is_segment
            )
        found: Touched | Asked
        found = yield from in_order(visit, token, command)
        if not isinstance(found, Asked) or waited > lease:
            return found
        yield Wait(WHILE_ASKED)
        waited += WHILE_ASKED
        now = visit.rules.settings.clock()


def give_back(visit: Visit, token: Token | None, found: Touched) -> Generator[Question, Any, None]:
    """Give back the lease that a touch took which found no session: none begins by it."""
    if visit.lease and not visit.passive and (found is None or isinstance(found, Ended)):
        yield from decline(visit, token)


def enter(
    visit: Visit, token: Token | None, outside: Outside
) -> Generator[Question, Any, Living | Refuse | Bar | None]:
    """Let a running session go on that has lost its places, or is to be asked about again."""
    data = {}
    if outside.invalid:
        session = Session.of(outside.living, visit.carry(token))
        admitted = yield from admission(visit, token, session, running=True)
        if isinstance(admitted, Refuse):
            return admitted
        data = dict(admitted)
    command = Enter(
        visit.key(token),
        visit.mark(token),
        visit.rules.settings.clock(),
        visit.plays,
        visit.renew_cookie_after(token),
        segments=visit.is_segment,
        confirmed=outside.invalid,
        data=data,
    )
    entered = yield from in_order(visit, token, command)
    return crowded(visit, entered) if isinstance(entered, Crowded) else entered


def kept_out(visit: Visit, token: Token | None) -> Generator[Question, Any, Bar | None]:
    """Give what the operator's orders put in its way; a session that runs all the same ends.

    It began elsewhere: with another address, or by a worker that did not know the order yet.
    """
    denied = visit.denied(token)
    if denied is None or visit.passive:
        return denied
    rules, key = visit.rules, visit.key(token)
    if rules.expelled.get((key, denied)) is None:  # once is enough, however often it asks
        rules.expelled.keep((key, denied), True, 512)
        yield from attempt(rules, End(key, visit.now, Cause.DENIED))
    return denied


def goes_on(visit: Visit, living: Living) -> Generator[Question, Any, None]:
    """Tell of a session that was announced just now, and note what it was not seen with before."""
    yield from announced(living, visit.now)
    if not visit.passive:
        yield from note(visit, living)


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


def _begin(
    visit: Visit, token: Token | None, serve: Serve, previous: str, *, with_answer: bool
) -> Generator[Question, Any, Living | Refuse | None]:
    """Begin a session if the app and the limits let it; None: it does not begin in the store."""
    key = visit.key(token)
    session = visit.stand_in(key, token, stored=not visit.passive, previous=previous)
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
    opening = visit.opening(token, cookie=has_cookie, previous=previous)
    begin = Begin(key, visit.now, opening, admitted)
    if with_answer:
        serve.session, serve.beginning = session, Beginning(visit, token, begin)
        return None
    begun: Living | Outside | Bar | Crowded | Full | None
    begun = yield from in_order(visit, token, begin)
    if isinstance(begun, Outside):  # somebody else began it, and it is outside again already
        entered = yield from enter(visit, token, begun)
        if entered is None or isinstance(entered, Refuse):
            return entered or unknown()
        begun = entered
    if isinstance(begun, Bar):
        return barred(visit, begun)
    if isinstance(begun, Crowded):
        return crowded(visit, begun)
    return FULL if isinstance(begun, Full) else begun
