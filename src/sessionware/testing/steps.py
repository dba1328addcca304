"""What the cases are written with: short ways to say a command, and what its answer must be.

A case is a generator function: it yields commands, is sent the answers, and checks them. There is
no ``assert`` in it, which ``python -O`` would take away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sessionware.request import Kind
from sessionware.session import State
from sessionware.store import (
    Begin,
    Command,
    Count,
    Counts,
    Enter,
    Get,
    Living,
    Opening,
    Outside,
    Place,
    Told,
    Touch,
)

Steps = Generator[Command[Any], Any, None]
Case = Callable[[], Steps]

START = 1_700_000_000.25
TIMEOUT = 120.0
OVER = math.ceil(START + TIMEOUT)
"""When a session that began at ``START`` is over if nothing more is heard of it."""
JUST_BEFORE = 0.001
HOUR, DAY = 3600.0, 86400.0
WINDOW = 15.0
"""For so long after a request a session of these cases watches, if nothing else is said."""
DUE = math.ceil(START + 10)
"""When a session that began at ``START`` is announced if it was not before."""
HOLD = 30.0
"""How long a place of these cases is held."""


def key(number: int) -> bytes:
    """Give the key of session ``number``."""
    return number.to_bytes(16)


def mark(number: int) -> bytes:
    """Give the mark of session ``number``."""
    return bytes([number]) * 16


def begin(number: int, now: float = START, data: Any = None, **opening: Any) -> Begin:
    """Begin session ``number``: a viewer that plays, but for what ``opening`` says."""
    usual: dict[str, Any] = {
        "kind": Kind.VIEWER,
        "stream": "film",
        "ip": "192.0.2.7",
        "protocol": "HLS",
        "service": "",
        "params": "",
        "timeout": TIMEOUT,
        "deadline": now + DAY,
        "playing": True,
        "mark": mark(number),
    }
    return Begin(key(number), now, Opening(**usual | opening), data or {})


def begun(number: int, now: float = START, **more: Any) -> Living:
    """Give the session that ``begin(number, now)`` made; ``more`` are fields that differ."""
    living = Living(
        key=key(number),
        kind=Kind.VIEWER,
        stream="film",
        ip="192.0.2.7",
        protocol="HLS",
        service="",
        params="",
        started=now,
        last_seen=now,
        expires=math.ceil(now + TIMEOUT),
        state=State.LIVE,
        requests=1,
        data={},
    )
    return replace(living, **more)


def place(limit: int = 1, number: int = 1, *, hold: float = HOLD, evict: bool = False) -> Place:
    """Give a place in scope ``number``."""
    return Place(f"scope {number}", number.to_bytes(16), limit, hold, evict)


def touch(number: int, now: float, **more: Any) -> Touch:
    """Touch session ``number`` under its mark."""
    return Touch(**{"key": key(number), "mark": mark(number), "now": now, **more})


def enter(number: int, now: float, **more: Any) -> Enter:
    """Ask for session ``number``, which is outside, to go on under its mark."""
    return Enter(**{"key": key(number), "mark": mark(number), "now": now, **more})


def get(number: int, now: float = START) -> Get:
    """Read session ``number``."""
    return Get(key(number), now)


def look(number: int, now: float, mark_of: int | None = None) -> Get:
    """Read what a touch of session ``number`` would get, under its mark or another's."""
    return Get(key(number), now, mark(number if mark_of is None else mark_of))


def count(now: float = START, stream: str | None = None, kind: Kind | None = None) -> Count:
    """Count as the facade does."""
    return Count(now, stream, kind)


def counts(number: int = 0, **more: float) -> Counts:
    """Give the counts of ``number`` viewers that began, asked for nothing more, and watch."""
    usual: dict[str, Any] = {"watching": number, "sessions": number, "requests": number}
    return Counts(**usual | more)


def over(number: int, **more: float) -> Counts:
    """Give the counts of ``number`` sessions that began, asked for nothing more, and ended."""
    usual: dict[str, Any] = {"started": number, "ended": number, "requests": number}
    return Counts(**usual | more)


def equal(answer: object, expected: object) -> None:
    """Fail unless an answer is what it must be; the mapping of a session may be of any type."""
    __tracebackhide__ = True
    if plain(answer) != plain(expected):
        raise AssertionError("\n".join(_differences(answer, expected)))


def plain(answer: object) -> object:
    """Give an answer with dicts for its mappings, so that answers of two stores can be compared."""
    if isinstance(answer, Living):
        return replace(answer, data=dict(answer.data))
    if isinstance(answer, Outside | Told):
        return replace(answer, living=replace(answer.living, data=dict(answer.living.data)))
    if isinstance(answer, tuple):
        return tuple(map(plain, answer))
    return answer


def living(answer: object) -> Living:
    """Give an answer as the living session that it must be."""
    __tracebackhide__ = True
    if not isinstance(answer, Living):
        raise AssertionError(f"answered {answer!r:.400}, not with a living session")  # noqa: TRY004 - a failure
    return answer


def outside(answer: object) -> Outside:
    """Give an answer as one about a session that may not simply go on, which it must be."""
    __tracebackhide__ = True
    if not isinstance(answer, Outside):
        raise AssertionError(f"answered {answer!r:.400}, not that it is outside")  # noqa: TRY004 - a failure
    return answer


def _differences(answer: object, expected: object) -> list[str]:
    if type(answer) is not type(expected) or not is_dataclass(answer):
        return [f"answered {answer!r:.400}", f"     not {expected!r:.400}"]
    pairs = (
        (field.name, getattr(answer, field.name), getattr(expected, field.name))
        for field in fields(answer)
    )
    return [
        f"{type(answer).__name__}.{name} is {one!r:.400}, not {other!r:.400}"
        for name, one, other in pairs
        if one != other
    ]
