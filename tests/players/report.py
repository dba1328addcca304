"""Plays the matrix: which players play, by which handoff, and how many viewers that makes."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from players.matrix import CONTENTS, ROWS, expected
from servers.running import TESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from players.running import Result

PAGE = TESTS.parent / "docs" / "players.md"
MARK = "<!-- made by: scripts/players --docs -->"


def values(result: Result) -> dict[str, Any]:
    """Give a row and what it did, as JSON values."""
    wanted = expected(result.row)
    return {
        **result.row._asdict(),
        "seconds": round(result.seconds, 1),
        "started": result.started,
        "viewers": result.viewers,
        "expected": wanted.viewers,
        "why": wanted.why,
        "failure": result.failure,
    }


def line(result: Result) -> str:
    """Say in a line what a row did."""
    verdict = f"FAILED: {result.failure}" if result.failure else "ok"
    told = f"{result.seconds:.1f} s, started {result.started}, viewers {result.viewers}"
    return f"{' | '.join(result.row)}: {told}: {verdict}"


def table(results: Sequence[Result]) -> str:
    """Give a table with a line for each client, handoff and origin, and a column for each content.

    A cell is sessions started / viewers at the height; a dash: the client does not play it
    with any server.
    """
    lines = [_cells("client", "handoff", "page", *CONTENTS), _cells(*["---"] * (3 + len(CONTENTS)))]
    notes: list[str] = []
    ordered = sorted(results, key=lambda result: ROWS.index(result.row))
    for about, group in groupby(ordered, key=lambda result: result.row[:3]):
        cells = {result.row.content: _cell(result, notes) for result in group}
        lines.append(_cells(*about, *(cells.get(content, "-") for content in CONTENTS)))
    footnotes = [f"{number}. {note}" for number, note in enumerate(notes, 1)]
    return "\n".join([*lines, *(["", *footnotes] if notes else [])])


def write(results: Sequence[Result]) -> None:
    """Put the table into its page, in place of the one before."""
    before, rest = PAGE.read_text().split(MARK)
    after = re.search(r"^## ", rest, re.MULTILINE)
    assert after is not None, "a section follows the table"
    PAGE.write_text(f"{before}{MARK}\n\n{table(results)}\n\n{rest[after.start() :]}")


def _cell(result: Result, notes: list[str]) -> str:
    told = f"{result.started} / {result.viewers}"
    why = expected(result.row).why
    if why and why not in notes:
        notes.append(why)
    if result.failure:
        return f"**{result.failure}**"
    return f"{told} ({notes.index(why) + 1})" if why else told


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
