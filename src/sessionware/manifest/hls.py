"""HLS playlists: which of their URIs carry the session (RFC 8216, rfc8216bis).

In a multivariant playlist the line after EXT-X-STREAM-INF and the URI of EXT-X-MEDIA and
EXT-X-I-FRAME-STREAM-INF name media playlists: manifests of the same session (seed 003). So does, in
a media playlist, EXT-X-RENDITION-REPORT, which players compare with what they play (P11).

All other lines of a media playlist that are URIs name segments; those of init sections, parts and
keys are attributes (P13). They carry only where they are asked to (P27).

Variables stay as they are (P12). Their values, where the playlist defines them, tell where a URI
leads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionware.manifest import Form, Pieces
from sessionware.manifest.learned import NOTHING, Learned, live, total, vod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.manifest import SegmentSlot, Slot

# A line at a time and only what matters: the tags that carry a URI, and lines that are one.
_STREAM_INF = b"#EXT-X-STREAM-INF:"
_REPORT = b"#EXT-X-RENDITION-REPORT:"
_RENDITIONS = (b"#EXT-X-MEDIA:", b"#EXT-X-I-FRAME-STREAM-INF:")
_WITH_MANIFEST = (*_RENDITIONS, _REPORT)
_WITH_SEGMENT = (
    b"#EXT-X-PART:",
    b"#EXT-X-PRELOAD-HINT:",
    b"#EXT-X-MAP:",
    b"#EXT-X-KEY:",
    b"#EXT-X-SESSION-KEY:",
)
_TAGS = b"|".join(tag[1:] for tag in (_STREAM_INF, *_WITH_MANIFEST, *_WITH_SEGMENT))
# Behind the end of a line: those that don't matter, and one that does or the end.
_LINE = re.compile(rb"[\r\n]++(?:#(?!" + _TAGS + rb")[^\r\n]*+[\r\n]++)*+([^\r\n]*+)")
_MEDIA_TAG = re.compile(rb"^#EXT(?:INF:|-X-TARGETDURATION|-X-MEDIA-SEQUENCE)", re.MULTILINE)
# The literal comes first, then that a line begins with it: so it is searched for most quickly.
_WHOLE = re.compile(rb"#EXT-X-(?<=[\r\n]#EXT-X-)(?:ENDLIST|PLAYLIST-TYPE:[ \t]*VOD)(?![\w-])")
_NUMBER = rb"[ \t]*+([0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)[ \t]*+(?![^,\r\n])"
_TARGET = re.compile(rb"#EXT-X-TARGETDURATION:(?<=[\r\n]#EXT-X-TARGETDURATION:)" + _NUMBER)
_LENGTH = re.compile(rb"#EXTINF:(?<=[\r\n]#EXTINF:)" + _NUMBER)
_DEFINE = re.compile(rb"(?<=[\r\n])#EXT-X-DEFINE:[^\r\n]*")
_VARIABLE = re.compile(r"\{\$([A-Za-z0-9_-]+)\}")
# A variable where a scheme or host may still come.
_OPEN_HOST = re.compile(r"(?:[^/?#{]*|/+)\{\$")
# NAME=value pairs; quoted strings may hold commas.
_ATTRIBUTE = re.compile(rb'(?:^|[:,])[ \t]*([A-Z0-9-]+)[ \t]*=[ \t]*("[^"\r\n]*"|[^",\r\n]*)')


def cut(body: bytes, slot: Slot, segments: SegmentSlot | None = None) -> Pieces:
    """Cut a playlist at the token's places; ``segments`` None: they carry nothing."""
    form = form_of(body)
    # Each search takes its time in a long playlist, and most have nothing that carries.
    if segments is None and form is Form.MEDIA and _STREAM_INF not in body and _REPORT not in body:
        return Pieces(form, (body,), learned=_learn(form, body))
    parts: list[bytes] = []
    done, lead = 0, b""
    values: dict[str, str] | None = None
    for start, end, carry in _uris(body, form, slot, segments):
        uri = body[start:end].decode(errors="surrogateescape")
        if "{$" in uri:
            values = _values(body) if values is None else values
            texts = _carry_as_meant(uri, carry, values)
        else:
            texts = carry(uri)
        if texts is not None:
            before, after = texts
            parts.append(lead + body[done:start] + before.encode(errors="surrogateescape"))
            done, lead = end, after.encode(errors="surrogateescape")
    parts.append(lead + body[done:])
    return Pieces(form, tuple(parts), learned=_learn(form, body))


def form_of(body: bytes) -> Form:
    """Tell a media playlist from a multivariant one by its tags; a bare header counts as media."""
    if _MEDIA_TAG.search(body) or not any(tag in body for tag in (_STREAM_INF, *_RENDITIONS)):
        return Form.MEDIA
    return Form.MULTIVARIANT


def wrap(uri: tuple[str, str], learned: Learned = NOTHING) -> Pieces:
    """Make the multivariant playlist whose one variant is a lone media playlist's own URL.

    ``learned``: from the media playlist.
    """
    before, after = (text.encode(errors="surrogateescape") for text in uri)
    # BANDWIDTH is required (RFC 8216 4.3.4.2) and nobody knows it; with one variant nobody cares.
    head = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000000\n"
    return Pieces(Form.MULTIVARIANT, (head + before, after + b"\n"), learned=learned)


def _learn(form: Form, body: bytes) -> Learned:
    """Learn from a media playlist; without its target duration it is asked for again anyway."""
    if form is not Form.MEDIA:
        return NOTHING
    target = _TARGET.search(body)
    refresh = total([target[1]]) if target is not None else 0.0
    if _WHOLE.search(body):
        return vod(total(_LENGTH.findall(body)), refresh)
    return live(refresh)


def _values(body: bytes) -> dict[str, str]:
    """Give the variables that a playlist defines by their values."""
    values: dict[str, str] = {}
    for line in _DEFINE.finditer(body):
        said = {name: value[1:-1] for name, value in _ATTRIBUTE.findall(line[0])}
        if b"NAME" in said and b"VALUE" in said:
            name, value = said[b"NAME"], said[b"VALUE"]
            values[name.decode(errors="surrogateescape")] = value.decode(errors="surrogateescape")
    return values


def _carry_as_meant(uri: str, carry: Slot, values: dict[str, str]) -> tuple[str, str] | None:
    """Let a URI with variables carry if it may, whatever those that we don't know stand for."""
    meant = _VARIABLE.sub(lambda variable: values.get(variable[1], variable[0]), uri)
    if _OPEN_HOST.match(meant):
        return None
    texts = carry(meant)
    if texts is not None and texts[0].startswith(meant):
        return uri + texts[0].removeprefix(meant), texts[1]
    return texts and carry(uri)


def _uris(
    body: bytes, form: Form, slot: Slot, segments: SegmentSlot | None
) -> Iterator[tuple[int, int, Slot]]:
    """Give where the URIs begin and end, each with what makes it carry."""
    lines = segments if form is Form.MEDIA else None  # stray ones of a multivariant are nothing
    awaited = False
    for line in _LINE.finditer(body):  # the first says that it is a playlist
        start, end = line.span(1)
        if not body.startswith(b"#", start):
            carry = slot if awaited else lines
            uri = line[1].strip(b" \t")
            if carry is not None and uri and uri[0] != ord("#") and not uri.isspace():
                start = body.index(uri, start)
                yield start, start + len(uri), carry
                awaited = False
        elif body.startswith(_STREAM_INF, start):
            awaited = True
        elif body.startswith(_WITH_MANIFEST, start):
            yield from _attribute(body, start, end, slot)
        elif segments is not None and body.startswith(_WITH_SEGMENT, start):
            yield from _attribute(body, start, end, segments)


def _attribute(body: bytes, start: int, end: int, carry: Slot) -> Iterator[tuple[int, int, Slot]]:
    """Give where the URI of a tag begins and ends, if it has one."""
    for attribute in _ATTRIBUTE.finditer(body, body.index(b":", start), end):
        value = attribute[2]
        if attribute[1] == b"URI" and value[:1] == b'"':
            yield attribute.start(2) + 1, attribute.end(2) - 1, carry
            return
