"""Tempo, beats and metre of a whole sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from pansori.domain.units import BeatsPerMinute
from pansori.engines.analyze.pansori.music import gliding, grid, onsets, pulse, reasons
from pansori.engines.analyze.pansori.music.grid import Heard, Judged
from pansori.engines.analyze.pansori.music.model import (
    FRAMES_PER_SECOND,
    TONAL_FRAMES_PER_SECOND,
    Array,
    Beats,
    Indices,
    Metre,
    RankedTempo,
    Refused,
    Tempo,
)

SHORTEST = 4.0  #: seconds in which a tempo can be heard
EXCERPT = 100  #: seconds by which tempo and metre are judged
LEAST_ONSETS = 6
LEAST_PULSE = 0.2  #: salience of the best tempo under which there is no pulse
LEAST_MOVING = 0.27  #: the same where the tempo moves, for any noise seems to repeat at a tempo that is free
CLEARER = 1.15  #: times the salience that a tempo that moves must have
RUNNERS_UP = 3
SMOOTH = 8  #: beats over which the tempo's curve is taken
TEMPERATURE = 0.8  #: how fast confidence falls with the score
SLIP = 6.0  #: what it costs that a bar has a beat too few or too many
#: Of the mean, and standard errors over it, from which accents make bars: of onsets (all, low, high), and of changes
#: of harmony and bass, which seldom come by bars without meaning them.
LEAST_ACCENT, SURE = np.array([0.45, 0.45, 0.45, 0.3, 0.3]), np.array([2.5, 2.5, 2.5, 2.0, 2.0])
DOUBT = 2.5  #: standard errors that say nothing
ALSO = 0.5  #: of what changes on the first of four beats, to begin a bar on the third
LEAST_BETWEEN = 0.05  #: of what is on beats, to say what they fall into
#: Of onsets, low and high ones, changes of harmony and bass: how they speak for each place in the bar.
PLACES = {
    4: np.array([[0.5, 0.5, -0.5, 1.4, 0.75], [0, -0.1, 0.5, 0, 0], [0, 0.3, -0.5, 0.2, 0.1], [0, -0.1, 0.5, 0, 0]]),
    3: np.array([[0.5, 0.4, -0.5, 1.4, 0.75], [0, -0.1, 0.3, 0, 0], [0, -0.1, 0.3, 0, 0]]),
    2: np.array([[0.5, 0.4, -0.5, 1.4, 0.75], [0, -0.1, 0.3, 0, 0]]),
}


@dataclass(frozen=True)
class Rhythm:
    tempo: Tempo
    beats: Beats
    metre: Metre | Refused


def rhythm(heard: Heard) -> Rhythm | Refused:
    """What the pulse is, or why none is found."""
    seconds = len(heard.envelope) / FRAMES_PER_SECOND
    if seconds < SHORTEST:
        return reasons.TOO_SHORT
    if len(onsets.pick(heard.envelope)) < LEAST_ONSETS:
        return reasons.NO_PULSE
    flow = _flow(pulse.tempogram(heard.envelope))
    if flow.salience < (LEAST_PULSE if flow.speeds is None else LEAST_MOVING):
        return reasons.NO_PULSE
    ranking = _ranked(*_excerpt(heard, flow))
    if not ranking:
        return reasons.NO_PULSE
    return _told(heard, flow, ranking)


@dataclass(frozen=True)
class _Flow:
    """`tempogram`: [spans, lags]; `correlation`: what the whole repeats at [lags]; `speeds`: of every span, beside the
    tempo of the whole [spans], None where it keeps near one."""

    tempogram: Array
    correlation: Array
    speeds: Array | None = None

    @property
    def salience(self) -> float:
        return float(pulse.salience(self.correlation).max())


def _flow(tempogram: Array) -> _Flow:
    """A tempo that moves smears what the whole repeats at: then the spans are brought to one speed."""
    steady = _Flow(tempogram, tempogram.mean(axis=0))
    if float(pulse.salience(tempogram).max(axis=1).mean()) <= CLEARER * steady.salience:
        return steady
    speeds = pulse.wandering(tempogram)
    moving = _Flow(tempogram, pulse.aligned(tempogram, speeds), speeds)
    return moving if moving.salience > CLEARER * steady.salience else steady


def _excerpt(heard: Heard, flow: _Flow) -> tuple[Heard, _Flow]:
    """The middle of both: judging costs more than following."""
    seconds = max(0, len(heard.envelope) // round(FRAMES_PER_SECOND) - EXCERPT) // 2
    first, size = (round(many * FRAMES_PER_SECOND) for many in (seconds, EXCERPT))
    tonal, tones = (round(many * TONAL_FRAMES_PER_SECOND) for many in (seconds, EXCERPT))
    excerpt = Heard(
        heard.envelope[first : first + size],
        heard.bands[first : first + size],
        heard.treble[tonal : tonal + tones],
        heard.bass[tonal : tonal + tones],
        heard.pitched,
    )
    speeds = None if flow.speeds is None else flow.speeds[seconds : seconds + EXCERPT]
    return excerpt, _Flow(flow.tempogram[seconds : seconds + EXCERPT], flow.correlation, speeds)


def _ranked(heard: Heard, flow: _Flow) -> list[tuple[Judged, float]]:
    """The best hypothesis of every tempo, best first, and by how much it is better than that of the other metre."""
    best = []
    for tempo in grid.candidates(flow.correlation):
        beats = _followed(heard.envelope, flow, tempo)
        if len(beats) >= LEAST_ONSETS:
            judged = grid.judged(heard, tempo, beats, flow.correlation)
            if not judged:
                continue
            one = max(judged, key=lambda each: each.score)
            others = [each.score for each in judged if (each.metre == 3) != (one.metre == 3)]
            other = max(others, default=-np.inf)
            best.append((one, one.score - other))
    return sorted(best, key=lambda entry: -entry[0].score)


def _followed(envelope: Array, flow: _Flow, tempo: float) -> Array:
    """The beats near `tempo`, which may change, in frames. `flow` is of the same stretch."""
    spans = pulse.local_tempi(flow.tempogram, tempo) if flow.speeds is None else tempo * flow.speeds
    places = np.arange(len(spans)) * pulse.STEP * FRAMES_PER_SECOND
    return onsets.refined(envelope, pulse.follow(envelope, np.interp(np.arange(len(envelope)), places, spans)))


def _told(heard: Heard, flow: _Flow, ranked: list[tuple[Judged, float]]) -> Rhythm:
    ranking = [judged for judged, _ in ranked]
    best, margin = ranked[0]
    gliding_ones = onsets.refined(heard.envelope, gliding.follow(heard.envelope, best.tempo))
    ways = [_phased(heard, beats, best) for beats in (_followed(heard.envelope, flow, best.tempo), gliding_ones)]
    beats = _sounding(max(ways, key=lambda way: way.score).beats, heard.envelope)
    times = beats / FRAMES_PER_SECOND
    shares = _shares([judged.score for judged in ranking])
    strength = grid.measured(heard, beats)[:, 0]
    tempo = Tempo(
        tempo=_overall(times),
        confidence=float(shares[0]),
        runners_up=tuple(
            RankedTempo(BeatsPerMinute(judged.tempo), float(share))
            for judged, share in list(zip(ranking, shares, strict=True))[1 : 1 + RUNNERS_UP]
        ),
        curve=_curve(times),
    )
    gathered = float(strength.mean() / max(float(np.percentile(heard.envelope, 97)), 1e-9))
    return Rhythm(tempo, Beats(times, strength, min(1.0, gathered)), _metre(heard, beats, best.metre, margin))


@dataclass(frozen=True)
class _Phased:
    """`score`: how well bars are carried."""

    beats: Array
    score: float


def _phased(heard: Heard, beats: Array, best: Judged) -> _Phased:
    """The beats, or what lies between them where that carries the bars better."""
    middles = 0.5 * (beats[:-1] + beats[1:])
    alternatives = [one for one in grid.judged(heard, best.tempo, beats, np.zeros(2)) if one.metre == best.metre]
    on, between = (
        max((one.score for one in alternatives if one.half == half), default=-np.inf) for half in (False, True)
    )
    return _Phased(middles, between) if between > on else _Phased(beats, on)


def _sounding(beats: Array, envelope: Array) -> Array:
    """Without the beats before the first sound and after the last."""
    loud = np.flatnonzero(envelope > 0.25)
    if not len(loud):
        return beats
    period = float(np.median(np.diff(beats)))
    kept: Array = beats[(beats >= loud[0] - 0.5 * period) & (beats <= loud[-1] + 0.5 * period) & (beats >= -0.5)]
    return np.maximum(kept, 0.0)


def _shares(scores: list[float]) -> Array:
    powers = np.exp((np.array(scores) - max(scores)) / TEMPERATURE)
    shares: Array = powers / powers.sum()
    return shares


def _overall(times: Array) -> BeatsPerMinute:
    """The tempo of the whole: the usual one of spans of beats, exacter than any single interval."""
    span = min(8, len(times) - 1)
    return BeatsPerMinute(float(60.0 * span / np.median(times[span:] - times[:-span])))


def _curve(times: Array) -> Array:
    intervals = np.diff(times)
    smooth = scipy.ndimage.median_filter(intervals, min(SMOOTH, len(intervals)) | 1, mode="nearest")
    smooth = scipy.ndimage.uniform_filter1d(smooth, min(SMOOTH, len(intervals)), mode="nearest")
    curve: Array = np.stack([times[:-1], 60.0 / smooth], axis=1)
    return curve


# -- bars --------


def _metre(heard: Heard, beats: Array, metre: int, margin: float) -> Metre | Refused:
    on = grid.measured(heard, beats)
    scaled = on / np.maximum(on.mean(axis=0), grid.FLOORS)
    scaled[:, grid.TONAL] *= heard.tonal
    positions = _placed(np.clip(scaled, 0.0, grid.CLIP), metre)
    if not _accented(scaled, positions):
        return reasons.NO_BARS
    subdivision, swing, filled = _subdivided(heard, beats)
    if metre == 4 and filled and _halved(scaled, positions):
        metre, positions = 2, positions % 2
    return Metre(
        beats_per_bar=metre,
        subdivision=3 if metre == 2 else subdivision,
        swing=0.0 if metre == 2 else swing,
        name={2: "6/8", 3: "3/4", 4: "12/8" if filled else "4/4"}[metre],
        confidence=float(1.0 / (1.0 + np.exp(-margin / TEMPERATURE))),
        runner_up=4 if metre == 3 else 3,
        positions=positions,
        downbeats=beats[positions == 0] / FRAMES_PER_SECOND,
    )


def _placed(scaled: Array, metre: int) -> Indices:
    """Each beat's place in its bar: the path that fits best, on which bars are seldom broken."""
    speaks = PLACES[metre] - PLACES[metre].mean(axis=0)
    worth = scaled @ speaks.T
    total, back = worth[0].copy(), np.zeros(worth.shape, dtype=np.int64)
    for beat in range(1, len(worth)):
        regular = np.roll(total, 1)
        broken = total.max() - SLIP
        back[beat] = np.where(regular >= broken, (np.arange(metre) - 1) % metre, int(total.argmax()))
        total = np.maximum(regular, broken) + worth[beat]
    path = np.zeros(len(worth), dtype=np.int64)
    path[-1] = int(total.argmax())
    for beat in range(len(worth) - 1, 0, -1):
        path[beat - 1] = back[beat, path[beat]]
    return path


def _accented(scaled: Array, positions: Indices) -> bool:
    """Whether some place in the bar differs from the others, by more than chance would have it."""
    means = np.stack([scaled[positions == place].mean(axis=0) for place in np.unique(positions)])
    within = scaled - means[np.searchsorted(np.unique(positions), positions)]
    error = np.sqrt(within.var(axis=0) * len(means) / max(1, len(scaled)))
    return bool(np.any(np.ptp(means, axis=0) > LEAST_ACCENT + SURE * error))


def _halved(scaled: Array, positions: Indices) -> bool:
    """Whether the third of four beats begins a bar as the first does: chords do not clearly prefer the first."""
    changes = scaled[:, 3:].sum(axis=1)
    first, third, rest = (changes[np.isin(positions, places)] for places in ((0,), (2,), (1, 3)))
    if not (len(first) and len(third)):
        return True
    error = float(np.sqrt(first.var() / len(first) + third.var() / len(third)))
    preferred = float(first.mean() - third.mean())
    return preferred <= max(DOUBT * error, ALSO * float(first.mean() - rest.mean()))


def _subdivided(heard: Heard, beats: Array) -> tuple[int, float, bool]:
    """What a beat falls into, how much its eighths swing, and whether all thirds of a beat sound. High sounds count as
    much as all together, of which drums would drown them."""
    phases = np.linspace(0.0, 1.0, 25)[:-1]
    places = beats[:-1, None] + np.diff(beats)[:, None] * phases
    profile = np.zeros(len(phases))
    for values in (heard.envelope, heard.bands[:, 3:].sum(axis=1)):
        mean = np.interp(places, np.arange(len(values)), values).mean(axis=0)
        profile += 0.5 * mean / max(float(mean.max()), 1e-9)
    first, half, second = (profile[k - 1 : k + 2].max() for k in (8, 12, 16))
    if max(first, half, second) < LEAST_BETWEEN * profile[0]:
        return 2, 0.0, False
    off = 10 + int(np.argmax(profile[10:19]))
    swing = float(np.clip((phases[off] - 0.5) * 6.0, 0.0, 1.0))
    filled = grid.falls_into_three(heard, beats)
    return (3 if swing > 0.66 or filled else 2), 0.0 if filled else swing, filled
