"""Queries, spliced and never parsed and printed again (P7, P45).

What is not ours stays byte for byte, in its order: CDNs compare signed parameters by their bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Collection

# What a URL's query may hold (RFC 3986 section 3.4); "%" stands, for escapes are kept.
_SAFE = "%!$&'()*+,;=:@/?-._~"
_UNSAFE = re.compile(r"[^A-Za-z0-9%!$&'()*+,;=:@/?._~-]")

# Player requests of the moment: copied into a Location they would stick for ever (P8).
_PASSING = re.compile(r"(?:CMCD|_HLS_[A-Za-z_]*)(?:=|$)")


def split(query: str, names: Collection[str]) -> tuple[str, list[tuple[str, str]]]:
    """Take the parameters called ``names`` out: the rest as it was, and (name, value) of each.

    Values are decoded; a name that was percent-encoded is found too.
    """
    kept: list[str] = []
    taken: list[tuple[str, str]] = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if "%" in name:
            name = unquote(name)
        if name in names:
            taken.append((name, unquote(value) if "%" in value else value))
        else:
            kept.append(part)
    return ("&".join(kept) if taken else query), taken


def drop_passing(query: str) -> str:
    """Take CMCD and ``_HLS_*`` parameters out."""
    if "CMCD" not in query and "_HLS_" not in query:
        return query
    return "&".join(part for part in query.split("&") if not _PASSING.match(part))


def encode_forbidden(text: str) -> str:
    """Percent-encode what RFC 3986 forbids in a path or query; escapes stay as they are."""
    if _UNSAFE.search(text) is None:
        return text
    return quote(text.encode("latin-1", errors="replace"), safe=_SAFE)


def join(query: str, more: str) -> str:
    """Append parameters to a query; never ``&&`` (P45), and the same result if done again."""
    query = query.rstrip("&")
    return f"{query}&{more}" if query else more
