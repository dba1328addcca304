"""Seed 003 with real servers: curl, and a script in a page of another origin: K19, K59."""

from __future__ import annotations

import asyncio
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from players.browser import chromium
from seeds.broadpeak_service import DYNAMIC, MPD, PARAMETER, SERVICE_PARAMETER, TOKEN, H
from servers.running import program, serving
from sessionware import presets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.running import Server

pytestmark = pytest.mark.servers

STREAM = "myStream/myOutput"
LOCATION = re.escape(f"/{STREAM}/index.mpd?zipcode=25267&{SERVICE_PARAMETER}={H}&{PARAMETER}=")
SCRIPT = """async entry => {
    const announced = await fetch(entry + "&response=200");
    const location = announced.headers.get("Location");
    const resolved = new URL(location, entry).href;
    const plays = [];
    for (let refresh = 0; refresh < 3; refresh++) {
        const answer = await fetch(resolved);
        const body = await answer.text();
        plays.push([answer.status, answer.redirected, body.includes("<MPD")]);
    }
    return [announced.status, (await announced.text()).length, location, plays];
}"""
"""What SmartLib does, in brief."""


@pytest.fixture(params=["uvicorn", "gunicorn"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    manifest = tmp_path / "myOutput/index.mpd"
    manifest.parent.mkdir()
    manifest.write_bytes(DYNAMIC)
    options = presets.broadpeak(service=r"[0-9a-f]{32}", viewer=["token"])  # as JSON has it
    with serving(request.param, tmp_path, **options) as running:
        yield running


def test_curl_follows_the_307_to_the_mpd_and_is_one_session(server):
    command = [program("curl"), "-sS", "-i", "-L", "--max-time", "10", server.url + MPD]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    first, second, body = ran.stdout.replace("\r\n", "\n").split("\n\n", 2)
    assert first.startswith("HTTP/1.1 307")
    assert re.search(rf"^location: {LOCATION}{TOKEN}$", first, re.MULTILINE | re.IGNORECASE)
    assert second.startswith("HTTP/1.1 200")
    assert "<MPD" in body
    assert server.numbers(STREAM)["sessions"] == 1


def test_a_script_in_a_page_of_another_origin_plays_by_the_location(server):
    async def run():
        async with chromium() as browser:
            page = await browser.new_page()
            # By another name it is another origin.
            await page.goto(f"http://localhost:{server.port}/numbers/{STREAM}")
            return await page.evaluate(SCRIPT, server.url + MPD)

    status, length, location, plays = asyncio.run(run())
    assert (status, length) == (200, 0)
    assert re.fullmatch(LOCATION + TOKEN, location)
    assert plays == [[200, False, True]] * 3
    numbers = server.numbers(STREAM)
    assert (numbers["sessions"], numbers["protocols"]) == (1, ["DASH"])
