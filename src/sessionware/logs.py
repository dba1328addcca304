"""Tokens out of access logs: servers log request lines, and the token is in them (SPEC 3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

ACCESS_LOGS = ("uvicorn.access", "gunicorn.access", "werkzeug", "granian.access", "_granian")
"""The loggers to which the servers write request lines."""

REDACTED = "[redacted]"


class Redactor(logging.Filter):
    """Replaces the values of our parameters and cookies wherever a record holds them.

    The shape of a record's arguments stays: formatters take them apart.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        named = "|".join(re.escape(name) for name in names)
        self._value = re.compile(rf"((?:^|[?&;\s\"'])(?:{named})=)[^&;\s\"'#]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record; it is always let through."""
        record.msg = self.redact(record.msg)
        if record.args:
            record.args = self.redact(record.args)
        return True

    def redact(self, value: Any) -> Any:
        """Redact a text, bytes, or what holds them."""
        if isinstance(value, str):
            return self._value.sub(rf"\1{REDACTED}", value) if "=" in value else value
        if isinstance(value, bytes):
            return self.redact(value.decode("latin-1")).encode("latin-1")
        if isinstance(value, tuple):
            return tuple(map(self.redact, value))
        if isinstance(value, Mapping):
            return _like(value, {name: self.redact(held) for name, held in value.items()})
        return value


def redact(*names: str, loggers: tuple[str, ...] = ACCESS_LOGS) -> None:
    """Keep tokens out of the access logs of uvicorn, gunicorn, granian and werkzeug.

    ``names``: the parameters, aliases and cookies that carry tokens; without any ``tkn`` and
    broadpeak's. To be called where the app is made: each worker process imports that.
    """
    redactor = Redactor(names or ("tkn", "bpkio_sessionid"))
    for name in loggers:
        logging.getLogger(name).addFilter(redactor)


def _like(original: Mapping[Any, Any], redacted: dict[Any, Any]) -> Mapping[Any, Any]:
    """Keep a server's own kind of dict, which answers for atoms that it doesn't hold."""
    if type(original) is dict:
        return redacted
    try:
        return type(original)(redacted)  # type: ignore[call-arg]
    except TypeError:
        return redacted
