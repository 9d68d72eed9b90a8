"""espeak-ng, for whoever speaks or sings with it: what it can speak; text in, sound with its words and phonemes out."""

from pansori.espeak._binding import SOURCE_RATE
from pansori.espeak._process import Line, Said, say
from pansori.espeak._speech import (
    FASTEST,
    HIGHEST,
    LOWEST,
    SLOWEST,
    Spoken,
    TimedPhoneme,
    TimedWord,
    guess_language,
    speak,
)
from pansori.espeak._voices import PACKAGE, Installed, Variant, find_installed

__all__ = [
    "FASTEST",
    "HIGHEST",
    "LOWEST",
    "PACKAGE",
    "SLOWEST",
    "SOURCE_RATE",
    "Installed",
    "Line",
    "Said",
    "Spoken",
    "TimedPhoneme",
    "TimedWord",
    "Variant",
    "find_installed",
    "guess_language",
    "say",
    "speak",
]
