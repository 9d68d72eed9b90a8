"""Songs of the house band as an analyser hears them, and how much of their score it finds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.engines.analyze.pansori.music import RATE, Music, Refused
from pansori.engines.analyze.pansori.music.model import Array, Samples
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.lexicon.music import NOTE_NAMES
from pansori.settings import Settings
from support.context import MemoryContext
from support.spoiled import NOISE, WAYS

LENGTH = Seconds(50.0)
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
METRE = "beats in a bar"
LYRICS = (
    "[verse]\nWalking home along the river\nEvery window holds a light\n"
    "[chorus]\nSing with me until the morning\nWe will carry on tonight"
)
EXAMPLE = ("신나는 K-POP", "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께")  #: genre and lyrics
Scores = dict[str, float]


@dataclass(frozen=True)
class Case:
    style: str
    tempo: float | None
    seed: int
    sung: bool
    noisy: bool
    spoiled: str = ""  #: one of `WAYS`


def recorded(case: Case, length: Seconds = LENGTH) -> tuple[Samples, dict[str, Any]]:
    """The song as the analyser hears it, and what is true of it."""
    tempo = None if case.tempo is None else BeatsPerMinute(case.tempo)
    heard, truth = _played(case.style, LYRICS if case.sung else "", length, case.seed, HouseBandOptions(tempo=tempo))
    for way in filter(None, (NOISE if case.noisy else "", case.spoiled)):
        heard, truth = WAYS[way](heard, truth, np.random.default_rng(case.seed))
    return heard, truth


def documented(seed: int) -> tuple[Samples, dict[str, Any]]:
    """The song of the documented example, whose last chorus is in another key than the rest."""
    return _played(*EXAMPLE, None, seed, HouseBandOptions())


def _played(
    genre: str, lyrics: str, length: Seconds | None, seed: int, options: HouseBandOptions
) -> tuple[Samples, dict[str, Any]]:
    task = ComposeTask(genre=genre, lyrics=lyrics, duration=length, seed=seed, quality=Quality.DRAFT)
    with tempfile.TemporaryDirectory() as folder:
        band = HouseBand(Settings(data_dir=Path(folder)))
        context = MemoryContext(seed=seed, scratch=Path(folder))
        truth = band.truth(task, options)
        band.run(task, options, context)
    sound = context.sounds["song"]
    mono = soxr.resample(sound.samples.mean(axis=0), sound.sample_rate, RATE)
    return mono.astype(np.float32), truth


def compared(found: Music, truth: dict[str, Any]) -> Scores:
    """0–1 for every measure."""
    return dict.fromkeys((*GOALS, METRE), 0.0) | _pulse(found, truth) | _harmony(found, truth) | _form(found, truth)


def _pulse(found: Music, truth: dict[str, Any]) -> Scores:
    scores: Scores = {}
    if not isinstance(found.tempo, Refused):
        scores["tempo with its octave"] = float(abs(found.tempo.tempo / truth["tempo"] - 1.0) < TEMPO)
    if not isinstance(found.beats, Refused):
        scores["beats, F"] = _near(truth["beats"], found.beats.times)
    if not isinstance(found.metre, Refused):
        scores["downbeats, F"] = _near(truth["downbeats"], found.metre.downbeats)
        scores[METRE] = float(found.metre.beats_per_bar == truth["beats_per_bar"])
    return scores


def _near(true: Sequence[float], found: Array) -> float:
    return float(_judge().beat.f_measure(np.array(true), found, f_measure_threshold=BEAT))


def _harmony(found: Music, truth: dict[str, Any]) -> Scores:
    scores: Scores = {}
    if not isinstance(found.key, Refused):
        name = f"{NOTE_NAMES[found.key.tonic]} {found.key.mode}"
        scores["key"] = float(name == truth["key"])
        scores["key, weighted"] = float(_judge().key.weighted_score(truth["key"], name))
    if not isinstance(found.chords, Refused):
        heard = [(one.start, one.end, one.label) for one in found.chords]
        matched = _judge().chord.evaluate(*_spans(truth["chords"]), *_spans(heard))
        scores["chords, weighted overlap"] = float(matched["majmin"])
    return scores


def _form(found: Music, truth: dict[str, Any]) -> Scores:
    if isinstance(found.sections, Refused):
        return {}
    heard, _ = _spans([(one.start, one.end, one.label) for one in found.sections])
    true, _ = _spans(truth["sections"])
    return {"boundaries, F": float(_judge().segment.detection(true, heard, window=BOUNDARY, trim=True)[2])}


def _judge() -> Any:
    """Loaded when there is something to judge: that takes a while, and every process of tests collects all of them."""
    import mir_eval

    return mir_eval


def _spans(spans: Sequence[Any]) -> tuple[Array, list[str]]:
    """Of (start, end, label): the times [spans, 2] and the labels."""
    return np.array([[one[0], one[1]] for one in spans]), [str(one[2]) for one in spans]
