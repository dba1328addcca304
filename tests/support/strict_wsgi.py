"""Ready-made WSGI checkers, and the rules of a server that neither of them knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from wsgiref.validate import validator

from werkzeug.middleware.lint import LintMiddleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.datastructures import Headers

    App = Callable[..., Any]

EMPTY = (204, 304)


def linted(app: App, lint: str | None) -> App:
    """The app behind a checker: "wsgiref" (raises), "werkzeug" (warns), or None.

    Warnings have to be errors for "werkzeug" to fail a test; pyproject.toml says so.
    """
    if lint is None:
        return app
    if lint == "wsgiref":
        return validator(app)
    if lint == "werkzeug":
        return lambda environ, start: _Lint(app, environ["REQUEST_METHOD"])(environ, start)
    msg = f"no such WSGI checker: {lint!r}"
    raise ValueError(msg)


class _Lint(LintMiddleware):
    """Werkzeug's linter without three rules of its own that RFC 9110 does not have.

    It wants absolute Locations (RFC 9110 10.2.2: any URI reference), Content-Length: 0 on 204 (8.6:
    there must be none), and does not know that HEAD has the Content-Length of GET.
    """

    def __init__(self, app: App, method: str) -> None:
        super().__init__(app)
        self.method = method

    def check_headers(self, headers: Headers) -> None:
        rest = headers.copy()
        rest.pop("location", None)
        super().check_headers(rest)

    def check_start_response(self, status: str, headers: Any, exc_info: Any) -> tuple[int, Headers]:
        code, found = super().check_start_response(status, headers, exc_info)
        if self.method == "HEAD":
            found.pop("content-length", None)
        elif code == 204:
            found.setdefault("content-length", "0")
        return code, found


class Ledger:
    """What one answer promised and what it sent, as a server books it."""

    def __init__(self, method: str, status: int, headers: list[tuple[str, str]]) -> None:
        lengths = {value for name, value in headers if name.lower() == "content-length"}
        assert len(lengths) < 2, f"there are several Content-Lengths: {sorted(lengths)}"
        self.length = int(lengths.pop()) if lengths else None
        self.checked = self.length is not None and method != "HEAD" and status not in EMPTY
        self.status = status
        self.sent = 0

    def add(self, chunk: bytes) -> None:
        """Book a chunk; too much is noticed at once."""
        self.sent += len(chunk)
        assert not (chunk and self.status in EMPTY), f"a {self.status} answer has a body"
        assert not self.checked or self.sent <= (self.length or 0), self._told()

    def close(self) -> None:
        """Called when the body is over."""
        assert not self.checked or self.sent == self.length, self._told()

    def _told(self) -> str:
        return f"Content-Length says {self.length}, {self.sent} bytes were sent"
