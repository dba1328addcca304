"""Tokens: nobody but us makes them, and each has one spelling (SPEC 3)."""

from __future__ import annotations

import re
import string
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessionware import token as tokens
from sessionware.token import BroadpeakFormat, CoreFormat, Origin
from support.values import NEW, OLD

NOW = 1_700_000_000.123
AGENT, IP = "player/1", "192.0.2.7"
FORMATS = pytest.mark.parametrize("form", [CoreFormat, BroadpeakFormat])
CHARACTERS = string.ascii_letters + string.digits + "-_."


def issue(form, *, service="", keys=(NEW,), now=NOW, agent=AGENT, ip=IP):
    return form(keys).issue(now, agent, ip, service)


@FORMATS
@given(service=st.text(max_size=40), milliseconds=st.integers(1, 2**44 - 1))
def test_what_was_issued_is_read_as_it_was(form, service, milliseconds):
    form = form((NEW,))
    token = form.issue(milliseconds / 1000, AGENT, IP, service)
    assert form.read(token.text, service) == token
    assert token.origin is Origin.ISSUED
    assert token.issued == milliseconds / 1000


@FORMATS
@given(service=st.text(max_size=10), digest=st.binary(min_size=16, max_size=16))
def test_a_derived_token_is_always_the_same_and_has_no_time(form, service, digest):
    form = form((NEW,))
    token = form.derive(digest, AGENT, IP, service)
    assert token == form.derive(digest, AGENT, IP, service)
    assert form.read(token.text, service) == token
    assert (token.origin, token.issued) == (Origin.DERIVED, None)


@FORMATS
def test_derived_tokens_differ_with_their_digests(form):
    derived = {form((NEW,)).derive(bytes([n]) + bytes(15), AGENT, IP, "").text for n in range(64)}
    assert len(derived) == 64


@FORMATS
def test_no_two_tokens_are_alike_even_at_the_same_moment(form):
    issued = [issue(form) for _ in range(100)]
    assert len({token.text for token in issued}) == 100
    assert len({token.identity for token in issued}) == 100


@FORMATS
def test_a_token_changed_in_any_one_character_is_none(form):
    form = form((NEW,))
    text = form.issue(NOW, AGENT, IP, "").text
    for place, right in enumerate(text):
        for wrong in CHARACTERS:
            if wrong != right:
                changed = text[:place] + wrong + text[place + 1 :]
                assert form.read(changed, "") is None, changed


@FORMATS
def test_a_token_cut_prolonged_or_in_another_case_is_none(form):
    form = form((NEW,))
    text = form.issue(NOW, AGENT, IP, "").text
    wrong = [text[:n] for n in range(len(text))]
    wrong += [text + "a", "a" + text, text + "\n", text + "=", " " + text, text + "\0"]
    wrong += [text.swapcase(), text.replace("-", "", 1) + "-", text + text]
    assert [value for value in wrong if form.read(value, "") is not None] == []


@FORMATS
@given(text=st.text(st.sampled_from(CHARACTERS + "é٣=% \n"), max_size=100))
def test_what_we_did_not_issue_is_none_and_no_error(form, text):
    assert form((NEW,)).read(text, "") is None


@FORMATS
def test_another_key_or_the_other_format_cannot_make_our_tokens(form):
    assert form((NEW,)).read(issue(form, keys=(OLD,)).text, "") is None
    for other in (CoreFormat, BroadpeakFormat):
        if other is not form:
            assert form((NEW,)).read(issue(other).text, "") is None


@FORMATS
@pytest.mark.parametrize(
    ("issued_for", "read_for"), [("a", ""), ("", "a"), ("a", "b"), ("a", "a\0"), ("a", "A")]
)
def test_the_service_is_covered(form, issued_for, read_for):
    text = issue(form, service=issued_for).text
    assert form((NEW,)).read(text, read_for) is None
    assert form((NEW,)).read(text, issued_for) is not None


@FORMATS
def test_all_keys_verify_and_the_newest_signs(form):
    before, while_both, after = form((OLD,)), form((OLD, NEW)), form((NEW,))
    old, new = (f.issue(NOW, AGENT, IP, "") for f in (before, while_both))
    assert while_both.read(old.text, "").identity == old.identity  # rotating moves nobody
    assert while_both.read(new.text, "") == new
    assert after.read(new.text, "").identity == new.identity
    assert after.read(old.text, "") is None
    assert before.read(new.text, "") is None


@FORMATS
def test_the_alphabet_is_closed_and_the_size_fixed(form):
    """P7, P46, P51: players re-encode anything else."""
    sizes = set()
    for n in range(50):
        text = issue(form, now=NOW + n, service="s" * n, agent="ä" * n).text
        assert tokens.ALPHABET.fullmatch(text)
        sizes.add(len(text))
    assert sizes == {80 if form is CoreFormat else 48}


def test_p36_at_least_128_bits_are_random():
    asked = []

    def random(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    CoreFormat((NEW,), random).issue(NOW, AGENT, IP, "")
    assert asked == [16]


def test_prints_tell_agent_and_network_apart_and_are_a_hint_only():
    form = CoreFormat((NEW,))
    token = form.issue(NOW, AGENT, IP, "")
    agent, network = token.handed_to
    assert form.prints(token, AGENT, "192.0.2.200") == (agent, network)  # the same network
    assert form.prints(token, "other", IP)[0] != agent
    assert form.prints(token, "other", IP)[1] == network
    assert form.prints(token, AGENT, "198.51.100.1")[0] == agent
    assert form.prints(token, AGENT, "198.51.100.1")[1] != network
    assert min(agent, network) >= 0
    assert max(agent, network) < 2**16


def test_prints_are_compared_under_the_key_that_made_them():
    old = issue(CoreFormat, keys=(OLD,))
    rotated = CoreFormat((OLD, NEW))
    read = rotated.read(old.text, "")
    assert rotated.prints(read, AGENT, IP) == old.handed_to
    assert rotated.issue(NOW, AGENT, IP, "").handed_to != old.handed_to


@pytest.mark.parametrize("agent", ["", "\ud800", "\x00", "ä" * 9000])
def test_any_user_agent_leaves_a_print(agent):
    assert issue(CoreFormat, agent=agent, ip="unix").handed_to is not None


def test_broadpeaks_form_is_11_hex_digits_of_ms_and_a_uuid_of_version_8():
    text = issue(BroadpeakFormat).text
    milliseconds, _, rest = text.partition("-")
    assert re.fullmatch(r"[0-9a-f]{11}", milliseconds)
    assert int(milliseconds, 16) == 1_700_000_000_123
    assert uuid.UUID(rest).version == 8
    assert uuid.UUID(rest).variant == uuid.RFC_4122
    assert str(uuid.UUID(rest)) == rest


def test_all_free_bits_of_broadpeaks_uuid_are_used():
    seen_one, seen_zero = 0, 0
    for _ in range(200):
        bits = uuid.UUID(issue(BroadpeakFormat).text[12:]).int
        seen_one |= bits
        seen_zero |= ~bits & (2**128 - 1)
    assert (seen_one & seen_zero).bit_count() == 122


@pytest.mark.parametrize("text", ["a", "my-own_token", "A" * 128, "-", "0"])
def test_a_foreign_token_is_what_the_client_says(text):
    token = tokens.foreign(text)
    assert (token.text, token.origin, token.issued) == (text, Origin.FOREIGN, None)


@pytest.mark.parametrize(
    "text", ["", "A" * 129, "a.b", "a b", "a\n", "a%20", "ä", "a;b", "٣", "a\r\nX: y", "a=b"]
)
def test_what_is_outside_the_foreign_alphabet_is_no_token(text):
    assert tokens.foreign(text) is None


@pytest.mark.parametrize("text", ["a", "AB/cd+ef==", "x" * 512, "{4711}", "a;b"])
def test_a_trusted_header_may_say_anything_visible_but_is_never_written(text):
    token = tokens.from_header(text)
    assert (token.text, token.origin) == ("", Origin.HEADER)
    assert text.encode() in token.identity


@pytest.mark.parametrize("text", ["", "x" * 513, "ä", "a\x00", "a\r\nb", "\x7f"])
def test_a_trusted_header_that_is_not_visible_ascii_is_no_token(text):
    assert tokens.from_header(text) is None


def test_tokens_of_different_origin_never_collide():
    unique = b"u" * 16
    core = CoreFormat((NEW,), lambda _: unique)
    identities = [
        core.issue(NOW, AGENT, IP, "").identity,
        core.derive(unique, AGENT, IP, "").identity,
        tokens.foreign(unique.decode()).identity,
        tokens.from_header(unique.decode()).identity,
    ]
    assert len(set(identities)) == 4
    assert {identity[1:] for identity in identities} == {unique}


def test_a_broadpeak_token_of_the_first_millisecond_is_not_a_derived_one():
    form = BroadpeakFormat((NEW,), lambda size: b"u" * size)
    assert form.issue(0.001, AGENT, IP, "").identity != form.derive(b"u" * 16, "", IP, "").identity


def test_a_token_does_not_print_itself():
    for token in (issue(CoreFormat), issue(BroadpeakFormat), tokens.foreign("secret")):
        assert token.text not in repr(token)
        assert repr(token.identity) not in repr(token)
