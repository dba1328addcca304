"""A redis-server of a test's own, on a socket in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as NotThere

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 20.0


class Server:
    """A server, which can be ended and started again; what it kept is gone then."""

    def __init__(self, folder: str, *options: str) -> None:
        self.folder = folder
        self.socket = f"{folder}/redis.sock"
        self.url = f"redis+unix://{self.socket}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server", path="/usr/local/bin:/usr/bin:/bin:/usr/sbin")
        assert program, "redis-server is missing: scripts/system redis-server"
        where = ("--port", "0", "--unixsocket", self.socket, "--dir", self.folder)
        keeps = ("--save", "", "--appendonly", "no", "--logfile", f"{self.folder}/log")
        self._process = subprocess.Popen([program, *where, *keeps, *self._options])
        with self.client() as client:
            wait_for(client)
        assert self._process.poll() is None, Path(self.folder, "log").read_text()

    def client(self, **options: str) -> Redis:
        return Redis(unix_socket_path=self.socket, **options)

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def wait_for(client: Redis) -> None:
    """Wait until a server answers, be it that it wants a password."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            client.execute_command("PING")
        except AuthenticationError:
            return
        except NotThere:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def running(*options: str) -> Iterator[Server]:
    with TemporaryDirectory(prefix="redis-") as folder:
        server = Server(folder, *options)
        try:
            server.start()
            yield server
        finally:
            server.stop()
