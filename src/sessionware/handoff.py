"""The handoff: by which Location a client gets its token (SPEC 5).

A Location never names a scheme or host that came with the request, and is never a query alone
(P17, P34).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessionware import query as queries

if TYPE_CHECKING:
    from sessionware.carriage import Carriage, Slots
    from sessionware.request import Request
    from sessionware.settings import Settings

_DOT_SEGMENT = re.compile(r"(?:^|/)\.{1,2}(?:/|$)")


class Locations:
    """Writes the URL that a client shall ask for next."""

    def __init__(self, settings: Settings, slots: Slots) -> None:
        self._slots = slots
        self._form = settings.location
        self._public_url = (settings.public_url or "").rstrip("/")
        self._announce = settings.announce[0] if settings.announce is not None else None

    def query(self, query: str) -> str:
        """Clean a client's query for a Location: its bytes and order stay (P7), but P8."""
        if self._announce is not None and self._announce in query:
            query, _ = queries.split(query, (self._announce,))
        return queries.encode_forbidden(queries.drop_passing(query))

    def url(self, request: Request, query: str, carriage: Carriage | None, token: str) -> str:
        """Give the Location: the request's own path with the query, then ours.

        ``carriage`` None: nothing of ours goes into it.
        """
        path = self._path(request, carriage)
        query = self.query(query)
        if carriage is not None:
            link = self._slots.link(carriage.base, carriage)
            before, after = self._slots.pair(carriage, link)
            query = queries.join(query, f"{before}{token}{after}")
        return f"{path}?{query}" if query else path

    def own(self, query: str, carriage: Carriage) -> tuple[str, str]:
        """Give the request's own URL, relative to itself, as text before and after the token.

        For a wrapped playlist, and for :meth:`mpd`.
        """
        return self._own(_last(carriage.base), query, carriage)

    def mpd(self, query: str, carriage: Carriage) -> tuple[str, str]:
        """Give what an MPD's ``<Location>`` says, as text before and after the token.

        The same directory, only the query differs (P2), and relative, whatever a CDN has put in
        front of the path (P3); with ``location="absolute"`` it names ``public_url``.
        """
        if self._form != "absolute":
            return self.own(query, carriage)
        return self._own(self._absolute(carriage.base, carriage.mount), query, carriage)

    def _own(self, path: str, query: str, carriage: Carriage) -> tuple[str, str]:
        link = self._slots.link(carriage.base, carriage)
        before, after = self._slots.pair(carriage, link)
        query = queries.join(self.query(query), before)
        return f"{path}?{query}", after

    def _path(self, request: Request, carriage: Carriage | None) -> str:
        target = request.client_path if carriage is None else carriage.base
        if self._form == "relative":
            return _relative(request.client_path, target, request.mount)
        if self._form == "absolute":
            return self._absolute(target, request.mount)
        return _rooted(target)

    def _absolute(self, target: str, mount: str) -> str:
        prefix = urlsplit(self._public_url).path
        below = target.removeprefix(mount)
        return self._public_url.removesuffix(prefix) + _rooted(prefix + below)


def _rooted(path: str) -> str:
    """Give a path from the root that no client can take for a host: never ``//`` in front."""
    path = queries.encode_forbidden(path).replace("?", "%3F")
    return f"/.{path}" if path.startswith("//") else path


def _relative(base: str, target: str, mount: str) -> str:
    """Give the reference that leads from one path to another below the same mount (RFC 3986 5.2).

    Only two cases occur: the same path, or the path without its first element below the mount.
    """
    if base == target:
        return _last(base)
    if _DOT_SEGMENT.search(base):
        return _rooted(target)  # clients resolve dots before they ask: climbing could go astray
    # One slash only: of "//" the other is part of the path.
    below = target.removeprefix(mount).removeprefix("/")
    climbs = base[len(mount) :].count("/") - 1
    return "../" * climbs + queries.encode_forbidden(below).replace("?", "%3F")


def _last(path: str) -> str:
    """Give the last element as a reference; ``./`` before what is empty or looks like a scheme."""
    last = queries.encode_forbidden(path.rpartition("/")[2]).replace("?", "%3F")
    return f"./{last}" if not last or ":" in last else last
