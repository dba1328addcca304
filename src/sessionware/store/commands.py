"""Commands about one session, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.request import Kind
    from sessionware.session import Cause, Presentation, State

A = TypeVar("A")


class Command(Generic[A]):
    """The base of all commands; its parameter is the type of the answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a session when it begins.

    It expires at ``min(deadline, max(last request + timeout, until))``; a store takes the next
    full second for that. ``playing``: it is not pending, for more than a multivariant playlist was
    asked for. ``mark`` is the name under which a stop or a denial of it is remembered: 16 bytes
    that other sessions of its token may share. ``remember``: for so many seconds after it expired
    a touch is told so. ``params`` is a raw query, ``cookie_set`` when its cookie was handed out,
    None without one. ``above`` are further marks whose bars keep it from beginning, but don't end
    it: those of the streams above its own. ``previous`` is the id of the life that it revives, or
    "". ``presentation`` and ``duration`` are what :class:`Learn` would say, where it is known.
    """

    kind: Kind
    stream: str
    ip: str
    protocol: str
    service: str
    params: str
    timeout: float
    deadline: float
    playing: bool
    mark: bytes
    user: str = ""
    cookie_set: float | None = None
    remember: float = 0.0
    previous: str = ""
    until: float = 0.0
    presentation: Presentation | None = None
    duration: float | None = None
    above: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Living:
    """A session that has not ended, as it is after a command.

    ``data`` maps the app's keys to JSON texts. ``presentation``, ``duration`` (seconds) and
    ``live_seen`` (when a live manifest was last learned of, 0.0 for never) are what :class:`Learn`
    said. ``renew_cookie``: this very request was found to be the one whose answer shall set the
    cookie anew.
    """

    key: bytes
    kind: Kind
    stream: str
    ip: str
    protocol: str
    service: str
    params: str
    started: float
    last_seen: float
    expires: float
    state: State
    requests: int
    data: Mapping[str, str]
    presentation: Presentation | None = None
    duration: float | None = None
    live_seen: float = 0.0
    previous: str = ""
    user: str = ""
    new: bool = False
    renew_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that is over and still remembered: why, when, when it began, and what it was.

    ``at`` is when its time was over, whenever that was found out.
    """

    cause: Cause
    at: float
    started: float
    presentation: Presentation | None


@dataclass(frozen=True, slots=True)
class Bar:
    """What stands before a mark: nobody begins or goes on under it before ``until``.

    ``status`` is what HTTP answers, 0 for what the settings say; ``reason`` is the app's own word.
    """

    cause: Cause
    until: float
    status: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody else decides just now whether a session begins, until then at the latest."""

    until: float


@dataclass(frozen=True, slots=True)
class Touch(Command["Living | Ended | Bar | Asked | None"]):
    """A request of a session: moves its last request to ``now``.

    A bar over ``mark`` is the answer before all else. Without a living session it is how the last
    one ended, as long as that is remembered; None if nothing is known. ``playing`` takes it out of
    pending. A session whose cookie was set longer than ``renew_cookie_after`` seconds ago (None:
    don't ask) is marked as set now, and the answer says so to this one request.

    Where no session lives, a bar over one of the marks ``above`` is the answer, too.

    With a ``lease``, in seconds, who finds no session has so long to :class:`Begin` it or to
    :class:`Decline`; meanwhile others are answered that it is being asked.
    """

    key: bytes
    mark: bytes
    now: float
    playing: bool = False
    renew_cookie_after: float | None = None
    lease: float = 0.0
    above: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Begin(Command["Living | Bar | Full"]):
    """Begin a session; where somebody else just began it, join it (then ``new`` is False).

    A bar over its mark forbids it. How an earlier life ended is forgotten.
    """

    key: bytes
    now: float
    opening: Opening
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decline(Command[None]):
    """Begin no session: the lease of a :class:`Touch` is given back, and a bar put over the mark.

    Without a bar nothing was decided, and the next one may.
    """

    key: bytes
    mark: bytes
    now: float
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Full:
    """The answer of a store that has no room for another session; the living stay."""


@dataclass(frozen=True, slots=True)
class Learn(Command[bool]):
    """What was served shows that the session plays: it leaves pending. False: no such session.

    With a ``presentation`` it also shows what is played: that, the duration, and the session's
    ``timeout`` and ``until`` are replaced; a live one moves ``live_seen`` to ``now``.
    """

    key: bytes
    now: float
    presentation: Presentation | None = None
    duration: float | None = None
    timeout: float = 0.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Merge(Command[bool]):
    """Merge the app's changes into a session's data: JSON texts by key, None deletes a key."""

    key: bytes
    now: float
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Withdraw(Command[bool]):
    """Undo a beginning whose only request failed: as if it had never been."""

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class End(Command[bool]):
    """End a session now, and put ``bar`` over its mark; False: there is none, and no bar.

    Without a bar it is remembered as ended for its cause, as an expired one is.
    """

    key: bytes
    now: float
    cause: Cause
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Get(Command["Living | Ended | Bar | None"]):
    """Read a session and change nothing.

    With a ``mark``, and marks ``above``, the answer is what a :class:`Touch` would get; without, a
    living one or None.
    """

    key: bytes
    now: float
    mark: bytes | None = None
    above: tuple[bytes, ...] = ()
