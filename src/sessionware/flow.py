"""The order of questions.

Nothing here performs I/O; the clock and the random bytes of tokens are given, and can be replaced
in ``Settings``. Nothing here knows whether it runs under WSGI or ASGI. Each function is a
generator: it yields commands to the outside world and is sent their answers; a StoreError is thrown
in where the store failed. ``arrive`` returns the outcome, which a shell carries out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware import hints
from sessionware.admission import admission
from sessionware.asking import (
    UNASKED,
    Touched,
    Unasked,
    goes_on,
    kept_out,
    present,
    without_store,
)
from sessionware.beside import source, stream_info, tracked
from sessionware.errors import StoreError
from sessionware.events import RedirectLoop
from sessionware.evidence import Enters, barred
from sessionware.issuing import cookie_of, derived, issue, note_sharing, own_token
from sessionware.look import Unseen, look
from sessionware.outcome import Beginning, Handoff, Known, Outcome, Refuse, Serve, Traffic
from sessionware.questions import Emit
from sessionware.reach import know_store, learn_orders, store_failed, store_key
from sessionware.request import Kind
from sessionware.session import Session
from sessionware.store import Asked, Begin, Changed, Living, Touch
from sessionware.token import Origin
from sessionware.told import refused

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.request import Request
    from sessionware.rules import Rules
    from sessionware.token import Token
    from sessionware.visit import Visit


def arrive(rules: Rules, request: Request) -> Generator[Question, Any, Outcome]:
    """Decide what becomes of a request whose path is ours."""
    seen = yield from look(rules, request)
    visit: Visit | None
    outcome: Outcome
    if isinstance(seen, Unseen):
        visit, outcome = seen.visit, seen.outcome
    else:
        visit, outcome = seen, (yield from _decide(seen))
    if visit is not None and isinstance(outcome, Refuse):
        yield from refused(visit, outcome)
    return outcome


def _decide(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Go the way of a request of its kind."""
    if visit.asks:
        return (yield from stream_info(visit))
    if not visit.place.manifest:
        return (yield from tracked(visit))
    if visit.kind is not Kind.VIEWER:
        return (yield from source(visit))
    return (yield from _viewer(visit))


# --- a viewer at a manifest -------------------------------------------------------------------


def _viewer(visit: Visit) -> Generator[Question, Any, Outcome]:
    token = yield from own_token(visit)
    denied = yield from kept_out(visit, token)
    if denied is not None:
        return barred(visit, denied)
    if visit.needs_token:
        if visit.is_announce():
            return (yield from _announce(visit, token))
        if token is None:
            return (yield from _entry(visit))
    if visit.carried.carrier == "query":
        visit.rules.loops.followed(visit.client)
    return (yield from _follow_up(visit, token))


def _announce(visit: Visit, token: Token | None) -> Generator[Question, Any, Outcome]:
    """Answer 200 with the Location that a redirect would name; begins nothing (seed 003)."""
    cookie = None
    if token is None:
        token = yield from issue(visit)
        cookie = cookie_of(visit, token)
    return Handoff(200, visit.location(token), cookie)


def _entry(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Hand a token to a client that has none; nothing is written to the store (SPEC 3)."""
    settings = visit.rules.settings
    by_query = "query" in settings.write
    if by_query and settings.handoff == "redirect" and (yield from _is_loop(visit)):
        return (yield from _unwrapped(visit))
    token = yield from issue(visit)
    if by_query and settings.handoff == "redirect":
        location = visit.location(token)
        return Handoff(settings.redirect_status, location, cookie_of(visit, token))
    try:
        yield from know_store(visit.rules)
        if not by_query:  # they get a manifest at once, and no command asks whether they may
            yield from learn_orders(visit.rules)
            denied = visit.denied(None)
            if denied is not None:
                return barred(visit, denied)
    except StoreError as error:
        refusal = yield from store_failed(visit, error)
        if refusal is not None:
            return refusal
    # What began under another key than the store's would never be found again.
    inline = by_query and not visit.passive and visit.rules.idkey is not None
    key = visit.key(token)
    serve = _personal(visit, token)
    serve.cookie = cookie_of(visit, token)
    serve.session = visit.stand_in(key, token, stored=inline)
    serve.handing = "inline" if by_query else "cookie"
    # Always the same token, so its session may run already, or may have been stopped.
    if token.origin is Origin.DERIVED and not visit.passive:
        why_not = yield from present(visit, token, serve, begin_with_answer=True)
        return why_not if isinstance(why_not, Refuse) else serve
    if visit.request.method != "HEAD":  # what they get now is a manifest already
        admitted = yield from admission(visit, token, serve.session)
        if isinstance(admitted, Refuse):
            return admitted
        if inline:
            begin = Begin(key, visit.now, visit.opening(token, cookie=True), admitted)
            serve.beginning = Beginning(visit, token, begin)
    return serve


def _follow_up(
    visit: Visit, token: Token | None, found: Touched | Unasked = UNASKED
) -> Generator[Question, Any, Outcome]:
    """Serve a request of a session: one that runs, or one that begins now.

    ``found``: what it was touched for already.
    """
    serve = _personal(visit, token)
    with_answer = visit.carried.carrier == "header"
    why_not = yield from present(visit, token, serve, begin_with_answer=with_answer, found=found)
    if isinstance(why_not, Enters) and visit.needs_token:
        return (yield from _entry(visit))
    if isinstance(why_not, Refuse):
        return why_not
    stored = serve.session is not None and serve.session.stored
    if token is not None and stored and visit.is_repeatable:
        renew, carry = visit.renew_cookie_after(token), visit.carry(token)
        at_home, key, mark = visit.compare(token)[1], visit.key(token), visit.mark(token)
        plan = serve.repeat(None, None)
        serve.known = Known(
            visit, token, at_home, key, mark, visit.ip, renew, visit.lease, carry, plan
        )
    return serve


def again(known: Known) -> Generator[Question, Any, Outcome]:
    """Serve a request that was served before in the same words."""
    visit, rules = known.visit, known.visit.rules
    now = rules.settings.clock()
    if not known.at_home:
        yield from note_sharing(visit.at(now), known.token)
    if rules.orders.denials or rules.outage.since is not None:
        return (yield from _once_more(visit.at(now), known.token))
    try:
        found: Touched | Asked | Changed = yield Touch(
            known.key,
            known.mark,
            now,
            visit.plays,
            known.renew_cookie_after,
            known.lease,
            (),
            rules.orders.version,
        )
    except StoreError as error:
        serve = _personal(visit.at(now), known.token)
        return (yield from without_store(visit.at(now), known.token, serve, error)) or serve
    if isinstance(found, Asked | Changed):
        return (yield from _once_more(visit.at(now), known.token))
    if not isinstance(found, Living):
        return (yield from _once_more(visit.at(now), known.token, found))
    if found.announce or found.ip != known.ip or found.protocol != visit.place.protocol:
        yield from goes_on(visit.at(now), found)
    if visit.carried.carrier == "query":
        rules.loops.followed(visit.client)
    cookie = known.token.text if found.renew_cookie else None
    return known.serve.repeat(Session.of(found, known.carry), cookie)


def _once_more(
    visit: Visit, token: Token, found: Touched | Unasked = UNASKED
) -> Generator[Question, Any, Outcome]:
    """Serve a request as if it were the first of its words."""
    outcome = yield from _follow_up(visit, token, found)
    if isinstance(outcome, Refuse):
        yield from refused(visit, outcome)
    return outcome


def _personal(visit: Visit, token: Token | None) -> Serve:
    """Serve a manifest whose copy is the viewer's own."""
    serve = visit.plain()
    serve.manifest = True
    serve.carriage = visit.carriage(token)
    if token is not None and serve.carriage is not None and serve.carriage.whole:
        serve.token = token.text
    serve.own_query = visit.carried.query
    by_cookie = visit.carried.carrier not in {"query", "header"}
    if "_HLS_msn" in visit.carried.query and not visit.passive:
        serve.traffic = Traffic()  # it is held back: its viewer is there until it is answered
    serve.private = visit.carried.carrier == "header"
    serve.vary_cookie = by_cookie and visit.needs_token and "cookie" in visit.rules.settings.read
    return serve


def _is_loop(visit: Visit) -> Generator[Question, Any, bool]:
    """Tell whether redirecting this client once more leads nowhere (P38)."""
    if visit.passive:
        return False
    hot = visit.rules.loops.redirecting(visit.client, visit.now)
    if hot is None:
        yield from store_key(visit)
        path = visit.place.path
        yield Emit(RedirectLoop(at=visit.now, stream=visit.stream, path=path, ip=visit.ip))
    return hot is not False


def _unwrapped(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Serve a client whose token never comes back under one that is made of the client (P38)."""
    key = yield from store_key(visit)
    token = derived(
        visit, hints.digest(key, f"loop={visit.request.ip} {visit.stream}", visit.request)
    )
    return (yield from _follow_up(visit, token))
