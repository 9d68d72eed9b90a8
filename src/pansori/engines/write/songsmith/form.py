"""How many lines a song has, and in which sections, for the time it has to last."""

from __future__ import annotations

from dataclasses import dataclass

from pansori.domain.units import BeatsPerMinute, Seconds

LINE_BEATS = 8  #: a line is two bars of four
WALTZ_LINE_BEATS = 12  #: or four of three
SHORTEST_LINE = Seconds(3.2)  #: however fast the tempo
ENDING = Seconds(2.2)  #: the last chord rings
USUAL_LINES = 20
#: Sections of songs by how many lines fit, the most first.
FORMS: tuple[tuple[int, tuple[tuple[str, int], ...]], ...] = (
    (30, (("verse", 4), ("prechorus", 2), ("chorus", 4), ("verse", 4), ("prechorus", 2), ("chorus", 4), ("bridge", 4),
          ("chorus", 4))),
    (24, (("verse", 4), ("prechorus", 2), ("chorus", 4), ("verse", 4), ("prechorus", 2), ("chorus", 4), ("bridge", 2))),
    (20, (("verse", 4), ("chorus", 4), ("verse", 4), ("chorus", 4), ("bridge", 2))),
    (16, (("verse", 4), ("chorus", 4), ("verse", 4), ("chorus", 4))),
    (14, (("verse", 4), ("prechorus", 2), ("chorus", 4), ("verse", 4))),
    (10, (("verse", 4), ("prechorus", 2), ("chorus", 4))),
    (8, (("verse", 4), ("chorus", 4))),
    (6, (("verse", 4), ("chorus", 2))),
    (4, (("verse", 2), ("chorus", 2))),
    (3, (("verse", 2), ("chorus", 1))),
    (0, (("chorus", 2),)),
)  # fmt: skip
BRIEF_LINE = 7  #: syllables, where there is hardly time
LEAST_LINE = 4  #: syllables of the shortest line that says something
LONG_BAR = Seconds(2.3)  #: a bar that a line may have to itself
BREATH = 0.75  #: beats after a line
LAST_SYLLABLE = Seconds(0.5)
LATE = 0.17  #: beats that swing may shift the last syllable by
SYLLABLE_BEATS = {4: 0.5, 3: 0.6}  #: of each syllable but the last, by beats in a bar
LINE = 9
LONG_LINE = 10


@dataclass(frozen=True)
class SongForm:
    """`sections`: labels and how many lines each has. `syllables`: about how many a line has; `most`: no line has more,
    None where that does not matter."""

    sections: tuple[tuple[str, int], ...]
    syllables: int
    most: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for label, _ in self.sections)


def song_form(duration: Seconds | None, tempo: BeatsPerMinute, *, beats_per_bar: int = 4) -> SongForm:
    """What fits into `duration`; a song of usual length where none is asked for."""
    beats = LINE_BEATS if beats_per_bar == 4 else WALTZ_LINE_BEATS
    line = max(SHORTEST_LINE, beats * 60.0 / tempo)
    room = USUAL_LINES if duration is None else int((duration - ENDING) / line)
    if room < 2 or (beats_per_bar == 3 and room < 3):
        return _shortest(Seconds(duration or 0.0), tempo, beats_per_bar)
    sections = next(sections for least, sections in FORMS if room >= least)
    if room < 4:
        return SongForm(sections, BRIEF_LINE)
    return SongForm(sections, LINE if line < 4.4 else LONG_LINE)


def _shortest(duration: Seconds, tempo: BeatsPerMinute, beats_per_bar: int) -> SongForm:
    """A chorus for a moment: two lines as short as their bars, or one line where there is no room for two."""
    bar = beats_per_bar * 60.0 / tempo
    bars = int((duration - ENDING) / bar)
    least = 1 if bar >= LONG_BAR else 2
    most = _syllables(least * beats_per_bar, tempo, beats_per_bar)
    if bars >= 2 * least and most >= LEAST_LINE:
        return SongForm((("chorus", 2),), min(BRIEF_LINE, most), most)
    longer = 2 if bars >= 2 else least
    return SongForm(
        (("chorus", 1),), BRIEF_LINE, max(LEAST_LINE, _syllables(longer * beats_per_bar, tempo, beats_per_bar))
    )


def _syllables(beats: int, tempo: BeatsPerMinute, beats_per_bar: int) -> int:
    """How many are sung at ease in so many beats, of which the last is held and the rest is breath."""
    last = max(LAST_SYLLABLE * tempo / 60.0, 0.5) + LATE
    return 1 + max(0, int((beats - BREATH - last) / SYLLABLE_BEATS[beats_per_bar]))
