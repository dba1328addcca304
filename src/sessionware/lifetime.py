"""How long a session lives, and what follows its end (SPEC 6): rules on values, no I/O.

Live and VOD have lifetimes of their own (seed 003); an app may give both the same, and revive
whatever comes back (seed 000).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from sessionware.session import Presentation, State
from sessionware.store import Learn

if TYPE_CHECKING:
    from sessionware.manifest.learned import Learned
    from sessionware.session import Session
    from sessionware.store import Ended

_REFRESHES = 3
"""A live viewer may miss so many promised refreshes."""

_RETOLD = 1 / 3
"""After such a part of ``live_timeout`` the store is told again that live manifests pass."""

_SAME = 1.0
"""Renditions of one film differ by so many seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings that lifetimes follow, in seconds; ``vod_factor`` None: a VOD lives as live."""

    live_timeout: float
    vod_factor: float | None
    vod_timeout: float
    absolute_timeout: float = inf


class Terms(NamedTuple):
    """A session expires ``timeout`` after its last request, and never before ``until``."""

    timeout: float
    until: float


class Verdict(Enum):
    """What becomes of a request whose session has expired."""

    REVIVE = "a new life begins under the same token"
    REFUSE_LIVE = "refused, with the status for live"
    REFUSE_VOD = "refused, with the status for VOD"


def terms(limits: Limits, learned: Learned, started: float) -> Terms:
    """Give the terms of a session that plays what a manifest told (SPEC 6; seed 003).

    Live: the greater of ``live_timeout`` and three promised refreshes after the last request. VOD:
    ``vod_factor`` times its duration after the start, and never sooner than ``live_timeout`` after
    the last request.
    """
    timeout = limits.live_timeout
    is_vod = learned.presentation is Presentation.VOD
    if is_vod and limits.vod_factor is not None:
        known = learned.duration
        lasts = limits.vod_factor * known if known else limits.vod_timeout
        return Terms(timeout, started + lasts)
    if learned.refresh is not None:
        timeout = max(timeout, _REFRESHES * learned.refresh)
    elif learned.presentation is Presentation.LIVE:  # it may never be asked for again
        timeout = max(timeout, limits.vod_timeout)
    return Terms(timeout, 0.0)


def news(limits: Limits, session: Session, learned: Learned, now: float) -> Learn | None:
    """Say what the store must be told after a manifest of a session passed; None: nothing new.

    A manifest that tells nothing is no news: whether its session plays is not seen here.
    """
    if learned.presentation is None:
        return None
    learned = _with_longer(session, learned)
    agreed = terms(limits, learned, session.started)
    if not _is_new(limits, session, learned, agreed, now):
        return None
    return Learn(
        session.key,
        now,
        learned.presentation,
        learned.duration,
        agreed.timeout,
        agreed.until,
    )


def after(ended: Ended, now: float, limits: Limits, revive_window: float | None) -> Verdict:
    """Judge a request whose session has expired (SPEC 6).

    Live and unknown are revived within ``revive_window`` (seed 003), a VOD is not; with None
    everything is, always (seed 000).
    """
    if revive_window is None:
        return Verdict.REVIVE
    if ended.presentation is Presentation.VOD and limits.vod_factor is not None:
        return Verdict.REFUSE_VOD
    return Verdict.REVIVE if now - ended.at <= revive_window else Verdict.REFUSE_LIVE


def _with_longer(session: Session, learned: Learned) -> Learned:
    """Keep the duration that is known of a VOD, unless this one is longer."""
    known = session.duration
    if known is None or not session.presentation is learned.presentation is Presentation.VOD:
        return learned
    if learned.duration is not None and learned.duration > known + _SAME:
        return learned
    return replace(learned, duration=known)


def _is_new(limits: Limits, session: Session, learned: Learned, agreed: Terms, now: float) -> bool:
    known, is_vod = session.presentation, learned.presentation is Presentation.VOD
    if known is None or session.state is State.PENDING:
        return True
    unseen = now - session.live_seen
    if known is not learned.presentation:
        # An ad between two refreshes doesn't decide; a live manifest does.
        return not is_vod or unseen > limits.live_timeout * (1 + _RETOLD)
    if is_vod and learned.duration != session.duration:
        return True
    if is_vod and limits.vod_factor is not None:
        return False
    # Told now and then, not at every refresh, and at once where it would expire too soon.
    if not is_vod and unseen > limits.live_timeout * _RETOLD:
        return True
    deadline = session.started + limits.absolute_timeout
    return min(session.last_seen + agreed.timeout, deadline) > session.expires
