"""Sessions spread over the partitions of a cluster: what more is to be asked than one script.

The places of a scope, what a client began, and a bar whose mark is not of its session's token lie
in slots of their own. So what is one script elsewhere are several here, in an order that leaves no
limit exceeded, whatever happens in between: first the gates, then the session; and who finds out
that it can't begin gives back what it has got.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessionware.limits import NO_SWAP
from sessionware.store.commands import (
    Begin,
    Decline,
    End,
    Enter,
    Finish,
    Get,
    Learn,
    Leave,
    Touch,
    Withdraw,
)
from sessionware.store.records import Crowded
from sessionware.store.redis_dialect import (
    ASKED,
    CROWDED,
    LIVING,
    NOBODY,
    OVER,
    RENEW,
    One,
    Words,
    answer_of,
    begin,
    decline,
    end,
    enter,
    finish,
    get,
    learn,
    touch,
)
from sessionware.store.redis_gates import Gates, Seated, Taken, seated_of, sort_of
from sessionware.store.redis_records import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionware.store.redis_calls import Call, Caller, Plan


class Spread(One):
    """Makes plans where there are several partitions."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        self._gates = Gates(caller)

    def plans(self) -> dict[type, Callable[[Any], Plan]]:
        """Give who makes a plan for which command."""
        return super().plans() | {
            Touch: self._touch,
            Enter: self._enter,
            Begin: self._begin,
            Decline: self._decline,
            Learn: self._learn,
            Leave: self._left,
            Withdraw: self._left,
            Finish: self._finish,
            End: self._end,
            Get: self._get,
        }

    # --- bars in other partitions ------------------------------------------------------------

    def _barred(self, command: Any, marks: Iterable[bytes]) -> list[Call]:
        """Ask for bars over those of some marks that lie in other partitions than the key."""
        own = self.caller.of(command.key)
        orders = -1 if command.orders is None else command.orders
        others: dict[int, list[bytes]] = {}
        for mark in marks:
            if self.caller.of(mark) != own:
                others.setdefault(self.caller.of(mark), []).append(mark)
        return [
            self.caller.call("barred", partition, command.now, *names, form="d", numbers=(orders,))
            for partition, names in others.items()
        ]

    def _over_mark(self, command: Any, mark: bytes) -> Plan:
        """Give the bar over a session's own mark, if that lies in another partition."""
        calls = self._barred(command, (mark,))
        if not calls:
            return None
        (bar,) = yield calls
        return None if bar == NOBODY else bar

    # --- requests ----------------------------------------------------------------------------

    def _touch(self, command: Touch) -> Plan:
        bar = yield from self._over_mark(command, command.mark)
        if bar is not None:
            return answer_of(bar)
        bars = self._barred(command, command.above)
        reply, *found = yield [self.say(command, touch(command)), *bars]
        kind = sort_of(reply)
        if kind == RENEW:
            kept = yield from self._gates.renew(seated_of(reply), command.now)
            if kept:
                (reply,) = yield [self.say(command, touch(command, renewed=True))]
        elif kind in {NOBODY, OVER, ASKED}:
            above = next((bar for bar in found if bar != NOBODY), None)
            if above is not None:
                if command.lease and kind != ASKED:  # nobody shall wait for a lease of no use
                    yield [self.say(command, decline(Decline(command.key, command.mark, 0.0)))]
                return answer_of(above)
        return answer_of(reply)

    def _get(self, command: Get) -> Plan:
        if command.mark is not None:
            bar = yield from self._over_mark(command, command.mark)
            if bar is not None:
                return answer_of(bar)
        bars = self._barred(command, command.above if command.mark is not None else ())
        reply, *found = yield [self.say(command, get(command)), *bars]
        above = next((bar for bar in found if bar != NOBODY), None)
        nobody = sort_of(reply) in {NOBODY, OVER}
        return answer_of(above if nobody and above is not None else reply)

    def _enter(self, command: Enter) -> Plan:
        bar = yield from self._over_mark(command, command.mark)
        known = -1 if command.orders is None else command.orders
        peek = Words("peek", "dB", (known, command.confirmed), (command.mark,))
        (reply,) = yield [self.say(command, peek)]
        if bar is not None and sort_of(reply) in {NOBODY, LIVING}:
            return answer_of(bar)
        if sort_of(reply) != LIVING:
            return answer_of(reply)
        seated = seated_of(reply)
        taken = yield from self._gates.take(seated, command.now)
        if taken.crowded is not None:
            return Crowded(taken.crowded)
        swap = taken.swap
        words = enter(command, granted=True, partner=swap.partner, swap=swap[1:])
        (reply,) = yield [self.say(command, words)]
        if sort_of(reply) != LIVING:
            yield from self._gates.leave(seated, taken.places)
        return answer_of(reply)

    def _begin(self, command: Begin) -> Plan:
        opening, now = command.opening, command.now
        bar = yield from self._over_mark(command, opening.mark)
        if bar is not None:
            yield [self.say(command, decline(Decline(command.key, opening.mark, now)))]
            return answer_of(bar)
        opened = self._opened(command)
        bars = self._barred(command, opening.above)
        if not bars and not opening.places:
            reply, *said = yield [self.say(command, begin(command, granted=1)), *opened]
            return (yield from self._begun(command, reply, said, Taken()))
        # Who joins, is kept out or finds the store full must harm nobody: that is asked first, and
        # meanwhile those places are taken that are free.
        seated = _newcomer(command)
        calls = [self.say(command, begin(command, granted=2)), *bars, *opened]
        reply, *said = yield [*calls, *self._gates.asked(seated, now)]
        found, last = said[: len(bars)], said[len(bars) : len(bars) + len(opened)]
        gates = said[len(bars) + len(opened) :]
        above = next((bar for bar in found if bar != NOBODY), None)
        if sort_of(reply) != CROWDED or above is not None:
            got = Taken(self._gates.got(seated, gates))
            kept_out = reply if sort_of(reply) != CROWDED else above
            return (yield from self._begun(command, kept_out, last, got))
        dropped = yield from self._supersede(command, last)
        taken = yield from self._gates.take(seated, now, gates, again=dropped)
        if taken.crowded is not None:
            yield from self._reopened(command, last)
            return Crowded(taken.crowded)
        (reply,) = yield [self.say(command, begin(command, granted=1, swap=taken.swap))]
        return (yield from self._begun(command, reply, None if dropped else last, taken))

    def _begun(self, command: Begin, reply: Any, last: list[Any] | None, taken: Taken) -> Plan:
        """Give the answer; who did not begin gives back what it has got."""
        answer = answer_of(reply)
        if getattr(answer, "new", False):
            yield from self._supersede(command, last)
        else:
            yield from self._gates.leave(_newcomer(command), taken.places)
            yield from self._reopened(command, last)
        return answer

    # --- clients -----------------------------------------------------------------------------

    def _opened(self, command: Begin) -> list[Call]:
        """Note what a client begins; the reply tells what it began a moment ago."""
        client = command.opening.client
        if not client:
            return []
        holder, at = command.opening.holder, self.caller.of(client)
        return [self.caller.call("opened", at, command.now, client, command.key, holder)]

    def _supersede(self, command: Begin, last: list[Any] | None) -> Plan:
        """Set aside what a client began a moment ago, if it should have asked again."""
        if not last or not last[0][0]:
            return False
        other = last[0][0]
        (reply,) = yield [self.caller.call("supersede", self.caller.of(other), command.now, other)]
        if sort_of(reply) != LIVING:
            return False
        yield from self._gates.leave(seated_of(reply))
        return True

    def _reopened(self, command: Begin, last: list[Any] | None) -> Plan:
        """Know again what a client began before."""
        if last:
            client = command.opening.client
            words = client, last[0][1]
            yield [self.caller.call("reopened", self.caller.of(client), command.now, *words)]

    # --- what becomes of one session ---------------------------------------------------------

    def _decline(self, command: Decline) -> Plan:
        partition = self.caller.of(command.mark)
        if command.bar is None or partition == self.caller.of(command.key):
            yield [self.say(command, decline(command))]
            return
        bar = self._bar(command)
        yield [bar, self.say(command, decline(replace(command, bar=None)))]

    def _bar(self, command: Decline) -> Call:
        words = decline(command, "bar")
        partition = self.caller.of(command.mark)
        return self.caller.call(
            "bar", partition, command.now, command.key, *words.arguments,
            form=words.form, numbers=words.numbers,
        )  # fmt: skip

    def _end(self, command: End) -> Plan:
        (reply,) = yield [self.say(command, end(command, self.caller.partitions))]
        if sort_of(reply) != LIVING:
            return answer_of(reply)
        answer, mark, bar = answer_of(reply), mark_of(reply[3]), command.bar
        if bar is not None and self.caller.of(mark) != self.caller.of(command.key):
            put = Decline(command.key, mark, command.now, bar, answer.stream)
            yield [self._bar(put)]
        yield from self._gates.leave(seated_of(reply))
        return answer

    def _left(self, command: Leave | Withdraw) -> Plan:
        name = "leave" if isinstance(command, Leave) else "withdraw"
        (reply,) = yield [self.say(command, Words(name))]
        if sort_of(reply) == LIVING:
            yield from self._gates.leave(seated_of(reply))
        return self.answer(command, reply)

    def _learn(self, command: Learn) -> Plan:
        (reply,) = yield [self.say(command, learn(command))]
        if sort_of(reply) == LIVING and command.presentation is not None:
            yield from self._gates.move(seated_of(reply), command.now)
        return answer_of(reply)

    def _finish(self, command: Finish) -> Plan:
        (reply,) = yield [self.say(command, finish(command))]
        if sort_of(reply) == RENEW:
            kept = yield from self._gates.renew(seated_of(reply), command.now)
            if kept:
                again = finish(Finish(command.key, command.now), renewed=True)
                yield [self.say(command, again)]
        return reply != 0


def _newcomer(command: Begin) -> Seated:
    opening, now = command.opening, command.now
    expires = math.ceil(min(opening.deadline, max(now + opening.timeout, opening.until)))
    return Seated(command.key, opening.holder, now, now, expires, now, opening.places, NO_SWAP)
