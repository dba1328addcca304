"""The presets: the two systems, by options (SPEC 11)."""

from __future__ import annotations

import re

import pytest

from sessionware import presets
from sessionware.carrier import ours
from sessionware.errors import ConfigurationError
from sessionware.option_groups import seconds
from sessionware.settings import Settings
from sessionware.token import BroadpeakFormat
from support.values import KEY, rules

MISTSERVER = {
    "live_timeout": 15,
    "aliases": ("sid", "sessId"),
    "parameter": "tkn",
    "viewer": {"stream", "ip", "token"},
    "foreign_tokens": "accept",
    "handoff": "inline",
    "hints": (),
    "shared": "ride",
    "read": ("query", "cookie"),
    "write": ("query", "cookie"),
    "track": presets.MEDIA,
    "carry_to": ("manifests", "segments"),
}
BROADPEAK = {
    "live_timeout": 120,
    "parameter": "bpkio_sessionid",
    "aliases": ("sessionid",),
    "service_parameter": "bpkio_serviceid",
    "read": ("query",),
    "write": ("query",),
    "viewer": {"token"},
    "handoff": "redirect",
    "announce": ("response", "200"),
    "foreign_tokens": "replace",
    "hints": (),
    "shared": "ride",
    "service": None,
    "carry_to": ("manifests",),
}


@pytest.mark.parametrize(
    ("preset", "options"), [(presets.mistserver, MISTSERVER), (presets.broadpeak, BROADPEAK)]
)
def test_a_preset_means_what_its_system_does(preset, options):
    settings = Settings(secret=KEY, **preset())
    assert {name: getattr(settings, name) for name in options} == options


@pytest.mark.parametrize("preset", [presets.mistserver, presets.broadpeak])
def test_a_preset_takes_overrides_and_is_not_changed_by_them(preset):
    before = preset()
    over = preset(live_timeout=60, shared="split", ipv6_prefix=64)
    settings = Settings(secret=KEY, **over)
    assert seconds(settings.live_timeout) == 60
    assert (settings.shared, settings.ipv6_prefix) == ("split", 64)
    assert {**before, "live_timeout": 60, "shared": "split", "ipv6_prefix": 64} == over
    over["viewer"].add("protocol")
    assert preset() == before


@pytest.mark.parametrize("preset", [presets.mistserver, presets.broadpeak])
def test_a_wrong_override_is_refused_like_any_option(preset):
    with pytest.raises(ConfigurationError, match="shared"):
        Settings(secret=KEY, **preset(shared="maybe"))


def test_broadpeaks_tokens_have_broadpeaks_form():
    of = rules(**presets.broadpeak(service=r"[0-9a-f]{32}"))
    assert isinstance(of.tokens, BroadpeakFormat)
    assert ours(of.settings) == ("bpkio_sessionid", "sessionid", "bpkio_serviceid")


@pytest.mark.parametrize(
    "path", ["a/seg1.ts", "a/seg.M4S", "init.mp4", "a.m4a", "a.aac", "a.cmfv", "a.vtt", "1.key"]
)
def test_the_usual_media_suffixes_are_tracked(path):
    assert re.search(presets.MEDIA, path)


@pytest.mark.parametrize("path", ["a.m3u8", "a.mpd", "a.html", "a.ts/b", "ats", "a.tsx", "a.js"])
def test_pages_and_manifests_are_not_tracked_as_media(path):
    assert re.search(presets.MEDIA, path) is None
