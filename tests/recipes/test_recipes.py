"""Each file of the recipes, run by the command beside it: it hands out, plays, counts, tells."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from servers.running import Player, free_port, started

pytestmark = pytest.mark.servers

PAGE = (Path(__file__).parents[2] / "docs/recipes.md").read_text()
RECIPES = re.findall(
    r"^```python\n# (\w+\.py)\n(.*?)^```\n\n```sh\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL
)
RANGES = re.findall(r"\| (yes|no) \|$", PAGE, re.MULTILINE)
"""The table's last column: its rows stand in the order of the recipes."""
LISTEN = {"uvicorn": "--port {port}", "gunicorn": "--bind 127.0.0.1:{port}"}
SECRET = "a secret of at least thirty-two characters"
TOKEN = r"[A-Za-z0-9_.-]{40,}"
SESSION = r"[0-9a-f]{32}-[0-9a-f]+"


@pytest.fixture
def recipe(request, media, tmp_path):
    """A recipe's server, in a folder as a newcomer has it after following the page."""
    name, code, command = request.param
    (tmp_path / name).write_text(code)
    (tmp_path / "media").symlink_to(media)
    port = free_port()
    words = [*command.split(), *LISTEN[command.split()[0]].format(port=port).split()]
    with started(words, port, tmp_path, {"SESSIONWARE_SECRET": SECRET}) as server:
        server.wait()
        yield server


def watching(server) -> int:
    number: int = json.loads(server.curl("/viewers").body)["watching"]
    return number


def test_each_file_of_the_page_has_its_command():
    assert [name for name, *_ in RECIPES] == re.findall(r"^# (\w+\.py)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("recipe", "ranges"),
    list(zip(RECIPES, RANGES, strict=True)),
    indirect=["recipe"],
    ids=[name for name, *_ in RECIPES],
)
def test_a_recipe_hands_out_a_token_plays_counts_and_tells_who_watches(recipe, ranges, media):
    path = "/hls/film/master.m3u8"
    entry = recipe.curl(f"{path}?zipcode=25267")
    assert entry.status == 307
    assert re.fullmatch(rf"{path}\?zipcode=25267&tkn={TOKEN}", entry.location)
    assert watching(recipe) == 0

    with Player(f"{recipe.url}{path}", "-t", "6") as player:
        player.assert_played()
    assert watching(recipe) == 1

    mpd = recipe.curl("/dash/film/manifest.mpd", "-L").text
    assert re.search(rf"<Location>manifest\.mpd\?tkn={TOKEN}</Location>", mpd)
    segment = recipe.curl("/hls/film/180p/000.m4s")
    part = recipe.curl("/hls/film/180p/000.m4s", "--range", "0-9")
    assert part.status == {"yes": 206, "no": 200}[ranges]
    assert segment.body == (media / "hls/film/180p/000.m4s").read_bytes()
    assert recipe.curl("/hls/film/180p/none.m4s").status == 404

    assert re.search(rf"^{SESSION} watches film$", recipe.log, re.MULTILINE)
    assert re.search(r"GET /hls/film/\w+/001\.m4s HTTP", recipe.log)  # the film's fifth second
    assert f"{path}?tkn=[redacted]" in recipe.log
    assert not re.search(rf"tkn={TOKEN}", recipe.log)
    assert not re.search(r"warning|error|traceback", recipe.log, re.IGNORECASE), recipe.log
