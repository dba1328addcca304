"""What a manifest says of what is played: live or VOD, how long, how soon it changes (SPEC 6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionware.session import Presentation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LONGEST = 1e9
"""No duration is taken for longer than this: 30 years, in seconds."""

_DAY = 86400.0
# Years and months have no fixed length; nobody writes them for a film.
_UNITS = (365 * _DAY, 30 * _DAY, _DAY, 3600.0, 60.0, 1.0)
# XML Schema part 2, 3.2.6: each part may be missing, but not all, and not all behind a "T".
_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Learned:
    """What one manifest tells.

    ``presentation`` None: nothing, as a multivariant playlist. ``duration``: of a VOD, in seconds,
    None if it can't be known. ``refresh``: after so many seconds at the latest the manifest
    promises to be another, or would if it went on; None: it promises nothing and may never be
    asked for again.
    """

    presentation: Presentation | None = None
    duration: float | None = None
    refresh: float | None = None


NOTHING = Learned()


def live(refresh: float | None) -> Learned:
    """Say that something goes on."""
    return Learned(Presentation.LIVE, refresh=refresh)


def vod(duration: float | None, refresh: float | None = None) -> Learned:
    """Say that something is whole."""
    return Learned(Presentation.VOD, duration, refresh)


def total(lengths: Iterable[bytes]) -> float:
    """Add up seconds, written as decimal numbers."""
    return min(sum(map(float, lengths)), LONGEST)


def seconds_of(duration: str) -> float | None:
    """Read an xs:duration such as ``PT1H2M3.5S``; None if it is none, or a negative one."""
    found = _DURATION.fullmatch(duration.strip(" \t\r\n"))
    if found is None:
        return None
    parts = zip(found.groups(), _UNITS, strict=True)
    return min(sum(float(number) * unit for number, unit in parts if number), LONGEST)


def sum_of_periods(periods: Sequence[Mapping[str, str]]) -> float | None:
    """Add up the Periods of an MPD by their attributes; None if one of them has no known end.

    A Period without a duration ends where the next begins; one without a start begins where the
    one before ends (ISO/IEC 23009-1 5.3.2.1).
    """
    if not periods:
        return None
    starts = [seconds_of(period.get("start", "")) for period in periods]
    at = whole = 0.0
    for period, start, following in zip(periods, starts, [*starts[1:], None], strict=True):
        at = at if start is None else start
        length = seconds_of(period.get("duration", ""))
        if length is None:
            if following is None or following < at:
                return None
            length = following - at
        at += length
        whole += length
    return min(whole, LONGEST)
