"""The path as the client wrote it, put together from what a server gives (SPEC 5)."""

from __future__ import annotations

import re

from sessionware import naming
from sessionware.query import encode_forbidden

# Scheme and authority of an absolute-form target; no parser, for clients send what they like.
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")


def client_path(raw: str | None, mount: str, path: str) -> tuple[str, str]:
    """Give the client's whole path and the part of it above the app, both percent-encoded.

    ``raw`` is the request target as it came, with or without mount and query, or None; ``mount``
    and ``path`` are decoded.
    """
    whole = _path(raw) if raw else None
    if whole is None:
        above = naming.escape(mount)
        return above + _rooted(naming.escape(path)), above
    if not mount:
        return whole, ""
    # The mount in the client's spelling: as many elements, if they say the same.
    above = "/".join(whole.split("/")[: mount.count("/") + 1])
    if naming.unescape(above) == mount and naming.unescape(whole) != path:
        return whole, above
    above = naming.escape(mount)
    return above + whole, above


def _path(raw: str) -> str:
    """Take query and, from an absolute-form target (RFC 9112 3.2.2), scheme and host off."""
    path = raw.partition("?")[0]
    origin = _ORIGIN.match(path)
    path = _rooted(path if origin is None else path[origin.end() :])
    return path if path.isascii() else encode_forbidden(path)  # bytes that came unescaped


def _rooted(path: str) -> str:
    """Let a path begin at the root: anything else could be taken for part of a host."""
    return path if path.startswith("/") else f"/{path}"
