"""No token in an access log: records of the shapes that the servers make."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from gunicorn.glogging import SafeAtoms
from uvicorn.logging import AccessFormatter

from sessionware import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "Zm9v-bar_9.YQ"
ASKED = f"/vod/a.m3u8?zipcode=25267&tkn={TOKEN}"
SHOWN = "/vod/a.m3u8?zipcode=25267&tkn=[redacted]"


class Kept(logging.Handler):
    """Keeps the lines that a log would show."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """A handler on each of the servers' loggers; they are afterwards what they were."""
    handler = Kept()
    loggers = [logging.getLogger(name) for name in logs.ACCESS_LOGS]
    before = [(logger.level, logger.filters[:], logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield handler
    for logger, (level, filters, propagate) in zip(loggers, before, strict=True):
        logger.removeHandler(handler)
        logger.level, logger.filters, logger.propagate = level, filters, propagate


def test_a_record_of_uvicorn_keeps_the_shape_that_its_formatter_takes_apart(kept: Kept) -> None:
    logs.redact()
    kept.setFormatter(AccessFormatter('%(client_addr)s "%(request_line)s" %(status_code)s', "%c"))
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "192.0.2.7:4711", "GET", ASKED, "1.1", 200
    )
    assert kept.lines == [f'192.0.2.7:4711 "GET {SHOWN} HTTP/1.1" 200 OK']


def test_a_record_of_gunicorn_answers_for_all_its_atoms(kept: Kept) -> None:
    logs.redact()
    atoms = SafeAtoms(
        {
            "h": "192.0.2.7",
            "r": f"GET {ASKED} HTTP/1.1",
            "s": "200",
            "q": f"zipcode=25267&tkn={TOKEN}",
            "B": 512,
            "f": f"https://tv.example{ASKED}#t=4",
            "a": 'a "quoted" agent',
            "{cookie}i": f"lang=en; tkn={TOKEN}; x=1",
            "{location}o": ASKED,
        }
    )
    form = '%(h)s %(l)s "%(r)s" %(s)s %(B)s %(q)s "%(f)s" "%(a)s"'
    form += " %({Cookie}i)s %({location}o)s %({x}i)s"
    logging.getLogger("gunicorn.access").info(form, atoms)
    (line,) = kept.lines
    assert line == (
        f'192.0.2.7 - "GET {SHOWN} HTTP/1.1" 200 512 zipcode=25267&tkn=[redacted] '
        f'"https://tv.example{SHOWN}#t=4" "a \\"quoted\\" agent" '
        f"lang=en; tkn=[redacted]; x=1 {SHOWN} -"
    )


def test_a_record_of_granian_keeps_its_names(kept: Kept) -> None:
    logs.redact()
    known = {"addr": "192.0.2.7", "path": "/vod/a.m3u8", "status": 200, "dt_ms": 1.5}
    query = {"query_string": f"tkn={TOKEN}&a=1", "_h0": f"tkn={TOKEN}"}
    logging.getLogger("granian.access").info(
        "%(addr)s %(path)s?%(query_string)s %(status)d %(dt_ms).1f %(_h0)s", known | query
    )
    assert kept.lines == ["192.0.2.7 /vod/a.m3u8?tkn=[redacted]&a=1 200 1.5 tkn=[redacted]"]


@pytest.mark.parametrize("colour", ["{}", "\x1b[32m{}\x1b[0m"])
def test_a_record_of_werkzeug_keeps_its_colour(kept: Kept, colour: str) -> None:
    logs.redact()
    line = colour.format(f"GET {ASKED} HTTP/1.1")
    logging.getLogger("werkzeug").info('192.0.2.7 - - [now] "%s" %s %s\n', line, "307", "-")
    shown = colour.format(f"GET {SHOWN} HTTP/1.1")
    assert kept.lines == [f'192.0.2.7 - - [now] "{shown}" 307 -\n']


# text, and what is shown of it
TEXTS = {
    f"?tkn={TOKEN}": "?tkn=[redacted]",
    f"tkn={TOKEN}": "tkn=[redacted]",
    f"/a?x=1&tkn={TOKEN}&y=2": "/a?x=1&tkn=[redacted]&y=2",
    f"/a?tkn={TOKEN}&tkn={TOKEN}": "/a?tkn=[redacted]&tkn=[redacted]",
    f"/a?tkn={TOKEN}#here": "/a?tkn=[redacted]#here",
    f"a=1;tkn={TOKEN}; b=2": "a=1;tkn=[redacted]; b=2",
    f'"tkn={TOKEN}"': '"tkn=[redacted]"',
    f"/a?%74k%6E={TOKEN}": "/a?%74k%6E=[redacted]",
    "/a?tkn=%41%42 HTTP/1.1": "/a?tkn=[redacted] HTTP/1.1",
    f"/a?bpkio_sessionid={TOKEN}": "/a?bpkio_sessionid=[redacted]",
    "/a?tkn=": "/a?tkn=",
    f"/a?mytkn={TOKEN}": f"/a?mytkn={TOKEN}",
    f"/a?tkns={TOKEN}": f"/a?tkns={TOKEN}",
    f"/a?TKN={TOKEN}": f"/a?TKN={TOKEN}",
    "nothing of ours": "nothing of ours",
}


@pytest.mark.parametrize("text", TEXTS)
def test_the_values_of_our_names_are_redacted_and_nothing_else(kept: Kept, text: str) -> None:
    logs.redact()
    logging.getLogger("werkzeug").info("%s", text)
    logging.getLogger("werkzeug").info(text)
    assert kept.lines == [TEXTS[text]] * 2


def test_other_names_and_other_loggers_may_be_given(kept: Kept) -> None:
    logs.redact("s.id", "sessId", loggers=("granian.access",))
    for name in ("granian.access", "werkzeug"):
        logging.getLogger(name).info("%s", "?s.id=abc&sXid=abc&sessId=abc&tkn=abc")
    assert kept.lines == [
        "?s.id=[redacted]&sXid=abc&sessId=[redacted]&tkn=abc",
        "?s.id=abc&sXid=abc&sessId=abc&tkn=abc",
    ]


@pytest.mark.parametrize("value", [None, 5, 1.5, True, b"bytes", ["list"]])
def test_what_is_no_text_stays_what_it_is(kept: Kept, value: Any) -> None:
    logs.redact()
    logging.getLogger("werkzeug").info("%r", value)
    logging.getLogger("werkzeug").info(value)
    assert kept.lines == [repr(value), str(value)]


def test_to_redact_twice_is_to_redact_once(kept: Kept) -> None:
    logs.redact()
    logs.redact()
    logging.getLogger("uvicorn.access").info("%s", ASKED)
    assert kept.lines == [SHOWN]
