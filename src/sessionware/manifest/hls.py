"""HLS playlists: which of their URIs carry the session (RFC 8216, rfc8216bis).

In a multivariant playlist the line after EXT-X-STREAM-INF and the URI of EXT-X-MEDIA and
EXT-X-I-FRAME-STREAM-INF name media playlists: manifests of the same session (seed 003).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionware.manifest import Form, Pieces
from sessionware.manifest.learned import NOTHING, Learned, live, total, vod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.manifest import Slot

# A line at a time and only what matters: the tags that carry a URI, and lines that are one.
_STREAM_INF = b"#EXT-X-STREAM-INF:"
_WITH_URI = (b"#EXT-X-MEDIA:", b"#EXT-X-I-FRAME-STREAM-INF:")
_MEDIA_TAG = re.compile(rb"^#EXT(?:INF:|-X-TARGETDURATION|-X-MEDIA-SEQUENCE)", re.MULTILINE)
_LINE = re.compile(rb"[^\r\n]+")
# The literal comes first, then that a line begins with it: so it is searched for most quickly.
_WHOLE = re.compile(rb"#EXT-X-(?<=[\r\n]#EXT-X-)(?:ENDLIST|PLAYLIST-TYPE:[ \t]*VOD)(?![\w-])")
_NUMBER = rb"[ \t]*+([0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)[ \t]*+(?![^,\r\n])"
_TARGET = re.compile(rb"#EXT-X-TARGETDURATION:(?<=[\r\n]#EXT-X-TARGETDURATION:)" + _NUMBER)
_LENGTH = re.compile(rb"#EXTINF:(?<=[\r\n]#EXTINF:)" + _NUMBER)
# NAME=value pairs; quoted strings may hold commas.
_ATTRIBUTE = re.compile(rb'(?:^|[:,])[ \t]*([A-Z0-9-]+)[ \t]*=[ \t]*("[^"\r\n]*"|[^",\r\n]*)')


def cut(body: bytes, slot: Slot) -> Pieces:
    """Cut a playlist at the token's places."""
    if _STREAM_INF not in body and not any(tag in body for tag in _WITH_URI):
        form = form_of(body)
        return Pieces(form, (body,), learned=_learn(form, body))
    parts: list[bytes] = []
    done = 0
    for start, end in _uris(body):
        uri = body[start:end].decode(errors="surrogateescape")
        texts = slot(uri)
        if texts is None:
            continue
        before, after = (text.encode(errors="surrogateescape") for text in texts)
        lead = body[done:start] + before
        if parts:
            lead = parts.pop() + lead
        parts += [lead, after]
        done = end
    parts.append((parts.pop() if parts else b"") + body[done:])
    form = form_of(body)
    return Pieces(form, tuple(parts), learned=_learn(form, body))


def form_of(body: bytes) -> Form:
    """Tell a media playlist from a multivariant one by its tags; a bare header counts as media."""
    if _MEDIA_TAG.search(body) or not any(tag in body for tag in (_STREAM_INF, *_WITH_URI)):
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


def _uris(body: bytes) -> Iterator[tuple[int, int]]:
    """Give where the URIs of manifests begin and end."""
    awaited = False
    for line in _LINE.finditer(body):
        start, end = line.span()
        if body[start] != ord("#"):
            if awaited and not line[0].isspace():
                yield _trimmed(body, start, end)
                awaited = False
        elif body.startswith(_STREAM_INF, start):
            awaited = True
        elif body.startswith(_WITH_URI, start):
            for attribute in _ATTRIBUTE.finditer(body, body.index(b":", start), end):
                value = attribute[2]
                if attribute[1] == b"URI" and value[:1] == b'"':
                    yield attribute.start(2) + 1, attribute.end(2) - 1
                    break


def _trimmed(body: bytes, start: int, end: int) -> tuple[int, int]:
    line = body[start:end]
    start += len(line) - len(line.lstrip(b" \t"))
    return start, start + len(line.strip(b" \t"))
