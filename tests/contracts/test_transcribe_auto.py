"""Who hears where nobody has chosen: commands and a Whisper, as far as they are here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soxr

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import TranscribeTask
from pansori.engines import residency
from pansori.engines.transcribe.auto import AutoTranscriber
from pansori.engines.transcribe.base import COMMANDS, HEARD_RATE, RECORDING, SPEECH, Transcript
from pansori.espeak import SOURCE_RATE, Line, say
from pansori.settings import Settings
from support.context import MemoryContext
from support.recordings import recording
from support.transcriber_suite import COMMAND
from support.waiting import eventually
from support.whisper import write_whisper

WHISPERED = "hello there."  #: what the Whisper here takes everything for
TOPIC = "write a song about my dog"
EXPECTED = TranscribeTask(expect="commands")


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield write_whisper(tmp_path_factory.mktemp("models") / "whisper")
    residency.HERE.clear()


@pytest.fixture
def alone(tmp_path: Path) -> AutoTranscriber:
    return AutoTranscriber(Settings(data_dir=tmp_path))


@pytest.fixture
def both(tmp_path: Path, whisper: Path) -> AutoTranscriber:
    return AutoTranscriber(Settings(data_dir=tmp_path, whisper_model=str(whisper)))


@cache
def said(text: str) -> np.ndarray:
    [spoken] = say([Line("en-us", text, 165)])
    sound = np.concatenate((np.zeros(8_000), spoken.samples, np.zeros(16_000)))
    return np.asarray(soxr.resample(sound, SOURCE_RATE, HEARD_RATE), dtype=np.float32)


def heard(engine: AutoTranscriber, text: str, scratch: Path, task: TranscribeTask = EXPECTED) -> Transcript:
    """What is made of a recording; the same as of somebody who speaks."""
    context = MemoryContext(seed=1, scratch=scratch)
    context.inputs = {RECORDING: recording(said(text), HEARD_RATE)}
    told = engine.run(task, engine.Options(), context)
    fractions = [fraction for _, fraction in context.reports]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    with closing(engine.listen(task, engine.Options(), context)) as listening:
        listening.feed(said(text))
        again = listening.finish()
    assert (again.text, again.engine) == (told.text, told.engine)
    return told


def test_without_a_whisper_commands_are_heard_and_nothing_else_is_promised(
    alone: AutoTranscriber, tmp_path: Path
) -> None:
    assert alone.status().state == "ready"
    assert alone.card().abilities == (COMMANDS,)
    told = heard(alone, COMMAND, tmp_path)
    assert (told.text, told.engine) == (COMMAND, "pocketsphinx")
    assert heard(alone, TOPIC, tmp_path).text == TOPIC
    with pytest.raises(InvalidRequest, match="English alone"):
        alone.check(TranscribeTask(language="ko"), alone.Options())


def test_a_whisper_that_is_here_hears_free_speech(both: AutoTranscriber, tmp_path: Path) -> None:
    assert both.status().state == "ready"
    assert SPEECH in both.card().abilities
    both.check(TranscribeTask(language="ko"), both.Options())
    assert heard(both, COMMAND, tmp_path, TranscribeTask()).text == WHISPERED
    assert heard(both, COMMAND, tmp_path, TranscribeTask(expect="commands", language="fr")).text == WHISPERED


def test_a_command_is_heard_without_it(both: AutoTranscriber, tmp_path: Path) -> None:
    told = heard(both, COMMAND, tmp_path)
    assert (told.text, told.engine) == (COMMAND, "pocketsphinx")


@pytest.mark.parametrize("text", [TOPIC, "the quick brown fox jumps over the lazy dog"])
def test_what_a_grammar_cannot_know_is_left_to_it(text: str, both: AutoTranscriber, tmp_path: Path) -> None:
    told = heard(both, text, tmp_path)
    assert (told.text, told.engine) == (WHISPERED, "faster_whisper")


def test_a_whisper_tells_what_it_understands_so_far(both: AutoTranscriber, tmp_path: Path) -> None:
    context = MemoryContext(seed=1, scratch=tmp_path)
    with closing(both.listen(TranscribeTask(), both.Options(), context)) as listening:
        listening.feed(said(TOPIC))
        assert eventually(lambda: listening.feed(np.zeros(0, np.float32))) == WHISPERED


def test_one_who_listens_no_more_lets_both_go(both: AutoTranscriber, tmp_path: Path) -> None:
    residency.HERE.clear()  # of what other tests of this process have left
    context = MemoryContext(seed=1, scratch=tmp_path)
    listening = both.listen(EXPECTED, both.Options(), context)
    assert {one.users for one in residency.HERE.loaded()} == {1}
    listening.feed(said(COMMAND))
    listening.close()
    listening.close()
    eventually(lambda: {one.users for one in residency.HERE.loaded()} == {0})  # a glance may go on for a moment
