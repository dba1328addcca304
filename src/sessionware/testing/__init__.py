"""For the tests of those who write a store: the contract that it keeps."""

from sessionware.testing.contract import (
    AsyncRoomContract,
    AsyncStoreContract,
    RoomContract,
    StoreContract,
)

__all__ = ["AsyncRoomContract", "AsyncStoreContract", "RoomContract", "StoreContract"]
