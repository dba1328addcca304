"""What the players play: a film, live streams, and a server for each handoff."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from players.matrix import ANNOUNCE, CONTENTS, COOKIE, DASH, INLINE, NO_PAGE, REDIRECT, SAME, Row
from servers.running import SCRIPTS, TESTS, ended, eventually, free_port, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers.running import Server

CACHE = TESTS.parent / ".cache"
ANY_ORIGIN = {"cors": {"credentials": True}}
OPTIONS: dict[str, dict[str, Any]] = {
    REDIRECT: {},
    INLINE: {"handoff": "inline"},
    COOKIE: {"read": ["cookie"], "write": ["cookie"]},
}


class Stage:
    """Servers by name of the handoff."""

    def __init__(self, servers: dict[str, Server], absolute: dict[str, Server]) -> None:
        self._servers = servers
        self._absolute = absolute

    def server(self, row: Row) -> Server:
        """Give the server that a row's manifest is on."""
        handoff = REDIRECT if row.handoff == ANNOUNCE else row.handoff
        # streamlink takes an MPD's Location for a base URL as it is, so it must not be relative.
        if row.client == "streamlink" and row.content in DASH:
            return self._absolute.get(handoff, self._servers[handoff])
        return self._servers[handoff]

    def page(self, row: Row) -> str:
        """Give the URL of a row's page: on the same server, or on another."""
        own = self.server(row)
        if row.origin in {SAME, NO_PAGE}:
            return f"{own.url}/page/pages/page.html"
        other = next(server for server in self._servers.values() if server is not own)
        return f"{other.url}/page/pages/page.html"


@contextmanager
def broadcast(folder: Path) -> Iterator[Path]:
    """Fill a folder with the film and the page, and broadcast into it."""
    _film(folder)
    _pages(folder / "pages")
    with ended(subprocess.Popen([SCRIPTS / "live", folder])) as live:
        for path in CONTENTS.values():
            eventually((folder / path).exists, f"{path} is broadcast")
        # A live stream that has just begun has too little for players to start with.
        eventually((folder / "hls/cam1/180p/00005.ts").exists, "ten seconds are broadcast")
        assert live.poll() is None, "the broadcast has ended"
        yield folder


@contextmanager
def stage(folder: Path, kind: str = "uvicorn") -> Iterator[Stage]:
    """Serve what is broadcast; ``kind`` is one of ``servers.running.COMMANDS``."""
    with ExitStack() as stack:
        servers, absolute = {}, {}
        for handoff, own in OPTIONS.items():
            options = {**own, **ANY_ORIGIN}
            servers[handoff] = stack.enter_context(serving(kind, folder, **options))
        for handoff in (REDIRECT, INLINE):
            port = free_port()
            by_host = {"location": "absolute", "public_url": f"http://127.0.0.1:{port}"}
            options = {**OPTIONS[handoff], **ANY_ORIGIN, **by_host}
            absolute[handoff] = stack.enter_context(serving(kind, folder, port=port, **options))
        yield Stage(servers, absolute)


def _film(folder: Path) -> None:
    """Put the film there; it is made once for all."""
    subprocess.run([SCRIPTS / "media", CACHE / "media"], check=True)
    for form in ("hls", "dash"):
        shutil.copytree(
            CACHE / "media" / form / "film", folder / form / "film", copy_function=_link_or_copy
        )


def _pages(folder: Path) -> None:
    """Put the page there, and beside it the players that it loads."""
    players = CACHE / "web-players"
    subprocess.run([SCRIPTS / "web-players", players], check=True)
    folder.mkdir()
    for file in (TESTS / "players/page.html", *players.glob("*.js")):
        _link_or_copy(file, folder / file.name)


def _link_or_copy(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or another user's file
        shutil.copy(source, target)
