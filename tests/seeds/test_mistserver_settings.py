"""Seed 000: settings, and how they get from one server to others."""

from __future__ import annotations

import json
import re

import pytest

from seeds.mist import CAM1, CAM2, CORE, LONE1, MPD1, both_options, token_in, uri
from sessionware import ConfigurationError, Settings, presets

ASKED = [
    (CAM1, "GET"),
    (CAM1, "HEAD"),
    (MPD1, "GET"),
    (LONE1, "GET"),
    (f"{CAM2}?tkn=alice", "GET"),
    (f"{CAM2}?response=200", "GET"),
    (CAM1, "PUT"),
    ("/hls/cam1/s1.ts", "GET"),
]


@pytest.mark.parametrize("options", [{}, presets.mistserver()], ids=["defaults", "preset"])
def test_settings_come_back_from_what_they_are_copied_as(options):
    settings = Settings(**options)
    copied = json.loads(json.dumps(settings.to_dict()))
    assert Settings.from_dict(copied) == settings


@both_options
def test_a_server_with_copied_settings_answers_as_the_first_and_takes_its_tokens(mist, preset):
    first = mist(preset=preset, live_timeout=20)
    middleware = first.world.middleware
    copied = json.loads(json.dumps(middleware.settings.to_dict(secrets=True)))
    settings = Settings.from_dict(copied, clock=first.clock)
    second = mist(wrap=lambda app, **_: type(middleware).from_settings(app, settings))

    for target, method in ASKED:
        answers = [scene.world.get(target, method=method) for scene in (first, second)]
        assert plain(answers[0]) == plain(answers[1]), target

    token = token_in(uri(first.client().ask(CAM1), "720p"))
    client = second.client()
    assert token_in(uri(client.ask(f"{CAM1}?tkn={token}"), "720p")) == token
    assert client.redirects == 0


def plain(answer) -> tuple:
    """Give an answer without the random part of tokens."""
    headers = [(name, re.sub(CORE, "TOKEN", value)) for name, value in answer.headers]
    return answer.status, headers, re.sub(CORE, "TOKEN", answer.text)


CARRIERS = "may hold 'query' or 'cookie' only"


@pytest.mark.parametrize(
    ("option", "options", "reason"),
    [
        ("read", {"read": ("query", "header")}, CARRIERS),
        ("write", {"write": ("url",)}, CARRIERS),
        ("write", {"read": ("query",), "write": ("query", "cookie")}, "written must be read"),
    ],
)
def test_carriers_that_can_t_be_are_told_with_option_value_and_reason(
    mist, option, options, reason
):
    with pytest.raises(ConfigurationError) as raised:
        mist(**options)
    told = str(raised.value)
    assert all(text in told for text in (option, repr(options[option]), reason)), told
