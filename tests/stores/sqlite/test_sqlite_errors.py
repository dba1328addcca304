"""What is said when the SQLite store's file can't be used: what, where, and what to do."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessionware import StoreError
from sessionware.session import Cause
from sessionware.store import Bar, Command, Listing, Meta, Sweep, Withdraw
from sessionware.store import _sql_life as module
from sessionware.store.sqlite import SqliteStore
from support.driver import TIMEOUT, Driver, idkey, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.clock import Clock


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, timeout=0.2)) as store:
        yield store


def in_its_connection(store: SqliteStore, sql: str) -> None:
    store._database.run(lambda file, _: file.execute(sql).fetchall(), None, writes=False)


def refusal(store: SqliteStore, command: Command[object] = Meta()) -> str:  # noqa: B008 - a value
    """Say what is wrong with a store, beside its path."""
    with pytest.raises(StoreError) as refused:
        store.execute(command)
    told, where, why = str(refused.value).partition(f"{store._database.path}: ")
    assert not told
    assert where
    return why


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "no/s.db")
    assert f"no folder {tmp_path / 'no'}" in refusal(store)
    assert "make it" in refusal(store)
    (tmp_path / "no").mkdir()
    with closing(store):
        assert len(idkey(store)) == 32


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "it is a folder" in refusal(SqliteStore(tmp_path))


def test_a_file_that_is_no_database_is_left_as_it_is(path: Path, store: SqliteStore) -> None:
    path.write_text("dear diary\n" * 100)
    assert "it is no SQLite database" in refusal(store)
    assert path.read_text() == "dear diary\n" * 100


def test_a_database_of_another_program_is_left_as_it_is(path: Path, store: SqliteStore) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE session (a)")
    before = path.read_bytes()
    assert "another program" in refusal(store)
    assert path.read_bytes() == before


def give_format(path: Path, store: SqliteStore, number: int) -> None:
    idkey(store)
    store.close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE meta SET value = ? WHERE name = 'format'", (number,))


def test_a_file_of_a_newer_format_is_refused(path: Path, store: SqliteStore) -> None:
    give_format(path, store, 3)
    assert "its format is 3, this one knows 2; upgrade" in refusal(store)


def test_a_file_of_an_older_format_is_refused_and_may_be_moved_away(
    path: Path, store: SqliteStore
) -> None:
    give_format(path, store, 1)
    why = refusal(store)
    assert "an older sessionware made it: its format is 1, this one knows 2" in why
    assert "stop all that use it and move it away: every session begins anew" in why
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    assert len(idkey(store)) == 32


def test_a_damaged_file_may_be_taken_away(path: Path, driver: Driver, store: SqliteStore) -> None:
    for number in range(500):
        driver.begin(number)
    store.close()
    idkey(store)  # opened again, and little of it read
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xaa" * (path.stat().st_size - 3 * 4096))
    assert "it is damaged" in refusal(store, Listing(driver.clock.now))
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    assert driver.begin(1).new
    assert driver.count().sessions == 1


@contextmanager
def as_a_user_of_no_rights() -> Iterator[None]:
    """Root may write everything; so be somebody else for a moment."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_file_that_may_not_be_written_is_said_to_be(clock: Clock) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s.db")
        store = SqliteStore(path)
        Driver(store, clock).begin(1)
        path.chmod(0o444)
        Path(f"{path}-wal").chmod(0o444)
        Path(f"{path}-shm").chmod(0o444)
        Path(folder).chmod(0o555)
        with as_a_user_of_no_rights(), closing(SqliteStore(path)) as other:
            why = refusal(other, Sweep(clock.now + TIMEOUT))
        assert "it may not be written" in why
        assert "let this process's user write the file and its folder" in why
        Path(folder).chmod(0o755)
        store.close()


def test_a_folder_that_may_not_be_written_is_said_to_be() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        with as_a_user_of_no_rights():
            why = refusal(SqliteStore(Path(folder, "s.db")))
        Path(folder).chmod(0o755)
    assert "let this process's user read and write the file and its folder" in why


def test_a_full_disk_fails_newcomers_and_loses_nobody(driver: Driver, store: SqliteStore) -> None:
    driver.begin(1)
    in_its_connection(store, "PRAGMA max_page_count = 1")  # it takes what there is for that
    before = driver.count()

    def fill() -> None:
        nonlocal before
        for number in range(2, 100):
            driver.begin(number)
            before = driver.count()

    with pytest.raises(StoreError, match=r"its disk is full .*; make room there"):
        fill()
    assert driver.count() == before
    assert driver.touch(1).requests == 2
    in_its_connection(store, "PRAGMA max_page_count = 1000000")
    assert driver.begin(200).new


def test_who_waits_too_long_for_another_process_is_told(
    path: Path, driver: Driver, store: SqliteStore
) -> None:
    driver.begin(1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(
            StoreError, match=r"locked for too long .*; see whether a process hangs"
        ):
            driver.touch(1)
        assert driver.get(1).requests == 1
        other.execute("ROLLBACK")
    assert driver.touch(1).requests == 2


class Hasty(sqlite3.Connection):
    """SQLite as it is at times while several processes make a file: busy, and without waiting."""

    tries = 0

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if "journal_mode" in sql:
            Hasty.tries += 1
            if Hasty.tries < 3:
                busy = sqlite3.OperationalError("database is locked")
                busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise busy
        return super().execute(sql, *arguments)


def test_a_file_that_several_make_at_once_is_waited_for(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hasty, "tries", 0)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Hasty))
    assert len(idkey(store)) == 32
    assert Hasty.tries == 3


def test_who_waits_too_long_for_a_thread_is_told(store: SqliteStore) -> None:
    with (
        store._database._process.writing,
        pytest.raises(StoreError, match=r"locked for too long; see whether"),
    ):
        store.execute(Withdraw(key_of(1), 0.0))


def test_an_old_sqlite_is_named(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    assert "is older than 3.35" in refusal(store)


def test_what_fails_halfway_has_changed_nothing(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.begin(1)

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "put_bar", fail)  # the session has left its table then
    bar = Bar(Cause.STOPPED, driver.clock.now + 60)
    with pytest.raises(KeyboardInterrupt):
        driver.end(1, bar=bar)
    assert driver.get(1) is not None
    assert driver.count().sessions == 1
    monkeypatch.undo()
    assert driver.end(1, bar=bar) is not None
    assert driver.touch(1) == bar
