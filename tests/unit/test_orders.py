"""Whom an operator's denial is about: all that it names must hold (SPEC 8)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import Cause
from sessionware import orders as orders_module
from sessionware.orders import Orders, Subject, covers, fits, is_within
from sessionware.store import Bar, Denial, MetaInfo

NOW = 1000.0
ANN = Subject(b"key", "192.0.2.7", "ann", "live/cam1", b"holder")


@pytest.mark.parametrize(
    ("named", "true"),
    [
        *[({"key": b"key"}, True), ({"key": b"other"}, False)],
        *[
            ({"ip": "192.0.2.7"}, True),
            ({"ip": "192.0.2.0/24"}, True),
            ({"ip": "10.0.0.0/8"}, False),
        ],
        *[({"user": "ann"}, True), ({"user": "bob"}, False)],
        *[
            ({"stream": "live/cam1"}, True),
            ({"stream": "live"}, True),
            ({"stream": "live/c"}, False),
        ],
        *[({"holder": b"holder"}, True), ({"holder": b"other"}, False)],
        ({"user": "ann", "stream": "live", "ip": "192.0.2.7"}, True),
        ({"user": "ann", "stream": "other"}, False),
        ({}, True),
    ],
)
def test_all_that_is_named_must_hold(named, true):
    assert fits(Denial(NOW, **named), ANN) is true


def test_nobody_in_particular_is_not_everybody():
    nobody = replace(ANN, user=None, holder=b"")
    assert not fits(Denial(NOW, user="ann"), nobody)
    assert not fits(Denial(NOW, holder=b"holder"), nobody)


@pytest.mark.parametrize(
    ("ip", "network", "true"),
    [
        ("2001:db8::1", "2001:db8::/32", True),
        ("2001:db9::1", "2001:db8::/32", False),
        ("::ffff:192.0.2.7", "192.0.2.0/24", True),
        ("192.0.2.7", "2001:db8::/32", False),
        ("192.0.2.0/25", "192.0.2.0/24", True),
        ("192.0.2.0/24", "192.0.2.7", False),
        ("unix", "192.0.2.0/24", False),
    ],
)
def test_an_address_is_within_a_network(ip, network, true):
    assert is_within(ip, network) is true


def test_a_stream_covers_those_below_it_and_not_those_that_begin_alike():
    found = [covers("live", other) for other in ("live", "live/a", "live/a/b", "lively", "a/live")]
    assert found == [True, True, True, False, False]


def test_of_several_denials_the_one_that_lasts_longest_is_the_bar():
    orders = Orders()
    denials = (
        Denial(NOW + 10, "soon", user="ann"),
        Denial(NOW + 99, "late", ip="192.0.2.7"),
        Denial(NOW + 500, "another", user="bob"),
        Denial(NOW, "over", user="ann"),
    )
    orders.learn(MetaInfo(b"", 4, denials))
    assert orders.bar(ANN, NOW) == Bar(Cause.DENIED, NOW + 99, 0, "late")
    assert orders.bar(ANN, NOW + 99) is None


def test_what_the_store_says_last_holds():
    orders = Orders()
    assert (orders.version, orders.denials) == (None, ())
    orders.learn(MetaInfo(b"", 3, (Denial(NOW, user="ann"),)))
    assert (orders.version, len(orders.denials)) == (3, 1)
    orders.learn(MetaInfo(b"", 0, ()))  # it was emptied, and begins anew
    assert (orders.version, orders.denials) == (0, ())


# --- thousands of them ---------------------------------------------------------------------------


@pytest.fixture
def looked_at(monkeypatch):
    """The denials that were looked at."""
    looked: list[Denial] = []

    def counted(denial: Denial, subject: Subject) -> bool:
        looked.append(denial)
        return fits(denial, subject)

    monkeypatch.setattr(orders_module, "fits", counted)
    return looked


def test_of_thousands_that_name_somebody_only_those_of_who_asks_are_looked_at(looked_at):
    orders = Orders()
    numbers = range(4000)
    denials = (
        *(Denial(NOW + 9, ip=f"10.0.{n // 250}.{n % 250}") for n in numbers),
        *(Denial(NOW + 9, ip=f"10.1.{n // 250}.{n % 250}/32") for n in numbers),
        *(Denial(NOW + 9, ip=f"2001:db8::{n:x}") for n in numbers),
        *(Denial(NOW + 9, user=f"user {n}") for n in numbers),
        *(Denial(NOW + 9, user=f"user {n}", stream="live") for n in numbers),
        *(Denial(NOW + 9, key=n.to_bytes(16)) for n in numbers),
        *(Denial(NOW + 9, holder=n.to_bytes(16)) for n in numbers),
        Denial(NOW + 9, "the network", ip="10.2.0.0/16"),
        Denial(NOW + 9, "the stream", stream="vod"),
    )
    orders.learn(MetaInfo(b"", 1, denials))

    def reason(**who):
        del looked_at[:]
        bar = orders.bar(replace(ANN, **who), NOW)
        assert len(looked_at) <= 6
        return bar and (bar.reason or "somebody")

    assert reason() is None
    for who in (
        {"ip": "10.0.3.7"},
        {"ip": "::ffff:10.0.3.7"},
        {"ip": "10.1.3.7"},
        {"ip": "2001:DB8::7"},
        {"user": "user 77"},
        {"key": (77).to_bytes(16)},
        {"holder": (77).to_bytes(16)},
    ):
        assert reason(**who) == "somebody", who
    assert reason(ip="10.2.3.4") == "the network"
    assert reason(stream="vod/film") == "the stream"
    assert reason(ip="10.0.99.9") is None
    assert reason(user="user 9999") is None


IPS = st.sampled_from(
    ["192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8", "2001:db8::7", "2001:DB8:0::7", "unix", ""]
)
NETWORKS = st.sampled_from(
    ["192.0.2.7/32", "192.0.2.0/24", "::ffff:192.0.2.7/128", "2001:db8::/32", "2001:db8::7/128"]
)
USERS = st.sampled_from(["ann", "bob", "192.0.2.7", "unix", ""])
STREAMS = st.sampled_from(["live", "live/cam1", "vod"])
NAMES = st.sampled_from([b"a", b"b", b""])
NONE = st.none()
DENIALS = st.builds(
    Denial,
    st.sampled_from([NOW - 1, NOW, NOW + 1, NOW + 2, NOW + 3]),
    st.just(""),
    NONE | NAMES,
    NONE | IPS | NETWORKS,
    NONE | USERS,
    NONE | STREAMS,
    NONE | NAMES,
)
SUBJECTS = st.builds(Subject, NAMES, IPS, NONE | USERS, STREAMS, NAMES)


@given(st.lists(st.lists(DENIALS, max_size=8), min_size=1, max_size=3), SUBJECTS)
def test_they_are_found_as_by_going_through_all(learned, subject):
    orders = Orders()
    for version, denials in enumerate(learned):  # the last holds
        orders.learn(MetaInfo(b"", version, tuple(denials)))
        until = max((d.until for d in denials if d.until > NOW and fits(d, subject)), default=None)
        bar = orders.bar(subject, NOW)
        assert (bar and bar.until) == until
