"""The events: values without a token, and hooks that can do no harm."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

import sessionware
from sessionware import Event, events

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
