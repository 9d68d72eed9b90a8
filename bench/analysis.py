"""The analysis: how much faster than the sound, against librosa and plain Praat scripts.

The song is three minutes by the house band, in stereo at 44.1 kHz. Its music is decoded and measured as `--include
music` does, which finds out by itself that it is music (then tempo, beats, bars, metre, key, chords, sections, onsets,
melody, colour); librosa loads the same file and computes tempo, beats, onsets, chroma, MFCC, spectral features and RMS
at its defaults, without pYIN; both in turn, warm, and the middle of some runs counts. Where the lows are cut, no bass
drum shows at once that it is music, and a voice is looked for. Speech is spoken by espeak, and measured once as
`--include voice --kind speech` does, once by the same commands of Praat on the whole file.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import parselmouth
import scipy
import soundfile
import soxr
from parselmouth.praat import call

from bench.report import Figure, median
from pansori.domain.media import Quality
from pansori.domain.tasks import AnalyzeTask, ComposeTask, Kind, Part, SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.pansori.voice.praat import measure_piece
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.speak.espeak import EspeakSpeaker, EspeakSpeakerOptions
from pansori.settings import Settings
from pansori.workflows.analysis.measuring import read_recording
from support.context import MemoryContext, Sound
from support.environments import environment

RATE, LENGTH = 44_100, Seconds(180.0)
RUNS, SLOW_RUNS = 5, 3
LOWS = 150.0  #: Hz; bass and bass drum are below
LYRICS = "[verse]\nWalking home along the river\nEvery window holds a light\n[chorus]\nSing with me until the morning"
TEXT = "She sells sea shells by the shore, and nobody knows why; but every morning the fisherman counts them. " * 4
LIBROSA = Path(__file__).with_name("librosa_features.py")


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = written(folder / "song.wav", sung(folder))
        return [*musics(song, folder), *voices(written(folder / "speech.wav", spoken(folder)), folder)]


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


def without_lows(song: Path) -> Path:
    samples, rate = soundfile.read(song)
    high = scipy.signal.sosfilt(scipy.signal.butter(6, LOWS, "highpass", fs=rate, output="sos"), samples, axis=0)
    path = song.with_name("high.wav")
    soundfile.write(path, high, rate, subtype="PCM_16")
    return path


# -- speed --------


def musics(song: Path, folder: Path) -> list[Figure]:
    length, only, high = soundfile.info(song).duration, AnalyzeTask(include=(Part.MUSIC,)), without_lows(song)
    music = timed(lambda: analyzed(song, folder, only))
    librosa = timed_librosa(song)
    told = timed(lambda: analyzed(song, folder, AnalyzeTask(include=(Part.MUSIC,), kind=Kind.MUSIC)))
    cut = timed(lambda: analyzed(high, folder, only))
    whole = timed(lambda: analyzed(song, folder, AnalyzeTask()), SLOW_RUNS)
    return [
        faster("music", length, music, "librosa", librosa, goal=3.0),
        faster("music, told that it is (`--kind music`)", length, told, "librosa", librosa),
        faster("music, its lows cut", length, cut, "librosa", librosa),
        Figure("everything of the song: times faster than real time", length / whole, "×"),
    ]


def voices(speech: Path, folder: Path) -> list[Figure]:
    task = AnalyzeTask(include=(Part.VOICE,), kind=Kind.SPEECH)
    voice = timed(lambda: analyzed(speech, folder, task), SLOW_RUNS)
    praat = timed(lambda: plain_praat(speech), SLOW_RUNS)
    return [faster("voice", soundfile.info(speech).duration, voice, "plain Praat scripts", praat, goal=1.0)]


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


@cache
def settings_in(folder: Path) -> Settings:
    """Read once, as a worker does."""
    return Settings(data_dir=folder)


def analyzed(path: Path, folder: Path, task: AnalyzeTask) -> object:
    """As a worker does it: from the file on."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        context = MemoryContext(seed=0, scratch=Path(scratch))
        settings = settings_in(folder)
        context.inputs = {RECORDING: read_recording(path, "0" * 64, settings, Path(scratch))}
        return PansoriAnalyzer(settings).run(task, PansoriAnalyzerOptions(), context)


def timed_librosa(path: Path) -> float:
    command = [str(environment("librosa")), str(LIBROSA), str(path), str(RUNS + 1)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return median(json.loads(done.stdout)["seconds"][1:])


def plain_praat(path: Path) -> None:
    """The same measures, as a script of Praat's commands takes them of a whole file."""
    sound = call(parselmouth.Sound(str(path)), "Convert to mono")
    measure_piece(sound, Seconds(0.0), VoiceSettings())
    cepstra = call(sound, "To PowerCepstrogram", 60, 0.002, 5000, 50)
    call(
        cepstra, "Get CPPS", "yes", 0.02, 0.0005, 60, 330, 0.05, "parabolic", 0.001, 0.05, "Exponential decay", "Robust"
    )
