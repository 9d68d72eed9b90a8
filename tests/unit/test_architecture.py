"""The house keeps its own rules. `make check` lints the layers; here are those that the linter cannot say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pansori"
FACADES = ("jobs", "media", "db", "accounts", "workflows")
LONGEST_FILE = 400
FILES = sorted(SOURCE.rglob("*.py"))
#: Modules of a facade package that others may name, since their names are the facade's own business.
OPEN_MODULES = {"pansori.db.tables", "pansori.jobs.hosts.celery"}


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def home(file: Path) -> str:
    """The package under `pansori` that a file belongs to."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_private_modules_stay_private(file: Path) -> None:
    for module in imported_modules(file):
        parts = module.split(".")
        if parts[0] == "pansori" and len(parts) > 1 and parts[1] != home(file):
            assert not any(part.startswith("_") for part in parts), f"{module} belongs to pansori.{parts[1]} alone"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_packages_are_entered_by_their_front_door(file: Path) -> None:
    for module in imported_modules(file):
        parts = module.split(".")
        if parts[0] == "pansori" and len(parts) > 2 and parts[1] in FACADES and parts[1] != home(file):
            assert module in OPEN_MODULES, f"import from pansori.{parts[1]}, not from {module}"


@pytest.mark.parametrize("package", FACADES)
def test_facades_say_what_they_show(package: str) -> None:
    tree = ast.parse((SOURCE / package / "__init__.py").read_text(encoding="utf-8"))
    names = [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]  # type: ignore[attr-defined]
    assert "__all__" in names


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_files_stay_readable(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
