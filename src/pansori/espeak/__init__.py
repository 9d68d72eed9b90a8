"""espeak-ng, for whoever speaks or sings with it: what it can speak; text in, sound with its words and phonemes out."""

from pansori.espeak._binding import SOURCE_RATE
from pansori.espeak._ipa import UnknownPhoneme
from pansori.espeak._ipa import mnemonics as mnemonics_of
from pansori.espeak._process import Line, Resident, Said, say
from pansori.espeak._speech import (
    FASTEST,
    HIGHEST,
    LOUDER,
    LOWEST,
    SLOWEST,
    Spoken,
    Text,
    TimedPhoneme,
    TimedWord,
    Turn,
    guess_language,
    phonemes_of,
    speak,
    speak_all,
)
from pansori.espeak._voices import PACKAGE, Installed, Variant, find_installed

__all__ = [
    "FASTEST",
    "HIGHEST",
    "LOUDER",
    "LOWEST",
    "PACKAGE",
    "SLOWEST",
    "SOURCE_RATE",
    "Installed",
    "Line",
    "Resident",
    "Said",
    "Spoken",
    "Text",
    "TimedPhoneme",
    "TimedWord",
    "Turn",
    "UnknownPhoneme",
    "Variant",
    "find_installed",
    "guess_language",
    "mnemonics_of",
    "phonemes_of",
    "say",
    "speak",
    "speak_all",
]
