"""What engines are told of the models they need."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.domain.errors import EngineUnavailable, InvalidRequest
from pansori.engines.weights import here, size, weights, weights_status
from pansori.models import look_up
from pansori.settings import Settings
from support.weights import put_model


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def test_a_model_that_is_not_here_names_the_command_that_fetches_it(chosen: Settings) -> None:
    status = weights_status(chosen, "whisper-base")
    assert (status.state, status.cure) == ("missing", "Fetch it: `pansori models get whisper-base`")
    with pytest.raises(EngineUnavailable, match="whisper-base is not here") as refused:
        weights(chosen, "whisper-base")
    assert refused.value.cure is not None
    assert "`pansori models get whisper-base`" in refused.value.cure.ko
    assert here(chosen, "transcribe.faster_whisper") == ()


def test_a_model_that_is_here_is_found(chosen: Settings) -> None:
    medium, tiny = put_model(chosen, "whisper-medium"), put_model(chosen, "whisper-tiny")
    assert weights_status(chosen, "whisper-tiny").state == "ready"
    assert (weights(chosen, "whisper-medium"), weights(chosen, "whisper-tiny")) == (medium, tiny)
    assert here(chosen, "transcribe.faster_whisper") == ("whisper-tiny", "whisper-medium")
    assert here(chosen, "speak.piper") == ()
    assert size(tiny) == look_up("whisper-tiny").size


def test_what_somebody_put_there_is_for_the_engine_that_its_files_fit(chosen: Settings) -> None:
    mine = chosen.data_dir / "models" / "my-voice"
    mine.mkdir(parents=True)
    (mine / "de.onnx").write_bytes(b"network")
    assert here(chosen, "speak.piper") == ()
    (mine / "de.onnx.json").write_bytes(b"{}")
    put_model(chosen, "piper-en_GB-alba-medium")
    assert here(chosen, "speak.piper") == ("piper-en_GB-alba-medium", "my-voice")


def test_the_operator_may_name_any_folder_and_nobody_else(chosen: Settings, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert weights_status(chosen, str(mine), by_operator=True).reason == f"there is no folder {mine}"
    mine.mkdir()
    assert weights(chosen, str(mine), by_operator=True) == mine
    assert weights_status(chosen, "no name", by_operator=True).state == "missing"
    assert weights_status(chosen, "hf:owner/name", by_operator=True).state == "missing"
    for name in (str(mine), "../mine", "/etc"):
        with pytest.raises(InvalidRequest):
            weights(chosen, name)


def test_what_is_no_name_is_told(chosen: Settings) -> None:
    with pytest.raises(InvalidRequest):
        weights(chosen, "a/b")
