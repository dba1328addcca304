"""A request as a client puts it on the wire, and the answer it gets; the same for ASGI and WSGI.

A ``Call`` becomes a scope as uvicorn makes it, or an environ as gunicorn and werkzeug make it.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin

Pairs = tuple[tuple[str, str], ...]
CLIENT_PORT = 50_000


@dataclass(frozen=True)
class Call:
    """One request.

    ``target`` is what stands in the request line, mount included: raw path, ``?``, query, each
    character one byte (latin-1). ``peer`` is the address of the TCP peer; None is a unix socket.
    ``mount`` is the part of the path that the server gives as root_path or SCRIPT_NAME.
    ``raw`` tells whether the server hands over the undecoded path too (raw_path; RAW_URI and
    REQUEST_URI). Host and Content-Length are added unless ``headers`` has them; ``host=""``:
    no Host.
    """

    target: str
    method: str = "GET"
    headers: Pairs = ()
    body: bytes = b""
    peer: str | None = "192.0.2.1"
    scheme: str = "http"
    host: str = "testserver"
    mount: str = ""
    raw: bool = True

    def __post_init__(self) -> None:
        path = _decoded(self.path)
        if self.mount and path != self.mount and not path.startswith(self.mount + "/"):
            msg = f"the target {self.target!r} does not lie under the mount {self.mount!r}"
            raise ValueError(msg)

    @property
    def path(self) -> str:
        """The raw path, mount included."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query, without its question mark."""
        return self.target.partition("?")[2]

    @property
    def url(self) -> str:
        """The whole URL, as an address bar would show it."""
        return f"{self.scheme}://{self.host}{self.target}"

    def at(self, location: str, **changes: Any) -> Call:
        """The same client asking for another URL of the same server, e.g. following a Location."""
        url = urljoin(self.url, location)
        origin = f"{self.scheme}://{self.host}"
        if url != origin and not url.startswith((origin + "/", origin + "?")):
            msg = f"{location!r} leaves {origin}"
            raise ValueError(msg)
        target = url.removeprefix(origin).partition("#")[0]
        return dataclasses.replace(self, target=target or "/", **changes)

    def wire_headers(self) -> Pairs:
        """All headers that travel, lower-case names, Host first."""
        given = tuple((name.lower(), value) for name, value in self.headers)
        names = {name for name, _ in given}
        added: list[tuple[str, str]] = []
        if self.host and "host" not in names:
            added.append(("host", self.host))
        if self.body and not names & {"content-length", "transfer-encoding"}:
            added.append(("content-length", str(len(self.body))))
        return (*added, *given)


@dataclass(frozen=True)
class Answer:
    """One whole answer; header names are lower-case. ``reason`` is empty under ASGI."""

    status: int
    headers: Pairs
    body: bytes
    reason: str = ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of this header, in order."""
        return tuple(value for key, value in self.headers if key == name.lower())

    def header(self, name: str) -> str | None:
        """The value of this header; a header given twice fails the test that reads it as one."""
        values = self.all(name)
        assert len(values) < 2, f"{name} is there {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def location(self) -> str | None:
        return self.header("location")

    @property
    def text(self) -> str:
        return self.body.decode()

    def cookies(self) -> dict[str, str]:
        """Name and value of each Set-Cookie, without its attributes; see ``all("set-cookie")``."""
        pairs = (line.partition(";")[0].partition("=") for line in self.all("set-cookie"))
        return {name.strip(): value.strip() for name, _, value in pairs}


def _decoded(raw_path: str) -> str:
    return unquote_to_bytes(raw_path.encode("latin-1")).decode("utf-8", "replace")


def to_scope(call: Call, *, spec_version: str = "2.3") -> dict[str, Any]:
    """The ASGI scope: path and raw_path include root_path (uvicorn >= 0.26, starlette)."""
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": spec_version},
        "http_version": "1.1",
        "method": call.method,
        "scheme": call.scheme,
        "path": _decoded(call.path),
        "query_string": call.query.encode("latin-1"),
        "root_path": call.mount,
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in call.wire_headers()],
        "client": None if call.peer is None else (call.peer, CLIENT_PORT),
        "server": _server(call),
        "extensions": {},
    }
    if call.raw:
        scope["raw_path"] = call.path.encode("latin-1")
    return scope


def to_environ(call: Call) -> dict[str, Any]:
    """The WSGI environ: SCRIPT_NAME and PATH_INFO split, RAW_URI and REQUEST_URI whole."""
    path = unquote_to_bytes(call.path.encode("latin-1")).decode("latin-1")
    mount = call.mount.encode().decode("latin-1")
    name, port = _server(call)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": mount,
        "PATH_INFO": path[len(mount) :],
        "QUERY_STRING": call.query,
        "SERVER_NAME": name,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": call.peer or "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": call.scheme,
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if call.peer is not None:
        environ["REMOTE_PORT"] = str(CLIENT_PORT)
    if call.raw:
        environ["RAW_URI"] = environ["REQUEST_URI"] = call.target
    for name, value in call.wire_headers():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        joint = "; " if name == "cookie" else ","
        environ[key] = environ[key] + joint + value if key in environ else value
    return environ


def _server(call: Call) -> tuple[str, int]:
    default = 443 if call.scheme == "https" else 80
    name, colon, port = (call.host or "testserver").rpartition(":")
    if not colon or not port.isdigit():
        return call.host or "testserver", default
    return name, int(port)
