"""One session per viewer for HLS and DASH, as ASGI and WSGI middleware."""

from sessionware.admission import Deny
from sessionware.errors import ConfigurationError, DataError, Fault, SessionwareError, StoreError
from sessionware.events import (
    Event,
    RedirectLoop,
    RewriteSkipped,
    SessionDenied,
    StoreFailed,
    TokenShared,
)
from sessionware.request import Kind, Request
from sessionware.session import Cause, Data, Presentation, Session, State, current_session
from sessionware.sessions import AsyncSessions, Page, Sessions
from sessionware.settings import Cookie, Cors, Settings
from sessionware.store import AsyncStore, Counts, Store, open_store
from sessionware.store.memory import MemoryStore
from sessionware.store.sqlite import SqliteStore

__version__ = "0.1.0"

__all__ = [
    "AsyncSessions",
    "AsyncStore",
    "Cause",
    "ConfigurationError",
    "Cookie",
    "Cors",
    "Counts",
    "Data",
    "DataError",
    "Deny",
    "Event",
    "Fault",
    "Kind",
    "MemoryStore",
    "Page",
    "Presentation",
    "RedirectLoop",
    "Request",
    "RewriteSkipped",
    "Session",
    "SessionDenied",
    "Sessions",
    "SessionwareError",
    "Settings",
    "SqliteStore",
    "State",
    "Store",
    "StoreError",
    "StoreFailed",
    "TokenShared",
    "__version__",
    "current_session",
    "open_store",
]
