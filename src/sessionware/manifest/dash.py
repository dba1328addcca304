"""DASH MPDs: ``<Location>`` tells the player where to ask next (ISO/IEC 23009-1 5.3.1.2, P1).

Where segments shall carry, so do their URIs: ``dash_segments`` says where they stand.

The XML is located with expat and spliced; nothing is printed from a tree, so comments, prefixes
and whitespace stay. A document type declaration is refused: an MPD has none, and entities could
hide URIs. The bulk of an MPD is its Periods: where segments carry nothing and no Location can
follow the first, nothing behind its tag is parsed, and so nobody looks whether that is well-formed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from sessionware.manifest import Form, Pieces, dash_segments
from sessionware.manifest.dash_segments import TAG, Spot
from sessionware.manifest.learned import live, seconds_of, sum_of_periods, vod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.manifest import SegmentSlot, Slot
    from sessionware.manifest.learned import Learned

# In the schema these stand before Location, in this order.
_BEFORE_LOCATION = frozenset({"ProgramInformation", "BaseURL", "Location"})

_PERIOD = re.compile(rb"[<:]Period\b[^>]*>")


class _Refused(Exception):  # noqa: N818 - it ends a parse, nobody sees it
    """The document is not one that we splice."""


@dataclass(slots=True)
class _Places:
    """Where in the bytes something goes, and the attributes that tell what is played."""

    root: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    periods: list[dict[str, str]] = field(default_factory=list)
    insert_at: int | None = None
    period_at: int | None = None
    locations: list[Spot] = field(default_factory=list)


class _Splice(NamedTuple):
    """Bytes, from one to the other, that give way to others before and after the token."""

    start: int
    end: int
    before: bytes
    after: bytes


def cut(body: bytes, slot: Slot, segments: SegmentSlot | None = None, *, location: bool) -> Pieces:
    """Cut an MPD: its own Locations get the token, or it gets a Location; segments where asked."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in body[:2]:
        return Pieces(Form.MPD, (body,), skipped="it is UTF-16")
    try:
        places = _find(body)
        found = dash_segments.find(body) if segments is not None else []
    except _Refused as refused:
        return Pieces(Form.UNREADABLE, (body,), skipped=str(refused))
    except expat.ExpatError as error:
        return Pieces(Form.UNREADABLE, (body,), skipped=f"it is no well-formed XML: {error}")
    if places.root.rpartition(":")[2] == "Patch":  # of an MPD, for one who has its Location
        return Pieces(Form.MPD, (body,))
    if places.root.rpartition(":")[2] != "MPD":
        return Pieces(Form.UNREADABLE, (body,), skipped=f"its root is {places.root}, not MPD")
    splices: list[_Splice] = []
    if segments is not None:
        for spot, bases in found:
            carry = partial(segments, bases=bases, template=spot.template)
            splices += _carrying(body, spot, carry)
    own = None
    if location and places.locations:
        for spot in places.locations:
            splices += _carrying(body, spot, slot)
    elif location and places.insert_at is not None:
        own = _own_location(places.root, places.insert_at)
        splices.append(own)
    splices.sort(key=itemgetter(0))
    parts = _spliced(body, splices)
    number = None if own is None else splices.index(own)
    return Pieces(Form.MPD, parts, own=number, learned=_learn(places))


def escape_own(url: str) -> bytes:
    """Escape a URL for the text of ``<Location>``."""
    return escape(url).encode(errors="surrogateescape")


def _own_location(root: str, at: int) -> _Splice:
    """Put in a Location for the viewer's own URL."""
    prefix, colon, _ = root.rpartition(":")
    tags = f"<{prefix}{colon}Location>", f"</{prefix}{colon}Location>"
    return _Splice(at, at, *map(str.encode, tags))


def _carrying(body: bytes, spot: Spot, slot: Slot) -> Iterator[_Splice]:
    """Let a URI carry, if it may: what stands there already keeps its bytes, if that can be."""
    url = spot.read(body)
    texts = None if url is None else slot(url)
    if url is None or texts is None:
        return
    before, after = texts
    kept = b""
    if before.startswith(url):
        kept, before = body[spot.start : spot.end], before.removeprefix(url)
    quotes = {spot.quote: f"&#{ord(spot.quote)};"} if spot.quote else {}
    before, after = escape(before, quotes), escape(after, quotes)
    written = kept + before.encode(errors="surrogateescape")
    yield _Splice(spot.start, spot.end, written, after.encode(errors="surrogateescape"))


def _spliced(body: bytes, splices: list[_Splice]) -> tuple[bytes, ...]:
    """Give the pieces between the tokens."""
    whole = memoryview(body)
    parts: list[bytes] = []
    done, lead = 0, b""
    for start, end, before, after in splices:
        parts.append(b"".join((lead, whole[done:start], before)))
        done, lead = end, after
    return (*parts, b"".join((lead, whole[done:]))) if parts else (body,)


def _find(body: bytes) -> _Places:
    """Walk through the first two levels, no further than needed."""
    places = _Places()
    parser = expat.ParserCreate()
    depth = 0
    in_location: int | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, in_location
        prefix, _, local = name.rpartition(":")
        if depth == 0:
            places.root, places.attributes = name, attributes
        elif depth == 1:
            if prefix != places.root.rpartition(":")[0]:
                local = ""  # somebody else's element
            if local == "Location":
                tag = TAG.match(body, parser.CurrentByteIndex)
                in_location = tag.end() if tag is not None else None
            elif places.insert_at is None and local not in _BEFORE_LOCATION:
                places.insert_at = parser.CurrentByteIndex
            if local == "Period":
                places.periods.append(attributes)
                if places.period_at is None:
                    places.period_at = parser.CurrentByteIndex
        depth += 1

    def end(_name: str) -> None:
        nonlocal depth, in_location
        depth -= 1
        if depth == 1 and in_location is not None:
            if body[in_location - 2 : in_location] != b"/>":
                places.locations.append(Spot.of(body, in_location, parser.CurrentByteIndex))
            in_location = None
        elif depth == 0 and places.insert_at is None:
            closing = parser.CurrentByteIndex
            places.insert_at = closing if body.startswith(b"</", closing) else None

    def doctype(*_: object) -> None:
        raise _Refused("it has a document type declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    period = _PERIOD.search(body)  # or what looks like one: the parser decides
    head = period.end() if period is not None else 0
    parser.Parse(body[:head], False)
    if not _ends_plainly(body, places):
        parser.Parse(body[head:], True)
    elif _is_static(places) and _length(places) is None:
        try:
            parser.Parse(body[head:], True)
        except expat.ExpatError:  # as nobody else looks, nobody is to mind
            places.periods.clear()
    return places


def _learn(places: _Places) -> Learned:
    if not _is_static(places):
        return live(seconds_of(places.attributes.get("minimumUpdatePeriod", "")))
    length = _length(places)
    return vod(sum_of_periods(places.periods) if length is None else length)


def _is_static(places: _Places) -> bool:
    return places.attributes.get("type", "static") == "static"  # so says the schema


def _length(places: _Places) -> float | None:
    return seconds_of(places.attributes.get("mediaPresentationDuration", ""))


def _ends_plainly(body: bytes, places: _Places) -> bool:
    """Tell whether a Period was found, and behind it the root's end but no Location."""
    if places.period_at is None:
        return False
    at = body.find(b"L", places.period_at)  # one byte is found much quicker than eight
    while at >= 0 and not body.startswith(b"Location", at):
        at = body.find(b"L", at + 1)
    return at < 0 and body.rfind(f"</{places.root}".encode()) > places.period_at
