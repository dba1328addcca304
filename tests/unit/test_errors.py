"""The errors: one tree, drawn in the module's docstring."""

from __future__ import annotations

import inspect
import re

import pytest

from sessionware import (
    ConfigurationError,
    DataError,
    Fault,
    SessionwareError,
    Settings,
    StoreError,
    errors,
)
from sessionware.outcome import Handoff, Serve
from sessionware.token import Origin, Token

_BRANCH = re.compile(r"^( *)(?:\+-- )?([A-Z]\w+)(?: +\(also an? (\w+)\))?", re.MULTILINE)


def drawn() -> dict[str, list[str]]:
    """Read the docstring's tree: name -> names of its bases, the drawn parent first."""
    tree: dict[str, list[str]] = {}
    above: list[tuple[int, str]] = []
    for indent, name, also in _BRANCH.findall((errors.__doc__ or "").partition("::")[2]):
        if name == "Nothing":  # the sentence below the tree
            break
        while above and above[-1][0] >= len(indent):
            above.pop()
        tree[name] = [base for base in (above[-1][1] if above else "", also) if base]
        above.append((len(indent), name))
    return tree


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    classes = {
        name: [base.__name__ for base in cls.__bases__]
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception)
    }
    assert drawn() == {"Exception": []} | classes


@pytest.mark.parametrize(
    ("error", "also"),
    [(ConfigurationError([]), ValueError), (DataError(), TypeError), (StoreError(), Exception)],
)
def test_every_error_is_caught_by_the_base_and_by_its_builtin(error: Exception, also: type) -> None:
    assert isinstance(error, SessionwareError)
    assert isinstance(error, also)


def test_a_fault_names_option_value_reason_and_example() -> None:
    fault = Fault("handoff", "redirct", "is none of ...", "handoff='redirect'")
    assert str(fault) == "handoff='redirct': is none of ... (for example handoff='redirect')"


@pytest.mark.parametrize("value", ["hunter2", b"hunter2", ("hunter2",), ["old", "hunter2"]])
def test_a_fault_never_prints_a_secret_not_even_a_wrong_one(value: object) -> None:
    error = ConfigurationError([Fault("secret", value, "is too short", "secret=...")])
    assert "hunter2" not in str(error)
    assert "secret=...: is too short" in str(error)


def test_a_configuration_error_keeps_its_faults_in_order_a_line_each() -> None:
    faults = [Fault("b", 1, "x", "b=2"), Fault("a", 2, "y", "a=3")]
    error = ConfigurationError(iter(faults))
    assert error.faults == tuple(faults)
    assert str(error).splitlines() == list(map(str, faults))


HIDDEN = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "wrong",
    [
        {"secert": HIDDEN},
        {"secret": HIDDEN[:7]},
        {"store": f"redis://user:{HIDDEN}@host/no-number"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_no_error_shows_a_secret(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings.from_dict(wrong)
    shown = f"{refused.value} {refused.value!r} {refused.value.faults!r}"
    assert HIDDEN[:7] not in shown


def test_no_outcome_shows_a_token() -> None:
    outcomes = [
        Handoff(307, f"/a.m3u8?tkn={HIDDEN}", HIDDEN),
        Serve(None, token=HIDDEN, cookie=HIDDEN),
        Token(HIDDEN, Origin.FOREIGN, HIDDEN.encode()),
    ]
    assert HIDDEN not in repr(outcomes)
