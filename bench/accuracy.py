"""How right the analyser is: tempo, beats, bars, key, chords and sections of songs whose score is known exactly.

The house band plays; its score is the truth. Styles of one group were held out when the other's songs were listened to.
Chords are compared as triads, weighted by time; beats within 70 ms, boundaries within 3 s.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

STYLES = ("kpop dance", "pop", "ballad", "rock", "hip hop", "rnb", "trot", "waltz", "edm")
HELD_OUT = ("jazz", "folk", "lofi")
TEMPI = (None, 66.0, 104.0, 152.0, 188.0)  #: None: the style's own
LENGTH = Seconds(50.0)
NOISE = 20.0  #: dB by which the music stands over white noise, in every second song
BEAT, BOUNDARY, TEMPO = 0.07, 3.0, 0.04  #: seconds; seconds; share
GOALS = {
    "tempo with its octave": 0.95,
    "beats, F": 0.95,
    "downbeats, F": 0.85,
    "key": 0.9,
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
    figures = []
    for name, styles in (("styles listened to", STYLES), ("held-out styles", HELD_OUT)):
        scores = [judge(case) for case in cases(styles)]
        for what, goal in GOALS.items():
            value = float(np.mean([score[what] for score in scores]))
            figures.append(Figure(f"{what}, {len(scores)} songs of {name}", value, "", f"≥ {goal}", met=value >= goal))
    return figures


def cases(styles: Sequence[str]) -> list[Case]:
    return [
        Case(style, tempo, seed=5_000 + 100 * number + index, sung=index % 3 == 0, noisy=index % 2 == 1)
        for number, style in enumerate(styles)
        for index, tempo in enumerate(TEMPI)
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
    """0–1 for every measure; a refusal is wrong."""
    return {
        "tempo with its octave": 0.0
        if isinstance(found.tempo, Refused)
        else float(abs(found.tempo.tempo / truth["tempo"] - 1.0) < TEMPO),
        "beats, F": 0.0 if isinstance(found.beats, Refused) else matched(found.beats.times, truth["beats"], BEAT),
        "downbeats, F": 0.0
        if isinstance(found.metre, Refused)
        else matched(found.metre.downbeats, truth["downbeats"], BEAT),
        "key": 0.0
        if isinstance(found.key, Refused)
        else float(f"{NOTE_NAMES[found.key.tonic]} {found.key.mode}" == truth["key"]),
        "chords, weighted overlap": _chords(found, truth),
        "boundaries, F": 0.0
        if isinstance(found.sections, Refused)
        else matched([one.start for one in found.sections][1:], [one[0] for one in truth["sections"]][1:], BOUNDARY),
    }


def matched(found: Sequence[float] | Array, true: Sequence[float] | Array, window: float) -> float:
    """F-measure of one-to-one matches within `window` seconds, taken greedily in order of time."""
    left, right, hits = list(found), list(true), 0
    while left and right:
        if abs(left[0] - right[0]) <= window:
            hits, left, right = hits + 1, left[1:], right[1:]
        elif left[0] < right[0]:
            left = left[1:]
        else:
            right = right[1:]
    return 2.0 * hits / max(1, len(found) + len(true))


def triad(label: str) -> tuple[str, str] | None:
    """The root and whether it is `maj` or `min`; None for chords that are neither."""
    if label == "N":
        return ("N", "")
    root, _, quality = label.partition("/")[0].partition(":")
    if quality.startswith("min"):
        return root, "min"
    return (root, "maj") if quality[:1] in ("m", "7") else None


def _chords(found: Music, truth: dict[str, Any]) -> float:
    if isinstance(found.chords, Refused):
        return 0.0
    times = np.arange(0.0, truth["duration"], 0.01)
    heard = _sampled([(one.start, one.label) for one in found.chords], times)
    meant = _sampled([(one[0], one[2]) for one in truth["chords"]], times)
    pairs = [(triad(a), triad(b)) for a, b in zip(heard, meant, strict=True)]
    told = [a == b for a, b in pairs if b is not None]
    return float(np.mean(told))


def _sampled(spans: Sequence[tuple[float, str]], times: Array) -> list[str]:
    starts = np.array([start for start, _ in spans])
    return [spans[max(0, int(k))][1] for k in np.searchsorted(starts, times, side="right") - 1]
