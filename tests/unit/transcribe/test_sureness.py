"""How sure it is that a command was said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pansori.domain.units import Seconds
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, Part, Said
from pansori.engines.transcribe.pocketsphinx.sureness import WEIGHTS, Fit, sureness
from pansori.lexicon.commands import Command

COMMANDS = (Command("make_song", "ko"), Command("time", "ko"), Command("make_song", "en"), Command("time", "en"))
#: Silence of ten frames, two words, silence of twenty, the first half of which is loud as the words are.
FOUND = Decoded(
    words=(Said("노래", Seconds(0.1), Seconds(0.3)), Said("틀어", Seconds(0.3), Seconds(0.5))),
    parts=(Part(0, 9, -5.0, False), Part(10, 29, -60.0, True), Part(30, 49, -20.0, True), Part(50, 69, -5.0, False)),
    loud=np.repeat((False, True, False), (10, 50, 10)),
    phonemes=((5, 5, 5, 5), (10, 10)),
)
FIT = Fit(words=-5.0, uneven=0.45, halting=0.2, passed=0.1, count=4, length=1.5)


def test_words_are_held_against_the_sound() -> None:
    fit = Fit.of(FOUND)
    assert fit is not None
    assert (fit.words, fit.passed, fit.length) == pytest.approx((-2.0, 0.2, 0.4))
    assert fit.count == 2


def test_phonemes_of_one_length_are_even_and_all_at_another_pace_too() -> None:
    even = replace(FOUND, phonemes=((7, 7, 7), (7, 7)))
    slow = replace(FOUND, phonemes=((14, 14, 14), (14, 14)))
    fits = [Fit.of(even), Fit.of(slow)]
    assert [(fit.uneven, fit.halting) for fit in fits if fit] == [(0.0, 0.0)] * 2
    fit = Fit.of(FOUND)
    assert fit is not None
    assert fit.uneven == pytest.approx(fit.halting) == pytest.approx(np.log(2) * np.sqrt(2 / 9))


def test_no_words_are_no_fit() -> None:
    assert Fit.of(replace(FOUND, words=(), parts=FOUND.parts[:1], phonemes=())) is None


def test_words_whose_phonemes_are_not_found_are_no_fit() -> None:
    assert Fit.of(replace(FOUND, phonemes=())) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_the_better_the_fit_the_surer_it_is(command: Command) -> None:
    sure = sureness(FIT, command)
    for worse, better in (
        ({"words": -7.0}, {"words": -3.0}),
        ({"uneven": 0.6}, {"uneven": 0.4}),
        ({"passed": 0.3}, {"passed": 0.0}),
    ):
        assert sureness(replace(FIT, **worse), command) < sure < sureness(replace(FIT, **better), command)  # type: ignore[arg-type]  # all of them are float
    assert sureness(replace(FIT, words=-1e6), command) == pytest.approx(0.0)
    assert len(FIT.told(command)) == len(WEIGHTS[command.language])
