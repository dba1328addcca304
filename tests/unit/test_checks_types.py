"""An option of a wrong type is a fault like any other: named, with the reason and an example."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sessionware import ConfigurationError, Cookie, Cors, Settings

Wrong: Any = lambda kind, **parts: kind(**parts)  # noqa: E731 - the types are wrong on purpose

WRONG: list[tuple[str, Any]] = [
    ("announce", 5),
    ("announce", "ab"),
    ("aliases", 5),
    ("trusted_proxies", 5),
    ("trusted_proxies", (5,)),
    ("trusted_header", 5),
    ("trusted_header", (5,)),
    ("carry_to", 5),
    ("carry_hosts", 5),
    ("read", None),
    ("write", 5),
    ("read", [["query"]]),
    ("parameter", ["x"]),
    ("new_token", []),
    ("public_url", 5),
    ("public_url", "http://["),
    ("match", b"x"),
    ("match", re.compile(rb"x")),
    ("cookie", Wrong(Cookie, path=5)),
    ("cookie", Wrong(Cookie, name=5)),
    ("cookie", Wrong(Cookie, same_site=[])),
    ("cookie", Wrong(Cookie, secure="x")),
    ("cookie", Wrong(Cookie, http_only=1)),
    # Of a text every part would be allowed: "https://tv.example" of "https://tv.example.com".
    ("cors", Wrong(Cors, origins="https://tv.example.com")),
    ("cors", Cors(origins=("https://tv.example/path",))),
    ("cors", Cors(expose=("X\r\nY: z",))),
    ("cors", Wrong(Cors, max_age="x")),
    ("cors", Wrong(Cors, credentials="no")),
]


@pytest.mark.parametrize(("option", "value"), WRONG, ids=repr)
def test_a_value_of_a_wrong_type_is_a_fault_of_its_option(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Settings(**{option: value})
    assert {fault.option for fault in refused.value.faults} == {option}
    assert all(fault.example for fault in refused.value.faults)


def test_a_wrong_type_hides_no_other_fault() -> None:
    wrong: dict[str, Any] = {"aliases": 5, "parameter": "a b", "public_url": 5, "read": None}
    with pytest.raises(ConfigurationError) as refused:
        Settings(**wrong)
    assert {fault.option for fault in refused.value.faults} == set(wrong)


@pytest.mark.parametrize("values", [{"cookie": {"nam": "x"}}, {"cors": {"origin": []}}], ids=repr)
def test_a_name_that_is_unknown_inside_an_option_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="its names are"):
        Settings.from_dict(values)
