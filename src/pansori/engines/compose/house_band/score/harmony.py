"""Harmony: Roman numerals, the chords of every bar, cadences where sections end."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pansori.domain.units import Beats
from pansori.engines.compose.house_band.model import Chord, Key, Mode, Style
from pansori.engines.compose.house_band.score.form import Form, Part
from pansori.engines.compose.house_band.style.genres import Genre

#: Semitones over the root.
QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus4": (0, 5, 7), "sus2": (0, 2, 7),
    "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "m7b5": (0, 3, 6, 10), "6": (0, 4, 7, 9),
}  # fmt: skip
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)
_NUMERALS = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_NUMERAL = re.compile(r"(b|#)?(III|II|IV|I|VII|VI|V|iii|ii|iv|i|vii|vi|v)(maj7|sus4|sus2|7|ø|°|6)?(?:/([1-7]))?$")
#: Which section's progression another one takes.
_LIKE = {
    "rap": "verse",
    "intro": "chorus",
    "interlude": "verse",
    "outro": "chorus",
    "ending": "chorus",
    "prechorus": "verse",
}
#: Styles whose dominants are sevenths, and whose tonics are.
_SEVENTHS = frozenset({"walking", "two_beat"})


@dataclass(frozen=True)
class Numeral:
    """A chord over a tonic still to be chosen: semitones above it, quality, and the bass's semitones if another."""

    root: int
    quality: str
    bass: int | None = None

    def over(self, tonic: int, start: Beats, length: Beats) -> Chord:
        bass = None if self.bass is None else (tonic + self.bass) % 12
        return Chord(start, length, (tonic + self.root) % 12, self.quality, bass)


def numeral(text: str) -> Numeral:
    """`bVI`, `ii7`, `V7`, `Imaj7`, `V/7` (the seventh degree in the bass). Upper case is major, lower case minor."""
    match = _NUMERAL.match(text)
    if not match:
        raise ValueError(f"{text!r} is no chord")
    accidental, name, suffix, bass = match.groups()
    root = _NUMERALS[name.lower()] + {"b": -1, "#": 1, None: 0}[accidental]
    minor = name.islower()
    quality = {
        None: "min" if minor else "maj",
        "7": "min7" if minor else "7",
        "ø": "m7b5",
        "°": "dim",
    }.get(suffix, suffix)
    return Numeral(root % 12, quality or "maj", None if bass is None else MAJOR_SCALE[int(bass) - 1])


def pitch_classes(chord: Chord) -> tuple[int, ...]:
    """The chord's notes, root first."""
    return tuple((chord.root + interval) % 12 for interval in QUALITIES[chord.quality])


def scale(key: Key, lift: int = 0) -> tuple[int, ...]:
    """The pitch classes of a key, its tonic first."""
    steps = MINOR_SCALE if key.mode == "minor" else MAJOR_SCALE
    return tuple((key.tonic + lift + step) % 12 for step in steps)


def harmonise(form: Form, style: Style, genre: Genre, chance: random.Random) -> tuple[Chord, ...]:
    """Chords for the whole form without a gap. Sections of one name share their progression."""
    key, beats_per_bar = style.key, style.beats_per_bar
    chosen = {label: chance.choice(progressions).split() for label, progressions in genre.chords(key.mode).items()}
    chords: list[Chord] = []
    bar = 0
    for index, part in enumerate(form.parts):
        following = form.parts[index + 1] if index + 1 < len(form.parts) else None
        for offset, words in enumerate(_bars(part, following, key.mode, genre, chosen)):
            chords.extend(_in_bar(words, (bar + offset) * beats_per_bar, style, (key.tonic + part.lift) % 12))
        bar += part.bars
    if form.parts[-1].lift == 0 or len(form.parts) < 2:
        return _cut(chords, form.length)
    return _cut(_led_up(chords, form, key, beats_per_bar), form.length)


def _bars(part: Part, following: Part | None, mode: Mode, genre: Genre, chosen: dict[str, list[str]]) -> list[str]:
    """The chords of each bar of a section, in words."""
    tonic = _tonic(mode, genre)
    if following is None:
        return [tonic] * part.bars
    like = part.label if part.label in chosen else _LIKE.get(part.label, "verse")
    words = chosen.get(like) or chosen["verse"]
    bars = [words[index % len(words)] for index in range(part.bars)]
    if following.label == "ending":
        if part.bars >= 2:
            bars[-2:] = [_before_last(mode, genre), tonic]
    elif (
        part.label in ("verse", "prechorus", "bridge", "interlude", "rap")
        and part.bars >= 2
        and bars[-1][0] not in "Vv"
    ):
        bars[-1] = _dominant(mode, genre)
    return bars


def _tonic(mode: Mode, genre: Genre) -> str:
    jazzy = genre.bass == "walking"
    return ("i7" if jazzy else "i") if mode == "minor" else ("Imaj7" if jazzy else "I")


def _dominant(mode: Mode, genre: Genre) -> str:
    if genre.drums in ("rock", "hiphop", "edm") and mode == "minor":
        return "bVII"
    if genre.drums == "ballad":
        return "Vsus4,V"
    return "V7" if genre.bass in _SEVENTHS else "V"


def _before_last(mode: Mode, genre: Genre) -> str:
    if mode == "minor":
        return "bVI,bVII" if genre.drums in ("rock", "hiphop", "edm", "dance") else "iv,V7"
    return "ii7,V7" if genre.bass in _SEVENTHS else "IV,V"


def _in_bar(words: str, start: float, style: Style, tonic: int) -> list[Chord]:
    names = words.split(",")
    first = float(style.pulse) if style.compound else 2.0
    lengths = [float(style.beats_per_bar)] if len(names) == 1 else [first, style.beats_per_bar - first]
    chords = []
    for name, length in zip(names, lengths, strict=True):
        chords.append(numeral(name).over(tonic, Beats(start), Beats(length)))
        start += length
    return chords


def _led_up(chords: Sequence[Chord], form: Form, key: Key, beats_per_bar: int) -> list[Chord]:
    """The last chord before the key goes up becomes the new key's dominant."""
    first = next(index for index, part in enumerate(form.parts) if part.lift)
    start = float(sum(part.bars for part in form.parts[:first]) * beats_per_bar)
    lift = form.parts[first].lift
    turned = []
    for chord in chords:
        if chord.start < start <= chord.start + chord.length:
            half = chord.length / 2 if chord.length >= 4 else 0.0
            if half:
                turned.append(Chord(chord.start, Beats(half), chord.root, chord.quality, chord.bass))
            turned.append(
                Chord(Beats(chord.start + half), Beats(chord.length - half), (key.tonic + lift + 7) % 12, "7")
            )
        else:
            turned.append(chord)
    return turned


def _cut(chords: Sequence[Chord], length: Beats) -> tuple[Chord, ...]:
    return tuple(
        Chord(chord.start, Beats(min(chord.length, length - chord.start)), chord.root, chord.quality, chord.bass)
        for chord in chords
        if chord.start < length
    )


class Changes:
    """Which chord sounds when."""

    def __init__(self, chords: Sequence[Chord]) -> None:
        self._chords = chords
        self._at: dict[int, Chord] = {}
        for chord in chords:
            for half in range(round(chord.start * 2), round((chord.start + chord.length) * 2)):
                self._at[half] = chord

    def at(self, beat: float) -> Chord:
        return self._at.get(int(beat * 2 + 1e-6), self._chords[-1])

    def within(self, start: float, end: float) -> list[Chord]:
        """Chords that begin in the span, in order."""
        return [chord for chord in self._chords if start - 1e-6 <= chord.start < end - 1e-6]
