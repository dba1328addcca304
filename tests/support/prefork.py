"""A small prefork server: its workers ask whether what is split may be, and say what they heard.

``python -m support.prefork fork|spawn|alone`` does what each line of its input says: ``start``
starts a worker, ``again`` lets the oldest ask again, ``kill`` ends it. After each it prints
``allowed``, ``refused`` or ``killed``. ``alone``: the program itself is the only worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from typing import TYPE_CHECKING

from sessionware import ConfigurationError, split

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


def ask() -> str:
    try:
        split.guard(multiprocess=False, memory=True, random_secret=False)
    except ConfigurationError:
        return "refused"
    return "allowed"


def work(answers: Connection) -> None:
    answers.send(ask())
    while answers.recv():  # until it is killed
        answers.send(ask())


def start(method: str) -> tuple[int, Connection]:
    ours, theirs = multiprocessing.Pipe()
    if method == "spawn":
        process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs,))
        process.daemon = True
        process.start()
        return process.pid or 0, ours
    pid = os.fork()
    if not pid:
        ours.close()
        try:
            work(theirs)
        finally:
            os._exit(0)
    return pid, ours


def main(method: str) -> None:
    workers: list[tuple[int, Connection]] = []
    for line in sys.stdin:
        if line == "start\n":
            if method == "alone":
                answer = ask()
            else:
                workers.append(start(method))
                answer = workers[-1][1].recv()
        elif line == "again\n":
            workers[0][1].send(True)
            answer = workers[0][1].recv()
        else:
            pid, _ = workers.pop(0)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            answer = "killed"
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    for pid, _ in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main(sys.argv[1])
