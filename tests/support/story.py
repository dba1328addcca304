"""A case, played in one world: every step is checked and written down to be compared."""

from __future__ import annotations

import html
import importlib
import itertools
import re
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from unittest import mock

from sessionware import MemoryStore, StoreError, current_session
from sessionware.store import Meta
from sessionware.token import CoreFormat

from .clock import Clock
from .loops import SyncView
from .origin import Origin
from .parity import (
    ANY,
    BROADPEAK,
    CORE,
    SECRET,
    Case,
    Expected,
    Made,
    Names,
    Step,
    nth_random,
    to_call,
)
from .worlds import AsgiWorld, WsgiWorld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .calls import Answer, Call
    from .replies import Reply, Seen

WORLDS = {"asgi": AsgiWorld, "wsgi": WsgiWorld}
_URI = re.compile(r'^(?!#)([^\r\n]+)$|\bURI="([^"]*)"', re.MULTILINE)
_TOKEN = re.compile(f"{CORE}|{BROADPEAK}")
_IN_MPD = re.compile(r'<(?:\w+:)?Location>([^<]*)<|\b(?:media|initialization)="([^"]*)"')


class KnownStore(MemoryStore):
    """A memory store with a known ``idkey``; it notes what it is asked, and fails on demand."""

    def __init__(self, fails: Callable[[Any], bool] = lambda _: False, **more: Any) -> None:
        super().__init__(**more)
        self.asked: list[str] = []
        self._fails = fails

    def execute(self, command: Any) -> Any:
        self.asked.append(type(command).__name__)
        if self._fails(command):
            raise StoreError(f"no {type(command).__name__} today")
        answer = super().execute(command)
        return replace(answer, idkey=bytes(32)) if isinstance(command, Meta) else answer


COMMON = frozenset({"SessionStarted", "SessionEnded", "RequestRefused"})
"""Events that most stories have; a step that is about them says so by ``told``."""


class Story:
    """One case in one world. ``without``: this option keeps its default, whatever the case says."""

    def __init__(self, case: Case, kind: str, without: str | None = None) -> None:
        self.case = case
        self.clock = Clock()
        self.names = Names()
        self.events: list[Any] = []
        self.answer: Answer | None = None
        self.manifest: tuple[Call, list[str]] | None = None
        self.records: list[Any] = []
        self.heard = ""
        self.opened: dict[str, tuple[ExitStack, Any]] = {}
        self.origin = Origin(self._handle)
        self.store: Any = None
        self._random = itertools.count(1)
        self._ids: dict[str, int] = {}
        self._call: Call | None = None
        options = {**self._defaults(), **case.options}
        options.pop(without, None)
        options = {k: v.make(self) if isinstance(v, Made) else v for k, v in options.items()}
        self.store = options.get("store")
        app = case.origin
        self._app = app.make(self) if isinstance(app, Made) else app
        lint = "strict" if case.lint else None
        self.world = WORLDS[kind](self.origin, wrap=self._wrap(kind), lint=lint, **options)

    def random(self, size: int) -> bytes:
        """Give the next number as so many bytes: the randomness of both worlds is the same."""
        return nth_random(next(self._random), size)

    def new_token(self, keys: Any) -> CoreFormat:
        """Make tokens whose random part is a number, for ``new_token``."""
        return CoreFormat(keys, random=self.random)

    def hear_and_fail(self, event: Any) -> None:
        """Be a hook that notes what it hears, and raises."""
        self.heard = type(event).__name__
        raise RuntimeError("the hook is broken")

    def facade(self, layer: int = 0) -> Any:
        """The facade of one of the middlewares, the outermost first, to be called without await."""
        middleware = self.world.middleware
        for _ in range(layer):
            middleware = middleware.app
        sessions = middleware.sessions
        run = getattr(self.world, "run", None)
        return sessions if run is None else SyncView(sessions, run)

    def open(self, name: str, **what: Any) -> Any:
        """Hold a session open under a name, until it is closed or the story ends."""
        stack = ExitStack()
        session = stack.enter_context(self.facade().open(**what))
        self.opened[name] = stack, session
        return session

    def close(self, name: str) -> None:
        """Close what was opened under a name."""
        self.opened.pop(name)[0].close()

    def _defaults(self) -> dict[str, Any]:
        return {
            "secret": SECRET,
            "store": KnownStore(),
            "clock": self.clock,
            "new_token": self.new_token,
            "on_event": self.events.append,
        }

    def _wrap(self, kind: str) -> Callable[..., Any]:
        middleware = importlib.import_module(f"sessionware.{kind}").StreamSessionMiddleware

        def wrap(app: Any, **options: Any) -> Any:
            for layer in reversed(self.case.layers):
                app = middleware(app, **{**options, **layer})
            if self.case.server is None:
                return app
            shim: Any = _asgi_server if kind == "asgi" else _wsgi_server
            return shim(app, self.case.server)

        return wrap

    def _handle(self, seen: Seen) -> Reply:
        assert current_session() is seen.session, "current_session() is another one"
        return self._app(seen)  # type: ignore[no-any-return]  # what Made makes

    def play(self) -> list[Any]:
        """Play all steps; gives their records."""
        with self.world, _sibling(self.case.sibling):
            for number, step in enumerate(self.case.steps, 1):
                try:
                    self._play(step)
                except AssertionError as error:
                    error.add_note(f"in step {number} of {self.case.name!r} ({self.world.kind})")
                    raise
            for name in list(self.opened):
                self.close(name)
        assert _TOKEN.search(repr(self.events)) is None, f"a token in {self.events}"
        return self.records

    def _play(self, step: Step) -> None:
        self.clock.advance(step.wait)
        call = None if step.act is not None else self._next_call(step)
        reached, told = len(self.origin.seen), len(self.events)
        asked = len(getattr(self.store, "asked", ()))
        given, raised = None, None
        try:
            if step.act is not None:
                given = step.act(self)
            elif call is not None:
                self._call, self.answer = call, self.world.send(call)
        except Exception as error:
            if not isinstance(error, step.expected.raises or ()):
                raise AssertionError(f"{error!r} was raised") from error  # noqa: TRY004
            raised = error
        assert step.expected.raises is None or raised is not None, "nothing was raised"
        record = {
            "raised": repr(raised),
            "given": given,
            "seen": [self._seen(one) for one in self.origin.seen[reached:]],
            "events": self.events[told:],
            "asked": list(getattr(self.store, "asked", ()))[asked:],
            "stored": len(self.store) if hasattr(self.store, "__len__") else None,
        }
        if raised is None and call is not None:
            record["answer"] = self._answered(call)
        if step.expected.counts:
            record["counts"] = self.world.sessions.count()
        self.records.append(record)
        if raised is None and call is not None:
            self._check_answer(step.expected)
        self._check(step.expected, record)

    def _next_call(self, step: Step) -> Call:
        base, goes_to = self._call, ""
        if step.target is None:
            assert self.answer is not None, "nothing to follow"
            assert self.answer.location, f"no Location in {self.answer}"
            goes_to = self.answer.location
        elif isinstance(step.target, int):
            assert self.manifest is not None, "no manifest yet"
            base, uris = self.manifest  # a media playlist's segments are none
            goes_to = uris[step.target]
        return to_call(step, self.names, base, goes_to)

    def _answered(self, call: Call) -> tuple[int, list[tuple[str, str]], bytes]:
        answer = self.answer
        assert answer is not None
        if (found := uris_of(answer)) and b"#EXT-X-MEDIA-SEQUENCE" not in text_of(answer):
            self.manifest = call, found
        return answer.status, sorted(answer.headers), answer.body

    def _seen(self, seen: Seen) -> dict[str, Any]:
        session = seen.session.to_dict() if seen.session is not None else None
        if session is not None:
            key, _, began = session["id"].partition("-")
            session["id"] = f"#{self._ids.setdefault(key, len(self._ids))}-{began}"
        original = seen.native.get("sessionware.original_query")
        native = seen.native
        raw = native.get("raw_path", native.get("RAW_URI", native.get("REQUEST_URI")))
        assert native.get("RAW_URI", raw) == native.get("REQUEST_URI", raw)
        return {
            "method": seen.method,
            "path": seen.path.encode(errors="surrogateescape").decode(errors="replace"),
            "query": seen.query,
            "headers": sorted(seen.headers),
            "body": seen.body,
            "session": session,
            "original": original.decode() if isinstance(original, bytes) else original,
            "raw": _text(raw).partition("?")[0],
        }

    def _check(self, expected: Expected, record: dict[str, Any]) -> None:
        match = self.names.match
        if expected.gives is not ANY:
            assert record["given"] == expected.gives, f"it gave {record['given']!r}"
        seen = record["seen"][-1] if record["seen"] else None
        if expected.seen is None:
            assert seen is None, f"the app was asked: {seen}"
        elif expected.seen is not ANY:
            assert seen is not None, "the app was not asked"
            query = f"?{seen['query']}" if seen["query"] else ""
            match(expected.seen, seen["path"] + query, "what the app saw")
        if expected.original is not ANY:
            assert seen["original"] == expected.original, f"the original query: {seen}"
        for name, value in expected.app.items():
            assert dict(seen["headers"]).get(name) == value, f"{name} in {seen['headers']}"
        if expected.session is None:
            assert seen["session"] is None, f"a session: {seen['session']}"
        elif expected.session is not ANY:
            assert seen["session"] is not None, "no session"
            found = {name: seen["session"][name] for name in expected.session}
            assert found == expected.session, f"session: {found}, not {expected.session}"
        if expected.asked is not ANY:
            assert record["asked"] == list(expected.asked), f"asked: {record['asked']}"
        if expected.stored is not ANY:
            assert record["stored"] == expected.stored, f"{record['stored']} sessions are stored"
        for name, number in expected.counts.items():
            assert getattr(record["counts"], name) == number, f"{name}: {record['counts']}"
        names = [type(event).__name__ for event in record["events"]]
        others = [name for name in names if name not in COMMON]
        assert others == list(expected.events), f"events: {record['events']}"
        if expected.told is not ANY:
            told = [name for name in names if name in COMMON]
            assert told == list(expected.told), f"events: {record['events']}"
        if expected.check is not None:
            expected.check(self)

    def _check_answer(self, expected: Expected) -> None:
        answer, match = self.answer, self.names.match
        assert answer is not None
        assert answer.status == expected.status, f"{answer.status}: {answer}"
        if expected.location is None:
            assert answer.location is None, f"Location: {answer.location}"
        else:
            match(expected.location, answer.location, "Location")
        if expected.cookie is None:
            assert not answer.all("set-cookie"), f"a cookie: {answer.headers}"
        elif expected.cookie is not ANY:
            found = ", ".join(answer.cookies().values()) or None
            match(expected.cookie, found, "the cookie")
        for name, value in expected.headers.items():
            found = ", ".join(answer.all(name)) if answer.all(name) else None
            if value is None:
                assert found is None, f"{name}: {found}"
            else:
                match(value, found, name)
        if expected.uris is not ANY:
            found_uris = uris_of(answer)
            assert len(found_uris) == len(expected.uris), f"URIs: {found_uris}"
            for pattern, uri in zip(expected.uris, found_uris, strict=True):
                match(pattern, uri, "a URI")
        if expected.body is not ANY:
            assert text_of(answer) == expected.body, f"the body is {answer.body!r}"


def text_of(answer: Answer) -> bytes:
    """The body without its Content-Encoding, where it can be undone."""
    gzipped = answer.header("content-encoding") == "gzip" and answer.body.endswith(bytes(2))
    return zlib.decompress(answer.body, 31) if gzipped else answer.body


def uris_of(answer: Answer) -> list[str]:
    """What a client finds in a manifest, in order: HLS's URIs, an MPD's Locations and templates."""
    text = text_of(answer).decode("utf-8", "replace")
    if text.startswith("#EXTM3U"):
        return [line or quoted for line, quoted in _URI.findall(text)]
    return [html.unescape(url or media) for url, media in _IN_MPD.findall(text)]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value or ""


@contextmanager
def _sibling(lives: bool) -> Iterator[None]:
    with mock.patch("sessionware.split._sibling_lives", return_value=lives):
        yield


def _asgi_server(app: Any, change: Callable[[dict[str, Any]], object]) -> Any:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        changed = dict(scope)
        change(changed)
        await app(changed, receive, send)

    return serve


def _wsgi_server(app: Any, change: Callable[[dict[str, Any]], object]) -> Any:
    def serve(environ: Any, start_response: Any) -> Any:
        changed = dict(environ)
        change(changed)
        return app(changed, start_response)

    return serve
