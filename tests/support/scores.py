"""A score written by hand, so that players and desk can be tested without the composer."""

from __future__ import annotations

from pansori.domain.units import Beats, BeatsPerMinute, MidiPitch
from pansori.engines.compose.house_band.model import (
    Chord,
    Key,
    Note,
    PartName,
    Score,
    Section,
    Style,
    SungLine,
    SungSyllable,
    Syllable,
    Voice,
)

ROOTS = (0, 7, 9, 5)  #: C, G, A minor, F
TRIADS = {0: (60, 64, 67), 7: (59, 62, 67), 9: (57, 60, 64), 5: (57, 60, 65)}
WORDS = ("여", "름", "이", "왔", "네")


def style(name: str = "kpop_dance", *, tempo: float = 120.0, swing: float = 0.0) -> Style:
    return Style(
        name=name,
        tempo=BeatsPerMinute(tempo),
        tempo_asked=True,
        key=Key(0, "major"),
        key_asked=True,
        beats_per_bar=4,
        swing=swing,
        energy=0.7,
        voice=Voice("female", "f2", MidiPitch(57), MidiPitch(72)),
        programs={"drums": 0, "bass": 33, "keys": 0, "guitar": 25, "pad": 89, "lead": 80},
    )


def note(start: float, length: float, pitch: int, velocity: float = 0.8) -> Note:
    return Note(Beats(start), Beats(length), MidiPitch(pitch), velocity)


def song(bars: int = 8, *, sung: bool = True, **choices: object) -> Score:
    """Four chords over and over; a line is sung in every second bar, the second half being the chorus."""
    half = max(bars // 2, 1)
    return Score(
        style=style(**choices),  # type: ignore[arg-type]  # handed on as they are
        sections=(
            Section("verse", Beats(0), half, 0.5),
            Section("chorus", Beats(4.0 * half), bars - half, 0.9),
        ),
        chords=tuple(Chord(Beats(4.0 * bar), Beats(4), ROOTS[bar % 4], "maj") for bar in range(bars)),
        vocal=tuple(_line(bar, 0 if bar < half else 1) for bar in range(1, bars - 1, 2)) if sung else (),
        parts=_parts(bars),
        length=Beats(4.0 * bars),
    )


def _line(bar: int, section: int) -> SungLine:
    pitches = (64, 67, 69, 67, 64)
    lengths = (0.5, 0.5, 0.5, 0.5, 1.5)
    beat, syllables = 4.0 * bar, []
    for index, (text, pitch, length) in enumerate(zip(WORDS, pitches, lengths, strict=True)):
        syllable = Syllable(text, text, "ko", 0 if index < 3 else 1, space_after=index == 2)
        syllables.append(SungSyllable(syllable, (note(beat, length, pitch),)))
        beat += length
    return SungLine("여름이 왔네", section, tuple(syllables))


def _parts(bars: int) -> dict[PartName, tuple[Note, ...]]:
    starts = [(4.0 * bar, ROOTS[bar % 4]) for bar in range(bars)]
    drums = [note(s + b, 0.25, 36, 0.9) for s, _ in starts for b in (0, 2)]
    drums += [note(s + b, 0.25, 38, 0.8) for s, _ in starts for b in (1, 3)]
    drums += [note(s + b / 2, 0.25, 42, 0.6) for s, _ in starts for b in range(8)]
    return {
        "drums": tuple(drums),
        "bass": tuple(
            note(s + b / 2, 0.5, 36 + root % 12 - (12 if root > 7 else 0)) for s, root in starts for b in range(8)
        ),
        "keys": tuple(note(s + b, 1.0, pitch, 0.6) for s, root in starts for b in (0, 2) for pitch in TRIADS[root]),
        "guitar": tuple(note(s + b / 2, 0.5, p, 0.5) for s, root in starts for b in range(8) for p in TRIADS[root]),
        "pad": tuple(note(s, 4.0, pitch, 0.5) for s, root in starts for pitch in TRIADS[root]),
        "lead": tuple(note(s + b, 1.0, 72 + b, 0.7) for s, root in starts[::2] for b in range(4)),
    }
