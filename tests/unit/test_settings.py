"""The options: their defaults, their normal forms, and their way through JSON."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta

import pytest

from sessionware import ConfigurationError, Cookie, Cors, MemoryStore, Settings, presets
from sessionware.clock import steady

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
    "expired_live_status": 400,
    "expired_vod_status": 404,
    "denied_status": 403,
    "ended_status": 410,
    "admit": None,
    "admit_timeout": 5,
    "on_admit_error": "deny",
    "identify": None,
    "on_event": None,
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
    "times": {"live_timeout": timedelta(minutes=1), "watching_window": timedelta(seconds=5)},
    "expressions": {"track": re.compile(r"\.TS$", re.IGNORECASE), "stream": "/(?P<stream>.)/"},
    "flagged twice": {"match": re.compile(r"(?i)\.m3u8$", re.MULTILINE)},
    "cookie": {"cookie": Cookie(domain="tv.example", same_site="Strict", http_only=False)},
    "cors": {"cors": Cors(origins=("https://a.example",), credentials=True, expose=("X-A",))},
    "proxies": {"trusted_proxies": ("10.0.0.0/8", "unix"), "trusted_header": "X-CDN-Session"},
    "url": {"location": "absolute", "public_url": "https://tv.example/x", "carry_hosts": "b.test"},
    "store": {"store": "memory:?max_sessions=5"},
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
        ("trusted_header", "X-A", ("X-A",)),
        ("trusted_proxies", ["10.0.0.0/8"], ("10.0.0.0/8",)),
        ("viewer", ["token"], frozenset({"token"})),
        ("track", re.compile("x", re.IGNORECASE | re.DOTALL), "(?is)x"),
        ("track", re.compile("x"), "x"),
        ("live_timeout", timedelta(hours=1, milliseconds=500), 3600.5),
    ],
)
def test_options_are_brought_into_one_form(option: str, given: object, kept: object) -> None:
    assert getattr(Settings(**{option: given}), option) == kept  # type: ignore[arg-type]


def test_presets_take_overrides() -> None:
    assert Settings(**presets.broadpeak(live_timeout=60)).live_timeout == 60
    assert Settings(**presets.mistserver(shared="split")).shared == "split"
