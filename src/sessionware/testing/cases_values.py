"""Values that are hard to keep: they come back as they were given, to the last bit."""
# ruff: noqa: D103 - the name of a case is the sentence that it checks

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sessionware.request import Kind
from sessionware.session import Cause, Presentation, State
from sessionware.store import (
    Allow,
    Bar,
    Count,
    Crowded,
    Denial,
    End,
    Ended,
    Learn,
    Listing,
    Living,
    Merge,
    Meta,
    Note,
    Order,
    Place,
    Streams,
    Tag,
    Touch,
)
from sessionware.testing.steps import (
    START,
    begin,
    begun,
    count,
    counts,
    equal,
    get,
    key,
    living,
    place,
    touch,
)

if TYPE_CHECKING:
    from sessionware.testing.steps import Steps

NAMES = (
    "",
    " ",
    "a",
    "A",
    "a ",
    "a%",
    "a_",
    "a*",
    "a'\"`;--",
    "a\\",
    "a\0b",
    "a\0c",
    "\n\r\t",
    "{a}:b",
    "null",
    "1",
    "01",
    "é",  # composed,
    "e\u0301",  # and not
    "日本語/番組",
    "\U0001f3ac\u200d\U0001f468",
    "\uffff\ufeff",
    "x" * 5000,
)

TEXTS = {
    "": '""',
    "a": "null",
    "zero": '"\\u0000"',
    "a\0b": "1",
    "naïve": '"日本語 \U0001f3ac"',
    "'\"": '{"\'":"\\""}',
    "number": "123456789012345678901234567890.5e3",
    "spaces": " [ 1 , 2 ] ",
    "large": '"' + "é" * 300_000 + '"',
}


def any_text_may_name_a_stream() -> Steps:
    for number, name in enumerate(NAMES):
        equal(living((yield begin(number, stream=name))).stream, name)
    for number, name in enumerate(NAMES):
        equal(living((yield get(number))).stream, name)
        equal((yield count(stream=name)), counts(1))
        listed = yield Listing(START, stream=name)
        equal(tuple(listed), (begun(number, stream=name),))
    equal(dict((yield Streams(START))), dict.fromkeys(NAMES, counts(1)))


def any_text_may_be_said_of_a_session() -> Steps:
    for number, text in enumerate(NAMES):
        said: dict[str, Any] = dict.fromkeys(
            ("ip", "protocol", "service", "params", "previous", "user"), text
        )
        yield begin(number, places=(place(9),), **said)
        equal((yield get(number)), begun(number, **said))
        for listed in ({"ip": text}, {"user": text or None}):
            equal([one.key for one in (yield Listing(START, **listed))], [key(number)])
        equal((yield Count(START, protocol=text)), counts(1))
        bar = Bar(Cause.DENIED, START + 9, 1, text)
        yield End(key(number), START, Cause.DENIED, bar)
        equal((yield touch(number, START)), bar)


def any_text_may_be_a_tag_or_be_noted() -> Steps:
    yield begin(1)
    yield Note(key(1), START, NAMES[:16])
    yield Tag(key(1), START, NAMES)
    equal((yield get(1)), begun(1, also=NAMES[:16], tags=tuple(sorted(NAMES))))
    for name in NAMES:
        equal(len((yield Listing(START, tag=name))), 1)
        yield Tag(key(1), START, (), (name,))
        equal(len((yield Listing(START, tag=name))), 0)


def any_text_may_name_a_place_and_any_bytes_its_scope() -> Steps:
    scopes = [bytes(16), b"\xff" * 16, b"\0" * 15 + b"\1", b"\1" + b"\0" * 15, b"'\"%_\\\n\r\t" * 2]
    scopes += [b"\x80" * 16, b"\xed\xa0\x80\0" * 4, b"a" * 16, b"A" * 16]
    for number, (name, scope) in enumerate(zip(NAMES, scopes, strict=False)):
        places = (Place(name, scope, 1, 30.0),)
        living((yield begin(number, places=places, holder=scope, client=scope)))
        equal((yield begin(99, places=places)), Crowded(name))
    equal((yield count()).sessions, len(scopes))


def any_text_may_be_denied() -> Steps:
    for name in NAMES:
        yield Order(START, Denial(1e300, name, None, name, name, name, b"\0" * 16))
    equal((yield Meta()).orders, len(NAMES))
    equal(
        (yield Meta()).denials,
        tuple(Denial(1e300, name, None, name, name, name, b"\0" * 16) for name in NAMES),
    )
    for name in NAMES:
        yield Allow(START, Denial(0.0, "", None, name, name, name, b"\0" * 16))
    equal((yield Meta()).denials, ())


def data_are_any_texts() -> Steps:
    yield begin(1, data=TEXTS)
    equal((yield get(1)), begun(1, data=TEXTS))
    yield begin(2)
    equal((yield Merge(key(2), START, TEXTS)), True)
    equal((yield get(2)), begun(2, data=TEXTS))
    equal((yield Merge(key(2), START, dict.fromkeys(TEXTS))), True)
    equal((yield get(2)), begun(2))


def keys_and_marks_are_any_bytes() -> Steps:
    names = [bytes(16), b"\xff" * 16, b"\0" * 15 + b"\1", b"\1" + b"\0" * 15, b"'\"%_\\\n\r\t" * 2]
    names += [b"\x80" * 16, b"\xed\xa0\x80\0" * 4, b"a" * 16, b"A" * 16]
    for name in names:
        made = begin(0, mark=name)
        opened = yield type(made)(name, START, made.opening)
        equal(living(opened).key, name)
    equal([session.key for session in (yield Listing(START))], sorted(names))
    for name in names:
        equal(living((yield Touch(name, name, START))).requests, 2)
        bar = Bar(Cause.STOPPED, START + 60, 0, name.hex())
        equal(living((yield End(name, START, Cause.STOPPED, bar))).key, name)
        equal((yield Touch(name, name, START)), bar)


def times_are_kept_to_the_last_bit() -> Steps:
    step = 2.0**-22  # from one number to the next
    now = 1_699_999_999 + step
    large = 4_398_046_511_103.875
    yield begin(1, now, timeout=large, deadline=2 * large, until=0.1)
    session = living((yield touch(1, now + 5 * step)))
    equal((session.started, session.last_seen), (now, now + 5 * step))
    yield Learn(key(1), now + 9 * step, Presentation.LIVE, 1e-9, 1e12, 1e12 + 0.5)
    session = living((yield get(1, now)))
    equal((session.live_seen, session.duration), (now + 9 * step, 1e-9))
    equal(session.expires, math.ceil(now + 5 * step + 1e12))
    yield Learn(key(1), now, Presentation.VOD, 1e300, 1.0, 5e12)
    session = living((yield get(1, now)))
    equal((session.duration, session.expires), (1e300, 5e12))
    bar = Bar(Cause.STOPPED, 1e300)
    yield End(key(1), now, Cause.STOPPED, bar)
    equal((yield touch(1, large)), bar)


def a_session_may_be_asked_for_very_often() -> Steps:
    yield begin(1)
    for _ in range(300):
        yield touch(1, START)
    equal((yield get(1)), begun(1, requests=301))
    equal((yield count()), counts(1, started=1, requests=301))


def answers_are_of_the_types_that_they_name() -> Steps:
    for number, kind in enumerate(Kind):
        if kind is Kind.STREAM_INFO:
            continue
        yield begin(number, kind=kind, remember=60)
        yield Learn(key(number), START, Presentation.VOD, 1, 60, 0)
        _typed((yield get(number)))
        for session in (yield Listing(START, kind=kind)):
            _typed(session)
        yield End(key(number), START, Cause.EVICTED)
        ended = yield touch(number, START)
        equal(ended, Ended(Cause.EVICTED, START, START, Presentation.VOD))
        equal((type(ended.cause), type(ended.presentation)), (Cause, Presentation))
    yield begin(9, playing=False)
    yield End(key(9), START, Cause.DENIED, Bar(Cause.DENIED, START + 1, 451, "r"))
    bar = yield touch(9, START)
    equal(bar, Bar(Cause.DENIED, START + 1, 451, "r"))
    equal((type(bar.cause), type(bar.status), type(bar.reason)), (Cause, int, str))
    equal(type((yield count())), type(counts()))
    equal(type((yield Listing(START))), tuple)


def _typed(answer: object) -> None:
    session = living(answer)
    equal(type(session), Living)
    equal((type(session.key), type(session.kind)), (bytes, Kind))
    equal((type(session.state), type(session.presentation)), (State, Presentation))
    equal((type(session.new), type(session.renew_cookie)), (bool, bool))
    equal((type(session.announce), type(session.segments)), (bool, bool))
    equal((type(session.tags), type(session.also)), (tuple, tuple))
    equal((type(session.requests), type(session.seconds)), (int, float))
