"""Which pulse is the beat, and where bars begin: hypotheses of tempo, phase and metre, judged by what a bar holds.

Onsets alone repeat at every level of a metre, so the octave of a tempo is decided by what beats and bars are in most
music of the world's pop: low drums and bass on the first beat, snares between, and harmony that changes with the bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from pansori.engines.analyze.pansori.music import onsets, pulse, thirds
from pansori.engines.analyze.pansori.music.key import contrast
from pansori.engines.analyze.pansori.music.model import FRAMES_PER_SECOND, TONAL_FRAMES_PER_SECOND, Array

RATIOS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0, 3.0, 4.0)
SLOWEST, FASTEST = 49.0, 210.0  #: beats a minute that are answered
METRES = (4, 3)
USUAL_COMPOUND, FASTEST_COMPOUND = 72.0, 130.0  #: beats a minute that fall into three
USUAL_TEMPO, USUAL_BAR, USUAL_DENSITY = 112.0, 2.1, 2.0  #: beats a minute; seconds; onsets a beat


@dataclass(frozen=True)
class Heard:
    """What the grid is judged by. `envelope` [frames], `bands` [frames, 6], `treble`, `bass` [tonal frames, 12].
    `pitched`: how much of what sounds are notes, 0–1: of drums alone the classes say nothing."""

    envelope: Array
    bands: Array
    treble: Array
    bass: Array
    pitched: float

    @cached_property
    def density(self) -> float:
        """Onsets in a frame."""
        return len(onsets.pick(self.envelope)) / max(1, len(self.envelope))

    @cached_property
    def tonal(self) -> float:
        """What harmony and bass count, 0–1."""
        return float(np.clip((contrast(self.treble) - ATONAL) / ATONAL, 0.0, 1.0)) * self.pitched


@dataclass(frozen=True)
class Judged:
    """A hypothesis. `half`: the beats lie between those that were followed. `features`: see `FEATURES`."""

    tempo: float
    half: bool
    metre: int
    rotation: int
    features: Array

    @property
    def score(self) -> float:
        return float(np.clip(self.features, -CLIP, CLIP) @ WEIGHTS)


def candidates(correlation: Array) -> list[float]:
    """The tempi that the onsets of the whole leave possible, from their mean autocorrelation [lags]."""
    salience = pulse.salience(correlation)
    best = pulse.TEMPI[int(np.argmax(salience))]
    found: list[float] = []
    for ratio in RATIOS:
        near = np.flatnonzero(np.abs(np.log(pulse.TEMPI / (best * ratio))) < 0.05)
        if not len(near):
            continue
        peak = near[int(np.argmax(salience[near]))]
        tempo = _top(salience, int(peak))
        if SLOWEST <= tempo <= FASTEST and salience[peak] > 0.02:
            found.append(tempo)
    return found


def _top(salience: Array, peak: int) -> float:
    if not 0 < peak < len(salience) - 1:
        return float(pulse.TEMPI[peak])
    left, top, right = salience[peak - 1], salience[peak], salience[peak + 1]
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(pulse.TEMPI[peak] * (pulse.TEMPI[1] / pulse.TEMPI[0]) ** np.clip(shift, -0.5, 0.5))


def measured(heard: Heard, beats: Array) -> Array:
    """What there is at each beat [beats, 5]: onsets, low and high ones, changes of harmony and of bass. `beats` are in
    frames."""
    period = float(np.median(np.diff(beats)))
    changes = [_change(heard.treble, beats, period), _change(heard.bass, beats, period)]
    return np.concatenate([_onsets(heard, beats), np.stack(changes, axis=1)], axis=1)


def _onsets(heard: Heard, places: Array) -> Array:
    """The first three of what is `measured`."""
    low = heard.bands[:, 0] + 0.5 * heard.bands[:, 1]
    high = 0.5 * heard.bands[:, 3] + heard.bands[:, 4] + 0.5 * heard.bands[:, 5]
    return np.stack([_around(values, places) for values in (heard.envelope, low, high)], axis=1)


def _tonal(heard: Heard) -> Array:
    """What every feature counts: those of harmony little, where nothing has a pitch."""
    return np.array([heard.tonal if "harmony" in name or "bass" in name else 1.0 for name in FEATURES])


def _around(values: Array, beats: Array) -> Array:
    peaks = scipy.ndimage.maximum_filter1d(values, 5)
    found: Array = peaks[np.clip(np.rint(beats).astype(np.int64), 0, len(values) - 1)]
    return found


def _change(classes: Array, beats: Array, period: float) -> Array:
    """How different what sounds after each beat is from what sounded before, 0–1."""
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(classes, axis=0, dtype=np.float64)])
    ratio = TONAL_FRAMES_PER_SECOND / FRAMES_PER_SECOND

    def at(frames: Array) -> Array:
        places = np.clip(frames * ratio + 0.5, 0, len(classes))
        whole = np.minimum(places.astype(np.int64), len(classes) - 1)
        result: Array = sums[whole] + (places - whole)[:, None] * classes[whole]
        return result

    here = at(beats + 0.02 * FRAMES_PER_SECOND)
    before, after = here - at(beats - period), at(beats + period) - here
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    floor = 1e-6 + 1e-3 * float(norms.max(initial=0.0))
    change: Array = 1.0 - np.sum(before * after, axis=1) / (norms + floor)
    return np.clip(change, 0.0, 1.0)


def judged(heard: Heard, tempo: float, beats: Array, correlation: Array) -> list[Judged]:
    """All hypotheses of one tempo whose `beats` (frames) were followed, but those that thirds refute."""
    middles = 0.5 * (beats[:-1] + beats[1:])
    on, between = measured(heard, beats), measured(heard, middles)
    of_beats, of_middles = (
        [_onsets(heard, beats[:-1] + share * np.diff(beats)) for share in shares]
        for shares in ((1 / 3, 2 / 3), (5 / 6, 7 / 6))
    )
    tonal = _tonal(heard)
    found = []
    strengths = pulse.salience(correlation)
    strongest = float(strengths.max())
    salience = float(np.interp(tempo, pulse.TEMPI, strengths)) / max(strongest, 1e-6)
    for half, here, there, rivals in ((False, on, between, of_beats), (True, between, on, of_middles)):
        scale = np.maximum(0.5 * (here.mean(axis=0) + there.mean(axis=0)), FLOORS)
        rises = np.maximum(here - np.median(here, axis=0), 0.0)
        rest = there.mean(axis=0)
        three = thirds.filled(here, there, rivals) and tempo <= FASTEST_COMPOUND
        refuted = {4: thirds.span_pairs(here, rivals), 3: thirds.swing(here) and tempo >= 3 * SLOWEST}
        rest[:3] = np.max([rest[:3], *(rival.mean(axis=0) for rival in rivals)], axis=0)
        for metre in (*METRES, 2) if three else METRES:
            if refuted.get(metre):
                continue
            lag = metre * 60.0 / tempo * FRAMES_PER_SECOND
            bar = float(np.interp(lag, np.arange(len(correlation)), correlation))
            whole = _whole(tempo, metre, salience, bar, heard.density, three=three and metre != 3)
            for rotation in range(metre):
                inside = _inside(_pair(here / scale, metre, rotation), rest / scale)
                features = np.concatenate([whole, inside, _likeness(rises, metre, rotation)])
                found.append(Judged(tempo, half, metre, rotation, features * tonal))
    return found


def falls_into_three(heard: Heard, beats: Array) -> bool:
    """Whether `beats` (frames) are each divided into three."""
    gaps = np.diff(beats)
    first, middle, second = (_onsets(heard, beats[:-1] + share * gaps) for share in (1 / 3, 1 / 2, 2 / 3))
    return thirds.filled(_onsets(heard, beats), middle, (first, second))


def _likeness(rises: Array, metre: int, rotation: int) -> Array:
    """The cosine of `rises` [beats, 5] and of what begins on the first beats of bars and nowhere else. Bars of half or
    twice the true length are less like it, the one as much as the other, so it has no leaning to any."""
    ones = rises[rotation::metre]
    power = np.sqrt(len(ones) * np.sum(np.square(rises), axis=0))
    cosine: Array = ones.sum(axis=0) / np.maximum(power, 1e-9)
    return cosine[TOLD]


def _pair(here: Array, metre: int, rotation: int) -> tuple[Array, Array]:
    """The mean of every second bar and of those between [2, metre, 5], and by how much these two differ beyond what
    chance would have them [metre, 5]."""
    pair = [[here[(rotation + bar * metre + k) :: 2 * metre] for k in range(metre)] for bar in range(2)]
    means = np.array([[rows.mean(axis=0) if len(rows) else np.zeros(5) for rows in bar] for bar in pair])
    errors = [[_error(rows) for rows in bar] for bar in pair]
    beyond = np.square(means[0] - means[1]) - np.sum(errors, axis=0)
    return means, np.sqrt(np.maximum(beyond, 0.0))


FEATURES = (
    "tempo", "bar", "salience", "bar lag", "three", "density",
    "onsets on beats", "low on beats", "high on beats", "harmony on beats", "bass on beats",
    "onset on one", "low on one", "harmony on one", "bass on one",
    "low on three", "backbeat", "backbeat uneven", "high on two and three",
    "low of bars uneven", "high of bars uneven", "harmony of bars uneven", "bass of bars uneven",
    "harmony on three", "bass on three",
    "like bars: onsets", "like bars: low", "like bars: harmony", "like bars: bass",
)  # fmt: skip
WEIGHTS = np.array([
    0.85, 0.25, 2.3, 1.05, -0.7, 0.35,
    0.55, 0.55, 0.2, 0.55, 0.8,
    0.45, 0.05, 1.7, 0.7,
    0.5, 1.4, 1.0, 1.1,
    0.45, 0.15, 0.3, 0.65,
    0.25, 0.5,
    1.0, 1.0, 2.1, 4.05,
])  # fmt: skip
"""What each feature says for a hypothesis. Ratios to the mean, so that they hold for any level and mix.

They began from values chosen by hand and went as far towards making true hypotheses likely among all of a song's as a
pull back to these let them; what is usual of tempi and bars, and the doubt of three, only grew with the rest, for they
are of music at large. `bench/accuracy.py` says of which songs.
"""
TONAL = slice(3, 5)  #: of what is measured: changes of harmony and of bass
TOLD = [0, 1, 3, 4]  #: of what is measured, which tell first beats from others
ATONAL = 0.06  #: contrast of the pitch classes under which they say nothing
FLOORS = np.array([1e-6, 1e-6, 1e-6, 0.1, 0.1])  #: of a mean that the rest is held against: harmony may stand still
CLIP = 4.0  #: a single feature never outweighs all others


def _whole(tempo: float, metre: int, salience: float, bar: float, density: float, *, three: bool) -> Array:
    """The features of a tempo and a metre. `density`: onsets in a frame. `three`: beats fall into three, two to a
    bar."""
    a_beat = density * 60.0 / tempo * FRAMES_PER_SECOND
    usual, dense = (USUAL_COMPOUND, 1.5 * USUAL_DENSITY) if three else (USUAL_TEMPO, USUAL_DENSITY)
    beats = 2 if three else metre
    return np.array(
        [
            -(np.log2(tempo / usual) ** 2), -(np.log2(beats * 60.0 / tempo / USUAL_BAR) ** 2),
            np.log(max(salience, 0.02)), bar, float(metre == 3), -(np.log2(max(a_beat, 0.1) / dense) ** 2),
        ]
    )  # fmt: skip


def _error(rows: Array) -> Array:
    """The square of the mean's standard error; of less than two, nothing is known."""
    many = len(rows) > 1
    error: Array = rows.var(axis=0) / (len(rows) - 1) if many else np.full(rows.shape[1], np.inf)
    return error


def _inside(pair: tuple[Array, Array], between: Array) -> Array:
    """The features of what a bar holds. `pair`: see `_pair`; `between` [5]: what lies between beats."""
    means, bars = pair
    onset, low, high, harmony, bass = range(5)
    profile = means.mean(axis=0)
    four = len(profile) == 4
    on = profile.mean(axis=0) - between
    one = profile[0] - profile[1:].mean(axis=0)
    three = profile[2] - 0.5 * (profile[1] + profile[3]) if four else np.zeros(5)
    backbeat = 0.5 * (profile[1] + profile[3] - profile[0] - profile[2]) if four else np.zeros(5)
    uneven = abs(profile[1] - profile[3]) if four else np.zeros(5)
    others = profile[1:].mean(axis=0) - profile[0] if not four else np.zeros(5)
    # a bar that is half a bar in truth differs from its neighbours, and one that is two has two firsts
    return np.array(
        [
            on[onset], on[low], on[high], on[harmony], on[bass],
            one[onset], one[low], one[harmony], one[bass],
            three[low], backbeat[high], -uneven[high], others[high],
            -bars.mean(axis=0)[low], -bars.mean(axis=0)[high], -bars[0, harmony], -bars[0, bass],
            -three[harmony], -three[bass],
        ]
    )  # fmt: skip
