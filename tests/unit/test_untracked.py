"""Limits per user without tracked segments: a construction says what they can't do (SPEC 6)."""

from __future__ import annotations

import logging

import pytest

from sessionware import Limit, presets
from support.origin import Origin
from support.site import site

SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def warned(make_world, caplog):
    """``warned(**options)``: what a middleware logs that is made, and then serves a viewer."""

    def make(**options):
        with caplog.at_level(logging.WARNING, logger="sessionware"):
            world = make_world(Origin(site), secret=SECRET, identify=lambda _: "ann", **options)
            for _ in range(3):
                assert world.get(world.get("/a.m3u8").location).status == 200
        return [record.getMessage() for record in caplog.records]

    return make


@pytest.mark.parametrize("limit", [2, Limit(2, over="evict")])
def test_a_limit_for_users_without_tracked_segments_is_warned_of_once(warned, limit):
    (message,) = warned(max_sessions_per_user=limit)
    assert "max_sessions_per_user" in message
    assert "track" in message


@pytest.mark.parametrize(
    "options",
    [
        {"max_sessions_per_user": 2, "track": presets.MEDIA},
        {"max_sessions_per_ip": 2, "max_sessions": 9},
        {},
    ],
)
def test_tracked_segments_and_other_limits_are_not_warned_of(warned, options):
    assert warned(**options) == []
