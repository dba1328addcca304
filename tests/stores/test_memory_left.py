"""The memory store gives back what it took, and nothing that is kept for moments piles up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessionware import Counts, MemoryStore
from sessionware.session import Cause, Presentation
from sessionware.store import (
    Asked,
    Bar,
    Claim,
    Decline,
    Denial,
    Finish,
    Invalidate,
    Learn,
    Meta,
    Note,
    Order,
    Place,
    Sweep,
    Tag,
    Withdraw,
)
from sessionware.store._table import GROWTH
from sessionware.store.memory import CHUNK
from support.driver import TIMEOUT, Driver, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600.0
ROOM = 5
LEASE = 5.0
OPENED_AGAIN = 10.0


def left(store: MemoryStore) -> dict[str, int]:
    """All that takes memory and is not empty, by name."""
    lives, table, wheel = store._lives, store._lives.table, store._lives.wheel
    few = "service params previous user data tags also"
    sizes = {
        "sessions": len(table),
        "rows": len(table.state) - len(table.free),
        "index": sum(map(len, table.row_of)),
        "ends": lives.ends.size,
        "bars": lives.bars.size,
        "reasons": len(lives.bars._reason),
        "denied": len(lives.bars._denied),
        "queue": len(lives.queue) + len(lives.queue._how),
        "seats": len(lives.seats) + len(lives.seats._inside),
        "clients": len(store._requests.clients),
        "leases": len(store._leases),
        "denials": len(store._denials.all()),
        "streams": len(lives.tallies._streams) + len(lives.tallies._idle),
        "wheel": len(wheel._buckets) + len(wheel._seconds) + len(wheel._taken),
        **{name: len(getattr(table, name)) for name in few.split()},
    }
    return {name: size for name, size in sizes.items() if size}


def live_richly(driver: Driver, number: int) -> None:
    """One session with all that one can have."""
    now = driver.clock.now
    driver.begin(
        number,
        stream=f"stream/{number % 7}",
        service="s",
        params="a=1",
        user="u",
        previous="p",
        data={"a": "1"},
        remember=600.0,
        window=float(number % 5),
        returns=True,
        holder=key_of(900 + number % 3),
        client=key_of(800 + number // 2),
        places=(
            Place("user", key_of(700 + number % 4), 5, 60.0),
            Place("ip", key_of(600), 40, 30.0, evict=True),
        ),
        events=True,
        playing=number % 6 > 0,
    )
    driver.do(Tag, number, add=("x",))
    driver.do(Note, number, also=("ip 192.0.2.9",))
    driver.do(Finish, number, bytes_down=5)
    driver.touch(number, segments=number % 3 == 0)
    driver.do(Learn, number, presentation=Presentation.LIVE, timeout=50.0 + number, window=3.0)
    driver.touch(500 + number, lease=LEASE)
    driver.do(Decline, 400 + number, mark=key_of(400 + number), bar=denied(driver), stream="a")
    driver.store.execute(Order(now, Denial(now + 60, user=str(number))))


def denied(driver: Driver, seconds: float = 600.0) -> Bar:
    return Bar(Cause.DENIED, driver.clock.now + seconds, 403, "no")


ENDS: tuple[Callable[[Driver, int], Any], ...] = (
    lambda driver, number: driver.end(number),
    lambda driver, number: driver.end(number, Cause.STOPPED, denied(driver)),
    lambda driver, number: driver.do(Withdraw, number),
    lambda driver, number: None,
)


def test_after_all_has_ended_and_was_told_and_forgotten_nothing_is_left(
    driver: Driver, store: MemoryStore
) -> None:
    for _ in range(2):  # the second time in the same rows
        for number in range(100):
            live_richly(driver, number)
            driver.clock.advance(0.25)
        taken = left(store).keys()
        rows = len(store._table.state)
        for number in range(100):
            ENDS[number % 4](driver, number)
        assert len(taken | left(store).keys()) == 21  # all that can be taken
        driver.clock.advance(TIMEOUT + 100)
        told = driver.store.execute(Claim(driver.clock.now))
        assert len(told) > 50
        for tallies in store._lives.tallies._streams.values():
            for tally in tallies.values():
                sorts = tally.pending, tally.quiet, tally.superseded
                assert [bucket.sessions for bucket in sorts] == [0, 0, 0]
                assert (tally.sessions, tally.buckets) == (0, {})
        driver.store.execute(Sweep(driver.clock.advance(HOUR), limit=10**9))
        assert left(store) == {}
        assert len(store._table.state) == rows <= 4 * GROWTH


# --- moments ------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """A store that keeps as little as can be."""
    monkeypatch.setattr("sessionware.store._leases.MANY", ROOM)
    return MemoryStore(ROOM)


def test_leases_that_were_never_given_back_make_way_for_others(
    driver: Driver, few: MemoryStore
) -> None:
    driver.store = store = few
    for number in range(100):
        driver.touch(number, lease=LEASE)
        assert len(store._leases) <= ROOM
    assert isinstance(driver.touch(99, lease=LEASE), Asked)
    driver.clock.advance(LEASE)
    assert driver.touch(99, lease=LEASE) is None
    for number in range(200, 203):
        driver.touch(number, lease=LEASE)
    assert len(store._leases) == 4


def test_what_clients_began_is_known_for_moments_only(
    driver: Driver, store: MemoryStore, few: MemoryStore
) -> None:
    for number in range(100):
        driver.begin(number, client=key_of(number), announced=True)
        driver.end(number)
        driver.clock.advance(OPENED_AGAIN / 4)
        assert len(store._requests.clients) <= 4
    driver.begin(100)
    assert len(store._requests.clients) == 4
    driver.clock.advance(OPENED_AGAIN)
    driver.begin(101, client=key_of(101))
    assert len(store._requests.clients) == 3
    driver.store = few
    for number in range(100):
        driver.begin(number, client=key_of(number))
        driver.end(number)
    assert len(few._requests.clients) == ROOM


def test_a_sweep_drops_the_denials_that_have_passed(driver: Driver, store: MemoryStore) -> None:
    now = driver.clock.now
    for number in range(10):
        store.execute(Order(now, Denial(now + number, ip=str(number))))
    store.execute(Sweep(driver.clock.advance(4)))
    info = store.execute(Meta())
    assert [denial.ip for denial in info.denials] == [str(number) for number in range(5, 10)]
    assert info.orders == 10


def test_many_denials_are_forgotten_at_once_and_leave_nothing(
    driver: Driver, store: MemoryStore
) -> None:
    many, told = CHUNK + 100, denied(driver)
    for number in range(many):
        driver.do(Decline, number, mark=key_of(number), bar=told, stream=str(number % 2))
    stopped = Bar(Cause.STOPPED, driver.clock.now + 600)
    driver.do(Decline, many, mark=key_of(many), bar=stopped, stream="1")
    passed = denied(driver, 1)
    driver.do(Decline, many + 1, mark=key_of(many + 1), bar=passed, stream="1")
    driver.clock.advance(1)
    assert store.execute(Invalidate(driver.clock.now, stream="1")) == many // 2
    assert [driver.touch(number) for number in (0, 1, many)] == [told, None, stopped]
    assert store.execute(Invalidate(driver.clock.now)) == many // 2
    driver.store.execute(Sweep(driver.clock.now))
    assert (store._lives.bars.size, store._lives.bars._denied) == (1, {})


def test_many_sessions_are_marked_at_once(driver: Driver, store: MemoryStore) -> None:
    many = CHUNK + 100
    for number in range(many):
        driver.begin(number, stream=f"a/{number % 2}", timeout=TIMEOUT + number % 2)
    assert store.execute(Invalidate(driver.clock.now, stream="a/1")) == many // 2
    assert store.execute(Invalidate(driver.clock.now, stream="a")) == many
    driver.clock.advance(TIMEOUT)
    assert store.execute(Invalidate(driver.clock.now)) == many // 2  # the others are over


# --- who watches --------------------------------------------------------------------------------


class Looked(dict[int, Any]):
    """Seconds, and how many of them were looked at."""

    looks = 0

    def get(self, second: int, default: Any = None) -> Any:
        self.looks += 1
        return super().get(second, default)

    def items(self) -> Any:
        self.looks += len(self)
        return super().items()


@pytest.mark.parametrize(("window", "watching"), [(15.0, 15), (1000.0, 500)])
def test_a_count_looks_at_no_second_of_the_past_and_at_few_of_a_long_window(
    driver: Driver, store: MemoryStore, window: float, watching: int
) -> None:
    for number in range(500):
        driver.begin(number, window=window, timeout=HOUR)
        driver.clock.advance(1)
    (tally,) = store._lives.tallies._streams["film"].values()
    assert len(tally.buckets) == 500
    tally.buckets = looked = Looked(tally.buckets)
    assert driver.count().watching == watching
    assert looked.looks <= watching


def test_a_stream_that_is_busy_drops_the_kinds_that_counted_nothing(
    driver: Driver, store: MemoryStore
) -> None:
    driver.begin(1, announced=True)
    for number in range(10, 20):
        driver.begin(number, protocol=f"P{number}", playing=False)
        driver.begin(number + 10, protocol=f"Q{number}")
        assert driver.do(Withdraw, number + 10)
        driver.end(number)
    assert len(store._lives.tallies._streams["film"]) == 1
    assert driver.count() == Counts(watching=1, sessions=1, started=1, requests=1)
