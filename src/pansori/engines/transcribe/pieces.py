"""Recordings in pieces that a model or another server takes at once, cut where nobody speaks."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from pansori.domain.units import Seconds
from pansori.dsp.vad import Endpointer
from pansori.engines.base import Recording
from pansori.engines.transcribe.base import HEARD_RATE
from pansori.engines.transcribe.sound import Heard, as_pcm, heard

LONGEST: Final = Seconds(600.0)  #: of a piece: 19 MB, and others take 25
SEARCHED: Final = Seconds(30.0)  #: of its end, for the quietest moment
_MOMENT: Final = HEARD_RATE // 5


@dataclass(frozen=True)
class Piece:
    """`start`: where it begins in the recording. `spoken`: somebody speaks in it."""

    start: Seconds
    samples: Heard
    spoken: bool

    @property
    def duration(self) -> Seconds:
        return Seconds(len(self.samples) / HEARD_RATE)

    @property
    def end(self) -> Seconds:
        return Seconds(self.start + self.duration)


def pieces(recording: Recording, longest: Seconds = LONGEST) -> Iterator[Piece]:
    """All of a recording in order, each of at most `longest`."""
    kept, start = np.zeros(0, np.float32), 0
    most = round(longest * HEARD_RATE)
    for block in heard(recording):
        kept = np.concatenate((kept, block))
        while len(kept) > most:
            cut = _quietest(kept[:most])
            yield piece(kept[:cut], Seconds(start / HEARD_RATE))
            kept, start = kept[cut:], start + cut
    if len(kept):
        yield piece(kept, Seconds(start / HEARD_RATE))


def piece(samples: Heard, start: Seconds = Seconds(0.0)) -> Piece:  # noqa: B008 - a number
    """Sound at `HEARD_RATE` as one piece."""
    return Piece(start, samples, bool(Endpointer().feed(samples)))


def wav(samples: Heard) -> bytes:
    """As a file of 16-bit samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(HEARD_RATE)
        written.writeframes(as_pcm(samples))
    return file.getvalue()


def _quietest(samples: Heard) -> int:
    """The sample in the last seconds about which it is quietest."""
    first = max(len(samples) - round(SEARCHED * HEARD_RATE), len(samples) // 2)
    moments = (len(samples) - first) // _MOMENT
    if moments < 1:
        return len(samples)
    levels = np.square(samples[first : first + moments * _MOMENT]).reshape(moments, _MOMENT).mean(axis=1)
    return first + int(levels.argmin()) * _MOMENT + _MOMENT // 2
