"""The guard against split memory at real servers (SPEC 9), and who it must not refuse."""

from __future__ import annotations

import pytest

from servers.running import eventually, serving

TCP = ["uvicorn", "granian", "granian-wsgi", "gunicorn"]
WORDS = ("allow_split_memory", 'store="sqlite:///sessions.db"', "run one worker process")


def entries(at, number: int) -> list[int]:
    """The statuses of so many entries, each at a path of its own: nobody runs in circles."""
    return [at.get(f"/{name}/hls/film/master.m3u8") for name in range(number)]


def is_refused(at) -> bool:
    """Ask until a worker has said why it can't count: some notice at the first request only."""
    entries(at, 1)
    return all(word in at.log for word in WORDS)


@pytest.mark.parametrize("kind", TCP)
def test_a_memory_store_in_two_workers_is_refused_with_words_that_help(media, kind):
    with serving(kind, media, "--workers", "2", listening=False) as at:
        eventually(lambda: is_refused(at), lambda: f"a refusal\n{at.log}")


@pytest.mark.parametrize("kind", TCP)
def test_a_memory_store_in_two_workers_may_be_allowed(media, kind):
    with serving(kind, media, "--workers", "2", allow_split_memory=True) as at:
        assert entries(at, 8) == [307] * 8


@pytest.mark.parametrize("kind", TCP)
def test_one_worker_is_not_refused(media, kind):
    with serving(kind, media, "--workers", "1") as at:
        assert entries(at, 3) == [307] * 3


@pytest.mark.parametrize("kind", TCP)
def test_two_servers_of_one_shell_have_nothing_to_do_with_each_other(media, kind):
    # Both are children of this process, as those of a shell are of the shell.
    with serving(kind, media) as one, serving(kind, media) as other:
        assert entries(one, 3) == entries(other, 3) == [307] * 3
