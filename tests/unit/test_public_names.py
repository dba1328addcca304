"""What a user may import, and the manners of the source."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import sessionware

SOURCE = Path(sessionware.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
UNWANTED = {"pickle", "marshal", "shelve", "starlette", "werkzeug", "flask"}
"""Never pickle (SPEC 9); and the shells stand on no framework."""


@pytest.mark.parametrize("name", sessionware.__all__)
def test_a_public_name_is_there_and_explained(name: str) -> None:
    held = getattr(sessionware, name)
    assert name == "__version__" or inspect.getdoc(held)
    if inspect.isclass(held):
        # A docstring of its own: one that is inherited or made by dataclass explains nothing.
        assert held.__dict__["__doc__"]
        assert not held.__dict__["__doc__"].startswith(f"{name}(")


def test_the_public_names_are_sorted_and_complete() -> None:
    assert list(sessionware.__all__) == sorted(sessionware.__all__)
    own = {
        name
        for name, held in vars(sessionware).items()
        if getattr(held, "__module__", "").startswith("sessionware") and not inspect.ismodule(held)
    }
    assert own | {"__version__"} == set(sessionware.__all__)


@pytest.mark.parametrize("name", ["asgi", "wsgi"])
def test_each_world_has_its_middleware(name: str) -> None:
    middleware = importlib.import_module(f"sessionware.{name}").StreamSessionMiddleware
    assert inspect.getdoc(middleware)


@pytest.mark.parametrize(
    "cls", [held for held in vars(sessionware).values() if inspect.isclass(held)]
)
def test_the_methods_of_public_classes_are_explained(cls: type) -> None:
    for name, held in vars(cls).items():
        if not name.startswith("_") and (inspect.isfunction(held) or isinstance(held, property)):
            assert inspect.getdoc(held), f"{cls.__name__}.{name}"


def test_the_package_says_that_it_is_typed() -> None:
    assert (SOURCE / "py.typed").is_file()


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_source_file_has_manners(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_bytes())))
    # "python -O" takes an assert away, and with it the check.
    assert not [node.lineno for node in nodes if isinstance(node, ast.Assert)]
    packages = {name.partition(".")[0] for node in nodes for name in imported(node)}
    assert not packages & UNWANTED


LONGEST = 330
"""Lines; a file has one idea."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_source_file_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST
