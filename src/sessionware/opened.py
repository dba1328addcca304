"""Connections that are no requests: what ``open()`` begins, keeps and ends (SPEC 4, 8; seed 000).

An input that a process pulls, an output that it pushes, a viewer by WebRTC: whoever holds it says
so. Generators, as in ``flow``.
"""

from __future__ import annotations

import itertools
import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.arguments import check_kind, check_maybe_empty, check_texts
from sessionware.carrier import Carried
from sessionware.checks_answers import is_whole
from sessionware.errors import RefusedError, StoreError
from sessionware.reach import in_order, know_store, note_failure
from sessionware.request import Kind, Request, parse_ip
from sessionware.rules import Place
from sessionware.session import Cause, Session
from sessionware.store import (
    Bar,
    Begin,
    End,
    Ended,
    Finish,
    Full,
    Living,
    Merge,
    Outside,
    Touch,
)
from sessionware.token import of_process
from sessionware.told import announced, tell_all
from sessionware.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.questions import Question
    from sessionware.rules import Rules
    from sessionware.token import Token

_NUMBERS = itertools.count(1)

_MANY = 2**53
_NO_VERDICT = frozenset({Cause.EXPIRED, Cause.CLOSED})
"""Causes of an end that say nothing against a connection which is still there."""


class Opened:
    """One connection, from when it is opened until it is closed."""

    def __init__(
        self,
        rules: Rules,
        kind: Kind,
        stream: str,
        protocol: str,
        ip: str,
        token: str | None,
        user: str | None,
    ) -> None:
        check_kind(kind)
        check_texts(stream=stream, protocol=protocol, token=token, user=user)
        check_maybe_empty(ip=ip)
        address = parse_ip(ip) if ip else None
        if ip and address is None:
            raise ValueError(f"ip={ip!r}: is no address")
        self._rules = rules
        self._token = _token(rules, token)
        request = Request("", "", "", {}, str(address or ""), "", "", "", "")
        place = Place("", "", stream, protocol, manifest=False, link_path="")
        carried = Carried("", "", self._token, None, None)
        clock = rules.settings.clock
        self._visit = Visit(rules, request, place, carried, kind, stream, clock(), False, user)
        self._stored = bool(rules.parts[kind])
        self._key = b""
        self._closed = False

    def begin(self) -> Generator[Question, Any, Session]:
        """Begin the session, or join one that is the same.

        RefusedError: it was stopped or denied. StoreError: the store fails, or is full.
        """
        rules, token = self._rules, self._token
        self._visit = visit = self._visit.at(rules.settings.clock())
        if not self._stored:
            return visit.stand_in(visit.key(token), token)
        yield from know_store(rules)
        self._key = visit.key(token)
        begun = yield from self._begun(visit)
        if isinstance(begun, Bar):
            raise _refused(begun)
        if isinstance(begun, Full):
            raise StoreError("the session can't be opened: there is no room for another one now")
        rules.held.take(self._key)
        return Session.of(begun)

    def touch(
        self, session: Session, bytes_up: int, bytes_down: int
    ) -> Generator[Question, Any, bool]:
        """Say that the connection is there, and what passed; False: its session is over.

        One that has only expired, or that the store lost, begins anew.
        """
        if not self._stored:
            return True
        if self._closed:
            return False
        for name, number in (("bytes_up", bytes_up), ("bytes_down", bytes_down)):
            if not is_whole(number, 0, _MANY):
                raise ValueError(f"{name}={number!r}: is no number of bytes")
        now = self._rules.settings.clock()
        visit = self._visit.at(now)
        if visit.denied(self._token) is not None:
            return False
        touch = Touch(self._key, visit.mark(self._token), now, playing=True)
        found = yield from in_order(visit, self._token, touch)
        if found is None or (isinstance(found, Ended) and found.cause in _NO_VERDICT):
            found = yield from self._begun(visit)  # the connection is there, whatever was forgotten
        elif isinstance(found, Living):
            yield from announced(found, now)
        if isinstance(found, Outside):
            found = found.living
        if not isinstance(found, Living):
            return False
        if changes := session.changes():
            yield Merge(self._key, now, changes)
        if bytes_up or bytes_down:
            yield Finish(self._key, now, bytes_down, bytes_up)
            found.bytes_up += bytes_up
            found.bytes_down += bytes_down
        session.move_on(found)
        return True

    def end(self) -> Generator[Question, Any, None]:
        """End the session, unless it is held elsewhere in this process.

        A store that fails is told of, and no reason to disturb who closes a connection: the session
        expires.
        """
        self._closed = True
        if not self._stored or not self._rules.held.give(self._key):
            return
        now = self._rules.settings.clock()
        try:
            yield End(self._key, now, Cause.CLOSED)
            yield from tell_all(self._rules.settings)
        except StoreError as error:
            yield from note_failure(self._rules, now, error)

    def _begun(self, visit: Visit) -> Generator[Question, Any, Living | Bar | Full]:
        """Begin the session in the store, or join it there."""
        opening = replace(
            visit.opening(self._token, cookie=False),
            playing=True,
            announced=True,
            client=b"",
            places=(),
        )
        denied = visit.denied(self._token)
        if denied is not None:
            return denied
        begun = yield from in_order(visit, self._token, Begin(self._key, visit.now, opening))
        if isinstance(begun, Outside):  # a viewer by HTTP, too, who has lost a place
            begun = begun.living
        if isinstance(begun, Living):
            yield from announced(begun, visit.now)
        found: Living | Bar | Full = begun
        return found


def keep(rules: Rules, now: float) -> Generator[Question, Any, None]:
    """Say of all that this process holds open that they are there."""
    for key in rules.held.all():
        yield Finish(key, now)


def _token(rules: Rules, text: str | None) -> Token:
    """Give the token of a connection: the one it came with, else host, pid and a number."""
    if text is None:
        return of_process(f"{socket.gethostname()} {os.getpid()} {next(_NUMBERS)}")
    named = rules.carriers.named(text)
    if not named:
        raise ValueError("token=...: is no token, by its letters or its length")
    return named[0]


def _refused(bar: Bar) -> RefusedError:
    what = "stopped" if bar.cause is Cause.STOPPED else "denied"
    return RefusedError(bar.reason or f"the session was {what}; that holds for some time")
