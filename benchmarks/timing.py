"""The one way of timing: many short repeats, candidates in turn, the shortest counts.

Other work on a machine can only add time, so the minimum is what the code costs. What a repeat
needs is made before its clock starts. The garbage collector stays on, as in production.
"""

from collections.abc import Callable, Mapping
from time import perf_counter

CALLS = 100
"""Calls in one repeat."""

Prepare = Callable[[], Callable[[], object]]
"""Makes what ``CALLS`` calls need, and gives what makes them."""


def best(candidates: Mapping[str, Prepare], rounds: int, calls: int = CALLS) -> dict[str, float]:
    """Give the microseconds of one call of each candidate."""
    shortest = dict.fromkeys(candidates, float("inf"))
    for number in range(rounds + 1):
        for name, prepare in candidates.items():
            run = prepare()
            started = perf_counter()
            run()
            took = perf_counter() - started
            if number:  # the first is to warm up
                shortest[name] = min(shortest[name], took)
    return {name: took / calls * 1e6 for name, took in shortest.items()}


def once(call: Callable[[], object]) -> Prepare:
    """Time a call that needs nothing made before; use it with ``calls=1``."""
    return lambda: call
