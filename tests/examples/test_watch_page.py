"""The watch page in a real browser, served by the real servers that the READMEs name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from servers.running import SCRIPTS, Server, ended, eventually, free_port, program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.servers

ROOT = SCRIPTS.parent
SERVERS = {
    "uvicorn": "uvicorn --app-dir examples --port {port} --factory starlette_app.app:create_app",
    "gunicorn": "gunicorn --pythonpath examples --bind 127.0.0.1:{port} --threads 8 "
    "--access-logfile - flask_app.app:create_app()",
}
PATIENCE = 30_000
"""Milliseconds until something that has to happen soon is given up."""
expect.set_options(timeout=PATIENCE)
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"""


@pytest.fixture(scope="module", autouse=True)
def _files() -> None:
    """Make the film and fetch the players, where they are not there yet."""
    program("ffmpeg")
    subprocess.run([SCRIPTS / "media", ROOT / ".cache/media"], check=True)
    subprocess.run([SCRIPTS / "web-players", ROOT / ".cache/web-players"], check=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program("chromium"), args=FLAGS.split()
        )
        with chromium:
            yield chromium


@contextmanager
def serving(kind: str, **environment: str) -> Iterator[Server]:
    """Run a server as its README says, from the root of the clone and with relative folders."""
    port = free_port()
    words = [word.format(port=port) for word in SERVERS[kind].split()]
    with tempfile.TemporaryDirectory(prefix="examples-") as folder:
        log = Path(folder, "log")
        told = {"MEDIA": ".cache/media", **environment, "HOME": folder}
        with (
            log.open("wb") as out,
            ended(
                subprocess.Popen(
                    [sys.executable, "-m", *words],
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **told},
                    cwd=ROOT,
                    start_new_session=True,  # its workers end with it
                )
            ) as process,
        ):
            server = Server(process, port, "", log)
            eventually(server.is_listening, lambda: f"the server listens\n{server.log}")
            yield server


@contextmanager
def opened(browser: Browser, url: str) -> Iterator[Page]:
    """Open a page in a browser without cookies; it may fail at nothing, and ask nobody else."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(error.message))
        origin = "/".join(url.split("/")[:3])
        inside = (origin, "blob:", "data:")
        page.on("request", lambda asked: asked.url.startswith(inside) or wrong.append(asked.url))
        page.goto(url)
        yield page
        assert wrong == []


def assert_plays(page: Page, number: int) -> None:
    """Media time goes on in a tile."""
    expect(page.locator(f"#tile-{number}")).to_have_attribute("data-state", "playing")
    tile = f"document.querySelector('#tile-{number}')"
    page.wait_for_function(f"{tile}.dataset.time > 3", timeout=PATIENCE)


@pytest.mark.parametrize(
    ("kind", "begin"),
    [
        ("uvicorn", "probe"),
        ("gunicorn", "probe"),
        ("uvicorn", "redirect"),
        ("gunicorn", "announce"),
    ],
)
def test_two_players_of_the_page_play_the_film_and_are_shown_as_one_session(browser, kind, begin):
    play = f"?begin={begin}&play=film:hls:hls.js,film:dash:dash.js"
    with serving(kind) as server, opened(browser, f"{server.url}/{play}") as page:
        assert_plays(page, 1)
        assert_plays(page, 2)
        expect(page.locator("#watching")).to_have_text("1")
        expect(page.locator("tr[data-stream=film] td[data-count=watching]")).to_have_text("1")
        expect(page.locator(".session")).to_have_count(1)
        card = page.locator(".session[data-stream=film]")
        expect(card.locator(".state")).to_have_text("watching")
        if begin == "probe":
            session = card.locator(".chip").inner_text()
            chips = page.locator(".tile .chip")
            expect(chips).to_have_text([session, session])
        assert set(re.findall(r"tkn=.", server.log)) == {"tkn=["}  # [redacted]


def test_two_browsers_are_two_sessions_on_the_page_of_sessions_too(browser):
    with serving("uvicorn") as server:
        play = f"{server.url}/?play=film:hls:shaka-player"
        with opened(browser, play) as one, opened(browser, play) as two:
            assert_plays(one, 1)
            assert_plays(two, 1)
            with opened(browser, f"{server.url}/sessions") as page:
                expect(page.locator("#watching")).to_have_text("2")
                expect(page.locator(".session[data-stream=film]")).to_have_count(2)


def test_the_page_of_sessions_tells_live_from_vod_and_stops_a_viewer(browser):
    with serving("gunicorn") as server:
        play = f"{server.url}/?play=film:hls:hls.js"
        with opened(browser, play) as player, opened(browser, f"{server.url}/sessions") as page:
            assert_plays(player, 1)
            card = page.locator(".session[data-stream=film]")
            expect(card.locator(".presentation")).to_have_text("VOD")
            card.get_by_role("button", name="Stop").click()
            expect(page.locator(".session")).to_have_count(0)
            expect(page.locator("#watching")).to_have_text("0")


def test_an_address_that_the_page_denies_is_refused_until_it_lets_it_in_again(browser):
    with serving("uvicorn") as server:
        play = f"{server.url}/?play=film:hls:native"
        with opened(browser, play) as player, opened(browser, f"{server.url}/sessions") as page:
            assert_plays(player, 1)
            page.locator(".session").get_by_role("button", name="Deny IP").click()
            expect(page.locator("#denied")).to_contain_text("127.0.0.1 is kept out: 0:")
            expect(page.locator(".session")).to_have_count(0)
            player.reload()
            expect(player.locator("#tile-1 .says")).to_contain_text("refuses it (403)")
            page.get_by_role("button", name="Let in").click()
            expect(page.locator("#denied .notice")).to_have_count(0)
            player.reload()
            assert_plays(player, 1)


def test_who_need_not_ask_is_shown_as_quiet_and_not_among_those_who_watch(browser):
    with serving("gunicorn") as server, opened(browser, f"{server.url}/sessions") as page:
        assert server.curl("/dash/film/manifest.mpd", "-L").status == 200
        expect(page.locator(".session .state")).to_have_text("quiet")
        expect(page.locator("[data-total=quiet]")).to_have_text("1")
        expect(page.locator("tr[data-stream=film] td[data-count=quiet]")).to_have_text("1")
        expect(page.locator("#watching")).to_have_text("0")


def test_without_the_players_the_page_says_what_to_run_and_the_browser_plays_by_itself(
    browser, tmp_path
):
    with (
        serving("gunicorn", WEB_PLAYERS=str(tmp_path)) as server,
        opened(browser, f"{server.url}/") as page,
    ):
        expect(page.locator("#no-players")).to_contain_text("scripts/web-players")
        tile = page.locator("#tile-1")
        expect(tile.locator("select[name=player] option")).to_have_text(["browser"])
        tile.get_by_role("button", name="Play", exact=True).last.click()
        assert_plays(page, 1)
        tile.get_by_role("button", name="Stop").click()
        expect(tile).to_have_attribute("data-state", "stopped")


def test_a_stream_that_is_not_there_is_said_in_plain_words(browser):
    with (
        serving("uvicorn") as server,
        opened(browser, f"{server.url}/?play=gone:hls:hls.js") as page,
    ):
        expect(page.locator("#tile-1 .says")).to_have_text("There is no such stream now.")
