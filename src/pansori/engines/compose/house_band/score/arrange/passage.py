"""What every player knows of the section at hand."""

from __future__ import annotations

from dataclasses import dataclass

from pansori.domain.units import Beats, MidiPitch
from pansori.engines.compose.house_band.model import Chord, Note, Style
from pansori.engines.compose.house_band.style.genres import Genre


@dataclass(frozen=True)
class Passage:
    """One section. Times are in beats from the song's start; `chords` cover it without a gap."""

    label: str
    start: float
    bars: int
    length: float  #: bars · beats a bar, or less in the last one
    energy: float
    following: str | None  #: the next section's label
    rising: bool  #: the next section has more energy
    chords: tuple[Chord, ...]
    sung: tuple[tuple[float, float], ...]  #: from when to when somebody sings
    lift: int
    style: Style
    genre: Genre
    index: int  #: which section of the song this is

    @property
    def end(self) -> float:
        return self.start + self.length

    @property
    def last(self) -> bool:
        """Whether this is the final chord."""
        return self.following is None

    @property
    def bar_starts(self) -> list[float]:
        return [self.start + bar * self.style.beats_per_bar for bar in range(self.bars)]


def note(start: float, length: float, pitch: int, velocity: float) -> Note:
    return Note(Beats(start), Beats(length), MidiPitch(pitch), max(0.05, min(1.0, velocity)))


def fitted(notes: list[Note], passage: Passage) -> list[Note]:
    """Notes within the passage; what would ring over its end is cut there."""
    return [
        n if n.start + n.length <= passage.end else note(n.start, passage.end - n.start, n.pitch, n.velocity)
        for n in notes
        if passage.start - 1e-6 <= n.start < passage.end - 0.05
    ]
