"""Models that are here: fetched, copied, put there by somebody, removed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pansori.domain.errors import InvalidRequest, NotFound, Unreachable
from pansori.models import Model, find, models_dir, remove, shelved
from pansori.settings import Settings
from support.fetched import NAME, VISIBLE, contents, fetch, settings_of
from support.hub import COMMIT, PIECE, TestHub


def test_what_somebody_put_there_is_found(chosen: Settings) -> None:
    mine = models_dir(chosen) / "mine"
    mine.mkdir(parents=True)
    assert find(chosen, "mine") is None
    (mine / "model.bin").write_bytes(b"weights")
    assert find(chosen, "mine") == mine
    assert [(one.model.name, one.state, one.size) for one in shelved(chosen)] == [("mine", "there", 7)]


def test_a_copy_that_broke_off_is_not_found(chosen: Settings) -> None:
    folder = models_dir(chosen) / "whisper-tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    assert find(chosen, "whisper-tiny") is None
    assert [one.state for one in shelved(chosen)] == ["damaged"]


def test_a_copied_folder_is_a_model(chosen: Settings, serving: TestHub, tmp_path: Path) -> None:
    shutil.copytree(models_dir(chosen).parent / fetch(chosen), tmp_path / "other" / "models" / "hf--owner--tiny")
    other = settings_of(serving, tmp_path / "other")
    assert find(other, NAME) is not None


def test_a_removed_model_leaves_nothing(chosen: Settings, serving: TestHub) -> None:
    fetch(chosen)
    serving.breaks = [PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen, f"{NAME}:voices")
    sizes = {one.model.name: one.size for one in shelved(chosen)}
    assert remove(chosen, NAME) == sizes[NAME]
    assert remove(chosen, f"{NAME}:voices") > 0
    assert list(shelved(chosen)) == []
    assert contents(models_dir(chosen)) == dict.fromkeys(
        (f".fetching/hf--owner--tiny{suffix}.lock" for suffix in ("", "--voices")), b""
    )
    with pytest.raises(NotFound):
        remove(chosen, NAME)
    with pytest.raises(InvalidRequest):
        remove(chosen, "..")


def test_models_dir_can_be_elsewhere(serving: TestHub, tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "weights", hub_url=serving.url)
    assert fetch(chosen).parent == tmp_path / "weights"
    note = json.loads((tmp_path / "weights" / "hf--owner--tiny" / ".pansori.json").read_text())
    assert (note["name"], note["revision"], note["licence"]) == (NAME, COMMIT, "apache-2.0")
    assert Model.model_validate(note).size == sum(map(len, VISIBLE.values()))
