"""The demo's terminal: the access log runs by, and a table of who watches stays below it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Counts = Mapping[str, int]

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
NUMBERS = ("watching", "quiet", "sessions", "started", "ended", "requests")
SESSION = ("session", "stream", "protocol", "ip", "state", "last request", "requests")


def stream_table(streams: Mapping[str, Counts], in_all: Counts) -> list[str]:
    """Give a heading, a line for each stream, and their sum."""
    rows: list[tuple[str, ...]] = [("stream", *NUMBERS)]
    for name, counts in [*sorted(streams.items()), ("in all", in_all)]:
        rows.append((name, *(str(counts[number]) for number in NUMBERS)))
    return _aligned(rows, texts=1)


def session_table(sessions: Sequence[Mapping[str, Any]], now: float) -> list[str]:
    """Give a heading and a line for each session; of its id the beginning."""
    rows: list[tuple[str, ...]] = [SESSION]
    for session in sessions:
        silent = f"{max(0, now - session['last_seen']):.0f} s ago"
        told = (session[name] for name in ("stream", "protocol", "ip"))
        state = "quiet" if session["quiet"] else session["state"]
        rows.append((session["id"][:8], *told, state, silent, str(session["requests"])))
    return _aligned(rows, texts=5)


def _aligned(rows: Sequence[tuple[str, ...]], texts: int) -> list[str]:
    """Put rows into columns: texts to the left, the numbers behind them to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        sized = list(zip(row, widths, strict=True))
        left = [cell.ljust(width) for cell, width in sized[:texts]]
        lines.append("   ".join(left + [cell.rjust(width) for cell, width in sized[texts:]]))
    return lines


def summary(streams: Mapping[str, Counts], in_all: Counts) -> str:
    """Say in one line who watches, for where no table can stand."""
    each = [f"{name} {c['watching']}/{c['sessions']}" for name, c in sorted(streams.items())]
    watching, sessions = in_all["watching"], in_all["sessions"]
    return f"watching {watching}, sessions {sessions} ({', '.join(each) or 'none'})"


class Screen:
    """Writes lines, and on a terminal keeps a table below the last one."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._table: list[str] = []
        self.is_terminal = out.isatty()

    def say(self, *lines: str) -> None:
        """Write lines above the table."""
        self._write(self._erasing(), [*lines, *self._table])

    def show(self, table: Sequence[str]) -> None:
        """Replace the table; its first line and each after an empty one are headings."""
        erasing = self._erasing()
        size = shutil.get_terminal_size()
        cut = [line[: size.columns - 1] for line in ("", *table)][: size.lines - 1]
        self._table = [
            f"{BOLD}{line}{PLAIN}" if line and not before else line
            for before, line in zip(["-", *cut], cut, strict=False)
        ]
        self._write(erasing, self._table)

    def _erasing(self) -> str:
        """Go up to where the table begins, and clear all from there."""
        return f"\x1b[{len(self._table)}F\x1b[J" if self._table else ""

    def _write(self, before: str, lines: Sequence[str]) -> None:
        self._out.write(before + "".join(f"{line}\n" for line in lines))
        self._out.flush()
