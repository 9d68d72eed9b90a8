"""How words sound to an English acoustic model."""

from __future__ import annotations

from pathlib import Path

import pytest
from pocketsphinx import get_model_path

from pansori.engines.transcribe.pocketsphinx.network import join, network_of
from pansori.engines.transcribe.pocketsphinx.pronunciation import korean, pronunciations
from pansori.lexicon.commands import heard

DICTIONARY = Path(get_model_path("en-us")) / "cmudict-en-us.dict"


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("노래", "N OW L EH"),  # ㄹ between vowels is a flap, which is nearest to L
        ("달", "T AA L"),  # a plain stop has no voice where a word begins
        ("가게", "K AA G IH"),
        ("몇", "M Y AO T"),  # 받침 as it is pronounced
        ("만들어", "M AA N D UW L AO"),  # the final goes over to the vowel
        ("시", "SH IY"),
        ("녹음", "N OW G UW M"),
        ("빨리", "P AA L IY"),
        ("커피", "K AO P IY"),
    ],
)
def test_korean_is_spoken_as_it_is_pronounced(word: str, sounds: str) -> None:
    assert korean(word)[0] == tuple(sounds.split())


def test_a_plain_stop_has_a_voice_after_other_words() -> None:
    assert [" ".join(way) for way in korean("달")] == ["T AA L", "D AA L"]
    assert len(korean("탈")) == len(korean("딸")) == len(korean("말")) == 1


def test_every_word_that_is_listened_for_can_be_said() -> None:
    words = join([network_of(heard("ko")), network_of(heard("en"))]).words
    spoken = pronunciations(words, DICTIONARY)
    assert spoken.keys() == words
    assert all(ways and all(ways) for ways in spoken.values())


def test_english_words_have_each_of_their_pronunciations() -> None:
    assert set(pronunciations({"a"}, DICTIONARY)["a"]) == {("AH",), ("EY",)}


def test_a_word_that_nobody_knows_is_told() -> None:
    with pytest.raises(KeyError, match="xyzzyx"):
        pronunciations({"xyzzyx"}, DICTIONARY)
