"""Requests that are no viewer's manifest: segments, inputs, questions about a stream (SPEC 4).

Generators, as in ``flow``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.asking import enter, give_back, goes_on, present, touch
from sessionware.errors import StoreError
from sessionware.evidence import Enters, judge
from sessionware.identity import TOKEN
from sessionware.issuing import cookie_of, issue, own_token
from sessionware.look import needs_token
from sessionware.outcome import Outcome, Refuse, Traffic
from sessionware.reach import know_store, make_good, recovered, store_failed, store_key
from sessionware.request import Kind
from sessionware.session import Session
from sessionware.store import Asked, Living, Outside

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.visit import Visit


def tracked(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Let a tracked path keep its session alive; it never begins one."""
    rules = visit.rules
    serve = visit.plain()
    token = yield from own_token(visit)
    if token is None and visit.kind is Kind.VIEWER and TOKEN in rules.parts[visit.kind]:
        if rules.settings.require_token:
            return needs_token(rules)
        return serve
    try:
        yield from know_store(rules)
        yield from make_good(rules, visit.now)
        found = yield from touch(visit, token)
        if not isinstance(found, Asked):
            yield from give_back(visit, token, found)
        if isinstance(found, Outside):
            entered = yield from enter(visit, token, found)
            if isinstance(entered, Refuse):
                return entered
            found = entered
        if isinstance(found, Living):
            yield from goes_on(visit, found)
        yield from recovered(rules, visit.now)
    except StoreError as error:
        return (yield from store_failed(visit, error)) or serve
    if isinstance(found, Living):
        serve.session = Session.of(found, visit.carry(token))
        serve.traffic = None if visit.passive else Traffic()
        return serve
    if isinstance(found, Asked):  # somebody else's manifest request is being decided
        return serve
    judged = judge(visit, token, found)
    return judged if isinstance(judged, Refuse) else serve


def source(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Count an input, an output or an unspecified request; its answer stays untouched."""
    serve = visit.plain()
    why_not = yield from present(visit, visit.carried.token, serve)
    return why_not if isinstance(why_not, Refuse) else serve


def stream_info(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Serve a request that only asks about a stream: with a token it touches (seed 000)."""
    serve = visit.plain()
    token = yield from own_token(visit)
    by_token = TOKEN in visit.rules.parts[visit.kind] and bool(visit.rules.settings.write)
    if token is not None or not by_token:
        why_not = yield from present(visit, token, serve)
        if not (by_token and isinstance(why_not, Enters)):
            return why_not if isinstance(why_not, Refuse) else serve
    token = yield from issue(visit)
    serve.cookie = cookie_of(visit, token)
    if serve.cookie is None:  # only ``session.carry`` can hand it out: who returns, begins
        yield from store_key(visit)
        serve.session = visit.stand_in(visit.key(token), token)
        return serve
    why_not = yield from present(visit, token, serve)
    return why_not if isinstance(why_not, Refuse) else serve
