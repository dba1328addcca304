"""The events: values without a token, and hooks that can do no harm."""

from __future__ import annotations

import logging
from dataclasses import FrozenInstanceError, fields

import pytest

import sessionware
from sessionware import Event, events
from sessionware.events import call_hook

EVENTS = [
    held for held in vars(events).values() if isinstance(held, type) and issubclass(held, Event)
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_public_frozen_dated_and_holds_no_token(event: type[Event]) -> None:
    assert getattr(sessionware, event.__name__) is event
    names = [option.name for option in fields(event)]
    assert names[0] == "at"
    assert not {"token", "url", "query", "cookie", "headers"} & set(names)
    made = event(**dict.fromkeys(names, 1))  # type: ignore[arg-type]
    with pytest.raises(FrozenInstanceError):
        made.at = 2.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        event(1.0)  # type: ignore[misc]


def test_a_hook_is_called_with_its_arguments_and_its_answer_comes_back() -> None:
    assert call_hook(lambda *given: given, 1, "a") == (1, "a")


def test_what_a_hook_raises_is_logged_and_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_event: Event) -> None:
        raise RuntimeError("no disk")

    with caplog.at_level(logging.ERROR, logger="sessionware"):
        assert call_hook(broken, Event(at=1.0)) is None
    (record,) = caplog.records
    assert record.name == "sessionware"
    assert "broken" in record.getMessage()
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "no disk"


def test_what_ends_a_program_is_not_swallowed() -> None:
    def stop() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        call_hook(stop)
