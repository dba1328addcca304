"""Servers of several workers (SPEC 9): memory is refused, a shared store counts them all as one."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from servers.running import Player, eventually, serving

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


# --- a store for all workers --------------------------------------------------------------------


@pytest.fixture
def shared(tmp_path):
    """Options by which workers see the same sessions."""
    return {"store": f"sqlite:///{tmp_path}/sessions.db"}


@pytest.mark.parametrize("kind", TCP)
def test_one_player_is_one_viewer_over_four_workers(media, kind, shared):
    with serving(kind, media, "--workers", "4", **shared) as at:
        with Player(f"{at.url}/n/hls/film/master.m3u8") as player:
            player.assert_played()
        numbers = at.numbers("n/film")
        assert (numbers["quiet"], numbers["sessions"], numbers["started"]) == (1, 1, 1)


@pytest.mark.parametrize("kind", TCP)
def test_fifty_clients_are_fifty_viewers_over_four_workers(media, kind, shared):
    with serving(kind, media, "--workers", "4", **shared) as at:
        with ThreadPoolExecutor(8) as clients:
            statuses = list(clients.map(lambda n: watch(at, f"client {n}"), range(50)))
        assert statuses == [[200] * 4] * 50
        numbers = at.numbers("n/film")
        assert (numbers["quiet"], numbers["sessions"], numbers["started"]) == (50, 50, 50)


def watch(at, agent: str) -> list[int]:
    """Watch as a client without cookies does: each request may go to another worker."""
    agent_is = ("-H", f"User-Agent: {agent}")
    entry = at.curl("/n/hls/film/master.m3u8", *agent_is)
    master = at.curl(entry.location, *agent_is)
    child = re.search(r"^360p/index\.m3u8\?\S+", master.text, re.MULTILINE)[0]
    refreshes = [at.curl(f"/n/hls/film/{child}", *agent_is) for _ in range(3)]
    return [answer.status for answer in (master, *refreshes)]


@pytest.mark.parametrize("kind", TCP)
def test_a_stop_holds_in_every_worker(media, kind, shared):
    with serving(kind, media, "--workers", "4", **shared) as at:
        entry = at.curl("/n/hls/film/360p/index.m3u8")
        assert at.curl(entry.location).status == 200
        assert at.curl("/stop/n", "-X", "POST").text == "1"
        assert [at.curl(entry.location).status for _ in range(12)] == [410] * 12
        assert at.numbers("n/film/360p")["sessions"] == 0
