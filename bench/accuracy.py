"""How right the analyser is: tempo, beats, bars, key, chords and sections of songs whose score is known exactly.

The house band plays; its score is the truth, and `mir_eval` compares (C. Raffel et al., ISMIR 2014): beats within
70 ms, boundaries within 3 s without both ends, chords as major and minor triads weighted by time. A tempo counts within
4 % of the score's, octave and all; a refusal counts as wrong.

What was tuned on what: songs of the first group's styles, seeds below 6000, most of them in that group, set the
weights by which a tempo's octave and metre are chosen, and the costs of sections. The second group has the same styles,
with seeds and tempi that nothing was set with. The third has three styles that the last setting of these weights and
costs left out; but the values it began from, those of key and chords, and how tightly beats keep to their tempo were
chosen while songs of all twelve styles were heard, with other seeds. No style is quite new to the analyser, then:
recordings of other music are the better judge.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import soxr

from bench.report import Figure
from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.engines.analyze.pansori.music import RATE, Music, Refused, listen
from pansori.engines.analyze.pansori.music.model import Array, Samples
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.lexicon.music import NOTE_NAMES
from pansori.settings import Settings
from support.context import MemoryContext

FITTED = ("kpop dance", "pop", "ballad", "rock", "hip hop", "rnb", "trot", "waltz", "edm")
OTHERS = ("jazz", "folk", "lofi")
TEMPI = (None, 66.0, 104.0, 152.0, 188.0)  #: of the songs that were tuned on; None: the style's own
SLOWEST, FASTEST = 60, 190  #: beats a minute, between which those of new songs are drawn
LENGTH = Seconds(50.0)
NOISE = 20.0  #: dB by which the music stands over white noise, in every second song
BEAT, BOUNDARY, TEMPO = 0.07, 3.0, 0.04  #: seconds; seconds; share
GOALS = {
    "tempo with its octave": 0.95,
    "beats, F": 0.95,
    "downbeats, F": 0.85,
    "key": 0.9,
    "key, weighted": 0.93,
    "chords, weighted overlap": 0.8,
    "boundaries, F": 0.7,
}
LYRICS = (
    "[verse]\nWalking home along the river\nEvery window holds a light\n"
    "[chorus]\nSing with me until the morning\nWe will carry on tonight"
)
Scores = dict[str, float]


@dataclass(frozen=True)
class Case:
    style: str
    tempo: float | None
    seed: int
    sung: bool
    noisy: bool


def run() -> list[Figure]:
    groups = {
        "tuned on": tuned_on(FITTED),
        "new, of the same styles": new(FITTED, seed=9_000, each=2),
        "new, of other styles": new(OTHERS, seed=9_700, each=5),
    }
    figures = []
    for name, songs in groups.items():
        scores = [judge(case) for case in songs]
        for what, goal in GOALS.items():
            value = float(np.mean([score[what] for score in scores]))
            figures.append(Figure(f"{what}: {len(scores)} songs {name}", value, "", f"≥ {goal}", met=value >= goal))
    return figures


def tuned_on(styles: Sequence[str]) -> list[Case]:
    return [
        Case(style, tempo, seed=5_000 + 100 * number + index, sung=index % 3 == 0, noisy=index % 2 == 1)
        for number, style in enumerate(styles)
        for index, tempo in enumerate(TEMPI)
    ]


def new(styles: Sequence[str], *, seed: int, each: int) -> list[Case]:
    """Songs whose tempi chance draws, but for the first of every style, which has the style's own."""
    chance = random.Random(seed)
    return [
        Case(
            style,
            tempo=float(chance.randint(SLOWEST, FASTEST)) if index else None,
            seed=seed + 10 * number + index,
            sung=(number + index) % 3 == 0,
            noisy=(number + index) % 2 == 1,
        )
        for number, style in enumerate(styles)
        for index in range(each)
    ]


def judge(case: Case) -> Scores:
    samples, truth = recorded(case)
    return compared(listen(samples), truth)


def recorded(case: Case) -> tuple[Samples, dict[str, Any]]:
    """The song as the analyser hears it, and what is true of it."""
    task = ComposeTask(
        genre=case.style,
        lyrics=LYRICS if case.sung else "",
        duration=LENGTH,
        seed=case.seed,
        quality=Quality.DRAFT,
    )
    tempo = None if case.tempo is None else BeatsPerMinute(case.tempo)
    options = HouseBandOptions(tempo=tempo)
    with tempfile.TemporaryDirectory() as folder:
        band = HouseBand(Settings(data_dir=Path(folder)))
        context = MemoryContext(seed=case.seed, scratch=Path(folder))
        truth = band.truth(task, options)
        band.run(task, options, context)
    sound = context.sounds["song"]
    mono = soxr.resample(sound.samples.mean(axis=0), sound.sample_rate, RATE)
    if case.noisy:
        level = float(np.sqrt(np.mean(mono**2))) * 10 ** (-NOISE / 20)
        mono = mono + level * np.random.default_rng(case.seed).standard_normal(len(mono))
    return mono.astype(np.float32), truth


def compared(found: Music, truth: dict[str, Any]) -> Scores:
    """0–1 for every measure."""
    return dict.fromkeys(GOALS, 0.0) | _pulse(found, truth) | _harmony(found, truth) | _form(found, truth)


def _pulse(found: Music, truth: dict[str, Any]) -> Scores:
    scores: Scores = {}
    if not isinstance(found.tempo, Refused):
        scores["tempo with its octave"] = float(abs(found.tempo.tempo / truth["tempo"] - 1.0) < TEMPO)
    if not isinstance(found.beats, Refused):
        scores["beats, F"] = _near(truth["beats"], found.beats.times)
    if not isinstance(found.metre, Refused):
        scores["downbeats, F"] = _near(truth["downbeats"], found.metre.downbeats)
    return scores


def _near(true: Sequence[float], found: Array) -> float:
    return float(mir_eval.beat.f_measure(np.array(true), found, f_measure_threshold=BEAT))


def _harmony(found: Music, truth: dict[str, Any]) -> Scores:
    scores: Scores = {}
    if not isinstance(found.key, Refused):
        name = f"{NOTE_NAMES[found.key.tonic]} {found.key.mode}"
        scores["key"] = float(name == truth["key"])
        scores["key, weighted"] = float(mir_eval.key.weighted_score(truth["key"], name))
    if not isinstance(found.chords, Refused):
        heard = [(one.start, one.end, one.label) for one in found.chords]
        matched = mir_eval.chord.evaluate(*_spans(truth["chords"]), *_spans(heard))
        scores["chords, weighted overlap"] = float(matched["majmin"])
    return scores


def _form(found: Music, truth: dict[str, Any]) -> Scores:
    if isinstance(found.sections, Refused):
        return {}
    heard, _ = _spans([(one.start, one.end, one.label) for one in found.sections])
    true, _ = _spans(truth["sections"])
    return {"boundaries, F": float(mir_eval.segment.detection(true, heard, window=BOUNDARY, trim=True)[2])}


def _spans(spans: Sequence[Any]) -> tuple[Array, list[str]]:
    """Of (start, end, label): the times [spans, 2] and the labels."""
    return np.array([[one[0], one[1]] for one in spans]), [str(one[2]) for one in spans]
