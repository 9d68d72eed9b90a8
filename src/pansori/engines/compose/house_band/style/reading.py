"""What a description of music in free words asks for. What it leaves open, the style's own habits and chance decide."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Literal

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import BeatsPerMinute, MidiPitch
from pansori.engines.compose.house_band.model import Key, Mode, PartName, Style, Voice
from pansori.engines.compose.house_band.style.genres import GENRES, Genre
from pansori.engines.compose.house_band.style.vocabulary import (
    BROAD,
    FEMALE_WORDS,
    GENRE_WORDS,
    INSTRUMENTS,
    MALE_WORDS,
    MOODS,
    PART_WORDS,
    STILL_BROAD_WORDS,
)

DEFAULT = "pop"
SLOWEST, FASTEST = 40.0, 240.0  #: tempi that a text may ask for
VOICES: dict[Literal["female", "male"], Voice] = {
    "female": Voice("female", "f2", MidiPitch(57), MidiPitch(72)),
    "male": Voice("male", "m1", MidiPitch(45), MidiPitch(62)),
}
#: Tonics that lie well under the voices and the instruments.
TONICS: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 3, 5, 7, 9, 10), "minor": (9, 11, 0, 2, 4, 5, 7)}

_BPM = re.compile(
    r"(?<![\d.])(\d{1,4}(?:\.\d+)?)\s*(?:bpm|비피엠)|(?:bpm|tempo|템포|빠르기)\s*[:=]?\s*(\d{1,4}(?:\.\d+)?)"
)
_ACCIDENTAL = r"\s*(#|♯|b(?![a-z])|♭|-?\s*sharp|-?\s*flat|샵|플랫)?"
_KEY = re.compile(
    rf"\b([A-G]|(?<=in )[a-g]|(?<=key of )[a-g]){_ACCIDENTAL}\s*-?\s*"
    r"((?i:major|minor|maj\b|min\b)|메이저|마이너|장조|단조|m\b)",
)
_KEY_OF = re.compile(rf"(?:\b[Kk]ey(?: of|:)?|\b[Ii]n)\s+([A-G]){_ACCIDENTAL}(?![A-Za-z0-9])")
_KOREAN_KEY = re.compile(r"(올림|내림)?\s?([가나다라마바사])\s?(장조|단조)")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_KOREAN_LETTERS = {"다": 0, "라": 2, "마": 4, "바": 5, "사": 7, "가": 9, "나": 11}
_MODE_WORDS: dict[Mode, tuple[str, ...]] = {"minor": ("minor", "단조", "마이너"), "major": ("major", "장조", "메이저")}
_NOT_BEFORE = r"(?:no|without|minus)\s+(?:any\s+)?"
_NOT_AFTER = r"\s?(?:은|는|을|를|이|가|도)?\s?(?:없이|없는|빼고|제외)"


def read_style(text: str, chance: random.Random) -> Style:
    """The style that `text` describes; a text of unknown words is sensible pop. `Style.words` is what was understood.

    Raises `InvalidRequest` for a tempo outside 40–240 beats a minute.
    """
    text = unicodedata.normalize("NFKC", text)
    lowered = text.lower()
    name, words = _genre(lowered)
    genre = GENRES[name]
    tempo_shift, energy, mode, mood_words = _mood(lowered)
    key, key_words = _key(text)
    tempo, tempo_words = _tempo(lowered)
    gender, voice_words = _gender(lowered, genre)
    programs, instrument_words = _programs(lowered, genre)
    mode = key.mode if key else mode or _mode(lowered) or ("minor" if chance.random() < genre.minor else "major")
    tonic = chance.choice(TONICS[mode])
    usual = _usual_tempo(genre, tempo_shift, chance)
    return Style(
        name=name,
        tempo=BeatsPerMinute(tempo or usual),
        tempo_asked=tempo is not None,
        key=key or Key(tonic, mode),
        key_asked=key is not None,
        beats_per_bar=3 if _find(lowered, GENRE_WORDS["waltz"]) else genre.beats_per_bar,
        swing=genre.swing,
        energy=min(1.0, max(0.1, genre.energy + 0.25 * energy)),
        voice=VOICES[gender],
        programs=programs,
        words=tuple(dict.fromkeys([*words, *mood_words, *tempo_words, *key_words, *voice_words, *instrument_words])),
    )


def with_voice(style: Style, gender: Literal["female", "male"]) -> Style:
    """The same style for another singer."""
    return replace(style, voice=VOICES[gender])


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    """English words are found whole, with their simple endings; Korean ones wherever they stand."""
    if word.isascii():
        return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?:s|ic|y|ful|ly)?(?![a-z])")
    return re.compile(("(?<![가-힣])" if len(word) == 1 else "") + re.escape(word))


def _find(text: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Where each of `words` stands last in `text`."""
    found = []
    for word in words:
        places = [match.start() for match in _pattern(word).finditer(text)]
        if places:
            found.append((places[-1], word))
    return sorted(found)


def _genre(text: str) -> tuple[str, list[str]]:
    """The style's name. Of several, the last decides, as in `rock ballad` and `재즈 힙합`; broad words give way."""
    found = [
        (name not in BROAD and word not in STILL_BROAD_WORDS, place + len(word), len(word), name, word)
        for name, words in GENRE_WORDS.items()
        for place, word in _find(text, words)
    ]
    if not found:
        return DEFAULT, []
    return max(found)[3], [word for *_, word in sorted(found, key=lambda entry: entry[1])]


def _mood(text: str) -> tuple[float, float, Mode | None, list[str]]:
    tempo = energy = 0.0
    modes: list[tuple[int, Mode]] = []
    words: list[str] = []
    for aliases, mood in MOODS:
        found = _find(text, aliases)
        if found:
            tempo, energy = tempo + mood.tempo, energy + mood.energy
            words.extend(word for _, word in found)
            if mood.mode:
                modes.append((found[-1][0], mood.mode))
    mode = max(modes)[1] if modes else None
    return max(-1.0, min(1.0, tempo)), max(-1.0, min(1.0, energy)), mode, words


def _mode(text: str) -> Mode | None:
    for mode, words in _MODE_WORDS.items():
        if _find(text, words):
            return mode
    return None


def _usual_tempo(genre: Genre, shift: float, chance: random.Random) -> float:
    slowest, fastest = genre.tempo
    place = 0.5 + 0.4 * shift + chance.uniform(-0.12, 0.12)
    return float(round(slowest + (fastest - slowest) * max(0.0, min(1.0, place))))


def _tempo(text: str) -> tuple[float | None, list[str]]:
    match = _BPM.search(text)
    if not match:
        return None, []
    tempo = float(match[1] or match[2])
    if not SLOWEST <= tempo <= FASTEST:
        raise InvalidRequest(
            Text(
                f"A tempo of {tempo:g} bpm cannot be played; it must be from {SLOWEST:g} to {FASTEST:g}.",
                f"{tempo:g} BPM은 연주할 수 없어요. {SLOWEST:g}에서 {FASTEST:g} 사이여야 해요.",
            ),
            field="genre",
        )
    return tempo, [match[0].strip()]


def _key(text: str) -> tuple[Key | None, list[str]]:
    match = _KOREAN_KEY.search(text)
    if match:
        shift = {"올림": 1, "내림": -1}.get(match[1] or "", 0)
        mode: Mode = "minor" if match[3] == "단조" else "major"
        return Key((_KOREAN_LETTERS[match[2]] + shift) % 12, mode), [match[0].strip()]
    match = _KEY.search(text)
    if match:
        minor = match[3].lower() in ("minor", "min", "마이너", "단조", "m")
        return Key(_tonic(match[1], match[2]), "minor" if minor else "major"), [match[0].strip()]
    match = _KEY_OF.search(text)
    if match:
        return Key(_tonic(match[1], match[2]), _mode(text.lower()) or "major"), [match[0].strip()]
    return None, []


def _tonic(letter: str, accidental: str | None) -> int:
    sign = (accidental or "").strip(" -").lower()
    shift = 1 if sign in ("#", "♯", "sharp", "샵") else -1 if sign in ("b", "♭", "flat", "플랫") else 0
    return (_LETTERS[letter.upper()] + shift) % 12


def _gender(text: str, genre: Genre) -> tuple[Literal["female", "male"], list[str]]:
    female, male = _find(text, FEMALE_WORDS), _find(text, MALE_WORDS)
    if female and (not male or female[0] < male[0]):
        return "female", [female[0][1]]
    if male:
        return "male", [male[0][1]]
    return genre.voice, []


def _programs(text: str, genre: Genre) -> tuple[dict[PartName, int], list[str]]:
    programs = dict(genre.programs)
    words: list[str] = []
    left = text
    for part, names in PART_WORDS.items():
        for name in names:
            match = re.search(rf"\b{_NOT_BEFORE}{name}\b" if name.isascii() else name + _NOT_AFTER, left)
            if match:
                programs.pop(part, None)
                words.append(match[0].strip())
                left = left.replace(match[0], " ")
    for names, part, program in INSTRUMENTS:
        for _, name in _find(left, names):
            programs[part] = program
            words.append(name)
            left = _pattern(name).sub(" ", left)
    return programs, words
