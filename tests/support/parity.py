"""Cases that are played in both worlds: calls, and what each must lead to.

A text in a case may hold names in braces. ``{a}`` stands for a token: where an answer first shows
it, it takes that value; everywhere else, in later calls too, it is that value; two names are never
one value. ``{a:link}`` is a link, ``{a:any}`` any text without ``&``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from .calls import Call
from .site import site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .origin import Reply, Seen
    from .story import Story

ANY: Any = object()
"""Not looked at, though it still has to be the same in both worlds."""

SECRET = "a secret of the parity cases"
CORE = r"[A-Za-z0-9_-]{36}\.[A-Za-z0-9_-]{43}"
BROADPEAK = r"[0-9a-f]{11}-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SHAPES = {"": CORE, "broadpeak": BROADPEAK, "link": r"[A-Za-z0-9_-]+", "any": "[^&]+"}

_NAME = re.compile(r"\{([a-z]\w*)(?::(\w+))?\}")


@dataclass(frozen=True)
class Made:
    """An option that is made anew for each world, because it holds state."""

    make: Callable[[Story], Any]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a step must lead to.

    ``location`` None: there is none. ``headers``: name to value, None where it must be missing.
    ``cookie``: the value that is set, None for no Set-Cookie. ``uris``: what a client finds in the
    manifest, in order. ``seen``: the path and query that reached the app, None if nothing did;
    ``original``: the query that it finds beside; ``app``: headers as the app saw them. ``session``:
    some items of the app's session, None if it had none. ``asked``: the names of the commands that
    the store got, ``stored``: how many sessions it holds, ``counts``: some numbers of the facade.
    ``events``: the names of those that came, ``told``: of starts, ends and refusals. ``gives``:
    what a step answers that is no call. ``check(story)`` asserts what no field says.
    """

    status: int = 200
    location: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    cookie: str | None = ANY
    uris: Sequence[str] = ANY
    body: bytes = ANY
    seen: str | None = ANY
    original: str | None = ANY
    app: Mapping[str, str | None] = field(default_factory=dict)
    session: Mapping[str, Any] | None = ANY
    asked: Sequence[str] = ANY
    stored: int = ANY
    counts: Mapping[str, int] = field(default_factory=dict)
    events: Sequence[str] = ()
    told: Sequence[str] = ANY
    gives: Any = ANY
    raises: type[BaseException] | None = None
    check: Callable[[Story], object] | None = None


@dataclass(frozen=True)
class Step:
    """One call. ``target`` with names; None follows the last Location, a number is a child URI.

    ``act``: no call at all, but something that an operator or the app does.
    """

    target: str | int | None
    call: Mapping[str, Any]
    wait: float
    expected: Expected
    act: Callable[[Story], Any] | None = None


@dataclass(frozen=True)
class Case:
    """A name, the options, the app, and the steps.

    ``origin`` is ``Made`` where it needs the story. ``layers``: the options of several middlewares
    around one app, outermost first, over the common ones. ``server`` changes the scope or environ
    as some server would make it. ``sibling``: the process has a sibling worker. ``lint`` False: the
    environ is one that no checker lets through.
    """

    name: str
    steps: Sequence[Step]
    options: Mapping[str, Any] = field(default_factory=dict)
    origin: Callable[[Seen], Reply] | Made = site
    layers: Sequence[Mapping[str, Any]] = ({},)
    server: Callable[[dict[str, Any]], object] | None = None
    sibling: bool = False
    lint: bool = True

    def __repr__(self) -> str:
        return f"<Case {self.name}>"


def nth_random(number: int, size: int) -> bytes:
    """Give the randomness that a story's ``number``-th token is made of."""
    return blake2b(number.to_bytes(8), digest_size=size).digest()


_CALL = ("method", "peer", "scheme", "host", "mount", "raw")


def get(target: str | int | None, *, wait: float = 0.0, **said: Any) -> Step:
    """Call after ``wait`` seconds.

    ``said`` are fields of ``Call`` and of ``Expected``; ``send`` are headers to send, ``agent`` the
    User-Agent, ``with_cookie`` the Cookie and ``upload`` the body. Headers stay when a Location or
    a child is followed.
    """
    call = {name: said.pop(name) for name in _CALL if name in said}
    call["body"] = said.pop("upload", b"")
    sent: list[tuple[str, str]] = list(dict(said.pop("send", {})).items())
    for option, name in (("agent", "User-Agent"), ("with_cookie", "Cookie")):
        if option in said:
            sent.append((name, said.pop(option)))
    return Step(target, {**call, "headers": tuple(sent)}, wait, Expected(**said))


def follow(**said: Any) -> Step:
    """Go, as the same client, where the last answer's Location points."""
    return get(None, **said)


def child(number: int, **said: Any) -> Step:
    """Go to one of the URIs in the last manifest that the story has seen."""
    return get(number, **said)


def do(act: Callable[[Story], Any], *, wait: float = 0.0, **said: Any) -> Step:
    """Do something beside the calls, after ``wait`` seconds; ``said`` are fields of ``Expected``.

    What it gives has to be the same in both worlds.
    """
    return Step("", {}, wait, Expected(**said), act)


class Names:
    """The values of the names in a story."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def fill(self, text: str) -> str:
        """Give a text with its names' values; KeyError for a name that has none yet."""
        return _NAME.sub(lambda found: self.values[found[1]], text)

    def match(self, pattern: str, text: str | None, what: str) -> None:
        """Assert that a text is what a pattern says; names without a value take theirs."""
        parts: list[str] = []
        done = 0
        fresh: set[str] = set()
        for found in _NAME.finditer(pattern):
            parts.append(re.escape(pattern[done : found.start()]))
            name, shape = found[1], found[2] or ""
            if name in self.values:
                parts.append(re.escape(self.values[name]))
            elif name in fresh:
                parts.append(f"(?P={name})")
            else:
                fresh.add(name)
                parts.append(f"(?P<{name}>{SHAPES[shape]})")
            done = found.end()
        parts.append(re.escape(pattern[done:]))
        matched = None if text is None else re.fullmatch("".join(parts), text, re.DOTALL)
        known = {name: value for name, value in self.values.items() if f"{{{name}" in pattern}
        assert matched is not None, f"{what} is {text!r}, not {pattern!r} with {known}"
        for name in fresh:
            value = matched[name]
            assert value not in self.values.values(), f"{what}: {{{name}}} is not new: {value!r}"
            self.values[name] = value


def to_call(step: Step, names: Names, before: Call | None, goes_to: str) -> Call:
    """Make the call of a step; ``goes_to`` is where the last answer leads."""
    headers = tuple((name, names.fill(value)) for name, value in step.call["headers"])
    said = {**step.call, "headers": headers}
    if isinstance(step.target, str):
        return Call(names.fill(step.target), **said)
    assert before is not None, "the first step has to name its target"
    renamed = {name.lower() for name, _ in headers}
    kept = [pair for pair in before.headers if pair[0].lower() not in renamed]
    return before.at(goes_to, **{**said, "headers": (*kept, *headers)})
