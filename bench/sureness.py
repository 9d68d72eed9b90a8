"""Fits the weights by which `pansori.engines.transcribe.pocketsphinx.sureness` judges commands, and prints them:
`python -m bench.sureness`. Only the sentences of `tests/data/commands_spoken.tsv` are looked at.

They are fitted for each language in which a command was found, as a logistic regression that is shrunk a little. What
it is to tell: the command that was said, from commands in other sentences and from wrong ones. Figures are of sentences
that the weights were not fitted to, tenth by tenth, each with all of its voices. Where the threshold lies follows from
them too: so many of the other sentences may be taken for a command. It takes some twenty minutes of processor time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice

import numpy as np
import numpy.typing as npt
import soxr

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, commands
from pansori.engines.transcribe.pocketsphinx.ear import Ear
from pansori.engines.transcribe.pocketsphinx.network import join, network_of
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.engines.transcribe.pocketsphinx.sureness import Fit
from pansori.engines.transcribe.sound import listen_through
from pansori.lexicon.commands import Command, SpokenLanguage, heard, understand
from support.hearing import NONE, Sentence, sentences, spoken
from support.recordings import recording

LANGUAGES: tuple[SpokenLanguage, ...] = ("ko", "en")
TAKEN = 1 / 20  #: of the other sentences, for a command: nearly half of them were made to resemble one
SHRUNK = 2.0  #: how much: the weight of half the squares of what multiplies deviations
PARTS = 10
AT_ONCE = 50  #: sentences are spoken
EVERY = 2  #: of these is heard: each sentence in one or two of the three voices
TELEPHONE = 5  #: of those one as by telephone: not every microphone has what an acoustic model was trained on
NARROW = 8000  #: samples a second, by telephone
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A sentence in one voice, and the command that the grammar found in it, if it did."""

    sentence: Sentence
    command: Command | None = None
    told: tuple[float, ...] = ()

    @property
    def right(self) -> bool:
        return self.command is not None and self.command.intent == self.sentence.intent


def main() -> None:
    for language, weights, right, taken in fitted(list(hear())):
        print(f'    "{language}": ({", ".join(f"{one:.3g}" for one in weights)}),')
        print(f"    # cross-validated: {right:.1%} of the commands right, {taken:.1%} of the others taken for one")


def hear() -> Iterator[Case]:
    """Every sentence in one voice or two, as the engine hears it where it is not told the language."""
    with ProcessPoolExecutor() as workers:
        for heard in workers.map(_hear, range(0, len(sentences()), AT_ONCE)):
            yield from heard


def _hear(first: int) -> list[Case]:
    cases = []
    chosen = islice(spoken(sentences()[first : first + AT_ONCE]), 0, None, EVERY)
    for number, (sentence, _, sound) in enumerate(chosen):
        if number % TELEPHONE == 0:
            sound = recording(soxr.resample(sound.samples[0], sound.rate, NARROW), NARROW)
        found: list[Decoded] = []
        ear = Ear(_pool(), found.append, "en", missed=Text("", ""), lent=ExitStack())
        listen_through(ear, sound, _heedless)
        cases.append(case(sentence, found[0]) if found else Case(sentence))
    return cases


@cache
def _pool() -> Pool:
    return Pool(partial(commands, join([network_of(heard(one)) for one in ("en", "ko")])))


def case(sentence: Sentence, said: Decoded) -> Case:
    fit, command = Fit.of(said), understand(said.text)
    return Case(sentence, command, fit.told(command)) if fit and command else Case(sentence)


def fitted(cases: Sequence[Case]) -> Iterator[tuple[SpokenLanguage, tuple[float, ...], float, float]]:
    """For each language: the weights, and of those who spoke it which share of commands was right and of others was
    taken for a command, where neither was fitted to."""
    number = {text: place for place, text in enumerate(sorted({one.sentence.text for one in cases}))}
    order = np.random.default_rng(0).permutation(len(number))
    for language in LANGUAGES:
        found = [one for one in cases if one.command and one.command.language == language]
        told = np.array([one.told for one in found])
        right = np.array([one.right for one in found], np.float64)
        part = np.array([order[number[one.sentence.text]] % PARTS for one in found])
        odds = np.zeros(len(found))
        for one in range(PARTS):
            odds[part == one] = told[part == one] @ regression(told[part != one], right[part != one])
        own = [one for one in cases if one.sentence.language == language]
        others = sum(one.sentence.intent == NONE for one in own)
        other = np.array([one.sentence.intent == NONE for one in found])
        least = float(np.sort(odds[other])[::-1][int(TAKEN * others)])
        weights = regression(told, right)
        weights[0] -= least
        yield (
            language,
            tuple(float(one) for one in weights),
            float(right[odds > least].sum()) / (len(own) - others),
            float((odds[other] > least).sum()) / others,
        )


def regression(told: Numbers, right: Numbers) -> Numbers:
    """The weights of the logistic regression of `right` on `told`, whose first column is one throughout, by Newton's
    method."""
    mean, spread = told.mean(axis=0), told.std(axis=0) + 1e-9
    mean[0], spread[0] = 0.0, 1.0
    scaled = (told - mean) / spread
    shrink = np.diag([0.0, *[SHRUNK] * (told.shape[1] - 1)])
    weights = np.zeros(told.shape[1])
    for _ in range(30):
        likely = 1.0 / (1.0 + np.exp(-np.clip(scaled @ weights, -30.0, 30.0)))
        slope = scaled.T @ (right - likely) - shrink @ weights
        weights += np.linalg.solve((scaled.T * (likely * (1.0 - likely))) @ scaled + shrink, slope)
    weights /= spread
    weights[0] -= float(weights @ mean)
    return weights


def _heedless(_: Seconds) -> None:
    return None


if __name__ == "__main__":
    main()
