"""Short ways to give a store its commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware import Kind
from sessionware.session import Cause
from sessionware.store import Begin, Count, End, Get, Meta, Opening, Touch

if TYPE_CHECKING:
    from sessionware import Store
    from sessionware.store import Bar, Living

    from .clock import Clock

TIMEOUT, DAY = 120.0, 86400.0


def key_of(number: int) -> bytes:
    return number.to_bytes(16)


def idkey(store: Store) -> bytes:
    return store.execute(Meta()).idkey


class Driver:
    """Gives commands to a store at the time of a clock."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def do(self, command: type, number: int, **more: Any) -> Any:
        return self.store.execute(command(key=key_of(number), now=self.clock.now, **more))

    def begin(self, number: int, *, data: Any = None, **opening: Any) -> Any:
        known: dict[str, Any] = {
            "kind": Kind.VIEWER,
            "stream": "film",
            "ip": "192.0.2.7",
            "protocol": "HLS",
            "service": "",
            "params": "",
            "timeout": TIMEOUT,
            "deadline": self.clock.now + DAY,
            "playing": True,
            "mark": key_of(number),
        }
        return self.do(Begin, number, opening=Opening(**known | opening), data=data or {})

    def touch(self, number: int, **more: Any) -> Any:
        return self.do(Touch, number, **{"mark": key_of(number), **more})

    def end(self, number: int, cause: Cause = Cause.CLOSED, bar: Bar | None = None) -> Any:
        return self.do(End, number, cause=cause, bar=bar)

    def get(self, number: int) -> Living | None:
        living: Living | None = self.do(Get, number)
        return living

    def count(self, stream: str | None = None, kind: Kind | None = None) -> Any:
        return self.store.execute(Count(self.clock.now, stream, kind))
