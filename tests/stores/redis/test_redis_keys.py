"""What the Redis stores keep: keys that are declared, in one slot, and with a time to live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from redis.crc import key_slot

from sessionware import StoreError
from sessionware.store import Begin, Claim, Invalidate, Listing, Meta, Streams
from sessionware.store.redis import RedisStore
from sessionware.store.redis_scripts import FORMAT, TABLES
from sessionware.store.redis_surveys import CHUNK
from sessionware.testing.contract import CASES, run
from sessionware.testing.steps import OVER, START, begin, count, key

if TYPE_CHECKING:
    from support.redis_server import Server


class Watched:
    """Tells what scripts do on a server."""

    def __init__(self, server: Server) -> None:
        self._client = server.client()
        self._other = server.client()
        self._monitor = self._client.monitor()
        self._monitor.__enter__()

    def keys(self) -> set[str]:
        """Give the key of each command that a script gave since the last time."""
        self._other.echo("that is all")
        found = set()
        while (said := self._monitor.next_command())["command"] != "ECHO that is all":
            if said["client_type"] == "lua":
                found.add(said["command"].split(" ")[1])
        return found

    def close(self) -> None:
        self._monitor.__exit__(None, None, None)
        self._client.close()
        self._other.close()


def test_what_a_script_touches_is_declared_in_one_slot_and_has_a_time_to_live(
    server: Server,
) -> None:
    declared = {f"sessionware:{{0}}:{table}" for table in TABLES.values()}
    assert len({key_slot(key.encode()) for key in declared}) == 1
    touched: set[str] = set()
    watched, client = Watched(server), server.client()
    for case in CASES:
        run(case, RedisStore(server.url, timeout=10))
        keys = watched.keys()
        assert keys <= declared, case
        touched |= keys
        ending = {key: client.pttl(key) for key in client.keys("*")}
        assert all(left > 0 for left in ending.values()), (case, ending)
        client.flushdb()
    gates = {f"sessionware:{{0}}:{TABLES[name]}" for name in ("GATE", "GATE_UNTIL")}
    assert touched == declared - gates
    watched.close()
    client.close()


@pytest.mark.parametrize("name", TABLES)
def test_no_two_tables_have_one_key(name: str) -> None:
    assert list(TABLES.values()).count(TABLES[name]) == 1


def test_a_prefix_keeps_two_stores_apart(server: Server) -> None:
    one, other = (
        RedisStore(server.url, timeout=10),
        RedisStore(f"{server.url}?prefix=other", timeout=10),
    )
    one.execute(begin(1))
    assert one.execute(begin(1, START)).new is False
    assert other.execute(begin(1)).new is True
    one.close()
    other.close()


def test_a_store_in_a_format_to_come_is_refused(server: Server) -> None:
    store = RedisStore(server.url, timeout=10)
    store.execute(begin(1))
    with server.client() as client:
        client.hset("sessionware:{0}:m", "format", FORMAT + 1)
    with pytest.raises(StoreError, match=f"in format {FORMAT + 1}, .* update what is older"):
        store.execute(Meta())
    store.close()


def begin_as(number: int, now: float, **opening: str) -> Begin:
    begun = begin(1, now, **opening)
    return replace(begun, key=key(number), opening=replace(begun.opening, mark=key(number)))


def test_what_is_long_is_looked_at_in_pieces(server: Server) -> None:
    store = RedisStore(server.url, timeout=10)
    number = CHUNK + 2
    for each in range(number):
        store.execute(begin_as(each, START + each / 1024, stream=f"film {each}"))
    assert store.execute(Invalidate(START + 9)) == number
    assert len(store.execute(Streams(START + 9))) == number
    last = store.execute(Listing(START + 9, stream=f"film {number - 1}"))
    assert [session.key for session in last] == [key(number - 1)]
    assert len(store.execute(Claim(OVER + 9, number))) == 0
    assert store.execute(count(OVER + 9)).ended == number
    store.close()
