"""What scripts/demo runs: a film, live streams, a server and the table; and how it all ends."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any, NoReturn

from children import child, lines_of
from served import FRONTS, VARIABLE
from terminal import Screen, session_table, stream_table, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from queue import SimpleQueue

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds in which the live streams must begin, and then the server must answer."""

FILM = ("hls/film/master.m3u8", "dash/film/manifest.mpd")
LIVE = ("hls/cam1/master.m3u8", "dash/cam1-timeline/manifest.mpd", "dash/cam1/manifest.mpd")
NUMBERS = "/sessions.json"
ASKED_ON_AND_ON = (NUMBERS, "/streams.json")
"""By the table here and by the page; the log is easier to read without."""

UVICORN = "uvicorn --fd {fd} --timeout-graceful-shutdown 2 --factory demo.served:asgi"
# Who holds a connection open is not hurried: gunicorn waits for each that it closes itself.
GUNICORN = (
    "gunicorn --bind fd://{fd} --worker-class gthread --threads 16 --keep-alive 300"
    " --graceful-timeout 4 --no-control-socket --log-level warning --access-logfile -"
    """ --access-logformat '%(h)s - "%(r)s" %(s)s' demo.served:wsgi()"""
)
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    arguments = _arguments()
    for number in ENDING:
        signal.signal(number, _end)
    with suppress(KeyboardInterrupt), _listening(arguments.port) as listener:
        _run(arguments, listener)


def _end(*_: object) -> NoReturn:
    """End as at Ctrl-C; whoever presses it twice gets no less cleaned up."""
    for number in ENDING:
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Serves a film and live streams behind the middleware, and shows who watches.",
    )
    parser.add_argument("--port", type=int, default=8000, help="to listen at (8000); 0: any")
    parser.add_argument("--flask", action="store_true", help="serve the Flask example by gunicorn")
    presets = parser.add_mutually_exclusive_group()
    for name, system in (("broadpeak", "broadpeak.io"), ("mistserver", "MistServer")):
        presets.add_argument(
            f"--{name}",
            dest="preset",
            action="store_const",
            const=name,
            default="",
            help=f"behave as {system}",
        )
    return parser.parse_args()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Take the port before anything else: who can't serve need not begin."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()  # SO_REUSEADDR lets two bind, but only one listen
        except (OSError, OverflowError) as error:
            _fail(f"can't listen at port {port}: {error}", "choose another one: --port 8001")
        yield listener


def _run(arguments: argparse.Namespace, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    screen = Screen(sys.stdout)
    screen.say("Getting the film and the players, if they are not there yet ...")
    _made("media", CACHE / "media")
    _made("web-players", CACHE / "web-players")
    screen.say("Starting the live streams and the server ...")
    with (
        _folder(CACHE / f"demo-{port}") as media,
        _broadcast(media) as live,
        _server(arguments, listener, media) as server,
    ):
        listener.close()  # it is the server's now: when that ends, nobody waits
        numbers = Numbers(port)
        log = lines_of(server)
        if numbers.ask() is None:
            _say_log(log, screen)
            _fail(f"the server did not answer within {PATIENCE:.0f} s")
        _say_hello(screen, f"http://{HOST}:{port}", FRONTS.get(arguments.preset, ""))
        while live.poll() is None:
            numbers.show(screen)
            _say_log(log, screen)
        _fail("scripts/live has ended (see above)")


def _made(script: str, folder: Path) -> None:
    """Have a script of ours fill a folder, if it is not there yet."""
    with child([ROOT / "scripts" / script, folder]) as making:
        if making.wait() == 0:
            return
    if not os.access(_nearest(folder), os.W_OK):
        _fail_for_want_of_rights(folder)
    _fail(f"scripts/{script} failed (see above)")


@contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    """Make a folder of media that goes with the demo: the film is in it already."""
    try:
        if folder.exists():  # a demo that was killed
            shutil.rmtree(folder)
        for manifest in FILM:
            path = Path(manifest).parent
            (folder / path).parent.mkdir(parents=True)
            (folder / path).symlink_to(CACHE / "media" / path)
    except PermissionError:
        _fail_for_want_of_rights(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _broadcast(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Broadcast until the block ends; it begins when all streams have."""
    with child([ROOT / "scripts/live", folder]) as live:
        end = time.monotonic() + PATIENCE
        while not all((folder / manifest).exists() for manifest in LIVE):
            if live.poll() is not None:
                _fail("scripts/live failed (see above)")
            if time.monotonic() > end:
                _fail(f"the live streams did not begin within {PATIENCE:.0f} s")
            time.sleep(0.1)
        yield live


def _server(
    arguments: argparse.Namespace, listener: socket.socket, media: Path
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Hand the port over to a server of the one example or the other."""
    served = {
        "media": str(media),
        "web_players": str(CACHE / "web-players"),
        "preset": arguments.preset,
    }
    words = shlex.split((GUNICORN if arguments.flask else UVICORN).format(fd=listener.fileno()))
    return child(
        [sys.executable, "-m", *words],
        cwd=ROOT / "examples",
        env={
            "SESSIONWARE_SECRET": secrets.token_urlsafe(32),
            **os.environ,
            VARIABLE: json.dumps(served),
            "PYTHONUNBUFFERED": "1",
        },
        pass_fds=[listener.fileno()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _say_hello(screen: Screen, base: str, front: str) -> None:
    streams = [f"  {base}{front}/{manifest}" for manifest in (*FILM, *LIVE)]
    screen.say(f"Open {base}/ or play one of these; Ctrl-C ends the demo.", *streams, "")


class Numbers:
    """What the app tells about its sessions, over a connection that stays open."""

    def __init__(self, port: int) -> None:
        self._server = HTTPConnection(HOST, port, timeout=PATIENCE)
        self._said = ""

    def ask(self) -> dict[str, Any] | None:
        try:
            self._server.request("GET", NUMBERS)
            told: dict[str, Any] = json.load(self._server.getresponse())
        except (OSError, HTTPException, ValueError):
            self._server.close()  # and is opened again by the next request
            return None
        return told

    def show(self, screen: Screen) -> None:
        """Draw the table, or say what has changed where there is no terminal."""
        if (told := self.ask()) is None:
            return
        if screen.is_terminal:
            listed = told["sessions"]
            below = session_table(listed, told["now"]) if listed else ["no session"]
            screen.show([*stream_table(told["streams"], told["counts"]), "", *below])
        elif (line := summary(told["streams"], told["counts"])) != self._said:
            screen.say(line)
            self._said = line


def _say_log(log: SimpleQueue[str | None], screen: Screen) -> None:
    """Say for a second what the server logs."""
    end = time.monotonic() + 1
    while (left := end - time.monotonic()) > 0:
        with suppress(Empty):
            line = log.get(timeout=left)
            if line is None:
                _fail("the server has ended (see above)")
            if not any(path in line for path in ASKED_ON_AND_ON):
                screen.say(line)


def _nearest(folder: Path) -> Path:
    """Find the folder, or the one in which it would be made."""
    return next(at for at in (folder, *folder.parents) if os.access(at, os.F_OK))


def _fail_for_want_of_rights(folder: Path) -> NoReturn:
    at = _nearest(folder)
    _fail(
        f"you may not write in {at}: another user has made it",
        f'make it yours: sudo chown -R "$(id -un)" {at}',
    )


def _fail(*lines: str) -> NoReturn:
    sys.exit("\n".join(f"scripts/demo: {line}" for line in lines))


main()
