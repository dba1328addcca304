"""What both facades are made of, and the stores that each can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from sessionware import hooks
from sessionware.drivers import AsyncDriver, Driver
from sessionware.errors import ConfigurationError, Fault
from sessionware.operations import Operations
from sessionware.store import is_async

if TYPE_CHECKING:
    from sessionware.rules import Rules
    from sessionware.settings import Settings

D = TypeVar("D", Driver, AsyncDriver)


class Facade(Generic[D]):
    """The calls as flows, and who drives them."""

    def __init__(self, driver: D, rules: Rules) -> None:
        self._driver: D = driver
        self._operations = Operations(rules)

    @classmethod
    def under(cls, driver: D, rules: Rules) -> Self:
        """Make the facade of a middleware."""
        facade = cls.__new__(cls)
        Facade.__init__(facade, driver, rules)
        return facade


def check_store(store: Any, settings: Settings, *, awaits: bool = False) -> None:
    """Refuse what could never be asked."""
    faults = []
    if not callable(getattr(store, "execute", None)):
        reason = "is no store: it has no execute(); open_store() makes one of a URL"
        faults.append(Fault("store", store, reason, 'open_store("sqlite:///sessions.db")'))
    elif not awaits and is_async(store):
        faults.append(Fault("store", store, "must be awaited; AsyncSessions can", "MemoryStore()"))
    for name in () if awaits else ("identify", "on_event"):
        if hooks.is_async(hook := getattr(settings, name)):
            reason = "must be awaited; AsyncSessions can"
            faults.append(Fault(name, hook, reason, f"{name}=print"))
    if faults:
        raise ConfigurationError(faults)
