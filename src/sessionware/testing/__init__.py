"""For others' tests: a session for those of an app, and the contract for those of a store."""

from sessionware.testing.contract import (
    AsyncRoomContract,
    AsyncStoreContract,
    RoomContract,
    StoreContract,
)
from sessionware.testing.fake import (
    as_current,
    asgi_with_session,
    fake_session,
    wsgi_with_session,
)

__all__ = [
    "AsyncRoomContract",
    "AsyncStoreContract",
    "RoomContract",
    "StoreContract",
    "as_current",
    "asgi_with_session",
    "fake_session",
    "wsgi_with_session",
]
