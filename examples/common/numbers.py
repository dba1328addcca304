"""What ``/sessions.json`` says: who watches what, and how many."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware import Counts, Page, Session, Settings

AFTER_A_SEGMENT = 60.0
"""Seconds for which who need not ask for manifests watches after a segment (docs/concepts.md)."""


def told(
    settings: Settings, counts: Counts, streams: Mapping[str, Counts], page: Page
) -> dict[str, Any]:
    """Give the numbers in all, those of each stream, and the sessions; no token is in it."""
    return {
        "now": settings.clock(),
        "counts": asdict(counts),
        "streams": {name: asdict(each) for name, each in sorted(streams.items())},
        "sessions": [session.to_dict() | {"window": window(session)} for session in page.items],
    }


def window(session: Session) -> float:
    """Give for how many seconds a request makes a session watching; 0: nobody knows of it."""
    return 0.0 if session.quiet else session.window or AFTER_A_SEGMENT
