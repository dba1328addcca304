"""Manifests: bytes in, pieces out (SPEC 3, 5).

A manifest is spliced, never parsed and printed: all bytes outside the URIs that carry the token
come out as they were. What is learned from a body and where the token goes depends on no viewer,
so a body that was seen before is a list of pieces to be joined by the next viewer's token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from sessionware.manifest.learned import NOTHING, Learned

if TYPE_CHECKING:
    from collections.abc import Callable

    Slot = Callable[[str], tuple[str, str] | None]
    """Gives the text of a URI before and after the token; None: it must stay as it is."""

Bases = tuple[tuple[str, ...], ...]
"""What a URI may be relative to: each is a way from the manifest's own URL, step by step."""

HERE: Bases = ((),)
"""The manifest's own URL and nothing else."""


class SegmentSlot(Protocol):
    """Does for the URI of a segment, of a part, of an init section or of a key what a Slot does."""

    def __call__(
        self, uri: str, bases: Bases = HERE, *, template: bool = False
    ) -> tuple[str, str] | None:
        """``template``: what stands between two ``$`` in it is for the player to put in."""


_EACH = 48
"""Bytes that an object of bytes takes beside its own."""


class Form(Enum):
    """What a manifest is."""

    MULTIVARIANT = "multivariant playlist"
    MEDIA = "media playlist"
    MPD = "MPD"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Pieces:
    """A manifest, cut where tokens go.

    ``own``: the number of the piece whose end is the place for the viewer's own URL of this
    manifest (an MPD's ``<Location>``), None where there is none. ``skipped``: why it stays as it
    is although it should carry, or "". ``learned``: what it says of what is played.
    """

    form: Form
    parts: tuple[bytes, ...]
    own: int | None = None
    skipped: str = ""
    learned: Learned = NOTHING

    @property
    def carries(self) -> bool:
        """Whether a viewer's copy differs from the app's."""
        return len(self.parts) > 1

    @property
    def played(self) -> Learned | None:
        """What it tells of what is played; None: it only leads to what is."""
        return self.learned if self.form in {Form.MEDIA, Form.MPD} else None

    @property
    def size(self) -> int:
        """About the bytes that the parts take."""
        return sum(map(len, self.parts)) + _EACH * len(self.parts)

    def render(self, token: bytes) -> bytes:
        """Give a viewer's copy."""
        return token.join(self.parts)

    def with_own(self, before: bytes, after: bytes) -> Pieces:
        """Put the viewer's own URL of this manifest, before and after the token, in its place."""
        if self.own is None:
            return self
        parts = list(self.parts)
        parts[self.own] += before
        parts[self.own + 1] = after + parts[self.own + 1]
        return replace(self, parts=tuple(parts), own=None)


def is_hls(head: bytes) -> bool:
    """Tell by its beginning whether a body is an HLS playlist (RFC 8216 4.3.1.1); BOM allowed."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(b"#EXTM3U")


def may_be(head: bytes) -> bool:
    """Tell whether a body that begins like this can be a manifest; a short head stays open."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:2] in {b"\xff\xfe", b"\xfe\xff"}:  # UTF-16, which an MPD may be
        return True
    return b"#EXTM3U".startswith(text[:7]) or text.startswith((b"#EXTM3U", b"<"))


def cut(body: bytes, slot: Slot, segments: SegmentSlot | None = None, *, location: bool) -> Pieces:
    """Cut a manifest into pieces.

    ``slot`` is asked for the URIs of manifests, ``segments`` for those of what is played; None:
    they stay as they are. ``location``: an MPD without ``<Location>`` gets one.
    """
    from sessionware.manifest import dash, hls  # noqa: PLC0415 - they import the values

    if is_hls(body[:16]):
        return hls.cut(body, slot, segments)
    return dash.cut(body, slot, segments, location=location)
