"""Stable hints: how a player names its own playback (SPEC 3, P1).

A player that goes back to the first URL at every refresh would be a new viewer each time. If it
says which playback a request belongs to, by ``X-Playback-Session-Id`` (AVPlayer) or by CMCD's
``sid`` (CTA-5004), all its entries get the same derived token.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sessionware.request import network_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionware.request import Request

PLAYBACK_SESSION_ID = "playback-session-id"
CMCD = "cmcd"
NAMES = (PLAYBACK_SESSION_ID, CMCD)

# A UUID, or enough characters that nobody else has the same by chance or by laziness.
_UNIQUE = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[\x21-\x2b\x2d-\x7e]{22,128}"
)
_SID = re.compile(r'(?:^|,)\s*sid="([^"]*)"')
_CMCD_QUERY = re.compile(r"(?:^|&)CMCD=([^&]*)")


def find(request: Request, names: Sequence[str]) -> str | None:
    """Give the hint that a request carries, the first of ``names`` that has one, or None."""
    for name in names:
        hint = _playback(request) if name == PLAYBACK_SESSION_ID else _cmcd(request)
        if hint is not None and _UNIQUE.fullmatch(hint):
            return f"{name}={hint}"
    return None


def digest(key: bytes, hint: str, request: Request) -> bytes:
    """Derive 16 bytes from a hint and its client: who learns the hint alone gets other ones."""
    derived = blake2b(key=key, digest_size=16, person=b"hint")
    for part in (hint.encode(), request.user_agent.encode(), network_of(request.ip)):
        derived.update(len(part).to_bytes(4) + part)
    return derived.digest()


def _playback(request: Request) -> str | None:
    return request.headers.get("x-playback-session-id")


def _cmcd(request: Request) -> str | None:
    said = request.headers.get("cmcd-session")
    if said is None and (query := _CMCD_QUERY.search(request.query)) is not None:
        said = unquote(query[1])
    sid = _SID.search(said) if said else None
    return sid[1] if sid is not None else None
