"""Time is the server's: hosts whose clocks differ answer alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessionware.session import Cause
from sessionware.store import Bar, Decline, Denial, Get, Meta, Order, Postpone
from sessionware.store.redis import RedisStore
from sessionware.store.redis_time import AGAIN, Offset
from sessionware.testing.steps import START, begin, key, mark, touch

if TYPE_CHECKING:
    from support.redis_server import Server


def ahead_by(seconds: float) -> Offset:
    offset = Offset()
    offset.learn(1000.0, (int(1000 + seconds), 0), 1000.0)
    return offset


def test_a_host_whose_clock_is_behind_counts_by_the_servers() -> None:
    assert ahead_by(90).corrected(touch(1, START)) == touch(1, START + 90)


def test_all_times_of_a_command_are_corrected_and_nothing_else() -> None:
    offset = ahead_by(90)
    begun = begin(1, cookie_set=START, until=START + 5)
    opening = replace(
        begun.opening,
        deadline=begun.opening.deadline + 90,
        cookie_set=START + 90,
        until=START + 95,
    )
    assert offset.corrected(begun) == replace(begun, now=START + 90, opening=opening)
    assert offset.corrected(begin(1)).opening.until == 0.0
    bar = Bar(Cause.STOPPED, START + 60)
    declined = Decline(key(1), mark(1), START, bar)
    expected = Decline(key(1), mark(1), START + 90, Bar(Cause.STOPPED, START + 150))
    assert offset.corrected(declined) == expected
    denied = Order(START, Denial(START + 60, ip="192.0.2.0/24"))
    assert offset.corrected(denied).denial == Denial(START + 150, ip="192.0.2.0/24")
    assert offset.corrected(Postpone(START, START - 9, 5.0)) == Postpone(
        START + 90, START + 81, 5.0
    )
    assert offset.corrected(Meta()) == Meta()


@pytest.mark.parametrize("seconds", [0.0, 0.1, -0.2])
def test_clocks_that_hardly_differ_are_taken_for_the_same(seconds: float) -> None:
    offset = Offset()
    offset.learn(1000.0, (1000 if seconds >= 0 else 999, int((seconds % 1) * 1e6)), 1000.0)
    asked = touch(1, START)
    assert offset.corrected(asked) is asked


def test_a_slow_answer_says_little_of_the_time() -> None:
    offset = Offset()
    offset.learn(1000.0, (1001, 0), 1004.0)
    assert offset.seconds == 0.0


def test_the_server_is_asked_once_a_minute_and_after_a_failure() -> None:
    offset = Offset()
    assert [offset.is_due(now) for now in (5.0, 5.0, 4.9 + AGAIN, 5.0 + AGAIN)] == [
        True, False, False, True,
    ]  # fmt: skip
    offset.forget()
    assert offset.is_due(6.0 + AGAIN)


def test_two_hosts_whose_clocks_differ_see_one_session(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sessionware.store.redis as threads
    from sessionware.store.redis_time import time_now

    slow = RedisStore(server.url)
    now = time_now()
    monkeypatch.setattr(threads, "time_now", lambda: time_now() - 90)
    begun = slow.execute(begin(1, now - 90, deadline=now + 1000))
    monkeypatch.undo()
    right = RedisStore(server.url)
    assert begun.started == pytest.approx(now, abs=1.0)
    assert right.execute(Get(key(1), now)) == replace(begun, new=False)
    slow.close()
    right.close()
