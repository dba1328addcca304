"""What the two middlewares have in common: the keywords, the rules, the store."""

from __future__ import annotations

import inspect
import os
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from sessionware import hooks, split
from sessionware.errors import ConfigurationError, Fault
from sessionware.events import log
from sessionware.rules import Rules
from sessionware.settings import Settings
from sessionware.store import is_async, open_store
from sessionware.sweeper import TrafficSweeper

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.store import AnyStore

App = TypeVar("App")
P = ParamSpec("P")

SESSION = "sessionware.session"
"""Where scope and environ hold the session."""
ORIGINAL_QUERY = "sessionware.original_query"
"""Where they hold the query as the client sent it."""

UNTRACKED = (
    "sessionware: max_sessions_per_user is set, but track is not: who has the playlist of a film"
    " asks for nothing more that is seen, and so can be neither limited nor stopped"
)


def _keywords_of(
    settings: Callable[P, Settings],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, Any, P], None]]:
    """Give an ``__init__`` the keywords of ``Settings``: the list exists once."""

    def decorate(init: Callable[..., None]) -> Callable[Concatenate[Any, Any, P], None]:
        own = list(inspect.signature(init).parameters.values())[:2]
        options = inspect.signature(settings).parameters.values()
        init.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]  # PEP 362
        return init

    return decorate


class Base(Generic[App]):
    """One middleware around one app; nothing in it belongs to one request."""

    awaits = False
    """Whether this world can await a store or a hook."""

    @_keywords_of(Settings)
    def __init__(self, app: App, **options: Any) -> None:
        self._begin(app, Settings(**options))

    @classmethod
    def from_settings(cls, app: App, settings: Settings) -> Self:
        """Wrap an app with settings that were made, or copied, before."""
        middleware = cls.__new__(cls)
        middleware._begin(app, settings)  # noqa: SLF001 - it is this class's own
        return middleware

    def _begin(self, app: App, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._owns_store = isinstance(settings.store, str)
        self._store: AnyStore = (
            open_store(settings.store, awaits=self.awaits)
            if isinstance(settings.store, str)
            else settings.store
        )
        self._check_world()
        if settings.max_sessions_per_user is not None and settings.track is None:
            log.warning(UNTRACKED)
        self.rules: Rules = Rules(settings)
        self._is_ours = self.rules.is_ours
        self._traffic_sweeper = TrafficSweeper()
        self._guarded: int | None = None

    def _check_world(self) -> None:
        faults = []
        if not self.awaits and is_async(self._store):
            reason = "must be awaited, and under WSGI nobody can"
            faults.append(Fault("store", self.settings.store, reason, "store=MemoryStore()"))
        for name in () if self.awaits else ("admit", "identify", "on_event"):
            if hooks.is_async(hook := getattr(self.settings, name)):
                reason = "must be awaited, and under WSGI nobody can"
                faults.append(Fault(name, hook, reason, f"{name}=print"))
        if faults:
            raise ConfigurationError(faults)

    def _pays_for_sweep(self) -> bool:
        """Tell whether a request is to sweep (``sweep_every=0``)."""
        settings = self.settings
        return not settings.sweep_every and self._traffic_sweeper.is_due(settings.clock())

    def _guard_split(self, *, multiprocess: bool = False) -> None:
        """Refuse, once for each process, to count in a memory that siblings don't see (SPEC 9)."""
        if self._guarded == os.getpid():
            return
        if not self.settings.allow_split_memory:
            split.guard(
                multiprocess=multiprocess,
                memory=not getattr(self._store, "shared", True),
                random_secret=self.rules.random_secret,
            )
        self._guarded = os.getpid()
