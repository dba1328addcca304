"""What a store is told of a session, and what it answers about one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessionware.request import Kind
    from sessionware.session import Cause, Presentation, State

SEGMENTS_WINDOW = 60.0
"""Seconds: who need not ask for manifests watches for so long after asking for a segment."""

ANNOUNCED_AFTER = 10.0
"""Seconds after which a session counts as started that has not asked a second time."""

OPENED_AGAIN = 10.0
"""Seconds within which a client that begins anew may have dropped what it began before."""

MAX_SWAPS = 3
"""Two sessions of one token that displace each other more often are two viewers."""

MAX_ALSO = 16
"""So many other streams, addresses and protocols of a session are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a session needs in a limit (SPEC 8).

    ``scope`` is the name of what is limited, 16 bytes: a user, an address, a stream, all. At most
    ``limit`` sessions have a place in it; one is held for ``hold`` seconds. ``evict``: where all
    are taken, who is silent longest is ended; otherwise the newcomer is refused. ``name`` says in
    a word what is limited.
    """

    name: str
    scope: bytes
    limit: int
    hold: float
    evict: bool = False


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
    "". ``presentation``, ``duration``, ``window`` and ``returns`` are what :class:`Learn` would
    say, where it is known.

    ``holder`` names its token, 16 bytes, on all streams alike; ``client`` who asks for this stream,
    whatever the token; either may be empty. ``places`` are what it needs in limits. ``events``:
    its start and its end are to be told (:class:`Claim`). ``announced``: it counts as started at
    once.
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
    window: float = 15.0
    returns: bool = False
    holder: bytes = b""
    client: bytes = b""
    places: tuple[Place, ...] = ()
    events: bool = False
    announced: bool = False


@dataclass(slots=True)
class Living:
    """A session that has not ended, as it is after a command.

    ``data`` maps the app's keys to JSON texts. ``presentation``, ``duration`` (seconds) and
    ``live_seen`` (when a live manifest was last learned of, 0.0 for never) are what :class:`Learn`
    said. ``renew_cookie``: this very request was found to be the one whose answer shall set the
    cookie anew; ``announce``: this very command made it count as started.

    ``window``: for so many seconds after a request it counts as watching; 0.0: it need not ask.
    ``segments``: it asked for a segment. ``seconds`` are those between its requests, each gap at
    most the window. ``also`` are further streams, addresses and protocols (:class:`Note`).
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
    window: float = 15.0
    segments: bool = False
    seconds: float = 0.0
    bytes_down: int = 0
    bytes_up: int = 0
    tags: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    announce: bool = False


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
class Outside:
    """A session lives but may not simply go on: it must :class:`Enter`. It was not touched.

    It has lost its places, or never had them; or, where ``invalid``, the app shall be asked again
    whether it may go on, and the lease for that was taken.
    """

    living: Living
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class Crowded:
    """The answer where a limit has no place: nothing began; ``name`` is the place's."""

    name: str


@dataclass(frozen=True, slots=True)
class Full:
    """The answer of a store that has no room for another session; the living stay."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The answer where other orders hold than the asker knows: ask for :class:`Meta`, and again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a worker shall tell of a session.

    ``started``: that it has started. ``cause``: why it has ended, None if it has not; ``at`` is
    when that was.
    """

    living: Living
    started: bool
    cause: Cause | None
    at: float


def window_of(window: float, *, segments: bool) -> float:
    """Give for how many seconds a request makes a session watching; 0.0: it is quiet (SPEC 7)."""
    return window or (SEGMENTS_WINDOW if segments else 0.0)
