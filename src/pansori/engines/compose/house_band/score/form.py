"""The form: which section comes when, how many bars it has, and which bars each line is sung in.

The bars are planned from duration and tempo first. What the words leave over goes to intro, repeats, interludes and
outro; what they need too much is taken from the rests, and then refused. The last bar is the final chord's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Beats, BeatsPerMinute, Seconds
from pansori.engines.compose.house_band.model import LyricLine, LyricSection, Style
from pansori.engines.compose.house_band.style.genres import Genre

LONGEST = Seconds(600.0)
INSTRUMENTAL = Seconds(60.0)  #: an instrumental's length where none is asked for
FASTEST_SYLLABLES = 6.5  #: a second, on average within a line
FASTEST_STEP = Seconds(0.124)  #: between two syllables
LAST_SYLLABLE = Seconds(0.5)  #: at least
SHORTEST_RING, RING = Seconds(2.0), Seconds(3.2)  #: of the last chord: at least, and best
STING, STING_RING = Seconds(5.0), 0.35  #: what is shorter rings for less: this share of it, and `LEAST_RING` at least
LEAST_RING = Seconds(1.1)
BEND = 0.03  #: how far a tempo that was not asked for may move
SHORT_SONG = Seconds(26.0)  #: sung sections shorter than this get their chorus once more

ENERGIES = {
    "intro": 0.45, "verse": 0.5, "rap": 0.6, "prechorus": 0.65, "chorus": 0.9, "bridge": 0.55, "interlude": 0.6,
        "outro": 0.5, "ending": 0.5,
}  # fmt: skip
TIGHTNESS = (0, 1, 2)  #: comfortable; without pauses between sections and lines; as fast as can be sung


@dataclass(frozen=True)
class LinePlace:
    """A line and the bars of its section it is sung in."""

    line: LyricLine
    bar: int
    bars: int


@dataclass(frozen=True)
class Part:
    """A section of the form. `lift`: semitones its key lies above the song's."""

    label: str
    bars: int
    places: tuple[LinePlace, ...] = ()
    energy: float = 0.5
    lift: int = 0

    @property
    def lines(self) -> tuple[LyricLine, ...]:
        return tuple(place.line for place in self.places)


@dataclass(frozen=True)
class Form:
    """`length` is that of all bars but for the last, which may be cut to the asked duration. `tightness`: how closely
    the words stand, see `TIGHTNESS`."""

    parts: tuple[Part, ...]
    tempo: BeatsPerMinute
    length: Beats
    tightness: int = TIGHTNESS[0]


def plan_form(style: Style, genre: Genre, sections: Sequence[LyricSection], duration: Seconds | None) -> Form:
    """Raises `InvalidRequest` where the words do not fit into `duration`, or into 600 s where none is given."""
    if not any(section.lines for section in sections):
        return _instrumental(style, duration or INSTRUMENTAL)
    _refuse_too_long(style, genre, sections, duration or LONGEST)
    if duration is None:
        parts = [*_natural(style, genre, sections, style.tempo), _ending()]
        bars = sum(part.bars for part in parts)
        if bars * _bar(style, style.tempo) <= LONGEST:
            return _finished(style, parts, style.tempo, Beats(float(bars * style.beats_per_bar)))
        return _fitting(style, genre, sections, LONGEST)
    return _fitting(style, genre, sections, duration)


def _bar(style: Style, tempo: float) -> float:
    return style.beats_per_bar * 60.0 / tempo


def _ending() -> Part:
    return Part("ending", 1)


# -- bars of lines and sections --------


def finest_step(tempo: float, swing: float) -> float:
    """The finest grid, in beats, on which syllables can be sung at this tempo; swing shortens every second one."""
    shortest = {0.25: 0.25 - swing / 12, 0.5: 0.5 - swing / 6, 1.0: 1.0}
    return next(step for step, beats in shortest.items() if step == 1.0 or beats * 60.0 / tempo >= FASTEST_STEP)


def last_length(tempo: float, swing: float) -> float:
    """The beats that a line's last syllable is given at least."""
    return max(LAST_SYLLABLE * tempo / 60.0, 0.5) + swing / 6


def line_bars(syllables: int, style: Style, genre: Genre, tempo: float, tightness: int) -> int:
    """The bars that a line of so many syllables takes."""
    beat = 60.0 / tempo
    finest = finest_step(tempo, style.swing)
    if tightness < 2:
        step, rest = max(genre.beats_per_syllable, finest, 0.19 / beat if finest < 0.5 else 0.5), 0.75
    else:
        step, rest = max(finest, 1.0 / FASTEST_SYLLABLES / beat), 0.25
    needed = (syllables - 1) * step + last_length(tempo, style.swing) + rest
    bars = max(1, math.ceil(needed / style.beats_per_bar - 1e-9))
    if tightness < 2:
        bars = 2 if bars == 1 and _bar(style, tempo) < 2.3 else bars
        bars += bars % 2 if bars > 1 else 0
    return bars


def _laid_out(section: LyricSection, style: Style, genre: Genre, tempo: float, tightness: int) -> Part:
    """The section with as many bars as its lines need, in regular periods where there is time."""
    counts = [line_bars(len(line.syllables), style, genre, tempo, tightness) for line in section.lines]
    if tightness == 0 and max(counts) <= 2:
        counts = [max(counts)] * len(counts)
    places, bar = [], 0
    for line, bars in zip(section.lines, counts, strict=True):
        places.append(LinePlace(line, bar, bars))
        bar += bars
    if tightness < 2:
        bar += bar % 2
    if tightness == 0 and bar > 4:
        bar += -bar % 4
    return Part(section.label, bar, tuple(places))


def _played(label: str, bars: int) -> Part:
    return Part(label, bars)


def _short(style: Style, tempo: float) -> int:
    """The bars of an instrumental passage: four, or two where bars are long."""
    return 4 if _bar(style, tempo) < 2.6 else 2


def _sung(sections: Sequence[LyricSection], style: Style, genre: Genre, tempo: float, tightness: int) -> list[Part]:
    """What the words ask for, and nothing else."""
    free = 1 if tightness else _short(style, tempo)
    return [
        _laid_out(section, style, genre, tempo, tightness) if section.lines else _played(section.label, free)
        for section in sections
        if section.lines or tightness < 2
    ]


# -- the song as long as it likes --------


def _natural(style: Style, genre: Genre, sections: Sequence[LyricSection], tempo: float) -> list[Part]:
    parts = _sung(sections, style, genre, tempo, 0)
    bars = _short(style, tempo)
    chorus = _last_chorus(parts)
    if chorus is not None:
        short = sum(part.bars for part in parts) * _bar(style, tempo) < SHORT_SONG
        if short or parts[-1].label == "bridge":
            parts.append(parts[chorus])
    parts = _with_interlude(parts, bars)
    return parts if parts[0].label == "intro" else [_played("intro", bars), *parts]


def _last_chorus(parts: Sequence[Part]) -> int | None:
    return next((index for index in reversed(range(len(parts))) if parts[index].label == "chorus"), None)


def _with_interlude(parts: list[Part], bars: int) -> list[Part]:
    """A moment for the band between the first chorus and the second verse."""
    if any(part.label == "interlude" for part in parts) or len(parts) < 4:
        return parts
    for index in range(1, len(parts) - 1):
        if parts[index].label == "chorus" and parts[index + 1].label in ("verse", "rap"):
            return [*parts[: index + 1], _played("interlude", bars), *parts[index + 1 :]]
    return parts


# -- the song as long as it was asked for --------


@dataclass(frozen=True)
class _Frame:
    """`bars` of a duration, the last of which is the final chord's and has `last` beats."""

    tempo: BeatsPerMinute
    bars: int
    last: int


def _frame(style: Style, duration: float, tempo: float) -> tuple[float, _Frame]:
    """How far the last chord's ring is from its best, and the frame."""
    bar, beat = _bar(style, tempo), 60.0 / tempo
    least = SHORTEST_RING if duration >= STING else max(LEAST_RING, STING_RING * duration)
    bars = max(1, 1 + math.floor((duration - least) / bar + 1e-9))
    ring = duration - (bars - 1) * bar
    last = max(1, min(style.beats_per_bar, math.floor((ring - 0.6) / beat + 1e-9)))
    return abs(ring - RING), _Frame(BeatsPerMinute(tempo), bars, last)


def _frames(style: Style, duration: float) -> list[_Frame]:
    """The one frame of an asked tempo; or those of the tempi near by, best first."""
    if style.tempo_asked:
        return [_frame(style, duration, style.tempo)[1]]
    tempi = [round(style.tempo * (1.0 + BEND * step / 12), 2) for step in range(-12, 13)]
    rated = sorted(
        ((_frame(style, duration, tempo), abs(tempo - style.tempo)) for tempo in tempi),
        key=lambda entry: (entry[0][0] + 0.02 * entry[1], entry[1]),
    )
    return [frame for (_, frame), _ in rated]


def _fitting(style: Style, genre: Genre, sections: Sequence[LyricSection], duration: Seconds) -> Form:
    frames = _frames(style, duration)
    candidates = [frames[0], max(frames, key=lambda frame: frame.tempo)]
    for tightness in TIGHTNESS:
        for frame in candidates:
            parts = _sung(sections, style, genre, frame.tempo, tightness)
            extra = frame.bars - 1 - sum(part.bars for part in parts)
            if extra >= 0:
                filled = _filled(parts, extra, _short(style, frame.tempo))
                length = Beats(float((frame.bars - 1) * style.beats_per_bar + frame.last))
                return replace(_finished(style, [*filled, _ending()], frame.tempo, length), tightness=tightness)
    tempo = candidates[-1].tempo
    bars = sum(part.bars for part in _sung(sections, style, genre, tempo, TIGHTNESS[-1]))
    raise _too_long(bars, style, tempo, duration)


def _refuse_too_long(style: Style, genre: Genre, sections: Sequence[LyricSection], limit: Seconds) -> None:
    """Far too many words are refused before any are laid out."""
    tempo = style.tempo * (1.0 if style.tempo_asked else 1.0 + BEND)
    counts = Counter(len(line.syllables) for section in sections for line in section.lines)
    bars = sum(times * line_bars(count, style, genre, tempo, TIGHTNESS[-1]) for count, times in counts.items())
    if bars * _bar(style, tempo) > limit:
        raise _too_long(bars, style, tempo, limit)


def _too_long(bars: int, style: Style, tempo: float, limit: float) -> InvalidRequest:
    seconds = math.ceil(bars * _bar(style, tempo) + SHORTEST_RING)
    felt = tempo / style.pulse
    return InvalidRequest(
        Text(
            f"The lyrics need about {seconds:,} s at {felt:.0f} bpm; the limit is {limit:g} s.",
            f"가사를 다 부르려면 {felt:.0f} BPM에서 약 {seconds:,}초가 필요해요. 한도는 {limit:g}초예요.",
        ),
        field="lyrics",
        cure=Text("Shorten the lyrics, or ask for a longer song.", "가사를 줄이거나 더 긴 노래를 요청하세요."),
    )


def _filled(parts: list[Part], extra: int, short: int) -> list[Part]:
    """`parts` and what fills `extra` bars: an intro, the chorus again, whole rounds, interludes, an outro."""
    intro = 0
    if parts[0].label != "intro":
        intro = min(short, extra)
        extra -= intro
    rounds = list(parts)
    cycle = [part for part in parts if part.label not in ("intro", "outro")]
    cycle_bars = sum(part.bars for part in cycle) + short
    outro = [rounds.pop()] if rounds[-1].label == "outro" else []
    break_bars = short
    while extra >= cycle_bars - short + break_bars and cycle:
        rounds += [_played("interlude", break_bars), *cycle]
        extra -= cycle_bars - short + break_bars
        break_bars = 2 * short  # who hears the words a third time has earned a solo
    index = _last_chorus(parts)
    chorus = parts[index] if index is not None else None
    if chorus is not None and extra >= chorus.bars:
        rounds.append(chorus)
        extra -= chorus.bars
        if extra >= chorus.bars + short:
            rounds += [_played("interlude", short), chorus]
            extra -= chorus.bars + short
    rounds, extra = _stretched(rounds, extra)
    grown = min(4, extra) if intro and extra >= 4 else 0
    intro, extra = intro + grown, extra - grown
    opening = [_played("intro", intro)] if intro else []
    closing = [_played("outro", extra)] if extra else []
    return [*opening, *rounds, *outro, *closing]


def _stretched(parts: list[Part], extra: int) -> tuple[list[Part], int]:
    """Room for the band before the last section, where there is much to fill."""
    bars = min(8, extra - extra % 2) if extra >= 6 else 0
    if not bars or len(parts) < 2:
        return parts, extra
    return [*parts[:-1], _played("interlude", bars), parts[-1]], extra - bars


# -- without words --------


def _instrumental(style: Style, duration: Seconds) -> Form:
    frame = _frames(style, duration)[0]
    left = frame.bars - 1
    parts: list[Part] = []
    if left >= 12:
        parts.append(_played("intro", 4))
        left -= 4
    labels = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")
    index = 0
    while left > 0:
        bars = left if left < 8 else 4 if left < 12 else 8
        parts.append(_played(labels[index % len(labels)] if left > bars or index == 0 else "chorus", bars))
        left -= bars
        index += 1
    length = Beats(float((frame.bars - 1) * style.beats_per_bar + frame.last))
    return _finished(style, [*parts, _ending()], frame.tempo, length)


# -- energy --------


def _finished(style: Style, parts: list[Part], tempo: BeatsPerMinute, length: Beats) -> Form:
    """With energies that grow from one time to the next, and the last chorus highest."""
    seen: dict[str, int] = {}
    last = _last_chorus(parts)
    energetic = []
    for index, part in enumerate(parts):
        times = seen[part.label] = seen.get(part.label, 0) + 1
        energy = ENERGIES.get(part.label, 0.5) + 0.06 * (min(times, 3) - 1) + (0.06 if index == last else 0.0)
        energetic.append(replace(part, energy=round(min(1.0, energy * (0.55 + 0.55 * style.energy)), 3)))
    return Form(tuple(energetic), tempo, length)


def lifted(form: Form, semitones: int) -> Form:
    """The same form with its last chorus, and what follows it, in a higher key; only songs with two choruses rise."""
    last = _last_chorus(form.parts)
    choruses = sum(part.label == "chorus" for part in form.parts)
    if not semitones or last is None or choruses < 2 or last < 3 or len(form.parts) - last > 3:
        return form
    parts = [replace(part, lift=semitones if index >= last else 0) for index, part in enumerate(form.parts)]
    return replace(form, parts=tuple(parts))
