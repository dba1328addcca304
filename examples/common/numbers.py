"""What ``/sessions.json`` says: who watches what, and how many."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware import Counts, Page, Settings


def told(
    settings: Settings, counts: Counts, streams: Mapping[str, Counts], page: Page
) -> dict[str, Any]:
    """Give the numbers in all, those of each stream, and the sessions; no token is in it."""
    return {
        "now": settings.clock(),
        "window": settings.watching_window,
        "counts": asdict(counts),
        "streams": {name: asdict(each) for name, each in sorted(streams.items())},
        "sessions": [session.to_dict() for session in page.items],
    }
