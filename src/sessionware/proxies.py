"""Whose word counts: trusted proxies and the headers by which they speak of the client (SPEC 4)."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, NamedTuple

from sessionware.request import UNIX, parse_ip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Network = IPv4Network | IPv6Network

_MAPPED = 96
"""So many bits say that an IPv6 address is an IPv4 one."""

# One pair of RFC 7239 and what ends it; possessive, so that no header takes long to read.
_FORWARDED_PAIR = re.compile(
    r"""\s*+(?:([A-Za-z0-9!#$%&'*+.^_`|~-]+)=("(?:[^"\\]|\\.)*+"|[^;,\s"]*+))?\s*+(?:[;,]|$)"""
)
_PREFIX = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


class Client(NamedTuple):
    """The client as told by the peer: address, scheme, host and path prefix ("" where unsaid)."""

    ip: str
    scheme: str
    host: str
    prefix: str


def parse_network(text: str) -> Network:
    """Parse ``10.0.0.0/8``, ``192.0.2.1`` or ``2001:db8::/32``; ValueError for anything else.

    An IPv4-mapped one is its IPv4, as of addresses.
    """
    network = ip_network(text, strict=False)
    if isinstance(network, IPv6Network) and network.prefixlen >= _MAPPED:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - _MAPPED))
    return network


class TrustedProxies:
    """Answers whether a peer is trusted, and what a trusted one says of its client."""

    def __init__(self, proxies: Sequence[str]) -> None:
        self._unix = UNIX in proxies
        self._networks = tuple(parse_network(text) for text in proxies if text != UNIX)
        self.trusts: Callable[[str], bool] = lru_cache(maxsize=1024)(self._trusts)

    def __bool__(self) -> bool:
        return self._unix or bool(self._networks)

    def _trusts(self, peer: str) -> bool:
        if peer == UNIX:
            return self._unix
        address = parse_ip(peer)
        return address is not None and any(address in network for network in self._networks)

    def client(self, peer: str, headers: Mapping[str, str]) -> Client:
        """Tell what the headers of a trusted peer say of its client.

        The address is the right-most one that no trusted proxy has. ``X-Forwarded-For`` goes
        before ``Forwarded``: nearly every proxy overwrites the former and lets a client's own
        ``Forwarded`` pass. Of a list of schemes, hosts or prefixes the last one counts: the
        nearest proxy wrote it.
        """
        forwarded = _pairs(headers.get("forwarded", ""))
        said = dict(forwarded)
        if (chain := headers.get("x-forwarded-for")) is not None:
            hops = chain.split(",")
        else:
            hops = [value for name, value in forwarded if name == "for"]
        scheme = _last(headers.get("x-forwarded-proto")) or said.get("proto", "")
        host = _last(headers.get("x-forwarded-host")) or said.get("host", "")
        prefix = _last(headers.get("x-forwarded-prefix")).rstrip("/")
        return Client(
            self._nearest(peer, hops),
            scheme.lower() if scheme.lower() in {"http", "https"} else "",
            host if _HOST.fullmatch(host) else "",
            prefix if _PREFIX.fullmatch(prefix) else "",
        )

    def _nearest(self, peer: str, hops: Sequence[str]) -> str:
        nearest = peer
        for hop in reversed(hops):
            address = parse_ip(hop)
            if address is None:  # "unknown", an obfuscated name: nothing behind it is believed
                break
            nearest = str(address)
            if not self.trusts(nearest):
                break
        return nearest


def _pairs(forwarded: str) -> list[tuple[str, str]]:
    """Read a ``Forwarded`` header; none of one that is malformed.

    A client's open quote would swallow the element that the proxy wrote behind it.
    """
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(forwarded):
        pair = _FORWARDED_PAIR.match(forwarded, at)
        if pair is None:
            return []
        if pair[1]:
            pairs.append((pair[1].lower(), pair[2].strip('"')))
        at = pair.end()
    return pairs


def _last(value: str | None) -> str:
    return (value or "").rpartition(",")[2].strip()
