"""Stores by URL."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sessionware import ConfigurationError, MemoryStore, open_store
from sessionware.store import Meta
from sessionware.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path


def file_of(url: str) -> str:
    opened = open_store(url)
    assert isinstance(opened, SqliteStore)
    return opened._database.path


def test_three_slashes_stand_before_a_relative_path_and_four_before_an_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_of("sqlite:///sessions.db") == str(tmp_path / "sessions.db")
    assert file_of("sqlite:///a/b%20c.db") == str(tmp_path / "a/b%20c.db")
    assert file_of("sqlite:////var/lib/s.db") == "/var/lib/s.db"


def test_a_server_that_changes_its_folder_keeps_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite:///sessions.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with closing(store):
        store.execute(Meta())
    assert (tmp_path / "sessions.db").exists()


@pytest.mark.parametrize("url", ["memory:", "sqlite:///s.db"])
def test_a_url_may_bound_its_store(url: str) -> None:
    assert open_store(url).max_sessions == 1_000_000
    assert open_store(f"{url}?max_sessions=7").max_sessions == 7
    assert isinstance(open_store(url), MemoryStore if url == "memory:" else SqliteStore)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/s.db",
        "sqlite:/s.db",
        "sqlite:///a\0b",
        "sqlite:///s.db?",
        "sqlite:///s.db?max_sessions=0",
        "sqlite:///s.db?max_sessions=many",
        "sqlite:///s.db?max_sessions=٣",
        "sqlite:///s.db?timeout=5",
        "memory:s.db",
        "memory:?",
        "",
    ],
)
def test_any_other_url_is_refused_with_those_there_are(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"names no store; .*memory:.*sqlite:///"):
        open_store(url)
