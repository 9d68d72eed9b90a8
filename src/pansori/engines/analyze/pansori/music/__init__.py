"""What is heard in music: pulse, bars, harmony, form and colour, from plain samples to plain values."""

from pansori.engines.analyze.pansori.music.listen import listen
from pansori.engines.analyze.pansori.music.model import (
    RATE,
    Beats,
    Danceability,
    Key,
    Melody,
    Metre,
    Music,
    RankedChord,
    RankedKey,
    RankedTempo,
    Refused,
    Tempo,
    Texture,
    TimedChord,
    TimedSection,
)

__all__ = [
    "RATE",
    "Beats",
    "Danceability",
    "Key",
    "Melody",
    "Metre",
    "Music",
    "RankedChord",
    "RankedKey",
    "RankedTempo",
    "Refused",
    "Tempo",
    "Texture",
    "TimedChord",
    "TimedSection",
    "listen",
]
