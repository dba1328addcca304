"""How the Redis stores are connected: what a URL says, and what is sent to the server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.backoff import NoBackoff

from sessionware.store.redis_errors import refused

if TYPE_CHECKING:
    from sessionware.store.redis_calls import Call

MAX_SESSIONS = 1_000_000

PREFIX = "sessionware"
"""What all keys begin with."""

TIMEOUT = 0.25
"""Seconds in which a server must be connected to, and in which it must answer."""

_OPTIONS = {
    "max_sessions",
    "prefix",
    "ssl_ca_certs",
    "ssl_certfile",
    "ssl_keyfile",
    "ssl_check_hostname",
}
_SORTS = {"redis", "rediss", "redis+unix", "redis+sentinel", "redis+cluster", "rediss+cluster"}


class Address:
    """What a URL says: the sort of server, where it is, how to log in, and options."""

    def __init__(self, url: str) -> None:
        try:
            self._read(url)
        except ValueError as error:
            shown = re.sub(r"//.*@", "//...@", url)  # a password is nobody's business
            reason = str(error) if isinstance(error, UnfitError) else "is no URL of a Redis server"
            raise refused(shown, reason) from None

    def _read(self, url: str) -> None:
        parts = urlsplit(url)
        self.sort: str = parts.scheme
        if self.sort not in _SORTS or parts.fragment:
            raise UnfitError("names no store")
        login, _, hosts = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        self.login: dict[str, Any] = {}
        if user:
            self.login["username"] = unquote(user)
        if password:
            self.login["password"] = unquote(password)
        options = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
        for name in options.keys() - _OPTIONS:
            raise UnfitError(f"has an option {name!r} that is not known")
        self.room: int = _number(options.pop("max_sessions", str(MAX_SESSIONS)), 1)
        self.prefix: str = options.pop("prefix", PREFIX)
        if not re.fullmatch(r"[\w.:-]+", self.prefix, re.ASCII):
            raise UnfitError("has a prefix that is more than letters, digits and . : - _")
        self.tls: dict[str, Any] = dict(options)
        if "ssl_check_hostname" in options:
            self.tls["ssl_check_hostname"] = options["ssl_check_hostname"] == "true"
        if self.tls and not self.sort.startswith("rediss"):
            raise UnfitError("speaks of TLS, which is for rediss://")
        path = unquote(parts.path)
        self.path = path
        if self.sort == "redis+unix":
            if hosts or not path.strip("/"):
                raise UnfitError("needs a path and no host: redis+unix:///run/redis/redis.sock")
            self.nodes: list[tuple[str, int]] = []
            self.database: int = 0
            return
        default = 26379 if self.sort == "redis+sentinel" else 6379
        self.nodes = [_node(host, default) for host in hosts.split(",")]
        if len(self.nodes) > 1 and self.sort in {"redis", "rediss"}:
            raise UnfitError(
                "names several hosts, which is for redis+sentinel:// and redis+cluster://"
            )
        names = path.strip("/").split("/")
        self.service: str = names.pop(0) if self.sort == "redis+sentinel" else ""
        if self.sort == "redis+sentinel" and not self.service:
            raise UnfitError("names no service: redis+sentinel://host:26379/mymaster")
        self.database = _number("/".join(names) or "0", 0)
        if self.sort.endswith("cluster") and self.database:
            raise UnfitError("names a database, and a cluster has one only")


class UnfitError(ValueError):
    """What is wrong with a URL; it holds no password."""


def _number(text: str, least: int) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) >= least):
        raise UnfitError(f"has {text!r} where a number belongs")
    return int(text)


def _node(text: str, default: int) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path:
        raise UnfitError("names no host")
    return parts.hostname, parts.port or default


def connection_options(address: Address, retry: Any, timeout: float) -> dict[str, Any]:
    """Give what redis-py is told: its own defaults wait for seconds, and try again and again."""
    options = {
        **address.login,
        **address.tls,
        "max_connections": 2**31,  # a thread has one; who may run is the server's business
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": retry(NoBackoff(), 0),
        "decode_responses": False,
        "protocol": 2,
    }
    if address.sort.startswith("rediss"):
        options["ssl"] = True
    if address.sort == "redis+unix":
        options["unix_socket_path"] = address.path
    if not address.sort.endswith("cluster"):
        options["db"] = address.database
        if address.sort in {"redis", "rediss"}:
            ((options["host"], options["port"]),) = address.nodes
    return options


def sentinel_options(options: dict[str, Any]) -> dict[str, Any]:
    """Give what is told of the sentinels: they wait no longer, and have no database."""
    timeouts = "socket_timeout", "socket_connect_timeout", "retry", "protocol"
    return {name: options[name] for name in timeouts}


def watchers_of(client: Any) -> tuple[Any, ...]:
    """Give the clients of the sentinels by which a client finds its server."""
    manager = getattr(getattr(client, "connection_pool", None), "sentinel_manager", None)
    return tuple(manager.sentinels) if manager else ()


def place_of(client: Any) -> str:
    """Say where a client's server is, for messages."""
    pool: Any = getattr(client, "connection_pool", None)
    options = getattr(pool, "connection_kwargs", {})
    if "path" in options:
        return str(options["path"])
    if hasattr(pool, "service_name"):
        return f"service {pool.service_name!r} of its sentinels"
    if "host" in options:
        return f"{options['host']}:{options.get('port', 6379)}"
    return "its cluster"


def check_client(client: Any) -> None:
    """Refuse a client of the app's that decodes what it is answered: records are bytes."""
    options = getattr(getattr(client, "connection_pool", None), "connection_kwargs", {})
    encoder = getattr(client, "get_encoder", None)
    decodes = options.get("decode_responses") or (encoder and encoder().decode_responses)
    if decodes:
        raise refused(client, "decodes replies: make it with decode_responses=False")


class Wire:
    """Puts calls into the words of the protocol."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._heads: dict[tuple[str, int | str], tuple[str | bytes, ...]] = {}

    def evalsha(self, call: Call) -> tuple[str | bytes, ...]:
        """Give the command that runs a script which the server has."""
        name = call.script.name, call.partition
        head = self._heads.get(name)
        if head is None:
            keys = call.script.keys(self._prefix, call.partition)
            head = self._heads[name] = ("EVALSHA", call.script.digest, str(len(keys)), *keys)
        return (*head, *call.arguments)

    def eval(self, call: Call) -> tuple[str | bytes, ...]:
        """Give the command that brings the script along."""
        _, _, *rest = self.evalsha(call)
        return ("EVAL", call.script.text, *rest)
