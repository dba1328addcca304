"""One request with all that is found out about it without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessionware import lifetime, query
from sessionware.carriage import Carriage
from sessionware.identity import IP, PROTOCOL, STREAM, TOKEN, ip_part, kept_ip, session_key
from sessionware.manifest.learned import NOTHING
from sessionware.naming import DASH
from sessionware.option_groups import seconds
from sessionware.orders import Subject
from sessionware.outcome import Serve
from sessionware.request import Kind
from sessionware.scopes import client_of, holder_of, places_of
from sessionware.session import Presentation, Session, State
from sessionware.store import Opening

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sessionware.carrier import Carried
    from sessionware.request import Request
    from sessionware.rules import Place, Rules
    from sessionware.store import Bar
    from sessionware.token import Token
    from sessionware.watch import ClientKey


MAX_ABOVE = 16
"""So many streams above one are looked at, from the top: each costs a hash."""


@dataclass(slots=True)
class Visit:
    """A request of some kind at some stream.

    ``passive``: it begins nothing and touches nothing (HEAD, prefetch). ``user`` is what
    ``identify`` said. ``asks``: it only asks about the stream (``Kind.STREAM_INFO``).
    """

    rules: Rules
    request: Request
    place: Place
    carried: Carried
    kind: Kind
    stream: str
    now: float
    passive: bool
    user: str | None = None
    asks: bool = False

    def compare(self, token: Token) -> tuple[bool, bool]:
        """Tell whether agent and network are those to which a token was handed.

        A token that tells neither rides with any agent, and is at home nowhere.
        """
        request = self.request
        prints = self.rules.tokens.prints(token, request.user_agent, request.ip)
        if prints is None or token.handed_to is None:
            return True, False
        return prints[0] == token.handed_to[0], prints[1] == token.handed_to[1]

    def at(self, now: float) -> Visit:
        """Give the same visit at another time."""
        return Visit(
            self.rules,
            self.request,
            self.place,
            self.carried,
            self.kind,
            self.stream,
            now,
            self.passive,
            self.user,
            self.asks,
        )

    @property
    def needs_token(self) -> bool:
        """Whether viewers are told apart by a token that we hand out."""
        by_token = self.kind is Kind.VIEWER and TOKEN in self.rules.parts[self.kind]
        return by_token and bool(self.rules.settings.write)

    @property
    def lease(self) -> float:
        """For how long whoever finds no session may decide whether it begins."""
        settings = self.rules.settings
        asks = settings.admit is not None and self.kind is not Kind.UNSPECIFIED
        return seconds(settings.admit_timeout) if asks else 0.0

    @property
    def ip(self) -> str:
        """What is kept of the client's address."""
        rules = self.rules
        privacy = rules.settings.ip_privacy
        return kept_ip(self.request.ip, privacy, rules.names_key)

    @property
    def client(self) -> ClientKey:
        """Who asks for what, as the loop guard tells clients apart."""
        return (self.request.ip, self.request.user_agent, self.place.path)

    @property
    def plays(self) -> bool:
        """Whether asking for this takes a session out of pending; of HLS the body will tell."""
        place = self.place
        return self.kind is not Kind.VIEWER or place.protocol == DASH or not place.manifest

    @property
    def is_segment(self) -> bool:
        """Whether what is asked for is no manifest: a viewer's segment, key, and the like."""
        return self.kind is Kind.VIEWER and not self.place.manifest

    @property
    def is_repeatable(self) -> bool:
        """Whether the same request is always the same visit: no function of the app decides."""
        by_client = self.carried.carrier in {"query", "cookie"}
        return by_client and not self.passive and self.rules.repeatable

    def is_announce(self) -> bool:
        """Tell whether the client asks for 200 + Location (seed 003, SmartLib)."""
        announce = self.rules.settings.announce
        if announce is None or announce[0] not in self.carried.query:
            return False
        return announce in query.split(self.carried.query, announce[:1])[1]

    def key(self, token: Token | None) -> bytes:
        """Give the key of the session that the request belongs to under a token."""
        return self._key(token, self.rules.parts[self.kind])

    def mark(self, token: Token | None) -> bytes:
        """Give the name under which a stop of that session is remembered: the token's, on a stream.

        Whatever the IP or the protocol (SPEC 6): else who is stopped would come by another one.
        """
        parts = self.rules.parts[self.kind]
        by_token = token is not None and TOKEN in parts
        return self._key(token, parts - {IP, PROTOCOL} if by_token else parts)

    def user_mark(self, token: Token | None) -> bytes:
        """Give the name under which a denial of that session is remembered (SPEC 8).

        That of its user on the stream, whatever the token; of nobody known, the session's mark.
        """
        if self.user is None:
            return self.mark(token)
        return self._key(None, self.rules.parts[self.kind] & {STREAM})

    def above(self, token: Token | None) -> tuple[bytes, ...]:
        """Give the marks whose bars keep a session from beginning, and end none.

        The user's, and those of the streams above: a stop or a denial covers those below (SPEC 4).
        """
        parts = self.rules.parts[self.kind]
        by_user = () if self.user is None else (self.user_mark(token),)
        if token is None or not {STREAM, TOKEN} <= parts or "/" not in self.stream:
            return by_user
        slashes = [at for at, letter in enumerate(self.stream) if letter == "/"][:MAX_ABOVE]
        parts = parts - {IP, PROTOCOL}
        return (*by_user, *(self._key(token, parts, self.stream[:at]) for at in slashes))

    def subject(self, token: Token | None) -> Subject:
        """Give what orders may be about."""
        rules, request = self.rules, self.request
        holder = holder_of(rules, token)
        return Subject(self.key(token), request.ip, self.user, self.stream, holder)

    def _key(self, token: Token | None, parts: Collection[str], stream: str | None = None) -> bytes:
        rules, request = self.rules, self.request
        identity = b"" if token is None else token.identity
        return session_key(
            rules.names_key,
            self.kind,
            self.user,
            self.carried.service,
            (stream or self.stream) if STREAM in parts else None,
            ip_part(request.ip, rules.settings.ipv6_prefix) if IP in parts else None,
            identity if TOKEN in parts else None,
            self.place.protocol if PROTOCOL in parts else None,
        )

    def denied(self, token: Token | None) -> Bar | None:
        """Give what the operator's orders, as far as they are known here, put in its way."""
        orders = self.rules.orders
        return orders.bar(self.subject(token), self.now) if orders.denials else None

    def opening(self, token: Token | None, *, cookie: bool, previous: str = "") -> Opening:
        """Give what is known of the session at its beginning.

        ``cookie``: one was handed out; ``previous`` is the id of the life that it revives.
        """
        settings, lifetimes = self.rules.settings, self.rules.lifetimes
        known = self.rules.played_at(self.request.path)  # else Learn tells, one trip later
        played = known or NOTHING
        terms = lifetime.terms(lifetimes, played, self.now)
        is_told = self.kind is not Kind.UNSPECIFIED
        cookie_set = (token.issued if token is not None else None) or self.now
        return Opening(
            kind=self.kind,
            stream=self.stream,
            ip=self.ip,
            protocol=self.place.protocol,
            service=self.carried.service,
            params=self.carried.query,
            timeout=terms.timeout,
            until=terms.until,
            deadline=self.now + lifetimes.absolute_timeout,
            playing=self.plays or known is not None,
            presentation=played.presentation,
            duration=played.duration,
            mark=self.mark(token),
            above=self.above(token),
            user=self.user or "",
            cookie_set=cookie_set if cookie and "cookie" in settings.write else None,
            remember=self.rules.remember,
            previous=previous,
            window=terms.window,
            returns=terms.returns,
            holder=holder_of(self.rules, token),
            client=client_of(self),
            places=places_of(self),
            events=is_told and settings.on_event is not None,
            announced=not is_told,
        )

    def renew_cookie_after(self, token: Token | None) -> float | None:
        """Give the age at which the cookie that came along is set again; None: not ours to set."""
        settings = self.rules.settings
        if token is None or not self.carried.cookie or "cookie" not in settings.write:
            return None
        if self.kind is not Kind.VIEWER or not self.place.manifest:
            return None
        return settings.cookie.max_age / 2

    def stand_in(
        self, key: bytes, token: Token | None, *, stored: bool = False, previous: str = ""
    ) -> Session:
        """Make a session that no store knows, or not yet."""
        opening = self.opening(token, cookie=False)
        return Session(
            key=key,
            kind=opening.kind,
            stream=opening.stream,
            ip=opening.ip,
            protocol=opening.protocol,
            service=opening.service,
            started=self.now,
            last_seen=self.now,
            expires=min(opening.deadline, max(self.now + opening.timeout, opening.until)),
            state=State.LIVE if opening.playing else State.PENDING,
            presentation=opening.presentation,
            duration=opening.duration,
            live_seen=self.now if opening.presentation is Presentation.LIVE else 0.0,
            user=self.user,
            previous=previous or None,
            requests=1,
            new=True,
            stored=stored,
            query=opening.params,
            carrying=self.carry(token),
            window=opening.window,
        )

    def carriage(self, token: Token | None) -> Carriage | None:
        """Give how the URIs of the answer carry the session; None: they don't."""
        if token is None or not self.needs_token:
            return None
        request = self.request
        parts = self.rules.parts[self.kind]
        return Carriage(
            stream=self.stream if STREAM in parts else None,
            service=self.carried.service,
            base=self.rules.without_service(request),
            mount=request.mount,
            host=request.host,
            whole=bool(token.text) and "query" in self.rules.settings.write,
            segments="segments" in self.rules.settings.carry_to,
        )

    def location(self, token: Token) -> str:
        """Give the URL that the client shall ask for next."""
        carriage = self.carriage(token)
        carried = carriage is not None and carriage.whole
        query = self.carried.query if carried else self.request.query
        return self.rules.locations.url(
            self.request, query, carriage if carried else None, token.text
        )

    def carry(self, token: Token | None) -> Callable[[str], str]:
        """Give what ``session.carry`` does: put the session into a URL of the app."""
        rules = self.rules

        def carry(url: str) -> str:
            carriage = self.carriage(token)
            slot = rules.slots.slot(url, carriage) if carriage is not None else None
            if slot is None or token is None or carriage is None:
                return url
            return (token.text if carriage.whole else "").join(slot)

        return carry

    def plain(self) -> Serve:
        """Serve without a session; what is ours does not reach the app."""
        serve = Serve(None)
        if self.rules.settings.strip_from_app and self.carried.query != self.request.query:
            serve.query = self.carried.query
        if self.place.service:
            serve.path = self.rules.take_service(self.request.path)[1]
        return serve
