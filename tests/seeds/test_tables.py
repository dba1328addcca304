"""The pages for those who come from elsewhere: each sentence of a seed has a test that is there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from seeds.ids import BROADPEAK, LATER, MISTSERVER

ROOT = Path(__file__).parents[2]
SEEDS = ROOT.parent / "shared" / "spec" / "SEEDS.md"
PAGES = {"mistserver": MISTSERVER, "broadpeak": BROADPEAK}

each_page = pytest.mark.parametrize(("page", "ids"), PAGES.items(), ids=PAGES)


def table(text: str) -> list[tuple[str, list[str]]]:
    """Give the id and the cells of each row whose first cell is an id of a seed."""
    lines = re.findall(r"^\| ([MK]\d+\w*) \| (.*) \|$", text, re.MULTILINE)
    return [(name, rest.split(" | ")) for name, rest in lines]


def rows(page: str) -> list[tuple[str, list[str]]]:
    return table((ROOT / "docs" / f"{page}.md").read_text())


def nodes(cell: str) -> list[str]:
    return re.findall(r"`(tests/[^`]*)`", cell)


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The node ids of the tests in all files that the pages name, without their parameters."""
    named = {node for page in PAGES for _, cells in rows(page) for node in nodes(cells[-1])}
    files = sorted({node.partition("::")[0] for node in named} & existing())
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *files]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return {line.partition("[")[0] for line in found.stdout.splitlines() if "::" in line}


def existing() -> set[str]:
    return {str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")}


@each_page
def test_a_page_has_each_sentence_once_in_order_and_no_other(page, ids):
    assert [name for name, _ in rows(page)] == list(ids)


@each_page
def test_a_row_says_what_it_is_about_by_which_option_and_names_a_test(page, ids):
    for name, cells in rows(page):
        assert len(cells) == 3, name
        assert all(cells), name
        if name in LATER:
            assert cells[-1] == "later", name
        else:
            assert nodes(cells[-1]), name


@each_page
def test_the_tests_that_a_page_names_are_there(page, ids, collected):
    named = [node for _, cells in rows(page) for node in nodes(cells[-1])]
    assert named
    assert sorted(set(named) - collected) == []


def test_the_tests_of_the_seeds_are_all_on_the_pages():
    text = "".join((ROOT / "docs" / f"{page}.md").read_text() for page in PAGES)
    files = [file for file in existing() if re.match(r"tests/seeds/test_(mist|broad)", file)]
    assert [file for file in sorted(files) if f"`{file}::" not in text] == []


def test_the_sentences_are_those_of_the_seeds():
    ids = [*MISTSERVER, *BROADPEAK]
    assert len(set(ids)) == len(ids)
    assert set(ids) > LATER
    if SEEDS.exists():  # a copy of the repository alone has no seeds beside it
        told = table(SEEDS.read_text())
        assert [name for name, _ in told] == ids
        assert {name for name, cells in told if cells[-1] == "later"} == LATER
