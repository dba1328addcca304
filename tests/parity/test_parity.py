"""Every case runs in both worlds; they answer alike, and as the case says."""

from __future__ import annotations

from dataclasses import fields

import pytest

from parity.table import CASES
from sessionware import Settings
from support.story import Story

OPTIONS = [option.name for option in fields(Settings)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_worlds_answer_alike_and_as_expected(case):
    asgi, wsgi = Story(case, "asgi").play(), Story(case, "wsgi").play()
    for number, (one, other) in enumerate(zip(asgi, wsgi, strict=True), 1):
        assert one == other, f"step {number} differs between ASGI and WSGI"


def test_no_two_cases_have_one_name():
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_has_a_case_that_fails_without_it(option):
    cases = [case for case in CASES if any(option in o for o in (case.options, *case.layers))]
    assert any(fails_without(option, case) for case in cases), (
        f"none of {len(cases)} cases fails without {option}"
    )


def fails_without(option, case):
    try:
        Story(case, "wsgi", without=option).play()
    except AssertionError:
        return True
    except Exception:  # noqa: BLE001 - no proof: without it the rest can't work at all
        return False
    return False
