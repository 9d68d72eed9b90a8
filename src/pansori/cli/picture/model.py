"""What a picture is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pansori.domain.units import MidiPitch, Seconds
from pansori.engines.compose.base import Song

Voice = Literal["vocal", "drums", "bass", "other"]


@dataclass(frozen=True)
class RollNote:
    voice: Voice
    start: Seconds
    end: Seconds
    pitch: MidiPitch


@dataclass(frozen=True)
class Drawing:
    """`peaks` and `vocal_peaks`: the greatest magnitude (0–1) in each of equally long pieces of the song."""

    song: Song
    genre: str
    peaks: Sequence[float]
    vocal_peaks: Sequence[float]
    notes: Sequence[RollNote]
