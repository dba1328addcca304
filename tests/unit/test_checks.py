"""What makes options work: every fault is found, explained, and told together with the others."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sessionware import ConfigurationError, Cookie, Cors, MemoryStore, Settings
from sessionware.asgi import StreamSessionMiddleware

GOOD_KEY = "0123456789abcdef"

# option, value, words of the reason; where it takes two options to make a fault: more of them
FAULTS: list[tuple[str, Any, str] | tuple[str, Any, str, dict[str, Any]]] = [
    ("on_store_error", "retry", "is none of 'serve' or 'refuse'"),
    ("stream_info", "input", "is none of"),
    ("foreign_tokens", "keep", "is none of 'replace' or 'accept'"),
    ("shared", True, "is none of 'split' or 'ride'"),
    ("handoff", "redirct", "is none of 'redirect' or 'inline'"),
    ("redirect_status", 301, "is none of 302 or 303 or 307"),
    ("redirect_status", 308, "is none of 302 or 303 or 307"),
    ("location", "/", "is none of 'root' or 'relative' or 'absolute'"),
    ("read", ("header",), "may hold 'query' or 'cookie' only", {"write": ()}),
    ("write", ("query", "body"), "may hold 'query' or 'cookie' only"),
    ("hints", ("user-agent",), "may hold 'playback-session-id' or 'cmcd' only"),
    ("carry_to", ("manifests", "pages"), "may hold 'manifests' or 'segments' only"),
    ("carry_to", ("segments",), "those must carry, too"),
    ("carry_to", (), "those must carry, too"),
    ("viewer", {"stream", "agent"}, "may hold 'stream' or 'ip' or 'token' or 'protocol' only"),
    ("input", {"x"}, "may hold"),
    ("output", {"x"}, "may hold"),
    ("unspecified", {"x"}, "may hold"),
    ("viewer", "stream", "may hold"),
    ("viewer", 5, "may hold"),
    ("allow_split_memory", 1, "is neither True nor False"),
    ("require_token", "yes", "is neither True nor False", {"track": "x"}),
    ("dash_location", None, "is neither True nor False"),
    ("strip_from_app", 0, "is neither True nor False"),
    ("supersede", 1, "is neither True nor False"),
    ("live_timeout", 0, "is no positive number of seconds"),
    ("live_timeout", "120", "is no positive number of seconds"),
    ("live_timeout", True, "is no positive number of seconds"),
    ("live_timeout", None, "is no positive number of seconds"),
    ("live_timeout", math.nan, "is no positive number of seconds"),
    ("absolute_timeout", math.inf, "is no positive number of seconds"),
    ("absolute_timeout", timedelta(days=-1), "is no positive number of seconds"),
    ("watching_window", -1.5, "is no positive number of seconds"),
    ("sweep_every", -1, "is no positive number of seconds"),
    ("sweep_every", "5", "is no positive number of seconds"),
    ("sweep_every", None, "is no positive number of seconds"),
    ("sweep_every", False, "is no positive number of seconds"),
    ("sweep_every", math.inf, "is no positive number of seconds"),
    ("exclude", "10.0.0.0/8", "can't be called"),
    ("classify", {}, "can't be called"),
    ("on_event", 1, "can't be called"),
    ("clock", 0.0, "can't be called"),
    ("clock", None, "can't be called"),
    ("ipv6_prefix", 0, "is no number of bits from 1 to 128"),
    ("ipv6_prefix", 129, "is no number of bits from 1 to 128"),
    ("ipv6_prefix", 64.0, "is no number of bits from 1 to 128"),
    ("max_manifest", 0, "is no positive number of bytes"),
    ("max_manifest", "8M", "is no positive number of bytes"),
    ("denied_status", 200, "is no status from 400 to 599"),
    ("denied_status", 600, "is no status from 400 to 599"),
    ("denied_status", True, "is no status from 400 to 599"),
    ("limit_status", 302, "is no status from 400 to 599"),
    ("limit_status", "429", "is no status from 400 to 599"),
    ("match", "(", "is no regular expression: missing )"),
    ("match", None, "is no regular expression"),
    ("match", ".*", "matches every path"),
    ("track", "[", "is no regular expression"),
    ("track", "", "matches every path"),
    ("stream", "/(.*)/", "has no group named stream"),
    ("stream", 5, "is no regular expression"),
    ("service", "*", "is no regular expression"),
    ("secret", 5, "is neither text nor bytes nor a sequence of them"),
    ("secret", [], "is neither text nor bytes nor a sequence of them"),
    ("secret", [GOOD_KEY, 5], "is neither text nor bytes nor a sequence of them"),
    ("secret", "x" * 15, "has a key of fewer than 16 bytes"),
    ("secret", (GOOD_KEY, b""), "has a key of fewer than 16 bytes"),
    ("store", "postgres://db", "names no store"),
    ("store", "memory:?max_sessions=0", "names no store"),
    ("store", "memory:?max_sessions=many", "names no store"),
    ("store", {}, "is neither a URL nor a store"),
    ("new_token", "uuid", "nor a function that makes a TokenFormat"),
    ("parameter", "", "is no name of a query parameter"),
    ("parameter", "a b", "is no name of a query parameter"),
    ("parameter", "a&b", "is no name of a query parameter"),
    ("parameter", None, "is no name of a query parameter"),
    ("parameter", "x" * 65, "is no name of a query parameter"),
    ("service_parameter", "ü", "is no name of a query parameter"),
    ("service_parameter", "tkn", "is the name that parameter has already"),
    ("aliases", ("sid", "a=b"), "is no name of a query parameter"),
    ("aliases", ("tkn",), "is the name that parameter has already"),
    ("aliases", ("sid", "sid"), "is the name that aliases has already"),
    ("announce", ("tkn", "200"), "is the name that parameter has already"),
    ("announce", ("response",), "is no pair of a query parameter and its value"),
    ("announce", ("response", "2 0"), "is no pair of a query parameter and its value"),
    ("announce", ("re=", "200"), "is no pair of a query parameter and its value"),
    ("cookie", "tkn", "is no Cookie"),
    ("cookie", Cookie(name="a b"), "its name is no token"),
    ("cookie", Cookie(name=""), "its name is no token"),
    ("cookie", Cookie(name="a;b"), "its name is no token"),
    ("cookie", Cookie(path="vod"), "its path can't stand in a header"),
    ("cookie", Cookie(path=""), "its path can't stand in a header"),
    ("cookie", Cookie(path="/; Secure"), "its path can't stand in a header"),
    ("cookie", Cookie(domain="a\r\nX-Evil: 1"), "its domain can't stand in a header"),
    ("cookie", Cookie(max_age=0), "its max_age is no number of seconds"),
    ("cookie", Cookie(same_site="none"), "no such same_site"),  # type: ignore[arg-type]
    ("cookie", Cookie(same_site="None", secure=False), "browsers drop SameSite=None"),
    ("cookie", Cookie(partitioned=True, secure=False), "and Partitioned without Secure"),
    ("cors", ("*",), "is no Cors"),
    ("trusted_proxies", ("10.0.0.0/33",), "is neither a network nor 'unix'"),
    ("trusted_proxies", ("proxy.example",), "is neither a network nor 'unix'"),
    ("trusted_header", "X Session", "is no name of a header"),
    ("trusted_header", ("X-A", "X-B:"), "is no name of a header"),
    ("carry_hosts", ("https://media.example",), "is no host"),
    ("carry_hosts", ("a.example/x",), "is no host"),
    ("carry_hosts", (5,), "is neither a text nor a sequence of texts"),
    ("write", ("query", "cookie"), "what is written must be read", {"read": ("query",)}),
    ("require_token", True, "needs paths to guard"),
    ("require_token", True, "nobody has a token", {"track": "x", "viewer": {"ip"}}),
    ("public_url", "tv.example", "is no http or https URL"),
    ("public_url", "ftp://tv.example", "is no http or https URL"),
    ("public_url", "https://", "is no http or https URL"),
    ("public_url", "https://tv.example/?a", "is no http or https URL"),
    ("public_url", "https://tv.example/#a", "is no http or https URL"),
    ("location", "absolute", "an absolute Location needs public_url"),
    ("handoff", "inline", "inline makes none", {"service": "[0-9a-f]{32}"}),
    ("write", ("cookie",), "the service travels in the query", {"service": "[0-9a-f]{32}"}),
]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: f"{case[0]}={case[1]!r}"[:60])
def test_an_option_that_cannot_work_is_refused_with_the_reason_and_an_example(case: Any) -> None:
    option, value, words, *more = case
    with pytest.raises(ConfigurationError) as refused:
        Settings(**{option: value}, **(more[0] if more else {}))
    faults = refused.value.faults
    assert {fault.option for fault in faults} == {option}
    assert any(words in fault.reason for fault in faults)
    assert all(fault.example for fault in faults)
    assert f"{option}=" in str(refused.value)


GOOD: list[dict[str, Any]] = [
    {"secret": GOOD_KEY},
    {"secret": [GOOD_KEY.encode(), GOOD_KEY]},
    {"store": "memory:?max_sessions=1"},
    {"store": MemoryStore()},
    {"write": ()},
    {"read": (), "write": ()},
    {"announce": None},
    {"cors": None},
    {"ipv6_prefix": 1},
    {"stream": lambda _: "one"},
    {"stream": "/(?P<stream>[^/]+)/"},
    {"new_token": lambda _keys: None},
    {"trusted_proxies": ("10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "unix")},
    {"carry_to": ("segments", "manifests")},
    {"carry_hosts": ("media.example", "*.cdn.example", "a.example:8443", "[2001:db8::1]:80")},
    {"cookie": Cookie(name="__Host-tkn", same_site="None")},
    {"cookie": Cookie(same_site="Lax", secure=False, partitioned=False, domain="tv.example")},
    {"location": "absolute", "public_url": "https://tv.example/prefix"},
    {"track": r"\.ts$", "require_token": True},
    {"service": "[0-9a-f]{32}", "write": ("query",)},
    {"sweep_every": 0},
    {"sweep_every": timedelta(0)},
    {"supersede": False},
    {"limit_status": 503},
]


@pytest.mark.parametrize("options", GOOD, ids=repr)
def test_what_can_work_is_accepted(options: dict[str, Any]) -> None:
    assert Settings(**options)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings(
            secret="hunter2",
            handoff="redirct",  # type: ignore[arg-type]
            live_timeout=-1,
            match="(",
            cookie=Cookie(name="", path="", max_age=0),
            trusted_proxies=("x", "y"),
        )
    named = [fault.option for fault in refused.value.faults]
    assert sorted(named) == sorted(
        ["secret", "handoff", "live_timeout", "match", *3 * ["cookie"], *2 * ["trusted_proxies"]]
    )
    assert len(str(refused.value).splitlines()) == len(named)
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize("secret", ["hunter2", b"hunter2", ["hunter2"], [GOOD_KEY, "hunter2"]])
def test_a_wrong_secret_is_not_printed(secret: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings(secret=secret, handoff="x")  # type: ignore[arg-type]
    assert "secret=..." in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert GOOD_KEY not in str(refused.value)


def test_the_middleware_checks_its_options_when_it_is_made() -> None:
    with pytest.raises(ConfigurationError, match="redirect_status=301"):
        StreamSessionMiddleware(lambda: None, redirect_status=301)  # type: ignore[arg-type]


def test_settings_that_are_changed_are_checked_again() -> None:
    with pytest.raises(ConfigurationError, match="cors"):
        replace(Settings(), cors={"origins": Cors().origins})  # type: ignore[arg-type]
