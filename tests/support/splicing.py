"""Marks around the URIs that carry, so that a test's manifest says itself what is expected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sessionware import Settings
from sessionware.carriage import Carriage
from sessionware.rules import Rules

if TYPE_CHECKING:
    from sessionware.manifest import Bases, SegmentSlot, Slot

TOKEN = b"TOKEN"
_MARKED = re.compile(rb"\xc2\xab(.*?)\xc2\xbb", re.DOTALL)


def everywhere(uri: str) -> tuple[str, str] | None:
    """Let every URI carry, as ``tkn`` behind its query, with a link; the empty one can't."""
    return (f"{uri}{'&' if '?' in uri else '?'}tkn=", ".x") if uri else None


class Everything:
    """Let every segment carry; ``asked`` are its URI, its bases, and whether it is a template."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Bases, bool]] = []

    def __call__(
        self, uri: str, bases: Bases = ((),), *, template: bool = False
    ) -> tuple[str, str] | None:
        self.asked.append((uri, bases, template))
        return everywhere(uri)


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
    return real_slots(stream)[0]


def real_slots(stream: str) -> tuple[Slot, SegmentSlot]:
    """Give those of manifests and of segments."""
    carriage = Carriage(stream, "", "/master.m3u8", "", "tv.example", segments=True)
    slot, segments = Rules(Settings(secret="0123456789abcdef")).slots.of(carriage)
    assert segments is not None
    return slot, segments


def fixtures(folder: str) -> list[Path]:
    """Give the manifests that others wrote, where they stand beside the repository."""
    return sorted(Path(__file__).parents[3].joinpath("shared/fixtures", folder).glob("*.*"))
