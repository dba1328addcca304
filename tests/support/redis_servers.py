"""Several servers that belong together: a cluster, or a primary and its sentinels."""

from __future__ import annotations

import random
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[2] / "scripts" / "redis-servers"
NEEDED = 5
TRIES = 100
FIRST, LAST = 20000, 50000  # a cluster's bus is 10000 above


def free_ports() -> int:
    """Find so many ports in a row that nobody listens at."""
    for port in (random.randrange(FIRST, LAST, 10) for _ in range(TRIES)):
        probes = [socket.socket() for _ in range(2 * NEEDED)]
        try:
            for offset, probe in enumerate(probes):
                above = 10000 * (offset % 2)
                probe.bind(("127.0.0.1", port + offset // 2 + above))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return port
    raise AssertionError("no ports are free")


@contextmanager
def servers(sort: str) -> Iterator[tuple[int, str]]:
    """Start them; gives the first port, and the folder of their logs."""
    with TemporaryDirectory(prefix="redis-", ignore_cleanup_errors=True) as folder:
        port = free_ports()
        started = subprocess.Popen(
            [SCRIPT, sort, folder, str(port)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert started.stdout is not None
            lines = iter(started.stdout.readline, "")
            assert "ready\n" in lines, f"{sort} did not start"
            yield port, folder
        finally:
            started.terminate()
            started.communicate()
