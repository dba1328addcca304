"""Whom an operator's denial is about: all that it names must hold (SPEC 8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessionware import Cause
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
