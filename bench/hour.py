"""Memory for an hour of stereo at 44.1 kHz that sounds all the time, from the first block to the last measure.

What is measured is what `pansori analyze` takes: the most that its process has held at any time, and while a decoder
runs beside it, the most that each has held until then, added up. The first hour is a song of the house band again and
again; that it is music is found out. The second is that song and speech by turns, a minute each, and is taken for
singing, so that everything is measured, voices too: no other recording of the length takes more. With `BENCH_HOURS=3`
they are three hours long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from bench.analysis import RATE, spoken, sung, written
from bench.report import Figure, at_most
from bench.servers import PANSORI
from pansori.domain.tasks import Kind

HOUR, TURN = 3600, 60  #: seconds
HOURS = int(os.environ.get("BENCH_HOURS", "1"))
MOST = 600  #: MB


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = soundfile.read(written(folder / "song.wav", sung(folder)), dtype="int16")[0]
        speech = soundfile.read(written(folder / "speech.wav", spoken(folder)), dtype="int16")[0]
        return [
            *measured(an_hour(folder / "hour.flac", song), None, folder),
            *measured(an_hour(folder / "hour.flac", by_turns(song, speech)), Kind.SINGING, folder),
        ]


def by_turns(*sounds: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """A minute of each, of shape [frames, 2]; what is shorter is repeated."""
    return np.concatenate([np.resize(sound, (TURN * RATE, 2)) for sound in sounds])


def an_hour(path: Path, part: npt.NDArray[np.int16]) -> Path:
    """`part`, of shape [frames, 2], again and again."""
    frames = 0
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        while left := HOURS * HOUR * RATE - frames:
            file.write(part[:left])
            frames += len(part[:left])
    return path


def measured(path: Path, kind: Kind | None, folder: Path) -> list[Figure]:
    out = folder / (kind or "found out")
    command = [PANSORI, "analyze", str(path), "--output", str(out), *(("--kind", kind.value) if kind else ())]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PANSORI_DATA_DIR": str(folder / "data")},
    )
    most, beside, wall = json.loads(done.stdout.strip().splitlines()[-1])
    long = "an hour" if HOURS == 1 else f"{HOURS} hours"
    what = f"{long} of stereo as {kind.value}" if kind else f"{long} of stereo, its kind found out"
    return [
        at_most(f"memory at the peak, {what}", most / 1e6, "MB", MOST),
        Figure(f"of the decoder in it, {what}", beside / 1e6, "MB"),
        Figure(f"times faster than real time, {what}", HOURS * HOUR / wall, "×"),
    ]


PEAK = """
import json, resource, subprocess, sys, time
from pathlib import Path
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
own = beside = both = 0
def resident(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return max([1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")], default=0)
while child.poll() is None:
    own = max(own, resident(child.pid))
    for thread in Path(f"/proc/{child.pid}/task").glob("*/children"):
        try:
            others = [resident(pid) for pid in thread.read_text().split()]
            beside, both = max([beside, *others]), max(both, own + sum(others))
        except OSError:
            pass
    time.sleep(0.05)
unit = 1024 if sys.platform == "linux" else 1
own = own or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
assert child.returncode == 0, child.returncode
print(json.dumps([max(own, both), beside, time.monotonic() - began]))
"""
"""The highest resident size of a command with its children and of a child, in bytes, and the command's seconds."""
