"""Content codings of manifests: read what an app compressed, compress what was rewritten."""

from __future__ import annotations

import gzip
import re
import zlib

SMALLEST = 512
"""Bodies of fewer bytes are not worth compressing."""

_READABLE = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's wbits
_GZIP = re.compile(r"(?:^|,)\s*(gzip|x-gzip|\*)\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|$)", re.IGNORECASE)


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
    decoded = b""
    try:
        while True:  # gzip may come in several members (RFC 1952 section 2.2)
            decompressor = zlib.decompressobj(_READABLE[coding])
            decoded += decompressor.decompress(body, limit + 1 - len(decoded))
            body = decompressor.unused_data
            if not decompressor.eof or len(decoded) > limit:
                return None
            if not body:
                return decoded
    except zlib.error:
        return None


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes gzip (RFC 9110 section 12.5.3)."""
    weights = {name.lower().removeprefix("x-"): q for name, q in _GZIP.findall(accept_encoding)}
    try:
        # What is said of gzip by name goes before what is said of any.
        return float(weights.get("gzip", weights.get("*", "0")) or "1") > 0
    except ValueError:
        return False


def compress(body: bytes) -> bytes:
    """Compress with gzip; the same bytes give the same bytes."""
    return gzip.compress(body, compresslevel=1, mtime=0)
