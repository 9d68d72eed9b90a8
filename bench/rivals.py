"""The analyser beside librosa at its defaults: tempo, beats, bars and keys of the same songs, in the same run.

The songs are of the house band, of every style, with seeds that nothing was set with; the first of each style at the
style's own tempo, the others at tempi that chance drew between 60 and 190 BPM, every second one in noise. What counts
as right is what `accuracy` says. librosa has no bars and no keys: `librosa_music.py` says what stands for them.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import soundfile

from bench.accuracy import FITTED, OTHERS, new
from bench.report import Figure
from pansori.engines.analyze.pansori.music import RATE, listen
from support.environments import environment
from support.judged import BEAT, TEMPO, Scores, compared, recorded

SEED = 41_000
LIBROSA = Path(__file__).with_name("librosa_music.py")
COMPARED = ("tempo with its octave", "beats, F", "downbeats, F", "key, weighted")


def run() -> list[Figure]:
    ours: list[Scores] = []
    truths = []
    with tempfile.TemporaryDirectory() as name:
        files = []
        for case in new((*FITTED, *OTHERS), seed=SEED, each=2):
            sound, truth = recorded(case)
            files.append(Path(name) / f"{case.seed}.wav")
            soundfile.write(files[-1], sound, RATE)
            ours.append(compared(listen(sound), truth))
            truths.append(truth)
        theirs = [judged(told, truth) for told, truth in zip(librosa(files), truths, strict=True)]
    return [figure(what, ours, theirs) for what in COMPARED]


def librosa(files: Sequence[Path]) -> list[dict[str, Any]]:
    command = [str(environment("librosa")), str(LIBROSA), *map(str, files)]
    found: list[dict[str, Any]] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def judged(told: dict[str, Any], truth: dict[str, Any]) -> Scores:
    return {
        "tempo with its octave": float(abs(told["tempo"] / truth["tempo"] - 1.0) < TEMPO),
        "beats, F": near(truth["beats"], told["beats"]),
        "downbeats, F": near(truth["downbeats"], told["beats"][::4]),
        "key, weighted": float(mir_eval.key.weighted_score(truth["key"], told["key"])),
    }


def near(true: Sequence[float], found: Sequence[float]) -> float:
    return float(mir_eval.beat.f_measure(np.array(true), np.array(found), f_measure_threshold=BEAT))


def figure(what: str, ours: Sequence[Scores], theirs: Sequence[Scores]) -> Figure:
    value, peer = (float(np.mean([score[what] for score in scores])) for scores in (ours, theirs))
    return Figure(
        f"{what}: {len(ours)} songs",
        value,
        "",
        goal="≥ librosa",
        met=value >= peer,
        peer=f"librosa's {peer:.2f}",
        ratio=value / peer if peer else None,
    )
