"""Marks around the URIs that carry, so that a test's manifest says itself what is expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sessionware import Settings
from sessionware.carriage import Carriage
from sessionware.rules import Rules

if TYPE_CHECKING:
    from sessionware.manifest import Slot

TOKEN = b"TOKEN"
_MARKED = re.compile(rb"\xc2\xab(.*?)\xc2\xbb", re.DOTALL)


def everywhere(uri: str) -> tuple[str, str] | None:
    """Let every URI carry, as ``tkn`` behind its query, with a link; the empty one can't."""
    return (f"{uri}{'&' if '?' in uri else '?'}tkn=", ".x") if uri else None


def nowhere(_uri: str) -> None:
    """Let no URI carry."""


def unmarked(manifest: bytes) -> bytes:
    """Give the manifest without the marks: as an app writes it."""
    return _MARKED.sub(rb"\1", manifest)


def carried(manifest: bytes, ampersand: bytes = b"&") -> bytes:
    """Give the manifest with the token in each marked URI."""

    def carry(uri: re.Match[bytes]) -> bytes:
        return uri[1] + (ampersand if b"?" in uri[1] else b"?") + b"tkn=" + TOKEN + b".x"

    return _MARKED.sub(carry, manifest)


def real_slot(stream: str) -> Slot:
    """Give the middleware's own slots, for a manifest in the root of a site."""
    slots = Rules(Settings(secret="0123456789abcdef")).slots
    carriage = Carriage(stream, "", "/master.m3u8", "", "tv.example")
    return lambda uri: slots.slot(uri, carriage)


def fixtures(folder: str) -> list[Path]:
    """Give the manifests that others wrote, where they stand beside the repository."""
    return sorted(Path(__file__).parents[3].joinpath("shared/fixtures", folder).glob("*.*"))
