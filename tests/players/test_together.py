"""Two players at each live stream for a minute: two are watching, and nobody when they are gone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

import pytest

from players.browser import chromium
from players.matrix import IN_BROWSER, NO_PAGE, REDIRECT, SAME, Row
from players.running import ENOUGH, PATIENCE, STEP, Cast
from players.stage import stage

if TYPE_CHECKING:
    from players.programs import Playing
    from players.stage import Stage

MINUTE = 60.0
GONE = 20.0
"""Seconds after which nobody is watching any more: the watching window and some."""

TOGETHER = {
    "HLS live": ("ffmpeg", "hls.js"),
    "HLS live, lone": ("ffmpeg", "hls.js"),
    "DASH live": ("shaka-player", "dash.js"),  # ffmpeg does not play it for sure
    "DASH live, timeline": ("ffmpeg", "dash.js"),
}
"""Each live stream, and who watches it."""


class Minute(NamedTuple):
    """The numbers of viewers seen, seconds that each played, and what there was in the end."""

    watching: set[int]
    played: list[float]
    afterwards: int
    started: int


async def watch(cast: Cast, content: str) -> Minute:
    """Let two watch a stream for a minute."""
    rows = [
        Row(client, REDIRECT, SAME if client in IN_BROWSER else NO_PAGE, content)
        for client in TOGETHER[content]
    ]
    name = f"together-{rows[0].name}"
    watching = set()
    async with AsyncExitStack() as stack:
        players = [await stack.enter_async_context(cast.playing(row, name)) for row in rows]
        await asyncio.wait_for(asyncio.gather(*map(_begins, players)), PATIENCE)
        for _ in range(round(MINUTE / STEP)):
            numbers = await cast.numbers(rows[0], name)
            watching.add(numbers["watching"] + numbers["quiet"])
            await asyncio.sleep(STEP)
        played = [await player.seconds() for player in players]
    await asyncio.sleep(GONE)
    numbers = await cast.numbers(rows[0], name)
    return Minute(watching, played, numbers["watching"], numbers["started"])


async def _begins(player: Playing) -> None:
    while await player.seconds() < 1:  # noqa: ASYNC110 - another program plays, it sets no event
        await asyncio.sleep(STEP)


@pytest.fixture(scope="module")
def minutes(on_air) -> dict[str, Minute]:
    """All streams at once, so that it takes one minute."""

    async def all_at_once(staged: Stage) -> list[Minute]:
        async with chromium() as browser:
            cast = Cast(staged, browser)
            return await asyncio.gather(*(watch(cast, content) for content in TOGETHER))

    with stage(on_air) as staged:
        return dict(zip(TOGETHER, asyncio.run(all_at_once(staged)), strict=True))


@pytest.mark.parametrize("content", TOGETHER)
def test_two_players_are_two_for_a_minute_and_none_soon_after(minutes, content):
    minute = minutes[content]
    assert min(minute.played) > MINUTE - ENOUGH, "both went on playing"
    assert (minute.watching, minute.afterwards, minute.started) == ({2}, 0, 2)
