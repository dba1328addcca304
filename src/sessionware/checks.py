"""What makes options work: every fault of a ``Settings`` with its reason and an example."""

from __future__ import annotations

import re
from dataclasses import fields
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessionware.checks_answers import HEADER, cookie_faults, cors_faults, is_number, is_whole
from sessionware.checks_limits import limit_faults
from sessionware.errors import ConfigurationError, Fault
from sessionware.hints import NAMES as HINTS
from sessionware.identity import PARTS, TOKEN
from sessionware.proxies import parse_network
from sessionware.request import UNIX
from sessionware.settings import TIMES, keys_of
from sessionware.store import open_store
from sessionware.token import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.settings import Settings

CARRIERS = ("query", "cookie")
CARRYING = ("manifests", "segments")
KEY_BYTES = 16
PAIR = 2

_NAME = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
_HOST = re.compile(r"(?:\*\.)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")

_CHOICES: dict[str, tuple[object, ...]] = {
    "on_store_error": ("serve", "refuse"),
    "on_admit_error": ("deny", "allow"),
    "stream_info": ("viewer", "output", "unspecified", "none"),
    "foreign_tokens": ("replace", "accept"),
    "shared": ("split", "ride"),
    "ip_privacy": ("full", "network", "hash"),
    "handoff": ("redirect", "inline"),
    "redirect_status": (302, 303, 307),
    "location": ("root", "relative", "absolute"),
}
_LISTS: dict[str, tuple[str, ...]] = {
    "read": CARRIERS,
    "write": CARRIERS,
    "hints": HINTS,
    "carry_to": CARRYING,
    "viewer": PARTS,
    "input": PARTS,
    "output": PARTS,
    "unspecified": PARTS,
}
_FLAGS = ("allow_split_memory", "require_token", "dash_location", "strip_from_app", "supersede")
_STATUSES = (
    "expired_live_status",
    "expired_vod_status",
    "denied_status",
    "ended_status",
    "limit_status",
)
_MAY_BE_ZERO = frozenset({"remember", "deny_for", "revive_window", "sweep_every"})
_TEXTS = {
    "aliases": 'aliases=("sid",)',
    "read": 'read=("query", "cookie")',
    "write": 'write=("query", "cookie")',
    "hints": 'hints=("cmcd",)',
    "trusted_header": 'trusted_header="X-CDN-Session"',
    "trusted_proxies": 'trusted_proxies=("10.0.0.0/8", "unix")',
    "carry_to": 'carry_to=("manifests", "segments")',
    "carry_hosts": 'carry_hosts=("media.example",)',
}
_PATTERNS = {
    "match": r'match=r"\.m3u8$"',
    "track": r'track=r"\.(ts|m4s)$"',
    "stream": r'stream=r"/live/(?P<stream>[^/]+)/"',
    "service": r'service=r"[0-9a-f]{32}"',
}
_PUBLIC_URL = 'public_url="https://tv.example"'
_CALLABLES = ("exclude", "classify", "admit", "identify", "on_event")


def faults(settings: Settings) -> Iterator[Fault]:
    """Find everything that is wrong with the options, alone and together.

    Where an option is of a wrong type, the checks behind see its default in its place.
    """
    options = SimpleNamespace(**{f.name: getattr(settings, f.name) for f in fields(settings)})
    defaults = {f.name: f.default for f in fields(settings)}
    for fault in _types(options):
        setattr(options, fault.option, defaults[fault.option])
        yield fault
    for check in (_simple, _patterns, _secret, _store, _names, _proxies, _parts, _handoff):
        yield from check(options)
    yield from limit_faults(options)


def _types(s: Any) -> Iterator[Fault]:
    for name, example in _TEXTS.items():
        value = getattr(s, name)
        if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
            yield Fault(name, value, "is neither a text nor a sequence of texts", example)
    for name, example in _PATTERNS.items():
        value = getattr(s, name)
        if value is not None and not isinstance(value, str) and name != "stream":
            yield Fault(name, value, "is no regular expression for text", example)
    announce = s.announce
    if announce is not None and not (
        isinstance(announce, tuple) and len(announce) == PAIR and all(map(_is_name, announce))
    ):
        reason = "is no pair of a query parameter and its value"
        yield Fault("announce", announce, reason, 'announce=("response", "200")')
    if s.public_url is not None and not isinstance(s.public_url, str):
        yield Fault("public_url", s.public_url, "is no text", _PUBLIC_URL)


def _simple(s: Any) -> Iterator[Fault]:
    for name, choices in _CHOICES.items():
        value = getattr(s, name)
        if value not in choices:
            yield Fault(name, value, f"is none of {_or(choices)}", f"{name}={choices[0]!r}")
    for name, allowed in _LISTS.items():
        value = getattr(s, name)
        if not isinstance(value, tuple | frozenset) or not set(value) <= set(allowed):
            yield Fault(name, value, f"may hold {_or(allowed)} only", f"{name}={allowed[:1]!r}")
    for name in _FLAGS:
        if not isinstance(getattr(s, name), bool):
            yield Fault(name, getattr(s, name), "is neither True nor False", f"{name}=True")
    yield from _times(s)
    for name in _CALLABLES:
        value = getattr(s, name)
        if value is not None and not callable(value):
            yield Fault(name, value, "can't be called", f"{name}=lambda request: None")
    if not callable(s.clock):
        yield Fault("clock", s.clock, "can't be called", "clock=time.time")
    if not is_whole(s.ipv6_prefix, 1, 128):
        reason = "is no number of bits from 1 to 128"
        yield Fault("ipv6_prefix", s.ipv6_prefix, reason, "ipv6_prefix=64")
    if not is_whole(s.max_manifest, 1, 2**40):
        reason = "is no positive number of bytes"
        yield Fault("max_manifest", s.max_manifest, reason, "max_manifest=8 * 1024 * 1024")
    for name in _STATUSES:
        if not is_whole(value := getattr(s, name), 400, 599):
            yield Fault(name, value, "is no status from 400 to 599", f"{name}=403")


def _times(s: Any) -> Iterator[Fault]:
    for name in (*TIMES, "revive_window"):
        value = getattr(s, name)
        if name == "revive_window" and value is None:
            continue
        zero = name in _MAY_BE_ZERO and is_number(value) and value == 0
        if not zero and (not is_number(value) or not 0 < value < float("inf")):
            reason = "is no positive number of seconds and no timedelta"
            yield Fault(name, value, reason, f"{name}=timedelta(minutes=2)")
    factor = s.vod_factor
    if factor is not None and (not is_number(factor) or not 0 < factor < float("inf")):
        yield Fault("vod_factor", factor, "is neither a positive number nor None", "vod_factor=1.5")


def _patterns(s: Any) -> Iterator[Fault]:
    for name, example in _PATTERNS.items():
        value = getattr(s, name)
        if (value is None and name != "match") or (name == "stream" and callable(value)):
            continue
        try:
            pattern = re.compile(value)
        except (re.error, TypeError) as error:
            yield Fault(name, value, f"is no regular expression: {error}", example)
            continue
        if name == "stream" and "stream" not in pattern.groupindex:
            yield Fault(name, value, "has no group named stream", example)
        if name in {"match", "track"} and pattern.search(""):
            yield Fault(name, value, "matches every path", example)


def _secret(s: Any) -> Iterator[Fault]:
    if s.secret is None:
        return
    example = "secret=os.environ['SESSIONWARE_SECRET']"
    try:
        keys = keys_of(s.secret)
    except TypeError:
        keys = ()
    if not keys or not all(isinstance(key, bytes) for key in keys):
        reason = "is neither text nor bytes nor a sequence of them, oldest first"
        yield Fault("secret", s.secret, reason, example)
    elif min(map(len, keys)) < KEY_BYTES:
        yield Fault("secret", s.secret, "has a key of fewer than 16 bytes", example)


def _store(s: Any) -> Iterator[Fault]:
    if isinstance(s.store, str):
        try:
            open_store(s.store).close()
        except ConfigurationError as error:
            yield from error.faults
    elif not callable(getattr(s.store, "execute", None)):
        reason = "is neither a URL nor a store: it has no execute()"
        yield Fault("store", s.store, reason, "store=MemoryStore()")
    if not callable(s.new_token) and s.new_token not in tuple(FORMATS):
        reason = f"is neither {_or(tuple(FORMATS))} nor a function that makes a TokenFormat"
        yield Fault("new_token", s.new_token, reason, 'new_token="core"')


def _names(s: Any) -> Iterator[Fault]:
    names: dict[str, tuple[Any, ...]]
    names = {"parameter": (s.parameter,), "service_parameter": (s.service_parameter,)}
    names["aliases"] = s.aliases
    names["announce"] = s.announce[:1] if s.announce is not None else ()
    taken: dict[str, str] = {}
    for option, values in names.items():
        for value in values:
            if not _is_name(value):
                reason = "is no name of a query parameter (letters, digits, _ . ~ -)"
                yield Fault(option, value, reason, f'{option}="tkn"')
                continue
            if value in taken:
                reason = f"is the name that {taken[value]} has already"
                yield Fault(option, value, reason, f'{option}="{value}2"')
            taken[value] = option
    yield from cookie_faults(s.cookie)
    yield from cors_faults(s.cors)


def _proxies(s: Any) -> Iterator[Fault]:
    for text in s.trusted_proxies:
        try:
            if text != UNIX:
                parse_network(text)
        except ValueError as error:
            reason = f"is neither a network nor 'unix': {error}"
            yield Fault("trusted_proxies", text, reason, 'trusted_proxies=("10.0.0.0/8", "unix")')
    for name in s.trusted_header:
        if HEADER.fullmatch(name) is None:
            reason = "is no name of a header"
            yield Fault("trusted_header", name, reason, 'trusted_header="X-CDN-Session"')
    for host in s.carry_hosts:
        if not isinstance(host, str) or _HOST.fullmatch(host) is None:
            reason = "is no host (with a port, or with *. in front, if you like)"
            yield Fault("carry_hosts", host, reason, 'carry_hosts=("media.example",)')


def _parts(s: Any) -> Iterator[Fault]:
    read, write = set(s.read), set(s.write)
    if not write <= read:
        reason = "what is written must be read"
        yield Fault("write", s.write, reason, f"read={tuple(read | write)!r}")
    if s.require_token and s.track is None:
        reason = "needs paths to guard"
        yield Fault("require_token", s.require_token, reason, r'track=r"\.(ts|m4s)$"')
    if s.require_token and TOKEN not in s.viewer:
        reason = "nobody has a token where viewer has no 'token'"
        yield Fault("require_token", s.require_token, reason, 'viewer={"stream", "token"}')


def _handoff(s: Any) -> Iterator[Fault]:
    if s.public_url is not None:
        if not _is_site(s.public_url):
            reason = "is no http or https URL with a host and perhaps a path"
            yield Fault("public_url", s.public_url, reason, _PUBLIC_URL)
    elif s.location == "absolute":
        reason = "an absolute Location needs public_url"
        yield Fault("location", s.location, reason, _PUBLIC_URL)
    if "manifests" not in s.carry_to and set(s.carry_to) <= set(CARRYING):
        reason = "segments carry what their manifests do: those must carry, too"
        yield Fault("carry_to", s.carry_to, reason, _TEXTS["carry_to"])
    if s.service is not None and s.handoff == "inline":
        reason = "the service moves into the query by a redirect; inline makes none"
        yield Fault("handoff", s.handoff, reason, 'handoff="redirect"')
    if s.service is not None and "query" not in s.write:
        reason = "the service travels in the query, beside the token"
        yield Fault("write", s.write, reason, 'write=("query",)')


def _is_site(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.netloc) and not (url.query or url.fragment)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _or(values: tuple[object, ...]) -> str:
    return " or ".join(map(repr, values))
