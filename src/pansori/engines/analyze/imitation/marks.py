"""What is measured becomes marks from 0 to 100, each with its reason in words.

Every mark falls from 100, where nothing differs, along a curve whose scale is what people would call a fair attempt:
at one scale a bell's mark is 37. The scales were set on espeak's voices without a variant, `f2` and `m3` in Korean
and English, and on three voices that Flite made of people's (`slt`, `rms`, `awb`); espeak's `f5` and `m7` were only
looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from pansori.domain.errors import Text
from pansori.domain.units import Decibels, Seconds
from pansori.engines.analyze.imitation.contours import Pair
from pansori.engines.analyze.imitation.model import IntensityMark, Mark, PitchMark, TimingMark, WordsMark
from pansori.engines.analyze.imitation.path import Values
from pansori.engines.analyze.measure import Refusal

WEIGHTS: Final = {"words": 0.4, "pitch": 0.25, "timing": 0.2, "intensity": 0.15}
"""Of the overall mark. All but the words count in proportion to the words' own mark: another text that is said to the
same tune is no imitation."""
WORDS_POWER: Final = 5.0
RATE_SCALE: Final = 0.57  # octaves of speed: 20 % slower costs a quarter
OFF_SCALE: Final = Seconds(0.2)
NEIGHBOURHOOD: Final = Seconds(3.0)  #: in which moments are looked at, so that one pause does not move all that follows
STRETCH: Final = Seconds(0.5)  #: over which speed is looked at
SAME_RATE: Final = 0.04  # octaves that nobody hears
PITCH_SCALE: Final = 0.85  # of the deviation of the reference's own contour
LEAST_MOVEMENT: Final = 1.0  # semitones that every reference is taken to move at least
LITTLE, MUCH = 0.7, 1.4  #: of the reference's movement
TOGETHER: Final = 0.5  #: correlation of contours that go up and down together
INTENSITY_SCALE: Final = 1.0  # likewise
LEAST_COURSE: Final = Decibels(4.0)
ODD: Final = 95  #: percentile beyond which differences are slips of the pitch tracker

SETTINGS: Final = {
    "weights": WEIGHTS,
    "words_power": WORDS_POWER,
    "rate_scale_octaves": RATE_SCALE,
    "off_scale_seconds": OFF_SCALE,
    "neighbourhood_seconds": NEIGHBOURHOOD,
    "pitch_scale": PITCH_SCALE,
    "least_movement_semitones": LEAST_MOVEMENT,
    "intensity_scale": INTENSITY_SCALE,
    "least_course_decibels": LEAST_COURSE,
}


def bell(off: float, scale: float) -> float:
    return 100.0 * float(np.exp(-((off / scale) ** 2)))


def shown(mark: float) -> float:
    return round(min(max(mark, 0.0), 100.0), 1)


# -- words ------------


def words_score(distances: Values) -> float:
    """`distances`: of moments, from 0 to 1 as `WordsMark.distance`. What is left out costs its share of the time."""
    return 100.0 * float(np.mean(1 - np.minimum(distances, 1.0) ** WORDS_POWER))


def words_mark(distances: Values, distance: float) -> WordsMark:
    """`distances`: of moments, `distance`: of the whole."""
    score = words_score(distances)
    told = (
        Text("The same is said.", "같은 말을 했어요.")
        if score >= 75
        else Text("Some of it is said otherwise.", "다르게 말한 곳이 있어요.")
        if score >= 40
        else Text("Something else is said.", "다른 말을 했어요.")
    )
    return WordsMark(
        score=shown(score),
        distance=round(distance, 4),
        explanation=f"{told.en} Distance of the sounds: {distance:.2f}, where 1 is another text.",
        explanation_ko=f"{told.ko} 소리의 거리는 {distance:.2f}이에요(1이면 아주 다른 말이에요).",
    )


# -- timing ------------


@dataclass(frozen=True)
class Timing:
    rate: float
    off: Values  #: seconds by which each frame of the reference comes late in the attempt, the rate allowed for

    @property
    def deviation(self) -> Seconds:
        return Seconds(float(np.sqrt(np.mean(self.off**2))))


def read_timing(columns: Values, step: Seconds) -> Timing:
    """`columns`: the attempt's frame for each of the reference's. The rate is the median over short stretches, so that
    a pause does not change it."""
    rows = np.arange(len(columns))
    stretch = max(1, min(round(STRETCH / step), len(rows) // 3))
    slope = float(np.median(columns[stretch:] - columns[:-stretch])) / stretch
    late = columns - slope * rows
    size = round(NEIGHBOURHOOD / step)
    around = scipy.ndimage.uniform_filter1d(late, size, mode="nearest") if len(late) > size else np.mean(late)
    return Timing(1 / max(slope, 1e-2), np.asarray((late - around) * step))


def timing_mark(timing: Timing) -> TimingMark:
    octaves = float(np.log2(timing.rate))
    score = bell(octaves, RATE_SCALE) * bell(timing.deviation, OFF_SCALE) / 100
    percent = abs(timing.rate - 1) * 100
    if abs(octaves) <= SAME_RATE:
        speed = Text("As fast as the reference", "빠르기가 원본과 같고")
    elif octaves < 0:
        speed = Text(f"{percent:.0f} % slower than the reference", f"원본보다 {percent:.0f}% 느리고")
    else:
        speed = Text(f"{percent:.0f} % faster than the reference", f"원본보다 {percent:.0f}% 빠르고")
    off = 1000 * timing.deviation
    return TimingMark(
        score=shown(score),
        rate=round(timing.rate, 4),
        deviation=Seconds(round(timing.deviation, 4)),
        explanation=f"{speed.en}; apart from that, moments are about {off:.0f} ms off.",
        explanation_ko=f"{speed.ko}, 그 밖에 순간들이 {off:.0f}ms쯤 어긋나요.",
    )


# -- contours ------------


@dataclass(frozen=True)
class Course:
    """Two courses compared, in their own unit."""

    deviation: float  #: root mean square of the difference
    movement: float  #: deviation of the attempt's course over that of the reference's
    own: float  #: deviation of the reference's course
    correlation: float | None  #: None: one of them does not move


def compare_courses(pair: Pair, *, odd: float = 100.0) -> Course:
    """`odd`: percentile of the differences beyond which they do not count."""
    here = pair.both
    reference, attempt = pair.reference[here], pair.attempt[here]
    apart = np.abs(reference - attempt)
    kept = apart <= np.percentile(apart, odd)
    spreads = float(np.std(reference[kept])), float(np.std(attempt[kept]))
    moving = min(spreads) > 1e-6
    together = float(np.corrcoef(reference[kept], attempt[kept])[0, 1]) if moving else None
    return Course(
        deviation=float(np.sqrt(np.mean(apart[kept] ** 2))),
        movement=spreads[1] / max(spreads[0], 1e-6),
        own=spreads[0],
        correlation=together,
    )


def pitch_score(course: Course) -> float:
    """Half of it for how far apart the contours are, half for going up and down together; the less the reference
    moves, the less the second."""
    apart = bell(course.deviation / max(course.own, LEAST_MOVEMENT), PITCH_SCALE)
    share = 0.5 * min(course.own / LEAST_MOVEMENT, 1.0)
    return (1 - share) * apart + share * 100.0 * max(course.correlation or 0.0, 0.0)


def pitch_mark(course: Course, transposition: float) -> PitchMark:
    if course.own < LEAST_MOVEMENT:
        told = Text("The reference hardly moves.", "원본의 음높이가 거의 움직이지 않아요.")
    elif course.movement < LITTLE:
        told = Text("The pitch moves too little.", "음높이가 너무 적게 움직여요.")
    elif course.movement > MUCH:
        told = Text("The pitch moves too much.", "음높이가 너무 많이 움직여요.")
    elif (course.correlation or 0.0) < TOGETHER:
        told = Text("The pitch goes other ways.", "음높이가 다른 쪽으로 움직여요.")
    else:
        told = Text("The pitch moves as far as the reference's.", "음높이가 원본만큼 움직여요.")
    return PitchMark(
        score=shown(pitch_score(course)),
        deviation=round(course.deviation, 3),
        correlation=None if course.correlation is None else round(course.correlation, 3),
        movement=round(min(course.movement, 1000.0), 3),
        transposition=round(transposition, 2),
        explanation=f"{told.en} The contours are {course.deviation:.1f} semitones apart.",
        explanation_ko=f"{told.ko} 음높이 곡선은 {course.deviation:.1f}반음 떨어져 있어요.",
    )


def intensity_score(course: Course) -> float:
    return bell(course.deviation / max(course.own, LEAST_COURSE), INTENSITY_SCALE)


def intensity_mark(course: Course, level: float) -> IntensityMark:
    return IntensityMark(
        score=shown(intensity_score(course)),
        deviation=Decibels(round(course.deviation, 2)),
        correlation=None if course.correlation is None else round(course.correlation, 3),
        level=Decibels(round(level, 2)),
        explanation=f"Loud and soft are {course.deviation:.1f} dB apart, about each clip's own mean.",
        explanation_ko=f"크고 작은 곳이 {course.deviation:.1f}dB 다르게 나요(저마다의 평균에서).",
    )


# -- all together ------------


def overall_mark(words: Mark, others: dict[str, Mark]) -> Mark:
    """`words` has a score; of the others those that have one count."""
    assert words.score is not None, "without words there is nothing to compare"
    known = {name: one.score for name, one in others.items() if one.score is not None}
    whole = WEIGHTS["words"] + sum(WEIGHTS[name] for name in known)
    rest = sum(WEIGHTS[name] * score for name, score in known.items())
    score = (WEIGHTS["words"] * words.score + rest * words.score / 100) / whole
    shares = ", ".join(f"{name} {WEIGHTS[name] / whole:.0%}" for name in ("words", *known))
    korean = {"words": "말", "timing": "빠르기", "pitch": "음높이", "intensity": "세기"}
    shares_ko = ", ".join(f"{korean[name]} {WEIGHTS[name] / whole:.0%}" for name in ("words", *known))
    return Mark(
        score=shown(score),
        explanation=f"Made of {shares}; all but the words count as far as the words agree.",
        explanation_ko=f"{shares_ko}로 매겨요. 말이 맞는 만큼만 나머지 점수를 쳐요.",
    )


def refused(kind: type[Mark], why: Refusal) -> Mark:
    return kind(refused=why, explanation=why.reason, explanation_ko=why.reason_ko)
