"""What is said when a Redis server can't be used, and when it is not even tried.

Every message says what failed, where, and what to do; none holds a password.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from redis import exceptions

from sessionware.errors import ConfigurationError, Fault, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FAILURES = 3
"""After so many failures one behind the other, nobody waits for the server for a while."""

REST = 1.0
"""So long, in seconds; then one command tries it."""

_ANSWERED = (
    ("Authentication required", "it wants a password", "put one into the URL: //:password@host"),
    ("NOAUTH", "it wants a password", "put one into the URL: //:password@host"),
    (
        "NOPERM",
        "this user may not do that",
        "allow it: ACL SETUSER ... ~sessionware:* +@all -@admin",
    ),
    ("OOM", "its memory is full", "raise maxmemory, or set max_sessions"),
    ("OUTOFMEMORY", "its memory is full", "raise maxmemory, or set max_sessions"),
    ("LOADING", "it still reads its data", "wait"),
    ("READONLY", "it is a replica", "name the primary, or use redis+sentinel://"),
    ("MISCONF", "it can't save its data to disk", "make room there, or see its log"),
    ("BUSY", "another script holds it up", "see what else uses it"),
    ("MASTERDOWN", "it is a replica that has lost its primary", "see its log"),
    ("CLUSTERDOWN", "its cluster is down", "see CLUSTER INFO"),
    ("CROSSSLOT", "it is a node of a cluster", "use redis+cluster://"),
    ("MOVED", "it is a node of a cluster", "use redis+cluster://"),
    ("unknown command", "it lacks a command", "use Redis 6.2, Valkey 7.2, or later"),
)

_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.RedisClusterException,
    exceptions.ClusterError,
    exceptions.ClusterDownError,
    OSError,
)

CAUGHT = (exceptions.RedisError, exceptions.RedisClusterException, OSError)
"""All that redis-py raises for what a server, or the way to it, does."""


def explained(error: BaseException, where: str) -> StoreError:
    """Give a failure as one that says where, why and what to do."""
    said = str(error)
    for word, why, cure in _ANSWERED:
        if said.startswith(word) or word in type(error).__name__.upper():
            return _error(where, why, cure)
    if any(isinstance(one, exceptions.AuthenticationError) for one in _chain(error)):
        return _error(where, "it refuses this user and password", "see the URL, and its ACL LIST")
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        why = "it did not answer in time"
        return _error(where, why, "see whether it hangs, or raise store_timeout")
    if isinstance(error, _AWAY):
        reason = _cause(error)
        return _error(where, f"it can't be reached ({reason})", "see that it runs, and the URL")
    return _error(where, said, "see its log")


def resting(where: str) -> StoreError:
    """Say that nobody asks the server for a while."""
    return _error(
        where, "it has failed again and again", "see that it runs; it is tried again soon"
    )


def _cause(error: BaseException) -> str:
    """Give the system's own words, if there are any: they name no user."""
    said = (one.strerror for one in _chain(error) if isinstance(one, OSError) and one.strerror)
    return next(said, type(error).__name__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error, what it was raised for, and so on."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _error(where: str, why: str, cure: str) -> StoreError:
    return StoreError(f"the Redis store at {where} could not be used: {why}; {cure}")


def is_away(error: BaseException) -> bool:
    """Tell whether a failure is one of the server as a whole."""
    return isinstance(error, _AWAY) and not isinstance(error, exceptions.AuthenticationError)


def refused(option: object, reason: str) -> ConfigurationError:
    """Say that a store can't be made of this."""
    return ConfigurationError([Fault("store", option, reason, 'store="redis://localhost:6379/0"')])


class Breaker:
    """Spares a server that fails, and who would wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def may_try(self, now: float) -> bool:
        """Tell whether a command may be sent; after a rest, one is let through to find out."""
        if self._failures < FAILURES:
            return True
        with self._lock:
            if now < self._until:
                return False
            self._until = now + REST
            return True

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Note that it did not."""
        with self._lock:
            self._failures += 1
            self._until = now + REST


def first_failure(replies: Sequence[object]) -> BaseException | None:
    """Give the first reply that is an error."""
    return next((reply for reply in replies if isinstance(reply, BaseException)), None)
