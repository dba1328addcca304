"""One process of a server, for ``python -m seeds.process asgi|wsgi STORE``.

For each line of its input, a JSON list of a word and arguments, it prints a line: ``put`` a target,
from an address, gives the status; ``hold`` the arguments of ``open()`` gives the session's id, and
lasts until the input ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seeds.mist import Mist
from sessionware import Kind
from support.clock import Clock
from support.worlds import AsgiWorld, WsgiWorld

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]


class Process:
    """A process that was started, and can be told what to do."""

    def __init__(self, kind: str, store: str) -> None:
        command = [sys.executable, "-m", "seeds.process", kind, store]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=TESTS)

    def does(self, *told: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate(timeout=20)


@contextmanager
def processes(number: int, kind: str, store: str) -> Iterator[list[Process]]:
    """Start so many, and end them; they share nothing but the store."""
    started = [Process(kind, store) for _ in range(number)]
    try:
        yield started
    finally:
        for process in started:
            process.end()


def main(kind: str, store: str) -> None:
    world = {"asgi": AsgiWorld, "wsgi": WsgiWorld}[kind]
    scene = Mist(world, Clock(), store=store)
    with scene.world, ExitStack() as held:
        for line in sys.stdin:
            word, *told = json.loads(line)
            if word == "hold":
                wanted = {**told[0], "kind": Kind(told[0]["kind"])}
                answer = held.enter_context(scene.hold(wanted))[0].id
            else:
                answer = scene.ask(told[0], "PUT", ip=told[1], body=b"#EXTM3U\n").status
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
