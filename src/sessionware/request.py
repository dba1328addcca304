"""A request as a neutral value, the same from a scope and from an environ."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Address = IPv4Address | IPv6Address

UNIX = "unix"
"""The peer of a connection over a unix socket, which has no address."""


class Kind(StrEnum):
    """What a connection is (seed 000): who watches, what comes in, what goes out, the rest."""

    VIEWER = "viewer"
    INPUT = "input"
    OUTPUT = "output"
    UNSPECIFIED = "unspecified"
    STREAM_INFO = "stream_info"
    """Only for ``classify``: asks about a stream; the option ``stream_info`` says as what."""


@lru_cache(maxsize=1024)
def parse_ip(text: str) -> Address | None:
    """Parse an address; an IPv4-mapped one is its IPv4; None for what is no address.

    Accepts the forms of ``Forwarded`` and ``X-Forwarded-For``: ``192.0.2.1:4711``,
    ``[2001:db8::1]:4711``, quotes and zone ids.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def network_of(ip: str) -> bytes:
    """Give the network of an address, by which a phone that moves about is known: /24 or /48."""
    address = parse_ip(ip)
    if address is None:
        return ip.encode()
    return address.packed[: 3 if address.version == 4 else 6]  # noqa: PLR2004 - the IP version


class Request(NamedTuple):
    """One HTTP request; it can't be changed.

    ``path`` is what the app routes by: below the mount, percent-decoded. ``query`` is what came on
    the wire, ``headers`` maps lower-case names to values (several of one name joined), ``ip`` is
    the client's address behind trusted proxies, ``scheme`` and ``host`` are the client's too where
    a trusted proxy says so.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    ip: str
    user_agent: str
    scheme: str
    host: str
    client_path: str
    """The path from the root as the client wrote it, percent-encoded, with mount and prefix."""
    mount: str = ""
    """The part of ``client_path`` above ``path``: what the app is mounted at, percent-encoded."""
    trusted: bool = False
    """Whether the peer is a trusted proxy."""
    prefix: int = 0
    """The length of what a proxy took off the path: the app's server never saw it."""

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"  # query and cookies may hold a token
