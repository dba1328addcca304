"""The life of a session as a table (SPEC 6): the docs' diagram is made of it, and tests walk it.

``NEW`` is a token that no store knows: not used yet, or forgotten.
"""

from __future__ import annotations

from typing import NamedTuple

NEW, PENDING, LIVE, EXPIRED = "new", "pending", "live", "expired"
STOPPED, DENIED = "stopped", "denied"


class Step(NamedTuple):
    """In a state something happens, and then the session is in another one, or the same."""

    state: str
    happens: str
    then: str


LOOKS = "asks for a multivariant playlist"
PLAYS = "asks for what plays"
FAILS = "asks, and the app answers 400 or more"
WAITS = "its time is over"
STOPS = "stop()"
IS_DENIED = "admit says no"
RETURNS = "asks for what plays within revive_window"
LOOKS_AGAIN = "asks for a multivariant playlist within revive_window"
COMES_LATE = "asks later, and is refused"
IS_FORGOTTEN = "remember is over"
IS_FORGIVEN = "deny_for is over"
KNOCKS = "asks, and is refused"

LIFE: tuple[Step, ...] = (
    Step(NEW, LOOKS, PENDING),
    Step(NEW, PLAYS, LIVE),
    Step(NEW, FAILS, NEW),
    Step(NEW, IS_DENIED, DENIED),
    Step(PENDING, LOOKS, PENDING),
    Step(PENDING, PLAYS, LIVE),
    Step(PENDING, FAILS, PENDING),
    Step(PENDING, WAITS, NEW),
    Step(PENDING, STOPS, STOPPED),
    Step(LIVE, LOOKS, LIVE),
    Step(LIVE, PLAYS, LIVE),
    Step(LIVE, FAILS, LIVE),
    Step(LIVE, WAITS, EXPIRED),
    Step(LIVE, STOPS, STOPPED),
    Step(EXPIRED, RETURNS, LIVE),
    Step(EXPIRED, LOOKS_AGAIN, PENDING),
    Step(EXPIRED, COMES_LATE, EXPIRED),
    Step(EXPIRED, IS_FORGOTTEN, NEW),
    Step(STOPPED, KNOCKS, STOPPED),
    Step(STOPPED, IS_FORGIVEN, NEW),
    Step(DENIED, KNOCKS, DENIED),
    Step(DENIED, IS_FORGIVEN, NEW),
)
"""What is not in it changes nothing."""


def diagram() -> str:
    """Draw the table for Mermaid; what changes nothing is left out, unless it is refused."""
    arrows = (
        f"    {step.state} --> {step.then}: {step.happens}"
        for step in LIFE
        if step.state != step.then or step.happens in {COMES_LATE, KNOCKS}
    )
    return "\n".join(["stateDiagram-v2", f"    [*] --> {NEW}: handoff", *arrows])
