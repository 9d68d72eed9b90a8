"""How something is spoken: syllables, pauses, and how far it stands above what is heard in them.

Syllables are counted as N. H. de Jong and T. Wempe do ("Praat script to detect syllable nuclei and measure speech rate
automatically", Behavior Research Methods 41, 2009): peaks of intensity that are voiced and parted by dips.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Refusal, Span
from pansori.engines.analyze.pansori.voice.praat import Grid, Values
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings

DIP = 2.0  #: dB between the nuclei of two syllables
LOUDEST = 99  #: percentile that stands for the loudest, so that one knock does not
SHORTEST_SOUND = Seconds(0.1)  #: what is shorter between two pauses is a click
LEAST_PAUSED = Seconds(0.2)  #: of pauses, to know the noise

TOO_LITTLE = Refusal.of(
    "too_little", Text("There is too little voice for it.", "이 값을 재기에는 목소리가 너무 적어요.")
)
NO_PAUSE = Refusal.of(
    "no_pause", Text("There is no pause in which the noise could be heard.", "잡음만 들리는 쉼이 없어요.")
)


@dataclass(frozen=True)
class Speech:
    """`duration`: from first to last sound; `spoken`: the same without pauses."""

    syllables: int
    duration: Seconds
    spoken: Seconds
    pauses: tuple[Span, ...]
    snr: float | Refusal


def read_speech(intensity: Grid, pitch: Grid, chosen: VoiceSettings) -> Speech | Refusal:
    levels = np.where(np.isnan(intensity.values), -300.0, intensity.values)
    threshold = _threshold(levels, chosen.silence)
    loud = _without_clicks(levels > threshold, intensity.step, chosen)
    if not loud.any():
        return TOO_LITTLE
    first, last = int(np.flatnonzero(loud)[0]), int(np.flatnonzero(loud)[-1])
    pauses = _pauses(loud, first, last, intensity, chosen.shortest_pause)
    duration = Seconds((last - first + 1) * intensity.step)
    spoken = Seconds(duration - sum(pause.end - pause.start for pause in pauses))
    return Speech(
        syllables=_syllables(levels, threshold, intensity, pitch),
        duration=duration,
        spoken=spoken,
        pauses=pauses,
        snr=_snr(levels, loud, intensity.step),
    )


def _threshold(levels: Values, silence: float) -> float:
    """`silence` dB below the loudest; but where the noise is nearer than that, between it and the loudest."""
    loudest, floor = float(np.percentile(levels, LOUDEST)), float(np.percentile(levels, 2))
    return max(loudest + silence, min(floor + 6.0, loudest - 6.0))


def _without_clicks(loud: np.ndarray, step: float, chosen: VoiceSettings) -> np.ndarray:
    kept = loud.copy()
    for first, last in _runs(loud):
        if (last - first) * step < SHORTEST_SOUND:
            kept[first:last] = False
    for first, last in _runs(~kept):
        if (last - first) * step < chosen.shortest_pause and first > 0 and last < len(kept):
            kept[first:last] = True
    return kept


def _runs(inside: np.ndarray) -> np.ndarray:
    """First and one past the last index of each run, shape [runs, 2]."""
    padded = np.concatenate(([False], inside, [False])).astype(np.int8)
    return np.flatnonzero(np.diff(padded)).reshape(-1, 2)


def _pauses(loud: np.ndarray, first: int, last: int, grid: Grid, shortest: Seconds) -> tuple[Span, ...]:
    found = []
    for begin, end in _runs(~loud):
        if first < begin and end <= last and (end - begin) * grid.step >= shortest:
            start = grid.start + (int(begin) - 0.5) * grid.step
            stop = grid.start + (int(end) - 0.5) * grid.step
            found.append(Span(start=Seconds(round(start, 4)), end=Seconds(round(stop, 4))))
    return tuple(found)


def _syllables(levels: Values, threshold: float, intensity: Grid, pitch: Grid) -> int:
    peaks, _ = scipy.signal.find_peaks(levels, height=threshold)
    nuclei = [int(peak) for peak in peaks if _is_voiced(intensity.start + peak * intensity.step, pitch)]
    if not nuclei:
        return 0
    count, best = 1, nuclei[0]
    for peak in nuclei[1:]:
        dip = float(levels[best : peak + 1].min())
        if min(levels[best], levels[peak]) - dip >= DIP:
            count, best = count + 1, peak
        elif levels[peak] > levels[best]:
            best = peak
    return count


def _is_voiced(time: float, pitch: Grid) -> bool:
    at = round((time - pitch.start) / pitch.step)
    return 0 <= at < pitch.values.size and not np.isnan(pitch.values[at])


def _snr(levels: Values, loud: np.ndarray, step: float) -> float | Refusal:
    """Power of what is spoken, less that of the pauses, over that of the pauses, in dB."""
    quiet = ~loud & (levels > -100)
    for first, last in _runs(quiet):  # what fades in or out belongs to neither
        edge = round(0.05 / step)
        quiet[first : first + edge] = quiet[max(last - edge, first) : last] = False
    if quiet.sum() * step < LEAST_PAUSED:
        return NO_PAUSE
    power = 10 ** (levels / 10)
    noise, speech = float(np.mean(power[quiet])), float(np.mean(power[loud]))
    if speech <= noise:
        return TOO_LITTLE
    return float(10 * np.log10((speech - noise) / noise))
