"""How likely it is that what a search found was said.

A grammar finds a sentence in whatever is said. How well its words fit the sound, and how much of it they leave out,
tells whether they were said. The weights are those of a logistic regression over `tests/data/commands_spoken.tsv`,
spoken by three voices in noise: `python -m bench.sureness` speaks, hears, fits and prints them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, pstdev
from typing import Final

from pansori.engines.transcribe.pocketsphinx.decoding import FRAMES, Decoded
from pansori.lexicon.commands import Command, SpokenLanguage

#: Of what `Fit.told` has, in its order, by the language of the command: the phonemes are English ones.
WEIGHTS: Final[Mapping[SpokenLanguage, tuple[float, ...]]] = {
    "ko": (24.5, 2.05, 0.887, -14.1, -1.18, -11.6, 1.03, -2.8, -1.96, -0.827),
    "en": (21.9, 1.6, 2.13, -10.3, 2.33, -5.46, 0.435, -1.38, -1.48, -0.851),
}


@dataclass(frozen=True)
class Fit:
    """Of what was found. `words`: the natural logarithm of how likely the sound of its words is, were it they, per
    frame, relative to the best that the search looked at. `phonemes`: the same of its phonemes, each as much as any
    other. `uneven`: the standard deviation of the logarithms of their lengths, `halting`: of the pace of words, weighed
    by their phonemes. `passed`: the share of what is loud that was taken for silence. `count`: of words. `length`: of
    all of them, in seconds.

    Words that were not said are found by hurrying over some phonemes and waiting in others: how long each takes tells
    what its sound does not (S. Scanzio et al., Word confidence using duration models, Interspeech 2009)."""

    words: float
    phonemes: float
    uneven: float
    halting: float
    passed: float
    count: int
    length: float

    @classmethod
    def of(cls, said: Decoded) -> Fit | None:
        """None: no words were found."""
        words = [part for part in said.parts if part.spoken]
        phonemes = [one for word in said.phonemes for one in word]
        if not words or not phonemes:
            return None
        passed = said.loud.copy()
        for part in words:
            passed[part.first : part.last + 1] = False
        length = sum(part.length for part in words)
        paces = [math.log(sum(one.length for one in word) / len(word)) for word in said.phonemes for _ in word]
        return cls(
            words=sum(part.score for part in words) / length,
            phonemes=fmean(one.score / one.length for one in phonemes),
            uneven=pstdev(math.log(one.length) for one in phonemes),
            halting=pstdev(paces),
            passed=float(passed.sum()) / max(int(said.loud.sum()), 1),
            count=len(words),
            length=length / FRAMES,
        )

    def told(self, command: Command) -> tuple[float, ...]:
        """What the command is judged by. Short words can stand for anything, and orders for a song have far more forms
        than all others together."""
        return (
            1.0,
            self.words,
            self.phonemes,
            self.uneven,
            self.halting,
            self.passed,
            float(self.count),
            self.count / self.length,
            math.log(self.length),
            float(command.intent == "make_song"),
        )


def sureness(fit: Fit, command: Command) -> float:
    """How sure it is, 0 to 1, that the command was said. At 0.5 one of twenty of the other sentences that the weights
    were fitted to would be taken for a command, nearly half of which were made to resemble one."""
    odds = sum(weight * told for weight, told in zip(WEIGHTS[command.language], fit.told(command), strict=True))
    return 1.0 / (1.0 + math.exp(min(max(-odds, -700.0), 700.0)))
