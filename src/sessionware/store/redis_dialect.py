"""What the Redis stores say to a server about one session, and how its replies are read: no I/O.

Both stores drive the same plans. Where all lies in one partition, each command is one script.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionware.identity import milliseconds
from sessionware.session import Presentation
from sessionware.store.commands import (
    Announce,
    Begin,
    Decline,
    End,
    Enter,
    Finish,
    Get,
    Learn,
    Leave,
    Merge,
    Note,
    Tag,
    Touch,
    Withdraw,
)
from sessionware.store.records import Asked, Changed, Crowded, Full, Outside
from sessionware.store.redis_records import (
    CAUSES,
    PRESENTATIONS,
    bar_of,
    bound,
    code,
    ended_of,
    joined,
    living_of,
    pairs,
    record_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.store.redis_calls import Call, Caller, Plan

NOBODY, LIVING, OUTSIDE, OVER, BARRED, ASKED, CROWDED, FULL, CHANGED, RENEW = range(10)
"""The sorts of replies, as in ``lua/bars.lua``."""

RENEWED = 2
"""Added to ``playing``: the gates have been told that the session keeps its places."""

NO_SWAP = (0, 0.0)


class Words(NamedTuple):
    """What a script is told: its name, numbers and how they are packed, and what comes next."""

    script: str
    form: str = ""
    numbers: tuple[Any, ...] = ()
    arguments: tuple[bytes, ...] = ()


def touch(command: Touch, *, renewed: bool = False) -> Words:
    """Say a touch."""
    numbers = (
        _known(command.orders),
        _after(command.renew_cookie_after),
        command.lease,
        command.playing + RENEWED * renewed,
        command.segments,
    )
    return Words("touch", "dddBB", numbers, (command.mark, *command.above))


def enter(
    command: Enter, *, granted: bool = False, partner: bytes = b"", swap: Any = NO_SWAP
) -> Words:
    """Say who wants to go on."""
    numbers = (
        _known(command.orders),
        _after(command.renew_cookie_after),
        command.playing,
        command.segments,
        command.confirmed,
        granted,
        *swap,
    )
    return Words("enter", "ddBBBBdd", numbers, (command.mark, pairs(command.data), partner))


def begin(command: Begin, *, granted: int = 0, client: bytes = b"", swap: Any = None) -> Words:
    """Say who begins."""
    arguments = (
        record_of(command, swap),
        pairs(command.data),
        client,
        b"%d" % milliseconds(command.now),
        *command.opening.above,
    )
    return Words("begin", "dB", (_known(command.orders), granted), arguments)


def decline(command: Decline, name: str = "decline") -> Words:
    """Say that nobody begins."""
    bar = command.bar
    numbers = (0.0, 0, 0) if bar is None else (bar.until, bar.status, code(CAUSES, bar.cause))
    reason = b"" if bar is None else bound(bar.reason)
    return Words(name, "ddB", numbers, (command.mark, reason, bound(command.stream)))


def learn(command: Learn) -> Words:
    """Say what is played."""
    presentation, duration = command.presentation, command.duration
    numbers = (
        code(PRESENTATIONS, presentation),
        presentation is Presentation.LIVE,
        command.returns,
        math.nan if duration is None else duration,
        command.timeout,
        command.until,
        command.window,
    )
    return Words("learn", "BBBdddd", numbers)


def finish(command: Finish, *, renewed: bool = False) -> Words:
    """Say that an answer has gone out."""
    return Words("finish", "ddB", (command.bytes_down, command.bytes_up, renewed))


def tag(command: Tag) -> Words:
    """Say which tags are put on, and which are taken off."""
    add, remove = (joined(map(bound, tags)) for tags in (command.add, command.remove))
    return Words("tag", arguments=(add, remove))


def end(command: End, partitions: int) -> Words:
    """Say that a session ends; a bar over a mark of another partition is not put by that."""
    bar, cause = command.bar, code(CAUSES, command.cause)
    own = partitions, command.key[0] % partitions
    if bar is None:
        return Words("end", "ddBBBB", (0.0, 0, cause, 0, *own), (b"",))
    numbers = bar.until, bar.status, cause, code(CAUSES, bar.cause), *own
    return Words("end", "ddBBBB", numbers, (bound(bar.reason),))


def get(command: Get) -> Words:
    """Say who is looked for."""
    return Words("get", "d", (_known(command.orders),), (command.mark or b"", *command.above))


WORDS: dict[type, Callable[[Any], Words]] = {
    Touch: touch,
    Enter: enter,
    Begin: lambda command: begin(command, client=command.opening.client),
    Decline: decline,
    Learn: learn,
    Leave: lambda _: Words("leave"),
    Announce: lambda _: Words("announce"),
    Finish: finish,
    Note: lambda command: Words("note", arguments=(joined(map(bound, command.also)),)),
    Merge: lambda command: Words("merge", arguments=(pairs(command.changes),)),
    Tag: tag,
    Withdraw: lambda _: Words("withdraw"),
    End: lambda command: end(command, 1),
    Get: get,
}

_ANSWERED: dict[type, Callable[[Any], Any]] = {
    Leave: lambda _: None,
    **dict.fromkeys((Finish, Note, Merge, Withdraw), lambda found: found is not None),
}


class One:
    """Makes the plan of one call for each command about one session."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def plans(self) -> dict[type, Callable[[Any], Plan]]:
        """Give who makes a plan for which command."""
        return dict.fromkeys(WORDS, self.one)

    def one(self, command: Any) -> Plan:
        """Ask one script."""
        (reply,) = yield [self.say(command, WORDS[type(command)](command))]
        return self.answer(command, reply)

    def say(self, command: Any, words: Words) -> Call:
        """Give the call that says it in the partition of the command's key."""
        key = command.key
        return self.caller.call(
            words.script,
            self.caller.of(key),
            command.now,
            key,
            *words.arguments,
            form=words.form,
            numbers=words.numbers,
        )

    def answer(self, command: Any, reply: Any) -> Any:
        """Give the answer to a command."""
        read = _ANSWERED.get(type(command))
        answer = answer_of(reply)
        return read(answer) if read else answer


def _known(orders: int | None) -> float:
    return -1 if orders is None else orders


def _after(seconds: float | None) -> float:
    return math.nan if seconds is None else seconds


# --- replies ---------------------------------------------------------------------------------


def answer_of(reply: Any) -> Any:
    """Give the answer that a script about one session gave."""
    if isinstance(reply, int):
        return _PLAIN[reply]
    kind, *said = reply
    return _READ[kind](*said)


_PLAIN = {NOBODY: None, LIVING: True, FULL: Full(), CHANGED: Changed()}
_READ: dict[int, Callable[..., Any]] = {
    LIVING: lambda said, *kept: living_of(kept, said),
    OUTSIDE: lambda said, *kept: Outside(living_of(kept), invalid=bool(said)),
    OVER: ended_of,
    BARRED: bar_of,
    ASKED: lambda until: Asked(float(until)),
    CROWDED: lambda name: Crowded(text_of(name)),
    RENEW: lambda said, *kept: Outside(living_of(kept)),  # noqa: ARG005 - as the others
}
