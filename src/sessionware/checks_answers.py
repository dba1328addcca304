"""What makes a ``Cookie`` and a ``Cors`` work: they end up in headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionware.errors import Fault
from sessionware.option_groups import Cookie, Cors

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
"""The name of a header, and of a cookie: a token of RFC 9110 section 5.6.2."""

_COOKIE_TEXT = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[A-Za-z0-9.\[\]:-]+")


def cookie_faults(cookie: Any) -> Iterator[Fault]:
    """Find what is wrong with the cookie."""
    if not isinstance(cookie, Cookie):
        yield Fault("cookie", cookie, "is no Cookie", 'cookie=Cookie(name="tkn")')
        return
    checked: Any = cookie  # whatever its annotations say
    if not _fits(HEADER, checked.name):
        yield Fault("cookie", cookie, "its name is no token (RFC 6265)", 'Cookie(name="tkn")')
    path, domain = checked.path, checked.domain
    if not _fits(_COOKIE_TEXT, path) or path[:1] != "/":
        yield Fault("cookie", cookie, "its path can't stand in a header", 'Cookie(path="/")')
    if domain is not None and not _fits(_COOKIE_TEXT, domain):
        yield Fault(
            "cookie", cookie, "its domain can't stand in a header", 'Cookie(domain="tv.example")'
        )
    if not is_whole(checked.max_age, 1, 2**31):
        yield Fault("cookie", cookie, "its max_age is no number of seconds", "Cookie(max_age=600)")
    flags = {"secure": checked.secure, "partitioned": checked.partitioned}
    for name, flag in flags.items():
        if flag not in (None, True, False):
            yield Fault("cookie", cookie, f"its {name} is no flag", f"Cookie({name}=True)")
    if not isinstance(checked.http_only, bool):
        yield Fault("cookie", cookie, "its http_only is no flag", "Cookie(http_only=True)")
    if checked.same_site not in (None, "Strict", "Lax", "None"):
        yield Fault("cookie", cookie, "no such same_site", 'Cookie(same_site="Lax")')
    elif cookie.secure is False and (cookie.same_site == "None" or cookie.partitioned):
        reason = "browsers drop SameSite=None and Partitioned without Secure"
        yield Fault("cookie", cookie, reason, 'Cookie(same_site="Lax", secure=False)')


def cors_faults(cors: Any) -> Iterator[Fault]:
    """Find what is wrong with the CORS options; None is none."""
    if cors is None:
        return
    if not isinstance(cors, Cors):
        yield Fault("cors", cors, "is no Cors", 'cors=Cors(origins=("https://tv.example",))')
        return
    checked: Any = cors
    if not isinstance(checked.origins, tuple) or not all(_fits(_ORIGIN, o) for o in cors.origins):
        reason = "its origins are no tuple of origins (scheme, host, port; no path)"
        yield Fault("cors", cors, reason, 'Cors(origins=("https://tv.example",))')
    if not isinstance(checked.expose, tuple) or not all(
        _fits(HEADER, name) for name in cors.expose
    ):
        reason = "its expose is no tuple of header names"
        yield Fault("cors", cors, reason, 'Cors(expose=("X-Stream",))')
    if not isinstance(checked.credentials, bool):
        yield Fault("cors", cors, "its credentials is no flag", "Cors(credentials=True)")
    if not is_whole(checked.max_age, 0, 2**31):
        yield Fault("cors", cors, "its max_age is no number of seconds", "Cors(max_age=600)")


def is_number(value: Any) -> bool:
    """Tell whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any, low: int, high: int) -> bool:
    """Tell whether a value is a whole number within bounds."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
