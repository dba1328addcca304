"""What a request costs with 1,000, 100,000 and 1,000,000 sessions alive.

A random session is touched each time, through the whole middleware.
"""

import random
import secrets
from collections.abc import Iterator
from itertools import cycle, islice
from time import time

from timing import CALLS, best
from traffic import MEDIA, PLAYLIST, SECRET, AsgiApp, ask_asgi, follow, new_ip, scope

from sessionware import Kind, MemoryStore
from sessionware.asgi import StreamSessionMiddleware
from sessionware.store import Begin, Opening

VIEWERS = 20_000
"""So many sessions, at most, are touched: each was begun by a request; the others stand by."""


class Loaded:
    """A middleware with so many sessions, and requests of random viewers among them."""

    def __init__(self, sessions: int) -> None:
        store = MemoryStore(max_sessions=2 * sessions)
        self.app = StreamSessionMiddleware(
            AsgiApp(PLAYLIST), secret=SECRET, store=store, live_timeout=86400
        )
        viewers = []
        every = max(1, sessions // VIEWERS)
        for number in range(sessions):
            ip = new_ip()
            if number % every == 0:
                viewers.append((ip, follow(self.app, MEDIA, ip)))
            else:
                now = time()
                key = secrets.token_bytes(16)
                opening = Opening(
                    Kind.VIEWER, "live/cam1", ip, "HLS", "", "", 86400.0, now + 86400, True, key
                )
                store.execute(Begin(key, now, opening))
        random.Random(1).shuffle(viewers)
        self._viewers = cycle(viewers)

    def requests(self) -> object:
        scopes = [scope(MEDIA, query, ip=ip) for ip, query in islice(self._viewers, CALLS)]
        return lambda: ask_asgi(self.app, scopes)


def measure() -> Iterator[tuple[str, float, str]]:
    bare = AsgiApp(PLAYLIST)

    def unwrapped() -> object:
        scopes = [scope(MEDIA) for _ in range(CALLS)]
        return lambda: ask_asgi(bare, scopes)

    loads = {number: Loaded(number).requests for number in (1_000, 100_000, 1_000_000)}
    cost = best({**loads, "bare": unwrapped}, 400)
    few, more, most = (cost[number] - cost["bare"] for number in loads)
    yield "load-100k/1k", more / few, f"{more:.1f} of {few:.1f} us"
    yield "load-1m/1k", most / few, f"{most:.1f} of {few:.1f} us"
