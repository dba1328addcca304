"""What the store is told of a request while its answer goes out, and at its end.

Generators, as in ``flow``. Where the store fails the answer goes out all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionware.admission import decline, no_place, unknown
from sessionware.asking import FULL, enter
from sessionware.errors import StoreError
from sessionware.evidence import refusal_of
from sessionware.outcome import Refuse
from sessionware.reach import attempt, in_order, note_failure
from sessionware.request import Kind
from sessionware.session import State
from sessionware.store import (
    Announce,
    Bar,
    Crowded,
    Finish,
    Full,
    Learn,
    Living,
    Merge,
    Outside,
    Withdraw,
)
from sessionware.told import announced, refused

if TYPE_CHECKING:
    from collections.abc import Generator

    from sessionware.manifest.learned import Learned
    from sessionware.outcome import Serve
    from sessionware.questions import Question
    from sessionware.request import Request
    from sessionware.rules import Rules

BAD = 400
"""From this status on the app has not served what was asked for."""


class Settling:
    """The store's part in one answer."""

    def __init__(self, rules: Rules, request: Request, plan: Serve) -> None:
        self._rules = rules
        self._request = request
        self._plan = plan
        self._told = False  # whether a first request that was answered well was told of
        self._finished = False
        self._has_learned = False  # so that nothing is left to say of its places

    def begin(self) -> Generator[Question, Any, Refuse | None]:
        """Begin a session with its answer; gives a refusal where it can't."""
        plan, session = self._plan, self._plan.session
        beginning, plan.beginning = plan.beginning, None
        if beginning is None or session is None:
            return None
        visit, token, command = beginning
        try:
            begun = yield from in_order(visit, token, command)
            if isinstance(begun, Outside):  # another request began it, and it is outside again
                begun = (yield from enter(visit, token, begun)) or unknown()
        except StoreError as error:
            yield from note_failure(self._rules, self._now(), error)
            session.stored = False
            return None
        if isinstance(begun, Living):
            yield from self._tell(begun)
            return None
        refusal = begun if isinstance(begun, Refuse) else self._refusal(begun)
        yield from refused(visit, refusal)
        return refusal

    def give_up(self) -> Generator[Question, Any, None]:
        """Give up what should begin, or be handed out, with a manifest: there is none."""
        plan = self._plan
        beginning, plan.beginning = plan.beginning, None
        if plan.session is not None and beginning is not None:
            plan.session.stored = False
            if beginning.visit.lease:  # so that the next one need not wait
                yield from decline(beginning.visit, beginning.token)
        if plan.handing:
            plan.cookie = plan.carriage = None

    def learn(self, learned: Learned | None) -> Generator[Question, Any, None]:
        """Tell the store what a session turns out to play."""
        session = self._plan.session
        if session is None or self._request.method == "HEAD":
            return
        command = self._rules.news(session, self._request.path, learned)
        self._has_learned = True
        if command is None:
            return
        if isinstance(command, Learn):
            session.state = State.LIVE
            if command.presentation is not None:
                session.presentation, session.duration = command.presentation, command.duration
        known = yield from attempt(self._rules, command)
        if isinstance(known, Living):
            yield from self._tell(known)

    def save(self, status: int, *, last: bool) -> Generator[Question, Any, None]:
        """Save what the app changed; undo the beginning of a session that got no answer.

        Changes are saved before any byte that was made after them, and so before the last one.
        """
        session = self._plan.session
        if session is None or not session.stored:
            return
        if session.new and status >= BAD:
            if last:
                session.stored = False
                yield from attempt(self._rules, Withdraw(session.key, self._now()))
            return
        if changes := session.changes():
            yield from attempt(self._rules, Merge(session.key, self._now(), changes))
        if last:
            yield from self._leave()
            yield from self._announce()
            yield from self.finish()

    def finish(self) -> Generator[Question, Any, None]:
        """Say, once, that the answer has gone out, and how many bytes there were."""
        session, traffic = self._plan.session, self._plan.traffic
        if traffic is None or session is None or not session.stored or self._finished:
            return
        self._finished = True
        down, up = (0, 0) if self._plan.manifest else (traffic.down, traffic.up)
        yield from attempt(self._rules, Finish(session.key, self._now(), down, up))

    def _leave(self) -> Generator[Question, Any, None]:
        """Let a session that still is pending give its places back (SPEC 6)."""
        session = self._plan.session
        if session is None or self._has_learned:
            return
        command = self._rules.news(session, self._request.path, None)
        if command is not None:
            yield from attempt(self._rules, command)

    def _announce(self) -> Generator[Question, Any, None]:
        """Announce a session whose first good answer is enough: no viewer, or one that returns."""
        session = self._plan.session
        if session is None or self._told or not session.new:
            return
        self._told = True
        if session.kind in {Kind.INPUT, Kind.OUTPUT} or session.previous is not None:
            known = yield from attempt(self._rules, Announce(session.key, self._now()))
            if isinstance(known, Living):
                yield from self._tell(known)

    def _refusal(self, begun: Bar | Crowded | Full) -> Refuse:
        if isinstance(begun, Full):
            return FULL
        if isinstance(begun, Bar):
            return refusal_of(self._rules.settings, begun)
        return no_place(self._rules.settings, begun)

    def _tell(self, living: Living) -> Generator[Question, Any, None]:
        yield from announced(living, self._now())

    def _now(self) -> float:
        return self._rules.settings.clock()
