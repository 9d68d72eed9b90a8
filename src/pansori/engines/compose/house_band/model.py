"""The words in which the modules of the house band speak to each other.

Symbolic things (`Score` and below) are in beats, a beat being a quarter note; sounding things (`Performance`) are in
seconds. Everything is frozen and made of plain values, so that every stage is a function that can be tested alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pansori.domain.units import Beats, BeatsPerMinute, MidiPitch, SampleRateHz, Seconds
from pansori.lexicon.music import PARTS as PARTS
from pansori.lexicon.music import Flow as Flow
from pansori.lexicon.music import Key as Key
from pansori.lexicon.music import Mode as Mode
from pansori.lexicon.music import PartName as PartName

Language = Literal["ko", "en"]
SAMPLE_RATE = SampleRateHz(44_100)  #: of everything that sounds, in standard quality
DOTTED = Beats(1.5)  #: a dotted quarter note
TAIL = Seconds(1.0)  #: how long the last chord rings on after the score's last bar, where no duration was asked for


@dataclass(frozen=True)
class Voice:
    """A singer: which espeak variant is the source, and the range its melody stays in."""

    gender: Literal["female", "male"]
    variant: str  #: espeak voice variant, such as `f2`
    low: MidiPitch
    high: MidiPitch


@dataclass(frozen=True)
class Style:
    """What the genre words meant."""

    name: str  #: one of the known styles, such as `kpop_dance`
    tempo: BeatsPerMinute  #: quarter notes a minute
    tempo_asked: bool  #: the text named it, so it is exact
    key: Key
    key_asked: bool
    beats_per_bar: int  #: quarter notes
    swing: float  #: 0 straight, 1 full triplets on the off-beats
    energy: float  #: 0–1
    voice: Voice
    programs: dict[PartName, int]  #: General MIDI program (0-based) of each part in use; `drums`: the kit
    words: tuple[str, ...] = ()  #: the words of the text that were understood
    compound: bool = False  #: 6/8: the three quarter notes of a bar are felt as two beats of three eighths
    flow: Flow = "steady"

    @property
    def pulse(self) -> Beats:
        """What is felt as a beat, in quarter notes."""
        return DOTTED if self.compound else Beats(1.0)

    @property
    def felt_tempo(self) -> BeatsPerMinute:
        return BeatsPerMinute(self.tempo / self.pulse)

    @property
    def felt_beats(self) -> int:
        """Beats in a bar, as they are felt."""
        return 2 if self.compound else self.beats_per_bar


@dataclass(frozen=True)
class Syllable:
    text: str  #: as written, without spaces
    spoken: str  #: as it is to be pronounced: respelled Hangul, or the English letters
    language: Language
    word: int  #: index of its word in the line
    stress: int = 0  #: 0 none, 1 secondary, 2 primary
    space_after: bool = False  #: a space follows in the text


@dataclass(frozen=True)
class LyricLine:
    text: str  #: as written, trimmed
    syllables: tuple[Syllable, ...]


@dataclass(frozen=True)
class LyricSection:
    label: str  #: `verse`, `prechorus`, `chorus`, `bridge`, `intro`, `outro`, `rap` …
    lines: tuple[LyricLine, ...]


@dataclass(frozen=True)
class Chord:
    start: Beats
    length: Beats
    root: int  #: pitch class
    quality: str  #: `maj`, `min`, `7`, `maj7`, `min7`, `dim`, `sus4` …
    bass: int | None = None  #: pitch class, where it is not the root


@dataclass(frozen=True)
class Section:
    """A part of the form. `lines` are what is sung in it."""

    label: str
    start: Beats
    bars: int
    energy: float
    lines: tuple[LyricLine, ...] = ()


@dataclass(frozen=True)
class Note:
    start: Beats
    length: Beats
    pitch: MidiPitch
    velocity: float = 0.8  #: 0–1


@dataclass(frozen=True)
class SungSyllable:
    """A syllable on one note, or on several of a melisma; the notes touch."""

    syllable: Syllable
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class SungLine:
    text: str
    section: int  #: index into the score's sections
    syllables: tuple[SungSyllable, ...]


@dataclass(frozen=True)
class Score:
    """The composed song, before anybody plays it."""

    style: Style
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    vocal: tuple[SungLine, ...]
    parts: dict[PartName, tuple[Note, ...]]
    length: Beats
    tightness: int = 0  #: of the words: 0 comfortable, 1 without pauses, 2 as fast as can be sung


@dataclass(frozen=True)
class PlayedNote:
    start: Seconds
    duration: Seconds
    pitch: MidiPitch
    velocity: int  #: 1–127


@dataclass(frozen=True)
class SungNote:
    start: Seconds
    duration: Seconds
    pitch: MidiPitch
    harmony: MidiPitch | None = None  #: what a second voice sings with it, where a phrase is doubled


@dataclass(frozen=True)
class PhraseSyllable:
    syllable: Syllable
    notes: tuple[SungNote, ...]

    @property
    def start(self) -> Seconds:
        return self.notes[0].start

    @property
    def end(self) -> Seconds:
        last = self.notes[-1]
        return Seconds(last.start + last.duration)


@dataclass(frozen=True)
class Phrase:
    """What is sung in one breath: a line, placed in time. `energy` sets the voice's strength; `doubled` asks for
    doubles and harmonies (choruses)."""

    text: str
    syllables: tuple[PhraseSyllable, ...]
    energy: float = 0.5
    doubled: bool = False


@dataclass(frozen=True)
class Performance:
    """What every player does, in seconds from the start of the file."""

    duration: Seconds  #: of the finished file, tails included
    tempo: BeatsPerMinute
    phrases: tuple[Phrase, ...]
    parts: dict[PartName, tuple[PlayedNote, ...]]
    programs: dict[PartName, int] = field(default_factory=dict)
