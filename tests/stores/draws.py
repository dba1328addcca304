"""What the random histories are made of: few names, so that they meet, and times at the edges."""

from __future__ import annotations

from hypothesis import strategies as st

from sessionware import Kind
from sessionware.session import Cause, Presentation
from sessionware.store import Bar, Denial, Place
from sessionware.testing.steps import key, mark

KEYS = 5
MOMENT = 2.0**-20
"""So little that no edge is in between; and times stay exact, whatever sums are made of them."""

NUMBERS = st.sampled_from(range(40))
SOME_KEYS = st.lists(st.integers(0, KEYS - 1), min_size=1, max_size=4, unique=True)
TWO_KEYS = st.lists(st.integers(0, KEYS - 1), min_size=2, max_size=2, unique=True)
NAMES_OF_STREAMS = ["a", "a/b", "ä\0"]
STREAMS = st.sampled_from(["a", *NAMES_OF_STREAMS])
KINDS = st.sampled_from([Kind.VIEWER, Kind.VIEWER, Kind.VIEWER, Kind.INPUT, Kind.UNSPECIFIED])
PROTOCOLS = st.sampled_from(["HLS", "DASH"])
ADDRESSES = st.sampled_from(["192.0.2.7", ""])
STEPS = st.sampled_from([0.0, 0.0004, 0.25, 1.0, 2.0, 2.0, 4.75, 5.0, 9.75, 10.0, 19.75, 40.0])
SHORT_STEPS = st.sampled_from([0.0, 0.25, 1.0, 4.75])
SPANS = st.sampled_from([1.5, 20.25, 30.0, 60.0, 120.0])
WINDOWS = st.sampled_from([15.0, 15.0, 0.0, 0.5, 3.0])
HOLDERS = st.sampled_from([mark(71), mark(72), mark(73), b""])
CLIENTS = st.sampled_from([mark(81), mark(81), mark(82), b""])
TEXTS = st.sampled_from(["1", '"é"', "[]"])
NAMES = st.sampled_from(["a", "b", ""])
DATA = st.dictionaries(NAMES, TEXTS)
CHANGES = st.dictionaries(NAMES, st.none() | TEXTS)
TAGS = st.lists(st.sampled_from(["x", "y", "ä"]), max_size=2).map(tuple)
NOTES = st.lists(st.sampled_from([f"ip {n}" for n in range(20)]), max_size=9).map(tuple)
CAUSES = st.sampled_from(Cause)
OFTEN = st.sampled_from([True, True, True, False])
RARELY = st.sampled_from([False, False, False, False, False, True])
BYTES = st.sampled_from([0, 1, 2**40])

ONE = Place("user", mark(91), 1, 5.0)
ONE_LONGER = Place("user", mark(91), 1, 30.0)
TWO = Place("stream", mark(92), 2, 30.0)
EVICTING = Place("ip", mark(93), 1, 5.0, evict=True)
EVICTING_TWO = Place("ip two", mark(94), 2, 30.0, evict=True)
LIMITS = {place.scope: place.limit for place in (ONE, TWO, EVICTING, EVICTING_TWO)}
PLACES = st.sampled_from(
    [
        (),
        (),
        (ONE,),
        (ONE_LONGER,),
        (TWO,),
        (TWO, ONE),
        (EVICTING,),
        (EVICTING_TWO, TWO),
        (EVICTING, ONE_LONGER, EVICTING_TWO),
    ]
)
OPENINGS = st.fixed_dictionaries(
    {
        "kind": KINDS,
        "stream": STREAMS,
        "ip": ADDRESSES,
        "protocol": PROTOCOLS,
        "service": st.sampled_from(["", "s"]),
        "params": st.sampled_from(["", "a=1"]),
        "user": st.sampled_from(["", "u"]),
        "timeout": SPANS,
        "playing": OFTEN,
        "previous": st.sampled_from(["", "p"]),
        "presentation": st.sampled_from([None, None, *Presentation]),
        "duration": st.sampled_from([None, 60.25]),
        "window": WINDOWS,
        "returns": OFTEN,
        "holder": HOLDERS,
        "client": CLIENTS,
        "places": PLACES,
        "events": OFTEN,
        "announced": RARELY,
    }
)
REQUESTS = st.fixed_dictionaries(
    {
        "playing": st.booleans(),
        "renew_cookie_after": st.sampled_from([None, 0, 10, 40.5]),
        "segments": RARELY,
    }
)
LEARNED = st.fixed_dictionaries(
    {},
    optional={
        "presentation": st.sampled_from(Presentation),
        "duration": st.sampled_from([None, 90.04]),
        "timeout": SPANS,
        "window": WINDOWS,
        "returns": OFTEN,
    },
)
LISTINGS = st.fixed_dictionaries(
    {},
    optional={
        "stream": STREAMS,
        "kind": KINDS,
        "user": st.just("u"),
        "ip": ADDRESSES,
        "tag": st.sampled_from(["x", "ä"]),
        "holder": HOLDERS,
        "below": st.booleans(),
        "pending": st.booleans(),
    },
)
BARS = st.builds(
    Bar,
    st.sampled_from([Cause.DENIED, Cause.STOPPED]),
    st.sampled_from([0.25, 1.5, 20.25]),
    st.sampled_from([0, 451]),
    st.sampled_from(["", "✓"]),
)
DENIALS = st.builds(
    Denial,
    until=SPANS,
    reason=st.sampled_from(["", "why"]),
    key=st.sampled_from([None, key(1)]),
    ip=st.sampled_from([None, "192.0.2.0/24"]),
    holder=st.sampled_from([None, mark(71)]),
)
