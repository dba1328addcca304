"""What the origin sees and what it answers: plain values, the same for ASGI and WSGI."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .calls import Pairs
    from .trace import Trace

AUTO = "auto"
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
}
NO_CONTENT = (204, 304)


@dataclass(frozen=True)
class Seen:
    """A request as it reached the origin; header names are lower-case, in the server's order.

    ``path`` is relative to the app (no root_path, no SCRIPT_NAME). Invalid UTF-8 in it is U+FFFD
    under ASGI, as servers do it, and surrogates under WSGI. ``native`` is the scope or environ.
    """

    method: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    session: Any
    native: dict[str, Any]

    def header(self, name: str) -> str | None:
        """The first value of this header."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True)
class Reply:
    """What the origin answers.

    ``body``: bytes go out at once with a Content-Length, a sequence chunk by chunk without one;
    ``length`` True or False forces it. ``content_type``: ``"auto"`` guesses from the path, None
    sends none (wsgiref's validator refuses that). ``error`` is raised before anything is sent, or
    after ``error_after`` chunks. ``background`` runs after the last byte. ``file`` is sent instead
    of the body, by pathsend or file_wrapper if the server has them (a file tells no trace).
    ``write``: WSGI's old write() is used.
    ``watch``: under ASGI, stop when the client leaves, as starlette does.
    """

    status: int = 200
    headers: Pairs = ()
    body: bytes | Sequence[bytes] = b""
    content_type: str | None = AUTO
    length: bool | None = None
    reason: str | None = None
    trace: Trace | None = None
    background: Callable[[], object] | None = None
    error: BaseException | None = None
    error_after: int | None = None
    file: Path | None = None
    write: bool = False
    watch: bool = True

    @property
    def chunks(self) -> Sequence[bytes]:
        if self.file is not None:
            return [self.file.read_bytes()]
        return [self.body] if isinstance(self.body, bytes) else self.body

    def head(self, path: str) -> list[tuple[str, str]]:
        """The headers with type and length filled in."""
        names = {name.lower() for name, _ in self.headers}
        added: list[tuple[str, str]] = []
        empty = self.status in NO_CONTENT
        if self.content_type is not None and "content-type" not in names and not empty:
            kind = type_of(path) if self.content_type == AUTO else self.content_type
            added.append(("Content-Type", kind))
        whole = isinstance(self.body, bytes) or self.file is not None
        wanted = whole and not empty if self.length is None else self.length
        if wanted and "content-length" not in names:
            added.append(("Content-Length", str(sum(map(len, self.chunks)))))
        return [*added, *self.headers]

    def mark(self, step: str) -> None:
        if self.trace is not None:
            self.trace.mark("app:" + step)

    def steps(self, method: str) -> Iterator[bytes]:
        """The chunks, each noted when it is made, and the error where it is due."""
        if method != "HEAD" and self.status not in NO_CONTENT:
            for number, chunk in enumerate(self.chunks):
                if self.error is not None and self.error_after == number:
                    raise self.error
                self.mark(f"chunk {number}")
                yield chunk
        if self.error is not None:
            raise self.error

    def after(self) -> None:
        """What the app does when the whole answer is out."""
        if self.background is not None:
            self.mark("background")
            self.background()


def type_of(path: str) -> str:
    """The content type that belongs to the ending of a path."""
    dot = path.rfind(".")
    known = TYPES.get(path[dot:].lower()) if dot >= 0 else None
    return known or mimetypes.guess_type(path)[0] or "application/octet-stream"


def files(mapping: Mapping[str, bytes | Reply]) -> Callable[[Seen], Reply]:
    """A handler that serves these paths, whatever the query, and answers 404 to others."""

    def handler(seen: Seen) -> Reply:
        found = mapping.get(seen.path)
        if found is None:
            return Reply(404, body=b"not found\n", content_type="text/plain; charset=utf-8")
        return found if isinstance(found, Reply) else Reply(body=found)

    return handler
