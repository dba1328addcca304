"""The README and the docs: their code runs, their examples happen, their tables are complete."""

from __future__ import annotations

import inspect
import logging
import os
import re
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

import sessionware
from sessionware import (
    AsyncSessions,
    Cause,
    Cookie,
    Cors,
    Limit,
    Sessions,
    Settings,
    State,
    life,
    logs,
    naming,
    presets,
    store,
)
from sessionware.clock import steady
from sessionware.store import Command
from sessionware.testing import fake_session
from support.calls import Call
from support.origin import Origin
from support.site import MASTER, site
from support.worlds import AsgiWorld, WsgiWorld, bare

ROOT = Path(__file__).parents[2]
DOCS = sorted(ROOT.glob("docs/*.md"))
PAGES = [*DOCS, *sorted(ROOT.glob("*.md"))]
ARCHITECTURE, CONCEPTS, OPERATING, OPTIONS, STORES, TESTING = (
    ROOT / "docs" / f"{name}.md"
    for name in ("architecture", "concepts", "operating", "options", "stores", "testing")
)
SECRET = "a secret of at least thirty-two characters"

# What stands for something else in the examples.
MEANT = {
    "TOKEN": r"[A-Za-z0-9_-]{36}\.[A-Za-z0-9_-]{43}",
    "LINK": r"[A-Za-z0-9_-]{12}(?:p\d+|n[A-Za-z0-9_-]*)",
    "BROADPEAK": r"[0-9a-f]{11}-[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
}


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def each_block(language: str) -> list:
    return [
        pytest.param(block, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, block in enumerate(blocks(page, language), 1)
    ]


def rows(text: str) -> list[list[str]]:
    """The cells of all rows whose first cell is code; the backquotes are taken off that one."""
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", text, re.MULTILINE)
    return [
        [first, *(cell.strip() for cell in re.split(r"(?<!\\)\|", rest))] for first, rest in lines
    ]


# --- python blocks ----------------------------------------------------------------------------

RECIPE = re.compile(r"# \w+\.py\n")
"""How the files of recipes begin: tests/recipes runs them, with servers and real frameworks."""


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """A folder with a film, a secret, and a Django that answers; access logs as they were."""
    film = tmp_path / "media/hls/film"
    film.mkdir(parents=True)
    (film / "master.m3u8").write_bytes(MASTER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SESSIONWARE_SECRET", SECRET)
    origin = Origin(site)
    for name, made in (("asgi", origin.asgi), ("wsgi", origin.wsgi)):
        django = ModuleType(f"django.core.{name}")
        setattr(django, f"get_{name}_application", lambda made=made: made)
        monkeypatch.setitem(sys.modules, django.__name__, django)
    for name in ("django", "django.core"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for name in logs.ACCESS_LOGS:
        monkeypatch.setattr(logging.getLogger(name), "filters", [])
    return tmp_path


def run(code: str, folder: Path) -> dict:
    """Run a block as the module ``main`` of that folder, which Flask looks for its files in."""
    file = folder / "main.py"
    file.write_text(code)
    names = {"__name__": "main", "__file__": str(file)}
    exec(compile(code, file, "exec", dont_inherit=True), names)
    return names


NO_RECIPES = [block for block in each_block("python") if not RECIPE.match(block.values[0])]


# Starlette's test client would rather have httpx2 than the httpx that is installed here.
@pytest.mark.filterwarnings("ignore:Using `httpx` with `starlette.testclient`")
@pytest.mark.usefixtures("newcomer")
@pytest.mark.parametrize("code", NO_RECIPES)
def test_a_python_block_runs_and_an_app_in_it_hands_out_tokens(code, newcomer):
    names = run(code, newcomer)
    app = names.get("app", names.get("application"))
    if app is None:
        assert not re.search(r"^app(lication)? =", code, re.MULTILINE)
        return
    world = AsgiWorld if inspect.iscoroutinefunction(type(app).__call__) else WsgiWorld
    with world(app, wrap=bare, lint=None) as served:
        entry = served.get("/hls/film/master.m3u8?zipcode=25267")
        assert entry.status == 307
        assert entry.location.startswith("/hls/film/master.m3u8?zipcode=25267&tkn=")
        follow = served.get(entry.location)
        token = entry.location.partition("tkn=")[2]
        if "media" in code or "django" in code:
            assert f"720p/index.m3u8?tkn={token}" in follow.text
        if "/viewers" in code:
            served.get(re.search(r"^720p.*", follow.text, re.MULTILINE)[0])
            assert served.get("/viewers").status == 200


# --- requests and answers ---------------------------------------------------------------------


def meant(text: str) -> str:
    """An expression for a text with placeholders."""
    pattern = re.escape(text)
    for name, expression in MEANT.items():
        pattern = pattern.replace(name, expression)
    return pattern


def parted(block: str) -> tuple[str, str, tuple, int, list, list[str]]:
    """Options, target and headers of the request; status, headers and lines of the answer."""
    options = block.partition("\n")[0][1:].strip() if block.startswith("#") else ""
    request, answer, *body = re.sub(r"^#.*\n", "", block).split("\n\n", 2)
    first, *sent = request.splitlines()
    status, *got = answer.splitlines()
    pairs = [tuple(line.split(": ", 1)) for line in got]
    lines = body[0].splitlines() if body else []
    return options, first, tuple(tuple(s.split(": ", 1)) for s in sent), int(status), pairs, lines


PAGES_WITH_HTTP = [pytest.param(page, id=page.stem) for page in DOCS if blocks(page, "http")]


@pytest.mark.parametrize("page", PAGES_WITH_HTTP)
def test_each_request_of_a_page_gets_the_answer_beside_it(page, make_world):
    world, token = None, ""
    for block in blocks(page, "http"):
        options, first, sent, status, headers, lines = parted(block)
        method, target = first.split(" ", 1)
        if "TOKEN" not in target and options != "goes on":  # where the one before has ended
            given = eval(f"dict({options})", {"presets": presets})
            world = make_world(Origin(site), secret=SECRET, **given)
        target = target.replace("TOKEN", token).replace("LONG", "a" * 8193)
        answer = world.send(Call(target, method=method, headers=sent))
        assert answer.status == status, block
        for name, value in headers:
            found = ", ".join(answer.all(name))
            assert re.fullmatch(meant(value), found), f"{name}: {found}\n{block}"
        for line in lines:
            assert re.search(meant(line), answer.text), f"{line} is not in\n{answer.text}"
        if carried := re.search(f"tkn=({MEANT['TOKEN']})", answer.location or ""):
            token = carried[1]


# --- tables -----------------------------------------------------------------------------------


def defaults(of: type) -> dict[str, object]:
    return {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(of)
    }


@pytest.mark.parametrize(
    ("of", "heading"),
    [(Settings, ""), (Cookie, "### Cookie"), (Cors, "### Cors"), (Limit, "### Limit")],
)
def test_the_options_table_has_each_option_once_with_its_default(of, heading):
    text = OPTIONS.read_text()
    begin = text.index(heading)
    rest = text[begin + len(heading) :]
    part = rest[: rest.index("\n### ")] if "\n### " in rest else rest.partition("\n## Presets")[0]
    known = {"Cookie": Cookie, "Cors": Cors, "steady": steady, "MISSING": MISSING}
    told = [
        (name, eval(cell.strip("`").replace("\\|", "|") or "MISSING", known))
        for name, cell, *_ in rows(part)
    ]
    assert told == list(defaults(of).items())


def test_the_architecture_names_each_module_and_no_other():
    package = ROOT / "src/sessionware"
    modules = {
        ".".join(file.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for file in package.rglob("*.py")
    }
    told = [name for name, *_ in rows(ARCHITECTURE.read_text())]
    assert sorted(told) == sorted(modules - {"__init__"} | {"sessionware"})


def test_the_names_of_streams_are_those_of_the_table():
    told = [
        (path, cell.strip("`")) for path, cell, *_ in rows(CONCEPTS.read_text()) if path[0] == "/"
    ]
    assert told
    assert told == [(path, naming.stream_name(path[1:], manifest=True)) for path, _ in told]


def test_the_diagram_is_that_of_the_table_of_a_sessions_life():
    assert [block.rstrip() for block in blocks(CONCEPTS, "mermaid")] == [life.diagram()]


def test_the_numbers_are_those_of_counts():
    text = CONCEPTS.read_text().partition("## What each number counts")[2].partition("\n## ")[0]
    told = [name for name, *_ in rows(text)]
    assert told == [field.name for field in fields(sessionware.Counts)]


def under(page: Path, heading: str) -> str:
    """The part of a page below a heading, as far as the next one of its level or above."""
    level = heading.partition(" ")[0]
    below = page.read_text().partition(f"{heading}\n")[2]
    assert below, heading
    return re.split(rf"^#{{1,{len(level)}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def test_what_a_session_says_is_what_is_told_of_it():
    told = [name for name, *_ in rows(under(CONCEPTS, "## What a session says"))]
    assert told == list(fake_session().to_dict())


@pytest.mark.parametrize("facade", [Sessions, AsyncSessions])
def test_the_calls_of_the_facade_are_those_of_the_table_with_these_keywords(facade):
    told = {}
    for call, *_ in rows(OPERATING.read_text().partition("\n## ")[0]):
        name, _, rest = call.partition("(")
        told[name] = re.findall(r"\w+(?==)|(?<=[(, *])\w+(?=[,)])", f"({rest}")
    calls = {
        name: [parameter for parameter in inspect.signature(call).parameters if parameter != "self"]
        for name, call in inspect.getmembers(facade, callable)
        if name[0] != "_" and name != "under"
    }
    assert told == calls


def test_the_events_are_those_of_the_table_with_these_fields():
    told = {
        name: re.findall(r"`(\w+)`", cells[0])
        for name, *cells in rows(under(OPERATING, "## Events"))
        if len(cells) == 2
    }
    events = [found for found in vars(sessionware).values() if is_a(found, sessionware.Event)]
    assert told == {event.__name__: [each.name for each in fields(event)][1:] for event in events}


def is_a(found: object, base: type) -> bool:
    return isinstance(found, type) and issubclass(found, base) and found is not base


@pytest.mark.parametrize(
    ("heading", "of", "cells"),
    [("## Events", sessionware.Stats, 1), ("## Explaining", sessionware.Explanation, 1)],
)
def test_the_fields_of_what_the_facade_gives_are_those_of_the_table(heading, of, cells):
    told = [name for name, *rest in rows(under(OPERATING, heading)) if len(rest) == cells]
    assert told == [field.name for field in fields(of)]


def test_the_causes_of_an_end_are_those_that_the_page_tells_of():
    told = re.findall(r"^- \*\*(\w+)\*\*:", under(CONCEPTS, "## Life and death"), re.MULTILINE)
    states = [state.value for state in State]
    assert sorted(name.lower() for name in told) == sorted(
        ["new", *states, *(cause.value for cause in Cause)]
    )


def test_what_a_fake_session_may_be_told_is_in_the_table():
    told = [name for name, *_ in rows(TESTING.read_text())]
    assert sorted(told) == sorted(inspect.signature(fake_session).parameters)


COMMANDS = "## The commands and their keys"


def test_the_table_of_commands_has_each_command_of_a_store_once():
    named = [first.partition("(")[0] for first, *_ in rows(under(STORES, COMMANDS))]
    known = [name for name, one in vars(store).items() if is_a(one, Command)]
    assert sorted(name for name in named if name[0].isupper()) == sorted(known)


def test_the_table_of_commands_names_the_records_of_the_table_before_it():
    told = rows(under(STORES, COMMANDS))
    records = {first for first, *_ in told if first.islower()}
    parts = [
        re.sub(r" \(.*?\)| of .*", "", part)
        for first, reads, writes, _ in told
        if not first.islower()
        for part in (*reads.split(";"), *writes.split(";"))
    ]
    named = {record.strip() for part in parts for record in part.split(",")}
    assert named - {"nothing", "once"} == records


# --- links, commands, the picture -------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = [
    pytest.param(page, link, id=f"{page.name}-{link}")
    for page in PAGES
    for link in dict.fromkeys(re.findall(r"\]\(([^)\s]+)\)", page.read_text()))
    if "://" not in link
]


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists()
    assert not anchor or anchor in anchors(target)


@pytest.mark.parametrize("page", [pytest.param(page, id=page.name) for page in PAGES])
def test_the_scripts_that_a_page_names_are_there(page):
    named = set(re.findall(r"(?<![\w/])(?:\./)?(scripts/[\w-]+|\.ci/run)", page.read_text()))
    assert [name for name in sorted(named) if not os.access(ROOT / name, os.X_OK)] == []


def test_the_picture_needs_nothing_from_elsewhere():
    svg = ET.parse(ROOT / "docs/terminal.svg").getroot()
    tags = {element.tag.rpartition("}")[2] for element in svg.iter()}
    assert tags == {"svg", "title", "rect", "g", "text"}
    values = [value for element in svg.iter() for value in element.attrib.values()]
    assert not [value for value in values if "://" in value or "url(" in value]
