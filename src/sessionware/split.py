"""The guard against split memory (SPEC 9).

A memory store, or a secret that each process draws for itself, beside sibling workers would
neither count nor play: half the requests of a viewer reach a worker that knows nothing of it. It
is refused where a sibling is seen: the server says so (``wsgi.multiprocess``), or another process
of the same parent holds the parent's lock file. Two programs that were started independently, from
one shell say, have nothing to do with each other and are never refused.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import tempfile
import threading
from pathlib import Path

from sessionware.errors import ConfigurationError, Fault

try:
    import fcntl
except ImportError:  # Windows has no prefork servers either
    fcntl = None  # type: ignore[assignment]  # a module, or none

_held: dict[int, int] = {}
"""The lock that this process holds: pid -> file descriptor. A forked child has another pid."""

_lock = threading.Lock()
"""The threads of one worker are no siblings of each other."""


def _after_fork() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held it
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def guard(*, multiprocess: bool, memory: bool, random_secret: bool) -> None:
    """Raise ConfigurationError if what is split must not be, and a sibling is there."""
    if not (memory or random_secret) or not (multiprocess or _sibling_lives()):
        return
    faults = []
    if memory:
        reason = "each of the server's worker processes would keep sessions of its own"
        faults.append(Fault("store", "memory:", reason, 'store="sqlite:///sessions.db"'))
    if random_secret:
        reason = "each of the server's worker processes would draw its own"
        example = 'secret=os.environ["SESSIONWARE_SECRET"]'
        faults.append(Fault("secret", None, reason, example))
    reason = "run one worker process, or allow it if each shall count for itself"
    faults.append(Fault("allow_split_memory", False, reason, "allow_split_memory=True"))
    raise ConfigurationError(faults)


def _sibling_lives() -> bool:
    """Tell whether another living process of the same server has asked this before."""
    parent = _server()
    if parent is None or fcntl is None:
        return False
    with _lock:
        return not _hold(parent)


def _hold(parent: str) -> bool:
    """Take the lock of the parent, for the life of this process; False: a sibling has it."""
    pid = os.getpid()
    if pid in _held:
        return True
    try:
        lock = os.open(_lock_file(parent), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:  # no place for it, or somebody else's: nothing is known of siblings
        return True
    # Released by the system when this process ends, however it ends.
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return False
    _held[pid] = lock
    return True


def _server() -> str | None:
    """Name the server that this process is a worker of; None if it is none.

    A worker is a child that multiprocessing started (uvicorn, granian, hypercorn), or one that was
    forked: then the parent runs the same command (gunicorn, uWSGI).
    """
    parent = os.getppid()
    started = _command(f"{parent}/stat").rpartition(b")")[2].split()[19:20]
    name = f"{parent}-{started[0].decode() if started else ''}"
    if multiprocessing.parent_process() is not None:
        return name
    ours = _command("self/cmdline")
    return name if ours and ours == _command(f"{parent}/cmdline") else None


def _command(path: str) -> bytes:
    try:
        return Path("/proc", path).read_bytes()
    except OSError:
        return b""


def _lock_file(parent: str) -> Path:
    user = os.getuid() if sys.platform != "win32" else 0
    name = hashlib.sha256(f"{user}-{parent}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"sessionware-{user}-{name}.lock")
