"""Options that make sessionware behave as the two systems that it unites.

Each gives keywords, to be unpacked and overridden: ``**presets.broadpeak(live_timeout=60)``.
"""

from __future__ import annotations

from typing import Any

MEDIA = (
    r"(?i)\.(?:ts|m4s|mp4|m4a|m4v|cmfv|cmfa|cmft|aac|ac3|ec3|mp3|vtt|webvtt|ttml|stpp|key|init)$"
)
"""The usual suffixes of segments, init sections, subtitles and keys."""


def mistserver(**overrides: Any) -> dict[str, Any]:
    """Behave as MistServer (seed 000): 15 s, a client's own ``tkn``, the IP is part of a viewer."""
    return {
        "live_timeout": 15,
        "vod_factor": None,
        "revive_window": None,
        "remember": 0,
        "aliases": ("sid", "sessId"),
        "viewer": {"stream", "ip", "token"},
        "foreign_tokens": "accept",
        "handoff": "inline",
        "hints": (),
        "shared": "ride",
        "carry_to": ("manifests", "segments"),
        "track": MEDIA,
        **overrides,
    }


def broadpeak(**overrides: Any) -> dict[str, Any]:
    """Behave as broadpeak.io (seed 003): a session for each request of the first URL, by query.

    ``service=r"[0-9a-f]{32}"`` also moves the service hash from the path into the query.
    """
    return {
        "parameter": "bpkio_sessionid",
        "aliases": ("sessionid",),
        "service_parameter": "bpkio_serviceid",
        "new_token": "broadpeak",
        "read": ("query",),
        "write": ("query",),
        "viewer": {"token"},
        "hints": (),
        "shared": "ride",
        "supersede": False,
        "live_timeout": 120,
        "vod_factor": 1.5,
        "remember": 24 * 3600,
        **overrides,
    }
