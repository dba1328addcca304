"""Players in a page: each viewer is a Chromium profile of its own, with one page."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run headless Chromium."""
    program = shutil.which("chromium")
    assert program, "chromium is not installed: run scripts/players"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


class Viewer:
    """One page that plays."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said = ""

    async def seconds(self) -> float:
        told: dict[str, Any] = await self._page.evaluate("told()")
        self._said = told["said"]
        return float(told["seconds"])

    def complaint(self) -> str:
        return self._said


@asynccontextmanager
async def playing(
    browser: Browser, page_url: str, client: str, url: str, *, announce: bool, credentials: bool
) -> AsyncIterator[Viewer]:
    """Play a URL in a page for as long as the block runs."""
    profile = await browser.new_context()
    try:
        page = await profile.new_page()
        await page.goto(page_url)
        how = {"announce": announce, "credentials": credentials}
        # Not awaited in the page: who never begins to play must not hold up who watches it.
        await page.evaluate("([...how]) => void play(...how)", [client, url, how])
        yield Viewer(page)
    finally:
        await profile.close()
