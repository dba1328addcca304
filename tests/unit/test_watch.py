"""What one worker notices: redirect loops (P38) and tokens that get about (SPEC 3, 5)."""

from __future__ import annotations

import pytest

from sessionware.watch import MAX_CLIENTS, MAX_TOKENS, LoopGuard, SharingWatch

CLIENT = ("192.0.2.7", "player/1", "cam1/index.m3u8")
REDIRECT, BEGINS, HOT = False, None, True


def ask(guard: LoopGuard, *times: float, client=CLIENT) -> list[bool | None]:
    return [guard.redirecting(client, now) for now in times]


@pytest.mark.parametrize(
    ("times", "answers"),
    [
        ((0, 1, 2, 3, 4), [REDIRECT] * 3 + [BEGINS, HOT]),
        ((0, 0, 0, 0, 0), [REDIRECT] * 3 + [BEGINS, HOT]),
        ((0, 4, 8, 10), [REDIRECT] * 3 + [BEGINS]),
        ((0, 5, 11, 12), [REDIRECT] * 4),  # never three redirects within 10 s before
        ((0, 20, 40, 60, 80), [REDIRECT] * 5),  # P1: a slow refresh is no loop
        # hot while it asks within 10 s, and told of once
        ((0, 0, 0, 0, 10, 20, 30), [REDIRECT] * 3 + [BEGINS, HOT, HOT, HOT]),
        ((0, 0, 0, 0, 10.5, 11, 12, 13), [REDIRECT] * 3 + [BEGINS] + [REDIRECT] * 3 + [BEGINS]),
        # a clock that was set back is no reason to redirect for ever
        ((100, 90, 80, 70, 60), [REDIRECT] * 3 + [BEGINS, HOT]),
    ],
)
def test_p38_after_three_redirects_within_10_s_that_nothing_answered_there_is_no_fourth(
    times, answers
):
    assert ask(LoopGuard(), *times) == answers


@pytest.mark.parametrize(
    "other", [("192.0.2.8", *CLIENT[1:]), (CLIENT[0], "x", CLIENT[2]), (*CLIENT[:2], "y")]
)
def test_clients_are_told_apart_by_address_agent_and_path(other):
    guard = LoopGuard()
    ask(guard, 0, 0, 0)
    assert ask(guard, 0, client=other) == [REDIRECT]
    guard.followed(other)
    assert ask(guard, 0) == [BEGINS]


def test_a_follow_up_clears_its_client_even_a_hot_one():
    guard = LoopGuard()
    ask(guard, 0, 0)
    guard.followed(CLIENT)
    assert ask(guard, 1, 1, 1, 1) == [REDIRECT] * 3 + [BEGINS]
    guard.followed(CLIENT)
    assert ask(guard, 2) == [REDIRECT]
    guard.followed(("never", "seen", "before"))


def test_the_memory_of_loops_is_bounded_and_forgets_whom_it_heard_of_longest_ago():
    guard = LoopGuard()
    other = ("192.0.2.9", "", "")
    ask(guard, 0, 0, 0, 0, client=other)
    ask(guard, 0, 0, 0, 0)
    for n in range(MAX_CLIENTS - 1):
        assert ask(guard, 1, client=(str(n), "", "")) == [REDIRECT]
        assert ask(guard, 1) == [HOT]
    assert len(guard._clients) == MAX_CLIENTS
    assert ask(guard, 1, client=other) == [REDIRECT]
    assert len(guard._clients) == MAX_CLIENTS


def away(watch: SharingWatch, *networks: int, now: float = 0, token=b"t", **more) -> list[int]:
    return [watch.away(token, bytes([network]), now, **more) for network in networks]


def test_more_than_8_networks_are_told_once_with_the_one_where_it_was_handed_out():
    watch = SharingWatch()
    assert away(watch, *range(8)) == [0] * 7 + [9]
    assert away(watch, *range(30)) == [0] * 30


def test_of_a_token_that_says_nothing_of_its_home_all_networks_are_counted():
    watch = SharingWatch()
    assert away(watch, *range(9), home=False) == [0] * 8 + [9]


def test_the_same_network_counts_once():
    watch = SharingWatch()
    assert away(watch, *range(7), *range(7), 0, 0, 7) == [0] * 16 + [9]


def test_only_the_networks_of_10_minutes_count_together():
    watch = SharingWatch()
    away(watch, *range(7))
    assert away(watch, 7, now=600) == [9]
    slow = SharingWatch()
    away(slow, *range(7))
    assert away(slow, *range(7, 14), now=601) == [0] * 7
    assert away(slow, 14, now=602) == [9]


def test_it_is_told_once_and_not_once_in_10_minutes():
    watch = SharingWatch()
    away(watch, *range(8))
    assert away(watch, *range(20), now=1000) == [0] * 20


def test_each_token_is_counted_by_itself():
    watch = SharingWatch()
    away(watch, *range(7))
    assert away(watch, 7, token=b"u") == [0]
    assert away(watch, 7) == [9]


def test_the_memory_of_tokens_is_bounded_and_keeps_those_in_use():
    watch = SharingWatch()
    away(watch, *range(7))
    away(watch, *range(7), token=b"idle")
    for n in range(MAX_TOKENS - 1):
        watch.away(b"%d" % n, b"x", 0)
        watch.away(b"t", b"\x00", 0)
    assert len(watch._tokens) == MAX_TOKENS
    assert away(watch, 7) == [9]
    assert away(watch, 7, token=b"idle") == [0]
