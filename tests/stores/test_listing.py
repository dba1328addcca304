"""Pages of a listing: whoever is there throughout is listed once (SPEC 8, ``list``)."""

from __future__ import annotations

import pytest

from sessionware import Kind, MemoryStore, Sessions, Settings
from sessionware.store import Begin, Opening

NOW = 1001.0


def began(store: MemoryStore, number: int, at: float) -> None:
    key = number.to_bytes(16)
    opening = Opening(Kind.VIEWER, "s", "", "HLS", "", "", 120, NOW + 999, playing=True, mark=key)
    store.execute(Begin(key, at, opening))


def pages(store: MemoryStore, limit: int) -> list[int]:
    sessions = Sessions(store, Settings(clock=lambda: NOW))
    seen: list[int] = []
    after = None
    while True:
        page = sessions.list(after=after, limit=limit)
        seen += [int.from_bytes(session.key) for session in page.items]
        if page.next is None:
            return seen
        assert page.next != after
        after = page.next


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_sessions_that_began_in_one_instant_are_all_listed(limit):
    store = MemoryStore()
    for number in (5, 3, 9):
        began(store, number, 1000.0)
    assert pages(store, limit) == [3, 5, 9]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_threads_that_reach_the_lock_in_another_order_lose_nobody(limit):
    store = MemoryStore()
    began(store, 1, 1000.002)
    began(store, 2, 1000.001)
    assert pages(store, limit) == [2, 1]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_sessions_that_began_within_one_ms_are_listed_once(limit):
    store = MemoryStore()
    for number in range(6):
        began(store, number + 1, 1000.0004 + number * 0.00003)
    assert sorted(pages(store, limit)) == [1, 2, 3, 4, 5, 6]
