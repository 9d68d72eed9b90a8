"""Where the words of a known text are in a clip: espeak says the text, and its sounds are laid over the clip's."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pansori.domain.units import Hertz, Seconds
from pansori.engines.analyze.imitation.likeness import aligned_frames
from pansori.engines.analyze.imitation.sound import RATE, Heard, hear
from pansori.espeak import SOURCE_RATE, Spoken, find_installed, speak
from pansori.lexicon.spoken import Reading, normalise

PLAIN = {"en": "en-us"}
FASTEST = 25  #: characters a second that anybody says; what is denser is not what the clip says
LONGEST = 4  #: times the clip's length that the text, spoken, may take


@dataclass(frozen=True)
class Placed:
    """A word, from its first frame to its last, counted from the first of the clip's speech."""

    text: str
    first: int
    last: int


def place_words(
    text: str, language: str, heard: Heard, highest: Hertz, heartbeat: Callable[[], None]
) -> tuple[Placed, ...]:
    """In order. Empty where espeak does not know the language, nothing in the text can be said, or it is too long to be
    what the clip says. Raises `EngineFailed`."""
    tag = spoken_language(language)
    if tag is None or len(text) > FASTEST * len(heard.speech) * heard.step + FASTEST:
        return ()
    reading = normalise(unicodedata.normalize("NFC", text), tag)
    spoken = speak(reading.said, language=tag, heartbeat=heartbeat)
    model = _hear(spoken.samples, heard.hop)
    words = list(_written(reading, spoken))
    if model.first is None or not words or len(model.speech) > LONGEST * len(heard.speech):
        return ()
    frames = aligned_frames(model, heard, highest)
    edges = np.array([(start, end) for _, start, end in words]) / model.step - model.first
    placed = np.round(frames[np.clip(np.round(edges).astype(int), 0, len(frames) - 1)]).astype(int)
    return tuple(
        Placed(word, int(first), max(int(last), int(first)))
        for (word, _, _), (first, last) in zip(words, placed, strict=True)
    )


def _written(reading: Reading, spoken: Spoken) -> Iterator[tuple[str, Seconds, Seconds]]:
    """The words as they are written (3시), each from when to when all that is said for it (세 시) is."""
    by_place = {word.first: word for word in spoken.words}
    for word in reading.words():
        own = [by_place[first] for first, _ in word.said if first in by_place]
        if own:
            yield word.text, own[0].start, own[-1].end


def spoken_language(language: str) -> str | None:
    """As espeak takes it."""
    found = find_installed()
    parts = language.lower().split("-")
    tags = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    return next((PLAIN.get(tag, tag) for tag in tags if found and tag in found.languages), None)


def _hear(samples: np.ndarray, hop: int) -> Heard:
    import soxr

    return hear(np.asarray(soxr.resample(samples, SOURCE_RATE, RATE), dtype=np.float64), hop)
