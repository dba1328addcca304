"""The life of a session as a table (SPEC 6): the docs' diagram is made of it, and tests walk it.

``NEW`` is a token that no store knows: not used yet, or forgotten. ``pending`` and ``live`` run.
All others have ended, each for its cause, or were kept out before they began: ``denied`` in two
ways, for ``invalidate()`` ends the one and ``allow()`` the other. Who is superseded (SPEC 7) is
live, and so is who has lost a place in a limit.
"""

from __future__ import annotations

from typing import NamedTuple

NEW, PENDING, LIVE = "new", "pending", "live"
EXPIRED, STOPPED, CLOSED, EVICTED = "expired", "stopped", "closed", "evicted"
DENIED_BY_ADMIT, DENIED_BY_DENY = "denied_by_admit", "denied_by_deny"


class Step(NamedTuple):
    """In a state something happens, and then the session is in another one, or the same."""

    state: str
    happens: str
    then: str


LOOKS = "asks for a multivariant playlist"
PLAYS = "asks for what plays"
FAILS = "asks, and the app answers 400 or more"
CROWDED = "asks, and a limit has no place for it"
WAITS = "its time is over"
STOPS = "stop()"
CLOSES = "what open() held is closed"
IS_EVICTED = "a newcomer takes its place"
IS_SUPERSEDED = "its client opens anew"
IS_DENIED = "admit says no"
DENIES = "deny()"
INVALIDATES = "invalidate()"
IS_EXPELLED = "invalidate(), and admit says no"
RETURNS = "asks for what plays within revive_window"
LOOKS_AGAIN = "asks for a multivariant playlist within revive_window"
COMES_LATE = "asks later, and is refused"
KNOCKS = "asks, and is refused"
IS_FORGOTTEN = "remember is over"
IS_FORGIVEN = "deny_for is over"
PASSES = "duration is over"
ALLOWS = "allow()"

LIFE: tuple[Step, ...] = (
    Step(NEW, LOOKS, PENDING),
    Step(NEW, PLAYS, LIVE),
    Step(NEW, FAILS, NEW),
    Step(NEW, CROWDED, NEW),
    Step(NEW, IS_DENIED, DENIED_BY_ADMIT),
    Step(NEW, DENIES, DENIED_BY_DENY),
    Step(PENDING, LOOKS, PENDING),
    Step(PENDING, PLAYS, LIVE),
    Step(PENDING, FAILS, PENDING),
    Step(PENDING, CROWDED, PENDING),
    Step(PENDING, WAITS, NEW),
    Step(PENDING, STOPS, STOPPED),
    Step(PENDING, CLOSES, CLOSED),
    Step(PENDING, DENIES, DENIED_BY_DENY),
    Step(PENDING, INVALIDATES, PENDING),
    Step(PENDING, IS_EXPELLED, DENIED_BY_ADMIT),
    Step(LIVE, LOOKS, LIVE),
    Step(LIVE, PLAYS, LIVE),
    Step(LIVE, FAILS, LIVE),
    Step(LIVE, CROWDED, LIVE),
    Step(LIVE, IS_SUPERSEDED, LIVE),
    Step(LIVE, WAITS, EXPIRED),
    Step(LIVE, STOPS, STOPPED),
    Step(LIVE, CLOSES, CLOSED),
    Step(LIVE, IS_EVICTED, EVICTED),
    Step(LIVE, DENIES, DENIED_BY_DENY),
    Step(LIVE, INVALIDATES, LIVE),
    Step(LIVE, IS_EXPELLED, DENIED_BY_ADMIT),
    Step(EXPIRED, RETURNS, LIVE),
    Step(EXPIRED, LOOKS_AGAIN, PENDING),
    Step(EXPIRED, FAILS, NEW),
    Step(EXPIRED, CROWDED, EXPIRED),
    Step(EXPIRED, IS_DENIED, DENIED_BY_ADMIT),
    Step(EXPIRED, COMES_LATE, EXPIRED),
    Step(EXPIRED, IS_FORGOTTEN, NEW),
    Step(STOPPED, KNOCKS, STOPPED),
    Step(STOPPED, IS_FORGIVEN, NEW),
    Step(CLOSED, KNOCKS, CLOSED),
    Step(CLOSED, IS_FORGOTTEN, NEW),
    Step(EVICTED, KNOCKS, EVICTED),
    Step(EVICTED, IS_FORGOTTEN, NEW),
    Step(DENIED_BY_ADMIT, KNOCKS, DENIED_BY_ADMIT),
    Step(DENIED_BY_ADMIT, IS_FORGIVEN, NEW),
    Step(DENIED_BY_ADMIT, INVALIDATES, NEW),
    Step(DENIED_BY_DENY, KNOCKS, DENIED_BY_DENY),
    Step(DENIED_BY_DENY, PASSES, NEW),
    Step(DENIED_BY_DENY, ALLOWS, NEW),
    Step(DENIED_BY_DENY, INVALIDATES, DENIED_BY_DENY),
)
"""What is not in it changes nothing, but for two calls.

``deny()`` also stands before who has ended or was kept out already; when it has passed, that is
still remembered. ``open()`` begins anew whoever was neither stopped nor denied.
"""


def diagram() -> str:
    """Draw the table for Mermaid; what changes nothing is left out, but for those who knock."""
    arrows = (
        f"    {step.state} --> {step.then}: {step.happens}"
        for step in LIFE
        if step.state != step.then or step.happens in {COMES_LATE, KNOCKS}
    )
    return "\n".join(["stateDiagram-v2", f"    [*] --> {NEW}: handoff", *arrows])
