"""Carriers: where a request's token travels, and how it is read (SPEC 3).

Order: trusted header, query, cookie. Of several tokens in one query the first usable one wins, one
with a valid link before one without (P6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Literal

from sessionware import query as queries
from sessionware import token as tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.link import Links
    from sessionware.request import Request
    from sessionware.settings import Settings
    from sessionware.token import Token, TokenFormat

    CarrierName = Literal["header", "query", "cookie"]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a request carries.

    ``stream`` is what a valid link says that the path belongs to. ``query`` is the client's query
    without our parameters; ``cookie`` whether the cookie carries this very token.
    """

    query: str
    service: str = ""
    token: Token | None = None
    carrier: CarrierName | None = None
    stream: str | None = None
    cookie: bool = False


def ours(settings: Settings) -> tuple[str, ...]:
    """Give the query parameters that are ours: the token's, and the service's if there is one."""
    service = (settings.service_parameter,) if settings.service is not None else ()
    return (settings.parameter, *settings.aliases, *service)


MAX_CANDIDATES = 16
"""How many of our parameters, or cookies, of one request are looked at: each costs a MAC."""


class Carriers:
    """Reads the token of a request."""

    def __init__(self, settings: Settings, form: TokenFormat, links: Links) -> None:
        self._links = links
        self._parameters = (settings.parameter, *settings.aliases)
        self._service = re.compile(settings.service) if settings.service is not None else None
        self._service_parameter = settings.service_parameter
        self._ours = frozenset(ours(settings))
        self._read_query = "query" in settings.read
        self._cookie = settings.cookie.name if "cookie" in settings.read else None
        self._headers = tuple(name.lower() for name in settings.trusted_header)
        self._accept = settings.foreign_tokens == "accept"
        self._form = form
        # A token that was verified once need not be verified at each of its requests; but what a
        # format of the app's says may change.
        self._read: Callable[[str, str], Token] = self._verified
        if isinstance(form, tokens.STEADY):
            self._read = lru_cache(maxsize=65536)(self._verified)

    def read(self, request: Request, path: str, service: str) -> Carried:
        """Read what a request carries.

        ``path`` is its resolved path (a tracked path: its directory, with a slash at the end),
        ``service`` what stands in front of the path; where nothing does, the query's counts.
        """
        query = request.query
        values: list[tuple[str, str]] = []
        if query:
            query, values = queries.split(query, self._ours)
            del values[MAX_CANDIDATES:]
        if self._service is not None and not service:
            service = next((v for name, v in values if name == self._service_parameter), "")
            if not self._service.fullmatch(service):
                service = ""
        carrier: CarrierName | None = None
        token, stream = self._from_query(values, path, service) if values else (None, None)
        if token is not None:
            carrier = "query"
        if request.trusted and self._headers:
            made_elsewhere = self._from_header(request)
            if made_elsewhere is not None:
                return Carried(query, service, made_elsewhere, "header", stream)
        cookie = False
        if self._cookie is not None:
            kept = self._from_cookie(request, service)
            if token is None and kept is not None:
                token, carrier = kept, "cookie"
            cookie = kept is not None and kept == token
        return Carried(query, service, token, carrier, stream, cookie)

    def named(self, text: str, service: str = "") -> tuple[Token, ...]:
        """Give the tokens that a text may be, wherever it was carried; () for what can be none.

        Its link, if it has one, says nothing. A text of nobody's may be the name that a client, a
        CDN or an app gave itself.
        """
        cores = (text, text.rpartition(".")[0]) if tokens.ALPHABET.fullmatch(text) else ()
        for core in cores:
            try:
                return (self._read(core, service),)
            except LookupError:
                continue
        own = (tokens.foreign(text), tokens.from_header(text) if self._headers else None)
        return tuple(token for token in own if token is not None)

    def _from_query(
        self, values: list[tuple[str, str]], path: str, service: str
    ) -> tuple[Token | None, str | None]:
        token: Token | None = None
        stream: str | None = None
        # By the order of the names, then by the order in the query.
        for parameter in self._parameters:
            for name, value in values:
                if name != parameter:
                    continue
                read, linked = self._parse(value, path, service)
                if read is not None and linked is not None:
                    return read, linked
                token = token if token is not None else read
                stream = stream if stream is not None else linked
        return token, stream

    def _parse(self, value: str, path: str, service: str) -> tuple[Token | None, str | None]:
        """Read ``core``, ``core.link`` or ``.link``; a link that isn't for this path is ignored."""
        if tokens.ALPHABET.fullmatch(value) is None:
            return None, None
        token = self._token(value, service)
        if token is not None:
            return token, None
        core, dot, link = value.rpartition(".")
        if not dot:
            return None, None
        stream = self._links.stream(link, path)
        return (self._token(core, service) if core else None), stream

    def _token(self, text: str, service: str) -> Token | None:
        if not self._read_query:
            return None  # a link is read all the same
        return self._usable(text, service)

    def _usable(self, text: str, service: str) -> Token | None:
        try:
            return self._read(text, service)
        except LookupError:
            return tokens.foreign(text) if self._accept else None

    def _verified(self, text: str, service: str) -> Token:
        """Verify a token; LookupError, which no cache keeps: inventions cost no memory."""
        token = self._form.read(text, service)
        if token is None:
            raise LookupError
        return token

    def _from_cookie(self, request: Request, service: str) -> Token | None:
        cookies = request.headers.get("cookie")
        if not cookies:
            return None
        pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
        ours = (value.strip('"') for name, _, value in pairs if name == self._cookie)
        for value in islice(ours, MAX_CANDIDATES):
            if tokens.ALPHABET.fullmatch(value):
                token = self._usable(value, service)
                if token is not None:
                    return token
        return None

    def _from_header(self, request: Request) -> Token | None:
        for name in self._headers:
            token = tokens.from_header(request.headers.get(name, ""))
            if token is not None:
                return token
        return None
