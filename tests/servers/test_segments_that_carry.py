"""ffmpeg at real servers that serve no segment without a token: what carries is played."""

from __future__ import annotations

import re

import pytest

from servers.running import Player, eventually, serving
from sessionware import presets

GUARDED = {
    "carry_to": ["manifests", "segments"],
    "track": presets.MEDIA,
    "require_token": True,
    "read": ["query"],  # no cookie helps
    "write": ["query"],
}
FILM = [
    ("hls/film/master.m3u8", "hls/film/180p/000.m4s", r"/hls/film/\w+/(?:init\.mp4|\d+\.m4s)"),
    ("dash/film/manifest.mpd", "dash/film/init-stream0.m4s", r"/dash/film/[\w-]+\.m4s"),
]


@pytest.mark.parametrize("kind", ["uvicorn", "granian-wsgi"])
@pytest.mark.parametrize(("manifest", "segment", "segments"), FILM)
def test_ffmpeg_plays_segments_that_need_the_token(media, kind, manifest, segment, segments):
    with serving(kind, media, **GUARDED) as at:
        assert at.get(f"/alone/{segment}") == 403
        with Player(f"{at.url}/name/{manifest}") as player:
            player.assert_played()
        # Those that it asked for, with their query and the status that they got.
        line = rf'/name{segments}\??([^ "]*)[^"]*" (\d+)'
        eventually(lambda: len(re.findall(line, at.log)) > 10, lambda: f"segments in\n{at.log}")
        assert {query for query, _ in re.findall(line, at.log)} == {"tkn=[redacted]"}
        assert {status for _, status in re.findall(line, at.log)} <= {"200", "206"}
        numbers = at.numbers("name/film")
        assert (numbers["started"], numbers["sessions"], numbers["watching"]) == (1, 1, 1)
