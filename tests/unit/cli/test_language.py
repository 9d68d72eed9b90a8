"""What is advised can be typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.cli.language import typable
from pansori.domain.errors import Text

ADVICE = Text(
    "Install it: `pip install 'pansori[piper]'`. Then: `pansori models get voice`.",
    "설치하세요: `pip install 'pansori[piper]'` 그다음: `pansori models get voice`",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One in which an environment lies that is not on the path."""
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    for name in ("pansori", "pip"):
        (scripts / name).touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("PANSORI_LANG", "en")
    monkeypatch.setattr("sys.argv", [".venv/bin/pansori"])
    return scripts


def test_commands_are_told_as_this_one_was_called(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = "Install it: `.venv/bin/pip install 'pansori[piper]'`. Then: `.venv/bin/pansori models get voice`."
    assert typable(ADVICE) == there
    monkeypatch.setenv("PANSORI_LANG", "ko")
    assert typable(ADVICE) == (
        "설치하세요: `.venv/bin/pip install 'pansori[piper]'` 그다음: `.venv/bin/pansori models get voice`"
    )


def test_on_the_path_they_stay_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    assert typable(ADVICE) == ADVICE.en


def test_nothing_else_is_touched(folder: Path) -> None:
    told = Text("There is no file my pansori song.wav; pip is a seed. See /opt/bin/pansori engines.", "")
    assert typable(told) == told.en


def test_without_a_pip_beside_it_the_usual_one_is_named(folder: Path) -> None:
    (folder / "pip").unlink()
    assert typable(ADVICE).startswith("Install it: `pip install 'pansori[piper]'`. Then: `.venv/bin/pansori")
