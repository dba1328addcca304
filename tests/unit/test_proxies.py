"""Requests, addresses, and whose word about them counts (SPEC 4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware.proxies import Client, TrustedProxies
from sessionware.request import network_of, parse_ip
from support.values import request, rules

PEER = "10.0.0.1"
PROXIES = TrustedProxies(("10.0.0.0/8", "2001:db8:ffff::/48"))


def ip(**headers: str) -> str:
    return PROXIES.client(PEER, {name.replace("_", "-"): v for name, v in headers.items()}).ip


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:4711 ", "192.0.2.1"),
        ('"192.0.2.1:4711"', "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ('"[2001:db8::1]:4711"', "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1"),
    ],
)
def test_an_address_is_read_in_every_form_that_proxies_write(text, address):
    assert str(parse_ip(text)) == address


@pytest.mark.parametrize(
    "text", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "01.2.3.4", "999.1.1.1", "[", ":", "%"]
)
def test_what_is_no_address_is_none(text):
    assert parse_ip(text) is None


@given(st.text())
def test_no_text_is_an_error_as_an_address(text):
    assert network_of(text) is not None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("::ffff:192.0.2.1", "192.0.2.9", True),
        ("2001:db8:1:2::3", "2001:db8:1:ffff::", True),
        ("2001:db8:1::", "2001:db8:2::", False),
        ("unix", "unix", True),
        ("unix", "192.0.2.1", False),
    ],
)
def test_a_network_is_a_24_or_a_48(one, other, same):
    assert (network_of(one) == network_of(other)) is same


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("10.255.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("11.0.0.1", False),
        ("2001:db8:ffff::1", True),
        ("2001:db8::1", False),
        ("unix", False),
        ("", False),
    ],
)
def test_only_the_named_networks_are_trusted(peer, trusted):
    assert PROXIES.trusts(peer) is trusted


def test_a_unix_socket_is_trusted_only_by_name():
    assert TrustedProxies(("unix",)).trusts("unix")
    assert not TrustedProxies(("unix",)).trusts("10.0.0.1")
    assert TrustedProxies(("unix",))
    assert not TrustedProxies(())


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1", "192.0.2.1"),  # what a client says of itself stands on the left
        ("192.0.2.1, 10.0.0.2, 10.0.0.3", "192.0.2.1"),
        ("6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("10.0.0.9, 10.0.0.2", "10.0.0.9"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("6.6.6.6, unknown, 10.0.0.2", "10.0.0.2"),
        ("6.6.6.6, , 10.0.0.2", "10.0.0.2"),
        ("unknown", PEER),
        ("", PEER),
    ],
)
def test_the_client_is_the_right_most_untrusted_address(chain, client):
    assert ip(x_forwarded_for=chain) == client


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("for=192.0.2.1", "192.0.2.1"),
        ("For=6.6.6.6, FOR=192.0.2.1;proto=https", "192.0.2.1"),
        ('for="[2001:db8::1]:4711";by=10.0.0.2', "2001:db8::1"),
        ("for=192.0.2.1 , for=10.0.0.2", "192.0.2.1"),
        ('for=192.0.2.1;secret-1="a,for=6.6.6.6"', "192.0.2.1"),
        ('for=192.0.2.1;x="a\\",for=6.6.6.6"', "192.0.2.1"),
        ("for=_hidden", PEER),
        ("proto=https", PEER),
        # a quote that the client left open swallows what the proxy wrote: nothing is believed
        ('for=6.6.6.6, x=", for="[2001:db8::1]"', PEER),
        ('for="6.6.6.6, for=192.0.2.1', PEER),
        ("for=6.6.6.6 x, for=", PEER),
    ],
)
def test_forwarded_is_read_as_rfc_7239_writes_it(forwarded, client):
    assert ip(forwarded=forwarded) == client


def test_x_forwarded_for_goes_before_a_forwarded_that_a_client_may_have_sent():
    assert ip(forwarded="for=6.6.6.6", x_forwarded_for="192.0.2.1") == "192.0.2.1"


@given(st.text(st.sampled_from('for=1.,;" \\[]:x'), max_size=60))
def test_no_forwarded_header_is_an_error(text):
    assert parse_ip(ip(forwarded=text)) is not None
    assert parse_ip(ip(x_forwarded_for=text)) is not None


def said(**headers: str) -> Client:
    return PROXIES.client(PEER, {name.replace("_", "-"): v for name, v in headers.items()})


def test_scheme_host_and_prefix_are_what_the_nearest_proxy_wrote():
    client = said(
        x_forwarded_proto="http, HTTPS",
        x_forwarded_host="evil.example, tv.example:8443",
        x_forwarded_prefix="/evil, /tv/",
    )
    assert client == Client(PEER, "https", "tv.example:8443", "/tv")
    assert said(forwarded='for=1.1.1.1;proto=https;host="[::1]:80"')[1:3] == ("https", "[::1]:80")


@pytest.mark.parametrize("scheme", ["javascript", "https:", "ws", "\thttps x"])
def test_a_scheme_is_http_or_https_or_unsaid(scheme):
    assert said(x_forwarded_proto=scheme).scheme == ""


@pytest.mark.parametrize("host", ["a/b", "a\\b", "user@a", "a\r\nb", "a?b", "ä.example", "a b"])
def test_a_host_that_is_none_is_unsaid(host):
    assert said(x_forwarded_host=host).host == ""


@pytest.mark.parametrize(
    "prefix", ["tv", "//evil.example", "/a//b", "/a\\b", "/a?b", "/a#b", "/a\r\nb", "/a b", "/"]
)
def test_a_prefix_that_could_be_a_host_or_a_header_is_unsaid(prefix):
    assert said(x_forwarded_prefix=prefix).prefix == ""


def of_rules(peer: str, **headers: str):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return rules(trusted_proxies=("10.0.0.0/8", "unix"), trusted_header="x-cdn").request(
        method="GET",
        path="/x.m3u8",
        query="",
        headers=names,
        peer=peer,
        scheme="http",
        client_path="/x.m3u8",
        mount="",
    )


def test_a_stranger_is_not_believed():
    stranger = of_rules(
        "192.0.2.66", x_forwarded_for="10.0.0.9", x_forwarded_prefix="/p", host="tv.example"
    )
    assert (stranger.ip, stranger.client_path, stranger.host) == (
        "192.0.2.66",
        "/x.m3u8",
        "tv.example",
    )
    assert not stranger.trusted


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", ""])
def test_a_trusted_peer_speaks_of_its_client(peer):
    found = of_rules(peer, x_forwarded_for="192.0.2.1", x_forwarded_prefix="/p", host="inner")
    assert (found.ip, found.client_path, found.mount, found.prefix) == (
        "192.0.2.1",
        "/p/x.m3u8",
        "/p",
        2,
    )
    assert found.trusted
    assert found.host == "inner"


def test_a_request_does_not_print_what_may_hold_a_token():
    secret = "tkn=very-secret"
    shown = repr(request(query=secret, headers={"cookie": secret}))
    assert shown == "<Request GET /cam1/index.m3u8>"
