"""Carriage: how the URIs that we write carry the session (SPEC 3, 5).

One place decides which URI may carry the token, where in it the token goes, and whether it needs a
link. It answers with the text before and after the token, for the texts depend on no viewer: they
are what the cached pieces of a manifest are made of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from sessionware import naming
from sessionware import query as queries
from sessionware.carrier import ours
from sessionware.segments import Segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.link import Links
    from sessionware.manifest import SegmentSlot, Slot
    from sessionware.rules import Place
    from sessionware.settings import Settings

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# Clients drop some control characters, and spaces at both ends: "/\t/host" is "//host".
_DROPPED = re.compile(r"[\x00-\x1f\x7f]|\A[\s\ufeff]|[\s\ufeff]\Z")
_PORT = re.compile(r":[0-9]*$")
# In front of a base path, so that of "//name/x.m3u8" the name is not taken for a host.
_HERE = "http://here"


class Carriage(NamedTuple):
    """What the URIs of one answer have in common.

    ``base`` is the path, percent-encoded, against which the client resolves them, ``mount`` its
    part above the app. ``whole``: the token goes into them; False: the link alone, where the token
    travels by cookie or trusted header. ``stream`` None: no link is needed, for the stream does
    not tell sessions apart. ``segments``: those of what is played carry, too.
    """

    stream: str | None
    service: str
    base: str
    mount: str
    host: str
    whole: bool = True
    segments: bool = False


class Slots:
    """Finds the place of the token in a URI."""

    def __init__(self, settings: Settings, links: Links, place_of: Callable[[str], Place]) -> None:
        """``place_of`` tells where a decoded path below the mount is."""
        self._links = links
        self._place_of = place_of
        self.is_manifest: Callable[[str], object] = re.compile(str(settings.match)).search
        """Tells by a resolved path."""
        self.by_folder: bool = not isinstance(settings.stream, str)
        """Whether the stream of what is no manifest is that of its folder."""
        self._parameter = settings.parameter
        self._service_parameter = settings.service_parameter
        self._ours = frozenset(ours(settings))
        public = urlsplit(settings.public_url or "")
        self._public_host = _host(public.netloc)
        self._public_prefix = public.path.rstrip("/") + "/"
        self._foreign_hosts = tuple(host.lower() for host in settings.carry_hosts)

    def of(self, carriage: Carriage) -> tuple[Slot, SegmentSlot | None]:
        """Give what finds it in the URIs of one answer: of manifests, and of segments if any."""
        segments = Segments(self, carriage) if carriage.segments else None
        return lambda uri: self.slot(uri, carriage), segments

    def slot(self, uri: str, carriage: Carriage) -> tuple[str, str] | None:
        """Give the text before and after the token, or None for a URI that must stay as it is."""
        target = self.target(uri, carriage.base, carriage)
        return None if target is None else self.put(uri, self.link(target, carriage), carriage)

    def target(self, uri: str, base: str | None, carriage: Carriage) -> str | None:
        """Give the path to which a URI leads from a base path, or None if no token may go there.

        ``base`` None: no token may go to what is relative to it.
        """
        scheme = _SCHEME.match(uri)
        if scheme is not None and scheme[1].lower() not in {"http", "https"}:
            return None  # data:, skd:, urn: (P9)
        if not uri or _DROPPED.search(uri):
            return None
        if scheme is None and not uri.startswith(("//", "\\", "/\\")):
            if base is None:
                return None
        elif not self._may_carry(uri, carriage):
            return None
        path = uri.partition("#")[0].partition("?")[0]
        target = resolve(base or "/", path)
        if scheme is not None or path.startswith("/"):
            target = self._behind_prefix(target, carriage)
        return target

    def put(self, uri: str, link: str, carriage: Carriage) -> tuple[str, str] | None:
        """Put ours into a URI: the text before and after the token; None: there is nothing to put.

        A URI that carries our parameter already gets it replaced (P39); other parameters keep
        their bytes and their order, ours go last (P7).
        """
        if not carriage.whole and not link and not carriage.service:
            return None
        rest, hash_mark, fragment = uri.partition("#")
        path, _, query = rest.partition("?")
        query, _ = queries.split(query, self._ours)
        before, after = self.pair(carriage, link)
        return f"{path}?{queries.join(query, before)}", f"{after}{hash_mark}{fragment}"

    def pair(self, carriage: Carriage, link: str) -> tuple[str, str]:
        """Give our parameters, before and after the token."""
        before = ""
        if carriage.service:
            before = f"{self._service_parameter}={quote(carriage.service, safe='')}"
        if carriage.whole or link:
            before = queries.join(before, f"{self._parameter}=")
        return before, f".{link}" if link else ""

    def link(self, path: str, carriage: Carriage) -> str:
        """Give the link that a client's path needs to belong to the carriage's stream, or ""."""
        if carriage.stream is None:
            return ""
        place = self.place(path, carriage)
        if place.stream == carriage.stream:
            return ""
        return self._links.make(place.link_path, carriage.stream) or ""

    def place(self, path: str, carriage: Carriage) -> Place:
        """Find out where a client's path is."""
        if carriage.mount and path.startswith(carriage.mount + "/"):
            path = path[len(carriage.mount) :]
        return self._place_of(naming.unescape(path))

    def _behind_prefix(self, path: str, carriage: Carriage) -> str:
        """Take off what a proxy takes off: the prefix of ``public_url``, if the base lacks it."""
        prefix = self._public_prefix
        if path.startswith(prefix) and not carriage.base.startswith(prefix):
            return path[len(prefix) - 1 :]
        return path

    def _may_carry(self, uri: str, carriage: Carriage) -> bool:
        """Our own hosts and those of ``carry_hosts`` may; nobody else ever gets a token."""
        try:
            host = _host(urlsplit(uri.replace("\\", "/")).netloc)
        except ValueError:
            return False
        if host and host in {self._public_host, _host(carriage.host)}:
            return True
        name = _PORT.sub("", host)
        return any(
            allowed in {host, name} or (allowed[:2] == "*." and name.endswith(allowed[1:]))
            for allowed in self._foreign_hosts
        )


def resolve(base: str, uri: str) -> str:
    """Give the path that a URI without query leads to from a base path; ValueError: to none."""
    return urlsplit(urljoin(_HERE + base, uri)).path


def _host(netloc: str) -> str:
    """Give host and port for comparison: lower case, without user and without a default port."""
    host = netloc.rpartition("@")[2].lower()
    return host.removesuffix(":80").removesuffix(":443")
