"""Content codings of manifests: read what an app compressed, compress what was rewritten."""

from __future__ import annotations

import gzip
import re
import zlib

SMALLEST = 512
"""Bodies of fewer bytes are not worth compressing."""

_READABLE = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's wbits
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


def is_readable(coding: str) -> bool:
    """Tell whether :func:`decode` knows a Content-Encoding."""
    return coding.strip().lower() in {"", "identity", *_READABLE}


def decode(body: bytes, coding: str, limit: int) -> bytes | None:
    """Undo a Content-Encoding; None: broken, of an unknown coding, or larger than ``limit``."""
    coding = coding.strip().lower()
    if coding in {"", "identity"}:
        return body if len(body) <= limit else None
    if coding not in _READABLE:
        return None
    decompressor = zlib.decompressobj(_READABLE[coding])
    try:
        decoded = decompressor.decompress(body, limit + 1)
    except zlib.error:
        return None
    return decoded if decompressor.eof and len(decoded) <= limit else None


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip (RFC 9110 section 12.5.3)."""
    accepted = _GZIP.search(accept_encoding)
    if accepted is None:
        return False
    try:
        return accepted[1] is None or float(accepted[1]) > 0
    except ValueError:
        return False


def compress(body: bytes) -> bytes:
    """Compress with gzip; the same bytes give the same bytes."""
    return gzip.compress(body, compresslevel=1, mtime=0)
