"""What is noted of a session while it runs: other streams, addresses and protocols (SPEC 8).

A token that goes from HLS to DASH, or from Wi-Fi to the mobile network, may be one session; its end
tells all that it was seen with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.store import Note
from sessionware.store.records import MAX_ALSO
from sessionware.told import IP, PROTOCOL, STREAM

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.store import Living
    from sessionware.visit import Visit


def note(visit: Visit, living: Living) -> Generator[Question, Any, None]:
    """Tell the store what a running session was not seen with before, which is rare."""
    ip, protocol = visit.ip, visit.place.protocol
    same_protocol = protocol == living.protocol or not visit.place.manifest
    if ip == living.ip and same_protocol and visit.stream == living.stream:
        return
    seen = []
    if visit.stream != living.stream:
        seen.append(f"{STREAM} {visit.stream}")
    if ip != living.ip:
        seen.append(f"{IP} {ip}")
    if not same_protocol:
        seen.append(f"{PROTOCOL} {protocol}")
    fresh = tuple(one for one in seen if one not in living.also)
    if fresh and len(living.also) < MAX_ALSO:
        yield Note(living.key, visit.now, fresh)
