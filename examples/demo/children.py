"""Processes that end with the demo, and with them whatever they have started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PATIENCE = 5.0
"""Seconds in which a process must end once it is told to."""


@contextmanager
def child(command: Sequence[str | Path], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a command in a group of its own: Ctrl-C reaches the demo alone, which ends the rest."""
    process = subprocess.Popen(  # noqa: S603 - our own scripts and servers
        command, stdin=subprocess.DEVNULL, start_new_session=True, text=True, **options
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        with suppress(ProcessLookupError):  # as soon as nobody is left
            for _ in range(int(PATIENCE / 0.05)):
                os.killpg(process.pid, signal.SIGKILL)
                process.poll()
                time.sleep(0.05)


def lines_of(process: subprocess.Popen[str]) -> SimpleQueue[str | None]:
    """Give each line as it is written, and None at the end."""
    lines: SimpleQueue[str | None] = SimpleQueue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line.rstrip("\n"))
        lines.put(None)

    Thread(target=read, daemon=True).start()
    return lines
