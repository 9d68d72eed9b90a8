"""What transcribers hear: commands and other sentences by three of espeak's voices, with white noise 15 dB below them.

All of it is synthetic: people differ more, and mumble. There are sixty sentences in each language, thirty of which are
no command, and are right where they are heard as none (`taken wrongly`: where they are not). Whoever wrote them knew
what the assistant's pages tell (`tests/data/commands_spoken_unseen.tsv`), and nobody looked at them while it was chosen
what is listened for, how words sound and how sure it has to be: for that there are others (`commands_spoken.tsv`). The
goal is for commands alone. The language is not told in advance. Intents are those that the assistant makes of what was
heard. Word errors are by written words, in dictation of the other sentences by one voice. Engines that are not ready
here are left out."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import Figure, at_most
from pansori.domain.tasks import Family, TranscribeTask
from pansori.engines.base import Recording
from pansori.engines.registry import Registry
from pansori.engines.transcribe.base import HEARD_RATE, SPEECH, Transcriber
from pansori.settings import load
from support.hearing import NONE, UNSEEN, Heard, Sentence, hear, sentences, spoken
from support.recordings import hiss, recording

RIGHT = 0.85  #: of the commands
WRONG = {"": 0.05, "f2": 0.08}  #: of the other sentences that may be taken for one, by whichever voice, and by that one
LANGUAGES = {"ko": "Korean", "en": "English"}
NOISES = 30  #: recordings of noise alone
Cases = Sequence[tuple[Sentence, str, Recording]]


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load(data_dir=Path(folder))
        registry = Registry(settings)
        cases = list(spoken(sentences(UNSEEN)))
        figures = []
        for name in registry.names(Family.TRANSCRIBE):
            if name not in ("auto", "debug") and (engine := _ready(registry, name)) is not None:
                print(f"  {name}", file=sys.stderr, flush=True)
                figures += _commands(engine, cases)
                figures += _free_speech(engine, cases)
        return figures


def _ready(registry: Registry, name: str) -> Transcriber[Any] | None:
    told = next(one for one in registry.seen() if one[:2] == (Family.TRANSCRIBE.value, name))
    return registry.find(Family.TRANSCRIBE, name, Transcriber) if told[3].state == "ready" else None  # type: ignore[type-abstract]  # nobody makes one of it


def _commands(engine: Transcriber[Any], cases: Cases) -> list[Figure]:
    task = TranscribeTask(expect="commands")
    began = time.process_time()
    heard = list(hear(engine, task, engine.Options(), cases))
    spent = time.process_time() - began
    figures = []
    for language, called in LANGUAGES.items():
        own = [one for one in heard if one.sentence.language == language]
        commands = [one for one in own if one.sentence.intent != NONE]
        others = [one for one in own if one.sentence.intent == NONE]
        right, all_right = _share([one.right for one in commands]), _share([one.right for one in own])
        topics = [one.topic_is_right for one in commands if one.topic_is_right is not None]
        understood = [one.is_of_its_language for one in commands if one.text]
        figures += [
            Figure(f"{engine.name}: right intents, {called}, {len(own)} sentences", 100 * all_right, "%"),
            Figure(
                f"{engine.name}: right intents, {called}, the {len(commands)} commands of them",
                100 * right, "%", goal=f"≥ {100 * RIGHT:.0f} %", met=right >= RIGHT,
            ),
            Figure(f"{engine.name}: right language, {called}, of what was understood", 100 * _share(understood), "%"),
            Figure(f"{engine.name}: right topic, {called}, {len(topics)} songs", 100 * _share(topics), "%"),
            *(_wrong(engine.name, called, voice, others) for voice in WRONG),
            Figure(f"{engine.name}: word errors in commands, {called}", 100 * _errors(commands), "%"),
        ]  # fmt: skip
    noise = list(hear(engine, task, engine.Options(), [_noise(seed) for seed in range(NOISES)]))
    length = sum(case[2].duration for case in cases)
    return [
        *figures,
        Figure(f"{engine.name}: noise taken for words, {NOISES} recordings", sum(bool(one.text) for one in noise), ""),
        Figure(f"{engine.name}: processor time for a second of sound", 1000 * spent / length, "ms"),
    ]


def _wrong(name: str, called: str, voice: str, others: Sequence[Heard]) -> Figure:
    own = [one for one in others if one.voice == voice] if voice else others
    wrong = _share([one.intent != NONE for one in own])
    by = f" by {voice}" if voice else ""
    return at_most(
        f"{name}: taken wrongly, {called}, {len(own)} other sentences{by}", 100 * wrong, "%", 100 * WRONG[voice]
    )


def _free_speech(engine: Transcriber[Any], cases: Cases) -> list[Figure]:
    """Word errors in dictation, in the languages that the engine takes it in."""
    figures = []
    for language, called in LANGUAGES.items():
        if language == "ko" and SPEECH not in engine.card().abilities:
            continue
        own = [case for case in cases if case[0].language == language and case[0].intent == NONE and not case[1]]
        heard = list(hear(engine, TranscribeTask(language=language), engine.Options(), own))
        figures.append(Figure(f"{engine.name}: word errors in dictation, {called}", 100 * _errors(heard), "%"))
    return figures


def _errors(heard: Sequence[Heard]) -> float:
    return sum(one.word_errors for one in heard) / max(sum(len(one.sentence.text.split()) for one in heard), 1)


def _share(which: Sequence[bool]) -> float:
    return sum(which) / max(len(which), 1)


def _noise(seed: int) -> tuple[Sentence, str, Recording]:
    """Three seconds, of another colour and level each."""
    white = np.fft.rfft(hiss(3.0, HEARD_RATE, seed=seed))
    tilt = np.maximum(np.arange(len(white)), 1.0) ** (-(seed % 3) / 2)
    sound = np.fft.irfft(white * tilt)
    level = 10 ** (-(20 + 5 * (seed % 5)) / 20)
    return Sentence("en", NONE, ""), "", recording(level * sound / np.sqrt(np.mean(np.square(sound))), HEARD_RATE)
