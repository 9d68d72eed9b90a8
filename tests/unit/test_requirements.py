"""What is installed is locked by hash, from no particular place, and light."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRY = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", re.MULTILINE)
#: Libraries of models and their drivers: how their packages' names begin.
HEAVY = ("torch", "transformers", "diffusers", "ctranslate2", "onnxruntime", "tensorflow", "jax", "nvidia", "triton")


def locked(name: str) -> dict[str, str]:
    """Packages → versions."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {found[1].lower(): found[2] for found in ENTRY.finditer(text)}


@pytest.mark.parametrize(
    "name", ["core.txt", "dev.txt", "node.txt", "s3.txt", "librosa.txt", "gradio-new.txt", "gradio-4.txt"]
)
def test_every_package_is_locked_by_hash_and_no_address_is_named(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > (20 if name in ("core.txt", "dev.txt") else 0)
    for entry in entries:
        assert ENTRY.match(entry), entry
        assert "--hash=sha256:" in entry
    assert "://" not in text
    assert "--" not in text.replace("--hash=sha256:", "")


def test_development_adds_to_the_product_and_changes_nothing_of_it() -> None:
    core, dev = locked("core.txt"), locked("dev.txt")
    assert core.items() <= dev.items()
    assert dev.keys() > core.keys()


def test_everything_that_is_required_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "core.txt": project["project"]["dependencies"],
        "dev.txt": [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]],
    }
    for lock, required in wanted.items():
        names = {re.split(r"[^A-Za-z0-9_-]", one)[0].lower().replace("_", "-") for one in required}
        assert names <= locked(lock).keys() | {name.replace("_", "-") for name in locked(lock)}, lock


def test_the_bare_install_is_light() -> None:
    core = locked("core.txt")
    assert "fastapi" in core
    assert not [name for name in core if name.startswith(HEAVY)]


# -- the interpreter that all of it is installed for ------------

OTHER_PYTHON = """#!{python}
import sys
sys.version_info = {version}
assert sys.argv[1] == "-c", "nothing is installed for it"
exec(sys.argv[2])
"""


@pytest.mark.parametrize(("version", "told"), [((3, 10, 4), "3.10"), ((3, 13, 0), "3.13")])
def test_a_python_that_does_not_fit_is_told_of(version: tuple[int, int, int], told: str, tmp_path: Path) -> None:
    other = tmp_path / "other-python"
    other.write_text(OTHER_PYTHON.format(python=sys.executable, version=version))
    other.chmod(0o755)
    command = ["make", "--file", str(ROOT / "Makefile"), f"PYTHON={other}", ".venv/bin/uv"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode != 0
    assert f"Pansori needs Python 3.11 or 3.12 and found {told}" in made.stderr
    assert "make PYTHON=" in made.stderr
    assert not (tmp_path / ".venv").exists()
