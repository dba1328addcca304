"""The table of the matrix, and its page."""

from __future__ import annotations

import re

import pytest

from players import report
from players.matrix import COOKIE, CROSS, NO_PAGE, REDIRECT, ROWS, SAME, Row, expected
from players.running import Result

PLAYED = 9.0


def result(row: Row, *, seconds=PLAYED, started=1, viewers=1, complaint="") -> Result:
    return Result(row, seconds, started, viewers, complaint)


ROW = Row("hls.js", REDIRECT, SAME, "HLS live")
MPV = Row("mpv", REDIRECT, NO_PAGE, "DASH VOD")
NONE = Row("hls.js", COOKIE, CROSS, "HLS VOD")
RETURNS = Row("Chromium", REDIRECT, CROSS, "HLS live, lone")


@pytest.mark.parametrize(
    "good",
    [
        result(ROW),
        result(MPV, started=2, viewers=2),
        result(NONE, started=0, viewers=0),
        result(RETURNS, started=0),
    ],
    ids=["one", "two", "none", "returns"],
)
def test_a_row_that_does_as_expected_is_no_failure(good):
    assert good.failure == ""


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (result(ROW, seconds=7.9, complaint="no codec"), "played 7.9 s: no codec"),
        (result(ROW, started=2), "2 sessions started instead of 1"),
        (result(ROW, started=0), "0 sessions started instead of 1"),
        (result(ROW, viewers=0), "0 viewers at its height instead of 1"),
        (result(ROW, viewers=2), "2 viewers at its height instead of 1"),
        (result(MPV), "1 sessions started instead of 2"),
        (result(NONE), "1 sessions started instead of 0"),
        (result(RETURNS), "1 sessions started instead of 0"),
        (result(RETURNS, started=0, viewers=6), "6 viewers at its height instead of 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_that_does_not_says_why(bad, why):
    assert bad.failure == why
    assert bad.failure in report.line(bad)
    assert f"**{why}**" in report.table([bad])


def test_a_cell_names_its_reason_below_the_table():
    table = report.table([result(MPV, started=2, viewers=2), result(ROW)])
    assert "| hls.js | redirect | same origin | - | 1 / 1 |" in table
    assert f"2 / 2 (1) | - | - |\n\n1. {expected(MPV).why}" in table


def test_the_json_of_a_row_says_what_was_expected():
    told = report.values(result(RETURNS, started=0))
    assert (told["client"], told["expected"], told["started"], told["viewers"]) == (
        "Chromium",
        1,
        0,
        1,
    )


def test_the_page_shows_each_row_of_the_matrix_once_and_no_failure():
    part = report.PAGE.read_text().partition(report.MARK)[2]
    lines = re.findall(r"^\| ((?!client|---).*) \|$", part, re.MULTILINE)
    cells = [line.split(" | ") for line in lines]
    contents = list(report.CONTENTS)
    told = [
        Row(*about, content)
        for *about, _ in ((*line[:3], None) for line in cells)
        for content in contents
        if next(line for line in cells if line[:3] == about)[3 + contents.index(content)] != "-"
    ]
    assert told == [row for row in ROWS if row in told]
    assert set(told) == set(ROWS)
    assert "**" not in part.partition("\n## ")[0]
