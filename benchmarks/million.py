"""The memory store with 1,000,000 sessions: what they weigh, their end, and their number."""

import gc
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, thread_time

from timing import best, once
from traffic import MEDIA, PLAYLIST, SECRET, AsgiApp, ask_asgi, follow, new_ip, scope

from sessionware import Kind, MemoryStore
from sessionware.asgi import StreamSessionMiddleware
from sessionware.store import Begin, Count, Opening, Sweep

SESSIONS = 1_000_000
STREAMS = [f"channel/{number}" for number in range(100)]
BEGIN, SPREAD = 1_760_000_000.0, 100.0
REQUESTS = 28_000
"""Requests while sessions expire; each pays for a few of them, so these for most."""


def fill(store: MemoryStore, number: int, more: int) -> None:
    """Begin sessions: each with a key and an address of its own, spread over 100 s."""
    for n in range(number, number + more):
        now = BEGIN + n * SPREAD / SESSIONS
        key = secrets.token_bytes(16)
        opening = Opening(
            kind=Kind.VIEWER,
            stream=STREAMS[n % len(STREAMS)],
            ip=new_ip(),
            protocol="HLS",
            service="",
            params="",
            timeout=120.0,
            deadline=now + 86400,
            playing=True,
            mark=key,
            holder=key,
            client=secrets.token_bytes(16),
            events=True,
        )
        store.execute(Begin(key, now, opening))


def resident() -> int:
    """Give the bytes of this process that are in memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def count_time(store: MemoryStore) -> float:
    now = BEGIN + SPREAD
    command = Count(now, stream=STREAMS[1])
    return best({"count": once(lambda: store.execute(command))}, 500, calls=1)["count"]


def measure() -> Iterator[tuple[str, float, str]]:
    store = MemoryStore(max_sessions=2 * SESSIONS)
    time = [BEGIN]
    app = StreamSessionMiddleware(
        AsgiApp(PLAYLIST), secret=SECRET, store=store, clock=lambda: time[0]
    )
    query = follow(app, MEDIA, "192.0.2.1")
    fill(store, 0, 1000)
    few = count_time(store)
    gc.collect()
    before = resident()
    fill(store, 1000, SESSIONS - 1000)
    gc.collect()
    weight = (resident() - before) / (SESSIONS - 1000)
    yield "memory-per-session", weight, f"RSS, {SESSIONS:,} sessions, index and address included"
    collecting = best({"gc": once(gc.collect)}, 8, calls=1)["gc"] / 1000
    yield "memory-full-gc", collecting, f"gc.collect() with {SESSIONS:,} sessions"
    many = count_time(store)
    yield "count-one-stream", many, f"{SESSIONS:,} sessions; with 1,000 {few:.1f} us"

    time[0] = BEGIN + 10_000
    worst = 0.0
    for _ in range(REQUESTS):
        one = scope(MEDIA, query)
        started = thread_time()  # not the time in which the machine did something else
        ask_asgi(app, [one])
        worst = max(worst, thread_time() - started)
    left = len(store)
    started = perf_counter()
    while store.execute(Sweep(time[0])):
        pass
    each = (perf_counter() - started) / left * 1e6
    yield "expire", each, f"swept {left:,}"
    ended = f"{SESSIONS - left:,} expired during {REQUESTS:,} whole requests; CPU time"
    yield "expire-worst-request", worst * 1000, ended
