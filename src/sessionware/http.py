"""HTTP manners: CORS, caching, cookies and problem bodies (SPEC 10)."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from sessionware.outcome import Handoff, Refuse

if TYPE_CHECKING:
    from sessionware.option_groups import Cookie, Cors
    from sessionware.request import Request
    from sessionware.settings import Settings

Headers = list[tuple[str, str]]

PRIVATE = "private, no-store"
KEPT = "private, max-age=10"

# They speak of the bytes that the app made, or allow what a personal manifest must not be.
_OF_THE_ORIGINAL = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "cdn-cache-control",
        "content-digest",
        "content-encoding",
        "content-length",
        "content-md5",
        "digest",
        "etag",
        "expires",
        "last-modified",
        "pragma",
        "repr-digest",
        "surrogate-control",
    }
)
_CACHING = _OF_THE_ORIGINAL - {"accept-ranges", "content-encoding", "content-length"}

# For the app's answer to be whole and readable, a request for a manifest must not ask for less.
UNFORWARDED = frozenset(
    {
        "accept-encoding",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
    }
)

SUCCESS = 2
"""The first digit of a status that says yes."""

# Answers of an app that has no word on OPTIONS; a preflight then gets ours.
_SPEECHLESS = frozenset({404, 405, 501})


class Reply(NamedTuple):
    """A whole answer of our own."""

    status: int
    headers: Headers
    body: bytes = b""


def reason(status: int) -> str:
    """Give the phrase of a status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def answer(outcome: Handoff | Refuse, request: Request, settings: Settings) -> Reply:
    """Make the answer that we give ourselves."""
    kept = isinstance(outcome, Refuse) and outcome.may_be_kept
    headers: Headers = [("cache-control", KEPT if kept else PRIVATE)]
    body = b""
    if isinstance(outcome, Handoff):
        headers += [("location", outcome.location), ("content-type", "text/plain; charset=utf-8")]
        if outcome.cookie is not None:
            headers.append(set_cookie(settings.cookie, outcome.cookie, request.scheme))
        if "cookie" in settings.read:
            headers.append(("vary", "Cookie"))
    else:
        body = _problem(outcome)
        headers.append(("content-type", "application/problem+json"))
        if outcome.retry_after is not None:
            headers.append(("retry-after", str(outcome.retry_after)))
    headers.append(("content-length", str(len(body))))
    if settings.cors is not None:
        headers += cors(settings.cors, request.headers.get("origin"))
    return Reply(outcome.status, headers, b"" if request.method == "HEAD" else body)


def cors(options: Cors, origin: str | None) -> Headers:
    """Give the CORS headers of an answer of ours; none for an origin that isn't allowed.

    Without credentials any origin gets ``*``, with them its own name (Fetch, section 3.3.2).
    """
    anybody = "*" in options.origins
    exposed = ", ".join(("Location", *options.expose))
    headers: Headers = [("vary", "Origin")]
    if anybody and not options.credentials:
        headers.append(("access-control-allow-origin", "*"))
    else:
        if origin is None or not (anybody or origin in options.origins):
            return headers
        headers.append(("access-control-allow-origin", origin))
        if options.credentials:
            headers.append(("access-control-allow-credentials", "true"))
    headers.append(("access-control-expose-headers", exposed))
    return headers


def is_preflight(request: Request) -> bool:
    """Tell whether a request is a CORS preflight (Fetch, section 3.3.1)."""
    headers = request.headers
    return (
        request.method == "OPTIONS"
        and "origin" in headers
        and "access-control-request-method" in headers
    )


def answers_preflight(status: int, headers: Headers) -> bool:
    """Tell whether the app's own answer to a preflight stands."""
    if any(name.startswith("access-control-") for name, _ in headers):
        return True
    return status // 100 != SUCCESS and status not in _SPEECHLESS


def preflight(options: Cors, request: Request) -> Reply:
    """Answer a preflight for which the app has no word."""
    headers = cors(options, request.headers.get("origin"))
    if any(name == "access-control-allow-origin" for name, _ in headers):
        headers.append(("access-control-allow-methods", "GET, HEAD, OPTIONS"))
        headers.append(("access-control-max-age", str(options.max_age)))
        asked = request.headers.get("access-control-request-headers")
        if asked and asked.isprintable() and asked.isascii():
            headers.append(("access-control-allow-headers", asked))
    return Reply(204, headers)


def set_cookie(cookie: Cookie, value: str, scheme: str) -> tuple[str, str]:
    """Make the Set-Cookie header of a token (RFC 6265bis, CHIPS)."""
    https = scheme == "https" and cookie.secure is not False
    partitioned = https if cookie.partitioned is None else cookie.partitioned
    same_site = cookie.same_site or ("None" if https else "Lax")
    secure = https or partitioned or same_site == "None" if cookie.secure is None else cookie.secure
    parts = [f"{cookie.name}={value}", f"Max-Age={cookie.max_age}", f"Path={cookie.path}"]
    parts += [f"Domain={cookie.domain}"] * (cookie.domain is not None)
    parts += ["HttpOnly"] * cookie.http_only + ["Secure"] * secure
    parts += [f"SameSite={same_site}"] + ["Partitioned"] * partitioned
    return "set-cookie", "; ".join(parts)


def personal(headers: Headers) -> Headers:
    """Make an answer personal: nobody may store it, and nothing validates it (P15)."""
    kept = [(name, value) for name, value in headers if name not in _CACHING]
    return [*kept, ("cache-control", PRIVATE)]


def rewritten(headers: Headers, length: int, coding: str) -> Headers:
    """Give the headers of a body that is no more the app's."""
    kept = [(name, value) for name, value in headers if name not in _OF_THE_ORIGINAL]
    if coding:
        kept.append(("content-encoding", coding))
    return [*kept, ("cache-control", PRIVATE), ("content-length", str(length))]


def vary(headers: Headers, on: str) -> Headers:
    """Add a name to Vary, in place of nothing and beside what is there."""
    for position, (name, value) in enumerate(headers):
        if name == "vary":
            named = {part.strip().lower() for part in value.split(",")}
            if "*" in named or on.lower() in named:
                return headers
            merged = (name, f"{value}, {on}")
            return [*headers[:position], merged, *headers[position + 1 :]]
    return [*headers, ("vary", on)]


def expose_location(headers: Headers) -> Headers:
    """Merge ``Location`` into what the app's CORS exposes, where it allowed the origin (P20)."""
    if not any(name == "access-control-allow-origin" for name, _ in headers):
        return headers
    for position, (name, value) in enumerate(headers):
        if name == "access-control-expose-headers":
            if "location" in {part.strip().lower() for part in value.split(",")}:
                return headers
            merged = (name, f"{value}, Location" if value.strip() else "Location")
            return [*headers[:position], merged, *headers[position + 1 :]]
    return [*headers, ("access-control-expose-headers", "Location")]


def first(headers: Headers, name: str) -> str:
    """Give the value of the first header of a name, or ""."""
    for header, value in headers:
        if header == name:
            return value
    return ""


def _problem(refusal: Refuse) -> bytes:
    problem = {
        "type": "about:blank",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
    }
    return json.dumps(problem).encode()
