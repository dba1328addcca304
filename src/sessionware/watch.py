"""What one worker notices by itself: redirect loops, tokens that get about, a store that fails.

The memories are bounded and per worker: an entry must not write to the store (SPEC 3), and losing
them costs a few redirects, or an event.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

LOOP_WINDOW = 10.0
LOOP_REDIRECTS = 3
SHARED_WINDOW = 600.0
SHARED_NETWORKS = 8
MAX_CLIENTS = 1024
MAX_TOKENS = 4096

ClientKey = tuple[str, str, str]
"""IP, User-Agent and path."""


@dataclass(slots=True)
class _Redirects:
    since: float
    last: float
    count: int = 0
    hot: bool = False


class LoopGuard:
    """Notices clients whose follow-ups never come back with the token (P38)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: dict[ClientKey, _Redirects] = {}

    def redirecting(self, client: ClientKey, now: float) -> bool | None:
        """Tell whether an entry must not be redirected any more; None: since this very request."""
        with self._lock:
            seen = self._clients.pop(client, None)
            window = seen is not None and now - (seen.last if seen.hot else seen.since)
            if seen is None or window > LOOP_WINDOW:
                seen = _Redirects(now, now)
            self._clients[client] = seen  # to the end: the oldest go first
            if len(self._clients) > MAX_CLIENTS:
                del self._clients[next(iter(self._clients))]
            seen.last = now
            if seen.hot:
                return True
            if seen.count >= LOOP_REDIRECTS:
                seen.hot = True
                return None
            seen.count += 1
            return False

    def followed(self, client: ClientKey) -> None:
        """Note that a client's follow-up came by query: nothing strips it."""
        if self._clients:
            with self._lock:
                self._clients.pop(client, None)


@dataclass(slots=True)
class _Networks:
    since: float
    seen: set[bytes] = field(default_factory=set)
    told: bool = False


class SharingWatch:
    """Notices tokens that are used from many networks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[bytes, _Networks] = {}

    def away(self, token: bytes, network: bytes, now: float, *, home: bool = True) -> int:
        """Note a use of a token away from where it was handed out.

        Answers the number of networks the one time that they are too many, else 0; the network
        where it was handed out is one of them, unless it is not known (``home`` False).
        """
        with self._lock:
            uses = self._tokens.pop(token, None)
            if uses is None or now - uses.since > SHARED_WINDOW:
                uses = _Networks(now, told=uses is not None and uses.told)
            self._tokens[token] = uses
            if len(self._tokens) > MAX_TOKENS:
                del self._tokens[next(iter(self._tokens))]
            if not uses.told:
                uses.seen.add(network)
                networks = len(uses.seen) + home
                if networks > SHARED_NETWORKS:
                    uses.told = True
                    return networks
            return 0


class Outage:
    """From when to when this worker has seen the store fail (SPEC 6)."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.last: float = 0.0

    def failed(self, now: float) -> None:
        """Note a failure."""
        if self.since is None:
            self.since = now
        self.last = now

    def over(self) -> None:
        """Note that the store answers."""
        self.since = None
