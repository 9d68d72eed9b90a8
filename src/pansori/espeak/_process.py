"""Lines of text, spoken in a fresh process: the library's state never outlives one request."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from subprocess import PIPE
from time import monotonic
from typing import TYPE_CHECKING

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.units import Seconds

if TYPE_CHECKING:  # the process that speaks imports this package too, and is to start at once
    import numpy as np
    import numpy.typing as npt

    from pansori.domain.jobs import JsonDict

_LIMIT = 30  # seconds, and a twentieth for each line; a word takes a few milliseconds
_CHARACTERS = 500  # that add a second to the limit
_HEARTBEAT = Seconds(0.2)
_WORKER = "pansori.espeak._worker"


@dataclass(frozen=True)
class Line:
    """What is spoken, and how: see `Espeak.choose` and `Espeak.say`."""

    voice: str  #: language and variant, such as `ko+f2`
    text: str
    words_per_minute: int
    pitch: int = 50
    pitch_range: int = 50
    mnemonics: bool = False
    echo: bool = True


@dataclass(frozen=True)
class Said:
    """A line as it was spoken."""

    samples: npt.NDArray[np.float64]  #: mono, full scale ±1.0, at `SOURCE_RATE`
    phonemes: tuple[tuple[str, int], ...]  #: IPA (empty: a pause) and the sample at which it begins
    words: tuple[tuple[int, int], ...]
    """Index of a word's first character in the text, and its sample. Short words may be reported as one with the word
    before, and one that is read as several (a number) as several."""


def say(lines: Sequence[Line], heartbeat: Callable[[], None] = lambda: None) -> list[Said]:
    """Speak each line. `heartbeat` is called several times a second; what it raises ends the speaking. Raises
    `EngineFailed`."""
    limit = _LIMIT + len(lines) // 20 + sum(len(line.text) for line in lines) // _CHARACTERS
    request = json.dumps({"limit": limit, "lines": [asdict(line) for line in lines]})
    # -P: a file `json.py` in the user's folder is not ours to import.
    command = [sys.executable, "-P", "-m", _WORKER]
    try:
        process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, encoding="utf-8")  # noqa: S603 - our own module, no shell; words go by standard input
    except OSError as error:
        raise _failed(str(error)) from error
    with process:
        try:
            said, complaint = _communicate(process, request, monotonic() + limit, heartbeat)
        except subprocess.TimeoutExpired as error:
            raise _failed(f"it did not answer within {limit} s") from error
        finally:
            process.kill()  # does nothing to one that has ended
    return [_said(*one) for one in _answer(said, complaint, process.returncode)["lines"]]


def _communicate(
    process: subprocess.Popen[str], request: str, deadline: float, heartbeat: Callable[[], None]
) -> tuple[str, str]:
    unsent: str | None = request
    while True:
        heartbeat()
        try:
            return process.communicate(unsent, timeout=_HEARTBEAT)
        except subprocess.TimeoutExpired:
            unsent = None  # the process has it, and `communicate` goes on from there
            if monotonic() > deadline:
                raise


def _answer(said: str, complaint: str, status: int) -> JsonDict:
    try:
        answer: JsonDict = json.loads(said)
    except ValueError as error:
        last = (complaint.strip().splitlines() or ["no message"])[-1]
        raise _failed(f"exit status {status}, {last}") from error
    if "error" in answer:
        raise _failed(answer["error"])
    return answer


def _failed(reason: str) -> EngineFailed:
    return EngineFailed(
        Text(f"The voice (espeak-ng) failed: {reason}.", f"목소리(espeak-ng)를 만들지 못했어요: {reason}"),
        cure=Text("`pansori doctor` checks the voices.", "`pansori doctor`로 목소리를 점검해 보세요."),
    )


def _said(pcm: str, phonemes: Sequence[tuple[str, int]], words: Sequence[tuple[int, int]]) -> Said:
    import numpy as np

    samples = np.frombuffer(base64.b64decode(pcm), dtype=np.int16).astype(np.float64) / 32768.0
    return Said(samples, tuple((ipa, at) for ipa, at in phonemes), tuple((at, sample) for at, sample in words))
