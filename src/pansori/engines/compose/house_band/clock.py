"""Time: beats of the score become seconds, swung, and at a tempo that may move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pansori.domain.units import Beats, Seconds
from pansori.engines.compose.house_band.model import Score, Section, Style

#: Of a band without a click, what each section's tempo is beside the song's.
LEANING = {"intro": 0.98, "verse": 0.985, "prechorus": 1.0, "chorus": 1.03, "bridge": 0.955, "outro": 0.97}
GROWTH = (0.9, 1.14)  #: of a tempo that grows: at the beginning, and at the end
SLOWED, SLOWING = 0.68, 0.2  #: how slow it gets at the end, and from which share of the song on
EASED, EASING = 0.85, 2  #: the same of a band without a click, in its last bars
SECOND, SECOND_FROM = 1.18, 0.55  #: the second of two tempi, and the share of the song that the first is given at least

SAME = 1e-9  #: share by which two tempi differ that are one


def swung(beat: float, swing: float) -> float:
    """Where a beat is played: the second eighth comes at 1/2 + swing/6 of its beat, triplets at 1."""
    whole, part = divmod(beat, 1.0)
    middle = 0.5 + swing / 6.0
    return whole + (part * middle / 0.5 if part < 0.5 else middle + (part - 0.5) * (1.0 - middle) / 0.5)


@dataclass(frozen=True)
class Clock:
    """Beats to seconds. `places`: of every beat, in beats of the mean tempo, where the tempo moves; straight lines lie
    between. Beyond the last it goes on as it was."""

    seconds_per_beat: float
    swing: float
    places: tuple[float, ...] = ()

    def at(self, beat: Beats | float) -> Seconds:
        return Seconds(self._place(swung(beat, self.swing)) * self.seconds_per_beat)

    def even(self, seconds: float) -> float:
        """The beat that lies at `seconds`, of a grid that does not swing."""
        place = seconds / self.seconds_per_beat
        if not self.places:
            return place
        if place > self.places[-1]:
            return len(self.places) - 1 + (place - self.places[-1]) / self._last
        return float(np.interp(place, self.places, np.arange(len(self.places))))

    def _place(self, beat: float) -> float:
        if not self.places:
            return beat
        over = beat - (len(self.places) - 1)
        if over > 0:
            return self.places[-1] + over * self._last
        return float(np.interp(beat, np.arange(len(self.places)), self.places))

    @property
    def _last(self) -> float:
        return self.places[-1] - self.places[-2]


def clock_of(score: Score) -> Clock:
    return clock_for(score.style, score.sections, score.length)


def clock_for(style: Style, sections: Sequence[Section], length: Beats) -> Clock:
    """The clock of a song. However its tempo moves, the score ends when it would at the tempo of `style`."""
    seconds_per_beat = 60.0 / style.tempo
    if style.flow == "steady" or length < 1.0:
        return Clock(seconds_per_beat, style.swing)
    speed = _FLOWS[style.flow](style, sections, length)
    lengths = [1.0 / speed(float(beat)) for beat in range(int(np.ceil(length)))]
    whole = np.concatenate([[0.0], np.cumsum(lengths)])
    whole *= length / float(np.interp(length, np.arange(len(whole)), whole))
    return Clock(seconds_per_beat, style.swing, tuple(whole.tolist()))


def tempi(score: Score) -> list[tuple[float, float]]:
    """From which beat on, which tempo, in quarter notes a minute."""
    places = clock_of(score).places
    if not places:
        return [(0.0, float(score.style.tempo))]
    speeds = [float(score.style.tempo) / (after - before) for before, after in pairwise(places)]
    return [
        (float(beat), speed)
        for beat, (before, speed) in enumerate(pairwise([0.0, *speeds]))
        if abs(speed - before) > SAME * speed
    ]


Speed = Callable[[float], float]
"""The tempo at a beat, beside the mean."""


def _live(style: Style, sections: Sequence[Section], length: float) -> Speed:
    easing = length - EASING * style.beats_per_bar

    def speed(beat: float) -> float:
        label = next((section.label for section in reversed(sections) if section.start <= beat), "verse")
        eased = EASED if beat >= easing else 1.0
        return LEANING.get(label, 1.0) * eased

    return speed


def _growing(style: Style, sections: Sequence[Section], length: float) -> Speed:
    slowest, fastest = GROWTH
    return lambda beat: slowest + (fastest - slowest) * beat / length


def _slowing(style: Style, sections: Sequence[Section], length: float) -> Speed:
    return lambda beat: 1.0 - (1.0 - SLOWED) * max(0.0, (beat / length - (1.0 - SLOWING)) / SLOWING)


def _changing(style: Style, sections: Sequence[Section], length: float) -> Speed:
    bars = range(0, int(length), style.beats_per_bar)
    starts = [float(section.start) for section in sections[:-1] if section.start >= SECOND_FROM * length]
    late = [float(bar) for bar in bars if bar >= SECOND_FROM * length]
    second = min(starts or late or [length])
    return lambda beat: SECOND if beat >= second else 1.0


_FLOWS: dict[str, Callable[[Style, Sequence[Section], float], Speed]] = {
    "live": _live,
    "growing": _growing,
    "slowing": _slowing,
    "changing": _changing,
}
