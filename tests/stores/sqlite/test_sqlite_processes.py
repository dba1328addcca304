"""The SQLite store under many processes, threads and forks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sessionware import Counts
from sessionware.store.sqlite import CHUNK
from support.driver import DAY, Driver, idkey, key_of

if TYPE_CHECKING:
    import sqlite3

    from sessionware.store.sqlite import SqliteStore
    from support.clock import Clock


TESTS = Path(__file__).parents[2]


MANY = """
import sys, threading
from sessionware.store import Meta
from sessionware.store.sqlite import SqliteStore
from support.clock import Clock
from support.driver import idkey, Driver

store = SqliteStore(sys.argv[1], timeout=30)
driver = Driver(store, Clock())
new = []
threads = [threading.Thread(target=lambda: new.append(driver.begin(1).new)) for _ in range(25)]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(new), sum(new), store.execute(Meta()).idkey.hex())
"""


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    folders = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": folders},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_hundred_threads_of_four_processes_begin_one_session_in_a_file_that_one_makes(
    path: Path, driver: Driver
) -> None:
    workers = [python(MANY, path) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [begun for begun, _, _ in answers] == ["25"] * 4
    assert sum(int(new) for _, new, _ in answers) == 1
    assert {key for _, _, key in answers} == {idkey(driver.store).hex()}  # type: ignore[arg-type]
    assert driver.get(1).requests == 100
    assert driver.count() == Counts(watching=1, sessions=1, started=1, requests=100)


CLAIM = """
import sys
from sessionware.store import Claim
from sessionware.store.sqlite import SqliteStore

store = SqliteStore(sys.argv[1], timeout=30)
print("ready", flush=True)
sys.stdin.readline()
while told := store.execute(Claim(float(sys.argv[2]), 7)):
    for one in told:
        print(one.living.key.hex(), one.started, one.cause)
"""


def test_what_four_processes_claim_is_told_once(path: Path, driver: Driver, clock: Clock) -> None:
    leavers = 2 * CHUNK
    for number in range(leavers):
        driver.begin(number, events=True, timeout=5.0 + number % 2 * DAY)
    now = clock.now + 20
    workers = [python(CLAIM, path, now) for _ in range(4)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [line for worker in workers for line in worker.communicate(timeout=60)[0].splitlines()]
    causes = {0: "expired", 1: "None"}
    assert sorted(told) == [f"{key_of(n).hex()} True {causes[n % 2]}" for n in range(leavers)]


FORK = """
import ctypes, gc, os, sqlite3, sys, threading
from sessionware.store.sqlite import SqliteStore
from support.clock import Clock
from support.driver import idkey, Driver

def is_open(connection):
    try:
        connection.execute("PRAGMA user_version")
    except sqlite3.ProgrammingError:
        return False
    return True

fork = {"python": os.fork, "c": ctypes.PyDLL(None).fork}[sys.argv[2]]
store = SqliteStore(sys.argv[1])
driver = Driver(store, Clock())
driver.begin(1)
touched, over = threading.Event(), threading.Event()
helper = threading.Thread(target=lambda: (driver.touch(1), touched.set(), over.wait()))
helper.start()
touched.wait()
to_child, to_parent = os.pipe(), os.pipe()
if not fork():
    if fork is not os.fork:
        ctypes.pythonapi.PyOS_AfterFork_Child()  # as servers do; it drops what other threads had
    driver.touch(1)
    gc.collect()
    known = [held for held in gc.get_objects() if isinstance(held, sqlite3.Connection)]
    print("in the child", sum(map(is_open, known)), flush=True)
    os.write(to_parent[1], b"1")
    os.read(to_child[0], 1)
    driver.touch(1)
    os._exit(0)
os.read(to_parent[0], 1)
driver.touch(1)
if fork is os.fork:
    over.set()
    helper.join()
    store.close()
os.write(to_child[1], b"1")
os.wait()
over.set()
print(driver.touch(1).requests)
"""


def test_a_child_and_its_parent_write_on_each_with_its_own_connection(path: Path) -> None:
    # Were a connection open during the fork, what the child writes after the parent has closed
    # its own would be lost: the fork inherits what SQLite believes of locks.
    told, _ = python(FORK, path, "python").communicate(timeout=60)
    assert told == "in the child 1\n6\n"


def test_a_fork_behind_pythons_back_leaves_the_parents_connections_open(path: Path) -> None:
    told, _ = python(FORK, path, "c").communicate(timeout=60)
    assert told == "in the child 3\n6\n"


FORK_WHILE_WRITING = """
import os, sys, threading
from sessionware.store.sqlite import SqliteStore
from support.clock import Clock
from support.driver import idkey, Driver

store = SqliteStore(sys.argv[1])
driver = Driver(store, Clock())
driver.begin(1)
over = threading.Event()
def work():
    while not over.is_set():
        driver.touch(1)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for _ in range(5):
    child = os.fork()
    if not child:
        driver.begin(os.getpid())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
over.set()
for thread in threads:
    thread.join()
print(driver.count().sessions)
"""


def test_forks_in_the_midst_of_writing_threads_lose_nothing(path: Path) -> None:
    told, _ = python(FORK_WHILE_WRITING, path).communicate(timeout=60)
    assert told == "6\n"


def test_a_thread_that_ends_leaves_no_connection_behind(store: SqliteStore, driver: Driver) -> None:
    driver.begin(1)
    for _ in range(20):
        thread = threading.Thread(target=driver.touch, args=(1,))
        thread.start()
        thread.join()
    assert driver.get(1).requests == 21
    assert len(store._database._process._held) == 1


def test_each_thread_has_a_connection_of_its_own(store: SqliteStore) -> None:
    process, gate = store._database._process, threading.Barrier(4)
    seen: list[sqlite3.Connection | None] = []

    def ask() -> None:
        idkey(store)
        seen.append(process.held().connection)
        gate.wait()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(connection) for connection in seen}) == 4
    assert None not in seen


def test_it_may_be_closed_while_threads_go_on(store: SqliteStore, driver: Driver) -> None:
    driver.begin(1)
    failed: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(100):
                driver.touch(1)
        except Exception as error:  # noqa: BLE001 - whatever it is
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        store.close()
    assert failed == []
    assert driver.get(1).requests == 401
