"""Names of streams: which programme a path belongs to (SPEC 4, seed 000 "Stream name").

Everything here is a pure function of a percent-decoded path below the mount.
"""

from __future__ import annotations

import posixpath
from urllib.parse import quote, unquote_to_bytes

# Elements that say how a stream is packaged, not which one it is: a viewer who changes the
# protocol goes on watching the same stream (seed 000).
PACKAGING = frozenset({"hls", "dash", "cmaf", "ll-hls", "llhls"})

# Last elements that say "the manifest of what this folder is called".
GENERIC = frozenset(
    {
        "index",
        "master",
        "manifest",
        "main",
        "playlist",
        "stream",
        "chunklist",
        "prog_index",
        "media",
        "live",
        "video",
    }
)

HLS, DASH, HTTP = "HLS", "DASH", "HTTP"
PROTOCOLS = {".m3u8": HLS, ".m3u": HLS, ".mpd": DASH, ".mpp": DASH}


def readable(raw: bytes) -> str:
    """Decode a path's bytes as UTF-8; a byte that is none stays an escape such as ``%ff``."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="surrogateescape")
        return "".join(f"%{ord(c) - 0xDC00:02x}" if "\udc80" <= c <= "\udcff" else c for c in text)


def unescape(path: str) -> str:
    """Decode the percent-escapes of a path as :func:`readable` does.

    Bytes of a manifest that are no UTF-8, which come as surrogates, are read as if escaped.
    """
    if "%" not in path and path.isascii():
        return path
    return readable(unquote_to_bytes(path.encode(errors="surrogateescape")))


def escape(path: str) -> str:
    """Percent-encode a decoded path for a URL; the slashes stay."""
    return quote(path, safe="/:@!$&'()*+,;=-._~", errors="surrogateescape")


def resolve(path: str) -> str:
    """Resolve ``//`` and dot segments and take the leading slash off: ``//a/./b/../c`` is ``a/c``.

    A path never climbs above the root. A trailing slash is not kept.
    """
    if path.startswith("/") and "//" not in path and "/." not in path and path[-1] != "/":
        return path[1:]
    resolved = posixpath.normpath("/" + path.lstrip("/"))
    return resolved.lstrip("/")


def extension(path: str) -> str:
    """Give the extension of a path's last element in lower case, with its dot, or ``""``."""
    return posixpath.splitext(path)[1].lower()


def protocol(path: str) -> str:
    """Tell by the extension how a path is watched: ``HLS``, ``DASH`` or ``HTTP``."""
    return PROTOCOLS.get(extension(path), HTTP)


def stream_name(resolved: str, *, manifest: bool) -> str:
    """Name the stream of a resolved path by the default rule of SPEC 4.

    ``hls/cam1.m3u8``, ``hls/cam1/index.m3u8`` and ``dash/cam1/manifest.mpd`` are all ``cam1``;
    what is no manifest belongs to its directory.
    """
    *folders, last = resolved.split("/")
    elements = [element for element in folders if element.lower() not in PACKAGING]
    if manifest:
        stem = posixpath.splitext(last)[0]
        if not (elements and stem.lower() in GENERIC):
            elements.append(stem)
    return "/".join(elements)
