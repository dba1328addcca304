"""Links: "this path is part of that stream" (SPEC 3).

A child such as ``720p/index.m3u8`` has a stream name of its own; the link that we write behind the
token says to which stream it belongs. It is a MAC over path and name with the name in it, depends
on no viewer and counts nowhere but at its path, so that a token can't be carried into another
stream by it.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b, sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MAC_BYTES = 9  # 72 bits: 12 characters, none of them padding
_SHAPE = re.compile(r"([A-Za-z0-9_-]{12})(?:p([0-9]{1,4})|n([A-Za-z0-9_-]*))")

MAX_LINK = 400
"""A longer link is not written: token and link together must stay below the limit of tokens."""


class Links:
    """Makes and checks links under a list of keys, from oldest to newest."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [sha256(b"sessionware.link\0" + key).digest() for key in reversed(keys)]
        self.make: Callable[[str, str], str | None] = lru_cache(maxsize=4096)(self._make)
        self._checked = lru_cache(maxsize=4096)(self._check)

    def _make(self, path: str, stream: str) -> str | None:
        """Link a resolved path (a directory ends in ``/``) to a stream; None if it is too long."""
        if path.startswith(stream):
            name = f"p{len(stream)}"
        else:
            name = "n" + _b64(stream.encode(errors="surrogateescape"))
        link = _mac(self._keys[0], path, stream) + name
        return link if len(link) <= MAX_LINK else None

    def stream(self, link: str, path: str) -> str | None:
        """Give the stream that a link names for this path; None if it isn't a link for it."""
        try:
            return self._checked(link, path)
        except LookupError:
            return None

    def _check(self, link: str, path: str) -> str:
        """Check a link; LookupError, which no cache keeps: inventions cost no memory."""
        shape = _SHAPE.fullmatch(link)
        if shape is None:
            raise LookupError
        mac, length, name = shape.groups()
        if length is not None:
            stream = path[: int(length)]
        else:
            try:
                stream = urlsafe_b64decode(name + "==").decode(errors="surrogateescape")
            except ValueError:
                raise LookupError from None
        if any(compare_digest(_mac(key, path, stream), mac) for key in self._keys):
            return stream
        raise LookupError


def _mac(key: bytes, path: str, stream: str) -> str:
    value = f"{len(path)}:{path}{stream}".encode(errors="surrogateescape")
    return _b64(blake2b(value, digest_size=_MAC_BYTES, key=key).digest())


def _b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
