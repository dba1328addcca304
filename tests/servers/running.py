"""Real servers and real clients, as processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.calls import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parents[1]
SCRIPTS = TESTS.parent / "scripts"
PATIENCE = 30.0
"""Seconds until something that has to happen soon is given up."""

UVICORN = "uvicorn --port {port} servers.apps:asgi"
GRANIAN = "granian --port {port} --access-log --access-log-fmt {format} --interface "
GUNICORN = "gunicorn --worker-class gthread --threads 8 --access-logfile - --bind "
COMMANDS = {
    "uvicorn": UVICORN,
    "granian": GRANIAN + "asgi servers.apps:asgi",
    "granian-wsgi": GRANIAN + "wsgi servers.apps:wsgi",
    "gunicorn": GUNICORN + "127.0.0.1:{port} servers.apps:wsgi",
    "gunicorn-unix": GUNICORN + "unix:{socket} servers.apps:wsgi",
}
# Granian leaves the query out unless it is asked for.
GRANIAN_LINE = '%(addr)s "%(method)s %(path)s?%(query_string)s" %(status)d'


def program(name: str) -> str:
    """Find a client; without it nothing is shown, so nothing is skipped either."""
    found = shutil.which(name)
    assert found, f"{name} is not installed: run scripts/test, which sees to it"
    return found


def eventually(found: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Ask again until the answer is true, and give it; what another process does takes time."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        text = what if isinstance(what, str) else what()
        assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {text}"
        time.sleep(0.05)
    return answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Server:
    """One server, listening; ``log`` is all that it has written to stdout and stderr."""

    process: subprocess.Popen[bytes]
    port: int
    socket: str
    log_file: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def numbers(self, stream: str) -> dict[str, Any]:
        """Ask the app for the numbers of a stream."""
        body = self.curl(f"/numbers/{stream}").body
        found: dict[str, Any] = json.loads(body)
        return found

    def get(self, target: str) -> int:
        """Ask without a client of name; the status, or 0 where the server hangs up."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", target)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def curl(self, target: str, *options: str) -> Answer:
        """``curl -i``: the last answer that it got (``-L`` goes through several)."""
        by_socket = ("--unix-socket", self.socket) if self.socket else ()
        command = [program("curl"), "-sS", "-i", "--max-time", "10", *by_socket, *options]
        ran = subprocess.run([*command, self.url + target], capture_output=True, check=False)
        assert ran.returncode == 0, f"{ran.stderr.decode()}\n{self.log}"
        rest = ran.stdout
        while rest.startswith(b"HTTP/"):
            head, _, rest = rest.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines)
        headers = tuple((name.lower(), value) for name, _, value in pairs)
        return Answer(int(status.split()[1]), headers, rest)

    def wait(self) -> None:
        """Wait until it listens."""
        eventually(self.is_listening, lambda: f"the server listens\n{self.log}")

    def is_listening(self) -> bool:
        assert self.process.poll() is None, f"the server has ended:\n{self.log}"
        family, address = (
            (socket.AF_UNIX, self.socket)
            if self.socket
            else (socket.AF_INET, ("127.0.0.1", self.port))
        )
        with socket.socket(family) as knocking:
            return knocking.connect_ex(address) == 0


@contextmanager
def serving(
    kind: str,
    media: Path,
    *arguments: str,
    listening: bool = True,
    port: int | None = None,
    **options: Any,
) -> Iterator[Server]:
    """Run a server of ``COMMANDS`` with more arguments; ``options`` are the middleware's."""
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="servers-") as folder:  # short: a socket's path is
        path = f"{folder}/socket" if kind.endswith("unix") else ""
        words = [
            word.format(port=port, socket=path, format=GRANIAN_LINE)
            for word in COMMANDS[kind].split()
        ]
        environment = {
            "MEDIA": str(media),
            "OPTIONS": json.dumps(options),
            "PYTHONPATH": os.pathsep.join([str(TESTS), *_python_path()]),
        }
        command = [*words, *arguments]
        with started(command, port, Path(folder), environment, path) as server:
            if listening:
                server.wait()
            yield server


@contextmanager
def started(
    command: list[str], port: int, folder: Path, environment: dict[str, str], path: str = ""
) -> Iterator[Server]:
    """Run a server's command in a folder; it may not listen yet. ``path`` is that of its socket."""
    log = folder / "log"
    with (
        log.open("wb") as out,
        ended(
            subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                # gunicorn keeps a socket in HOME
                env={**os.environ, "HOME": str(folder), "PYTHONUNBUFFERED": "1", **environment},
                cwd=folder,
                start_new_session=True,  # its workers end with it
            )
        ) as process,
    ):
        yield Server(process, port, path, log)


def _python_path() -> list[str]:
    return list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process with the block, kindly or not."""
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process; if it leads a group, whoever is left of that, too."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # not ours, if it leads none: there is none then


class Player(subprocess.Popen[bytes]):
    """ffmpeg, playing; what it complains of goes to a file."""

    def __init__(self, url: str, *options: str) -> None:
        # Connections are kept where ffmpeg can: gunicorn does nothing else for two seconds after
        # it has closed one that the client still holds open.
        how = ["-nostdin", "-hide_banner", "-loglevel", "error", "-multiple_requests", "1"]
        command = [program("ffmpeg"), *how, *options, "-i", url, "-c", "copy", "-f", "null", "-"]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        super().__init__(command, stdout=subprocess.DEVNULL, stderr=self._complaints)

    def assert_plays(self) -> None:
        assert self.poll() is None, f"ffmpeg has ended: {self.complaints()}"

    def assert_played(self) -> None:
        """Wait until it is through, without a word of complaint."""
        status = self.wait(PATIENCE)
        assert (status, self.complaints()) == (0, "")

    def complaints(self) -> str:
        self._complaints.seek(0)
        return self._complaints.read().decode(errors="replace")

    def __exit__(self, *_: object) -> None:
        end(self)
        self._complaints.close()
