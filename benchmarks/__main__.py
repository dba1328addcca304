"""Measures what sessionware costs. Usage: scripts/bench [--json] [ROW...]

ROW is a part of a row's name; without any, all are measured.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version

from rows import ROWS, Row

PEERS = ("starlette", "flask", "m3u8", "lxml", "itsdangerous")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the cost.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--theme", help=argparse.SUPPRESS)  # how this program starts itself
    parser.add_argument("rows", metavar="ROW", nargs="*", help="a part of a row's name")
    options = parser.parse_args()
    if options.theme:
        for name, value, detail in import_module(options.theme).measure():
            print(json.dumps([name, value, detail]), flush=True)
        return
    wanted = {
        name: row
        for name, row in ROWS.items()
        if not options.rows or any(part.lower() in name for part in options.rows)
    }
    if not wanted:
        parser.error("no such row; there are: " + ", ".join(ROWS))
    head = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}",
        "peers": {peer: version(peer) for peer in PEERS},
    }
    if options.json:
        found = [_as_dict(*one) for one in measured(wanted)]
        print(json.dumps({**head, "rows": found}, indent=2))
        return
    peers = ", ".join(f"{peer} {number}" for peer, number in head["peers"].items())
    print(f"Python {head['python']}, {head['cores']} cores, {head['machine']}; {peers}")
    for row, value, detail in measured(wanted):
        goal = f"{row.sense} {row.goal:g} {row.unit}"
        told = "PASS" if row.holds(value) else "MISS"
        print(f"{row.name:32} {value:8.4g} {row.unit:5}  {goal:18}  {told}  {detail}", flush=True)


def measured(wanted: dict[str, Row]) -> Iterator[tuple[Row, float, str]]:
    """Measure each theme in a process of its own: what one leaves behind slows no other."""
    for theme in dict.fromkeys(row.theme for row in wanted.values()):
        command = [sys.executable, sys.argv[0], "--theme", theme]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                name, value, detail = json.loads(line)
                if name in wanted:
                    yield wanted[name], value, detail
        if process.returncode:
            sys.exit(f"scripts/bench: {theme} failed (see above)")


def _as_dict(row: Row, value: float, detail: str) -> dict[str, object]:
    return {
        "name": row.name,
        "value": value,
        "unit": row.unit,
        "goal": f"{row.sense} {row.goal:g}",
        "pass": row.holds(value),
        "detail": detail,
    }


main()
