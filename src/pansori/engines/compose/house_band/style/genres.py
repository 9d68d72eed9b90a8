"""What the house band knows of each style: tempo, feel, harmony, singing and the idioms of its players."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pansori.engines.compose.house_band.model import Mode, PartName
from pansori.lexicon.music import USUAL, Usual

Scale = Literal["diatonic", "pentatonic", "blues", "trot"]
#: Chords of each section, a word a bar, halves of a bar joined by commas; Roman numerals as in `harmony`.
Progressions = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Genre:
    """One style. Idioms are names that the modules of `arrange` know."""

    usual: Usual
    energy: float
    programs: dict[PartName, int]
    major_chords: Progressions
    minor_chords: Progressions
    drums: str
    bass: str
    keys: str
    guitar: str = "none"
    swing: float = 0.0
    beats_per_syllable: float = 0.5  #: where the words flow comfortably
    syncopation: float = 0.3  #: how gladly syllables come before the beat, 0–1
    scale: Scale = "pentatonic"  #: which notes the tune prefers
    lift: int = 0  #: semitones that the last chorus goes up
    lead_in_gaps: float = 0.5  #: how often the lead answers a sung line

    @property
    def tempo(self) -> tuple[float, float]:
        """Beats a minute, slowest and fastest."""
        return self.usual.tempo

    def chords(self, mode: Mode) -> Progressions:
        return self.minor_chords if mode == "minor" else self.major_chords


POP_MAJOR: Progressions = {
    "verse": ("I V vi IV", "I iii IV V", "vi IV I V"),
    "prechorus": ("IV V iii vi", "ii V iii vi", "IV I/3 ii V"),
    "chorus": ("IV V iii vi", "I V vi IV", "IV V I vi"),
    "bridge": ("vi iii IV I", "bVI bVII I I", "ii iii IV V"),
}
POP_MINOR: Progressions = {
    "verse": ("i bVI bIII bVII", "i v bVI bVII", "i iv bVI bVII"),
    "prechorus": ("iv bVII bIII bVI", "bVI bVII i i", "iv v bVI V"),
    "chorus": ("bVI bVII i i", "i bVII bVI bVII", "bVI bVII bIII i"),
    "bridge": ("iv i bVI V", "bVI bIII bVII iv"),
}
BALLAD_MAJOR: Progressions = {
    "verse": ("I V/7 vi I/5 IV I/3 ii V", "I iii7 vi IV", "Imaj7 vi7 IVmaj7 Vsus4,V"),
    "prechorus": ("IV V/4 iii vi", "ii7 iii7 IVmaj7 V"),
    "chorus": ("IV V iii vi ii V I III7", "I V vi iii IV I ii V", "IVmaj7 V iii7 vi7"),
    "bridge": ("vi III7 vi II7", "bVI bVII I I/3", "iv bVII I VI7"),
}
BALLAD_MINOR: Progressions = {
    "verse": ("i v/7 bVI bIII iv i iv V", "i bVII bVI V", "i iv bVII bIII"),
    "prechorus": ("iv bVII bIII bVI", "bVI bVII i V"),
    "chorus": ("bVI bVII bIII i iv bVII i V", "i bVI bIII bVII", "iv bVII bIII V"),
    "bridge": ("bVI bIII iv V", "iv i bII V"),
}
JAZZ_MAJOR: Progressions = {
    "verse": ("Imaj7 VI7 ii7 V7", "Imaj7 vi7 ii7 V7", "Imaj7 I7 IVmaj7 iv7 iii7 VI7 ii7 V7"),
    "chorus": ("ii7 V7 Imaj7 VI7", "iii7 VI7 ii7 V7", "IVmaj7 iv7 Imaj7 VI7 II7 II7 ii7 V7"),
    "bridge": ("III7 III7 VI7 VI7 II7 II7 ii7 V7", "IVmaj7 iv7,bVII7 Imaj7 VI7"),
}
JAZZ_MINOR: Progressions = {
    "verse": ("i7 iiø V7 i7", "i7 bVI7 iiø V7", "i7 iv7 iiø V7"),
    "chorus": ("iv7 bVII7 bIIImaj7 bVImaj7 iiø V7 i7 i7", "bVImaj7 V7 i7 bIII7"),
    "bridge": ("iv7 bVII7 bIIImaj7 bVImaj7", "bII7 V7 i7 V7"),
}
ROCK_MAJOR: Progressions = {
    "verse": ("I I IV V", "I bVII IV I", "vi IV I V"),
    "prechorus": ("ii IV V V", "vi vi IV V"),
    "chorus": ("I V vi IV", "I IV vi V", "IV I V vi"),
    "bridge": ("bVI bVII I I", "vi V IV IV"),
}
ROCK_MINOR: Progressions = {
    "verse": ("i i bVI bVII", "i bVII bVI bVII", "i bIII bVII iv"),
    "prechorus": ("iv iv bVI V", "bVI bVI bVII bVII"),
    "chorus": ("bVI bVII i bIII", "i bVI bIII bVII"),
    "bridge": ("iv bVI bVII V", "bVI bVII bVI V"),
}
HIPHOP_MAJOR: Progressions = {
    "verse": ("vi7 IVmaj7 vi7 V", "ii7 V7 Imaj7 vi7"),
    "chorus": ("IVmaj7 iii7 vi7 I", "IVmaj7 V vi7 vi7"),
    "bridge": ("ii7 iii7 IVmaj7 V",),
}
HIPHOP_MINOR: Progressions = {
    "verse": ("i i bVI V", "i7 bVImaj7 i7 v7"),
    "chorus": ("bVI bVII i i", "i bIII bVII bVI"),
    "bridge": ("iv bVI i V",),
}
SOUL_MAJOR: Progressions = {
    "verse": ("IVmaj7 iii7 vi7 I7", "Imaj7 iii7 IVmaj7 iv7", "ii7 V7 Imaj7 VI7"),
    "prechorus": ("ii7 iii7 IVmaj7 V7",),
    "chorus": ("IVmaj7 III7 vi7 I7", "ii7 iii7 IVmaj7 V7", "IVmaj7 V7 iii7 vi7"),
    "bridge": ("bVImaj7 bVII7 Imaj7 VI7", "ii7 V7 iii7 VI7"),
}
SOUL_MINOR: Progressions = {
    "verse": ("i7 iv7 bVImaj7 V7", "i7 bVImaj7 iv7 v7"),
    "prechorus": ("iv7 v7 bVImaj7 bVII",),
    "chorus": ("bVImaj7 V7 i7 bIII7", "iv7 bVII7 bIIImaj7 bVImaj7"),
    "bridge": ("bVImaj7 bVII i7 i7", "iv7 i7 iiø V7"),
}
TROT_MAJOR: Progressions = {
    "verse": ("I I IV V", "I vi ii V", "I I V7 I"),
    "chorus": ("IV V I vi ii V I I", "I IV V7 I"),
    "bridge": ("vi vi II7 V7", "IV IV I V7"),
}
TROT_MINOR: Progressions = {
    "verse": ("i i iv V7", "i iv V7 i", "i iv i V7"),
    "chorus": ("iv i V7 i", "i bVII bVI V7", "iv bVII bIII V7"),
    "bridge": ("bVI bIII iv V7", "iv iv i V7"),
}
FOLK_MAJOR: Progressions = {
    "verse": ("I IV I V", "I V/7 vi IV", "I iii IV I"),
    "chorus": ("IV I V vi", "IV V I I", "I V IV I"),
    "bridge": ("vi IV I V", "ii IV I V"),
}
FOLK_MINOR: Progressions = {
    "verse": ("i bVII i v", "i bIII bVII i", "i iv i bVII"),
    "chorus": ("bVI bIII bVII i", "bIII bVII iv i"),
    "bridge": ("iv i bVII V", "bVI bVII i i"),
}

GENRES: dict[str, Genre] = {
    "kpop_dance": Genre(
        usual=USUAL["kpop_dance"], energy=0.85, lift=2, syncopation=0.55,
        programs={"drums": 24, "bass": 38, "keys": 4, "guitar": 28, "pad": 90, "lead": 81},
        major_chords=POP_MAJOR, minor_chords=POP_MINOR,
        drums="dance", bass="octaves", keys="stabs", guitar="funk",
    ),
    "pop": Genre(
        usual=USUAL["pop"], energy=0.65, syncopation=0.4,
        programs={"drums": 0, "bass": 33, "keys": 0, "guitar": 25, "pad": 89, "lead": 80},
        major_chords=POP_MAJOR, minor_chords=POP_MINOR,
        drums="pop", bass="kick", keys="pulse", guitar="strum",
    ),
    "ballad": Genre(
        usual=USUAL["ballad"], energy=0.4, lift=1, syncopation=0.2, scale="diatonic",
        programs={"drums": 0, "bass": 33, "keys": 0, "guitar": 25, "pad": 48, "lead": 40},
        major_chords=BALLAD_MAJOR, minor_chords=BALLAD_MINOR,
        drums="ballad", bass="held", keys="ballad", guitar="picked",
    ),
    "rock": Genre(
        usual=USUAL["rock"], energy=0.9, syncopation=0.3,
        programs={"drums": 16, "bass": 34, "keys": 18, "guitar": 30, "pad": 50, "lead": 29},
        major_chords=ROCK_MAJOR, minor_chords=ROCK_MINOR,
        drums="rock", bass="eighths", keys="held", guitar="power",
    ),
    "hiphop": Genre(
        usual=USUAL["hiphop"], energy=0.6, beats_per_syllable=0.36, syncopation=0.5, swing=0.25,
        programs={"drums": 25, "bass": 38, "keys": 4, "guitar": 27, "pad": 89, "lead": 11},
        major_chords=HIPHOP_MAJOR, minor_chords=HIPHOP_MINOR,
        drums="hiphop", bass="sub", keys="lofi",
    ),
    "rnb": Genre(
        usual=USUAL["rnb"], energy=0.5, swing=0.2, syncopation=0.5, beats_per_syllable=0.45,
        programs={"drums": 8, "bass": 33, "keys": 4, "guitar": 27, "pad": 89, "lead": 65},
        major_chords=SOUL_MAJOR, minor_chords=SOUL_MINOR,
        drums="rnb", bass="kick", keys="lofi", guitar="funk",
    ),
    "jazz": Genre(
        usual=USUAL["jazz"], energy=0.5, swing=1.0, syncopation=0.5, scale="diatonic",
        programs={"drums": 32, "bass": 32, "keys": 0, "guitar": 26, "pad": 48, "lead": 66},
        major_chords=JAZZ_MAJOR, minor_chords=JAZZ_MINOR,
        drums="jazz", bass="walking", keys="charleston", guitar="four",
    ),
    "trot": Genre(
        usual=USUAL["trot"], energy=0.7, lift=1, syncopation=0.1, scale="trot",
        programs={"drums": 0, "bass": 33, "keys": 21, "guitar": 27, "pad": 48, "lead": 56},
        major_chords=TROT_MAJOR, minor_chords=TROT_MINOR,
        drums="trot", bass="two_beat", keys="offbeat", guitar="trot", lead_in_gaps=0.9,
    ),
    "folk": Genre(
        usual=USUAL["folk"], energy=0.4, syncopation=0.15,
        programs={"drums": 0, "bass": 32, "keys": 0, "guitar": 25, "pad": 49, "lead": 73},
        major_chords=FOLK_MAJOR, minor_chords=FOLK_MINOR,
        drums="folk", bass="two_beat", keys="held", guitar="picked",
    ),
    "lofi": Genre(
        usual=USUAL["lofi"], energy=0.35, swing=0.45, syncopation=0.4,
        programs={"drums": 8, "bass": 32, "keys": 4, "guitar": 26, "pad": 89, "lead": 11},
        major_chords=SOUL_MAJOR, minor_chords=SOUL_MINOR,
        drums="lofi", bass="kick", keys="lofi",
    ),
    "edm": Genre(
        usual=USUAL["edm"], energy=0.95, syncopation=0.5, lift=0,
        programs={"drums": 24, "bass": 38, "keys": 81, "pad": 90, "lead": 80},
        major_chords=POP_MAJOR, minor_chords=POP_MINOR,
        drums="edm", bass="offbeat", keys="stabs",
    ),
    "waltz": Genre(
        usual=USUAL["waltz"], energy=0.4, syncopation=0.0, scale="diatonic",
        programs={"drums": 0, "bass": 32, "keys": 0, "guitar": 24, "pad": 48, "lead": 40},
        major_chords=FOLK_MAJOR, minor_chords=FOLK_MINOR,
        drums="waltz", bass="waltz", keys="waltz", beats_per_syllable=0.6,
    ),
}  # fmt: skip


def genre_of(name: str) -> Genre:
    """The style called `name`; unknown ones are played as pop."""
    return GENRES.get(name, GENRES["pop"])
