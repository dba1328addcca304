"""Both example apps over a small folder of media, each in its own world."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.clock import Clock
    from support.worlds import World

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))

FILES = {
    "hls/film/720p/index.m3u8": "#EXTM3U\n#EXTINF:4.0,\n0.ts\n#EXT-X-ENDLIST\n",
    "hls/film/master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n720p/index.m3u8\n",
    "hls/film/720p/0.ts": "a segment",
    "hls/cam1/all.m3u8": "#EXTM3U\n#EXTINF:4.0,\n7.ts\n",
    "elsewhere/manifest.mpd": '<MPD type="static">\n<Period/>\n</MPD>',
    "elsewhere/1.m4s": "a segment",
}


@pytest.fixture(autouse=True)
def _access_logs_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in logs.ACCESS_LOGS:
        monkeypatch.setattr(logging.getLogger(name), "filters", [])


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """A film as HLS and, linked in from another folder, as DASH; a live stream as HLS."""
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "dash").mkdir()
    (tmp_path / "dash/film").symlink_to(tmp_path / "elsewhere")
    return tmp_path


@pytest.fixture
def make_app(
    make_world: Callable[..., World], world_kind: str, media: Path, clock: Clock
) -> Callable[..., World]:
    """``make_app(**keywords)``: the example of this world, at the clock of the test."""
    package = {"asgi": "starlette_app", "wsgi": "flask_app"}[world_kind]
    create_app = import_module(f"{package}.app").create_app

    def make(**keywords: Any) -> World:
        usual = {"media": media, "web_players": media / "players", "clock": clock}
        # No checker in between: the frameworks' own manners are not ours to judge.
        how = {"wrap": lambda _, **given: create_app(**given), "lint": None}
        return make_world(None, **how, **usual | keywords)

    return make


@pytest.fixture
def app(make_app: Callable[..., World]) -> World:
    return make_app()
