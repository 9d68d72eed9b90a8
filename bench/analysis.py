"""The analysis: how much faster than the sound, against librosa and plain Praat scripts, and memory for an hour of it.

The song is three minutes by the house band, in stereo at 44.1 kHz. Its music is decoded and measured as `--include
music --kind music` does (tempo, beats, bars, metre, key, chords, sections, onsets, melody, colour), librosa loads the
same file and computes tempo, beats, onsets, chroma, MFCC, spectral features and RMS at its defaults, without pYIN; both
in turn, warm, and the middle of some runs counts. Speech is spoken by espeak and measured by the same calls of Praat on
the whole file.

Memory is that of `pansori analyze`'s process, and of the decoder that runs beside it. One hour is the song again and
again, measured as music. Another is taken for singing, so that everything is measured, voices too: each minute of it
begins with some seconds of the speech and is silent then, which keeps every array and every piece as long as it was,
and spares Praat a quarter of an hour.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import parselmouth
import soundfile
import soxr
from parselmouth.praat import call

from bench.report import Figure, at_most, median
from bench.servers import PANSORI
from pansori.domain.media import Quality
from pansori.domain.tasks import AnalyzeTask, ComposeTask, Kind, Part, SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.pansori.voice import settings as use
from pansori.engines.analyze.pansori.voice.praat import measure_piece, smoothed_prominence
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.speak.espeak import EspeakSpeaker, EspeakSpeakerOptions
from pansori.settings import Settings
from pansori.workflows.analysis.measuring import read_recording
from support.context import MemoryContext, Sound
from support.environments import environment

RATE, LENGTH, HOUR = 44_100, Seconds(180.0), 3600
RUNS, SLOW_RUNS = 5, 3
SPOKEN = 5  #: seconds of each minute
LYRICS = "[verse]\nWalking home along the river\nEvery window holds a light\n[chorus]\nSing with me until the morning"
TEXT = "She sells sea shells by the shore, and nobody knows why; but every morning the fisherman counts them. " * 4
LIBROSA = Path(__file__).with_name("librosa_features.py")


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song, speech = written(folder / "song.wav", sung(folder)), written(folder / "speech.wav", spoken(folder))
        return [*speeds(song, speech, folder), *memory(song, speech, folder)]


# -- sounds --------


def sung(folder: Path) -> Sound:
    task = ComposeTask(genre="pop", lyrics=LYRICS, duration=LENGTH, seed=1, quality=Quality.DRAFT)
    context = MemoryContext(seed=1, scratch=folder)
    HouseBand(Settings(data_dir=folder)).run(task, HouseBandOptions(), context)
    return context.sounds["song"]


def spoken(folder: Path) -> Sound:
    context = MemoryContext(seed=1, scratch=folder)
    EspeakSpeaker(Settings(data_dir=folder)).run(SpeakTask(text=TEXT, language="en"), EspeakSpeakerOptions(), context)
    [sound] = context.sounds.values()
    return sound


def written(path: Path, sound: Sound) -> Path:
    """In stereo, at `RATE`."""
    samples = np.broadcast_to(sound.samples, (2, sound.samples.shape[1])).T
    soundfile.write(path, soxr.resample(samples, sound.sample_rate, RATE), RATE, subtype="PCM_16")
    return path


def an_hour(path: Path, part: npt.NDArray[np.int16]) -> Path:
    """`part`, of shape [frames, 2], again and again."""
    frames = 0
    with soundfile.SoundFile(path, "w", RATE, 2, "PCM_16") as file:
        while frames < HOUR * RATE:
            file.write(part[: HOUR * RATE - frames])
            frames += len(part[: HOUR * RATE - frames])
    return path


def now_and_then(speech: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """A minute that begins with speech."""
    minute = np.zeros((60 * RATE, 2), np.int16)
    minute[: SPOKEN * RATE] = speech[: SPOKEN * RATE]
    return minute


# -- speed --------


def speeds(song: Path, speech: Path, folder: Path) -> list[Figure]:
    length, talk = (soundfile.info(path).duration for path in (song, speech))
    music = timed(lambda: analyzed(song, folder, AnalyzeTask(include=(Part.MUSIC,), kind=Kind.MUSIC)))
    whole = timed(lambda: analyzed(song, folder, AnalyzeTask()), SLOW_RUNS)
    voice = timed(lambda: analyzed(speech, folder, AnalyzeTask(include=(Part.VOICE,), kind=Kind.SPEECH)), SLOW_RUNS)
    librosa = timed_librosa(song)
    praat = timed(lambda: plain_praat(speech), SLOW_RUNS)
    return [
        faster("music", length, music, "librosa", librosa, goal=3.0),
        Figure("everything of the song: times faster than real time", length / whole, "×"),
        faster("voice", talk, voice, "plain Praat scripts", praat),
    ]


def faster(what: str, length: float, taken: float, peer: str, peer_taken: float, goal: float | None = None) -> Figure:
    ratio = peer_taken / taken
    return Figure(
        f"{what}: times faster than real time",
        length / taken,
        "×",
        goal="" if goal is None else f"≥ {goal:g} × {peer}",
        met=None if goal is None else ratio >= goal,
        peer=peer,
        ratio=ratio,
    )


def timed(work: Callable[[], object], runs: int = RUNS) -> float:
    """Seconds of the middle of some runs; the first, which loads libraries, does not count."""
    work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def analyzed(path: Path, folder: Path, task: AnalyzeTask) -> object:
    """As a worker does it: from the file on."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        context = MemoryContext(seed=0, scratch=Path(scratch))
        settings = Settings(data_dir=folder)
        context.inputs = {RECORDING: read_recording(path, "0" * 64, settings, Path(scratch))}
        return PansoriAnalyzer(settings).run(task, PansoriAnalyzerOptions(), context)


def timed_librosa(path: Path) -> float:
    command = [str(environment("librosa")), str(LIBROSA), str(path), str(RUNS + 1)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return median(json.loads(done.stdout)["seconds"][1:])


def plain_praat(path: Path) -> None:
    """The same calls, on the whole file at once."""
    sound = call(parselmouth.Sound(str(path)), "Convert to mono")
    measure_piece(sound, Seconds(0.0), VoiceSettings())
    for start in np.arange(0.0, sound.duration, use.CEPSTRUM_PIECE):
        smoothed_prominence(sound.extract_part(start, min(start + use.CEPSTRUM_PIECE, sound.duration)))


# -- memory --------


def memory(song: Path, speech: Path, folder: Path) -> list[Figure]:
    music, talk = (soundfile.read(path, dtype="int16")[0] for path in (song, speech))
    path = folder / "hour.flac"
    figures = measured(an_hour(path, music), Kind.MUSIC, folder)
    return [*figures, *measured(an_hour(path, now_and_then(talk)), Kind.SINGING, folder)]


def measured(path: Path, kind: Kind, folder: Path) -> list[Figure]:
    command = [PANSORI, "analyze", str(path), "--kind", kind.value, "--output", str(folder / "out")]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PANSORI_DATA_DIR": str(folder / "data")},
    )
    own, beside, wall = json.loads(done.stdout.strip().splitlines()[-1])
    what = f"an hour of stereo as {kind.value}"
    return [
        at_most(f"memory at the peak, {what}", own / 2**20, "MiB", 600),
        Figure(f"of the decoder beside it, {what}", beside / 2**20, "MiB"),
        Figure(f"times faster than real time, {what}", HOUR / wall, "×"),
    ]


PEAK = """
import json, resource, subprocess, sys, time
from pathlib import Path
began = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
own = beside = 0
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
            beside = max([beside, *(resident(pid) for pid in thread.read_text().split())])
        except OSError:
            pass
    time.sleep(0.05)
unit = 1024 if sys.platform == "linux" else 1
own = own or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
assert child.returncode == 0, child.returncode
print(json.dumps([own, beside, time.monotonic() - began]))
"""
"""The highest resident size of a command and of its children, in bytes, and its seconds."""
