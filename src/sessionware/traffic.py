"""Bytes that come in with a request, counted as the app reads them (SPEC 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, MutableMapping

    from sessionware.outcome import Traffic

    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def counted(receive: Receive, traffic: Traffic) -> Receive:
    """Give the ``receive`` of an ASGI app, counted."""

    async def receive_on() -> MutableMapping[str, Any]:
        message = await receive()
        if message["type"] == "http.request":
            traffic.up += len(message.get("body", b""))
        return message

    return receive_on


class CountedInput:
    """The ``wsgi.input`` of an app, counted; all else of it is as it was."""

    def __init__(self, stream: Any, traffic: Traffic) -> None:
        self._stream = stream
        self._traffic = traffic

    def read(self, *size: int) -> bytes:
        """Read as the server's input does."""
        return self._count(self._stream.read(*size))

    def readline(self, *size: int) -> bytes:
        """Read a line."""
        return self._count(self._stream.readline(*size))

    def readlines(self, *hint: int) -> list[bytes]:
        """Read lines."""
        return list(map(self._count, self._stream.readlines(*hint)))

    def __iter__(self) -> Iterator[bytes]:
        return map(self._count, self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _count(self, chunk: bytes) -> bytes:
        self._traffic.up += len(chunk)
        return chunk
