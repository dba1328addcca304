"""Tokens: the secret that a client carries (SPEC 3).

A token is issued once and verified at every request; nothing of it needs a store. Two formats of
ours exist, and an app may bring its own (:class:`TokenFormat`). What a client says of itself, a
*foreign* token, is only a token where ``foreign_tokens="accept"``.
"""

from __future__ import annotations

import re
import secrets
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b, sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol

from itsdangerous import Signer

from sessionware.request import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_TOKEN = 512
"""The longest token that is read, in characters, its link included."""

ALPHABET = re.compile(r"[A-Za-z0-9_.-]{1,512}")
FOREIGN = re.compile(r"[A-Za-z0-9_-]{1,128}")

RANDOM_BYTES = 16


class Origin(IntEnum):
    """Where a token comes from; part of its identity, so that no origin can pose as another."""

    ISSUED = 1
    DERIVED = 2
    FOREIGN = 3
    HEADER = 4
    PROCESS = 5


class Prints(tuple[int, int]):
    """16-bit keyed hashes of a client's User-Agent and IP network: a hint, never a proof."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A usable token: ``text`` is what is written (no link), ``identity`` what tells it apart.

    ``issued`` is in seconds, None for a token without a time; ``handed_to`` the prints of the
    client that it was issued to and ``key`` the number of the key that made them, or None.
    """

    text: str = field(repr=False)
    origin: Origin
    identity: bytes = field(repr=False)
    issued: float | None = None
    handed_to: Prints | None = None
    key: int = 0


class TokenFormat(Protocol):
    """How tokens look. An object of an app's own may be given as ``new_token``."""

    def issue(self, now: float, agent: str, ip: str, service: str) -> Token:
        """Make a fresh token for a client; ``service`` is covered by its signature."""

    def derive(self, digest: bytes, agent: str, ip: str, service: str) -> Token:
        """Make the token that always belongs to a digest of 16 bytes; it has no time."""

    def read(self, text: str, service: str) -> Token | None:
        """Verify a token; None for what this format did not issue for that service."""

    def prints(self, token: Token, agent: str, ip: str) -> Prints | None:
        """Give the prints of a client under the key of a token; None where it has no room."""


class Keys:
    """The signing keys, from oldest to newest: all verify, the newest signs."""

    def __init__(self, keys: Sequence[bytes], purpose: bytes) -> None:
        self._signers = tuple(
            Signer(key, salt=b"sessionware." + purpose, key_derivation="hmac", digest_method=sha256)
            for key in keys
        )
        self._derived = tuple(signer.derive_key() for signer in self._signers)
        self._print_keys = tuple(
            sha256(b"sessionware.prints\0" + purpose + b"\0" + key).digest() for key in keys
        )
        self.newest: int = len(self._signers) - 1
        self.prints: Callable[[int, str, str], Prints] = lru_cache(maxsize=1024)(self._prints)

    def mac(self, key: int, value: bytes) -> bytes:
        """Give the MAC of a value, 32 bytes, under one key."""
        return self._signers[key].algorithm.get_signature(self._derived[key], value)

    def verify(self, value: bytes, mac: bytes) -> int | None:
        """Give the number of the key that made this MAC or began with it, newest first."""
        for key in range(self.newest, -1, -1):
            if compare_digest(self.mac(key, value)[: len(mac)], mac):
                return key
        return None

    def _prints(self, key: int, agent: str, ip: str) -> Prints:
        print_key = self._print_keys[key]
        agent_print = blake2b(agent.encode(errors="replace"), digest_size=2, key=print_key)
        network_print = blake2b(network_of(ip), digest_size=2, key=print_key)
        return Prints(
            (
                int.from_bytes(agent_print.digest()),
                int.from_bytes(network_print.digest()),
            )
        )


class CoreFormat:
    """The default: ``payload.signature``, 80 characters.

    The payload is one byte of origin, 16 random bytes, the time of issue in ms (6 bytes) and the
    two prints (2 bytes each); the signature is itsdangerous' over payload and service.
    """

    # The last character has two bits to spare: they are 0, so that a token has one spelling.
    _SHAPE = re.compile(r"([A-Za-z0-9_-]{36})\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])")

    def __init__(
        self, keys: Sequence[bytes], random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._keys = Keys(keys, b"core")
        self._random = random

    def issue(self, now: float, agent: str, ip: str, service: str) -> Token:
        """Make a fresh token."""
        return self._make(Origin.ISSUED, self._random(RANDOM_BYTES), now, agent, ip, service)

    def derive(self, digest: bytes, agent: str, ip: str, service: str) -> Token:
        """Make the token of a digest."""
        return self._make(Origin.DERIVED, digest[:RANDOM_BYTES], 0, agent, ip, service)

    def read(self, text: str, service: str) -> Token | None:
        """Verify shape and signature."""
        shape = self._SHAPE.fullmatch(text)
        if shape is None:
            return None
        payload = urlsafe_b64decode(shape[1])
        mac = urlsafe_b64decode(shape[2] + "=")
        key = self._keys.verify(_covered(payload, service), mac)
        return None if key is None else _core(text, payload, key)

    def prints(self, token: Token, agent: str, ip: str) -> Prints | None:
        """Give the client's prints under the token's key."""
        return self._keys.prints(token.key, agent, ip)

    def _make(
        self, origin: Origin, unique: bytes, now: float, agent: str, ip: str, service: str
    ) -> Token:
        agent_print, network_print = self._keys.prints(self._keys.newest, agent, ip)
        payload = b"".join(
            (
                bytes((origin,)),
                unique,
                round(now * 1000).to_bytes(6),
                agent_print.to_bytes(2),
                network_print.to_bytes(2),
            )
        )
        signature = self._keys.mac(self._keys.newest, _covered(payload, service))
        text = f"{_b64(payload)}.{_b64(signature)}"
        return _core(text, payload, self._keys.newest)


def _core(text: str, payload: bytes, key: int) -> Token:
    end = 1 + RANDOM_BYTES
    milliseconds = int.from_bytes(payload[end : end + 6])
    return Token(
        text,
        Origin(payload[0]),
        payload[:end],
        milliseconds / 1000 if milliseconds else None,
        Prints((int.from_bytes(payload[-4:-2]), int.from_bytes(payload[-2:]))),
        key,
    )


class BroadpeakFormat:
    """broadpeak.io's form (seed 003): ``<11 hex digits of ms>-<UUID>``, unforgeable all the same.

    The UUID is of version 8 (RFC 9562): of its 122 free bits 58 are random and 64 are a MAC over
    time, random bits and service. There is no room for prints.
    """

    _SHAPE = re.compile(
        r"([0-9a-f]{11})-([0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"
    )
    _RANDOM_BITS = 58

    def __init__(
        self, keys: Sequence[bytes], random: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._keys = Keys(keys, b"broadpeak")
        self._random = random

    def issue(self, now: float, agent: str, ip: str, service: str) -> Token:  # noqa: ARG002 - no room
        """Make a fresh token; the client leaves no print in it."""
        return self._make(round(now * 1000), self._random(8), service)

    def derive(self, digest: bytes, agent: str, ip: str, service: str) -> Token:  # noqa: ARG002 - no room
        """Make the token of a digest; its time is 0."""
        return self._make(0, digest[:8], service)

    def read(self, text: str, service: str) -> Token | None:
        """Verify shape and MAC."""
        shape = self._SHAPE.fullmatch(text)
        if shape is None:
            return None
        bits = uuid.UUID(shape[2]).int
        high, middle, low = bits >> 80, (bits >> 64) & 0xFFF, bits & ((1 << 62) - 1)
        free = (high << 74) | (middle << 62) | low
        milliseconds, unique = int(shape[1], 16), free >> 64
        mac = (free & ((1 << 64) - 1)).to_bytes(8)
        key = self._keys.verify(_covered(_stamp(milliseconds, unique), service), mac)
        return None if key is None else self._token(text, milliseconds, unique, key)

    def prints(self, token: Token, agent: str, ip: str) -> Prints | None:  # noqa: ARG002 - no room
        """Say that there are none."""
        return None

    def _make(self, milliseconds: int, unique_bytes: bytes, service: str) -> Token:
        unique = int.from_bytes(unique_bytes) >> (64 - self._RANDOM_BITS)
        covered = _covered(_stamp(milliseconds, unique), service)
        mac = int.from_bytes(self._keys.mac(self._keys.newest, covered)[:8])
        free = (unique << 64) | mac
        bits = (free >> 74) << 80 | 0x8 << 76 | ((free >> 62) & 0xFFF) << 64
        bits |= 0b10 << 62 | free & ((1 << 62) - 1)
        text = f"{milliseconds:011x}-{uuid.UUID(int=bits)}"
        return self._token(text, milliseconds, unique, self._keys.newest)

    def _token(self, text: str, milliseconds: int, unique: int, key: int) -> Token:
        origin = Origin.ISSUED if milliseconds else Origin.DERIVED
        return Token(
            text,
            origin,
            bytes((origin,)) + _stamp(milliseconds, unique),
            milliseconds / 1000 if milliseconds else None,
            None,
            key,
        )


STEADY = (CoreFormat, BroadpeakFormat)
"""Formats whose word on a token never changes."""

FORMATS: dict[str, Callable[[Sequence[bytes]], TokenFormat]] = {
    "core": CoreFormat,
    "broadpeak": BroadpeakFormat,
}


def foreign(text: str) -> Token | None:
    """Take a client's own value as its token (seed 000, "set your own tkn=value")."""
    if FOREIGN.fullmatch(text) is None:
        return None
    return Token(text, Origin.FOREIGN, bytes((Origin.FOREIGN,)) + text.encode())


def of_process(text: str) -> Token:
    """Name a connection that a process of ours holds (seed 000: the process id is the token)."""
    return Token("", Origin.PROCESS, bytes((Origin.PROCESS,)) + text.encode())


def from_header(text: str) -> Token | None:
    """Take a session id that a trusted CDN made: 1 to 512 visible ASCII characters."""
    if not 0 < len(text) <= MAX_TOKEN or not text.isascii() or not text.isprintable():
        return None
    return Token("", Origin.HEADER, bytes((Origin.HEADER,)) + text.encode())


def _covered(payload: bytes, service: str) -> bytes:
    return payload + b"\0" + service.encode(errors="surrogateescape")


def _stamp(milliseconds: int, unique: int) -> bytes:
    return milliseconds.to_bytes(6) + unique.to_bytes(8)


def _b64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
