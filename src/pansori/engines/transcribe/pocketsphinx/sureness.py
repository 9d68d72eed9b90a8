"""How likely it is that what a search found was said.

A grammar finds a sentence in whatever is said. Against it stands a search for any phonemes at all, which is led by the
sound alone: where that sentence was said, both explain the sound about equally well. The weights are those of a
logistic regression over `tests/data/commands_spoken.tsv`, spoken by three voices in noise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from pansori.engines.transcribe.pocketsphinx.decoding import FRAMES, Decoded
from pansori.lexicon.commands import Command

MEAN, PASSED, PACE = 2.17, -17.1, -0.66  #: weights of what `Fit` has
SONG: Final = -1.18  #: what is added where it is an order for a song, which has far more forms than all others together
KOREAN, ENGLISH = 12.4, 14.2  #: and for its language: the phonemes are English ones


@dataclass(frozen=True)
class Fit:
    """Of what was found. `mean`: the natural logarithm of how much likelier the sound of its words is, were it they,
    than were it any sounds, per frame. `passed`: the share of the speech that was taken for silence. `pace`: words a
    second, for short ones can stand for anything."""

    mean: float
    passed: float
    pace: float

    @classmethod
    def of(cls, said: Decoded, anything: Decoded) -> Fit | None:
        """`anything`: what the search for phonemes found in the same sound. None: no words were found."""
        frames = 1 + max((part.last for part in (*said.parts, *anything.parts)), default=0)
        free, speech, taken = np.zeros(frames), np.zeros(frames, np.bool_), np.zeros(frames, np.bool_)
        for part in anything.parts:
            free[part.first : part.last + 1] = part.score / part.length
            speech[part.first : part.last + 1] = part.spoken
        words = [part for part in said.parts if part.spoken]
        if not words:
            return None
        for part in words:
            taken[part.first : part.last + 1] = True
        length = sum(part.length for part in words)
        return cls(
            mean=(sum(part.score for part in words) - float(free[taken].sum())) / length,
            passed=float((speech & ~taken).sum()) / max(int(speech.sum()), 1),
            pace=FRAMES * len(words) / length,
        )


def sureness(fit: Fit, command: Command) -> float:
    """The probability, 0 to 1, that the command was said, where other sentences are about as frequent as commands."""
    odds = MEAN * fit.mean + PASSED * fit.passed + PACE * fit.pace
    odds += SONG if command.intent == "make_song" else 0.0
    odds += KOREAN if command.language == "ko" else ENGLISH
    return 1.0 / (1.0 + math.exp(-odds))
