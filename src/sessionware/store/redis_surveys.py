"""Commands about many sessions, or about the store itself, as the Redis store asks them.

Where there are several partitions, all are asked in one pipeline, and their numbers are added: they
are those of no one instant.
"""

from __future__ import annotations

import math
import secrets
from typing import TYPE_CHECKING, Any

from sessionware.errors import StoreError
from sessionware.identity import milliseconds
from sessionware.store.redis_records import (
    KINDS,
    bound,
    code,
    counts_of,
    denial_of,
    denial_text,
    living_of,
    text_of,
    told_of,
    whom,
)
from sessionware.store.redis_scripts import FORMAT, OLDEST
from sessionware.store.surveys import (
    Allow,
    Claim,
    Count,
    Counts,
    Invalidate,
    Listing,
    Meta,
    MetaInfo,
    Order,
    Postpone,
    Streams,
    Sweep,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionware.store.records import Living
    from sessionware.store.redis_calls import Call, Caller, Plan

CHUNK = 500
"""So many sessions are looked at by one script, then others get their turn."""

SWEPT = 100
"""So many are ended by one script: that takes longer, about 50 us for each."""


STREAMS_AT_ONCE = 100


class Surveys:
    """Makes plans for these commands."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._first = secrets.randbelow(caller.partitions)

    def plans(self) -> dict[type, Callable[[Any], Plan]]:
        """Give who makes a plan for which command."""
        return {
            Listing: self._listing,
            Count: self._count,
            Streams: self._streams,
            Sweep: self._sweep,
            Claim: self._claim,
            Invalidate: self._invalidate,
            Order: self._order,
            Allow: self._allow,
            Postpone: self._postpone,
            Meta: self._meta,
        }

    # --- numbers, and lists ------------------------------------------------------------------

    def _listing(self, command: Listing) -> Plan:
        ms, key = command.after or (-math.inf, b"")
        optional = (command.stream, command.user, command.ip, command.tag)
        some = sum(1 << bit for bit, text in enumerate(optional) if text is not None)
        some += 16 * (command.holder is not None)
        what = code(KINDS, command.kind), command.pending, command.below, some
        texts = [bound(text or "") for text in optional]
        behind = dict.fromkeys(range(self._caller.partitions), (float(ms), key))
        given: dict[int, list[Any]] = {partition: [] for partition in behind}
        while behind:
            replies = yield [
                self._caller.call(
                    "listing",
                    partition,
                    command.now,
                    last,
                    *texts,
                    command.holder or b"",
                    form="dddBBBB",
                    numbers=(after, command.limit - len(given[partition]), CHUNK, *what),
                )
                for partition, (after, last) in behind.items()
            ]
            for partition, (done, page, *place) in zip(tuple(behind), replies, strict=True):
                given[partition] += page
                if done or len(given[partition]) >= command.limit:
                    del behind[partition]
                else:
                    behind[partition] = float(place[0]), place[1]
        found = [living_of(kept) for page in given.values() for kept in page]
        return tuple(sorted(found, key=_place)[: command.limit])

    def _count(self, command: Count) -> Plan:
        stream, protocol = command.stream, command.protocol
        about = (code(KINDS, command.kind), stream is not None, protocol is not None)
        calls = self._caller.everywhere(
            "count", command.now, bound(stream or ""), bound(protocol or ""),
            form="BBB", numbers=about,
        )  # fmt: skip
        replies = yield from _swept(calls)
        return sum(map(counts_of, replies), Counts())

    def _streams(self, command: Streams) -> Plan:
        named = yield from _swept(self._caller.everywhere("streams", command.now))
        streams: dict[str, Counts] = {}
        for partition, names in enumerate(named):
            for first in range(0, len(names), STREAMS_AT_ONCE):
                some = names[first : first + STREAMS_AT_ONCE]
                call = self._caller.call("stream_counts", partition, command.now, *some)
                (numbers,) = yield [call]
                for kept, counts in zip(some, numbers, strict=True):
                    if counts:
                        name = text_of(kept)
                        streams[name] = streams.get(name, Counts()) + counts_of(counts)
        return streams

    # --- what is due -------------------------------------------------------------------------

    def _sweep(self, command: Sweep) -> Plan:
        ended = 0
        for partition in self._in_turn():
            denials, more = partition == 0, 1
            while more and ended < command.limit:
                limit = min(SWEPT, command.limit - ended)
                numbers = limit, denials
                ((number, more),) = yield [
                    self._caller.call("sweep", partition, command.now, form="dB", numbers=numbers)
                ]
                ended, denials = ended + number, False
        return ended

    def _claim(self, command: Claim) -> Plan:
        # First a fair share of each, so that most claims are one pipeline; then what is left.
        partitions = tuple(self._in_turn())
        share, given = command.limit // len(partitions), []
        if share:
            calls = [self._claims(command, partition, share) for partition in partitions]
            replies = yield from _swept(calls)
            given = [kept for reply in replies for kept in reply]
            full = zip(partitions, replies, strict=True)
            partitions = tuple(partition for partition, reply in full if len(reply) == share)
        for partition in partitions:
            left = command.limit - len(given)
            if left or partition == 0:  # that one also notes that somebody is alive
                (reply,) = yield from _swept([self._claims(command, partition, left)])
                given += reply
        return tuple(map(told_of, given))

    def _claims(self, command: Claim, partition: int, limit: int) -> Call:
        numbers = limit, SWEPT
        return self._caller.call("claim", partition, command.now, form="dd", numbers=numbers)

    def _in_turn(self) -> list[int]:
        """Give all partitions, each time beginning with another one."""
        number = self._caller.partitions
        self._first = (self._first + 1) % number
        return [(self._first + each) % number for each in range(number)]

    # --- orders ------------------------------------------------------------------------------

    def _invalidate(self, command: Invalidate) -> Plan:
        words = command.key or b"", bound(command.stream or "")
        by_stream, marked = command.stream is not None, 0
        behind = dict.fromkeys(range(self._caller.partitions), (-math.inf, b""))
        while behind:
            replies = yield [
                self._caller.call(
                    "invalidate", partition, command.now, last, *words,
                    form="ddB", numbers=(after, CHUNK, by_stream),
                )
                for partition, (after, last) in behind.items()
            ]  # fmt: skip
            for partition, (number, *place) in zip(tuple(behind), replies, strict=True):
                marked += number
                if place:
                    behind[partition] = float(place[0]), place[1]
                else:
                    del behind[partition]
        return marked

    def _order(self, command: Order) -> Plan:
        denial, now = command.denial, command.now
        words = whom(denial), denial_text(denial)
        call = self._caller.call("order", 0, now, *words, form="d", numbers=(denial.until,))
        (version,) = yield [call]
        yield from self._tell_version(version)
        return version

    def _allow(self, command: Allow) -> Plan:
        (version,) = yield [self._caller.call("allow", 0, command.now, whom(command.denial))]
        yield from self._tell_version(version)
        return version

    def _tell_version(self, version: int) -> Plan:
        """Let all partitions know which orders hold: each is asked by the touches of its own."""
        if self._caller.partitions > 1:
            calls = self._caller.everywhere("version", 0.0, form="d", numbers=(version,))
            yield calls[1:]

    # --- the whole ---------------------------------------------------------------------------

    def _postpone(self, command: Postpone) -> Plan:
        about = command.since, command.most
        calls = self._caller.everywhere("postpone", command.now, form="dd", numbers=about)
        gaps = yield calls
        return max(map(float, gaps))

    def _meta(self, _: Meta) -> Plan:
        made = b"%d" % FORMAT, secrets.token_bytes(32)
        (reply,) = yield [self._caller.call("meta", 0, 0.0, *made)]
        version, idkey, orders, heartbeat, denials = reply
        if not FORMAT >= int(version) >= OLDEST:
            raise StoreError(
                f"the Redis store is in format {int(version)}, and this sessionware knows"
                f" {OLDEST} to {FORMAT}; update what is older, or use another prefix"
            )
        yield from self._tell_version(int(orders))  # one may have missed it
        return MetaInfo(idkey, int(orders), tuple(map(denial_of, denials)), float(heartbeat))


def _swept(calls: list[Call]) -> Plan:
    """Ask those again that have more to sweep first."""
    replies: list[Any] = [0] * len(calls)
    while left := [number for number, reply in enumerate(replies) if reply == 0]:
        for number, reply in zip(left, (yield [calls[number] for number in left]), strict=True):
            replies[number] = reply
    return replies


def _place(session: Living) -> tuple[int, bytes]:
    return milliseconds(session.started), session.key
