"""What it takes to hear free speech is advised in one way, and only as far as it is still to be done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pansori.cli.app import app
from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import TranscribeTask
from pansori.engines.base import READY
from pansori.engines.transcribe.free_speech import ADVISED, FETCH, INSTALL, PACKAGE, take_a_whisper, whisper_status
from pansori.engines.transcribe.pocketsphinx import PocketsphinxTranscriber
from pansori.engines.weights import lacking, missing
from pansori.settings import Settings
from support.weights import put_model

ROOT = Path(__file__).parents[3]


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.mark.parametrize("library", ["json", "library_that_nobody_has"])
@pytest.mark.parametrize("model", [True, False])
def test_only_the_steps_that_are_missing_are_named(library: str, model: bool) -> None:
    status = lacking(library, PACKAGE, READY if model else missing(ADVISED), ADVISED)
    assert (INSTALL in status.cure, FETCH in status.cure) == (library != "json", not model)
    assert (INSTALL in status.cure_ko, FETCH in status.cure_ko) == (library != "json", not model)
    assert (status.state == "ready") == (library == "json" and model)


def test_a_folder_that_a_setting_names_is_not_to_be_fetched() -> None:
    status = lacking("library_that_nobody_has", PACKAGE, missing("/nowhere"), "/nowhere")
    assert status.cure == f"Install it: {INSTALL}. Correct the setting that names it."


def test_whoever_needs_free_speech_is_sent_to_a_whisper(chosen: Settings) -> None:
    assert whisper_status(chosen).cure in take_a_whisper(chosen).en
    engine = PocketsphinxTranscriber(chosen)
    for task in (TranscribeTask(language="ko"), TranscribeTask(translate=True)):
        with pytest.raises(InvalidRequest) as refused:
            engine.check(task, engine.Options())
        assert refused.value.cure is not None
        assert refused.value.cure.en.endswith(take_a_whisper(chosen).en)
        assert refused.value.cure.ko.endswith(take_a_whisper(chosen).ko)
    assert INSTALL in engine.card().summary
    assert FETCH in engine.card().summary
    put_model(chosen, "whisper-tiny")
    assert "faster_whisper, or auto" in take_a_whisper(chosen).en


def test_pages_and_help_name_both_steps_alike() -> None:
    callbacks = {
        command.callback.__name__: command.callback.__doc__ or ""
        for command in app.registered_commands
        if command.callback
    }
    told = {
        "help": callbacks["transcribe"],
        **{
            name: (ROOT / name).read_text(encoding="utf-8")
            for name in ("README.md", "docs/assistant.md", "docs/operations.md")
        },
    }
    for name, text in told.items():
        assert PACKAGE in text, name
        assert f"models get {ADVISED}" in text, name
        assert set(re.findall(r"models get (whisper-\w+)", text)) == {ADVISED}, name
