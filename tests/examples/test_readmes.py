"""What the README of the examples shows is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "examples/README.md").read_text()
CURL = re.compile(r"(?ms)^\$ curl [^\n]*http://127\.0\.0\.1:8000(\S+)[^\n]*\n(.*?)^```$")
PYTHON = re.compile(r"(?ms)^```python\n(.*?)^```$")
SHOWN = dict(CURL.findall(PAGE))
TOKEN = re.compile(r"(?<=tkn=)[\w.-]{80}")
OF_ITS_TIME = {"now", "started", "last_seen", "expires", "seconds", "ip"}
OF_ITS_MEDIA = {"presentation", "duration", "bytes_down"}


def in_general(value):
    """Leave out what differs from run to run."""
    if isinstance(value, dict):
        differs = OF_ITS_TIME | OF_ITS_MEDIA
        kept = {name: in_general(part) for name, part in value.items() if name not in differs}
        if "watching" in value:  # numbers, whose names are all that matters
            return list(value)
        return kept | {"names": list(value)}
    if isinstance(value, list):
        return [in_general(part) for part in value]
    if isinstance(value, str):
        return re.sub(r"^[0-9a-f]{32}-[0-9a-f]+$", "ID", TOKEN.sub("TOKEN", value))
    return value


def test_the_answers_that_the_readme_shows_are_those_that_the_app_gives(app, media):
    (media / "hls/cam1/all.m3u8").unlink()
    redirect = app.get("/hls/film/master.m3u8")
    for path in ("/streams.json", "/info/film", "/sessions.json"):
        answer = app.get(path)
        body = json.loads(answer.body)
        if path == "/info/film":
            cookie = (("cookie", f"tkn={answer.cookies()['tkn']}"),)
            for asked in (body["sources"][1]["url"], "/dash/film/1.m4s", "/dash/film/1.m4s"):
                app.get(asked, headers=cookie)
        assert in_general(body) == in_general(json.loads(SHOWN[path]))
    assert SHOWN["/hls/film/master.m3u8"] == (
        f"307 http://127.0.0.1:8000{TOKEN.sub('TOKEN', redirect.location)}\n"
    )
    assert len(SHOWN) == 4


@pytest.mark.parametrize("code", PYTHON.findall(PAGE))
def test_the_code_that_the_readme_shows_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "examples/README.md", "exec"), {"__name__": "newcomer"})
