"""Who is the same viewer: which parts make a session, and its key and id (SPEC 4, seed 000)."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

from sessionware.request import parse_ip

if TYPE_CHECKING:
    from sessionware.request import Kind

STREAM, IP, TOKEN, PROTOCOL = "stream", "ip", "token", "protocol"
PARTS = (STREAM, IP, TOKEN, PROTOCOL)

KEY_BYTES = 16

IPV4, IPV4_NETWORK, IPV6_NETWORK = 4, 24, 48
"""The version, and how many bits of an address are its network."""

_SESSION_ID = re.compile(r"([0-9a-f]{32})-([0-9a-f]{1,13})")


@lru_cache(maxsize=65536)
def session_key(  # every argument is a part of the identity; the order is fixed
    idkey: bytes,
    kind: Kind,
    user: str | None,
    service: str,
    stream: str | None,
    ip: bytes | None,
    token: bytes | None,
    protocol: str | None,
) -> bytes:
    """Give the key of a session, 16 bytes, from the parts that count; None: does not count.

    Keyed with the store's ``idkey`` and not with ``secret``: rotating secrets moves nobody, and
    without the store nobody can go from a key back to what it was made of.

    All keys of a token begin with the same byte: a store of several partitions finds by it where
    a session is, and all of one token lie together.
    """
    key = blake2b(key=idkey, digest_size=KEY_BYTES)
    for part in (kind.value, user, service, stream, ip, token, protocol):
        if part is None:
            key.update(b"\xff\xff\xff\xff")
            continue
        value = part if isinstance(part, bytes) else part.encode(errors="surrogatepass")
        key.update(len(value).to_bytes(4) + value)
    if token is None:
        return key.digest()
    return name_of(idkey, TOKEN, token)[:1] + key.digest()[1:]


@lru_cache(maxsize=65536)
def name_of(idkey: bytes, what: str, *parts: str | bytes) -> bytes:
    """Give a name, 16 bytes, for a token, a client or a scope: keyed as session keys are.

    ``what`` keeps names of different things apart.
    """
    name = blake2b(key=idkey, digest_size=KEY_BYTES, person=what.encode())
    for part in parts:
        value = part if isinstance(part, bytes) else part.encode(errors="surrogatepass")
        name.update(len(value).to_bytes(4) + value)
    return name.digest()


@lru_cache(maxsize=1024)
def ip_part(ip: str, ipv6_prefix: int) -> bytes:
    """Give the bytes by which addresses are compared: 16, an IPv4 mapped, an IPv6 cut to a prefix.

    A peer without an address (a unix socket) is compared by its name.
    """
    address = parse_ip(ip)
    if address is None:
        return ip.encode()
    if isinstance(address, IPv6Address):
        return (int(address) >> (128 - ipv6_prefix) << (128 - ipv6_prefix)).to_bytes(16)
    return bytes(10) + b"\xff\xff" + address.packed


@lru_cache(maxsize=1024)
def kept_ip(ip: str, privacy: str, idkey: bytes) -> str:
    """Give what is kept of an address (``ip_privacy``): all, its network, or 16 hex digits.

    The digits are keyed by the store's ``idkey``: the same in all workers, and no way back.
    """
    if privacy == "full":
        return ip
    if privacy == "hash":
        return blake2b(ip.encode(), key=idkey, digest_size=8, person=b"ip").hexdigest()
    address = parse_ip(ip)
    if address is None:
        return ip
    return str(
        ip_network((address, IPV4_NETWORK if address.version == IPV4 else IPV6_NETWORK), False)
    )


def session_id(key: bytes, started: float) -> str:
    """Give the public name of one life: the key and the ms when it began; no way back to a token.

    32 hex digits, a hyphen, and the time in hex.
    """
    return f"{key.hex()}-{milliseconds(started):x}"


def milliseconds(started: float) -> int:
    """Give the time of a beginning as ids tell it."""
    return round(started * 1000)


def parse_session_id(text: str) -> tuple[bytes, int] | None:
    """Split a session id into its key and the ms when that life began; None for anything else."""
    shape = _SESSION_ID.fullmatch(text)
    return None if shape is None else (bytes.fromhex(shape[1]), int(shape[2], 16))
