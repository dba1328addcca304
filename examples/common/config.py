"""Where the examples find their media, their players and their secret."""

from __future__ import annotations

import logging
import mimetypes
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from common.catalogue import TYPES

PAGES = Path(__file__).with_name("pages")

KEPT_OUT = 60.0
"""Seconds for which an address is denied: who tries it out may be the only one there."""

REASON = "An operator keeps this address out for a minute."
"""What who is denied is told."""

log = logging.getLogger(__name__)


class Folders(NamedTuple):
    """What is served from where."""

    media: Path
    players: Path


def folders(
    media: str | os.PathLike[str] | None, players: str | os.PathLike[str] | None
) -> Folders:
    """Give the folders, absolute: as told, or by the environment, or where they mostly are."""
    for suffix, kind in TYPES.items():
        mimetypes.add_type(kind, suffix)
    found = Folders(
        Path(media or os.environ.get("MEDIA", "media")).absolute(),
        Path(players or os.environ.get("WEB_PLAYERS", ".cache/web-players")).absolute(),
    )
    if not found.media.is_dir():
        log.warning("There is no folder %s: make one by scripts/media, or set MEDIA.", found.media)
    return found


def secret() -> str:
    """Give the signing key."""
    given = os.environ.get("SESSIONWARE_SECRET")
    if not given:
        log.warning("SESSIONWARE_SECRET is not set: tokens are worth nothing after a restart.")
    return given or secrets.token_urlsafe(32)
