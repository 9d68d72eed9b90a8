"""The house keeps its own rules. `make check` lints the layers; here are those that the linter cannot say."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "pansori"
FACADES = ("jobs", "media", "db", "accounts", "workflows", "espeak")
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


@cache
def imports() -> list[tuple[Path, str, list[str]]]:
    """Every file, with what it imports from another package of `pansori`, whole and in parts."""
    return [
        (file, module, parts)
        for file in FILES
        for module in imported_modules(file)
        if (parts := module.split("."))[0] == "pansori" and len(parts) > 1 and parts[1] != home(file)
    ]


def test_private_modules_stay_private() -> None:
    wrong = [(str(file), module) for file, module, parts in imports() if any(part.startswith("_") for part in parts)]
    assert wrong == []


def test_packages_are_entered_by_their_front_door() -> None:
    entered = [(str(file), module) for file, module, parts in imports() if parts[1] in FACADES and len(parts) > 2]
    assert [one for one in entered if one[1] not in OPEN_MODULES] == []


@pytest.mark.parametrize("package", FACADES)
def test_facades_say_what_they_show(package: str) -> None:
    tree = ast.parse((SOURCE / package / "__init__.py").read_text(encoding="utf-8"))
    names = [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]  # type: ignore[attr-defined]
    assert "__all__" in names


def test_files_stay_readable() -> None:
    lengths = {str(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert len(lengths) > 100
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


# -- what `make check` and the tests enforce is not loosened by the way ------------

PROJECT: dict[str, Any] = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
FAMILIES = {
    f"pansori.engines.{path.name}" for path in (SOURCE / "engines").iterdir() if (path / "__init__.py").exists()
}


def contract(name: str) -> dict[str, Any]:
    [found] = [one for one in PROJECT["importlinter"]["contracts"] if one["name"] == name]
    return dict(found)


def test_checks_are_strict() -> None:
    assert PROJECT["mypy"]["strict"]
    assert set(PROJECT["mypy"]["files"]) == {"src", "tests", "bench"}
    assert "error" in PROJECT["pytest"]["ini_options"]["filterwarnings"]
    assert PROJECT["ruff"]["lint"]["mccabe"]["max-complexity"] <= 10


def test_every_package_has_its_layer() -> None:
    layers = contract("Imports point down only")
    assert layers["exhaustive"]
    named = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert named == {home(file) for file in FILES} - {"__init__"}


def test_every_family_of_engines_is_kept_apart() -> None:
    assert set(contract("Engine families know nothing of each other")["modules"]) == FAMILIES
    assert set(contract("The engines' base knows no family")["forbidden_modules"]) == FAMILIES


def test_http_is_known_to_api_and_web_alone() -> None:
    apart = contract("HTTP stays in api and web")
    assert {"fastapi", "starlette"} <= set(apart["forbidden_modules"])
    allowed = {"cli", "bootstrap", "api", "web", "__init__"}  # the first two start the server and no more
    packages = {home(file) for file in FILES} - allowed
    assert packages <= {module.removeprefix("pansori.") for module in apart["source_modules"]}


def test_nothing_that_others_made_is_in_the_tree() -> None:
    """Scripts for pages, fonts and SoundFonts come as packages; what is fetched at set-up is ignored by Git."""
    carried = {".sf2", ".sf3", ".ttf", ".otf", ".woff", ".woff2", ".onnx", ".safetensors", ".mp3", ".so"}
    root = SOURCE.parents[1]
    ignored = [root / line.strip("/") for line in (root / ".gitignore").read_text(encoding="utf-8").splitlines()]
    ours = [path for path in SOURCE.rglob("*") if not any(path.is_relative_to(folder) for folder in ignored)]
    assert not [str(path) for path in ours if path.suffix in carried or path.name.endswith(".min.js")]
