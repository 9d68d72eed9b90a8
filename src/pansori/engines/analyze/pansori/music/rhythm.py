"""Tempo, beats and metre of a whole sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from pansori.domain.units import BeatsPerMinute
from pansori.engines.analyze.pansori.music import grid, onsets, pulse, reasons
from pansori.engines.analyze.pansori.music.grid import Heard, Judged
from pansori.engines.analyze.pansori.music.model import (
    FRAMES_PER_SECOND,
    Array,
    Beats,
    Indices,
    Metre,
    RankedTempo,
    Refused,
    Tempo,
)

SHORTEST = 4.0  #: seconds in which a tempo can be heard
EXCERPT = 100.0  #: seconds by which tempo and metre are judged
LEAST_ONSETS = 6
LEAST_PULSE = 0.2  #: salience of the best tempo under which there is no pulse
RUNNERS_UP = 3
SMOOTH = 8  #: beats over which the tempo's curve is taken
TEMPERATURE = 0.8  #: how fast confidence falls with the score
SLIP = 6.0  #: what it costs that a bar has a beat too few or too many
#: Of onsets, low and high ones, changes of harmony and bass: how they speak for each place in the bar.
PLACES = {
    4: np.array([[0.5, 0.5, -0.5, 1.4, 0.75], [0, -0.1, 0.5, 0, 0], [0, 0.3, -0.5, 0.2, 0.1], [0, -0.1, 0.5, 0, 0]]),
    3: np.array([[0.5, 0.4, -0.5, 1.4, 0.75], [0, -0.1, 0.3, 0, 0], [0, -0.1, 0.3, 0, 0]]),
}


@dataclass(frozen=True)
class Rhythm:
    tempo: Tempo
    beats: Beats
    metre: Metre


def rhythm(heard: Heard) -> Rhythm | Refused:
    """What the pulse is, or why none is found."""
    seconds = len(heard.envelope) / FRAMES_PER_SECOND
    if seconds < SHORTEST:
        return reasons.TOO_SHORT
    if len(onsets.pick(heard.envelope)) < LEAST_ONSETS:
        return reasons.NO_PULSE
    tempogram = pulse.tempogram(heard.envelope)
    correlation = tempogram.mean(axis=0)
    if float(pulse.salience(correlation).max()) < LEAST_PULSE:
        return reasons.NO_PULSE
    ranking = _ranked(_excerpt(heard), correlation)
    if not ranking:
        return reasons.NO_PULSE
    return _told(heard, tempogram, ranking)


def _excerpt(heard: Heard) -> Heard:
    """The middle of it: judging costs more than following."""
    size = round(EXCERPT * FRAMES_PER_SECOND)
    first = max(0, (len(heard.envelope) - size) // 2) // 5 * 5
    tonal = first // 5
    return Heard(
        heard.envelope[first : first + size],
        heard.bands[first : first + size],
        heard.treble[tonal : tonal + size // 5],
        heard.bass[tonal : tonal + size // 5],
    )


def _ranked(heard: Heard, correlation: Array) -> list[tuple[Judged, float]]:
    """The best hypothesis of every tempo, best first, and by how much it is better than that of the other metre."""
    best = []
    for tempo in grid.candidates(correlation):
        beats = _followed(heard.envelope, np.full(len(heard.envelope), tempo))
        if len(beats) >= LEAST_ONSETS:
            judged = grid.judged(heard, tempo, beats, correlation)
            one = max(judged, key=lambda each: each.score)
            other = max(each.score for each in judged if each.metre != one.metre)
            best.append((one, one.score - other))
    return sorted(best, key=lambda entry: -entry[0].score)


def _followed(envelope: Array, tempi: Array) -> Array:
    return onsets.refined(envelope, pulse.follow(envelope, tempi))


def _told(heard: Heard, tempogram: Array, ranked: list[tuple[Judged, float]]) -> Rhythm:
    ranking = [judged for judged, _ in ranked]
    best, margin = ranked[0]
    spans = pulse.local_tempi(tempogram, best.tempo)
    places = np.arange(len(spans)) * pulse.STEP * FRAMES_PER_SECOND
    frames = np.interp(np.arange(len(heard.envelope)), places, spans)
    beats = _sounding(_phased(heard, _followed(heard.envelope, frames), best), heard.envelope)
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


def _phased(heard: Heard, beats: Array, best: Judged) -> Array:
    """The beats, or what lies between them where that carries the bars better."""
    middles = 0.5 * (beats[:-1] + beats[1:])

    def score(half: bool) -> float:
        alternatives = grid.judged(heard, best.tempo, beats, np.zeros(2))
        return max(j.score for j in alternatives if j.half == half and j.metre == best.metre)

    return middles if score(half=True) > score(half=False) else beats


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
    span = min(16, len(times) - 1)
    return BeatsPerMinute(float(60.0 * span / np.median(times[span:] - times[:-span])))


def _curve(times: Array) -> Array:
    intervals = np.diff(times)
    smooth = scipy.ndimage.median_filter(intervals, min(SMOOTH, len(intervals)) | 1, mode="nearest")
    smooth = scipy.ndimage.uniform_filter1d(smooth, min(SMOOTH, len(intervals)), mode="nearest")
    curve: Array = np.stack([times[:-1], 60.0 / smooth], axis=1)
    return curve


# -- bars --------


def _metre(heard: Heard, beats: Array, metre: int, margin: float) -> Metre:
    on = grid.measured(heard, beats)
    scaled = on / np.maximum(on.mean(axis=0), grid.FLOORS)
    positions = _placed(np.clip(scaled, 0.0, grid.CLIP), metre)
    subdivision, swing, filled = _subdivided(heard.envelope, beats)
    compound = subdivision == 3 and filled and metre == 4
    ones = positions % 2 == 0 if compound else positions == 0
    return Metre(
        beats_per_bar=2 if compound else metre,
        subdivision=subdivision,
        swing=swing,
        name="6/8" if compound else f"{metre}/4",
        confidence=float(1.0 / (1.0 + np.exp(-margin / TEMPERATURE))),
        runner_up=next(size for size in grid.METRES if size != metre),
        positions=positions % 2 if compound else positions,
        downbeats=beats[ones] / FRAMES_PER_SECOND,
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


def _subdivided(envelope: Array, beats: Array) -> tuple[int, float, bool]:
    """What a beat falls into, how much its eighths swing, and whether all thirds of a beat sound."""
    phases = np.linspace(0.0, 1.0, 25)[:-1]
    places = beats[:-1, None] + np.diff(beats)[:, None] * phases
    profile = np.interp(places, np.arange(len(envelope)), envelope).mean(axis=0)
    first, half, second = (profile[k - 1 : k + 2].max() for k in (8, 12, 16))
    if max(first, half, second) < 0.1 * profile[0]:
        return 2, 0.0, False
    off = 10 + int(np.argmax(profile[10:19]))
    swing = float(np.clip((phases[off] - 0.5) * 6.0, 0.0, 1.0))
    filled = bool(min(first, second) > 1.25 * half and first > 0.8 * second)
    return (3 if swing > 0.66 or filled else 2), swing, filled
