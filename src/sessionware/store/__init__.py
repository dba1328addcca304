"""What a store is asked, and what it answers.

A store has one method, ``execute``: it takes a command, a frozen value, and gives that command's
answer. Every command is atomic. A store decides nothing: the rules live elsewhere, and a store of
an app's own is any object with the methods of :class:`Store` or :class:`AsyncStore`.

Times are seconds since the epoch, by the clock of whoever asks; keys are 16 bytes
(:func:`sessionware.identity.session_key`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from sessionware.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.request import Kind
    from sessionware.session import State

A = TypeVar("A")


class Command(Generic[A]):
    """The base of all commands; its parameter is the type of the answer."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """What is known of a session when it begins.

    It expires ``timeout`` seconds after its last request and never later than ``deadline``; a store
    may take the next full second for either.
    ``playing``: it is not pending, for more than a multivariant playlist was asked for. ``params``
    is a raw query, ``cookie_set`` when its cookie was handed out, None without one.
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
    cookie_set: float | None = None


@dataclass(slots=True)
class Living:
    """A session that has not ended, as it is after a command.

    ``data`` maps the app's keys to JSON texts. ``renew_cookie``: this very request was found to
    be the one whose answer shall set the cookie anew.
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
    new: bool = False
    renew_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Touch(Command["Living | None"]):
    """A request of a session: moves its last request to ``now``; None if there is no such session.

    ``playing`` takes it out of pending. A session whose cookie was set longer than
    ``renew_cookie_after`` seconds ago (None: don't ask) is marked as set now, and the answer says
    so to this one request.
    """

    key: bytes
    now: float
    playing: bool = False
    renew_cookie_after: float | None = None


@dataclass(frozen=True, slots=True)
class Begin(Command["Living | Full"]):
    """Begin a session; where somebody else just began it, join it (then ``new`` is False)."""

    key: bytes
    now: float
    opening: Opening
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Full:
    """The answer of a store that has no room for another session; the living stay."""


@dataclass(frozen=True, slots=True)
class Learn(Command[bool]):
    """What was served shows that the session plays: it leaves pending. False: no such session."""

    key: bytes
    now: float


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
    """End a session now."""

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class Get(Command["Living | None"]):
    """Read a session and change nothing."""

    key: bytes
    now: float


@dataclass(frozen=True, slots=True)
class Listing(Command["tuple[Living, ...]"]):
    """Sessions that are not pending, by (ms when they began, key), at most ``limit``.

    ``after``: only those behind this (ms, key).
    """

    now: float
    stream: str | None = None
    kind: Kind | None = None
    after: tuple[int, bytes] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of a stream, of a kind, or of all; see ``docs/concepts.md`` for each definition."""

    watching: int = 0
    sessions: int = 0
    started: int = 0
    ended: int = 0
    requests: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.watching + other.watching,
            self.sessions + other.sessions,
            self.started + other.started,
            self.ended + other.ended,
            self.requests + other.requests,
        )


@dataclass(frozen=True, slots=True)
class Count(Command[Counts]):
    """Count sessions; ``window``: who asked within so many seconds watches.

    Without ``kind``: viewers, inputs and outputs together (unspecified ones count only under
    their own kind, seed 000).
    """

    now: float
    window: float
    stream: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Streams(Command["Mapping[str, Counts]"]):
    """Count as :class:`Count` does, for every stream that is known."""

    now: float
    window: float


@dataclass(frozen=True, slots=True)
class Sweep(Command[int]):
    """End up to ``limit`` sessions whose time is over; answers how many ended."""

    now: float
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class Meta(Command["MetaInfo"]):
    """Ask for what belongs to the store as a whole."""


@dataclass(frozen=True, slots=True)
class MetaInfo:
    """``idkey``: 32 random bytes that the store made once, by which session keys are hashed."""

    idkey: bytes = field(repr=False)


class Store(Protocol):
    """A store that answers at once, or by blocking."""

    blocking: bool
    """Whether ``execute`` may wait (a file, a socket): under ASGI it then runs in a thread."""
    shared: bool
    """Whether several processes can use it at once."""

    def execute(self, command: Command[A]) -> A:
        """Answer a command. StoreError: it could not be carried out."""

    def close(self) -> None:
        """Give back what the store holds; a second call does nothing."""


class AsyncStore(Protocol):
    """A store whose answers are awaited; for ASGI."""

    shared: bool

    async def execute(self, command: Command[A]) -> A:
        """Answer a command. StoreError: it could not be carried out."""

    async def close(self) -> None:
        """Give back what the store holds; a second call does nothing."""


AnyStore = Store | AsyncStore


def open_store(url: str) -> AnyStore:
    """Open the store that a URL names: ``memory:``, or ``memory:?max_sessions=50000``.

    ConfigurationError: the URL names no store.
    """
    from sessionware.store.memory import MemoryStore  # noqa: PLC0415 - it imports the commands

    scheme, _, rest = url.partition(":")
    name, _, number = rest.partition("=")
    if scheme == "memory" and not rest:
        return MemoryStore()
    if scheme == "memory" and name == "?max_sessions" and number.isdecimal() and int(number):
        return MemoryStore(max_sessions=int(number))
    reason = "names no store; the URLs are memory: and memory:?max_sessions=N"
    shown = re.sub(r"//[^@/]*@", "//...@", url)  # a password is nobody's business
    raise ConfigurationError([Fault("store", shown, reason, 'store="memory:"')])


def is_async(store: Any) -> bool:
    """Tell whether a store's answers must be awaited."""
    from inspect import iscoroutinefunction  # noqa: PLC0415 - only at construction

    return iscoroutinefunction(store.execute)
