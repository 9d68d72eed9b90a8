"""The drummer: grooves as rows of sixteenths, three strengths a style, fills where sections end."""

from __future__ import annotations

import random

from pansori.engines.compose.house_band.model import Note
from pansori.engines.compose.house_band.score.arrange.passage import Passage, fitted, note

KICK, STICK, SNARE, CLAP, CLOSED, PEDAL, OPEN = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM, CRASH, RIDE, TAMBOURINE, SHAKER = 45, 47, 50, 49, 51, 54, 70
STRENGTHS = {"X": 0.95, "x": 0.75, "o": 0.4}

#: Rows of one bar (four sixteenths a beat) or two: X accent, x stroke, o ghost.
Groove = dict[int, str]

#: Quiet, usual and strong grooves.
GROOVES: dict[str, tuple[Groove, Groove, Groove]] = {
    "dance": (
        {KICK: "X.......X.......", CLOSED: "..x...x...x...x.", STICK: "....x.......x..."},
        {KICK: "X...x...X...x...", CLAP: "....X.......X...", CLOSED: "x.o.x.o.x.o.x.oo", OPEN: "..x...x...x...x."},
        {
            KICK: "X...X...X...X..o", SNARE: "....X.......X...", CLAP: "....X.......X...",
            OPEN: "..X...X...X...X.", CLOSED: "xox.xox.xox.xoxo", TAMBOURINE: "..o...o...o...o.",
        },
    ),
    "pop": (
        {KICK: "X.......x.......", STICK: "....x.......x...", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X......xX.......", SNARE: "....X.......X...", CLOSED: "x.x.x.x.x.x.x.x."},
        {KICK: "X..x...xX.x.....", SNARE: "....X.......X..o", CLOSED: "X.x.X.x.X.x.X.x.",
            TAMBOURINE: "..o...o...o...o."},
    ),
    "ballad": (
        {CLOSED: "o...o...o...o...", STICK: "........x......."},
        {KICK: "X.........x.....", STICK: "....x.......x...", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X......x..x.....", SNARE: "....X.......X...", RIDE: "x.o.x.o.x.o.x.o."},
    ),
    "rock": (
        {KICK: "X.......x.x.....", SNARE: "....x.......x...", CLOSED: "x.x.x.x.x.x.x.x."},
        {KICK: "X.......X.x.....", SNARE: "....X.......X...", CLOSED: "X.x.X.x.X.x.X.x."},
        {KICK: "X..x..x.X.x.....", SNARE: "....X.......X...", OPEN: "X...X...X...X...", RIDE: "..x...x...x...x."},
    ),
    "hiphop": (
        {KICK: "X.........x.....", SNARE: "....x.......x...", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X..x......x..x..", SNARE: "....X.......X...", CLOSED: "x.x.x.x.x.xxx.x."},
        {KICK: "X..x..x...x..x..", SNARE: "....X.......X..o", CLAP: "....X.......X...", CLOSED: "x.xxx.x.x.xxxoxo",
            OPEN: "..............x."},
    ),
    "rnb": (
        {KICK: "X.........x.....", STICK: "....x.......x...", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X..x......x.....", SNARE: "....X.......X...", CLOSED: "x.o.x.oox.o.x.o."},
        {KICK: "X..x...o..x..x..", SNARE: "....X..o.o..X...", CLOSED: "x.oox.oox.oox.oo"},
    ),
    "jazz": (
        {RIDE: "x...x.o.x...x.o.", PEDAL: "....x.......x..."},
        {RIDE: "x...X.x.x...X.x.", PEDAL: "....x.......x...", KICK: "o.......o......."},
        {RIDE: "X...X.x.X...X.x.", PEDAL: "....x.......x...", SNARE: "..o...o.......x.", KICK: "x.......o.....o."},
    ),
    "trot": (
        {KICK: "X.......X.......", STICK: "....x.......x...", CLOSED: "x.x.x.x.x.x.x.x."},
        {KICK: "X.......X.......", SNARE: "....X.......X.x.", CLOSED: "x.x.x.x.x.x.x.x."},
        {KICK: "X.....x.X.......", SNARE: "....X.......X.xx", CLOSED: "X.x.X.x.X.x.X.x.",
            TAMBOURINE: "....x.......x..."},
    ),
    "folk": (
        {SHAKER: "x.o.x.o.x.o.x.o."},
        {KICK: "x.......x.......", SHAKER: "x.o.x.o.x.o.x.o.", TAMBOURINE: "....x.......x..."},
        {KICK: "X.......X.x.....", STICK: "....x.......x...", SHAKER: "x.o.x.o.x.o.x.o.",
            TAMBOURINE: "....x.......x..."},
    ),
    "lofi": (
        {KICK: "x.........x.....", STICK: "....x.......x...", CLOSED: "o.o.o.o.o.o.o.o."},
        {KICK: "X......o..x.....", SNARE: "....x.......x...", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X..o...o..x.....", SNARE: "....x..o....x...", CLOSED: "x.o.x.oox.o.x.o.", RIDE: "....o.......o..."},
    ),
    "edm": (
        {KICK: "X...X...X...X...", CLOSED: "..x...x...x...x."},
        {KICK: "X...X...X...X...", CLAP: "....X.......X...", OPEN: "..x...x...x...x.", CLOSED: "x.o.x.o.x.o.x.o."},
        {KICK: "X...X...X...X...", CLAP: "....X.......X...", OPEN: "..X...X...X...X.", CLOSED: "xxoxxxoxxxoxxxox",
            RIDE: "x...x...x...x..."},
    ),
    "waltz": (
        {KICK: "x...........", STICK: "....o...o..."},
        {KICK: "X...........", STICK: "....x...x...", CLOSED: "x...x...x..."},
        {KICK: "X.........o.", SNARE: "....x...x...", RIDE: "x...x...x.o."},
    ),
    "six_eight": (
        {KICK: "x...........", STICK: "......x.....", CLOSED: "o.o.o.o.o.o."},
        {KICK: "X.........x.", SNARE: "......X.....", CLOSED: "x.o.o.x.o.o."},
        {KICK: "X...x.....x.", SNARE: "......X....o", CLOSED: "X.x.x.X.x.x.", TAMBOURINE: "......x....."},
    ),
}  # fmt: skip
#: Last beats of a section: a fill takes the last one or two of them.
FILLS: tuple[Groove, ...] = (
    {SNARE: "x.xxX.x.", HIGH_TOM: "........"},
    {SNARE: "x.x.....", HIGH_TOM: "....x.x.", MID_TOM: ".....x.."},
    {HIGH_TOM: "x.x.....", MID_TOM: "....x...", LOW_TOM: "......x.", SNARE: "......oX"},
    {SNARE: "oxoxxxXX"},
    {SNARE: "....x.xX", KICK: "x.x....."},
)
SOFT_FILLS: tuple[Groove, ...] = ({STICK: "x...x.x."}, {SNARE: "....o.ox"}, {LOW_TOM: "....o.x.", MID_TOM: "x......."})
LATE = frozenset({"ballad", "folk", "waltz"})  #: styles whose quiet beginnings have no drums
QUIET, STRONG = 0.45, 0.72  #: energies between the grooves


def kick_places(passage: Passage) -> list[float]:
    """Where in the bar, in beats, the kick falls: what a bass locks to."""
    row = _groove(passage).get(KICK, "X...")
    return [index / 4 for index, stroke in enumerate(row) if stroke in "Xx"]


def play_drums(passage: Passage, chance: random.Random) -> list[Note]:
    """The groove, a crash where a strong section begins, a fill where it ends."""
    if passage.last:
        return _final(passage)
    if _silent(passage):
        return fitted(_fill(passage, chance) if passage.rising and passage.bars >= 2 else [], passage)
    groove = _groove(passage)
    level = 0.72 + 0.28 * passage.energy
    notes: list[Note] = []
    filled = _fill(passage, chance) if passage.bars >= 2 else []
    fill_start = min((n.start for n in filled), default=passage.end)
    for index, bar in enumerate(passage.bar_starts):
        strokes = _strokes(groove, bar, level)
        if index % 4 == 3 and chance.random() < 0.5:
            pickup = "..........o." if passage.style.compound else "..............o."
            strokes += _strokes({groove_voice(groove): pickup}, bar, level)
        notes += [n for n in strokes if n.start < fill_start - 1e-6]
    if passage.energy >= STRONG:
        notes.append(note(passage.start, 2.0, CRASH, 0.75))
        notes += [note(bar, 1.0, CRASH, 0.5) for bar in passage.bar_starts[8::8]]
    return fitted(notes + filled, passage)


def groove_voice(groove: Groove) -> int:
    return SNARE if SNARE in groove else KICK if KICK in groove else next(iter(groove))


def _groove(passage: Passage) -> Groove:
    grooves = GROOVES["six_eight" if passage.style.compound else passage.genre.drums]
    if len(next(iter(grooves[0].values()))) != passage.style.beats_per_bar * 4:
        grooves = GROOVES["waltz" if passage.style.beats_per_bar == 3 else "pop"]
    level = 0 if passage.energy < QUIET else 1 if passage.energy < STRONG else 2
    return grooves[level]


def _silent(passage: Passage) -> bool:
    return passage.genre.drums in LATE and passage.index < 2 and passage.energy < QUIET


def _strokes(groove: Groove, start: float, level: float) -> list[Note]:
    return [
        note(start + index / 4, 0.25, pitch, STRENGTHS[stroke] * level)
        for pitch, row in groove.items()
        for index, stroke in enumerate(row)
        if stroke in STRENGTHS
    ]


def _fill(passage: Passage, chance: random.Random) -> list[Note]:
    soft = passage.energy < QUIET or passage.genre.drums in ("jazz", "folk", "lofi", "waltz", "ballad")
    fill = chance.choice(SOFT_FILLS if soft and not passage.rising else FILLS)
    beats = 2.0 if passage.rising or chance.random() < 0.4 else 1.0
    strokes = _strokes(fill, passage.end - 2.0, 0.6 + 0.35 * passage.energy)
    return [n for n in strokes if n.start >= passage.end - beats - 1e-6]


def _final(passage: Passage) -> list[Note]:
    loud = 0.35 + 0.55 * passage.energy
    cymbal = RIDE if passage.style.energy < 0.5 else CRASH
    return [note(passage.start, min(2.0, passage.length), cymbal, loud), note(passage.start, 0.5, KICK, loud)]
