"""What the Redis store keeps of sessions, as bytes: the same as in ``lua/record.lua``.

Texts are UTF-8; what came as invalid UTF-8 has escapes, which are kept as they are.
"""

from __future__ import annotations

import json
import math
from struct import Struct
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation, State
from sessionware.store.records import ANNOUNCED_AFTER, Bar, Ended, Living, Place, Told
from sessionware.store.redis_scripts import FORMAT
from sessionware.store.surveys import Counts, Denial

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sessionware.limits import Swap
    from sessionware.store.commands import Begin

NEVER = -math.inf
KINDS = (None, *Kind)
CAUSES = (None, *Cause)
PRESENTATIONS = (None, *Presentation)

RECORD = Struct("<14B24d16s16s16s")
_LENGTH = Struct("<I")
_PLACE = Struct("<16sddB")
_ENDED = Struct("<dBddB")
_BAR = Struct("<dBd")
_TOLD = Struct("<BBd")
_COUNTS = Struct("<9d")

_NOTHING = bytes(16)


# --- texts -----------------------------------------------------------------------------------


def bound(text: str) -> bytes:
    """Give a text as it is kept."""
    return text.encode("utf-8", "surrogatepass")


def text_of(kept: bytes) -> str:
    """Give a text as it was before it was bound."""
    return kept.decode("utf-8", "surrogatepass")


def joined(parts: Iterable[bytes]) -> bytes:
    """Give several as one, each with its length in front."""
    return b"".join([b"".join((_LENGTH.pack(len(part)), part)) for part in parts])


def split(blob: bytes, at: int = 0) -> list[bytes]:
    """Give what was joined."""
    parts, size = [], len(blob)
    while at < size:
        (length,) = _LENGTH.unpack_from(blob, at)
        at += 4
        parts.append(blob[at : at + length])
        at += length
    return parts


def texts(blob: bytes) -> list[str]:
    """Give joined texts."""
    return [text_of(part) for part in split(blob)] if blob else []


def pairs(mapping: Mapping[str, str | None]) -> bytes:
    """Give a mapping of texts as one; None is an empty text, which is no JSON."""
    return joined(bound(text or "") for pair in mapping.items() for text in pair)


# --- sessions --------------------------------------------------------------------------------


def code(values: Sequence[Any], value: Any) -> int:
    """Give the number under which a value is kept, 0 for None."""
    return values.index(value)


def record_of(command: Begin, swap: Swap | None = None) -> bytes:
    """Give the record of a session that begins; ``swap``: with whom it has changed places."""
    now, opening = command.now, command.opening
    presentation, places = opening.presentation, opening.places
    duration = opening.duration if presentation is not None else None
    return RECORD.pack(
        FORMAT,
        code(KINDS, opening.kind),
        opening.playing,
        opening.announced,
        False,
        False,
        False,
        opening.returns,
        opening.events,
        bool(places),
        False,
        0,
        code(PRESENTATIONS, presentation),
        bool(opening.holder),
        now,
        math.ceil(min(opening.deadline, max(now + opening.timeout, opening.until))),
        1,
        0.0,
        NEVER if opening.cookie_set is None else opening.cookie_set,
        now if places else NEVER,
        opening.timeout,
        opening.until,
        opening.deadline,
        opening.window,
        opening.remember,
        min((place.hold for place in places), default=0.0),
        0,
        math.inf,
        now,
        math.ceil(now + ANNOUNCED_AFTER),
        0,
        0,
        math.nan if duration is None else duration,
        now if presentation is Presentation.LIVE else 0.0,
        NEVER,
        0.0,
        swap.times if swap else 0,
        swap.since if swap else 0.0,
        opening.mark,
        opening.holder or _NOTHING,
        (swap.partner if swap else b"") or _NOTHING,
    ) + joined(
        (
            bound(opening.stream),
            bound(opening.protocol),
            bound(opening.ip),
            bound(opening.service),
            bound(opening.params),
            bound(opening.user),
            bound(opening.previous),
            b"".join(map(_packed, places)),
        )
    )


def _packed(place: Place) -> bytes:
    name = bound(place.name)
    return _PLACE.pack(place.scope, place.limit, place.hold, place.evict) + joined((name,))


def places_of(record: bytes) -> tuple[Place, ...]:
    """Give the places that a session needs."""
    blob, at = split(record, RECORD.size)[-1], 0
    places = []
    while at < len(blob):
        scope, limit, hold, evict = _PLACE.unpack_from(blob, at)
        at += _PLACE.size
        (length,) = _LENGTH.unpack_from(blob, at)
        at += 4 + length
        name = text_of(blob[at - length : at])
        places.append(Place(name, scope, int(limit), hold, bool(evict)))
    return tuple(places)


def living_of(kept: Sequence[bytes], said: int = 0) -> Living:
    """Give a session: its key, record, data, tags and what else it was seen as."""
    key, record, data, tags, also = kept
    (
        _, kind, live, _, _, _, segments, _, _, _, _, _, presentation, _,
        seen, expires, requests, seconds, _, _, _, _, _, window, _, _, _, _,
        started, _, down, up, duration, live_seen, *_,
    ) = RECORD.unpack_from(record)  # fmt: skip
    stream, protocol, ip, service, params, user, previous, _ = split(record, RECORD.size)
    words = texts(data)
    return Living(
        key=key,
        kind=KINDS[kind],
        stream=text_of(stream),
        ip=text_of(ip),
        protocol=text_of(protocol),
        service=text_of(service),
        params=text_of(params),
        started=started,
        last_seen=seen,
        expires=expires,
        state=State.LIVE if live else State.PENDING,
        requests=int(requests),
        data=dict(zip(words[::2], words[1::2], strict=True)),
        presentation=PRESENTATIONS[presentation],
        duration=None if math.isnan(duration) else duration,
        live_seen=live_seen,
        previous=text_of(previous),
        user=text_of(user),
        new=said & 4 > 0,
        renew_cookie=said & 1 > 0,
        window=window,
        segments=segments > 0,
        seconds=seconds,
        bytes_down=int(down),
        bytes_up=int(up),
        tags=tuple(sorted(texts(tags))),
        also=tuple(texts(also)),
        announce=said & 2 > 0,
    )


def mark_of(record: bytes) -> bytes:
    """Give the mark of a session."""
    return RECORD.unpack_from(record)[-3]  # type: ignore[no-any-return]  # Struct says Any


# --- what else is answered -------------------------------------------------------------------


def ended_of(kept: bytes) -> Ended:
    """Give how a session ended."""
    _, cause, at, started, presentation = _ENDED.unpack(kept)
    return Ended(CAUSES[cause], at, started, PRESENTATIONS[presentation])


def bar_of(kept: bytes) -> Bar:
    """Give a bar."""
    until, cause, status = _BAR.unpack_from(kept)
    return Bar(CAUSES[cause], until, int(status), text_of(split(kept, _BAR.size)[0]))


def told_of(kept: bytes) -> Told:
    """Give what is to be told."""
    started, cause, at = _TOLD.unpack_from(kept)
    return Told(living_of(split(kept, _TOLD.size)), bool(started), CAUSES[cause], at)


def counts_of(kept: bytes) -> Counts:
    """Give numbers."""
    requests, seconds, watching, quiet, sessions, started, ended, down, up = _COUNTS.unpack(kept)
    return Counts(
        int(watching),
        int(quiet),
        int(sessions),
        int(started),
        int(ended),
        seconds,
        int(requests),
        int(down),
        int(up),
    )


def whom(denial: Denial) -> bytes:
    """Give whom a denial is for, as the name under which it is kept."""
    key, ip, user, stream, holder = denial.whom
    named = [of and of.hex() if isinstance(of, bytes) else of for of in (key, holder)]
    return bound(json.dumps([*named, ip, user, stream, holder == b"", key == b""]))


def denial_text(denial: Denial) -> bytes:
    """Give a denial as it is kept."""
    key, holder = (None if of is None else of.hex() for of in (denial.key, denial.holder))
    said = [denial.until, denial.reason, key, denial.ip, denial.user, denial.stream, holder]
    return json.dumps(said).encode()


def denial_of(kept: bytes) -> Denial:
    """Give a denial as it was before."""
    until, reason, key, ip, user, stream, holder = json.loads(kept)
    named = (None if of is None else bytes.fromhex(of) for of in (key, holder))
    of_key, of_holder = named
    return Denial(until, reason, of_key, ip, user, stream, of_holder)
