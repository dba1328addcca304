"""A live playlist for 1,000 viewers over the wire: uvicorn, one worker, with us and without.

Two servers stand side by side and are asked in turn, for a short while each; what counts is the
middle of the ratios of neighbouring rounds. How far apart the middle half of them is, is said too:
where that is far, the machine was busy. So is each server's CPU time for one request.

This process is the client: a few keep-alive connections, each asking again as soon as it was
answered.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from traffic import MEDIA

VIEWERS = 1000
CONNECTIONS = 16
ROUNDS = 48
SECONDS = 0.25

HEAD = (
    "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) viewer/{viewer}\r\n"
    "Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: identity\r\n"
    "Origin: https://www.example.com\r\nReferer: https://www.example.com/\r\n\r\n"
)


class Connection(asyncio.Protocol):
    """One keep-alive connection; ``ask`` gives head and body of an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._come = b""
        self._answered: asyncio.Future | None = None

    def ask(self, request: bytes) -> asyncio.Future:
        self._come = b""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, end, body = self._come.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(body) == int(length):
            self._answered.set_result((head, body))

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(ConnectionError("the server hung up"))

    def close(self) -> None:
        self._transport.close()


class Client:
    """All viewers of one server."""

    def __init__(self, port: int, pid: int) -> None:
        self._port = port
        self._pid = pid
        self._used = self._answers = 0.0

    async def connect(self) -> None:
        loop = asyncio.get_running_loop()
        pairs = [
            await loop.create_connection(Connection, "127.0.0.1", self._port)
            for _ in range(CONNECTIONS)
        ]
        self._connections = [connection for _, connection in pairs]

    async def enter(self) -> None:
        """Let every viewer follow its redirect, if there is one."""
        requests = []
        for viewer in range(VIEWERS):
            request = HEAD.format(target=MEDIA, viewer=viewer).encode()
            head, _ = await self._connections[0].ask(request)
            if b" 307 " in head.partition(b"\r\n")[0]:
                target = head.partition(b"location: ")[2].partition(b"\r\n")[0].decode()
                request = HEAD.format(target=target, viewer=viewer).encode()
            requests.append(request)
        self._requests = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]

    async def play(self) -> tuple[float, float]:
        """Ask for a while; give requests per second and the 99th percentile in ms."""
        took: list[float] = []
        used = self._cpu()
        started = perf_counter()
        pairs = zip(self._connections, self._requests, strict=True)
        await asyncio.gather(*(self._watch(*pair, started + SECONDS, took) for pair in pairs))
        seconds = perf_counter() - started
        self._used += self._cpu() - used
        self._answers += len(took)
        took.sort()
        return len(took) / seconds, took[len(took) * 99 // 100] * 1000

    async def _watch(
        self, connection: Connection, requests: list[bytes], until: float, took: list[float]
    ) -> None:
        for request in cycle(requests):
            started = perf_counter()
            if started > until:
                return
            head, body = await connection.ask(request)
            took.append(perf_counter() - started)
            if not head.startswith(b"HTTP/1.1 200") or not body.startswith(b"#EXTM3U"):
                raise RuntimeError(head.decode())

    @property
    def cpu_per_answer(self) -> float:
        """Microseconds of the server's CPU."""
        return self._used / self._answers * 1e6

    def _cpu(self) -> float:
        """Give the seconds of CPU that the server has used (Linux)."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


@contextmanager
def server(which: str) -> Iterator[tuple[int, int]]:
    """Run a server, and give its port and its process id."""
    command = [sys.executable, str(Path(__file__).with_name("wire_server.py")), which]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


async def play_in_turn(clients: list[Client]) -> list[list[tuple[float, float]]]:
    for client in clients:
        await client.connect()
        await client.enter()
        await client.play()  # to warm up
    rounds = []
    for number in range(ROUNDS):
        order = clients if number % 2 else clients[::-1]
        played = {client: await client.play() for client in order}
        rounds.append([played[client] for client in clients])
    for client in clients:
        client.close()
    return rounds


def measure() -> Iterator[tuple[str, float, str]]:
    with ExitStack() as stack:
        clients = [Client(*stack.enter_context(server(which))) for which in ("without", "with")]
        rounds = asyncio.run(play_in_turn(clients))
    cpu = "CPU {1:.0f} of {0:.0f} us".format(*(client.cpu_per_answer for client in clients))
    protocol = "httptools" if find_spec("httptools") else "h11"
    more = [cpu, f"uvicorn {version('uvicorn')} with {protocol}"]
    for position, (name, unit) in enumerate(
        (("wire-requests-per-second", "requests/s"), ("wire-p99", "ms"))
    ):
        without, with_us = ([played[which][position] for played in rounds] for which in (0, 1))
        ratios = [b / a for a, b in zip(without, with_us, strict=True)]
        low, middle, high = quantiles(ratios, n=4)
        of = f"{median(with_us):.4g} of {median(without):.4g} {unit}"
        yield name, middle, "; ".join([of, f"half within {low:.2f} to {high:.2f}", *more])
        more = []
