"""The options: their defaults, their normal forms, and their way through JSON."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta

import pytest

from sessionware import ConfigurationError, Cookie, Cors, Limit, MemoryStore, Settings, presets
from sessionware.clock import steady
from sessionware.scopes import limits_of

SECRET = "0123456789abcdef-and-more"

# SPEC 2, the options that exist so far.
DEFAULTS = {
    "secret": None,
    "store": "memory:",
    "allow_split_memory": False,
    "match": r"(?i)\.(?:m3u8|mpd|mpp)$",
    "track": None,
    "require_token": False,
    "exclude": None,
    "stream": None,
    "classify": None,
    "parameter": "tkn",
    "aliases": (),
    "cookie": Cookie(name="tkn", max_age=600, path="/"),
    "read": ("query", "cookie"),
    "write": ("query", "cookie"),
    "foreign_tokens": "replace",
    "hints": ("playback-session-id", "cmcd"),
    "shared": "split",
    "handoff": "redirect",
    "redirect_status": 307,
    "announce": ("response", "200"),
    "location": "root",
    "public_url": None,
    "service": None,
    "service_parameter": "serviceid",
    "trusted_header": (),
    "trusted_proxies": (),
    "viewer": {"stream", "token"},
    "input": {"stream", "ip", "token"},
    "output": {"stream", "ip", "token"},
    "unspecified": set(),
    "ipv6_prefix": 128,
    "ip_privacy": "full",
    "stream_info": "viewer",
    "live_timeout": 120,
    "vod_factor": 1.5,
    "vod_timeout": 6 * 3600,
    "absolute_timeout": 24 * 3600,
    "revive_window": 600,
    "remember": 3600,
    "deny_for": 600,
    "watching_window": 15,
    "supersede": True,
    "sweep_every": 5,
    "max_sessions": None,
    "max_sessions_per_stream": None,
    "max_sessions_per_user": None,
    "max_sessions_per_ip": None,
    "expired_live_status": 400,
    "expired_vod_status": 404,
    "denied_status": 403,
    "ended_status": 410,
    "limit_status": 403,
    "admit": None,
    "admit_timeout": 5,
    "on_admit_error": "deny",
    "identify": None,
    "on_event": None,
    "carry_to": ("manifests",),
    "carry_hosts": (),
    "dash_location": True,
    "strip_from_app": True,
    "max_manifest": 8 * 2**20,
    "cors": Cors(origins=("*",), credentials=False),
    "on_store_error": "serve",
    "clock": steady,
    "new_token": "core",
}

SETTINGS = {
    "nothing": {},
    "numbers": {"ipv6_prefix": 64, "max_manifest": 1000, "denied_status": 451, "live_timeout": 0.5},
    "choices": {"handoff": "inline", "shared": "ride", "redirect_status": 302, "hints": ()},
    "nothing announced": {"announce": None, "cors": None},
    "another announcement": {"announce": ("how", "quietly")},
    "carriers": {"read": ("query",), "write": (), "aliases": ("sid", "sessId")},
    "parts": {"viewer": {"token"}, "input": {"ip"}, "unspecified": {"protocol"}},
    "what carries": {"carry_to": ["segments", "manifests"]},
    "times": {"live_timeout": timedelta(minutes=1), "watching_window": timedelta(seconds=5)},
    "expressions": {"track": re.compile(r"\.TS$", re.IGNORECASE), "stream": "/(?P<stream>.)/"},
    "flagged twice": {"match": re.compile(r"(?i)\.m3u8$", re.MULTILINE)},
    "cookie": {"cookie": Cookie(domain="tv.example", same_site="Strict", http_only=False)},
    "cors": {"cors": Cors(origins=("https://a.example",), credentials=True, expose=("X-A",))},
    "proxies": {"trusted_proxies": ("10.0.0.0/8", "unix"), "trusted_header": "X-CDN-Session"},
    "url": {"location": "absolute", "public_url": "https://tv.example/x", "carry_hosts": "b.test"},
    "store": {"store": "memory:?max_sessions=5"},
    "limits": {"max_sessions": 9, "max_sessions_per_stream": Limit(3), "limit_status": 429},
    "limits in full": {"max_sessions_per_ip": Limit(2, "evict", timedelta(minutes=1))},
    "sweeps": {"sweep_every": timedelta(seconds=30), "supersede": False},
    "sweeps with the traffic": {"sweep_every": 0},
    "mistserver": presets.mistserver(),
    "broadpeak": presets.broadpeak(service=r"[0-9a-f]{32}"),
}


def test_the_defaults_are_those_of_the_options_table() -> None:
    settings = Settings()
    assert {option.name: getattr(settings, option.name) for option in fields(Settings)} == DEFAULTS


def test_all_options_are_keyword_only_and_frozen() -> None:
    with pytest.raises(TypeError):
        Settings("secret")  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Settings().live_timeout = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_survive_a_journey_through_json(name: str) -> None:
    settings = Settings(**SETTINGS[name])
    copied = Settings.from_dict(json.loads(json.dumps(settings.to_dict())))
    assert copied == settings
    assert copied.to_dict() == settings.to_dict()


def test_a_journey_through_json_keeps_every_option_that_is_no_function() -> None:
    unwritten = {"secret", "clock"}
    assert Settings().to_dict().keys() == DEFAULTS.keys() - unwritten


def test_a_limit_is_written_in_seconds_and_read_again() -> None:
    values = Settings(max_sessions_per_ip=Limit(2, "evict", timedelta(minutes=1))).to_dict()
    assert values["max_sessions_per_ip"] == {"n": 2, "over": "evict", "hold": 60.0}
    read = Settings.from_dict(values)
    assert read.max_sessions_per_ip == Limit(2, over="evict", hold=60)


def test_a_number_stays_one_and_is_a_limit_that_refuses_and_holds_for_two_minutes() -> None:
    assert Settings(max_sessions=5).to_dict()["max_sessions"] == 5
    (_, limit), *more = limits_of(Settings(max_sessions=5))
    assert (limit, more) == (Limit(5, over="refuse", hold=120), [])


def test_a_limit_per_user_travels_with_the_function_that_names_users() -> None:
    def name(_request: object) -> str:
        return "ann"

    values = Settings(max_sessions_per_user=Limit(3), identify=name).to_dict()
    assert "identify" not in values
    with pytest.raises(ConfigurationError, match="nobody has an account without identify"):
        Settings.from_dict(json.loads(json.dumps(values)))
    assert Settings.from_dict(values, identify=name).max_sessions_per_user == Limit(3)


@pytest.mark.parametrize(
    "values", [{"m": 3}, {"n": 3, "hold_for": 5}, {"over": "refuse"}, {}], ids=repr
)
def test_what_is_no_limit_in_a_dict_is_refused_with_the_names(values: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="its names are n, over, hold"):
        Settings.from_dict({"max_sessions": values})


@pytest.mark.parametrize("option", ["exclude", "stream", "classify", "on_event", "new_token"])
def test_functions_are_left_out_of_the_dict(option: str) -> None:
    assert option not in Settings(**{option: lambda _: None}).to_dict()


def test_a_store_object_is_left_out_and_given_again() -> None:
    store = MemoryStore()
    values = Settings(store=store, live_timeout=7).to_dict()
    assert "store" not in values
    assert Settings.from_dict(values, store=store) == Settings(store=store, live_timeout=7)


@pytest.mark.parametrize(
    ("secret", "written"),
    [
        (SECRET, [SECRET]),
        (SECRET.encode(), [SECRET]),
        ((SECRET, SECRET[::-1]), [SECRET, SECRET[::-1]]),
    ],
)
def test_the_secret_is_written_only_when_asked_for(secret: object, written: list[str]) -> None:
    settings = Settings(secret=secret)  # type: ignore[arg-type]
    assert SECRET not in json.dumps(settings.to_dict())
    values = json.loads(json.dumps(settings.to_dict(secrets=True)))
    assert values["secret"] == written
    assert Settings.from_dict(values).to_dict(secrets=True) == settings.to_dict(secrets=True)


def test_a_random_secret_is_not_written_at_all() -> None:
    assert "secret" not in Settings().to_dict(secrets=True)


def test_a_secret_that_is_no_text_cannot_be_written() -> None:
    settings = Settings(secret=b"\xff" * 32)
    with pytest.raises(ConfigurationError, match=r"secret=.*is not text"):
        settings.to_dict(secrets=True)


def test_the_secret_is_not_in_the_repr() -> None:
    assert SECRET not in repr(Settings(secret=SECRET))


def test_fourteen_days_are_not_zero_seconds() -> None:
    # P5 of the Python list: timedelta.seconds is 0 for whole days.
    assert Settings(absolute_timeout=timedelta(days=14)).absolute_timeout == 14 * 86400


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [("live_timeot", "live_timeout"), ("secrets", "secret"), ("cookies", "cookie")],
)
def test_an_unknown_option_is_refused_with_the_nearest_name(wrong: str, nearest: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_dict({wrong: 5})
    assert f"{wrong}='...': there is no such option (for example {nearest}=...)" in str(
        refused.value
    )


def test_all_unknown_options_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_dict({"live_timeot": 5}, haendoff="inline")
    assert [fault.option for fault in refused.value.faults] == ["haendoff", "live_timeot"]


@pytest.mark.parametrize(
    ("option", "given", "kept"),
    [
        ("aliases", "sid", ("sid",)),
        ("carry_to", "manifests", ("manifests",)),
        ("carry_to", ["manifests", "segments"], ("manifests", "segments")),
        ("trusted_header", "X-A", ("X-A",)),
        ("trusted_proxies", ["10.0.0.0/8"], ("10.0.0.0/8",)),
        ("viewer", ["token"], frozenset({"token"})),
        ("track", re.compile("x", re.IGNORECASE | re.DOTALL), "(?is)x"),
        ("track", re.compile("x"), "x"),
        ("live_timeout", timedelta(hours=1, milliseconds=500), 3600.5),
        ("sweep_every", timedelta(minutes=1), 60.0),
        ("max_sessions", 5, 5),
        ("max_sessions", Limit(5, hold=timedelta(minutes=1)), Limit(5, hold=60.0)),
    ],
)
def test_options_are_brought_into_one_form(option: str, given: object, kept: object) -> None:
    assert getattr(Settings(**{option: given}), option) == kept  # type: ignore[arg-type]


def test_presets_take_overrides() -> None:
    assert Settings(**presets.broadpeak(live_timeout=60)).live_timeout == 60
    assert Settings(**presets.mistserver(shared="split")).shared == "split"
    assert Settings(**presets.broadpeak(supersede=True)).supersede


def test_a_limit_is_a_value_that_cannot_be_changed() -> None:
    assert Limit(2) == Limit(2, "refuse", 120) != Limit(2, "evict")
    with pytest.raises(AttributeError):
        Limit(2).n = 3  # type: ignore[misc]
