"""Sentences spoken to a transcriber, and what it takes each for. All synthetic: voices of espeak, white noise."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from pansori.domain.tasks import TranscribeTask
from pansori.engines.base import EngineOptions, Recording
from pansori.engines.transcribe.base import HEARD_RATE, RECORDING, Transcriber
from pansori.espeak import SOURCE_RATE, Line, say
from pansori.lexicon.commands import understand
from pansori.lexicon.hangul import is_block
from pansori.lexicon.pronunciation import respell
from support.context import MemoryContext
from support.recordings import recording
from support.speech import noisy

DATA = Path(__file__).parent.parent / "data"
SPOKEN, UNSEEN = DATA / "commands_spoken.tsv", DATA / "commands_spoken_unseen.tsv"
VOICES = ("", "f2", "m3")  #: variants of espeak's
NOISE = 15.0  #: dB below the speech
RATE = 165  #: words a minute
EDGE = 0.4  #: seconds of noise alone, before and after
NONE = "-"


@dataclass(frozen=True)
class Sentence:
    language: str
    intent: str
    text: str


@dataclass(frozen=True)
class Heard:
    """One sentence in one voice, and what was made of it."""

    sentence: Sentence
    voice: str
    text: str

    @property
    def intent(self) -> str:
        found = understand(self.text) if self.text else None
        return found.intent if found else NONE

    @property
    def right(self) -> bool:
        return self.intent == self.sentence.intent

    @property
    def is_of_its_language(self) -> bool:
        return any(map(is_block, self.text)) == (self.sentence.language == "ko")

    @property
    def topic_is_right(self) -> bool | None:
        """What the song is to be about is what was said, whichever its article. None: nothing was said."""
        wanted = _topic(self.sentence.text)
        return wanted == _topic(self.text) if wanted else None

    @property
    def word_errors(self) -> int:
        """Words put in, left out and changed (Levenshtein), with Korean spaces as they were written."""
        said, heard = self.sentence.text.split(), self.text.split()
        row = list(range(len(heard) + 1))
        for number, word in enumerate(said, start=1):
            before, row = row, [number]
            for place, other in enumerate(heard, start=1):
                row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (word != other)))
        return row[-1]


def _topic(text: str) -> str:
    found = understand(text) if text else None
    return re.sub("^(the|a|an|my|our|your) ", "", found.slot("topic")) if found else ""


@cache
def sentences(path: Path = SPOKEN) -> tuple[Sentence, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Sentence(*line.split("\t")) for line in lines if line and not line.startswith("#"))


def spoken(chosen: Sequence[Sentence], voices: Sequence[str] = VOICES) -> Iterator[tuple[Sentence, str, Recording]]:
    """Each sentence in each voice, in noise."""
    tags = {"ko": "ko", "en": "en-us"}
    cases = [(one, voice) for one in chosen for voice in voices]
    lines = [
        Line(
            f"{tags[one.language]}+{voice}" if voice else tags[one.language],
            respell(one.text) if one.language == "ko" else one.text,
            RATE,
        )
        for one, voice in cases
    ]
    edge = np.zeros(round(EDGE * SOURCE_RATE))
    for (one, voice), said in zip(cases, say(lines), strict=True):
        sound = noisy(np.concatenate((edge, said.samples, edge)), NOISE)
        yield one, voice, recording(soxr.resample(sound, SOURCE_RATE, HEARD_RATE), HEARD_RATE)


def hear(
    engine: Transcriber[Any],
    task: TranscribeTask,
    options: EngineOptions,
    cases: Sequence[tuple[Sentence, str, Recording]],
) -> Iterator[Heard]:
    with tempfile.TemporaryDirectory() as scratch:
        for sentence, voice, sound in cases:
            context = MemoryContext(seed=0, scratch=Path(scratch))
            context.inputs = {RECORDING: sound}
            yield Heard(sentence, voice, engine.run(task, options, context).text)
