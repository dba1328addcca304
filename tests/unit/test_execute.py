"""What blocks runs in threads: the store's and the hooks' are not the same."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar

from sessionware import SqliteStore
from sessionware.execute import HOOKS, STORES, Threads
from support.origin import Origin
from support.site import site
from support.viewer import entered
from support.worlds import AsgiWorld

MANY = 100
PATIENCE = 20.0


def test_hooks_that_take_their_time_do_not_delay_who_is_in_already(tmp_path):
    opened = threading.Event()
    waits = threading.Semaphore(0)

    def admit(session, _request):
        if session.stream == "slow":
            waits.release()
            opened.wait(PATIENCE)
        return True

    store = SqliteStore(tmp_path / "sessions.db")
    options = {"secret": "s" * 32, "store": store, "admit": admit, "admit_timeout": 60}
    with AsgiWorld(Origin(site), **options) as world:
        inside = entered(world, "/quick/manifest.mpd")
        assert world.send(inside).status == 200
        agents = [(("User-Agent", f"player/{number}"),) for number in range(MANY)]
        slow = [entered(world, "/slow/manifest.mpd", headers=agent) for agent in agents]

        async def all_at_once():
            asking = [asyncio.create_task(world._send(call)) for call in slow]
            await asyncio.to_thread(waits.acquire, timeout=PATIENCE)
            try:
                quick = await asyncio.wait_for(world._send(inside), PATIENCE)
                assert not any(task.done() for task in asking)
            finally:
                opened.set()
            return quick, await asyncio.gather(*asking)

        quick, answers = world.run(all_at_once())
    store.close()
    assert quick.status == 200
    assert {answer.status for answer in answers} == {200}


def test_the_context_of_a_task_is_there_in_the_thread():
    name: ContextVar[str] = ContextVar("name")

    async def ask():
        name.set("this task's")
        thread = await HOOKS.call(lambda: threading.current_thread().name)
        return await STORES.call(name.get), thread

    value, thread = asyncio.run(ask())
    assert value == "this task's"
    assert thread.startswith("sessionware hook")


def test_after_a_fork_there_are_new_threads(monkeypatch):
    threads = Threads("some", 1)
    before = asyncio.run(threads.call(threading.get_ident))
    assert asyncio.run(threads.call(threading.get_ident)) == before
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert asyncio.run(threads.call(threading.get_ident)) != before
