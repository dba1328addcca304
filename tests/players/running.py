"""One row after the other, some at once: play it, count it, judge it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.request import urlopen

from players import browser, programs
from players.matrix import ANNOUNCE, CREDENTIALS, IN_BROWSER, expected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from playwright.async_api import Browser

    from players.matrix import Row
    from players.programs import Playing
    from players.stage import Stage

ENOUGH = 8.0
"""Seconds of media that must have been played."""
PATIENCE = 40.0
"""Seconds that it may take."""
AT_LEAST = 13.0
"""Seconds that a row goes on: who asks once counts as started after ten."""
STEP = 0.5


class Result(NamedTuple):
    """What a row did: seconds of media, sessions started, viewers at the height, quiet ones too."""

    row: Row
    seconds: float
    started: int
    viewers: int
    complaint: str

    @property
    def has_played(self) -> bool:
        """Whether media time has advanced for long enough."""
        return self.seconds >= ENOUGH

    @property
    def failure(self) -> str:
        """Say what is wrong, or nothing."""
        if not self.has_played:
            return f"played {self.seconds:.1f} s: {self.complaint or 'no word of why'}"
        wanted = expected(self.row)
        started = wanted.viewers if wanted.returns else 0
        if self.started != started:
            return f"{self.started} sessions started instead of {started}"
        if self.viewers != wanted.viewers:
            return f"{self.viewers} viewers at its height instead of {wanted.viewers}"
        return ""


class Cast:
    """Plays rows on a stage."""

    def __init__(self, stage: Stage, chromium: Browser) -> None:
        self._stage = stage
        self._chromium = chromium

    @asynccontextmanager
    async def playing(self, row: Row, name: str = "") -> AsyncIterator[Playing]:
        """Let a row's client play for as long as the block runs; ``name`` is as in ``Row.path``."""
        url = self._stage.server(row).url + row.path(name)
        if row.client not in IN_BROWSER:
            with tempfile.TemporaryDirectory(prefix="player-") as home:
                async with programs.playing(row.client, url, home) as player:
                    yield player
            return
        page = self._stage.page(row)
        announce, credentials = row.handoff == ANNOUNCE, row.origin == CREDENTIALS
        async with browser.playing(
            self._chromium, page, row.client, url, announce=announce, credentials=credentials
        ) as player:
            yield player

    async def numbers(self, row: Row, name: str = "") -> dict[str, Any]:
        """Ask the server for the numbers of a row's stream."""
        url = f"{self._stage.server(row).url}/numbers/{row.stream(name)}"
        return json.loads(await asyncio.to_thread(_read, url))

    async def perform(self, row: Row) -> Result:
        """Play a row, and if it did not play, once more: the machine may have been too busy.

        Who plays and is not counted as it should gets no second chance.
        """
        result = await self._perform(row)
        return result if result.has_played else await self._perform(row, f"{row.name}-again")

    async def _perform(self, row: Row, name: str = "") -> Result:
        """Play a row until it has played enough, or for as long as patience lasts."""
        seconds, height, started, waited = 0.0, 0, 0, 0.0
        async with self.playing(row, name) as player:
            while waited < PATIENCE and (seconds < ENOUGH or waited < AT_LEAST):
                await asyncio.sleep(STEP)
                waited += STEP
                seconds = await player.seconds()
                numbers = await self.numbers(row, name)
                height = max(height, numbers["watching"] + numbers["quiet"])
                started = numbers["started"]
            return Result(row, seconds, started, height, player.complaint())


def _read(url: str) -> bytes:
    with urlopen(url, timeout=PATIENCE) as answer:
        body: bytes = answer.read()
        return body


async def perform_all(
    stage: Stage, rows: Iterable[Row], at_once: int, heard: Callable[[Result], None]
) -> list[Result]:
    """Play rows, so many at once, and tell of each result as it comes."""
    gate = asyncio.Semaphore(at_once)

    async def turn(cast: Cast, row: Row) -> Result:
        async with gate:
            result = await cast.perform(row)
        heard(result)
        return result

    async with browser.chromium() as chromium:
        cast = Cast(stage, chromium)
        return list(await asyncio.gather(*(turn(cast, row) for row in rows)))
