"""The words of a song, spoken: one fresh process a song, every distinct word once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.model import Language
from pansori.engines.compose.house_band.voice.phonemes import Phoneme, Span, syllabify
from pansori.espeak import SOURCE_RATE, Line, Said, say
from pansori.lexicon.particles import attach

WORDS_PER_MINUTE = 135  # slow enough for every phoneme to have a steady middle
_VOICES: dict[Language, str] = {"ko": "ko", "en": "en-us"}
_VARIANT = re.compile(r"[A-Za-z0-9]{1,20}")

_HEARD = 10.0**-1.4  # of a vowel's greatest power; below it a stop has closed the mouth

# Words that espeak spells out or pronounces otherwise than they are sung, in its own mnemonics.
_SUNG_OTHERWISE = {
    "a": "[[@]]", "the": "[[D@]]", "la": "[[l'A:]]", "ah": "[['A:]]", "aah": "[['A:]]", "uh": "[[V]]",
    "yeah": "[[j'a]]", "and": "[[and]]", "ya": "[[j'A:]]", "da": "[[d'A:]]", "na": "[[n'A:]]", "mm": "[[@m]]",
    "mmm": "[[@m]]",    "hm": "[[h@m]]", "hmm": "[[h@m]]", "shh": "[[S@]]", "oo": "[['u:]]", "doo": "[[d'u:]]",
}  # fmt: skip
_ANY_VOWEL: dict[Language, str] = {"ko": "으", "en": "[[@]]"}

_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"


@dataclass(frozen=True)
class Word:
    """A word as it is to be spoken: its syllables, respelled Hangul or English letters."""

    language: Language
    syllables: tuple[str, ...]


@dataclass(frozen=True)
class Sound:
    """One thing espeak said."""

    samples: npt.NDArray[np.float64]  #: mono, full scale ±1.0, at `SOURCE_RATE`
    phonemes: tuple[Phoneme, ...]


@dataclass(frozen=True)
class SpokenSyllable:
    sound: int  #: index into the sounds
    span: Span


@dataclass(frozen=True)
class Speech:
    """All the sounds of a song, and where in them each word's syllables are."""

    sounds: tuple[Sound, ...]
    words: Mapping[Word, tuple[SpokenSyllable, ...]]


def speak(words: Iterable[Word], variant: str, heartbeat: Callable[[], None] = lambda: None) -> Speech:
    """Speak every distinct word with espeak's `variant` (such as `f2`). Each word gets as many syllables as it is
    written with, each with a vowel. `heartbeat` is called several times a second; what it raises ends the speaking.
    Raises `EngineFailed`."""
    if not _VARIANT.fullmatch(variant):
        raise EngineFailed(
            Text(f"“{variant}” is no voice variant.", f"{attach(f'“{variant}”', '은/는')} 음색 이름이 아니에요.")
        )
    distinct = list(dict.fromkeys(words))
    texts = {word: spoken_text(word) for word in distinct}
    sounds = _Sounds(variant, heartbeat)
    sounds.add((word.language, texts[word]) for word in distinct)
    spans = {word: _whole(word, sounds.of(word.language, texts[word])) for word in distinct}
    # What did not come apart as it is written is said again, a syllable at a time.
    odd = [word for word in distinct if spans[word] is None]
    sounds.add((word.language, part) for word in odd for part in (*_parts(word), _ANY_VOWEL[word.language]))
    placed: dict[Word, tuple[SpokenSyllable, ...]] = {}
    for word in distinct:
        whole = spans[word]
        if whole is not None:
            at = sounds.index(word.language, texts[word])
            placed[word] = tuple(SpokenSyllable(at, span) for span in whole)
        else:
            placed[word] = tuple(_alone(word.language, part, sounds) for part in _parts(word))
    return Speech(sounds.all(), placed)


def spoken_text(word: Word) -> str:
    """What espeak is given: cleaned of all that is no letter, so that nothing is read as a command or spelled out."""
    if word.language == "ko":
        return "".join(_parts(word))
    letters = "".join(_english(part) for part in word.syllables)
    return _SUNG_OTHERWISE.get(letters, letters) or _ANY_VOWEL["en"]


def _parts(word: Word) -> list[str]:
    """The word's syllables, each sayable alone."""
    if word.language == "ko":
        return [_blocks(part) or _ANY_VOWEL["ko"] for part in word.syllables]
    return [_SUNG_OTHERWISE.get(_english(part), _english(part)) or _ANY_VOWEL["en"] for part in word.syllables]


def _blocks(text: str) -> str:
    """The Hangul of `text` as full syllables; a lone consonant gets ㅡ, a lone vowel a silent ㅇ."""
    return "".join(filter(None, (_block(character) for character in unicodedata.normalize("NFC", text))))


def _block(character: str) -> str:
    if "가" <= character <= "힣":
        return character
    if character in _LEADS:
        return chr(0xAC00 + (_LEADS.index(character) * 21 + _VOWELS.index("ㅡ")) * 28)
    if character in _VOWELS:
        return chr(0xAC00 + (_LEADS.index("ㅇ") * 21 + _VOWELS.index(character)) * 28)
    return ""


def _english(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).lower()
    return "".join(character for character in plain if "a" <= character <= "z" or character == "'").strip("'")


def _whole(word: Word, sound: Sound) -> tuple[Span, ...] | None:
    vowels = sum(phoneme.is_nucleus for phoneme in sound.phonemes)
    if word.language == "ko" and vowels != len(word.syllables):
        return None  # a block is a vowel: espeak read something else
    return syllabify(sound.phonemes, len(word.syllables), word.language)


def _alone(language: Language, part: str, sounds: _Sounds) -> SpokenSyllable:
    for text in (part, _ANY_VOWEL[language]):
        spans = syllabify(sounds.of(language, text).phonemes, 1, language)
        if spans:
            return SpokenSyllable(sounds.index(language, text), spans[0])
    raise EngineFailed(Text("The voice said no vowel at all.", "목소리가 모음을 하나도 내지 못했어요."))


class _Sounds:
    """What was said so far, each text once."""

    def __init__(self, variant: str, heartbeat: Callable[[], None]) -> None:
        self._variant = variant
        self._heartbeat = heartbeat
        self._index: dict[tuple[Language, str], int] = {}
        self._sounds: list[Sound] = []

    def add(self, wanted: Iterable[tuple[Language, str]]) -> None:
        new = [key for key in dict.fromkeys(wanted) if key not in self._index]
        new.sort(key=lambda key: key[0])  # stable: one change of voice
        if not new:
            return
        said = _run([(f"{_VOICES[language]}+{self._variant}", text) for language, text in new], self._heartbeat)
        for key, sound in zip(new, said, strict=True):
            self._index[key] = len(self._sounds)
            self._sounds.append(sound)

    def index(self, language: Language, text: str) -> int:
        return self._index[language, text]

    def of(self, language: Language, text: str) -> Sound:
        return self._sounds[self._index[language, text]]

    def all(self) -> tuple[Sound, ...]:
        return tuple(self._sounds)


def _run(words: Sequence[tuple[str, str]], heartbeat: Callable[[], None]) -> list[Sound]:
    lines = [Line(voice, text, WORDS_PER_MINUTE, pitch_range=0, mnemonics=True, echo=False) for voice, text in words]
    return [_sound(said) for said in say(lines, heartbeat)]


def _sound(said: Said) -> Sound:
    ends = [sample for _, sample in said.phonemes[1:]] + [len(said.samples)]
    phonemes = [
        Phoneme(ipa, Seconds(start / SOURCE_RATE), Seconds(max(start, end) / SOURCE_RATE))
        for (ipa, start), end in zip(said.phonemes, ends, strict=True)
    ]
    return Sound(said.samples, trimmed([phoneme for phoneme in phonemes if phoneme.end > phoneme.start], said.samples))


def trimmed(phonemes: Sequence[Phoneme], samples: npt.NDArray[np.float64]) -> tuple[Phoneme, ...]:
    """The phonemes with their borders moved to where the vowels are heard: espeak counts the silence of a stop as
    part of the vowel before or after it, and such a vowel must not be held."""
    step = SOURCE_RATE // 200
    power = np.convolve(samples**2, np.ones(2 * step) / (2 * step), mode="same")[::step]
    borders = [phoneme.start for phoneme in phonemes] + [phonemes[-1].end] if phonemes else []
    for index, phoneme in enumerate(phonemes):
        first, last = (round(time * SOURCE_RATE / step) for time in (phoneme.start, phoneme.end))
        if not phoneme.is_nucleus or last - first < 4:
            continue
        heard = first + np.flatnonzero(power[first:last] > _HEARD * power[first:last].max())
        if index and not phonemes[index - 1].is_nucleus:
            borders[index] = max(phoneme.start, Seconds(heard[0] * step / SOURCE_RATE))
        if index + 1 == len(phonemes) or not phonemes[index + 1].is_nucleus:
            borders[index + 1] = min(phoneme.end, Seconds((heard[-1] + 1) * step / SOURCE_RATE))
    return tuple(
        replace(phoneme, start=start, end=end)
        for phoneme, (start, end) in zip(phonemes, pairwise(borders), strict=True)
        if end > start
    )
