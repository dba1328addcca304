"""One session per viewer for HLS and DASH, as ASGI and WSGI middleware."""

from sessionware.admission import Deny
from sessionware.errors import (
    ConfigurationError,
    DataError,
    Fault,
    RefusedError,
    SessionwareError,
    StoreError,
)
from sessionware.events import (
    Event,
    RedirectLoop,
    RequestRefused,
    RewriteSkipped,
    SessionDenied,
    SessionEnded,
    SessionsInvalidated,
    SessionStarted,
    Stats,
    StoreFailed,
    StoreRecovered,
    TokenShared,
)
from sessionware.option_groups import Cookie, Cors, Limit
from sessionware.request import Kind, Request
from sessionware.session import Cause, Data, Presentation, Session, State, current_session
from sessionware.sessions import (
    AsyncOpenSession,
    AsyncSessions,
    Explanation,
    OpenSession,
    Page,
    Sessions,
)
from sessionware.settings import Settings
from sessionware.store import AsyncStore, Counts, Store, open_store
from sessionware.store.memory import MemoryStore
from sessionware.store.sqlite import SqliteStore

__version__ = "0.1.0"

__all__ = [
    "AsyncOpenSession",
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
    "Explanation",
    "Fault",
    "Kind",
    "Limit",
    "MemoryStore",
    "OpenSession",
    "Page",
    "Presentation",
    "RedirectLoop",
    "RefusedError",
    "Request",
    "RequestRefused",
    "RewriteSkipped",
    "Session",
    "SessionDenied",
    "SessionEnded",
    "SessionStarted",
    "Sessions",
    "SessionsInvalidated",
    "SessionwareError",
    "Settings",
    "SqliteStore",
    "State",
    "Stats",
    "Store",
    "StoreError",
    "StoreFailed",
    "StoreRecovered",
    "TokenShared",
    "__version__",
    "current_session",
    "open_store",
]
