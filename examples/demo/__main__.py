"""What scripts/demo runs: a film, live streams, the server and the table; and how it all ends."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from app import STREAMS, make
from terminal import Screen, session_table, stream_table, summary

from sessionware import presets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionware.asgi import StreamSessionMiddleware

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
SERVICE = "9bf31c7ff062936aa98ca3e56900abcd"
"""A service as broadpeak.io gives them: the first path element of its URLs."""
PATIENCE = 30.0
"""Seconds in which the live streams must begin."""


def main() -> None:
    arguments = _arguments()
    # A kill ends the demo as Ctrl-C does, and a closed terminal as a kill: uvicorn knows both.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    with suppress(KeyboardInterrupt), _listening(arguments.port) as listener:
        _run(arguments, listener)


def _run(arguments: argparse.Namespace, listener: socket.socket) -> None:
    options: dict[str, Any] = {}
    front = ""
    if arguments.broadpeak:
        front, options = f"{SERVICE}/", presets.broadpeak(service=r"[0-9a-f]{32}")
    elif arguments.mistserver:
        options = presets.mistserver()
    cache = ROOT / ".cache"
    film, live = cache / "media", cache / f"live-{arguments.port}"
    screen = Screen(sys.stdout)
    screen.say("Making the film, if it is not there yet, and starting the live streams ...")
    with _script("media", film) as making:
        if making.wait() != 0:
            _fail("scripts/media failed (see above)")
    with _broadcast(live):
        middleware = make(film, live, front, **options)
        _say_hello(screen, f"http://{HOST}:{arguments.port}/", front)
        asyncio.run(_serve(middleware, listener, screen))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Serves a film and live streams behind the middleware, and shows who watches.",
    )
    parser.add_argument("--port", type=int, default=8000, help="to listen at (8000)")
    presets = parser.add_mutually_exclusive_group()
    presets.add_argument("--broadpeak", action="store_true", help="behave as broadpeak.io")
    presets.add_argument("--mistserver", action="store_true", help="behave as MistServer")
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


@contextmanager
def _script(name: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a script of ours, and end it with all that it has started."""
    command = [ROOT / "scripts" / name, folder]
    process = subprocess.Popen(  # noqa: S603 - our own scripts
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def _broadcast(folder: Path) -> Iterator[None]:
    """Broadcast into a folder that goes with the demo."""
    manifests = [folder / stream.path for stream in STREAMS if stream.live]
    try:
        with _script("live", folder) as live:
            end = time.monotonic() + PATIENCE
            while not all(manifest.exists() for manifest in manifests):
                if live.poll() is not None:
                    _fail("scripts/live failed (see above)")
                if time.monotonic() > end:
                    _fail(f"the live streams did not begin within {PATIENCE:.0f} s")
                time.sleep(0.1)
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _say_hello(screen: Screen, base: str, front: str) -> None:
    streams = [f"  {base}{front}{stream.path}" for stream in STREAMS]
    screen.say(f"Open {base} or play one of these; Ctrl-C ends the demo.", *streams, "")


async def _serve(
    middleware: StreamSessionMiddleware, listener: socket.socket, screen: Screen
) -> None:
    screen.setFormatter(logging.Formatter("%(message)s"))
    for name, level in (("uvicorn.access", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logging.getLogger(name).addHandler(screen)
        logging.getLogger(name).setLevel(level)
    config = uvicorn.Config(
        middleware, log_config=None, log_level=None, timeout_graceful_shutdown=2
    )
    showing = asyncio.create_task(_keep_showing(middleware, screen))
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        showing.cancel()


async def _keep_showing(middleware: StreamSessionMiddleware, screen: Screen) -> None:
    """Draw the table each second, or say what has changed where there is no terminal."""
    sessions = middleware.sessions
    said = ""
    while True:
        in_all, streams = await sessions.count(), await sessions.streams()
        if screen.is_terminal:
            listed = (await sessions.list()).items
            now = middleware.settings.clock()
            sessions_below = session_table(listed, now) if listed else ["no session"]
            screen.show([*stream_table(streams, in_all), "", *sessions_below])
        elif (line := summary(streams, in_all)) != said:
            screen.say(line)
            said = line
        await asyncio.sleep(1)


def _fail(*lines: str) -> None:
    sys.exit("\n".join(f"scripts/demo: {line}" for line in lines))


main()
