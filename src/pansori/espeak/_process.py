"""Lines of text, spoken in a process of their own: the library's state never outlives one request."""

from __future__ import annotations

import atexit
import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from subprocess import DEVNULL, PIPE
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
_PIECE = 1 << 20  # bytes that are read at once
_PIPE = 1 << 13  # bytes that any pipe has room for
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


def say(
    lines: Sequence[Line], heartbeat: Callable[[], None] = lambda: None, *, by: Resident | None = None
) -> list[Said]:
    """Speak each line, in a fresh process or by one that stays. `heartbeat` is called several times a second; what it
    raises ends the speaking. Raises `EngineFailed`."""
    limit = _LIMIT + len(lines) // 20 + sum(len(line.text) for line in lines) // _CHARACTERS
    if by is not None:
        requests: list[JsonDict] = [{"limit": limit, "lines": [asdict(line)]} for line in lines]
        return [_said(*answer["lines"][0]) for answer in by.ask(requests, limit, heartbeat)]
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


class Resident:
    """A process that has loaded the library and stays, so that a text is spoken in milliseconds. For any number of
    threads; they take turns. One that fails or is called off is gone, and the next text starts another."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # whose child it is
        self._turn = threading.Lock()
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process; None: there is none now."""
        with self._lock:
            return self._process.pid if self._process and self._owner == os.getpid() else None

    def ask(
        self, requests: Sequence[JsonDict], limit: float, heartbeat: Callable[[], None] = lambda: None
    ) -> list[JsonDict]:
        """The worker's answers, within `limit` seconds. Raises `EngineFailed`, and what `heartbeat` raises."""
        while not self._turn.acquire(timeout=_HEARTBEAT):
            heartbeat()
        try:
            if self.pid is not None:
                try:
                    return self._asked(requests, limit, heartbeat)
                except OSError:
                    pass  # it had ended meanwhile: another one is asked
            return self._asked(requests, limit, heartbeat)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _failed(str(error)) from error
        finally:
            self._turn.release()

    def _asked(self, requests: Sequence[JsonDict], limit: float, heartbeat: Callable[[], None]) -> list[JsonDict]:
        """Raises `OSError` where the process ends; none is left then, nor where anything else goes wrong."""
        deadline = monotonic() + _LIMIT + limit
        answers: list[JsonDict] = []
        try:
            process = self._started(heartbeat)
            assert process.stdin is not None
            for several in _together(requests):
                process.stdin.write(b"".join(several))
                process.stdin.flush()
                lines = _read_lines(process, len(several), deadline, heartbeat)
                answers += (_answer(line.decode(), "", 0) for line in lines)
        except BaseException:
            self.close()
            raise
        return answers

    def close(self) -> None:
        """End the process. The next text starts another."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None and os.getpid() == self._owner:  # not in a process that was forked from that one
            atexit.unregister(self.close)
            with suppress(ProcessLookupError):  # with the child that is speaking
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def _started(self, heartbeat: Callable[[], None]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
                return self._process
        self.close()
        command = [sys.executable, "-P", "-m", _WORKER, "stay"]
        process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, process_group=0)  # noqa: S603 - as in `say`
        with self._lock:
            self._process, self._owner = process, os.getpid()
        atexit.register(self.close)
        [ready] = _read_lines(process, 1, monotonic() + _LIMIT, heartbeat)
        _answer(ready.decode(), "", process.poll() or 0)
        return process


def _together(requests: Sequence[JsonDict]) -> Iterator[list[bytes]]:
    """As lines; as many at once as fit into a pipe that nobody has begun to read."""
    several: list[bytes] = []
    for request in requests:
        line = json.dumps(request, ensure_ascii=False).encode() + b"\n"
        if several and sum(map(len, several)) + len(line) > _PIPE:
            yield several
            several = []
        several.append(line)
    if several:
        yield several


def _read_lines(
    process: subprocess.Popen[bytes], count: int, deadline: float, heartbeat: Callable[[], None]
) -> list[bytes]:
    """Raises `OSError` where the process has ended, `TimeoutExpired`."""
    assert process.stdout is not None
    pieces: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while sum(piece.count(b"\n") for piece in pieces) < count:
            if selector.select(_HEARTBEAT):
                piece = os.read(process.stdout.fileno(), _PIECE)
                if not piece:
                    raise OSError("it has ended")
                pieces.append(piece)
            heartbeat()
            if monotonic() > deadline:
                raise subprocess.TimeoutExpired(_WORKER, _LIMIT)
    return b"".join(pieces).splitlines()


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
