"""Which sessions this process holds open (SPEC 4: inputs, outputs and others by ``open()``)."""

from __future__ import annotations

import os
import threading


class Held:
    """The sessions that this process holds open, each as often as it was opened."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[bytes, int] = {}
        self._pid = os.getpid()

    def all(self) -> tuple[bytes, ...]:
        """Give the keys of all; after a fork they are the other process's."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            return tuple(self._times)

    def take(self, key: bytes) -> None:
        """Hold a session once more."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            self._times[key] = self._times.get(key, 0) + 1

    def give(self, key: bytes) -> bool:
        """Hold it once less; tells whether that was the last time in this process."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            times = self._times.pop(key, 0)
            if times > 1:
                self._times[key] = times - 1
            return times == 1
