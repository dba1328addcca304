"""Segments of MPDs: where their URIs stand, and to what they are relative (ISO/IEC 23009-1 5.6).

Their URIs are attributes of SegmentTemplate, of SegmentURL, and of what names init sections and
indexes; or the text of a BaseURL, where that is the file of which all segments are parts. They are
relative to the BaseURLs of the Representations that they are for. A level may have several of these
to choose from; and some players take the MPD's own Location for its URL (P2).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from sessionware.manifest import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.manifest import Bases

MAX_BASES = 256
"""A URI that may be relative to more than these stays as it is."""

TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
"""A start tag to its end; the values of attributes may hold ``>``."""

_ATTRIBUTE = re.compile(rb"""([^\s=<>"'/]++)\s*=\s*(?:"([^"]*)"|'([^']*)')""")

# What may stand in what, as far as it matters; all else is not looked into.
_IN_ALL = frozenset({"BaseURL", "SegmentBase", "SegmentList", "SegmentTemplate"})
_IN_BASE = frozenset({"Initialization", "RepresentationIndex"})
_CHILDREN = {
    "MPD": frozenset({"Location", "BaseURL", "Period"}),
    "Period": _IN_ALL | {"AdaptationSet"},
    "AdaptationSet": _IN_ALL | {"Representation"},
    "Representation": _IN_ALL,
    "SegmentBase": _IN_BASE,
    "SegmentList": _IN_BASE | {"BitstreamSwitching", "SegmentURL"},
    "SegmentTemplate": _IN_BASE | {"BitstreamSwitching"},
}
_LEVELS = frozenset({"Period", "AdaptationSet", "Representation"})
_TEXTS = frozenset({"Location", "BaseURL"})
_URIS = {
    "SegmentTemplate": ("media", "index", "initialization", "bitstreamSwitching"),
    "SegmentURL": ("media", "index"),
    "Initialization": ("sourceURL",),
    "RepresentationIndex": ("sourceURL",),
    "BitstreamSwitching": ("sourceURL",),
}


class Spot(NamedTuple):
    """Where a URI stands: from byte to byte, in these quotes, "" for the text of an element."""

    start: int
    end: int
    quote: str = ""
    template: bool = False

    @classmethod
    def of(cls, body: bytes, opened: int, closed: int) -> Spot:
        """Give that of an element's text, without the blanks around it."""
        raw = body[opened:closed]
        start = closed - len(raw.lstrip())
        return cls(start, start + len(raw.strip()))

    def read(self, body: bytes) -> str | None:
        """Read the URI; None: there is a comment or CDATA in it, which is left alone."""
        raw = body[self.start : self.end].decode(errors="surrogateescape")
        # Well-formed XML has no other "&" than references.
        return None if "<" in raw else html.unescape(raw)


@dataclass(slots=True, eq=False)
class _Level:
    """An MPD, Period, AdaptationSet or Representation, and the URIs that stand at it.

    ``named``: its segments have URIs of their own (False: they are parts of a file; None: it is not
    said here). ``outer`` is what its BaseURLs are relative to, ``inner`` what all else is; where
    that is not known there is none.
    """

    name: str
    above: _Level | None = None
    below: list[_Level] = field(default_factory=list)
    base_urls: list[Spot] = field(default_factory=list)
    uris: list[Spot] = field(default_factory=list)
    named: bool | None = None
    outer: Bases = ()
    inner: Bases = ()

    def leaves(self) -> Iterator[_Level]:
        """Give what has no level below: the Representations, if there are any."""
        if not self.below:
            yield self
        for level in self.below:
            yield from level.leaves()

    def up(self) -> Iterator[_Level]:
        """Give this level and all above it."""
        level: _Level | None = self
        while level is not None:
            yield level
            level = level.above


def find(body: bytes) -> list[tuple[Spot, Bases]]:
    """Find the URIs in a well-formed MPD, in their order, each with what it may be relative to.

    ExpatError: it isn't well-formed.
    """
    walk = _Walk(body)
    urls = [spot.read(body) for spot in walk.locations]
    _resolve(walk.root, () if None in urls else HERE + _steps(HERE, urls), body)
    found: list[tuple[Spot, Bases]] = []
    levels = [walk.root]
    for level in levels:
        levels += level.below
        leaves = list(level.leaves())
        if level.uris:
            bases = _all_of(leaves)
            found += [(spot, bases) for spot in level.uris]
        if level.base_urls and all(_file(leaf) is level for leaf in leaves):
            found += [(spot, level.outer) for spot in level.base_urls if _names_file(spot, body)]
    return sorted(found)


def _resolve(level: _Level, outer: Bases, body: bytes) -> None:
    """Tell a level, and all below it, what their URIs are relative to."""
    level.outer = level.inner = outer
    if level.base_urls:
        level.inner = _steps(outer, [spot.read(body) for spot in level.base_urls])
    for one in level.below:
        _resolve(one, level.inner, body)


def _steps(bases: Bases, urls: list[str | None]) -> Bases:
    """Go on from each base by each URL, of which one may be chosen."""
    if None in urls or len(bases) * len(urls) > MAX_BASES:
        return ()
    return tuple((*base, url) for base in bases for url in dict.fromkeys(urls) if url is not None)


def _all_of(leaves: list[_Level]) -> Bases:
    bases = tuple(dict.fromkeys(base for leaf in leaves for base in leaf.inner))
    is_known = len(bases) <= MAX_BASES and all(leaf.inner for leaf in leaves)
    return bases if is_known else ()


def _file(leaf: _Level) -> _Level | None:
    """Give the level whose BaseURL is the file that a Representation is; None: it is none.

    Where nothing is said of its segments, that is a BaseURL of its own only.
    """
    named = next((level.named for level in leaf.up() if level.named is not None), None)
    holder = next((level for level in leaf.up() if level.base_urls), None)
    if leaf.name != "Representation" or named or (named is None and holder is not leaf):
        return None
    return holder


def _names_file(spot: Spot, body: bytes) -> bool:
    url = spot.read(body) or "/"
    return not url.partition("#")[0].partition("?")[0].endswith("/")


class _Walk:
    """Goes through an MPD once and notes what stands where."""

    def __init__(self, body: bytes) -> None:
        self.root = _Level("MPD")
        self.locations: list[Spot] = []
        self._body = body
        self._prefix = ""
        self._open: list[str] = []  # the names of open elements; "": not looked at
        self._level = self.root
        self._text = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(body, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._prefix = tag.rpartition(":")[0]
            self._open.append("MPD")
            return
        children = _CHILDREN.get(self._open[-1])
        if children is None:
            self._open.append("")
            return
        prefix, _, name = tag.rpartition(":")
        if prefix != self._prefix or name not in children:
            name = ""
        self._open.append(name)
        level = self._level
        if name in _LEVELS:
            self._level = _Level(name, level)
            level.below.append(self._level)
        elif name in _TEXTS:
            opened = TAG.match(self._body, self._parser.CurrentByteIndex)
            self._text = opened.end() if opened is not None else 0
        elif name == "SegmentTemplate" or (name == "SegmentURL" and "media" in attributes):
            level.named = True
        elif name in {"SegmentBase", "SegmentURL"}:
            level.named = level.named or False
        wanted = [attribute for attribute in _URIS.get(name, ()) if attribute in attributes]
        if wanted:
            level.uris += self._spots(wanted, template=name == "SegmentTemplate")

    def _end(self, _tag: str) -> None:
        name = self._open.pop()
        if name in _LEVELS:
            self._level = self._level.above or self.root
        elif name in _TEXTS:
            # Of an element that is one tag the end comes before its text would: that is empty.
            spot = Spot.of(self._body, self._text, self._parser.CurrentByteIndex)
            (self.locations if name == "Location" else self._level.base_urls).append(spot)

    def _spots(self, wanted: list[str], *, template: bool) -> Iterator[Spot]:
        tag = TAG.match(self._body, self._parser.CurrentByteIndex)
        if tag is None:
            return
        for attribute in _ATTRIBUTE.finditer(self._body, *tag.span()):
            if attribute[1].decode(errors="replace") in wanted:
                quoted, quote = (3, "'") if attribute[2] is None else (2, '"')
                yield Spot(*attribute.span(quoted), quote, template)
