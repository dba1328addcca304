"""The app's answer on its way to the client.

One object for each request, the same for both shells: it is told what the app sends and says what
to send on. Like ``flow`` it performs no I/O: ``take`` is a generator that yields commands. Only
manifests are held until they are whole; everything else goes through as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionware import coding, http
from sessionware.events import RewriteSkipped
from sessionware.manifest import Form, Pieces, hls, may_be
from sessionware.manifest.dash import escape_own
from sessionware.manifest.learned import Learned
from sessionware.questions import Emit
from sessionware.settling import BAD, Settling

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.http import Headers
    from sessionware.outcome import Refuse, Serve
    from sessionware.questions import Question
    from sessionware.request import Request
    from sessionware.rules import Rules

OK, REDIRECTION, FAILED = 200, 300, 500

SNIFF = 64
"""By so many bytes a body is known to be no manifest."""


class Head(NamedTuple):
    """Status and headers, to be sent before any body."""

    status: int
    headers: Headers


class Sent(NamedTuple):
    """What to send now; ``head`` is given once, with or before the first bytes."""

    head: Head | None = None
    body: bytes = b""


NOTHING = Sent()


class Answering:
    """Completes the app's answer to one request."""

    def __init__(self, rules: Rules, request: Request, plan: Serve) -> None:
        self._rules = rules
        self._request = request
        self._plan = plan
        self._head = Head(FAILED, [])
        self._held: bytearray | None = None  # a manifest, as far as it came
        self._too_long = False
        self._open = False  # the head was sent
        self._whole = False  # the app has answered to the end
        self._store = Settling(rules, request, plan)
        self.finished: tuple[Pieces | None, Learned | None] | None = None
        """Pieces (None: it went out as it came) of an answer that depends on nothing but plan and
        body, and what it tells of what is played."""

    def start(self, status: int, headers: Headers) -> None:
        """Take the app's status and headers (lower-case names); a second call replaces them."""
        self._head = Head(status, headers)
        self._held = None
        if self._plan.manifest and status == OK:
            length = http.first(headers, "content-length")
            limit = self._rules.settings.max_manifest
            self._too_long = length.isdecimal() and int(length) > limit
            if not self._too_long:
                self._held = bytearray()

    @property
    def holds(self) -> bool:
        """Whether the head waits for the body."""
        return self._held is not None

    @property
    def streams(self) -> bool:
        """Whether bytes that are not the last may be sent on without asking."""
        return self._open and self.passes_whole

    @property
    def passes_whole(self) -> bool:
        """Whether nothing is left to do but to send the head: no byte is read or changed."""
        touched = self._plan.session is not None and self._plan.session.touched
        return self._held is None and not touched and self._request.method != "HEAD"

    def take(self, chunk: bytes, *, last: bool) -> Generator[Question, Any, Sent]:
        """Take bytes of the body and give what to send on; ``last``: no more will come."""
        self._whole = last
        if self._held is not None:
            if last and not self._held and (pieces := self._seen(chunk)) is not None:
                return (yield from self._finish(chunk, pieces))
            self._held += chunk
            why = self._why_let_go()
            if why is None:
                return (yield from self._read(bytes(self._held))) if last else NOTHING
            chunk = bytes(self._held)
            self._held = None
            yield from self._unread(why)
        elif self._too_long:
            self._too_long = False
            yield from self._unread(self._limit())
        if not self._open:
            yield from self._store.give_up()
        self.passed(chunk)
        yield from self._store.save(self._head.status, last=last)
        return self._send(chunk)

    def passed(self, chunk: bytes) -> None:
        """Count bytes of the body that go out."""
        if self._plan.traffic is not None:
            self._plan.traffic.down += len(chunk)

    def passes_file(self) -> None:
        """Count the bytes of a body that the server fetches by itself."""
        length = http.first(self._head.headers, "content-length")
        if self._plan.traffic is not None and length.isdecimal():
            self._plan.traffic.down += int(length)

    def close(self) -> Generator[Question, Any, None]:
        """Note that nothing more goes out: the answer is over, or its client has left."""
        yield from self._store.finish()

    def abandon(self) -> Generator[Question, Any, None]:
        """Note that the app failed: what began with this request is undone.

        Not so if it failed after its answer, in a background task say.
        """
        if self._whole:
            return
        self._head = Head(FAILED, [])
        yield from self._store.give_up()
        yield from self._store.save(FAILED, last=True)

    # --- a manifest --------------------------------------------------------------------------

    def _seen(self, body: bytes) -> Pieces | None:
        """Give the pieces of a body that is known."""
        if http.first(self._head.headers, "content-encoding"):
            return None
        return self._rules.pieces.seen(body, self._plan.carriage)

    def _read(self, raw: bytes) -> Generator[Question, Any, Sent]:
        """Work on a whole body that was not seen before."""
        coded = http.first(self._head.headers, "content-encoding")
        body = coding.decode(raw, coded, self._rules.settings.max_manifest)
        if body is None:
            pieces = Pieces(Form.UNREADABLE, (raw,), skipped="it can't be decompressed")
        else:
            pieces = self._cut(body)
        return (yield from self._finish(raw, pieces))

    def _finish(self, raw: bytes, pieces: Pieces) -> Generator[Question, Any, Sent]:
        """Complete the answer of a whole body."""
        plan, carriage, session = self._plan, self._plan.carriage, self._plan.session
        if pieces.skipped and carriage is not None:
            yield from self._skip(pieces.skipped)
        if pieces.own is not None and carriage is not None:
            before, after = self._rules.locations.mpd(plan.own_query, carriage)
            pieces = pieces.with_own(escape_own(before), escape_own(after))
        if plan.handing:
            if self._stays_untouched(pieces):
                yield from self._store.give_up()
                return self._send(raw)
            if plan.handing == "inline" and pieces.form is Form.MEDIA and carriage is not None:
                pieces = hls.wrap(self._rules.locations.own(plan.own_query, carriage))
        if pieces.form is Form.UNREADABLE:
            yield from self._store.give_up()
        elif plan.beginning is not None:
            refusal = yield from self._store.begin()
            if refusal is not None:
                return self._refuse(refusal)
        if session is not None:
            yield from self._store.learn(pieces.played)
            if session.touched or session.new or plan.traffic is not None:
                yield from self._store.save(self._head.status, last=True)
        return self._send(raw, pieces)

    def _cut(self, body: bytes) -> Pieces:
        rules, carriage = self._rules, self._plan.carriage
        if carriage is None:
            return rules.pieces.cut(body, None, lambda _: None, location=False)
        location = rules.settings.dash_location and carriage.whole
        slot, segments = rules.slots.of(carriage)
        return rules.pieces.cut(body, carriage, slot, segments, location=location)

    def _stays_untouched(self, pieces: Pieces) -> bool:
        """Tell whether an answer that would hand out the token can't, or must not."""
        plan = self._plan
        if pieces.form is Form.UNREADABLE:
            return True
        if plan.handing != "inline":
            return False
        if pieces.form is Form.MEDIA:  # a blocking reload is a player's, who has gone on
            return "_HLS_" in self._request.query
        return not pieces.carries and plan.cookie is None

    def _why_let_go(self) -> str | None:
        """Tell why what is held need not be held; None: it must, "": it is no manifest."""
        held = self._held or b""
        if len(held) > self._rules.settings.max_manifest:
            return self._limit()
        coded = http.first(self._head.headers, "content-encoding")
        if not coding.is_readable(coded):
            return f"its Content-Encoding {coded!r} can't be read"
        return None if coded or may_be(bytes(held[:SNIFF])) else ""

    def _limit(self) -> str:
        return f"it is larger than max_manifest={self._rules.settings.max_manifest}"

    def _unread(self, why: str) -> Generator[Question, Any, None]:
        """Let a body go that is a manifest, or may be, and is not read: it counts as played."""
        if why:
            if self._plan.carriage is not None:
                yield from self._skip(why)
            yield from self._store.learn(Learned())

    def _skip(self, reason: str) -> Generator[Question, Any, None]:
        session = self._plan.session
        stream = session.stream if session is not None else ""
        yield Emit(
            RewriteSkipped(at=self._now(), stream=stream, path=self._request.path, reason=reason)
        )

    def _now(self) -> float:
        return self._rules.settings.clock()

    # --- what is sent ------------------------------------------------------------------------

    def _send(self, body: bytes, pieces: Pieces | None = None) -> Sent:
        head = None
        if not self._open:
            self._open = True
            status, headers = self._head
            if pieces is not None and pieces.carries:
                body = pieces.render(self._plan.token.encode())
                headers, body = self._rewritten(headers, body)
                if not http.first(headers, "content-encoding"):
                    self.finished = (pieces, pieces.played)
            elif pieces is not None and not pieces.skipped:
                self.finished = (None, pieces.played)
            head = Head(status, self._completed(status, headers))
        return Sent(head, b"" if self._request.method == "HEAD" else body)

    def _rewritten(self, headers: Headers, body: bytes) -> tuple[Headers, bytes]:
        accepted = self._request.headers.get("accept-encoding", "")
        compressible = len(body) >= coding.SMALLEST
        zipped = compressible and coding.accepts_gzip(accepted)
        if zipped:
            body = coding.compress(body)
        headers = http.rewritten(headers, len(body), "gzip" if zipped else "")
        return (http.vary(headers, "Accept-Encoding") if compressible else headers), body

    def _completed(self, status: int, headers: Headers) -> Headers:
        plan, settings = self._plan, self._rules.settings
        if plan.carriage is not None and REDIRECTION <= status < BAD:
            headers = self._redirect(headers)
        if plan.cookie is not None and status < BAD:
            cookie = http.set_cookie(settings.cookie, plan.cookie, self._request.scheme)
            headers = [*http.personal(headers), cookie]
        if plan.private and status < BAD:
            headers = http.personal(headers)
        if plan.vary_cookie:
            headers = http.vary(headers, "Cookie")
        return http.expose_location(headers) if settings.cors is not None else headers

    def _redirect(self, headers: Headers) -> Headers:
        """Let the app's own redirect to one of our paths carry the session."""
        carriage = self._plan.carriage
        location = http.first(headers, "location")
        if carriage is None or not location or not self._rules.leads_to_us(location, carriage):
            return headers
        slot = self._rules.slots.slot(location, carriage)
        if slot is None:
            return headers
        carried = self._plan.token.join(slot)
        replaced = [(n, carried if n == "location" else value) for n, value in headers]
        return http.personal(replaced)

    def _refuse(self, refusal: Refuse) -> Sent:
        reply = http.answer(refusal, self._request, self._rules.settings)
        self._open = True
        return Sent(Head(reply.status, reply.headers), reply.body)
