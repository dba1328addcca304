"""Links: this path is part of that stream, and no other path is (SPEC 3)."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sessionware import token as tokens
from sessionware.link import MAX_LINK, Links
from support.values import NEW, OLD

PATHS = st.text(max_size=40)
LINKS = Links((NEW,))
ALPHABET = string.ascii_letters + string.digits + "-_"


@given(PATHS, PATHS)
def test_a_link_names_its_stream_at_its_path(path, stream):
    link = LINKS.make(path, stream)
    assert LINKS.stream(link, path) == stream
    assert "." not in link
    assert tokens.ALPHABET.fullmatch(link)


@given(PATHS, PATHS, PATHS)
def test_a_link_counts_nowhere_else(path, stream, other):
    assume(path != other)
    assert LINKS.stream(LINKS.make(path, stream), other) is None


@pytest.mark.parametrize(
    ("path", "stream", "other"),
    [
        ("free/a/720p.m3u8", "free/a", "premium/b/720p.m3u8"),
        ("free/a/720p.m3u8", "free/a", "free/a/720p.m3u8/"),
        ("free/a/720p/", "free/a", "free/a/720p"),
        ("free/a/720p/", "free/a", "free/a/"),
        ("ab", "c", "a"),  # where path ends and name begins is not open to doubt
        ("a", "bc", "ab"),
        ("cam1.m3u8", "cam1", "CAM1.m3u8"),
    ],
)
def test_a_link_of_one_path_is_nothing_at_another(path, stream, other):
    link = LINKS.make(path, stream)
    assert LINKS.stream(link, path) == stream
    assert LINKS.stream(link, other) is None


def test_a_name_that_begins_the_path_is_told_by_its_length():
    assert LINKS.make("vod/film/720p/index.m3u8", "vod/film")[12:] == "p8"
    assert LINKS.make("720p/index.m3u8", "vod/film")[12:13] == "n"


def test_a_link_changed_in_its_mac_or_name_is_none():
    for path in ("cam1/720p.m3u8", "720p.m3u8"):
        link = LINKS.make(path, "cam1")
        for place in range(len(link)):
            for wrong in set(ALPHABET) - {link[place]}:
                changed = link[:place] + wrong + link[place + 1 :]
                assert LINKS.stream(changed, path) in {None, "cam1"}
                assert place > 12 or LINKS.stream(changed, path) is None


@pytest.mark.parametrize(
    "name", ["p", "p99999", "p-1", "p٣", "n=", "n====", "n!", "x4", "", "pp4", "p4\n", "nA", "n_w"]
)
def test_a_broken_name_is_no_link_and_no_error(name):
    mac = LINKS.make("cam1/720p.m3u8", "cam1")[:12]
    assert LINKS.stream(mac + name, "cam1/720p.m3u8") is None


@given(st.text(st.sampled_from(ALPHABET + "pn0123456789"), max_size=60), PATHS)
def test_what_we_did_not_make_is_no_link(text, path):
    assert LINKS.stream(text, path) is None


def test_a_link_depends_on_no_viewer_and_no_moment():
    assert LINKS.make("a/b", "c") == Links((NEW,)).make("a/b", "c")


def test_all_keys_verify_links_and_the_newest_makes_them():
    before, while_both, after = Links((OLD,)), Links((OLD, NEW)), Links((NEW,))
    old, new = before.make("a/b", "c"), while_both.make("a/b", "c")
    assert while_both.stream(old, "a/b") == "c"
    assert after.stream(new, "a/b") == "c"
    assert after.stream(old, "a/b") is None
    assert before.stream(new, "a/b") is None


def test_a_mac_has_at_least_64_bits():
    macs = {LINKS.make(f"{n}/x", "cam1")[:12] for n in range(500)}
    assert len(macs) == 500
    assert {len(mac) for mac in macs} == {12}
    assert all(len({mac[i] for mac in macs}) > 32 for i in range(12))


def test_token_and_link_together_stay_below_the_limit_of_tokens():
    core = 80
    assert core + len(".") + MAX_LINK <= tokens.MAX_TOKEN
    longest = next(n for n in range(1000, 0, -1) if LINKS.make("720p.m3u8", "s" * n) is not None)
    assert len(LINKS.make("720p.m3u8", "s" * longest)) == MAX_LINK
    assert LINKS.make("720p.m3u8", "s" * (longest + 1)) is None
    assert LINKS.make("s" * 999 + "/720p.m3u8", "s" * 999) is not None


def test_bytes_that_are_no_text_can_be_linked():
    link = LINKS.make("\udcff/x", "\udcfe")
    assert LINKS.stream(link, "\udcff/x") == "\udcfe"
