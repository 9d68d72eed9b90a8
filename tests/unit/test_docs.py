"""What is written about the program is what the program is."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import typer

from pansori import settings
from pansori.cli.app import app
from pansori.cli.reference import pages
from pansori.domain.errors import error_types
from pansori.settings import Settings
from support.readme import blocks

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
GENERATED = functools.cache(pages)  #: made when first asked for: it takes seconds, which those who only collect save


@pytest.mark.parametrize("name", sorted(path.name for path in REFERENCE.iterdir()))
def test_the_reference_is_current(name: str) -> None:
    assert (REFERENCE / name).read_text(encoding="utf-8") == GENERATED()[name], "run `make docs`"


def test_every_page_of_the_reference_is_written() -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(GENERATED()), "run `make docs`"


def test_every_setting_is_in_the_reference() -> None:
    page = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    assert not [name for name in map(settings.env_name, Settings.model_fields) if f"`{name}`" not in page]


def test_every_error_is_in_the_reference() -> None:
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    assert not [kind.code for kind in error_types() if f"`{kind.code}`" not in page]


def test_every_error_code_is_its_own() -> None:
    codes = [kind.code for kind in error_types()]
    assert len(codes) == len(set(codes))


def test_every_route_is_in_the_reference() -> None:
    page = (REFERENCE / "routes.md").read_text(encoding="utf-8")
    assert not [path for path in json.loads(GENERATED()["openapi.json"])["paths"] if f" {path}`" not in page]


def test_every_command_is_in_the_reference() -> None:
    page = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    assert not [path for path in command_paths() if f"## {path}\n" not in page]


def test_every_engine_is_in_the_reference() -> None:
    page = (REFERENCE / "engines.md").read_text(encoding="utf-8")
    ours = [
        point.name for point in entry_points(group="pansori.engines") if point.dist and point.dist.name == "pansori"
    ]
    assert ours
    assert not [name for name in ours if f"## {name}\n" not in page]


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    required = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for file in ("soundfont.in", "build.in"):
        required += (ROOT / "requirements" / file).read_text(encoding="utf-8").split()
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    names = {re.split(r"[^A-Za-z0-9_-]", requirement)[0] for requirement in required}
    listed = set(re.findall(r"^\| `([^`]+)` \|", page, flags=re.MULTILINE)) - {"uv"}
    assert listed == {*names, *packages["dependencies"], *packages["devDependencies"]}


def test_the_glossary_is_in_order() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = [word.lower() for word in re.findall(r"^\| ([^|]+?) \|", page, flags=re.MULTILINE)][2:]
    assert words == sorted(words)


def test_what_the_architecture_names_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`([a-z_]+(?:/[a-z_.]+)+|[a-z_]+\.py)/?`", page) if name != "decisions"}
    assert {"bootstrap.py", "engines/analyze/schema.py", "reports/words.py"} <= named
    places = (ROOT, ROOT / "src" / "pansori")
    assert not [name for name in named if not any((place / name).exists() for place in places)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.partition("#")[0]).exists(), target


# -- the README's blocks; those that need a server run in tests/integration ------------


def test_every_block_of_the_readme_says_how_it_is_run() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(blocks()) == text.count("```bash")
    assert {block.how for block in blocks()} == {"dry", "shell", "with a server"}


@pytest.mark.parametrize("line", [line for block in blocks("dry") for line in block.commands])
def test_commands_that_are_not_run_exist(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        subprocess.run(["make", "--dry-run", *words[1:]], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    elif words[0] == "export":
        names = {word.partition("=")[0] for word in words[1:]}
        assert names <= {settings.env_name(name) for name in Settings.model_fields}
    else:
        assert Path(words[0]).name == "pansori"
        path = ["pansori", *[word for word in words[1:] if re.fullmatch("[a-z]+", word)]]
        command = command_paths()[" ".join(path[: 3 if path[1] in ("db", "jobs") else 2])]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def command_paths() -> dict[str, typer.core.TyperCommand | typer.core.TyperGroup]:
    """Every command by what one types, groups included."""
    found: dict[str, typer.core.TyperCommand | typer.core.TyperGroup] = {}

    def collect(command: object, path: str) -> None:
        found[path] = command  # type: ignore[assignment]  # typer's own commands have no public base
        for name, child in getattr(command, "commands", {}).items():
            collect(child, f"{path} {name}")

    collect(typer.main.get_command(app), "pansori")
    return found
