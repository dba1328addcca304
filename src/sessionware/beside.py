"""Requests that are no viewer's manifest: segments, inputs, questions about a stream (SPEC 4).

Generators, as in ``flow``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.asking import Question, know_store, present, store_failed, store_key, touch
from sessionware.errors import StoreError
from sessionware.evidence import Enters, judge
from sessionware.identity import TOKEN
from sessionware.issuing import cookie_of, issue, own_token
from sessionware.outcome import Outcome, Pass, Refuse
from sessionware.request import Kind
from sessionware.session import Session
from sessionware.store import Asked, Living

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.rules import Rules
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
        yield from know_store(visit)
        found = yield from touch(visit, token, visit.key(token))
    except StoreError as error:
        return (yield from store_failed(visit, error)) or serve
    if isinstance(found, Living):
        serve.session = Session.of(found, visit.carry(token))
        return serve
    if isinstance(found, Asked):  # somebody else's manifest request is being decided
        return serve
    judged = judge(visit, token, found)
    return judged if isinstance(judged, Refuse) else serve


def needs_token(rules: Rules) -> Refuse:
    """Refuse a tracked path that carries no usable token (``require_token``)."""
    detail = "This URL needs the token of a session."
    return Refuse(rules.settings.denied_status, "No session", detail)


def source(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Count an input, an output or an unspecified request; its answer stays untouched."""
    serve = visit.plain()
    why_not = yield from present(visit, visit.carried.token, serve)
    return why_not if isinstance(why_not, Refuse) else serve


def stream_info(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Serve a request that only asks about a stream: with a token it touches (seed 000)."""
    settings = visit.rules.settings
    if settings.stream_info == "none":
        return Pass()
    visit = replace(visit, kind=Kind(settings.stream_info))
    serve = visit.plain()
    if not visit.rules.parts[visit.kind]:
        return serve
    token = yield from own_token(visit)
    by_token = TOKEN in visit.rules.parts[visit.kind] and bool(settings.write)
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
