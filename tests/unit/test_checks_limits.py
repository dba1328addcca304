"""Limits that can't work are refused, with the reason and an example that can."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from sessionware import ConfigurationError, Limit, Settings
from sessionware.settings import LIMITS

IDENTIFY: dict[str, Any] = {"identify": lambda request: request.headers.get("x-account")}
NO_NUMBER = "is neither a positive number of sessions nor a Limit"
NO_HOLD = "hold is no positive number of seconds and no timedelta"
Wrong: Any = Limit

FAULTS: list[tuple[Any, str]] = [
    (0, NO_NUMBER),
    (-1, NO_NUMBER),
    (2.5, NO_NUMBER),
    (True, NO_NUMBER),
    ("5", NO_NUMBER),
    (math.inf, NO_NUMBER),
    ((5,), NO_NUMBER),
    ([], NO_NUMBER),
    (Limit(0), NO_NUMBER),
    (Limit(-3, "refuse"), NO_NUMBER),
    (Wrong("2"), NO_NUMBER),
    (Wrong(2.0), NO_NUMBER),
    (Wrong(None), NO_NUMBER),
    (Wrong(Limit(2)), NO_NUMBER),
    (Wrong(2, "drop"), "over is neither 'refuse' nor 'evict'"),
    (Wrong(2, None), "over is neither 'refuse' nor 'evict'"),
    (Wrong(2, over=[]), "over is neither 'refuse' nor 'evict'"),
    (Limit(2, hold=0), NO_HOLD),
    (Limit(2, hold=-1), NO_HOLD),
    (Limit(2, hold=math.inf), NO_HOLD),
    (Limit(2, hold=math.nan), NO_HOLD),
    (Limit(2, hold=timedelta(0)), NO_HOLD),
    (Wrong(2, hold="60"), NO_HOLD),
    (Wrong(2, hold=None), NO_HOLD),
    (Wrong(2, hold=True), NO_HOLD),
]


def refused(**options: Any) -> Any:
    with pytest.raises(ConfigurationError) as caught:
        Settings(**options)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize("option", LIMITS)
@pytest.mark.parametrize(("value", "reason"), FAULTS, ids=repr)
def test_a_limit_that_cannot_work_is_refused(option: str, value: Any, reason: str) -> None:
    fault = refused(**{option: value}, **IDENTIFY)
    assert (fault.option, fault.reason) == (option, reason)
    example = eval(fault.example.partition("=")[2], {"Limit": Limit})
    assert Settings(**{option: example}, **IDENTIFY)


@pytest.mark.parametrize("option", ["max_sessions", "max_sessions_per_stream"])
def test_strangers_never_end_each_others_sessions(option: str) -> None:
    fault = refused(**{option: Limit(5, over="evict")})
    assert fault.option == option
    assert fault.reason == "would let strangers end each other's sessions"
    assert fault.example == f"{option}=5"


@pytest.mark.parametrize("option", ["max_sessions_per_user", "max_sessions_per_ip"])
def test_who_shares_an_account_or_an_address_may_evict(option: str) -> None:
    limit = Limit(5, over="evict", hold=timedelta(seconds=30))
    settings = Settings(**{option: limit}, **IDENTIFY)  # type: ignore[arg-type]
    assert getattr(settings, option) == Limit(5, "evict", 30.0)


@pytest.mark.parametrize("value", [3, Limit(3), Limit(3, over="evict")], ids=repr)
def test_a_limit_per_user_needs_a_function_that_names_users(value: Any) -> None:
    fault = refused(max_sessions_per_user=value)
    assert fault.option == "max_sessions_per_user"
    assert fault.reason == "nobody has an account without identify"
    assert fault.example.startswith("identify=")


@pytest.mark.parametrize("value", [None, 1, 10**9, Limit(1), Limit(1, hold=0.5)], ids=repr)
def test_what_can_work_is_accepted(value: Any) -> None:
    for option in LIMITS:
        assert Settings(**{option: value}, **IDENTIFY)


def test_the_faults_of_all_limits_are_told_at_once() -> None:
    wrong: dict[str, Any] = {
        "max_sessions": Limit(2, "evict"),
        "max_sessions_per_stream": 0,
        "max_sessions_per_user": 5,
        "max_sessions_per_ip": "5",
        "limit_status": 200,
    }
    with pytest.raises(ConfigurationError) as caught:
        Settings(**wrong)
    assert sorted(fault.option for fault in caught.value.faults) == sorted(wrong)
