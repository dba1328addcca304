"""Tokens out of access logs: servers log request lines, and the token is in them (SPEC 3)."""

from __future__ import annotations

import logging
import re
from typing import Any

ACCESS_LOGS = ("uvicorn.access", "gunicorn.access", "granian.access", "werkzeug")
"""The loggers to which the servers write request lines."""

DEFAULTS = ("tkn", "sid", "sessId", "bpkio_sessionid", "sessionid")

REDACTED = "[redacted]"


class Redactor(logging.Filter):
    """Replaces the values of our parameters and cookies wherever a record holds them.

    The shape of a record's arguments stays, for formatters take them apart: uvicorn's are a tuple
    of five, gunicorn's a dict of a class of its own.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        named = "|".join(map(_in_any_spelling, names))
        self._value = re.compile(rf"((?:^|[?&;\s\"'])(?:{named})=)[^&;\s\"'#\x1b]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact a record; it is always let through."""
        record.msg = self.redact(record.msg)
        if isinstance(record.args, dict):
            for name, value in list(record.args.items()):
                # Not by the class's own methods: gunicorn's escape quotes at each turn.
                dict.__setitem__(record.args, name, self.redact(value))
        elif record.args:
            record.args = self.redact(record.args)
        return True

    def redact(self, value: Any) -> Any:
        """Redact a text, or the texts of a tuple."""
        if isinstance(value, str):
            return self._value.sub(rf"\1{REDACTED}", value) if "=" in value else value
        if isinstance(value, tuple):
            return tuple(map(self.redact, value))
        return value


def redact(*names: str, loggers: tuple[str, ...] = ACCESS_LOGS) -> None:
    """Keep tokens out of the access logs of uvicorn, gunicorn, granian and werkzeug.

    ``names``: the parameters, aliases and cookies that carry tokens; without any, the default one
    and those of the presets. To be called where the app is made: each worker process imports that.
    """
    redactor = Redactor(names or DEFAULTS)
    for name in loggers:
        logging.getLogger(name).addFilter(redactor)


def _in_any_spelling(name: str) -> str:
    """Match a name whose letters may be percent-encoded: such a token is read, too."""
    return "".join(f"(?:{re.escape(letter)}|(?i:%{ord(letter):02x}))" for letter in name)
