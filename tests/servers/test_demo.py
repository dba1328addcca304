"""scripts/demo as it is run by hand: streams that play, numbers, and nothing is left of it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from servers.running import SCRIPTS, Player, Server, ended, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = SCRIPTS.parent / ".cache"


@pytest.fixture(autouse=True)
def ready() -> None:
    """What the demo would fetch and make first: on a new machine it takes its time."""
    for script in ("media", "web-players"):
        subprocess.run([SCRIPTS / script, CACHE / script], check=True)


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Server]:
    log = folder / "log"
    command = [SCRIPTS / "demo", "--port", "0", *arguments]
    with (
        log.open("wb") as out,
        ended(subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)) as process,
    ):
        at = Server(process, 0, "", log)
        at.port = int(eventually(lambda: re.search(r"Open .*:(\d+)/ ", at.log), lambda: at.log)[1])
        yield at


def started_by(process: int) -> list[int]:
    """Its children, their children, and so on."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [each for child in map(int, children) for each in (child, *started_by(child))]


def assert_ends(at: Server, status: int, started: list[int]) -> None:
    assert at.process.wait(15) == status, at.log
    assert not [each for each in started if Path(f"/proc/{each}").exists()]
    assert not (CACHE / f"demo-{at.port}").exists()


@pytest.mark.parametrize(
    ("arguments", "server", "by"),
    [
        ([], "uvicorn", signal.SIGINT),
        (["--flask"], "gunicorn", signal.SIGTERM),
        (["--flask", "--broadpeak"], "gunicorn", signal.SIGHUP),
    ],
)
def test_it_serves_plays_counts_and_ends_with_all_it_has_started(arguments, server, by, tmp_path):
    with demo(tmp_path, *arguments) as at:
        assert "<live-sessions>" in at.curl("/").text
        assert at.curl("/players/hls.js").status == 200
        target = re.search(r"http://[\d.:]+(/\S*hls/cam1/master.m3u8)", at.log)[1]
        entry = at.curl(target)
        assert (entry.status, server in entry.header("server")) == (307, True)
        with Player(at.url + target, "-re", "-t", "5") as player:
            player.assert_played()
        assert json.loads(at.curl("/sessions.json").body)["streams"]["cam1"]["watching"] == 1
        eventually(lambda: "watching 1" in at.log, lambda: at.log)
        assert "[redacted]" in at.log
        started = started_by(at.process.pid)
        assert len(started) >= 2
        assert (CACHE / f"demo-{at.port}").exists()
        at.process.send_signal(by)
        assert_ends(at, 0, started)


def test_a_demo_whose_server_dies_says_so_and_ends(tmp_path):
    with demo(tmp_path) as at:
        _live, server = started = started_by(at.process.pid)
        os.kill(server, signal.SIGKILL)
        assert_ends(at, 1, started)
        assert "the server has ended" in at.log


def test_a_port_in_use_is_refused_with_words_that_help():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [SCRIPTS / "demo", f"--port={port}"]
        ran = subprocess.run(command, capture_output=True, check=False)
    assert ran.returncode == 1
    assert f"can't listen at port {port}: " in ran.stderr.decode()
    assert "choose another one: --port 8001" in ran.stderr.decode()
