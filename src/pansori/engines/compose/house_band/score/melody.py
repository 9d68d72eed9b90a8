"""The sung melody: for every line of the form its rhythm, its pitches and now and then an ornament."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pansori.domain.units import Beats, MidiPitch
from pansori.engines.compose.house_band.model import Key, LyricLine, Note, Style, SungLine, SungSyllable
from pansori.engines.compose.house_band.score.form import Form, LinePlace, Part, finest_step
from pansori.engines.compose.house_band.score.harmony import Changes, scale
from pansori.engines.compose.house_band.score.rhythm import Accent, RhythmMotif, Slot, place, strength
from pansori.engines.compose.house_band.score.tune import Compass, Spot, TuneMotif, compass, sing_line
from pansori.engines.compose.house_band.style.genres import Genre

Random = Callable[[str], random.Random]


@dataclass(frozen=True)
class Manner:
    """How a section is sung: where in the voice's range (0 low, 1 high), how far the contour swings, its shapes."""

    register: float
    swing: float
    shapes: tuple[str, ...]  #: by chance one of each pair is taken, for lines 1, 2, 3, 4
    plan: tuple[int, ...] = (0, 1, 0, 2)  #: which shape each line takes


MANNERS: dict[str, Manner] = {
    "verse": Manner(0.34, 0.8, ("wave", "dip", "arch", "level", "fall", "late")),
    "prechorus": Manner(0.5, 0.8, ("rise", "late", "rise", "wave", "rise", "arch")),
    "chorus": Manner(0.66, 1.0, ("late", "arch", "dip", "fall", "fall", "arch")),
    "bridge": Manner(0.5, 1.1, ("dip", "fall", "arch", "rise", "rise", "late")),
    "rap": Manner(0.3, 0.35, ("level", "wave", "level", "fall", "level", "dip")),
}
ORNAMENTED = {"trot": 0.5, "rnb": 0.4, "ballad": 0.22, "jazz": 0.2, "folk": 0.15, "pop": 0.12, "waltz": 0.12}
SHORT_NOTE = Beats(0.5)  #: of an ornament, where the tempo lets it be sung
RAPPED = frozenset({"hiphop"})  #: styles whose verses are rapped


def manner_of(label: str, style: str) -> Manner:
    rapped = label == "rap" or (label == "verse" and style in RAPPED)
    return MANNERS["rap"] if rapped else MANNERS.get(label, MANNERS["verse"])


class Singer:
    """Writes the melody of one song."""

    def __init__(self, style: Style, genre: Genre, form: Form, changes: Changes, chance: Random) -> None:
        self._style, self._genre, self._form, self._changes = style, genre, form, changes
        self._chance = chance
        self._lift = max(part.lift for part in form.parts)
        self._motifs: dict[str, tuple[RhythmMotif, TuneMotif]] = {}
        self._tunes: dict[tuple[object, ...], list[int]] = {}  # so that repeats cost nothing

    @property
    def tempo(self) -> float:
        return self._form.tempo

    def sing(self) -> tuple[SungLine, ...]:
        """Every line of the form, in order."""
        lines: list[SungLine] = []
        bar = 0
        for index, part in enumerate(self._form.parts):
            previous: int | None = None
            for number, line in enumerate(part.places):
                start = float((bar + line.bar) * self._style.beats_per_bar)
                sung = self._line(index, part, number, line, start, previous)
                lines.append(sung)
                previous = sung.syllables[-1].notes[-1].pitch
            bar += part.bars
        return tuple(lines)

    def motifs(self, label: str) -> tuple[RhythmMotif, TuneMotif]:
        """What lines of this kind of section have in common."""
        if label not in self._motifs:
            chance = self._chance(f"melody/{label}")
            pairs = manner_of(label, self._style.name).shapes
            shapes = [chance.choice(pairs[at : at + 2]) for at in (0, 2, 4)]
            style = self._style
            syncopation = 0.0 if style.compound else self._genre.syncopation
            rhythm = RhythmMotif(style.beats_per_bar, syncopation, chance, style.pulse)
            self._motifs[label] = rhythm, TuneMotif(shapes, chance)
        return self._motifs[label]

    def compass(self, lift: int, low: int, high: int) -> Compass:
        key = self._style.key
        return compass(Key(key.tonic, key.mode), self._genre.scale, low, high, scale(key, lift))

    def _line(
        self, index: int, part: Part, number: int, line: LinePlace, start: float, previous: int | None
    ) -> SungLine:
        rhythm, _ = self.motifs(part.label)
        beats = float(line.bars * self._style.beats_per_bar)
        slots = place(accents(line.line), beats, self._form.tempo, rhythm, self._style.swing)
        pitches = self._pitches(part, number, slots, start, beats, previous)
        syllables = tuple(
            SungSyllable(syllable, (Note(Beats(start + slot.start), Beats(slot.length), MidiPitch(pitch)),))
            for syllable, slot, pitch in zip(line.line.syllables, slots, pitches, strict=True)
        )
        ornamented = self._ornamented(syllables, part, self._chance(f"ornaments/{part.label}/{number}"))
        return SungLine(line.line.text, index, ornamented)

    def _pitches(
        self, part: Part, number: int, slots: Sequence[Slot], start: float, beats: float, previous: int | None
    ) -> list[int]:
        """Sections that are lifted later stay low enough, and are sung in their own key first, so that the lifted one
        is the same tune."""
        manner = manner_of(part.label, self._style.name)
        _, motif = self.motifs(part.label)
        low, high = self._range(manner, part.lift)
        centre = low + manner.register * (high - low)
        plan = manner.plan[number % len(manner.plan)]
        spots = [self._spot(slot, start) for slot in slots]
        targets = [
            max(low, min(high, centre + manner.swing * motif.target(plan, slot.start / beats, slot.start % 8)))
            for slot in slots
        ]
        lines = len(part.places)
        space = self.compass(part.lift, low, high)
        goals = self._goals(space, number, lines, spots[-1])
        known = (
            tuple(goals.items()),
            part.lift,
            tuple(targets),
            tuple((spot.length, spot.chord.root, spot.chord.quality) for spot in spots),
            previous,
        )
        if known not in self._tunes:
            self._tunes[known] = sing_line(spots, targets, space, last=goals, previous=previous)
        return self._tunes[known]

    def _range(self, manner: Manner, lift: int) -> tuple[int, int]:
        voice = self._style.voice
        low, high = int(voice.low) + lift, int(voice.high) - self._lift + lift
        if manner is MANNERS["rap"]:
            middle = low + round(0.38 * (high - low))
            return middle - 3, middle + 4
        return low, high

    def _spot(self, slot: Slot, start: float) -> Spot:
        at = start + slot.start
        chord = self._changes.at(at + min(0.5, slot.length / 2))
        weight = max(strength(slot.start, self._style.beats_per_bar, self._style.pulse), min(1.0, slot.length / 1.5))
        return Spot(at, slot.length, chord, weight)

    def _goals(self, space: Compass, number: int, lines: int, spot: Spot) -> dict[int, float]:
        """What each pitch class costs as a line's end: home at a section's last line, open before."""
        tonic, second, third, _, fifth, *_ = space.scale
        if number == lines - 1:
            wanted = {tonic: 0.0, third: 1.2, fifth: 1.6, second: 3.0}
        elif number % 2 == 0:
            wanted = {fifth: 0.2, third: 0.3, second: 0.4, tonic: 0.9}
        else:
            wanted = {third: 0.2, tonic: 0.4, fifth: 0.3, second: 0.4}
        tones = {(spot.chord.root + step) % 12 for step in (0, 3, 4, 7)}
        return {
            pitch: wanted.get(pitch, 3.0 if number == lines - 1 else 0.8) + (0.0 if pitch in tones else 1.0)
            for pitch in range(12)
        }

    def _ornamented(
        self, syllables: tuple[SungSyllable, ...], part: Part, chance: random.Random
    ) -> tuple[SungSyllable, ...]:
        """Some long notes become melismas: a turn around the note, or a step down to it."""
        often = ORNAMENTED.get(self._style.name, 0.06)
        manner = manner_of(part.label, self._style.name)
        if manner is MANNERS["rap"]:
            return syllables
        low, high = self._range(manner, part.lift)
        short = Beats(max(SHORT_NOTE, finest_step(self.tempo, self._style.swing)))
        ornamented = []
        for sung in syllables:
            note = sung.notes[0]
            if note.length >= 3 * short and chance.random() < often:
                space = self.compass(part.lift, low, high)
                sung = replace(sung, notes=_turn(note, space.pitches(self._changes.at(note.start)), short, chance))
            ornamented.append(sung)
        return tuple(ornamented)


def accents(line: LyricLine) -> list[Accent]:
    """What each syllable of a line asks of its rhythm."""
    following = [*line.syllables[1:], None]
    return [
        Accent(syllable.stress, after is None or after.word != syllable.word)
        for syllable, after in zip(line.syllables, following, strict=True)
    ]


def _turn(note: Note, pitches: Sequence[int], short: Beats, chance: random.Random) -> tuple[Note, ...]:
    """The note in three: itself, its upper neighbour, itself; or, from above, a step into it. New notes are `short`."""
    above = [pitch for pitch in pitches if 0 < pitch - note.pitch <= 2]
    if not above:
        return (note,)
    upper = MidiPitch(above[0])
    if chance.random() < 0.5:
        first = Note(note.start, short, upper, note.velocity)
        return first, Note(Beats(note.start + short), Beats(note.length - short), note.pitch, note.velocity)
    body = note.length - 2 * short
    return (
        replace(note, length=Beats(body)),
        Note(Beats(note.start + body), short, upper, note.velocity),
        Note(Beats(note.start + body + short), short, note.pitch, note.velocity),
    )
