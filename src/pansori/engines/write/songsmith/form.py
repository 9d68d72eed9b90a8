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
LINE = 9
LONG_LINE = 10


@dataclass(frozen=True)
class SongForm:
    """`sections`: labels and how many lines each has. `syllables`: about how many a line has."""

    sections: tuple[tuple[str, int], ...]
    syllables: int

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for label, _ in self.sections)


def song_form(duration: Seconds | None, tempo: BeatsPerMinute, *, beats_per_bar: int = 4) -> SongForm:
    """What fits into `duration`; a song of usual length where none is asked for."""
    beats = LINE_BEATS if beats_per_bar == 4 else WALTZ_LINE_BEATS
    line = max(SHORTEST_LINE, beats * 60.0 / tempo)
    room = USUAL_LINES if duration is None else int((duration - ENDING) / line)
    sections = next(sections for least, sections in FORMS if room >= least)
    if room < 4:
        return SongForm(sections, BRIEF_LINE)
    return SongForm(sections, LINE if line < 4.4 else LONG_LINE)
