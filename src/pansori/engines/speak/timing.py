"""When words are said, as voices tell that only know when sounds are."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.engines.speak.base import SpokenPhoneme, SpokenWord
from pansori.lexicon.spoken import Heard

ESTIMATED: Final = Text(
    "Times of words are estimated: the voice says some of them as one.",
    "낱말의 시간은 어림한 값이에요. 목소리가 몇 낱말을 하나로 이어서 읽었어요.",
)


_MODIFIERS: Final = "ːˈˌ"


@dataclass(frozen=True)
class Timed:
    """A sound: from `start` up to `end`, in seconds. An empty `ipa` parts two words; marks of punctuation are none."""

    ipa: str
    start: Seconds
    end: Seconds


def words_of(heard: Sequence[Heard], sounds: Sequence[Timed]) -> tuple[tuple[SpokenWord, ...], bool]:
    """The written words with their times; whether these are estimated. Where as many words are said as sounds tell,
    each has its own sounds; else the words share all of the time by their letters, without phonemes. Nothing where
    nothing is timed."""
    groups = _groups(sounds)
    said = [(number, span) for number, word in enumerate(heard) for span in word.said]
    if not groups or not said:
        return (), False
    if len(groups) != len(said):
        return _shared(heard, groups[0][0].start, groups[-1][-1].end), True
    own: list[list[Timed]] = [[] for _ in heard]
    for (number, _), group in zip(said, groups, strict=True):
        own[number] += group
    return tuple(_word(word, sounds) for word, sounds in zip(heard, own, strict=True)), False


def _groups(sounds: Sequence[Timed]) -> list[list[Timed]]:
    groups: list[list[Timed]] = [[]]
    for sound in sounds:
        if not sound.ipa.strip():
            groups.append([])
        elif unicodedata.combining(sound.ipa[0]) and groups[-1]:  # an accent that its voice knows as a sound
            last = groups[-1].pop()
            groups[-1].append(Timed(unicodedata.normalize("NFC", last.ipa + sound.ipa), last.start, sound.end))
        elif sound.ipa in _MODIFIERS or any(map(str.isalpha, sound.ipa)):
            groups[-1].append(sound)
    return [group for group in groups if group]


def _word(word: Heard, sounds: Sequence[Timed]) -> SpokenWord:
    phonemes = tuple(SpokenPhoneme(ipa=one.ipa, start=_rounded(one.start), end=_rounded(one.end)) for one in sounds)
    return SpokenWord(
        text=word.text,
        first=word.first,
        start=_rounded(sounds[0].start),
        end=_rounded(sounds[-1].end),
        phonemes=phonemes,
    )


def _shared(heard: Sequence[Heard], start: Seconds, end: Seconds) -> tuple[SpokenWord, ...]:
    lengths = [sum(high - low for low, high in word.said) for word in heard]
    edges = [0, *accumulate(lengths)]
    step = (end - start) / edges[-1]
    return tuple(
        SpokenWord(
            text=word.text,
            first=word.first,
            start=_rounded(start + low * step),
            end=_rounded(start + high * step),
            phonemes=(),
        )
        for word, (low, high) in zip(heard, pairwise(edges), strict=True)
    )


def _rounded(seconds: float) -> Seconds:
    return Seconds(round(seconds, 4))
