"""Reaching the store: what a worker must know of it, and what it does while it can't be reached.

Generators, as in ``flow``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.errors import StoreError
from sessionware.events import StoreFailed, StoreRecovered
from sessionware.option_groups import seconds
from sessionware.outcome import RETRY_AFTER, Refuse
from sessionware.questions import Emit
from sessionware.store import Changed, Meta, MetaInfo, Postpone

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.rules import Rules
    from sessionware.store import Begin, Command, Enter, Get, Touch
    from sessionware.token import Token
    from sessionware.visit import Visit

RELEARNED = 8
"""So often in one request other orders are learned; they hardly change as fast as that."""

_LOOKS = 5.0
"""Seconds between looks at a store that fails, where nobody sweeps: what traffic there may be."""

_BEATS = 3
"""A heartbeat that is so many sweeps old says that no worker was there."""


def know_store(rules: Rules) -> Generator[Question, Any, None]:
    """Learn the store's key and orders, once."""
    if rules.idkey is None:
        meta = yield from learn_orders(rules)
        rules.idkey = meta.idkey
        rules.heartbeat = meta.heartbeat


def make_good(rules: Rules, now: float) -> Generator[Question, Any, None]:
    """Take the time in which nobody could ask for no silence of the viewers (SPEC 6).

    Because this worker has seen the store fail, or because none was there when it came.
    """
    every = seconds(rules.settings.sweep_every)
    beat, rules.heartbeat = rules.heartbeat, 0.0
    if beat and now - beat > _BEATS * every > 0:
        yield from _postpone(rules, beat, now, now)
    outage = rules.outage
    if outage.since is not None:  # since it was last seen to fail there may have been no traffic
        seen_until = outage.last + _BEATS * max(every, _LOOKS)
        yield from _postpone(rules, outage.since, min(now, seen_until), now)


def recovered(rules: Rules, now: float) -> Generator[Question, Any, None]:
    """Note that the store has answered, and tell of it if it did not before."""
    since = rules.outage.since
    if since is not None:
        rules.outage.over()
        yield Emit(StoreRecovered(at=now, outage=now - since))


def learn_orders(rules: Rules) -> Generator[Question, Any, MetaInfo]:
    """Ask the store which orders hold, and whether it still is the same store."""
    meta: MetaInfo = yield Meta()
    rules.orders.learn(meta)
    if rules.idkey not in {None, meta.idkey}:  # it was emptied: every key is another one now
        rules.idkey = meta.idkey
        rules.known.clear()
    return meta


def store_key(visit: Visit) -> Generator[Question, Any, bytes]:
    """Give the store's key, or while it is out of reach the worker's own."""
    try:
        yield from know_store(visit.rules)
    except StoreError as error:
        yield from store_failed(visit, error)
    return visit.rules.names_key


def store_failed(visit: Visit, error: StoreError) -> Generator[Question, Any, Refuse | None]:
    """Tell of it, and give the refusal if there shall be one (``on_store_error``)."""
    yield from note_failure(visit.rules, visit.now, error)
    if visit.rules.settings.on_store_error == "serve":
        return None
    detail = "The session store doesn't answer now."
    return Refuse(503, "Service Unavailable", detail, RETRY_AFTER)


def note_failure(rules: Rules, now: float, error: StoreError) -> Generator[Question, Any, None]:
    """Note since when the store fails, and tell of it."""
    rules.outage.failed(now)
    yield Emit(StoreFailed(at=now, reason=str(error)))


def attempt(rules: Rules, command: Command[Any]) -> Generator[Question, Any, Any]:
    """Ask the store where its failure must not stop what goes on; None: it failed."""
    try:
        return (yield command)
    except StoreError as error:
        yield from note_failure(rules, rules.settings.clock(), error)
        return None


def in_order(
    visit: Visit, token: Token | None, command: Touch | Get | Begin | Enter
) -> Generator[Question, Any, Any]:
    """Send a command under the orders that hold; gives the bar where they keep somebody out."""
    orders = visit.rules.orders
    for _ in range(RELEARNED):
        answer = yield replace(command, orders=orders.version)
        if not isinstance(answer, Changed):
            return answer
        yield from learn_orders(visit.rules)
        denied = visit.denied(token)
        if denied is not None:
            return denied
    return (yield replace(command, orders=None))


def _postpone(
    rules: Rules, since: float, until: float, now: float
) -> Generator[Question, Any, None]:
    if until - since > seconds(rules.settings.watching_window):
        window = rules.revive_window
        gap = until - since
        yield Postpone(now, since, gap if window is None else min(gap, window))
