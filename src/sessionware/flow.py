"""The order of questions.

Nothing here performs I/O; the clock and the random bytes of tokens are given, and can be replaced
in ``Settings``. Nothing here knows whether it runs under WSGI or ASGI. Each function is a
generator: it yields commands to the outside world and is sent their answers; a StoreError is thrown
in where the store failed. ``arrive`` returns the outcome, which a shell carries out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware import hints
from sessionware.asking import (
    Emit,
    Question,
    know_store,
    present,
    store_failed,
    store_key,
    without_store,
)
from sessionware.errors import StoreError
from sessionware.events import RedirectLoop, TokenShared
from sessionware.http import is_preflight
from sessionware.identity import TOKEN
from sessionware.outcome import Handoff, Known, Outcome, Pass, Preflight, Refuse, Serve
from sessionware.request import Kind, network_of
from sessionware.session import Session
from sessionware.store import Begin, Get, Living, Touch
from sessionware.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.request import Request
    from sessionware.rules import Rules
    from sessionware.token import Token

MAX_QUERY = 8192
MAX_PATH = MAX_QUERY
"""The longest query of a matched path, and the longest such path, in characters."""


def arrive(rules: Rules, request: Request) -> Generator[Question, Any, Outcome]:
    """Decide what becomes of a request whose path is ours."""
    settings = rules.settings
    if settings.exclude is not None and settings.exclude(request):
        return Pass()
    if len(request.query) > MAX_QUERY or len(request.path) > MAX_PATH:
        detail = f"The query or the path has more than {MAX_QUERY} characters."
        return Refuse(414, "URI Too Long", detail)
    if request.method == "OPTIONS":
        ours = settings.cors is not None and is_preflight(request)
        return Preflight() if ours else Pass()
    place = rules.place(request)
    kind = rules.kind(request)
    if kind is None:
        return Pass()
    carried = rules.carriers.read(request, place.link_path, place.service)
    stream = carried.stream if carried.stream is not None else place.stream
    if stream is None:
        guarded = settings.require_token and kind is Kind.VIEWER and not place.manifest
        return _needs_token(rules) if guarded and carried.token is None else Pass()
    passive = request.method == "HEAD" or _is_prefetch(request)
    visit = Visit(rules, request, place, carried, kind, stream, settings.clock(), passive)
    if kind is Kind.STREAM_INFO:
        return (yield from _stream_info(visit))
    if not rules.parts[kind]:
        return visit.plain()
    if not place.manifest:
        return (yield from _tracked(visit))
    if kind is not Kind.VIEWER:
        return (yield from _source(visit))
    return (yield from _viewer(visit))


# --- a viewer at a manifest -------------------------------------------------------------------


def _viewer(visit: Visit) -> Generator[Question, Any, Outcome]:
    token = yield from _own_token(visit)
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
        token = yield from _issue(visit)
        cookie = _cookie(visit, token)
    return Handoff(200, visit.location(token), cookie)


def _entry(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Hand a token to a client that has none; nothing is written to the store (SPEC 3)."""
    settings = visit.rules.settings
    by_query = "query" in settings.write
    if by_query and settings.handoff == "redirect" and (yield from _is_loop(visit)):
        return (yield from _unwrapped(visit))
    token = yield from _issue(visit)
    if by_query and settings.handoff == "redirect":
        location = visit.location(token)
        return Handoff(settings.redirect_status, location, _cookie(visit, token))
    try:
        yield from know_store(visit)
    except StoreError as error:
        refusal = yield from store_failed(visit, error)
        if refusal is not None:
            return refusal
    # What began under another key than the store's would never be found again.
    inline = by_query and not visit.passive and visit.rules.idkey is not None
    key = visit.key(token)
    serve = _personal(visit, token)
    serve.cookie = _cookie(visit, token)
    serve.session = visit.stand_in(key, token, stored=inline)
    serve.handing = "inline" if by_query else "cookie"
    if inline:
        serve.begin = Begin(key, visit.now, visit.opening(token, cookie=True))
    return serve


def _follow_up(
    visit: Visit, token: Token | None, *, is_new: bool = False
) -> Generator[Question, Any, Outcome]:
    """Serve a request of a session: one that runs, or one that begins now."""
    serve = _personal(visit, token)
    with_answer = visit.carried.carrier == "header"
    refusal = yield from present(visit, token, serve, begin_with_answer=with_answer, is_new=is_new)
    if refusal is not None:
        return refusal
    stored = serve.session is not None and serve.session.stored
    if token is not None and stored and visit.is_repeatable:
        renew, carry = visit.renew_cookie_after(token), visit.carry(token)
        at_home, key = visit.compare(token)[1], visit.key(token)
        serve.known = Known(visit, token, at_home, key, renew, carry, serve.repeat(None, None))
    return serve


def again(known: Known) -> Generator[Question, Any, Outcome]:
    """Serve a request that was served before in the same words."""
    visit = known.visit
    now = visit.rules.settings.clock()
    if not known.at_home:
        yield from _note_sharing(visit.at(now), known.token)
    try:
        living: Living | None
        living = yield Touch(known.key, now, visit.plays, known.renew_cookie_after)
    except StoreError as error:
        serve = _personal(visit.at(now), known.token)
        return (yield from without_store(visit.at(now), known.token, serve, error)) or serve
    if living is None:
        return (yield from _follow_up(visit.at(now), known.token, is_new=True))
    if visit.carried.carrier == "query":
        visit.rules.loops.followed(visit.client)
    cookie = known.token.text if living.renew_cookie else None
    return known.serve.repeat(Session.of(living, known.carry), cookie)


def _personal(visit: Visit, token: Token | None) -> Serve:
    """Serve a manifest whose copy is the viewer's own."""
    serve = visit.plain()
    serve.manifest = True
    serve.carriage = visit.carriage(token)
    if token is not None and serve.carriage is not None and serve.carriage.whole:
        serve.token = token.text
    serve.own_query = visit.carried.query
    by_cookie = visit.carried.carrier not in {"query", "header"}
    serve.vary_cookie = by_cookie and visit.needs_token and "cookie" in visit.rules.settings.read
    return serve


def _is_loop(visit: Visit) -> Generator[Question, Any, bool]:
    """Tell whether redirecting this client once more leads nowhere (P38)."""
    if visit.passive:
        return False
    hot = visit.rules.loops.redirecting(visit.client, visit.now)
    if hot is None:
        path, ip = visit.place.path, visit.request.ip
        yield Emit(RedirectLoop(at=visit.now, stream=visit.stream, path=path, ip=ip))
    return hot is not False


def _unwrapped(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Serve a client whose token never comes back under one that is made of the client (P38)."""
    key = yield from store_key(visit)
    token = _derived(
        visit, hints.digest(key, f"loop={visit.request.ip} {visit.stream}", visit.request)
    )
    return (yield from _follow_up(visit, token))


# --- everybody else ---------------------------------------------------------------------------


def _tracked(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Let a tracked path keep its session alive; it never begins one."""
    rules, now = visit.rules, visit.now
    serve = visit.plain()
    token = yield from _own_token(visit)
    if token is None and visit.kind is Kind.VIEWER and TOKEN in rules.parts[visit.kind]:
        if rules.settings.require_token:
            return _needs_token(rules)
        return serve
    try:
        yield from know_store(visit)
        key = visit.key(token)
        living: Living | None
        living = yield Get(key, now) if visit.passive else Touch(key, now, playing=True)
    except StoreError as error:
        return (yield from store_failed(visit, error)) or serve
    if living is not None:
        serve.session = Session.of(living, visit.carry(token))
    return serve


def _needs_token(rules: Rules) -> Refuse:
    detail = "This URL needs the token of a session."
    return Refuse(rules.settings.denied_status, "No session", detail)


def _source(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Count an input, an output or an unspecified request; its answer stays untouched."""
    serve = visit.plain()
    return (yield from present(visit, visit.carried.token, serve)) or serve


def _stream_info(visit: Visit) -> Generator[Question, Any, Outcome]:
    """Serve a request that only asks about a stream: with a token it touches (seed 000)."""
    settings = visit.rules.settings
    if settings.stream_info == "none":
        return Pass()
    visit = replace(visit, kind=Kind(settings.stream_info))
    serve = visit.plain()
    if not visit.rules.parts[visit.kind]:
        return serve
    token = yield from _own_token(visit)
    if token is None and TOKEN in visit.rules.parts[visit.kind] and settings.write:
        token = yield from _issue(visit)
        serve.cookie = _cookie(visit, token)
        if serve.cookie is None:  # only ``session.carry`` can hand it out: who returns, begins
            yield from store_key(visit)
            serve.session = visit.stand_in(visit.key(token), token)
            return serve
    return (yield from present(visit, token, serve)) or serve


# --- the token --------------------------------------------------------------------------------


def _own_token(visit: Visit) -> Generator[Question, Any, Token | None]:
    """Give the token of a request unless somebody else got it (``shared``, SPEC 3)."""
    rules, token = visit.rules, visit.carried.token
    if token is None or visit.carried.carrier == "header":
        return token
    same_agent, same_network = visit.compare(token)
    if same_network:
        return token
    yield from _note_sharing(visit, token)
    return None if rules.settings.shared == "split" and not same_agent else token


def _note_sharing(visit: Visit, token: Token) -> Generator[Question, Any, None]:
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


def _issue(visit: Visit) -> Generator[Question, Any, Token]:
    """Make a token: always the same for a client that names its playback, else a fresh one."""
    rules, request = visit.rules, visit.request
    hint = hints.find(request, rules.settings.hints)
    if hint is not None:
        key = yield from store_key(visit)
        return _derived(visit, hints.digest(key, hint, request))
    service = visit.carried.service
    return rules.tokens.issue(visit.now, request.user_agent, request.ip, service)


def _derived(visit: Visit, digest: bytes) -> Token:
    request, service = visit.request, visit.carried.service
    return visit.rules.tokens.derive(digest, request.user_agent, request.ip, service)


def _cookie(visit: Visit, token: Token) -> str | None:
    """Give the token to set as a cookie, in the answer that issues it."""
    return token.text if "cookie" in visit.rules.settings.write else None


def _is_prefetch(request: Request) -> bool:
    purpose = request.headers.get("sec-purpose") or request.headers.get("purpose") or ""
    return purpose.lower().startswith("prefetch")
