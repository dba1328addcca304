"""Why a request is what it is: "faith in the numbers" (seed 000). It changes nothing.

Generators, as in ``flow``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessionware import naming
from sessionware.evidence import Begins, Enters, judge
from sessionware.identity import IP, PROTOCOL, STREAM, TOKEN, ip_part, session_id
from sessionware.issuing import is_own, steady
from sessionware.look import Unseen, look
from sessionware.reach import know_store, learn_orders
from sessionware.request import Kind, Request
from sessionware.scopes import holder_of
from sessionware.session import Cause
from sessionware.store import Bar, Ended, Get, Living

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from sessionware.outcome import Refuse
    from sessionware.questions import Question
    from sessionware.rules import Rules
    from sessionware.token import Token
    from sessionware.visit import Visit


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a request is, and whose.

    ``kind`` and ``stream`` are None where it is nothing of ours. ``why`` says in words what becomes
    of it. ``carrier`` is where its token was found: ``query``, ``cookie``, ``header``, or None.
    ``parts`` are those that make its session, by name: two requests belong to one session if all
    their parts are equal, and kind, user and service. The token's is a name for it, never the token
    itself. ``id`` is the session's, None where none runs. ``state`` is ``pending``, ``live``,
    ``stopped``, ``denied``, ``ended: expired`` or the like; None where nothing is known.
    """

    kind: Kind | None
    stream: str | None
    why: str
    carrier: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    state: str | None = None


def explain(rules: Rules, what: Request | str) -> Generator[Question, Any, Explanation]:
    """Explain a request, or a URL as if somebody asked for it."""
    request = _asked(what) if isinstance(what, str) else what
    if not rules.is_ours(request.path):
        return Explanation(None, None, "Its path is neither matched nor tracked.")
    seen = yield from look(rules, request)
    if isinstance(seen, Unseen):
        return Explanation(seen.kind, seen.stream, seen.why, seen.carrier)
    yield from know_store(rules)
    yield from learn_orders(rules)
    return (yield from _explained(seen, by_url=isinstance(what, str)))


def _explained(visit: Visit, *, by_url: bool) -> Generator[Question, Any, Explanation]:
    """Explain what becomes of a visit."""
    token, carrier, stream = visit.carried.token, visit.carried.carrier, visit.stream
    kind = Kind.STREAM_INFO if visit.asks else visit.kind
    settings = visit.rules.settings
    if token is not None and not by_url and not is_own(visit, token):
        token, carrier = None, None
    if token is None and visit.needs_token:
        token = steady(visit)  # whoever names its playback gets the same one each time
    parts = _parts(visit, token)

    def told(why: str, state: str | None = None, known: Living | None = None) -> Explanation:
        name = None if known is None else session_id(known.key, known.started)
        return Explanation(kind, stream, why, carrier, parts, name, state)

    denied = visit.denied(token)
    if denied is not None:
        return told(f"deny() keeps it out. {denied.reason}".strip(), "denied")
    entry = f"it is an entry ({settings.handoff})"
    if token is None and visit.needs_token:
        then = entry if visit.place.manifest else "it is served"
        if settings.require_token and not visit.place.manifest:
            then = f"it is refused with {settings.denied_status}"
        return told(f"It carries no usable token of its own: {then}.")
    found = yield Get(visit.key(token), visit.now, visit.mark(token), visit.above(token))
    if isinstance(found, Living):
        return told("Its session runs.", found.state.value, found)
    state = _state(found)
    judged = judge(visit, token, found)
    if isinstance(judged, Begins):
        revives = f", a new life of {judged.previous}" if judged.previous else ""
        verb = "begins" if visit.place.manifest else "does not begin by a tracked path"
        if visit.passive:
            verb = "does not begin by a HEAD or a prefetch"
        return told(f"No session runs: one {verb}{revives}.", state)
    if isinstance(judged, Enters):
        return told(f"Its token is worth nothing any more: {entry}.", state)
    return told(_refused(judged), state)


def _refused(refusal: Refuse) -> str:
    return f"It is refused with {refusal.status}: {refusal.detail}"


def _state(found: Ended | Bar | None) -> str | None:
    if isinstance(found, Bar):
        return "stopped" if found.cause is Cause.STOPPED else "denied"
    return None if found is None else f"ended: {found.cause.value}"


def _parts(visit: Visit, token: Token | None) -> dict[str, str]:
    """Give the parts of its identity; of a token and an address a name that leads nowhere."""
    rules = visit.rules
    ip = ip_part(visit.request.ip, rules.settings.ipv6_prefix)
    shown = {
        STREAM: visit.stream,
        IP: visit.ip if rules.settings.ip_privacy == "full" else ip.hex(),
        TOKEN: holder_of(rules, token).hex() or "none",
        PROTOCOL: visit.place.protocol,
    }
    return {part: shown[part] for part in shown if part in rules.parts[visit.kind]}


def _asked(url: str) -> Request:
    """Make the request of somebody who asks for a URL, of whom nothing is known."""
    parts = urlsplit(url)
    path = parts.path or "/"
    return Request(
        "GET", naming.unescape(path), parts.query, {}, "", "", parts.scheme, parts.netloc, path
    )
