"""Carriage: which URIs of a manifest carry the session, and how (SPEC 3, 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.values import carriage, rules

PLAIN = rules()
HERE = carriage(stream=None)  # no links
OPEN = rules(
    public_url="https://Public.example:443",
    carry_hosts=("media.example", "*.cdn.example", "ported.example:8443", "[2001:db8::1]"),
)


def carried(uri: str, of=PLAIN, by=HERE) -> str | None:
    slot = of.slots.slot(uri, by)
    return None if slot is None else ("TOKEN" if by.whole else "").join(slot)


def linked(uri: str, of=PLAIN, **base) -> str | None:
    """The stream that the link in a URI names at the path where the app sees it."""
    app_path = base.pop("app_path")
    slot = of.slots.slot(uri, carriage(**base))
    return of.links.stream(slot[1].partition("#")[0][1:], app_path) if slot[1] else None


# --- whose URIs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "720p.m3u8",
        "./720p.m3u8",
        "../cam1/720p.m3u8",
        "/cam1/720p.m3u8",
        "720p/a b.m3u8",
        "720p.m3u8?a=http://evil.example/",
        "a/b:c.m3u8",
        "./a:b.m3u8",
        "{$host}/720p.m3u8",
        "http://tv.example/720p.m3u8",
        "HTTPS://TV.example/720p.m3u8",
        "//tv.example/720p.m3u8",
        "http://tv.example:80/720p.m3u8",
        "https://tv.example:443/720p.m3u8",
        "http://user@tv.example/720p.m3u8",
    ],
)
def test_relative_uris_and_those_of_our_own_host_carry(uri):
    assert carried(uri) is not None


@pytest.mark.parametrize(
    "uri",
    [
        # P9: not http
        "data:text/plain,a",
        "skd://key",
        "urn:a:b",
        "blob:http://tv.example/x",
        "javascript:x",
        "ftp://tv.example/x",
        "a:b.m3u8",
        # other hosts, however they are written
        "http://evil.example/x",
        "//evil.example/x",
        "///evil.example/x",
        "////evil.example/x",
        "\\\\evil.example/x",
        "/\\evil.example/x",
        "\\/evil.example/x",
        "http:\\\\evil.example\\x",
        "http:/evil.example/x",
        "http:///evil.example/x",
        "http:evil.example/x",
        "https:",
        # our host where the host isn't
        "http://tv.example@evil.example/x",
        "http://tv.example:80@evil.example/x",
        "http://evil.example\\@tv.example/x",
        "http://evil.example/@tv.example",
        "http://evil.example#@tv.example/x",
        "http://evil.example?@tv.example/x",
        "//evil.example:80#tv.example",
        "http://tv.example.evil.example/x",
        "http://eviltv.example/x",
        "http://tv.example:8080/x",
        "http://tv%2eexample/x",
        "http://tv.example%00.evil.example/x",
        "http://tv\u3002example/x",
        # what clients drop: behind it stands another host
        "/\t/evil.example/x",
        "\t//evil.example/x",
        "\n//evil.example/x",
        "ht\ntp://evil.example/x",
        "\x00//evil.example/x",
        "\x7f//evil.example/x",
        " //evil.example/x",
        " https://evil.example/x",
        "\xa0//evil.example/x",
        "\u2028//evil.example/x",
        "\ufeff//evil.example/x",
        " data:text/plain,a",
        # broken
        "",
        "720p.m3u8 ",
        "720p.m3u8\r",
        "http://[tv.example/x",
        "//[::1/x",
        "http://tv.example]/x",
    ],
)
def test_p9_everybody_elses_uris_stay_as_they_are(uri):
    assert carried(uri) is None
    assert carried(uri, by=carriage()) is None


@pytest.mark.parametrize(
    ("uri", "may"),
    [
        ("https://public.example/x", True),
        ("//PUBLIC.example:443/x", True),
        ("https://public.example:8443/x", False),
        ("https://media.example/x", True),
        ("https://media.example:9999/x", True),
        ("https://MEDIA.example/x", True),
        ("https://a.media.example/x", False),
        ("https://a.cdn.example/x", True),
        ("https://a.b.cdn.example:8443/x", True),
        ("https://cdn.example/x", False),
        ("https://evilcdn.example/x", False),
        ("https://a.cdn.example.evil.example/x", False),
        ("https://a.cdn.example@evil.example/x", False),
        ("https://evil.example/a.cdn.example", False),
        ("https://ported.example:8443/x", True),
        ("https://ported.example/x", False),
        ("https://[2001:db8::1]/x", True),
        ("https://[2001:db8::2]/x", False),
    ],
)
def test_foreign_hosts_carry_only_if_they_are_named(uri, may):
    assert (carried(uri, of=OPEN) is not None) is may


@pytest.mark.parametrize("host", ["", "tv.example:8080", "[::1]:80"])
def test_the_host_of_the_request_is_compared_with_its_port(host):
    by = carriage(stream=None, host=host)
    assert (carried(f"//{host}/x", by=by) is not None) is bool(host)
    assert carried("//tv.example/x", by=by) is None
    assert carried("http:///x", by=by) is None


# --- where in a URI ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("a.m3u8", "a.m3u8?tkn=TOKEN"),
        ("a.m3u8?", "a.m3u8?tkn=TOKEN"),
        ("a.m3u8?b=1", "a.m3u8?b=1&tkn=TOKEN"),
        # P7: foreign parameters keep bytes and order
        ("a.m3u8?z=%7e%2F+&a=%zz&y&=x", "a.m3u8?z=%7e%2F+&a=%zz&y&=x&tkn=TOKEN"),
        ("a.m3u8?sig=a==&e=$1\\1", "a.m3u8?sig=a==&e=$1\\1&tkn=TOKEN"),
        ("a%20ä.m3u8?ö", "a%20ä.m3u8?ö&tkn=TOKEN"),
        # P12: variables stay raw
        ("{$p}/a.m3u8?{$q}", "{$p}/a.m3u8?{$q}&tkn=TOKEN"),
        # P45
        ("a.m3u8?b&", "a.m3u8?b&tkn=TOKEN"),
        ("a.m3u8?&", "a.m3u8?tkn=TOKEN"),
        ("a.m3u8?b&&c", "a.m3u8?b&&c&tkn=TOKEN"),
        # fragments stay behind
        ("a.m3u8#t=1", "a.m3u8?tkn=TOKEN#t=1"),
        ("a.m3u8?b#c?tkn=1#", "a.m3u8?b&tkn=TOKEN#c?tkn=1#"),
        ("a.m3u8?b?c", "a.m3u8?b?c&tkn=TOKEN"),
        # P39: ours is replaced, however often and however it is written
        ("a.m3u8?tkn=old", "a.m3u8?tkn=TOKEN"),
        ("a.m3u8?tkn=old&b=1", "a.m3u8?b=1&tkn=TOKEN"),
        ("a.m3u8?tkn&b&%74kn=x&tkn=", "a.m3u8?b&tkn=TOKEN"),
        ("a.m3u8?xtkn=1", "a.m3u8?xtkn=1&tkn=TOKEN"),
    ],
)
def test_the_token_goes_last_and_everything_else_keeps_its_bytes(uri, expected):
    assert carried(uri) == expected


URIS = st.text(st.sampled_from("ab/.?&=#%2: tkn\\@{}$\udcffä"), min_size=1, max_size=40)


@given(URIS)
def test_p39_p10_rewriting_twice_is_rewriting_once(uri):
    of = rules(service="[a-z]+")
    for by in (HERE, carriage(), carriage(service="s"), carriage(service="s", whole=False)):
        once = carried(uri, of, by)
        assert once is None or carried(once, of, by) == once


@given(URIS)
def test_all_of_a_uri_that_is_not_ours_is_found_in_what_we_write(uri):
    once = carried(uri)
    if once is not None and "tkn" not in uri and "%" not in uri:
        bare = uri.partition("#")[0].rstrip("&?")
        assert once.startswith(bare)
        assert once.partition("#")[2] == uri.partition("#")[2]
        assert once.count("TOKEN") == 1


def test_aliases_and_the_service_are_replaced_and_the_service_goes_first():
    served = rules(aliases=("sid",), service="[a-z ]+", service_parameter="svc")
    by = carriage(stream=None, service="a b")
    uri = "a.m3u8?svc=old&x=1&sid=old&tkn=old"
    assert carried(uri, of=served, by=by) == "a.m3u8?x=1&svc=a%20b&tkn=TOKEN"
    assert carried("a.m3u8?svc=1", by=HERE) == "a.m3u8?svc=1&tkn=TOKEN"


# --- links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("uri", ["live.m3u8", "/hls/cam1.m3u8", "//tv.example/dash/cam1.mpd", "?a"])
def test_a_uri_of_the_same_stream_needs_no_link(uri):
    assert PLAIN.slots.slot(uri, carriage())[1] == ""


@pytest.mark.parametrize(
    ("uri", "base", "mount", "app_path"),
    [
        ("720p.m3u8", "/cam1/index.m3u8", "", "cam1/720p.m3u8"),
        ("720p/index.m3u8?a=1#f", "/cam1/index.m3u8", "", "cam1/720p/index.m3u8"),
        ("../x/720p.m3u8", "/a/b/index.m3u8", "", "a/x/720p.m3u8"),
        ("/x//y/../720p.m3u8", "/a/index.m3u8", "", "x/720p.m3u8"),
        ("caf%C3%A9%20/x.m3u8", "/a/index.m3u8", "", "a/café /x.m3u8"),
        ("café /x.m3u8", "/a/index.m3u8", "", "a/café /x.m3u8"),
        ("\udcff/x.m3u8", "/a/index.m3u8", "", "a/%ff/x.m3u8"),
        ("\udcff%20/x.m3u8", "/a/index.m3u8", "", "a/%ff /x.m3u8"),
        ("http://tv.example/x/y.m3u8", "/a/index.m3u8", "", "x/y.m3u8"),
        ("http://tv.example", "/a/index.m3u8", "", "/"),
        ("720p.m3u8", "/%61pp/a/index.m3u8", "/%61pp", "a/720p.m3u8"),
        ("/app/b/720p.m3u8", "/app/a/index.m3u8", "/app", "b/720p.m3u8"),
        ("seg/1.ts", "/a/index.m3u8", "", "a/seg/"),  # no manifest: its directory
        # a base that looks like a host is a path all the same
        ("720p.m3u8", "//name/x.m3u8", "", "name/720p.m3u8"),
        ("720p.m3u8", "//[name/x.m3u8", "", "[name/720p.m3u8"),
    ],
)
def test_a_uri_of_another_name_is_linked_where_the_app_will_see_it(uri, base, mount, app_path):
    assert linked(uri, base=base, mount=mount, stream="s", app_path=app_path) == "s"


@pytest.mark.parametrize(
    ("uri", "base", "mount"),
    [
        ("https://tv.example/p/cam1/720p.m3u8", "/cam1/index.m3u8", ""),
        ("/p/cam1/720p.m3u8", "/cam1/index.m3u8", ""),
        ("/p/cam1/720p.m3u8", "/p/cam1/index.m3u8", "/p"),
        ("720p.m3u8", "/cam1/index.m3u8", ""),
        ("/p/cam1/720p.m3u8", "/app/cam1/index.m3u8", "/app"),
        ("/cam1/720p.m3u8", "/cam1/index.m3u8", ""),
    ],
)
def test_a_prefix_of_public_url_that_the_app_never_sees_is_not_linked(uri, base, mount):
    behind = rules(public_url="https://tv.example/p/")
    app_path = "cam1/720p.m3u8"
    assert linked(uri, of=behind, base=base, mount=mount, app_path=app_path) == "cam1"


def test_a_relative_folder_that_is_named_like_the_public_prefix_is_a_folder():
    behind = rules(public_url="https://tv.example/p")
    path = "p/720p.m3u8"
    assert linked("p/720p.m3u8", of=behind, base="/cam1.m3u8", app_path=path) == "cam1"


def test_where_cookies_carry_children_get_the_link_alone_and_only_if_they_need_one():
    by = carriage(whole=False)
    assert PLAIN.slots.slot("live.m3u8", by) is None
    before, after = PLAIN.slots.slot("720p.m3u8?tkn=old", by)
    assert before == "720p.m3u8?tkn="
    assert PLAIN.links.stream(after[1:], "cam1/720p.m3u8") == "cam1"
    assert PLAIN.slots.slot("720p.m3u8", carriage(stream=None, whole=False)) is None


def test_the_service_travels_even_where_no_link_is_needed():
    slot = rules(service="[a-z]+").slots.slot("live.m3u8", carriage(service="abc", whole=False))
    assert slot == ("live.m3u8?serviceid=abc", "")


def test_a_name_too_long_for_a_link_goes_without():
    slot = PLAIN.slots.slot("/720p.m3u8", carriage(stream="s" * 999))
    assert slot == ("/720p.m3u8?tkn=", "")
