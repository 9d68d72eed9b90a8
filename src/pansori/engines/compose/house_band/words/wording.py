"""A line of words as the syllables that are sung: Hangul as pronounced, English in syllables, numbers read out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, pairwise

from pansori.engines.compose.house_band.model import Language, LyricLine, Syllable
from pansori.lexicon.english import syllables as english_syllables
from pansori.lexicon.hangul import is_block
from pansori.lexicon.numerals import (
    LETTERS_EN,
    LONGEST_COUNTER,
    SYMBOLS_EN,
    SYMBOLS_KO,
    english_number,
    korean_number,
)
from pansori.lexicon.pronunciation import respell

LONGEST_BREATH = 18  #: syllables sung in one breath; longer lines are sung as several
_ACRONYMS = frozenset({"USA", "OK", "MVP", "SOS", "UFO", "VIP", "ID", "AI", "IU", "NY", "LA", "DIY", "UK", "EDM"})
_FOLDED = str.maketrans("ßæøœłđıÆØŒŁĐ’‘ʼ", "seoeldieoeld'''")
_PIECES = re.compile(
    r"(?P<ko>[가-힣]+)|(?P<number>\d+(?:,\d{3})*)|(?P<en>[A-Za-z]+(?:'[A-Za-z]+)*'?)|(?P<other>.)", re.DOTALL
)
_PARTICLES = frozenset("은는이가을를의에도로와과만야네요")


@dataclass(frozen=True)
class _Piece:
    """A run of one kind. `parts`: how it is sung, pairs of spoken and stress; `own_words`: each part's word."""

    text: str
    language: Language
    parts: tuple[tuple[str, int], ...]
    own_words: tuple[int, ...]


def read_line(text: str) -> LyricLine:
    """The syllables of `text`; none where nothing in it can be sung. Other scripts and emoji stay in `text` alone."""
    folded = _fold(text)
    language: Language = "ko" if any(is_block(character) for character in folded) else "en"
    words = []
    for match in re.finditer(r"\S+", folded):
        syllables = _word(match[0], text[match.start() : match.end()], language)
        if syllables:
            words.append(syllables)
    return LyricLine(text, _pronounced(_numbered(words)))


def breaths(line: LyricLine) -> list[LyricLine]:
    """`line` in parts that can be sung in one breath, parted between words where that is possible."""
    left = line.syllables
    if len(left) <= LONGEST_BREATH:
        return [line]
    lines = []
    while left:
        count = -(-len(left) // LONGEST_BREATH)
        cut = len(left) if count == 1 else _gap(left, round(len(left) / count))
        lines.append(_renumbered(left[:cut]))
        left = left[cut:]
    return lines


def _gap(syllables: tuple[Syllable, ...], target: int) -> int:
    """The end of the word nearest to `target`; punctuation draws."""
    gaps = [index + 1 for index, syllable in enumerate(syllables[:LONGEST_BREATH]) if syllable.space_after]
    near = [gap for gap in gaps if abs(gap - target) <= LONGEST_BREATH // 3]
    if not near:
        return min(target, LONGEST_BREATH)
    return min(near, key=lambda gap: abs(gap - target) - 4 * (not syllables[gap - 1].text[-1:].isalnum()))


def _renumbered(syllables: tuple[Syllable, ...]) -> LyricLine:
    first = syllables[0].word
    own = [replace(syllable, word=syllable.word - first) for syllable in syllables]
    own[-1] = replace(own[-1], space_after=False)
    return LyricLine("".join(s.text + " " * s.space_after for s in own), tuple(own))


def _fold(text: str) -> str:
    """`text` with accents and full-width forms taken off, character by character."""
    return "".join(_fold_character(character) for character in text).translate(_FOLDED)


def _fold_character(character: str) -> str:
    if character.isascii() or is_block(character):
        return character
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() and base.isalnum() else character


def _word(folded: str, written: str, language: Language) -> list[list[Syllable]]:
    """The syllables of what stands between two spaces, in runs that are spoken as one word each."""
    runs: list[list[Syllable]] = []
    pending = ""  # unsung characters before the first syllable
    for match in _PIECES.finditer(folded):
        original = written[match.start() : match.end()]
        piece = _piece(match, original, language, folded[match.end() : match.end() + LONGEST_COUNTER])
        if piece is None:
            if runs:
                runs[-1][-1] = replace(runs[-1][-1], text=runs[-1][-1].text + original)
            else:
                pending += original
            continue
        fresh = list(_sung(piece))
        fresh[0][0] = replace(fresh[0][0], text=pending + fresh[0][0].text)
        pending = ""
        if runs and piece.language == "ko" == runs[-1][-1].language:
            runs[-1].extend(fresh.pop(0))
        runs.extend(fresh)
    if runs:
        runs[-1][-1] = replace(runs[-1][-1], space_after=True)
    return runs


def _sung(piece: _Piece) -> Iterator[list[Syllable]]:
    texts = _shared(piece.text, [spoken for spoken, _ in piece.parts])
    rows = zip(texts, piece.parts, piece.own_words, strict=True)
    for _, group in groupby(rows, key=lambda row: row[2]):
        yield [Syllable(text, spoken, piece.language, 0, stress) for text, (spoken, stress), _ in group]


def _shared(text: str, spoken: list[str]) -> list[str]:
    """`text` dealt out to its syllables: letter by letter where they agree, else as evenly as it goes."""
    if sum(map(len, spoken)) == len(text):
        edges = [0, *accumulate(map(len, spoken))]
    else:
        edges = [-(-len(text) * index // len(spoken)) for index in range(len(spoken) + 1)]
    return [text[start:end] for start, end in pairwise(edges)]


def _piece(match: re.Match[str], original: str, language: Language, following: str) -> _Piece | None:
    text = match[0]
    if match["ko"]:
        return _korean(text, original)
    if match["number"]:
        digits = text.replace(",", "")
        if language == "ko":
            return _korean(korean_number(digits, following), original)
        return _english(english_number(digits), original)
    if match["en"]:
        return _english(_spelled(text), original)
    if language == "ko" and text in SYMBOLS_KO:
        return _korean(SYMBOLS_KO[text], original)
    return _english([SYMBOLS_EN[text]], original) if text in SYMBOLS_EN else None


def _korean(spoken: str, original: str) -> _Piece:
    last = len(spoken) - 1
    stresses = (
        2 if i == 0 else 0 if i == last and b in _PARTICLES else 1 if i == 2 else 0 for i, b in enumerate(spoken)
    )
    return _Piece(original, "ko", tuple(zip(spoken, stresses, strict=True)), (0,) * len(spoken))


def _english(words: list[str], original: str) -> _Piece:
    parts, own = [], []
    for index, word in enumerate(words):
        for text, stress in english_syllables(word):
            parts.append((text.lower(), stress))
            own.append(index)
    return _Piece(original, "en", tuple(parts), tuple(own))


def _spelled(word: str) -> list[str]:
    """A word as itself; initials letter by letter."""
    initials = word.isupper() and len(word) <= 5 and (word in _ACRONYMS or not re.search("[AEIOUY]", word))
    if initials or (len(word) == 1 and word not in "aAiIoO"):
        return [part for letter in word.lower() for part in LETTERS_EN.get(letter, letter).split()]
    return [word.rstrip("'") or word]


def _numbered(words: list[list[list[Syllable]]]) -> list[Syllable]:
    runs = [run for word in words for run in word]
    numbered = [replace(syllable, word=index) for index, run in enumerate(runs) for syllable in run]
    if numbered:
        numbered[-1] = replace(numbered[-1], space_after=False)
    return numbered


def _pronounced(syllables: list[Syllable]) -> tuple[Syllable, ...]:
    """Korean respelled as pronounced, across the whole line."""
    if all(syllable.language == "en" for syllable in syllables):
        return tuple(syllables)
    written = "".join(
        (syllable.spoken if syllable.language == "ko" else "a") + (" " if syllable.space_after else "")
        for syllable in syllables
    )
    spoken = iter(respell(written).replace(" ", ""))
    heard = [next(spoken) for _ in syllables]
    return tuple(
        replace(syllable, spoken=sound) if syllable.language == "ko" else syllable
        for syllable, sound in zip(syllables, heard, strict=True)
    )
