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

_MUST_ASK = 60.0
"""Who may go so many seconds without asking for a manifest need not ask: it is quiet (SPEC 7)."""

_SOON = 10.0
"""Who is to ask again sooner than that, and does not, may have opened twice (SPEC 7)."""

_SAME = 1.0
"""Renditions of one film differ by so many seconds."""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The settings that lifetimes follow, in seconds; ``vod_factor`` None: a VOD lives as live.

    ``watching_window``: who asked within that watches.
    """

    live_timeout: float
    vod_factor: float | None
    vod_timeout: float
    absolute_timeout: float = inf
    watching_window: float = 15.0


class Terms(NamedTuple):
    """A session expires ``timeout`` after its last request, and never before ``until``.

    For ``window`` seconds after a request it watches; 0.0: it is quiet, for it need not ask.
    ``returns``: it is to ask again within seconds.
    """

    timeout: float
    until: float
    window: float
    returns: bool = False


class Verdict(Enum):
    """What becomes of a request whose session has expired."""

    REVIVE = "a new life begins under the same token"
    REFUSE_LIVE = "refused, with the status for live"
    REFUSE_VOD = "refused, with the status for VOD"


def terms(lifetimes: Lifetimes, learned: Learned, started: float) -> Terms:
    """Give the terms of a session that plays what a manifest told (SPEC 6; seed 003).

    Live: the greater of ``live_timeout`` and three promised refreshes after the last request. VOD:
    ``vod_factor`` times its duration after the start, and never sooner than ``live_timeout`` after
    the last request.

    A VOD need not ask for a manifest again, nor does live that refreshes less than once a minute;
    other live has at least three promised refreshes for it (SPEC 7).
    """
    timeout, window = lifetimes.live_timeout, lifetimes.watching_window
    refresh, presentation = learned.refresh, learned.presentation
    if presentation is Presentation.VOD:
        window = 0.0
        if lifetimes.vod_factor is not None:
            known = learned.duration
            lasts = lifetimes.vod_factor * known if known else lifetimes.vod_timeout
            return Terms(timeout, started + lasts, window)
    if refresh is not None:
        timeout = max(timeout, _REFRESHES * refresh)
    elif presentation is Presentation.LIVE:  # it may never be asked for again
        timeout = max(timeout, lifetimes.vod_timeout)
    if presentation is not Presentation.LIVE:
        return Terms(timeout, 0.0, window)
    if refresh is None or refresh > _MUST_ASK:
        return Terms(timeout, 0.0, 0.0)
    return Terms(timeout, 0.0, max(window, _REFRESHES * refresh), refresh < _SOON)


def news(lifetimes: Lifetimes, session: Session, learned: Learned, now: float) -> Learn | None:
    """Say what the store must be told after a manifest of a session passed; None: nothing new.

    A manifest that tells nothing is no news: whether its session plays is not seen here.
    """
    if learned.presentation is None:
        return None
    learned = _with_longer(session, learned)
    agreed = terms(lifetimes, learned, session.started)
    if not _is_new(lifetimes, session, learned, agreed, now):
        return None
    return Learn(
        session.key,
        now,
        learned.presentation,
        learned.duration,
        agreed.timeout,
        agreed.until,
        max(agreed.window, session.window) if agreed.window else 0.0,
        agreed.returns,
    )


def after(ended: Ended, now: float, lifetimes: Lifetimes, revive_window: float | None) -> Verdict:
    """Judge a request whose session has expired (SPEC 6).

    Live and unknown are revived within ``revive_window`` (seed 003), a VOD is not; with None
    everything is, always (seed 000).
    """
    if revive_window is None:
        return Verdict.REVIVE
    if ended.presentation is Presentation.VOD and lifetimes.vod_factor is not None:
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


def _is_new(
    lifetimes: Lifetimes, session: Session, learned: Learned, agreed: Terms, now: float
) -> bool:
    known, is_vod = session.presentation, learned.presentation is Presentation.VOD
    if known is None or session.state is State.PENDING:
        return True
    unseen = now - session.live_seen
    if known is not learned.presentation:
        # An ad between two refreshes doesn't decide; a live manifest does.
        return not is_vod or unseen > lifetimes.live_timeout * (1 + _RETOLD)
    if is_vod and learned.duration != session.duration:
        return True
    if is_vod and lifetimes.vod_factor is not None:
        return False
    # Renditions promise different refreshes; it is enough to know the longest.
    if not is_vod and not _is_covered(agreed.window, session.window):
        return True
    # Told now and then, not at every refresh, and at once where it would expire too soon.
    if not is_vod and unseen > lifetimes.live_timeout * _RETOLD:
        return True
    deadline = session.started + lifetimes.absolute_timeout
    return min(session.last_seen + agreed.timeout, deadline) > session.expires


def _is_covered(window: float, known: float) -> bool:
    """Tell whether a window is no longer than the one that is known; quiet is for itself."""
    return bool(window) == bool(known) and window <= known
