"""When somebody speaks: voice activity, frame by frame, as the sound comes.

A frame is speech where it stands out of the noise around it and has a pitch as voices do, or stands out far. The noise
is what the quietest tenth of the last seconds was (R. Martin, "Noise power spectral density estimation based on optimal
smoothing and minimum statistics", 2001, whose idea this is, without its smoothing). Pitch is the highest normalised
autocorrelation between 70 and 400 Hz, divided by that of the window (P. Boersma, 1993). So what stays as it is, hum,
fans, a tone, is soon no speech; other voices and music are.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Decibels, SampleRateHz, Seconds

RATE: Final = SampleRateHz(16_000)
HOP, WINDOW = 320, 512  #: samples: a frame every 20 ms, of 32 ms
FRAME: Final = Seconds(HOP / RATE)
PAUSE, SHORTEST = Seconds(0.6), Seconds(0.12)  #: after an utterance, and of one
STANDS_OUT, STANDS_FAR_OUT = Decibels(6.0), Decibels(15.0)  #: over the noise
VOICED: Final = 0.6  #: autocorrelation of a frame that has a pitch
SILENT: Final = Decibels(-65.0)  #: of full scale; what is softer is no speech, however quiet the room
QUIET_ROOM: Final = Decibels(-70.0)  #: of full scale; noise is not taken for softer, for digital silence is
REMEMBERED: Final = round(3.0 / FRAME)  #: frames by which the noise is known
QUIETEST: Final = 10  #: percent of them
RISE: Final = Decibels(6.0 * FRAME)  #: how much the noise may grow with a frame while somebody speaks

_HANN = np.hanning(WINDOW)
_FREQUENCIES = np.fft.rfftfreq(2 * WINDOW, 1 / RATE)
_BAND = (_FREQUENCIES >= 120) & (_FREQUENCIES <= 5_000)  #: where speech is told from noise
_PITCHED = (_FREQUENCIES >= 70) & (_FREQUENCIES <= 1_200)  #: where its pitch is looked for
_LAGS = slice(RATE // 400, RATE // 70)
_OWN = np.fft.irfft(np.abs(np.fft.rfft(_HANN, 2 * WINDOW)) ** 2)[:WINDOW]
_TAPER = np.maximum(_OWN / _OWN[0], 0.05)
_FULL: Final = 10 * np.log10(_HANN.sum() ** 2 / 4)  #: dB of a sine wave at full scale

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Edge:
    """Where speech begins or ends, in seconds from the first sample that was fed."""

    kind: Literal["started", "ended"]
    at: Seconds


class Endpointer:
    """Finds the utterances in a sound that comes in pieces. Used by one thread at a time.

    `silence`: how long nobody has to speak before an utterance is over. `least`: how much of it has to be speech within
    twice as long, so that a click or a cough begins none.
    """

    def __init__(self, *, silence: Seconds = PAUSE, least: Seconds = SHORTEST) -> None:
        self._silence = max(1, round(silence / FRAME))
        self._least = max(1, round(least / FRAME))
        self._rest = np.zeros(0, dtype=np.float32)
        self._levels: deque[float] = deque(maxlen=REMEMBERED)
        self._recent: deque[bool] = deque(maxlen=2 * self._least)
        self._noise = 0.0
        self._frames = 0  #: that were judged
        self._last = 0  #: the latest that was speech
        self.speaking = False

    @property
    def heard(self) -> Seconds:
        """Up to where the sound was judged."""
        return Seconds(self._frames * FRAME)

    def feed(self, samples: Samples) -> list[Edge]:
        """Judge more: mono at `RATE`, shape [n], full scale ±1.0, any number of samples."""
        sound = np.concatenate((self._rest, samples))
        edges = []
        at = 0
        while at + WINDOW <= len(sound):
            edge = self._judge(sound[at : at + WINDOW])
            if edge is not None:
                edges.append(edge)
            at += HOP
        self._rest = sound[at:]
        return edges

    def _judge(self, frame: Samples) -> Edge | None:
        level, pitched = _heard(frame)
        speech = self._is_speech(level, pitched)
        self._frames += 1
        self._recent.append(speech)
        if speech:
            self._last = self._frames
        if not self.speaking and sum(self._recent) >= self._least:
            self.speaking = True
            first = self._frames - len(self._recent) + self._recent.index(True)
            return Edge("started", Seconds(first * FRAME))
        if self.speaking and self._frames - self._last >= self._silence:
            self.speaking = False
            self._recent.clear()
            return Edge("ended", Seconds(self._last * FRAME))
        return None

    def _is_speech(self, level: float, pitched: float) -> bool:
        self._levels.append(level)
        quiet = max(QUIET_ROOM, float(np.percentile(np.array(self._levels), QUIETEST)))
        self._noise = min(quiet, self._noise + RISE) if self.speaking else quiet
        over = level - self._noise
        return level > SILENT and (over > STANDS_FAR_OUT or (over > STANDS_OUT and pitched > VOICED))


def _heard(frame: Samples) -> tuple[float, float]:
    """Level of a frame in dB below full scale, and how clear its pitch is, 0 to 1."""
    power = np.abs(np.fft.rfft((frame - frame.mean()) * _HANN, 2 * WINDOW)) ** 2
    level = 10 * np.log10(power[_BAND].sum() / 2 + 1e-12) - _FULL
    correlation = np.fft.irfft(np.where(_PITCHED, power, 0.0))[:WINDOW]
    if correlation[0] <= 1e-12:
        return float(level), 0.0
    return float(level), float((correlation / (correlation[0] * _TAPER))[_LAGS].max())
