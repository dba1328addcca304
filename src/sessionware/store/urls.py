"""Stores by URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionware.errors import ConfigurationError, Fault

if TYPE_CHECKING:
    from sessionware.store import AnyStore

MAX_SESSIONS = 1_000_000

_URLS = (
    "memory: and sqlite:///FILE (four slashes before an absolute path), redis://HOST:6379/0,"
    " rediss://, redis+unix:///PATH, redis+sentinel://HOST:26379/SERVICE and redis+cluster://HOST,"
    " each with ?max_sessions=N"
)


def open_store(url: str, *, awaits: bool = False) -> AnyStore:
    """Open the store that a URL names: ``memory:``, ``sqlite:///sessions.db``.

    As with SQLAlchemy, three slashes stand before a relative path, and four before an absolute
    one: ``sqlite:////var/lib/site/sessions.db``. The path is taken as it is; percent signs mean
    nothing. Each sort may be bounded: ``memory:?max_sessions=50000``.

    ``redis://user:password@host:6379/0`` and its kin need the extra ``redis``. Where somebody
    ``awaits`` the answers, the store is one that is awaited, if there is one of the sort.

    ConfigurationError: the URL names no store.
    """
    from sessionware.store.memory import MemoryStore  # noqa: PLC0415 - it imports the commands
    from sessionware.store.sqlite import SqliteStore  # noqa: PLC0415 - and so does this

    if url.startswith("redis"):
        return _open_redis(url, awaits=awaits)
    place, _, query = url.partition("?")
    number = query.removeprefix("max_sessions=")
    if query:
        is_number = number != query and number.isascii() and number.isdecimal()
        room = int(number) if is_number else 0
    else:
        room = 0 if "?" in url else MAX_SESSIONS
    path = place.removeprefix("sqlite:///")
    if room and place == "memory:":
        return MemoryStore(max_sessions=room)
    if room and path not in {place, "", ":memory:"} and "\0" not in path:
        return SqliteStore(path, max_sessions=room)
    reason = f"names no store; the URLs are {_URLS}"
    shown = re.sub(r"//[^@/]*@", "//...@", url)  # a password is nobody's business
    raise ConfigurationError([Fault("store", shown, reason, 'store="memory:"')])


def _open_redis(url: str, *, awaits: bool) -> AnyStore:
    if awaits:
        from sessionware.store.redis_async import AsyncRedisStore  # noqa: PLC0415 - an extra

        return AsyncRedisStore(url)
    from sessionware.store.redis import RedisStore  # noqa: PLC0415 - an extra

    return RedisStore(url)
