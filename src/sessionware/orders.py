"""The operator's denials, as one worker knows them: who is kept out (SPEC 8).

Values and rules, no I/O. The store keeps the orders and their version; a worker whose version is
another one asks for them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING

from sessionware.proxies import parse_network
from sessionware.request import parse_ip
from sessionware.session import Cause
from sessionware.store import Bar

if TYPE_CHECKING:
    from sessionware.store import Denial, MetaInfo


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks, or whose session it is; ``ip`` is the whole address."""

    key: bytes
    ip: str
    user: str | None
    stream: str
    holder: bytes


class Orders:
    """What a worker knows of the denials.

    There may be thousands, and each request asks: so those of one address, user, token or session
    are found by it, and only the others are gone through.
    """

    def __init__(self) -> None:
        self.version: int | None = None
        self.denials: tuple[Denial, ...] = ()
        self._by_name: dict[object, list[Denial]] = {}
        self._others: list[Denial] = []

    def learn(self, meta: MetaInfo) -> None:
        """Take over what the store says; if that is old already, the next answer tells."""
        if meta.orders == self.version and meta.denials == self.denials:
            return
        by_name: dict[object, list[Denial]] = {}
        others: list[Denial] = []
        for denial in meta.denials:
            name = _name_of(denial)
            (others if name is None else by_name.setdefault(name, [])).append(denial)
        self._by_name, self._others = by_name, others
        self.version, self.denials = meta.orders, meta.denials

    def bar(self, subject: Subject, now: float) -> Bar | None:
        """Give what stands before somebody: the denial that lasts longest."""
        names = (subject.key, subject.holder, ("user", subject.user), _host(subject.ip))
        found = [denial for name in names for denial in self._by_name.get(name, ())]
        fitting = [d for d in (*found, *self._others) if now < d.until and fits(d, subject)]
        if not fitting:
            return None
        longest = max(fitting, key=lambda denial: denial.until)
        return Bar(Cause.DENIED, longest.until, 0, longest.reason)


def _name_of(denial: Denial) -> object:
    """Give what a denial is found by, None if it must be gone through."""
    named: object = denial.key or denial.holder
    if named is None and denial.user is not None:
        named = ("user", denial.user)
    if named is None and denial.ip is not None:
        network = _network(denial.ip)
        if network is not None and network.num_addresses == 1:
            return network.network_address
    return named


@lru_cache(maxsize=4096)
def _host(ip: str) -> object:
    """Give an address as those of denials are found by; what is none is found by itself."""
    return parse_ip(ip) or ip


def fits(denial: Denial, subject: Subject) -> bool:
    """Tell whether all that a denial names holds for somebody."""
    return (
        denial.key in {None, subject.key}
        and denial.user in {None, subject.user}
        and denial.holder in {None, subject.holder}
        and (denial.stream is None or covers(denial.stream, subject.stream))
        and (denial.ip is None or is_within(subject.ip, denial.ip))
    )


def covers(stream: str, other: str) -> bool:
    """Tell whether what is said of a stream holds for another: itself, or one below it."""
    return other == stream or other.startswith(f"{stream}/")


@lru_cache(maxsize=4096)
def is_within(ip: str, network: str) -> bool:
    """Tell whether an address, or a network, lies in a network."""
    around = _network(network)
    inner = _network(ip)
    if around is None or inner is None:
        return ip == network
    if isinstance(inner, IPv4Network) and isinstance(around, IPv4Network):
        return inner.subnet_of(around)
    if isinstance(inner, IPv6Network) and isinstance(around, IPv6Network):
        return inner.subnet_of(around)
    return False


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    address = parse_ip(text)
    if address is not None:
        return ip_network(address)
    try:
        return parse_network(text)
    except ValueError:
        return None
