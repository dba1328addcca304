"""Commands about one session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from sessionware.store.records import (
    Asked,
    Bar,
    Changed,
    Crowded,
    Ended,
    Full,
    Living,
    Opening,
    Outside,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.session import Cause, Presentation

A = TypeVar("A")


class Command(Generic[A]):
    """The base of all commands; its parameter is the type of the answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Touch(Command[Living | Outside | Ended | Bar | Asked | Changed | None]):
    """A request of a session: moves its last request to ``now``.

    ``orders`` is the version of the orders that the asker knows, None if it does not care: where
    others hold, that is the answer before all else. Then comes a bar over ``mark``. Without a
    living session it is how the last one ended, as long as that is remembered; None if nothing is
    known. ``playing`` takes it out of pending. A session whose cookie was set longer than
    ``renew_cookie_after`` seconds ago (None: don't ask) is marked as set now, and the answer says
    so to this one request. ``segments``: what is asked for is a segment.

    Where no session lives, a bar over one of the marks ``above`` is the answer, too.

    With a ``lease``, in seconds, who finds no session has so long to :class:`Begin` it or to
    :class:`Decline`; meanwhile others are answered that it is being asked. Likewise for one that is
    invalid (:class:`Invalidate`): it is outside, and has to :class:`Enter`.

    A session is outside as well if it needs places and one of them has been without a request for
    longer than it is held, or it has given them back or lost them, or it is superseded.
    """

    key: bytes
    mark: bytes
    now: float
    playing: bool = False
    renew_cookie_after: float | None = None
    lease: float = 0.0
    above: tuple[bytes, ...] = ()
    orders: int | None = None
    segments: bool = False


@dataclass(frozen=True, slots=True)
class Enter(Command[Living | Bar | Crowded | Changed | None]):
    """A request of a session that is outside: judged by its limits, and touched if it may go on.

    The places are those of its opening; it takes those that it doesn't hold (:class:`Begin` says
    how). ``confirmed``: it is not invalid any more, its lease is given back and ``data`` merged. A
    crowded one stays as it was, but for the lease. None: no such session.
    """

    key: bytes
    mark: bytes
    now: float
    playing: bool = False
    renew_cookie_after: float | None = None
    orders: int | None = None
    segments: bool = False
    confirmed: bool = False
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begin(Command[Living | Outside | Bar | Crowded | Full | Changed]):
    """Begin a session; where somebody else just began it, join it (then ``new`` is False).

    Other orders, or a bar over its mark, forbid it. How an earlier life ended is forgotten.

    Another session that the opening's ``client`` began at most 10 s before under another
    ``holder`` is superseded, if it had one request where another was due (``returns``): it does
    not watch, holds no place and is not announced until it asks again.

    Each place of the opening is taken or none is. A place is taken by who asked for it within its
    ``hold`` (a quiet one: who got it within that). Where all are taken, first those of the same
    holder give way: they lose all their places and live on. But two that have displaced each other
    three times within ``hold`` do so no more: the one that began later is refused. Then, if
    ``evict``, the one that is silent longest is ended. Else the newcomer is crowded out, and
    nothing changes.
    """

    key: bytes
    now: float
    opening: Opening
    data: Mapping[str, str] = field(default_factory=dict)
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class Decline(Command[None]):
    """Begin no session: the lease of a :class:`Touch` is given back, and a bar put over the mark.

    Without a bar nothing was decided, and the next one may. ``stream`` is the stream that the bar
    belongs to, for :class:`Invalidate`.
    """

    key: bytes
    mark: bytes
    now: float
    bar: Bar | None = None
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Learn(Command[Living | None]):
    """What was served shows that the session plays: it leaves pending. None: no such session.

    With a ``presentation`` it also shows what is played: that, the duration, and the session's
    ``timeout``, ``until``, ``window`` and ``returns`` are replaced; a live one moves ``live_seen``
    to ``now``. A session that becomes quiet by it has had its places since it began, and one that
    was quiet has them from ``now``.
    """

    key: bytes
    now: float
    presentation: Presentation | None = None
    duration: float | None = None
    timeout: float = 0.0
    until: float = 0.0
    window: float = 15.0
    returns: bool = False


@dataclass(frozen=True, slots=True)
class Leave(Command[None]):
    """What was served shows that the session is still pending: it gives its places back."""

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class Announce(Command[Living | None]):
    """The first request was answered well: the session counts as started now.

    None: there is none, it is pending or superseded, or it was announced before.
    """

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class Finish(Command[bool]):
    """An answer has gone out: moves the last request to ``now`` and adds the bytes.

    It is no request of its own, and brings no place back that was lost. False: no such session.
    """

    key: bytes
    now: float
    bytes_down: int = 0
    bytes_up: int = 0


@dataclass(frozen=True, slots=True)
class Note(Command[bool]):
    """Remember more of what a session was seen as: ``ip 192.0.2.1``, ``protocol DASH``.

    The first 16 different ones are kept, in their order. False: no such session.
    """

    key: bytes
    now: float
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merge(Command[bool]):
    """Merge the app's changes into a session's data: JSON texts by key, None deletes a key."""

    key: bytes
    now: float
    changes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Tag(Command[Living | None]):
    """Put tags on a session and take others off; None: no such session. Tags are in order."""

    key: bytes
    now: float
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw(Command[bool]):
    """Undo a beginning whose only request failed: as if it had never been.

    False: there is none, it has had more requests, or it was announced.
    """

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class End(Command[Living | None]):
    """End a session now, and put ``bar`` over its mark; None: there is none, and no bar.

    Without a bar it is remembered as ended for its cause, as an expired one is.
    """

    key: bytes
    now: float
    cause: Cause
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Get(Command[Living | Ended | Bar | Changed | None]):
    """Read a session and change nothing.

    With a ``mark``, and marks ``above``, the answer is what a :class:`Touch` would get, but a
    session outside is a living one; without, a living one or None.
    """

    key: bytes
    now: float
    mark: bytes | None = None
    above: tuple[bytes, ...] = ()
    orders: int | None = None
