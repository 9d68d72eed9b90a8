"""An independent judge of singing: Praat's pitch of a dry voice against the notes it was given.

Vibrato is judged apart: a note's pitch is its median after the attack, so a vibrato that is centred on its note does
not count as out of tune.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import parselmouth

from pansori.engines.compose.house_band.model import SungNote

ATTACK = 0.08  #: seconds at a note's start, or a third of it, in which it may still be on its way
RELEASE = 0.03  #: seconds at its end
STEP = 0.005
FLOOR, CEILING = 65.0, 800.0  # Hz


@dataclass(frozen=True)
class Intonation:
    """Deviations in cents, one a note in which Praat found a pitch."""

    cents: npt.NDArray[np.float64]
    judged: int  #: notes long enough to be judged
    unvoiced: tuple[SungNote, ...]  #: those of them in which no pitch was found

    @property
    def median(self) -> float:
        """Of the absolute deviations, in cents."""
        return float(np.median(np.abs(self.cents)))

    def within(self, cents: float) -> float:
        """Share of the judged notes that are so near their pitch; a note without pitch is not."""
        return float(np.sum(np.abs(self.cents) <= cents)) / self.judged


@dataclass(frozen=True)
class PitchTrack:
    times: npt.NDArray[np.float64]
    hertz: npt.NDArray[np.float64]  #: 0 where unvoiced

    def between(self, start: float, end: float) -> npt.NDArray[np.float64]:
        """The voiced frequencies from `start` to `end`."""
        inside = self.hertz[(self.times >= start) & (self.times <= end)]
        return np.asarray(inside[inside > 0])


def track(samples: npt.NDArray[np.float32], rate: int) -> PitchTrack:
    """Praat's autocorrelation pitch of a mono voice (Boersma 1993), with Praat's own defaults but for the range."""
    return _track(samples.astype(np.float32).tobytes(), rate)


@lru_cache(maxsize=4)  # one song is judged by several tests
def _track(samples: bytes, rate: int) -> PitchTrack:
    sound = parselmouth.Sound(np.frombuffer(samples, np.float32).astype(np.float64), sampling_frequency=rate)
    pitch = sound.to_pitch_ac(time_step=STEP, pitch_floor=FLOOR, pitch_ceiling=CEILING)
    return PitchTrack(np.asarray(pitch.xs()), np.asarray(pitch.selected_array["frequency"]))


def judge(voice: npt.NDArray[np.float32], rate: int, notes: Sequence[SungNote], *, shortest: float = 0.1) -> Intonation:
    """How well `voice` ([samples], dry) sings `notes`; those under `shortest` seconds are not judged."""
    heard = track(voice, rate)
    cents: list[float] = []
    unvoiced: list[SungNote] = []
    judged = [note for note in notes if note.duration >= shortest]
    for note in judged:
        attack = min(ATTACK, note.duration / 3)
        found = heard.between(note.start + attack, note.start + note.duration - RELEASE)
        if len(found) == 0:
            unvoiced.append(note)
            continue
        wanted = 440.0 * 2.0 ** ((note.pitch - 69) / 12)
        cents.append(1200.0 * float(np.log2(np.median(found) / wanted)))
    return Intonation(np.array(cents), len(judged), tuple(unvoiced))
