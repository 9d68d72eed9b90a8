"""How likely it is that what a search found was said.

A grammar finds a sentence in whatever is said. How well its words fit the sound, how evenly their phonemes follow each
other, and how much of it they leave out tells whether they were said. The weights are those of a logistic regression
over `tests/data/commands_spoken.tsv`, spoken by three voices in noise, some by telephone: `python -m bench.sureness`
speaks, hears, fits and prints them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import pstdev
from typing import Final

from pansori.engines.transcribe.pocketsphinx.decoding import FRAMES, Decoded
from pansori.lexicon.commands import Command, SpokenLanguage

#: Of what `Fit.told` has, in its order, by the language of the command: the phonemes are English ones.
WEIGHTS: Final[Mapping[SpokenLanguage, tuple[float, ...]]] = {
    "ko": (26.4, 2.52, -16.7, 0.756, -11.4, 0.855, -2.91, -2.33, -0.911),
    "en": (24.1, 2.49, -14.4, 3.08, -9.32, 0.251, -1.44, -1.89, -0.912),
}


@dataclass(frozen=True)
class Fit:
    """Of what was found. `words`: the natural logarithm of how likely the sound of its words is, were it they, per
    frame, relative to the best that the search looked at. `uneven`: the standard deviation of the logarithms of the
    lengths of their phonemes, `halting`: of the pace of words, weighed by their phonemes. `passed`: the share of what
    is loud that was taken for silence. `count`: of words. `length`: of all of them, in seconds.

    Words that were not said are found by hurrying over some phonemes and waiting in others: how long each takes tells
    what its sound does not (S. Scanzio et al., Word confidence using duration models, Interspeech 2009)."""

    words: float
    uneven: float
    halting: float
    passed: float
    count: int
    length: float

    @classmethod
    def of(cls, said: Decoded) -> Fit | None:
        """None: no words were found, or not their phonemes."""
        words = [part for part in said.parts if part.spoken]
        lengths = [length for word in said.phonemes for length in word]
        if not words or not lengths:
            return None
        passed = said.loud.copy()
        for part in words:
            passed[part.first : part.last + 1] = False
        length = sum(part.length for part in words)
        paces = [math.log(sum(word) / len(word)) for word in said.phonemes for _ in word]
        return cls(
            words=sum(part.score for part in words) / length,
            uneven=pstdev(map(math.log, lengths)),
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
