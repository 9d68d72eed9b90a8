"""Commands that are spoken to the installation, as the embedded transcriber hears them. `python -m bench hearing` hears
all of the sentences, in three voices; these are a few of each kind."""

from __future__ import annotations

import pytest

from pansori.domain.tasks import TranscribeTask
from pansori.engines.transcribe.pocketsphinx import PocketsphinxTranscriber
from pansori.engines.transcribe.pocketsphinx.engine import PocketsphinxOptions
from pansori.lexicon.commands import understand
from pansori.settings import Settings
from support.hearing import NONE, SPOKEN, UNSEEN, Heard, hear, sentences, spoken

EVERY, OTHER = 96, 60  #: so many of the commands, and of the other sentences, are skipped for one that is heard


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    engine = PocketsphinxTranscriber(Settings(data_dir=tmp_path_factory.mktemp("data")))
    commands = [one for one in sentences() if one.intent != NONE]
    others = [one for one in sentences() if one.intent == NONE]
    cases = list(spoken((*commands[::EVERY], *others[::OTHER]), voices=("f2",)))
    return list(hear(engine, TranscribeTask(expect="commands"), PocketsphinxOptions(), cases))


def test_most_commands_are_understood_in_noise(heard: list[Heard]) -> None:
    commands = [one for one in heard if one.sentence.intent != NONE]
    wrong = [(one.sentence.text, one.text) for one in commands if not one.right]
    assert len(commands) >= 10
    assert len(wrong) <= len(commands) // 5, wrong


def test_hardly_anything_else_is_taken_for_one(heard: list[Heard]) -> None:
    others = [one for one in heard if one.sentence.intent == NONE]
    wrong = [(one.sentence.text, one.text) for one in others if one.intent != NONE]
    assert len(others) >= 10
    assert len(wrong) <= 1, wrong


def test_what_is_said_is_what_was_meant() -> None:
    for one in (*sentences(), *sentences(UNSEEN)):
        found = understand(one.text)
        assert (found.intent if found else NONE) == one.intent, one.text


def test_who_tells_how_well_it_hears_looks_at_other_sentences_than_who_sets_it() -> None:
    seen, unseen = ({"".join(one.text.split()) for one in sentences(path)} for path in (SPOKEN, UNSEEN))
    assert not seen & unseen
    for language in ("ko", "en"):
        own = [one for one in sentences(UNSEEN) if one.language == language]
        assert (len(own), sum(one.intent == NONE for one in own)) == (60, 30)
