"""Values for tests of pure modules: a request, the rules of some options, a carriage."""

from __future__ import annotations

from typing import Any

from sessionware.carriage import Carriage
from sessionware.request import Request
from sessionware.rules import Rules
from sessionware.settings import Settings

KEY = "k" * 32
OLD, NEW = b"o" * 32, b"n" * 32


def rules(**options: Any) -> Rules:
    """The rules of a middleware with these options and a known secret."""
    return Rules(Settings(**{"secret": KEY, **options}))


def request(client_path: str = "/cam1/index.m3u8", query: str = "", **more: Any) -> Request:
    """A GET by a client at 192.0.2.7; headers as ``headers={"cookie": ...}``, other fields too."""
    mount = more.pop("mount", "")
    values: dict[str, Any] = {
        "method": "GET",
        "path": client_path[len(mount) :],
        "query": query,
        "headers": {},
        "ip": "192.0.2.7",
        "user_agent": "player/1",
        "scheme": "http",
        "host": "tv.example",
        "client_path": client_path,
        "mount": mount,
    }
    return Request(**{**values, **more})


def carriage(base: str = "/cam1/index.m3u8", **more: Any) -> Carriage:
    """How an answer at ``base`` on ``tv.example`` carries a session of the stream ``cam1``."""
    values: dict[str, Any] = {"stream": "cam1", "service": "", "mount": "", "host": "tv.example"}
    return Carriage(base=base, **{**values, **more})
