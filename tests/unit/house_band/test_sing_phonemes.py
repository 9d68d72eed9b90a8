"""A spoken word comes apart into exactly the syllables it is written with."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.model import Language
from pansori.engines.compose.house_band.voice.phonemes import Phoneme, onset_size, syllabify

SYMBOLS = ["ˈɐ", "ʌ", "i", "ˈaɪ", "ə", "əl", "n̩", "k", "ph", "s", "ɾ", "m", "ŋ", "j", "w", "dʒ", "tʃ", "ɡ", ""]


def phonemes(*symbols: str, each: float = 0.1) -> list[Phoneme]:
    return [
        Phoneme(symbol, Seconds(number * each), Seconds((number + 1) * each)) for number, symbol in enumerate(symbols)
    ]


def split(*symbols: str, count: int, language: Language = "en") -> list[tuple[str, ...]]:
    said = phonemes(*symbols)
    spans = syllabify(said, count, language)
    assert spans is not None
    middles = [(one.symbol, (one.start + one.end) / 2) for one in said]
    return [tuple(symbol for symbol, middle in middles if span.onset < middle < span.end) for span in spans]


def test_korean_blocks() -> None:
    assert split("h", "ˈɐ", "m", "q-", "e", count=2, language="ko") == [("h", "ɐ", "m"), ("q-", "e")]
    assert split("k", "w", "ˈɐ", "l", "p", "j", "ʌ", count=2, language="ko") == [("k", "w", "ɐ", "l"), ("p", "j", "ʌ")]
    assert split("k", "ɐ", "ŋ", "ɐ", "dʑ", "i", count=3, language="ko") == [("k", "ɐ", "ŋ"), ("ɐ",), ("dʑ", "i")]


def test_english_onsets_are_as_large_as_they_may() -> None:
    assert split("ɹ", "ᵻ", "m", "ˈɛ", "m", "b", "ɚ", count=3) == [("ɹ", "ᵻ"), ("m", "ɛ", "m"), ("b", "ɚ")]
    assert split("ə", "s", "t", "ɹ", "ˈɔ", "ŋ", count=2) == [("ə",), ("s", "t", "ɹ", "ɔ", "ŋ")]
    assert split("s", "ˈɪ", "ŋ", "ɪ", "ŋ", count=2) == [("s", "ɪ", "ŋ"), ("ɪ", "ŋ")]


@pytest.mark.parametrize(
    ("cluster", "language", "size"),
    [([], "en", 0), (["t"], "en", 1), (["n", "t"], "en", 1), (["t", "ɹ"], "en", 2), (["k", "s", "p", "l"], "en", 3),
     (["ŋ"], "ko", 0), (["n", "n"], "ko", 1), (["k", "j"], "ko", 2), (["ŋ", "w"], "ko", 1),
     (["l", "s-", "w"], "ko", 2)],
)  # fmt: skip
def test_onset_size(cluster: list[str], language: Language, size: int) -> None:
    assert onset_size(cluster, language) == size


def test_more_vowels_than_written_share_a_syllable_weak_ones_first() -> None:
    spans = syllabify(phonemes("ˈaʊ", "ɚ"), 1, "en")
    assert spans is not None
    assert spans[0].vowel == 0.0
    assert spans[0].hold[1] <= 0.1, "the strong vowel is held"
    assert split("t", "ˈɛ", "m", "p", "ə", "ɹ", "ə", "tʃ", "ɚ", count=3)[0] == ("t", "ɛ", "m", "p", "ə")


def test_fewer_vowels_than_written_are_sung_again() -> None:
    spans = syllabify(phonemes("ˈɛ", "v", "ɹ", "i"), 3, "en")
    assert spans is not None
    assert len(spans) == 3


def test_no_vowel_at_all() -> None:
    assert syllabify(phonemes("p", "s", "t"), 1, "en") is None
    assert syllabify([], 1, "ko") is None


@given(
    symbols=st.lists(st.sampled_from(SYMBOLS), max_size=14),
    count=st.integers(1, 8),
    language=st.sampled_from(["ko", "en"]),
)
def test_always_as_many_spans_as_written(symbols: list[str], count: int, language: Language) -> None:
    spans = syllabify(phonemes(*symbols), count, language)
    if not any(one.is_nucleus for one in phonemes(*symbols)):
        assert spans is None
        return
    assert spans is not None
    assert len(spans) == count
    for span in spans:
        assert span.onset <= span.vowel <= span.hold[0] < span.hold[1] <= span.coda <= span.end
    for before, after in pairwise(spans):
        assert before.end <= after.onset + 1e-9
