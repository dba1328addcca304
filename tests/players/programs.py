"""Players that are programs: how each is started, and how it tells its media time."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import signal
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


class Playing(Protocol):
    """One viewer."""

    async def seconds(self) -> float:
        """Tell by how much media time has advanced since it began to play."""

    def complaint(self) -> str:
        """Tell why it does not play, as far as it says so."""


NOBODY = 65534
"""VLC refuses to run as root."""

FFMPEG_CLOCK = r"^out_time_us=(?P<us>\d+)"
SINK = "progressreport update-freq=1 silent=false ! fakesink sync=true"


class Program:
    """A program that writes its media time to its output, again and again."""

    def __init__(self, clock: str, scale: float = 1.0) -> None:
        self._clock = re.compile(clock, re.MULTILINE)
        self._scale = scale
        self._first: float | None = None
        self._last = 0.0
        self._tail = ""

    async def listen(self, stream: asyncio.StreamReader) -> None:
        """Read what it writes until it ends."""
        while part := await stream.read(65536):
            text = self._tail + part.decode(errors="replace").replace("\r", "\n")
            for found in self._clock.finditer(text):
                self._last = float(found[1]) * self._scale
                if self._first is None:
                    self._first = self._last
            self._tail = text[-500:]

    async def seconds(self) -> float:
        return 0.0 if self._first is None else self._last - self._first

    def complaint(self) -> str:
        lines = [line for line in self._tail.splitlines() if not self._clock.search(line)]
        return " / ".join(lines[-3:])


def command(client: str, url: str) -> tuple[list[str], Program]:
    """Give the words that start a client, and what reads its clock."""
    ffmpeg = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1"]
    null = ["-c", "copy", "-f", "null", "-"]
    if client == "ffmpeg":
        return [*ffmpeg, "-re", "-i", url, *null], Program(FFMPEG_CLOCK, 1e-6)
    if client == "mpv":
        status = "--term-status-msg=at ${=time-pos}"
        quiet = ["mpv", "--no-config", "--vo=null", "--ao=null", "--msg-level=all=error"]
        return [
            *quiet,
            "--msg-level=statusline=status",
            "--cache=no",
            "--demuxer-readahead-secs=0.5",
            status,
            url,
        ], Program(r"at ([\d.]+)$")
    if client == "VLC":
        silent = ["--vout", "dummy", "--aout", "dummy", "--no-video-title-show", "--quiet"]
        return ["cvlc", *silent, "-I", "oldrc", "--rc-fake-tty", url], Program(r"^([1-9]\d*)$")
    if client == "GStreamer":
        return ["gst-launch-1.0", *_pipeline(url)], Program(r"\): (\d+) ")
    streamlink = [sys.executable, "-m", "streamlink", "--stdout", "--loglevel", "error"]
    piped = " ".join(["exec", *_quoted([*streamlink, url, "best"])])
    played = " ".join(_quoted([*ffmpeg, "-re", "-i", "pipe:0", *null]))
    return ["sh", "-c", f"({piped}) | {played}"], Program(FFMPEG_CLOCK, 1e-6)


def _pipeline(url: str) -> list[str]:
    if ".mpd" not in url:
        return ["playbin", f"uri={url}", f"video-sink={SINK}", f"audio-sink={SINK}"]
    # playbin takes an MPD whose first tag is long, as ffmpeg writes it, for any XML (P50).
    source = ["souphttpsrc", f"location={url}", "!", "dashdemux", "name=demux"]
    return [*source, "demux.video_00", "!", "decodebin", "!", *SINK.split()]


def _quoted(words: Sequence[str]) -> list[str]:
    return [shlex.quote(word) for word in words]


@asynccontextmanager
async def playing(client: str, url: str, home: str) -> AsyncIterator[Playing]:
    """Play a URL for as long as the block runs; ``home`` is a folder for its own files."""
    words, program = command(client, url)
    assert shutil.which(words[0]), f"{words[0]} is not installed: run scripts/players"
    as_nobody = client == "VLC" and os.getuid() == 0
    if as_nobody:
        os.chown(home, NOBODY, NOBODY)
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE if client == "VLC" else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": home, "XDG_CACHE_HOME": home, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        user=NOBODY if as_nobody else None,
    )
    assert process.stdout is not None
    tasks = [asyncio.create_task(program.listen(process.stdout))]
    if process.stdin is not None:
        tasks.append(asyncio.create_task(_keep_asking(process.stdin)))
    try:
        yield program
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_asking(remote: asyncio.StreamWriter) -> None:
    """Ask VLC's remote control for the time, twice a second."""
    while True:
        remote.write(b"get_time\n")
        await remote.drain()
        await asyncio.sleep(0.5)
