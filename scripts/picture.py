"""What scripts/picture runs: the demo in a terminal of its own, and who plays."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import threading
import time
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 100, 32
PLAYED = 14.0
"""Seconds that each plays before its picture is taken."""

DEMO = "scripts/demo"
PLAY = "ffmpeg -v error -re -i http://127.0.0.1:8000/hls/cam1/master.m3u8 -f null -"
ENTRY = "curl -i 'http://127.0.0.1:8000/hls/film/master.m3u8?zipcode=25267'"

ERASED = re.compile(r"\x1b\[(\d+)F\x1b\[J")
BOLD = re.compile(r"\x1b\[1m(.*)\x1b\[0m")


class Terminal:
    """A command in a terminal; what it has written is kept."""

    def __init__(self, command: str) -> None:
        self.written = b""
        own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self._process = subprocess.Popen(
            command, shell=True, cwd=ROOT, stdin=its, stdout=its, stderr=its, start_new_session=True
        )
        os.close(its)
        self._reading = threading.Thread(target=self._read, args=(own,), daemon=True)
        self._reading.start()

    def _read(self, own: int) -> None:
        try:
            while part := os.read(own, 65536):
                self.written += part
        except OSError:
            pass  # the command has ended

    def wait_for(self, text: str) -> None:
        end = time.monotonic() + 120
        while text not in self.written.decode(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{text!r} did not come:\n{self.written.decode()}")
            time.sleep(0.1)

    def end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(20)

    def screen(self) -> list[str]:
        """Give the lines that stand there now."""
        lines: list[str] = []
        shown = self.written.decode(errors="replace").replace("\r\n", "\n")
        before, *parts = ERASED.split(shown)
        lines += before.splitlines()
        for erased, written in zip(parts[::2], parts[1::2], strict=True):
            del lines[len(lines) - int(erased) :]
            lines += written.splitlines()
        return lines


@contextmanager
def running(command: str) -> Iterator[Terminal]:
    terminal = Terminal(command)
    try:
        yield terminal
    finally:
        terminal.end()


def film_it() -> list[list[str]]:
    """Run everything; give the lines of two windows."""
    with running(DEMO) as demo:
        demo.wait_for("in all")
        with running(PLAY):
            time.sleep(PLAYED)
            entry = subprocess.run(
                ENTRY, shell=True, cwd=ROOT, check=True, capture_output=True, text=True
            )
            time.sleep(1.5)
            watched = demo.screen()
    hello = watched.index("") + 1
    return [
        [f"$ {DEMO}", *watched[1 : hello + 1], "...", *watched[-15:]],
        [f"$ {PLAY} &", f"$ {ENTRY}", *entry.stdout.rstrip().splitlines()],
    ]


LINE, CHARACTER, MARGIN = 18, 8.0, 16


def drawn(windows: list[list[str]]) -> str:
    """Draw the windows below each other. Any monospaced font will do: each line has its length."""
    texts: list[str] = []
    boxes: list[str] = []
    top = 0
    width = round(WIDTH * CHARACTER) + 2 * MARGIN
    for window in windows:
        lines = [piece for line in window for piece in wrapped(line)]
        height = len(lines) * LINE + 2 * MARGIN
        boxes.append(f'<rect y="{top}" width="{width}" height="{height}" rx="8" fill="#1b1f24"/>')
        for number, line in enumerate(lines):
            y = top + MARGIN + number * LINE + 13
            texts.append(text_of(line, y))
        top += height + MARGIN
    size = f'viewBox="0 0 {width} {top - MARGIN}" width="{width}" height="{top - MARGIN}"'
    style = "font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            "<title>The demo while ffmpeg plays, and an entry request by curl</title>",
            *boxes,
            f'<g {style} font-size="13" fill="#d0d7de">',
            *texts,
            "</g>",
            "</svg>\n",
        ]
    )


def wrapped(line: str) -> list[str]:
    """Break a line where a terminal would."""
    if BOLD.search(line):
        return [line]
    return [line[at : at + WIDTH] for at in range(0, len(line), WIDTH)] or [""]


def text_of(line: str, y: int) -> str:
    bold = BOLD.sub(r"\1", line)
    weight = ' font-weight="bold" fill="#ffffff"' if bold != line or line.startswith("$ ") else ""
    stripped = bold.strip()
    kept = escape(stripped).replace(" ", "\N{NO-BREAK SPACE}")  # of plain ones only one is drawn
    x = MARGIN + CHARACTER * (len(bold) - len(bold.lstrip()))
    long = f'textLength="{CHARACTER * len(stripped):g}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x:g}" y="{y}" {long}{weight}>{kept}</text>' if stripped else ""


WATCH = "http://127.0.0.1:8000/?play=film:hls:hls.js,cam1:dash:dash.js&begin=redirect"
SECONDS_PLAYED = """() => [...document.querySelectorAll("video")].map(({played}) => {
    let sum = 0;
    for (let at = 0; at < played.length; at++) sum += played.end(at) - played.start(at);
    return sum;
})"""


def photographed(picture: Path) -> None:
    """Open the page with two players in it, and let ffmpeg be the third viewer."""
    with running(DEMO) as demo, sync_playwright() as playwright:
        demo.wait_for("in all")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=1.5)
        page.goto(WATCH)
        with running(PLAY):
            wait_until_played(page, players=2)
            page.screenshot(path=picture)
        browser.close()


def wait_until_played(page: Page, players: int) -> None:
    end = time.monotonic() + 120
    while True:
        played = page.evaluate(SECONDS_PLAYED)
        if len(played) == players and min(played) >= PLAYED:
            return
        if time.monotonic() > end:
            raise SystemExit(f"not all play: {played} seconds")
        time.sleep(0.2)


def say_so(picture: Path) -> None:
    print(f"scripts/picture: wrote {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    (terminal := ROOT / "docs/terminal.svg").write_text(drawn(film_it()))
    say_so(terminal)
    photographed(page := ROOT / "docs/demo.png")
    say_so(page)
