"""The WSGI shell: turns an environ into a request, drives the flow, moves the bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware import http, naming
from sessionware.answer import Answering
from sessionware.base import ORIGINAL_QUERY, SESSION, Base
from sessionware.drivers import Driver
from sessionware.flow import again, arrive
from sessionware.headers import WsgiHeaders, environ_name
from sessionware.outcome import Pass, Preflight, Serve
from sessionware.session import Active
from sessionware.sessions import Sessions
from sessionware.sweeper import ThreadSweeper, sweep, tell_last
from sessionware.target import client_path
from sessionware.traffic import CountedInput

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from sessionware.answer import Head
    from sessionware.request import Request
    from sessionware.settings import Settings

    Environ = dict[str, Any]
    StartResponse = Callable[..., Callable[[bytes], object]]
    App = Callable[[Environ, StartResponse], Iterable[bytes]]

_TARGETS = ("RAW_URI", "REQUEST_URI")
_DECISIVE = (
    "REQUEST_METHOD",
    "PATH_INFO",
    "SCRIPT_NAME",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "wsgi.url_scheme",
    *_TARGETS,
)
_UNFORWARDED = tuple(environ_name(name) for name in http.UNFORWARDED)


class StreamSessionMiddleware(Base["App"]):
    """Gives each viewer of an HLS or DASH stream one session, around a WSGI app.

    All options are keywords; :class:`sessionware.Settings` lists them. The app sees the session as
    ``environ["sessionware.session"]`` and as :func:`sessionware.current_session`.
    """

    def _begin(self, app: App, settings: Settings) -> None:
        super()._begin(app, settings)
        self.driver: Driver = Driver(self._store, settings)
        self.sessions: Sessions = Sessions.under(self.driver, self.rules)
        self._sweeper = ThreadSweeper(self.driver.drive, self.rules)
        self._trusted_headers = tuple(map(environ_name, self.rules.trusted_headers))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO") or "/"
        if self._is_ours(path if path.isascii() else _path(path)) and SESSION not in environ:
            return self._serve(environ, start_response)
        return self.app(environ, start_response)

    def close(self) -> None:
        """Tell what is to be told, and stop sweeping; close a store that was opened from a URL.

        One of the app's own stays open.
        """
        self._sweeper.stop()
        self.driver.drive(tell_last(self.rules))
        if self._owns_store:
            self._store.close()

    # --- one request -------------------------------------------------------------------------

    def _serve(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self._guard_split(multiprocess=environ.get("wsgi.multiprocess", False))
        rules = self.rules
        self._sweeper.start()
        if self._pays_for_sweep():
            self.driver.drive(sweep(rules))
        sameness = _sameness(environ)
        known = rules.known.get(sameness)
        if known is not None:
            request = known.visit.request
            outcome = self.driver.drive(again(known))
        else:
            request = self._request(environ)
            outcome = self.driver.drive(arrive(rules, request))
        if isinstance(outcome, Serve):
            if outcome.known is not None:
                rules.known.keep(sameness, outcome.known, outcome.known.cost(sameness))
            inner = self._inner_environ(environ, request, outcome)
            answering = Answering(self.rules, request, outcome)
            return _Completed(self, answering, outcome, start_response).run(inner)
        if isinstance(outcome, Pass):
            return self.app(self._without_forgery(environ, request), start_response)
        if isinstance(outcome, Preflight):
            return self._preflight(self._without_forgery(environ, request), start_response, request)
        status, headers, body = http.answer(outcome, request, self.settings)
        start_response(_status(status), _titled(headers))
        return [body] if body else []

    def _preflight(
        self, environ: Environ, start_response: StartResponse, request: Request
    ) -> Iterable[bytes]:
        """Give the app's answer if it has one, else ours."""
        answer: list[Any] = []
        body: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answer[:] = status, headers, exc_info
            return body.append

        iterable = self.app(environ, start)
        try:
            body.extend(iterable)
        finally:
            close = getattr(iterable, "close", None)
            if close is not None:
                close()
        status, headers, exc_info = answer
        cors = self.settings.cors
        if cors is None or http.answers_preflight(int(status[:3]), _lowered(headers)):
            start_response(status, headers, exc_info)
            return body
        ours = http.preflight(cors, request)
        start_response(_status(ours.status), _titled(ours.headers))
        return []

    # --- environs ----------------------------------------------------------------------------

    def _request(self, environ: Environ) -> Request:
        path = _path(environ.get("PATH_INFO", "")) or "/"
        root = _path(environ.get("SCRIPT_NAME", "")).rstrip("/")
        target = next((environ[name] for name in _TARGETS if environ.get(name)), None)
        whole, mount = client_path(target, root, path)
        if target is not None and path[:1] != "/":  # an absolute-form target
            path = naming.unescape(whole[len(mount) :])
        return self.rules.request(
            method=environ["REQUEST_METHOD"],
            path=path,
            query=environ.get("QUERY_STRING", ""),
            headers=WsgiHeaders(environ),
            peer=environ.get("REMOTE_ADDR", ""),
            scheme=environ.get("wsgi.url_scheme", "http"),
            client_path=whole,
            mount=mount,
        )

    def _inner_environ(self, environ: Environ, request: Request, plan: Serve) -> Environ:
        """Give the environ for the app; the outer one is never changed."""
        inner = dict(environ)
        inner[SESSION] = plan.session
        if plan.query is not None:
            inner[ORIGINAL_QUERY] = environ.get("QUERY_STRING", "")
            inner["QUERY_STRING"] = plan.query
        if plan.path is not None:
            inner["PATH_INFO"] = "/" + environ["PATH_INFO"].lstrip("/").partition("/")[2]
        if plan.query is not None or plan.path is not None:
            query = environ.get("QUERY_STRING", "") if plan.query is None else plan.query
            for name in _TARGETS:
                if target := environ.get(name):
                    raw = self.rules.raw_path(request) if plan.path else target.partition("?")[0]
                    inner[name] = raw + (f"?{query}" if query else "")
        if plan.carriage is not None and plan.manifest:
            for name in _UNFORWARDED:
                inner.pop(name, None)
        if plan.traffic is not None:
            inner["wsgi.input"] = CountedInput(environ["wsgi.input"], plan.traffic)
        inner = self._without_forgery(inner, request)
        if plan.manifest and request.method == "HEAD":  # answered as GET would be, without body
            inner["REQUEST_METHOD"] = "GET"
        return inner

    def _without_forgery(self, environ: Environ, request: Request) -> Environ:
        """Take out the header by which a stranger could pose as the CDN."""
        if request.trusted or not self._trusted_headers:
            return environ
        return {k: value for k, value in environ.items() if k not in self._trusted_headers}


class _Completed:
    """The iterable of a completed answer.

    A class and no generator: one that never started would never run its ``finally`` (PITFALLS,
    Python and servers, 1). The app runs, and its body is drawn, with the session as current.
    """

    def __init__(
        self,
        shell: StreamSessionMiddleware,
        answering: Answering,
        plan: Serve,
        start_response: StartResponse,
    ) -> None:
        self._shell = shell
        self._answering = answering
        self._session = plan.session
        self._start_response = start_response
        self._write: Callable[[bytes], object] | None = None
        self._status = ""
        self._iterable: Iterable[bytes] = ()
        self._iterator: Iterator[bytes] | None = None
        self._ended = False

    def run(self, environ: Environ) -> Iterable[bytes]:
        """Call the app."""
        with Active(self._session):
            try:
                self._iterable = self._shell.app(environ, self._start)
            except Exception:
                self._shell.driver.drive(self._answering.abandon())
                raise
        if self._is_file(environ):
            # Nothing to read or to change in it: the server may send the file its own way.
            self._answering.passes_file()
            self._take(b"", last=True)
            return self._iterable
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while not self._ended:
            chunk = self._draw()
            if chunk is not None and self._answering.streams:
                self._answering.passed(chunk)
                return chunk
            self._ended = chunk is None
            body = self._take(chunk or b"", last=self._ended)
            if body:
                return body
        raise StopIteration

    def close(self) -> None:
        """Close the app's iterable, which is the server's duty towards us."""
        close = getattr(self._iterable, "close", None)
        try:
            if close is not None:
                with Active(self._session):
                    close()
        finally:
            self._shell.driver.drive(self._answering.close())

    def _draw(self) -> bytes | None:
        with Active(self._session):
            try:
                if self._iterator is None:
                    self._iterator = iter(self._iterable)
                return next(self._iterator, None)
            except Exception:
                self._ended = True
                self._shell.driver.drive(self._answering.abandon())
                raise

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        if self._write is not None:
            # Too late for other headers: the server raises the app's error.
            return self._start_response(status, headers, exc_info)
        self._status = status
        self._answering.start(int(status[:3]), _lowered(headers))
        return self._written

    def _written(self, chunk: bytes) -> None:
        """Take what the app writes by the callable that ``start_response`` gave it."""
        body = self._take(chunk, last=False)
        if body and self._write is not None:
            self._write(body)

    def _take(self, chunk: bytes, *, last: bool) -> bytes:
        head, body = self._shell.driver.drive(self._answering.take(chunk, last=last))
        if head is not None:
            self._write = self._start_response(self._line(head), _titled(head.headers))
        return body

    def _line(self, head: Head) -> str:
        return self._status if self._status.startswith(str(head.status)) else _status(head.status)

    def _is_file(self, environ: Environ) -> bool:
        wrapper = environ.get("wsgi.file_wrapper")
        is_file = isinstance(wrapper, type) and isinstance(self._iterable, wrapper)
        return is_file and bool(self._status) and self._answering.passes_whole


def _sameness(environ: Environ) -> Hashable:
    """Give all that a decision may depend on: two environs with the same are the same request."""
    headers = [item for item in environ.items() if item[0][:5] == "HTTP_"]
    return (*map(environ.get, _DECISIVE), *headers)


def _path(text: str) -> str:
    """Decode a path of an environ, which holds bytes as latin-1."""
    return text if text.isascii() else naming.readable(text.encode("latin-1", "replace"))


def _status(status: int) -> str:
    return f"{status} {http.reason(status)}"


def _lowered(headers: Iterable[tuple[str, str]]) -> http.Headers:
    return [(name.lower(), value) for name, value in headers]


def _titled(headers: http.Headers) -> http.Headers:
    return [(name.title(), value) for name, value in headers]
