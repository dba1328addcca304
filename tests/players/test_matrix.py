"""A part of the matrix: each client, handoff, origin and content, under ASGI and WSGI.

The whole of it is ``scripts/players``.
"""

from __future__ import annotations

import asyncio
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import pytest

from players.matrix import (
    ANNOUNCE,
    COOKIE,
    CREDENTIALS,
    CROSS,
    INLINE,
    NO_PAGE,
    REDIRECT,
    ROWS,
    SAME,
    Row,
)
from players.running import Result, perform_all
from players.stage import stage

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 6

BY_ASGI = [
    Row("hls.js", REDIRECT, SAME, "HLS live"),
    Row("hls.js", ANNOUNCE, CROSS, "HLS VOD"),
    Row("hls.js", INLINE, CREDENTIALS, "HLS live, lone"),
    Row("dash.js", REDIRECT, CROSS, "DASH live"),
    Row("dash.js", ANNOUNCE, SAME, "DASH VOD"),
    Row("dash.js", COOKIE, CREDENTIALS, "DASH live, timeline"),
    Row("shaka-player", REDIRECT, CREDENTIALS, "HLS live, lone"),
    Row("shaka-player", INLINE, CROSS, "DASH live"),
    Row("shaka-player", ANNOUNCE, CROSS, "HLS live"),
    Row("Chromium", REDIRECT, SAME, "HLS live, lone"),
    Row("Chromium", REDIRECT, CROSS, "HLS live, lone"),
    Row("Chromium", INLINE, CROSS, "HLS live"),
    Row("Chromium", COOKIE, CROSS, "HLS VOD"),
    *(
        Row(client, handoff, NO_PAGE, content)
        for client, (handoff, content) in [
            *product(
                ("ffmpeg", "VLC", "streamlink"),
                [
                    (REDIRECT, "HLS live, lone"),
                    (INLINE, "HLS live"),
                    (COOKIE, "DASH live, timeline"),
                ],
            ),
            ("VLC", (COOKIE, "DASH live")),
            ("ffmpeg", (REDIRECT, "DASH live, timeline")),
            ("streamlink", (REDIRECT, "DASH VOD")),
            ("GStreamer", (REDIRECT, "HLS VOD")),
            ("GStreamer", (INLINE, "HLS live")),
            ("GStreamer", (COOKIE, "DASH live")),
            ("mpv", (REDIRECT, "HLS live")),
            ("mpv", (REDIRECT, "HLS live, lone")),
            ("mpv", (REDIRECT, "DASH live, timeline")),
            ("mpv", (COOKIE, "HLS VOD")),
        ]
    ),
]
BY_WSGI = [
    Row("hls.js", REDIRECT, CROSS, "HLS live"),
    Row("dash.js", INLINE, SAME, "DASH live"),
    Row("shaka-player", ANNOUNCE, CREDENTIALS, "DASH VOD"),
    Row("Chromium", COOKIE, SAME, "HLS live, lone"),
    Row("ffmpeg", REDIRECT, NO_PAGE, "HLS live"),
    Row("streamlink", INLINE, NO_PAGE, "DASH live"),
]
CHOSEN = {"uvicorn": BY_ASGI, "gunicorn": BY_WSGI}


@pytest.fixture(scope="session")
def results(on_air) -> Callable[[str], dict[Row, Result]]:
    """``results(kind)``: what its rows did. They play at once, or it would take too long."""

    @cache
    def performed(kind: str) -> dict[Row, Result]:
        with stage(on_air, kind) as staged:
            played = asyncio.run(perform_all(staged, CHOSEN[kind], AT_ONCE, lambda _: None))
        return {result.row: result for result in played}

    return performed


def test_the_chosen_rows_are_rows_of_the_matrix_and_leave_nothing_out():
    assert set(BY_ASGI + BY_WSGI) <= set(ROWS)
    for which in ("client", "handoff", "origin", "content"):
        chosen, whole = ({getattr(row, which) for row in rows} for rows in (BY_ASGI, ROWS))
        assert chosen == whole


@pytest.mark.parametrize(
    ("kind", "row"),
    [(kind, row) for kind, rows in CHOSEN.items() for row in rows],
    ids=lambda value: value.name if isinstance(value, Row) else value,
)
def test_a_player_plays_and_is_counted_as_it_should(results, kind, row):
    assert results(kind)[row].failure == ""
