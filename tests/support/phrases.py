"""Phrases written by hand, for the singer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pansori.domain.units import MidiPitch, Seconds
from pansori.engines.compose.house_band.model import (
    Language,
    Phrase,
    PhraseSyllable,
    SungNote,
    Syllable,
    Voice,
)

FEMALE = Voice("female", "f2", MidiPitch(57), MidiPitch(72))
MALE = Voice("male", "m1", MidiPitch(45), MidiPitch(62))

Tone = int | tuple[int, ...]  #: one pitch, or those of a melisma


def phrase(
    words: str,
    pitches: Sequence[Tone],
    lengths: Sequence[float],
    *,
    start: float = 0.5,
    language: Language = "ko",
    energy: float = 0.5,
    doubled: bool = False,
) -> Phrase:
    """A phrase without rests. `words`: words between spaces, their syllables between hyphens."""
    syllables: list[PhraseSyllable] = []
    time = start
    tones, spans = iter(pitches), iter(lengths)
    for number, word in enumerate(words.split(" ")):
        parts = word.split("-")
        for part in parts:
            tone, length = next(tones), next(spans)
            notes = tuple(_notes((tone,) if isinstance(tone, int) else tone, time, length))
            text = Syllable(part, part, language, number, space_after=part is parts[-1])
            syllables.append(PhraseSyllable(text, notes))
            time += length
    return Phrase(words.replace("-", ""), tuple(syllables), energy=energy, doubled=doubled)


def _notes(pitches: Sequence[int], start: float, length: float) -> Iterator[SungNote]:
    each = length / len(pitches)
    for number, pitch in enumerate(pitches):
        yield SungNote(Seconds(start + number * each), Seconds(each), MidiPitch(pitch))


def notes_of(phrases: Sequence[Phrase]) -> list[SungNote]:
    return [note for one in phrases for syllable in one.syllables for note in syllable.notes]


def lower(one: Phrase, semitones: int) -> Phrase:
    """The phrase, `semitones` down."""
    return replace(
        one,
        syllables=tuple(
            replace(
                syllable,
                notes=tuple(replace(note, pitch=MidiPitch(note.pitch - semitones)) for note in syllable.notes),
            )
            for syllable in one.syllables
        ),
    )


_BEAT = 60 / 124

KOREAN = (
    phrase(
        "여-르-미 완-네 해-싸-리 빈-나-네",
        [64, 64, 67, 69, 67, 64, 64, 62, 64, 62, 60],
        [_BEAT * beats for beats in (0.5, 0.5, 1, 1, 1, 0.5, 0.5, 1, 1, 0.5, 2)],
    ),
    phrase(
        "바-다-로 가-자 우-리 함-께",
        [67, 69, 71, 72, 71, 69, 67, (69, 67), 67],
        [_BEAT * beats for beats in (0.5, 0.5, 1, 0.5, 1.5, 0.5, 0.5, 1, 3)],
        start=5.6,
        energy=0.8,
        doubled=True,
    ),
)
SHORT = phrase("바-다-로 함-께", [67, 69, 71, (69, 67), 67], [0.3, 0.3, 0.4, 0.5, 0.8], energy=0.8, doubled=True)
ENGLISH = (
    phrase(
        "sum-mer is com-ing lit-tle by lit-tle",
        [60, 62, 64, 67, 65, 64, 62, 60, 62, 60],
        [0.25] * 9 + [1.0],
        language="en",
        energy=0.4,
    ),
    phrase(
        "we fly in-to the fire to-night for-ev-er",
        [67, 69, 69, 71, 69, 72, 71, 69, 67, 69, 67],
        [0.25, 0.5, 0.25, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25, 0.25, 2.0],
        start=4.3,
        language="en",
        energy=0.7,
    ),
)
