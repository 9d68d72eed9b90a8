"""A whole song by the embedded engine, through `pansori song`: wall time a second of audio, and memory at its peak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from bench.report import Figure, at_most, median
from bench.servers import PANSORI

RUNS = 3
SONGS = {
    "the documented example": ("신나는 K-POP", "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께", None),
    "three minutes": (
        "ballad",
        "\n".join(["The river runs below the hill", "And I am waiting for you still"] * 4),
        180,
    ),
}


@dataclass(frozen=True)
class Run:
    wall: float
    audio: float
    peak_mib: float


def run() -> list[Figure]:
    figures = []
    for name, (genre, lyrics, duration) in SONGS.items():
        runs = [one(genre, lyrics, duration, seed) for seed in range(RUNS if duration is None else 1)]
        figures += [
            at_most(f"wall a second of song, {name}", median([run.wall / run.audio for run in runs]), "s", 0.35),
            Figure(f"length of the song, {name}", median([run.audio for run in runs]), "s"),
            Figure(f"memory at the peak, {name}", max(run.peak_mib for run in runs), "MiB"),
        ]
    return figures


def one(genre: str, lyrics: str, duration: float | None, seed: int) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            PANSORI,
            "song",
            "--genre",
            genre,
            "--lyrics",
            lyrics,
            "--seed",
            str(seed),
            "--output",
            folder,
            "--json",
        ]
        if duration is not None:
            command += ["--duration", str(duration)]
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *command],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PANSORI_DATA_DIR": f"{folder}/data"},
        )
        wall = time.perf_counter() - began
        answer, _, peak = done.stdout.strip().rpartition("\n")
        unit = 1024 if sys.platform == "linux" else 1024**2  # of ru_maxrss, a MiB
        return Run(wall, json.loads(answer)["song"]["duration"], int(peak) / unit)


PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
