"""``scripts/players``: the matrix, as a table or as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from players import report
from players.matrix import ROWS
from players.running import perform_all
from players.stage import broadcast, stage

if TYPE_CHECKING:
    from players.running import Result


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/players", description=report.__doc__)
    parser.add_argument("--json", action="store_true", help="a line of JSON for each row")
    parser.add_argument("--docs", action="store_true", help="write the table to docs/players.md")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows with all these words")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="viewers at once (4)")
    parser.add_argument("--server", default="uvicorn", help="uvicorn (ASGI) or gunicorn (WSGI)")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if set(arguments.only.split()) <= set(" ".join(row).split())]
    if not rows:
        parser.error(f"no row has all the words of {arguments.only!r}")

    def heard(result: Result) -> None:
        print(report.line(result), file=sys.stderr, flush=True)
        if arguments.json:
            print(json.dumps(report.values(result)), flush=True)

    with tempfile.TemporaryDirectory(prefix="players-") as folder:
        Path(folder).chmod(0o755)
        with broadcast(Path(folder)) as media, stage(media, arguments.server) as staged:
            results = asyncio.run(perform_all(staged, rows, arguments.at_once, heard))
    if not arguments.json:
        print(report.table(results))
    if arguments.docs:
        report.write(results)
    failed = [result for result in results if result.failure]
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main())
