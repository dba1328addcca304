"""The guard against split memory, with real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults

import pytest

from sessionware import ConfigurationError, MemoryStore, split
from sessionware.wsgi import StreamSessionMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TESTS = Path(__file__).parents[1]
SECRET = "0123456789abcdef"


@contextmanager
def program(method: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Run a program; what is said to it is answered."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.prefork", method],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), "TMPDIR": str(folder)},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def say(line: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    with process:
        yield say
        process.stdin.close()
        assert process.wait() == 0


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_sibling_is_refused_for_as_long_as_the_first_worker_lives(
    method: str, tmp_path: Path
) -> None:
    with program(method, tmp_path) as say:
        assert say("start") == "allowed"
        assert say("start") == "refused"
        assert say("start") == "refused"
        assert say("kill") == "killed"
        assert say("start") == "allowed"  # a worker that is replaced is no sibling
        assert say("start") == "refused"


@pytest.mark.parametrize("method", ["fork", "spawn", "alone"])
def test_two_programs_that_one_shell_started_are_never_refused(method: str, tmp_path: Path) -> None:
    with program(method, tmp_path) as one, program(method, tmp_path) as other:
        assert one("start") == "allowed"
        assert other("start") == "allowed"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_that_asks_again_is_not_its_own_sibling(method: str, tmp_path: Path) -> None:
    with program(method, tmp_path) as say:
        assert [say("start"), say("again"), say("start")] == ["allowed", "allowed", "refused"]


def test_locks_of_one_server_leave_one_file(tmp_path: Path) -> None:
    with program("fork", tmp_path) as say:
        for command in ("start", "start", "kill", "start"):
            say(command)
        (lock,) = tmp_path.glob("sessionware-*")
        assert lock.stat().st_mode & 0o077 == 0  # nobody else can hold it against us


def test_without_proc_nobody_is_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "_command", lambda _path: b"")
    assert split._server() is None
    split.guard(multiprocess=False, memory=True, random_secret=True)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memory", "random_secret", "named"),
    [
        (True, True, ["store", "secret", "allow_split_memory"]),
        (True, False, ["store", "allow_split_memory"]),
        (False, True, ["secret", "allow_split_memory"]),
    ],
)
def test_the_refusal_names_what_helps(memory: bool, random_secret: bool, named: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        split.guard(multiprocess=True, memory=memory, random_secret=random_secret)
    assert [fault.option for fault in refused.value.faults] == named
    assert ("secret=" in str(refused.value)) is random_secret
    assert ('store="sqlite:///sessions.db"' in str(refused.value)) is memory


def test_what_is_shared_may_be_split() -> None:
    split.guard(multiprocess=True, memory=False, random_secret=False)


class Shared(MemoryStore):
    """A store that says of itself that several processes can use it."""

    shared = True


def ask(multiprocess: bool, path: str = "/film.m3u8", **options: Any) -> str:
    """Send a request through the middleware and give the status."""
    environ: dict[str, Any] = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    environ["wsgi.multiprocess"] = multiprocess
    statuses: list[str] = []

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("204 No Content", [])
        return []

    def start_response(status: str, _headers: Any, _info: Any = None) -> Callable[[bytes], None]:
        statuses.append(status)
        return lambda _: None

    middleware = StreamSessionMiddleware(app, **options)
    body = middleware(environ, start_response)
    list(body)
    if hasattr(body, "close"):
        body.close()
    return statuses[-1]


REFUSED: list[dict[str, Any]] = [{}, {"secret": SECRET}, {"store": Shared()}]


@pytest.mark.parametrize("options", REFUSED, ids=["both", "memory", "a random secret"])
def test_a_server_of_many_processes_is_refused_what_would_be_split(options: Any) -> None:
    with pytest.raises(ConfigurationError, match="allow_split_memory=True"):
        ask(True, **options)


ALLOWED: list[dict[str, Any]] = [
    {"allow_split_memory": True},
    {"secret": SECRET, "store": Shared()},
]


@pytest.mark.parametrize("options", ALLOWED, ids=["as told", "nothing is split"])
def test_a_server_of_many_processes_serves_what_may_be_split(options: Any) -> None:
    assert ask(True, **options) == "307 Temporary Redirect"


def test_a_server_of_one_process_may_keep_its_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert ask(False) == "307 Temporary Redirect"


def test_a_path_that_is_not_ours_is_served_whatever_is_split() -> None:
    assert ask(True, path="/about.html") == "204 No Content"


def test_the_threads_of_one_worker_are_no_siblings(monkeypatch, tmp_path):
    monkeypatch.setattr(split, "_server", lambda: "a server")
    monkeypatch.setattr(split, "_lock_file", lambda _: tmp_path / "lock")
    for _ in range(50):
        monkeypatch.setattr(split, "_held", {})
        together = threading.Barrier(8)

        def ask(together: threading.Barrier = together) -> bool:
            together.wait()
            return split._sibling_lives()

        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(ask) for _ in range(8)]
        assert not any(answer.result() for answer in asked)
        for lock in split._held.values():
            os.close(lock)
