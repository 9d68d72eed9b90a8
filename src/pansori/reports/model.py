"""What is reported: an analysis, and what is seen of its sound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Cents, Hertz, SampleRateHz, Seconds
from pansori.dsp.peaks import peaks
from pansori.dsp.pictures import Picture, Samples, chromagram, spectrogram
from pansori.engines.analyze.schema import Analysis

POINTS: Final = 900  #: of the waveform, and columns of the pictures
TONAL_COLUMNS: Final = 450
ROWS: Final = 160
HIGHEST: Final = Hertz(8000.0)  #: of the spectrogram; the highest formants that are told lie below


@dataclass(frozen=True)
class Sight:
    """What is seen of a sound."""

    duration: Seconds
    peaks: npt.NDArray[np.float32]  #: shape [n], full scale is 1
    spectrum: Picture  #: dB, from 0 Hz to `highest`
    highest: Hertz
    chroma: Picture  #: shape [12, columns], from C; 0–1

    @classmethod
    def of(cls, samples: Samples, rate: SampleRateHz, *, tuning: Cents) -> Sight:
        """`samples`: at least one frame; they may be longer than memory. `tuning`: of A against 440 Hz."""
        highest = Hertz(min(HIGHEST, rate / 2))
        return cls(
            duration=Seconds(samples.shape[1] / rate),
            peaks=peaks(samples, POINTS).max(axis=0),
            spectrum=spectrogram(samples, rate, rows=ROWS, columns=POINTS, highest=highest),
            highest=highest,
            chroma=chromagram(samples, rate, columns=TONAL_COLUMNS, tuning=tuning),
        )

    @classmethod
    def told(cls, analysis: Analysis) -> Sight:
        """Without the sound: its waveform as the analysis has it, flat where it has none; the pictures are empty, for
        pages that fetch them by their addresses."""
        drawn = analysis.signal.waveform.value if analysis.signal is not None else None
        return cls(
            duration=analysis.format.duration,
            peaks=np.array(drawn.values if drawn is not None and drawn.values else (0.0, 0.0), dtype=np.float32),
            spectrum=np.zeros((ROWS, 1), np.float32),
            highest=Hertz(min(HIGHEST, analysis.format.sample_rate / 2)),
            chroma=np.zeros((12, 1), np.float32),
        )


@dataclass(frozen=True)
class Shown:
    """One recording of a report. `name`: as people know it. `pictures`: where a page finds what is made of pixels, by
    the names of plots; what is not there stands in the plots themselves."""

    name: str
    analysis: Analysis
    sight: Sight
    pictures: Mapping[str, str] = field(default_factory=dict)


def tuning_of(analysis: Analysis) -> Cents:
    """Of A against 440 Hz; 0 where none was found."""
    found = analysis.music.tuning.value if analysis.music is not None else None
    return Cents(found or 0.0)
