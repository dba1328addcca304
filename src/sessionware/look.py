"""What a request is, before its session is asked about (SPEC 4): who asks for what, and how.

A generator, as in ``flow``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionware.admission import unknown
from sessionware.events import log
from sessionware.http import is_preflight
from sessionware.option_groups import seconds
from sessionware.outcome import Outcome, Pass, Preflight, Refuse
from sessionware.questions import FAILED, Call
from sessionware.request import Kind
from sessionware.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.request import Request
    from sessionware.rules import Rules

MAX_QUERY = 8192
MAX_PATH = MAX_QUERY
"""The longest query of a matched path, and the longest such path, in characters."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A request that is nobody's: what becomes of it, and why.

    ``kind``, ``stream`` and ``carrier`` as far as they were found out, ``visit`` if it is one.
    """

    outcome: Outcome
    why: str
    kind: Kind | None = None
    stream: str | None = None
    carrier: str | None = None
    visit: Visit | None = None


def look(rules: Rules, request: Request) -> Generator[Question, Any, Visit | Unseen]:
    """Find out who asks for what; asks the app's hook ``identify`` where a session may follow."""
    settings = rules.settings
    if settings.exclude is not None and settings.exclude(request):
        return Unseen(Pass(), "exclude takes it out.")
    if len(request.query) > MAX_QUERY or len(request.path) > MAX_PATH:
        why = f"The query or the path has more than {MAX_QUERY} characters."
        return Unseen(Refuse(414, "URI Too Long", why), why)
    if request.method == "OPTIONS":
        ours = settings.cors is not None and is_preflight(request)
        return Unseen(Preflight() if ours else Pass(), "OPTIONS goes to the app.")
    place = rules.place(request)
    kind = rules.kind(request)
    if kind is None:
        return Unseen(Pass(), "It is none of ours, by its method or by classify.")
    carried = rules.carriers.read(request, place.link_path, place.service)
    stream = carried.stream if carried.stream is not None else place.stream
    carrier = carried.carrier
    if stream is None:
        guarded = settings.require_token and kind is Kind.VIEWER and not place.manifest
        outcome = needs_token(rules) if guarded and carried.token is None else Pass()
        return Unseen(outcome, "Its path names no stream.", kind, None, carrier)
    asks = kind is Kind.STREAM_INFO
    if asks and settings.stream_info == "none":
        why = "It asks about a stream, and stream_info is none."
        return Unseen(Pass(), why, kind, stream, carrier)
    counted = Kind(settings.stream_info) if asks else kind
    passive = request.method == "HEAD" or _is_prefetch(request)
    now = settings.clock()
    visit = Visit(rules, request, place, carried, counted, stream, now, passive, asks=asks)
    if not rules.parts[counted]:
        why = f"No part tells two sessions of the kind {counted.value} apart: there are none."
        return Unseen(visit.plain(), why, kind, stream, carrier, visit)
    if settings.identify is not None and counted is not Kind.UNSPECIFIED:
        said = yield Call(settings.identify, (request,), seconds(settings.admit_timeout))
        if said is not None and not isinstance(said, str) and said is not FAILED:
            log.error("sessionware: identify answered %r: neither a text nor None", said)
            said = FAILED
        if said is FAILED and settings.on_admit_error == "deny":
            why = "identify can't say who it is."
            return Unseen(unknown(), why, kind, stream, carrier, visit)
        visit.user = said if isinstance(said, str) and said else None
    return visit


def needs_token(rules: Rules) -> Refuse:
    """Refuse a tracked path that carries no usable token (``require_token``)."""
    detail = "This URL needs the token of a session."
    return Refuse(rules.settings.denied_status, "No session", detail)


def _is_prefetch(request: Request) -> bool:
    purpose = request.headers.get("sec-purpose") or request.headers.get("purpose") or ""
    return purpose.lower().startswith("prefetch")
