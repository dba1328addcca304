"""Request headers as a mapping: lower-case names, decoded only when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


_UNPREFIXED = frozenset({"CONTENT_TYPE", "CONTENT_LENGTH"})


@lru_cache(maxsize=256)
def _wire(name: str) -> bytes:
    return name.lower().encode("latin-1", "replace")


class AsgiHeaders(Mapping[str, str]):
    """The headers of a scope."""

    __slots__ = ("_values",)

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        pairs = raw if isinstance(raw, list) else list(raw)
        values: dict[bytes, bytes] = dict(pairs)
        if len(values) != len(pairs):  # HTTP/2 may split cookies, proxies repeat headers
            values = {}
            for name, value in pairs:
                separator = b"; " if name == b"cookie" else b", "
                values[name] = values[name] + separator + value if name in values else value
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[_wire(name)].decode("latin-1")

    def get(self, name: str, default: Any = None) -> Any:
        """Give a header's value, or ``default``."""
        value = self._values.get(_wire(name))
        return default if value is None else value.decode("latin-1")

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._values)

    def __len__(self) -> int:
        return len(self._values)


class WsgiHeaders(Mapping[str, str]):
    """The headers of an environ; nothing else of it is kept."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ: dict[str, str] = {
            name: value
            for name, value in environ.items()
            if name[:5] == "HTTP_" or (name in _UNPREFIXED and value)
        }

    def __getitem__(self, name: str) -> str:
        return self._environ[environ_name(name)]

    def get(self, name: str, default: Any = None) -> Any:
        """Give a header's value, or ``default``."""
        return self._environ.get(environ_name(name), default)

    def __iter__(self) -> Iterator[str]:
        for name in self._environ:
            yield name.removeprefix("HTTP_").replace("_", "-").lower()

    def __len__(self) -> int:
        return len(self._environ)


@lru_cache(maxsize=256)
def environ_name(header: str) -> str:
    """Give the name that a header has in an environ (PEP 3333)."""
    name = header.upper().replace("-", "_")
    return name if name in _UNPREFIXED else f"HTTP_{name}"
