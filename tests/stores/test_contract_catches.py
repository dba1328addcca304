"""The contract catches: each defect of a store breaks a case, and each case is broken by one."""

from __future__ import annotations

import dataclasses
import inspect
import re
import unicodedata
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from defects import DEFECTS_OF_ROOM, MANY_SESSIONS, ONE_SESSION, Defect
from defects_limits import LIMITS, ORDERS, TOLD

from sessionware import store as commands
from sessionware.testing.contract import CASES, ROOM_CASES, run
from support import model, model_life, model_places

if TYPE_CHECKING:
    from sessionware.testing.steps import Case

SOURCES = [
    re.sub(r"^from support\..*\n", "", inspect.getsource(module), flags=re.MULTILINE)
    for module in (model_life, model_places, model)
]
AT_HAND = {**vars(commands), "replace": dataclasses.replace, "normalize": unicodedata.normalize}
DEFECTS = [*ONE_SESSION, *MANY_SESSIONS, *LIMITS, *TOLD, *ORDERS]
ROOM = 3
ANY_ROOM, LITTLE_ROOM = (CASES, DEFECTS, 1000), (ROOM_CASES, DEFECTS_OF_ROOM, ROOM)


@cache
def store_with(defect: Defect) -> type[model.ModelStore]:
    _, right, wrong = defect
    assert sum(source.count(right) for source in SOURCES) == 1
    module = ModuleType(model.__name__)
    vars(module).update({name: AT_HAND[name] for name in AT_HAND if not name.startswith("__")})
    for source in SOURCES:
        code = compile(source.replace(right, wrong), "defect", "exec", dont_inherit=True)
        exec(code, vars(module))
    broken: type[model.ModelStore] = module.ModelStore
    return broken


@cache
def breaks(defect: Defect, case: Case, room: int) -> bool:
    store = store_with(defect)(room)
    try:
        run(case, store)
    except AssertionError:
        return True
    return False


def pairs(which: int) -> list:
    """Each case, or each defect, with those of the other sort that there are for it."""
    return [
        pytest.param(one, *others, id=getattr(one, "__name__", one[0] if which else None))
        for table in (ANY_ROOM, LITTLE_ROOM)
        for one in table[which]
        for others in [(table[1 - which], table[2])]
    ]


@pytest.mark.parametrize(("defect", "cases", "room"), pairs(1))
def test_a_defect_is_caught(defect, cases, room):
    assert any(breaks(defect, case, room) for case in cases)


@pytest.mark.parametrize(("case", "defects", "room"), pairs(0))
def test_a_case_catches_a_defect(case, defects, room):
    assert any(breaks(defect, case, room) for defect in defects)


def test_no_defect_has_the_name_of_another():
    names = [name for name, *_ in [*DEFECTS, *DEFECTS_OF_ROOM]]
    assert len(set(names)) == len(names)
