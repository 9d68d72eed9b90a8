"""What a description of music in free words asks for, and nothing that it does not say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import BeatsPerMinute
from pansori.lexicon.music import (
    BROAD,
    FEMALE_WORDS,
    FLOW_WORDS,
    GENRE_WORDS,
    HEAVY_WORDS,
    INSTRUMENTS,
    MALE_WORDS,
    METRES,
    MOODS,
    ONLY_AFTER,
    ONLY_BEFORE,
    PART_WORDS,
    SIX_EIGHT_WORDS,
    STILL_BROAD_WORDS,
    UNACCOMPANIED,
    Flow,
    Gender,
    Key,
    Mode,
    PartName,
)

SLOWEST, FASTEST = 40.0, 240.0  #: tempi that a text may ask for

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


@dataclass(frozen=True)
class Instrument:
    """An instrument that is asked for: as it was written, who plays it, its General MIDI program from 0."""

    word: str
    part: PartName
    program: int


@dataclass(frozen=True)
class Wishes:
    """None: the text leaves it open. `tempo_shift` and `energy` are −1 to 1. `words` is what was understood."""

    genre: str | None = None
    tempo: BeatsPerMinute | None = None
    tempo_shift: float = 0.0
    energy: float = 0.0
    key: Key | None = None
    mode: Mode | None = None  #: where no key is named
    three_four: bool = False
    six_eight: bool = False
    flow: Flow = "steady"
    voice: Gender | None = None
    instruments: tuple[Instrument, ...] = ()
    without: frozenset[PartName] = frozenset()
    only: bool = False  #: nothing but the instruments that are named is to play
    moods: tuple[int, ...] = ()  #: indices into `MOODS`
    genre_words: tuple[str, ...] = ()
    heavy: bool = False  #: rock with nothing but distorted guitars
    words: tuple[str, ...] = field(default=())


def read_wishes(text: str) -> Wishes:
    """Raises `InvalidRequest` for a tempo outside 40–240 beats a minute."""
    text = unicodedata.normalize("NFKC", text)
    lowered = text.lower()
    genre, genre_words = _genre(lowered)
    mood = _mood(lowered)
    key, key_words = _key(text)
    tempo, tempo_words = _tempo(lowered)
    voice, voice_words = _voice(lowered)
    without, without_words, left = _without(lowered)
    instruments = _instruments(left)
    six_eight, (flow, flow_words) = find(lowered, SIX_EIGHT_WORDS), _flow(lowered)
    metre_words = [word for _, word in six_eight]
    words = [
        *genre_words,
        *metre_words,
        *mood.words,
        *tempo_words,
        *flow_words,
        *key_words,
        *voice_words,
        *without_words,
    ]
    return Wishes(
        genre=genre,
        tempo=None if tempo is None else BeatsPerMinute(tempo),
        tempo_shift=max(-1.0, min(1.0, mood.tempo)),
        energy=max(-1.0, min(1.0, mood.energy)),
        key=key,
        mode=mood.mode or _mode(lowered),
        three_four=bool(find(lowered, GENRE_WORDS["waltz"])),
        six_eight=bool(six_eight),
        flow=flow,
        voice=voice,
        instruments=instruments,
        without=frozenset(without),
        only=_only(left, instruments),
        moods=mood.found,
        genre_words=tuple(genre_words),
        heavy=genre == "rock" and any(word in HEAVY_WORDS for word in genre_words),
        words=tuple(dict.fromkeys([*words, *(instrument.word for instrument in instruments)])),
    )


@lru_cache(maxsize=1024)
def _pattern(word: str) -> re.Pattern[str]:
    """English words are found whole, with their simple endings; Korean ones wherever they stand."""
    if word.isascii():
        return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?:s|ic|y|ful|ly)?(?![a-z])")
    return re.compile(("(?<![가-힣])" if len(word) == 1 else "") + re.escape(word))


def find(text: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Where each of `words` stands last in `text`, which is in lower case."""
    found = []
    for word in words:
        if word not in text:
            continue  # a prompt asks for a thousand words, and has few of them
        places = [match.start() for match in _pattern(word).finditer(text)]
        if places:
            found.append((places[-1], word))
    return sorted(found)


def _genre(text: str) -> tuple[str | None, list[str]]:
    """The style's name and the words that name one, as they stand. Of several, the last decides, as in `rock ballad`
    and `재즈 힙합`; metres give way, and broad words even to them."""
    found = [
        (_telling(name, word), place + len(word), len(word), name, word)
        for name, words in GENRE_WORDS.items()
        for place, word in find(text, words)
    ]
    if not found:
        return None, []
    return max(found)[3], [word for *_, word in sorted(found, key=lambda entry: entry[1])]


def _telling(name: str, word: str) -> int:
    if name in BROAD or word in STILL_BROAD_WORDS:
        return 0
    return 1 if name in METRES else 2


@dataclass(frozen=True)
class _Mood:
    tempo: float
    energy: float
    mode: Mode | None
    found: tuple[int, ...]
    words: tuple[str, ...]


def _mood(text: str) -> _Mood:
    tempo = energy = 0.0
    modes: list[tuple[int, Mode]] = []
    words: list[str] = []
    indices = []
    for index, (aliases, mood) in enumerate(MOODS):
        found = find(text, aliases)
        if found:
            tempo, energy = tempo + mood.tempo, energy + mood.energy
            words.extend(word for _, word in found)
            indices.append(index)
            if mood.mode:
                modes.append((found[-1][0], mood.mode))
    return _Mood(tempo, energy, max(modes)[1] if modes else None, tuple(indices), tuple(words))


def _mode(text: str) -> Mode | None:
    for mode, words in _MODE_WORDS.items():
        if find(text, words):
            return mode
    return None


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


def _flow(text: str) -> tuple[Flow, list[str]]:
    """The last of those that are named."""
    found = [(place, flow, word) for words, flow in FLOW_WORDS for place, word in find(text, words)]
    if not found:
        return "steady", []
    return max(found)[1], [word for *_, word in sorted(found)]


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


def _voice(text: str) -> tuple[Gender | None, list[str]]:
    female, male = find(text, FEMALE_WORDS), find(text, MALE_WORDS)
    if female and (not male or female[0] < male[0]):
        return "female", [female[0][1]]
    if male:
        return "male", [male[0][1]]
    return None, []


def _without(text: str) -> tuple[list[PartName], list[str], str]:
    """Who is not to play, in which words, and the text without them."""
    parts: list[PartName] = []
    words: list[str] = []
    for part, names in PART_WORDS.items():
        for name in names:
            match = re.search(rf"\b{_NOT_BEFORE}{name}\b" if name.isascii() else name + _NOT_AFTER, text)
            if match:
                parts.append(part)
                words.append(match[0].strip())
                text = text.replace(match[0], " ")
    return parts, words, text


def _instruments(text: str) -> tuple[Instrument, ...]:
    """Longer names first, as the table has them: what is an electric guitar is no acoustic one."""
    found = []
    for names, part, program in INSTRUMENTS:
        for _, name in find(text, names):
            if _pattern(name).search(text):  # and not only within a longer name of the same
                found.append(Instrument(name, part, program))
                text = _pattern(name).sub(" ", text)
    return tuple(found)


def _only(text: str, instruments: Iterable[Instrument]) -> bool:
    """Whether nothing else is to play: 피아노만, solo piano, a cappella."""
    if find(text, UNACCOMPANIED):
        return True
    return any(
        re.search(rf"{re.escape(one.word)}{ONLY_AFTER}|{ONLY_BEFORE}{re.escape(one.word)}", text) for one in instruments
    )
