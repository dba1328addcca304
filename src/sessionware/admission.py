"""Who may watch: the app's hook ``admit`` is asked when a session is about to begin (SPEC 8).

Once for a session, over all workers: the touch that found no session left a lease, and who else
comes waits for the answer. A denial is remembered, so nobody is served before it or beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sessionware.arguments import FOREVER
from sessionware.checks_answers import is_number, is_whole
from sessionware.errors import DataError
from sessionware.events import SessionDenied, log
from sessionware.evidence import barred
from sessionware.option_groups import seconds
from sessionware.outcome import RETRY_AFTER, Refuse
from sessionware.questions import FAILED, Call, Emit
from sessionware.reach import attempt
from sessionware.request import Kind
from sessionware.session import Cause, json_text
from sessionware.store import Bar, Decline, End

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.session import Session
    from sessionware.settings import Settings
    from sessionware.store import Crowded
    from sessionware.token import Token
    from sessionware.visit import Visit


_CROWDED = {
    "all": "As many sessions run as this server lets in.",
    "stream": "As many sessions watch this stream as it lets in.",
    "user": "This account watches on as many devices as it may.",
    "ip": "From this address as many sessions run as it may have.",
}


@dataclass(frozen=True, slots=True)
class Deny:
    """What ``admit`` answers to keep a session out.

    ``reason`` is what the client is told, ``status`` the HTTP status (None: ``denied_status``), and
    ``duration`` how long it is remembered, in seconds or as ``timedelta`` (None: ``deny_for``).
    ValueError: it can't be one.
    """

    reason: str = ""
    status: int | None = None
    duration: float | timedelta | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str):
            raise ValueError(f"Deny(reason={self.reason!r}): is no text")  # noqa: TRY004 - as below
        if self.status is not None and not is_whole(self.status, 400, 599):
            raise ValueError(f"Deny(status={self.status!r}): is no status from 400 to 599")
        lasts = self.duration
        if isinstance(lasts, timedelta):
            lasts = lasts.total_seconds()
        if lasts is not None and not (is_number(lasts) and 0 <= lasts < FOREVER):
            reason = "is no number of seconds and no timedelta"
            raise ValueError(f"Deny(duration={self.duration!r}): {reason}")


def admission(
    visit: Visit, token: Token | None, session: Session, *, running: bool = False
) -> Generator[Question, Any, Refuse | Mapping[str, str]]:
    """Ask the app whether a session may begin, and give JSON texts for its ``data``.

    A no is in the store before it is said. ``running``: whether it may go on; a no ends it.
    """
    settings = visit.rules.settings
    if settings.admit is None or visit.kind is Kind.UNSPECIFIED:
        return {}
    request = visit.request
    said = yield Call(settings.admit, (session, request), seconds(settings.admit_timeout))
    verdict = _understood(said)
    if isinstance(verdict, Mapping):
        return verdict
    if verdict is None and settings.on_admit_error == "allow":
        return {}
    if verdict is None:
        yield from decline(visit, token)
        return unknown()
    now = settings.clock()
    lasts = seconds(settings.deny_for if verdict.duration is None else verdict.duration)
    bar = Bar(Cause.DENIED, now + lasts, verdict.status or 0, verdict.reason)
    yield from decline(visit, token, bar)
    if running:
        yield from attempt(visit.rules, End(visit.key(token), now, Cause.DENIED))
    event = SessionDenied(
        at=now,
        session=session.id,
        stream=session.stream,
        ip=session.ip,
        user=session.user,
        reason=verdict.reason,
    )
    yield Emit(event)
    return barred(visit, bar)


def decline(
    visit: Visit, token: Token | None, bar: Bar | None = None
) -> Generator[Question, Any, None]:
    """Begin no session; others may ask anew, or find the bar."""
    now = visit.rules.settings.clock()
    given_back = Decline(visit.key(token), visit.user_mark(token), now, bar, visit.stream)
    yield from attempt(visit.rules, given_back)  # refused all the same where the store fails


def crowded(visit: Visit, found: Crowded) -> Refuse:
    """Refuse who finds no place; whether there is one is judged anew each time."""
    return no_place(visit.rules.settings, found)


def no_place(settings: Settings, found: Crowded) -> Refuse:
    """Give the refusal of who finds no place."""
    detail = f"{_CROWDED[found.name]} Try again when somebody has left."
    return Refuse(settings.limit_status, "Too many sessions", detail)


def unknown() -> Refuse:
    """Refuse where the app could not say who it is, or whether they may."""
    detail = "It could not be found out whether this stream may be watched."
    return Refuse(503, "Service Unavailable", detail, RETRY_AFTER)


def _understood(said: object) -> Deny | Mapping[str, str] | None:
    """Give what an answer of ``admit`` means: data, or a denial; None: nothing."""
    if said is None or said is True:
        return {}
    if said is False:
        return Deny()
    if isinstance(said, Deny):
        return said
    if isinstance(said, Mapping):
        try:
            return {name: json_text(name, value) for name, value in said.items()}
        except DataError:
            log.exception("sessionware: what admit answered can't be data")
            return None
    if said is not FAILED:
        log.error("sessionware: admit answered %r: not None, a bool, Deny or a mapping", said)
    return None
