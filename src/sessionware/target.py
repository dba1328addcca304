"""The path as the client wrote it, put together from what a server gives (SPEC 5)."""

from __future__ import annotations

from urllib.parse import urlsplit

from sessionware import naming


def client_path(raw: str | None, mount: str, path: str) -> tuple[str, str]:
    """Give the client's whole path and the part of it above the app, both percent-encoded.

    ``raw`` is the request target as it came, with or without mount and query, or None; ``mount``
    and ``path`` are decoded.
    """
    whole = _path(raw) if raw else None
    if whole is None:
        above = naming.escape(mount)
        return above + naming.escape(path), above
    if not mount:
        return whole, ""
    # The mount in the client's spelling: as many elements, if they say the same.
    above = "/".join(whole.split("/")[: mount.count("/") + 1])
    if naming.unescape(above) == mount:
        return whole, above
    above = naming.escape(mount)
    return above + whole, above


def _path(raw: str) -> str:
    """Take query and, from an absolute-form target (RFC 9112 3.2.2), scheme and host off."""
    path = raw.partition("?")[0]
    if path.startswith("/"):
        return path
    return urlsplit(path).path or "/"
