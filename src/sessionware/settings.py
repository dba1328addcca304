"""The one list of options, for both middlewares, checked and frozen (SPEC 2)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sessionware.clock import steady
from sessionware.errors import ConfigurationError, Fault
from sessionware.option_groups import Cookie, Cors, Limit, seconds

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from sessionware.admission import Deny
    from sessionware.events import Event
    from sessionware.option_groups import Seconds
    from sessionware.request import Kind, Request
    from sessionware.session import Session
    from sessionware.store import AnyStore
    from sessionware.token import TokenFormat

    Admission: TypeAlias = bool | Deny | Mapping[str, Any] | None
    Pattern = str | re.Pattern[str]

MANIFESTS = r"(?i)\.(?:m3u8|mpd|mpp)$"
"""The default of ``match``: HLS playlists, MPDs and MPD patches."""

TIMES = (
    "live_timeout",
    "vod_timeout",
    "absolute_timeout",
    "remember",
    "deny_for",
    "admit_timeout",
    "watching_window",
    "sweep_every",
)
"""The options that are a time."""

LIMITS = (
    "max_sessions_per_ip",
    "max_sessions_per_user",
    "max_sessions_per_stream",
    "max_sessions",
)
"""The options that limit how many watch at once, in the order in which they are asked."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every option of the middlewares, its default, and nothing that changes.

    Faults are collected: one ConfigurationError names each option, its value, why it can't work
    and a value that can. Times are seconds or ``timedelta``. ``docs/options.md`` explains each.
    """

    # Keys and the store
    secret: str | bytes | Sequence[str | bytes] | None = field(
        default=None, repr=False, compare=False
    )
    store: str | AnyStore = field(default="memory:", repr=False)  # a URL may hold a password
    allow_split_memory: bool = False
    on_store_error: Literal["serve", "refuse"] = "serve"
    # Which requests
    match: Pattern = MANIFESTS
    track: Pattern | None = None
    require_token: bool = False
    exclude: Callable[[Request], bool] | None = None
    stream: Pattern | Callable[[Request], str | None] | None = None
    classify: Callable[[Request], Kind | None] | None = None
    stream_info: Literal["viewer", "output", "unspecified", "none"] = "viewer"
    trusted_proxies: Sequence[str] = ()
    # The token and its carriers
    parameter: str = "tkn"
    aliases: Sequence[str] = ()
    cookie: Cookie = field(default_factory=Cookie)
    read: Sequence[Literal["query", "cookie"]] = ("query", "cookie")
    write: Sequence[Literal["query", "cookie"]] = ("query", "cookie")
    trusted_header: str | Sequence[str] = ()
    foreign_tokens: Literal["replace", "accept"] = "replace"
    hints: Sequence[Literal["playback-session-id", "cmcd"]] = ("playback-session-id", "cmcd")
    shared: Literal["split", "ride"] = "split"
    new_token: str | Callable[[Sequence[bytes]], TokenFormat] = "core"  # noqa: S105 - a format's name
    # Who is the same
    viewer: Collection[str] = frozenset({"stream", "token"})
    input: Collection[str] = frozenset({"stream", "ip", "token"})
    output: Collection[str] = frozenset({"stream", "ip", "token"})
    unspecified: Collection[str] = frozenset()
    ipv6_prefix: int = 128
    ip_privacy: Literal["full", "network", "hash"] = "full"
    # The handoff
    handoff: Literal["redirect", "inline"] = "redirect"
    redirect_status: Literal[302, 303, 307] = 307
    announce: tuple[str, str] | None = ("response", "200")
    location: Literal["root", "relative", "absolute"] = "root"
    public_url: str | None = None
    service: Pattern | None = None
    service_parameter: str = "serviceid"
    # Manifests and answers
    carry_to: Sequence[Literal["manifests", "segments"]] = ("manifests",)
    carry_hosts: Sequence[str] = ()
    dash_location: bool = True
    strip_from_app: bool = True
    max_manifest: int = 8 * 1024 * 1024
    cors: Cors | None = field(default_factory=Cors)
    expired_live_status: int = 400
    expired_vod_status: int = 404
    denied_status: int = 403
    ended_status: int = 410
    limit_status: int = 403
    # Life and numbers
    live_timeout: Seconds = 120.0
    vod_factor: float | None = 1.5
    vod_timeout: Seconds = 6 * 3600.0
    absolute_timeout: Seconds = 24 * 3600.0
    revive_window: Seconds | None = 600.0
    remember: Seconds = 3600.0
    deny_for: Seconds = 600.0
    watching_window: Seconds = 15.0
    supersede: bool = True
    sweep_every: Seconds = 5.0
    # How many at once
    max_sessions: int | Limit | None = None
    max_sessions_per_stream: int | Limit | None = None
    max_sessions_per_user: int | Limit | None = None
    max_sessions_per_ip: int | Limit | None = None
    # Deciding, and hearing of it
    admit: (
        Callable[[Session, Request], Admission] | Callable[[Session, Request], Awaitable[Admission]]
    ) | None = None
    admit_timeout: Seconds = 5.0
    on_admit_error: Literal["deny", "allow"] = "deny"
    identify: (
        Callable[[Request], str | None] | Callable[[Request], Awaitable[str | None]] | None
    ) = None
    on_event: Callable[[Event], None] | Callable[[Event], Awaitable[None]] | None = None
    # For tests and for special needs
    clock: Callable[[], float] = steady

    def __post_init__(self) -> None:
        for name, normal in _NORMAL.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, normal(value))
            except (TypeError, ValueError):
                continue  # of the wrong type: the checks say so
        from sessionware.checks import faults  # noqa: PLC0415 - the checks import the values

        if found := tuple(faults(self)):
            raise ConfigurationError(found)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], **more: Any) -> Settings:
        """Make settings from what ``to_dict`` gave; ``more`` adds or replaces options.

        ConfigurationError: an option is unknown or can't work.
        """
        known = {option.name for option in fields(cls)}
        given: dict[str, Any] = {**values, **more}
        if unknown := given.keys() - known:
            raise ConfigurationError(
                Fault(name, "...", "there is no such option", f"{_nearest(name, known)}=...")
                for name in sorted(unknown)
            )
        for name, kind in _GROUPS.items():
            if isinstance(given.get(name), dict):
                given[name] = _part(name, kind, given[name])
        return cls(**{name: _tuple(value) for name, value in given.items()})

    def to_dict(self, *, secrets: bool = False) -> dict[str, Any]:
        """Give the options as JSON values, to be copied to other servers (seed 000).

        Functions and objects (a store, a clock, hooks) are left out: give them to ``from_dict``
        again. The secret is in it only with ``secrets=True``, as text; ConfigurationError if it is
        bytes that are no text.
        """
        values: dict[str, Any] = {}
        for option in fields(self):
            value = getattr(self, option.name)
            if option.name == "secret":
                if secrets and value is not None:
                    values["secret"] = [_text(key) for key in keys_of(value)]
            elif isinstance(value, Cookie | Cors | Limit):
                values[option.name] = {k: _json(v) for k, v in asdict(value).items()}
            elif not callable(value) and not hasattr(value, "execute"):
                values[option.name] = _json(value)
        return values


def keys_of(secret: str | bytes | Sequence[str | bytes]) -> tuple[bytes, ...]:
    """Give the keys of a secret, from oldest to newest, as bytes."""
    keys = (secret,) if isinstance(secret, str | bytes) else tuple(secret)
    return tuple(key.encode() if isinstance(key, str) else key for key in keys)


def _limit(value: Any) -> Any:
    """Give a limit whose hold is in seconds; a number stays what it is."""
    return Limit(value.n, value.over, seconds(value.hold)) if isinstance(value, Limit) else value


def _names(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _source(value: Any) -> Any:
    """Give a compiled expression as text with its flags, so that settings can be compared."""
    if not isinstance(value, re.Pattern):
        return value
    names = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "a": re.ASCII}
    flags = "".join(letter for letter, flag in names.items() if value.flags & flag)
    return f"(?{flags}){value.pattern}" if flags else value.pattern


_NORMAL: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(TIMES, seconds),
    **dict.fromkeys(LIMITS, _limit),
    "revive_window": lambda value: None if value is None else seconds(value),
    **dict.fromkeys(
        (
            "aliases",
            "read",
            "write",
            "hints",
            "carry_to",
            "carry_hosts",
            "trusted_proxies",
            "trusted_header",
        ),
        _names,
    ),
    **dict.fromkeys(("viewer", "input", "output", "unspecified"), frozenset),
    **dict.fromkeys(("match", "track", "stream", "service"), _source),
}


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        reason = "is not text, so it can't be written to JSON"
        example = "secret=secrets.token_urlsafe(32)"
        raise ConfigurationError([Fault("secret", "...", reason, example)]) from None


def _json(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_GROUPS: dict[str, type[Cookie | Cors | Limit]] = {
    "cookie": Cookie,
    "cors": Cors,
    **dict.fromkeys(LIMITS, Limit),
}


def _part(
    option: str, kind: type[Cookie | Cors | Limit], values: dict[str, Any]
) -> Cookie | Cors | Limit:
    try:
        return kind(**{name: _tuple(value) for name, value in values.items()})
    except TypeError as error:
        names = ", ".join(part.name for part in fields(kind))
        reason = f"{error}; its names are {names}"
        raise ConfigurationError([Fault(option, values, reason, f"{option}={{}}")]) from None


def _nearest(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only for an error

    return next(iter(get_close_matches(name, known, n=1, cutoff=0.0)), "store")
