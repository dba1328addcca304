"""A token without a living session: evidence decides what it gets, never its age (SPEC 6).

Pure rules. What a store remembers of a token goes in; a refusal, a beginning or an entry comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionware import lifetime
from sessionware.identity import session_id
from sessionware.lifetime import Verdict
from sessionware.outcome import Refuse
from sessionware.request import Kind
from sessionware.session import Cause
from sessionware.store import Bar, Ended
from sessionware.token import Origin

if TYPE_CHECKING:
    from sessionware.settings import Settings
    from sessionware.token import Token
    from sessionware.visit import Visit

BAD_REQUEST, GONE = 400, 410

_STATUS = {
    Verdict.REFUSE_LIVE: "expired_live_status",
    Verdict.REFUSE_VOD: "expired_vod_status",
}


@dataclass(frozen=True, slots=True)
class Begins:
    """A session begins; ``previous`` is the id of the life that it revives, or ""."""

    previous: str = ""


@dataclass(frozen=True, slots=True)
class Enters:
    """The token is worth nothing any more, and its client may have another one."""


def judge(visit: Visit, token: Token | None, found: Ended | Bar | None) -> Refuse | Begins | Enters:
    """Tell what a request gets whose session does not live.

    Who is refused as expired or ended asked by URL or trusted header: a running player. With a
    cookie alone it is a page view, and enters anew. A bar holds for all.
    """
    if isinstance(found, Bar):
        return barred(visit, found)
    refusal, previous = _refusal(visit, token, found)
    if refusal is None or visit.kind is not Kind.VIEWER:
        return Begins(previous)
    if visit.carried.carrier in {"query", "header"}:
        return refusal
    return Enters() if visit.carried.carrier == "cookie" else Begins(previous)


def barred(visit: Visit, bar: Bar) -> Refuse:
    """Refuse who was stopped or denied."""
    return refusal_of(visit.rules.settings, bar, may_be_kept=_is_in_url(visit))


def refusal_of(settings: Settings, bar: Bar, *, may_be_kept: bool = False) -> Refuse:
    """Give the refusal that a bar stands for."""
    stopped = bar.cause is Cause.STOPPED
    usual = settings.ended_status if stopped else settings.denied_status
    title = "Session stopped" if stopped else "Session denied"
    detail = bar.reason or "This stream can't be watched with this token."
    return Refuse(bar.status or usual, title, detail, may_be_kept=may_be_kept)


def _refusal(visit: Visit, token: Token | None, found: Ended | None) -> tuple[Refuse | None, str]:
    """Give the refusal, if there shall be one, and the id of the life before."""
    rules, settings = visit.rules, visit.rules.settings
    kept, previous = _is_in_url(visit), ""
    if found is None:
        if token is None or not _is_too_old(visit, token):
            return None, ""
        verdict = Verdict.REFUSE_LIVE
    elif found.cause is Cause.DENIED:  # the denial itself is a bar or an order, and is over
        return None, ""
    elif found.cause is not Cause.EXPIRED:
        detail = "This session has ended."
        return Refuse(settings.ended_status, "Session ended", detail, may_be_kept=kept), ""
    else:
        previous = session_id(visit.key(token), found.started)
        verdict = lifetime.after(found, visit.now, rules.lifetimes, rules.revive_window)
        # The token of a client that names its playback is always the same: it can't get another.
        if verdict is Verdict.REVIVE or (token is not None and token.origin is Origin.DERIVED):
            return None, previous
    status: int = getattr(settings, _STATUS[verdict])
    if status == BAD_REQUEST and "_HLS_msn" in visit.request.query:
        status = GONE  # at 400 some players ask again at once (P23)
    detail = "This session has expired. Ask for the stream at its first URL again."
    return Refuse(status, "Session expired", detail, may_be_kept=kept), previous


def _is_too_old(visit: Visit, token: Token) -> bool:
    """Tell whether a token of which nobody knows anything must have been used up long ago."""
    rules = visit.rules
    if token.issued is None or rules.revive_window is None:
        return False
    return visit.now - token.issued > rules.lifetimes.absolute_timeout + rules.revive_window


def _is_in_url(visit: Visit) -> bool:
    return visit.carried.carrier == "query"
