"""Run as a process: reads lines of text from standard input, speaks them, writes sound, phonemes and words.

In:  {"limit": seconds, "lines": [the fields of `Line`, …]}
Out: {"lines": [[pcm in base64, [[ipa, sample], …], [[character, sample], …]], …]} or {"error": reason}

With the argument `stay` it does so for each line of standard input, one line of JSON a request, until there are no
more. Every request is spoken by a child that is forked from the library as it was when it had just been loaded, so that
none knows anything of those before it. There, {"limit": …, "voice": …, "phonemes": text} is answered with {"clauses":
[[ipa, mark], …]}.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import signal
import sys
from typing import Any

from pansori.espeak._binding import Espeak, EspeakError

STAY = "stay"
_CHOICE = ("voice", "words_per_minute", "pitch", "pitch_range")
_PACE = 175


def main(arguments: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM):  # which may come to all at once: it ends with those it works for
        signal.signal(number, signal.SIG_IGN)
    if arguments[1:] == [STAY]:
        return _stay()
    request = json.load(sys.stdin)
    # Ends this process even inside the library, should the one that started it be gone.
    signal.alarm(int(request["limit"]))
    try:
        answer = _answer(Espeak(), request)
    except (EspeakError, ImportError, OSError) as error:
        answer = _error(error)
    json.dump(answer, sys.stdout)
    return 1 if "error" in answer else 0


def _stay() -> int:
    try:
        espeak = Espeak()
    except (EspeakError, ImportError, OSError) as error:
        _write(_error(error))
        return 1
    gc.disable()  # it would touch, and so copy, all of the memory that a child shares
    gc.freeze()
    _write({})  # ready
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _speak_once(espeak, json.loads(line))
        _, status = os.waitpid(child, 0)
        if status != 0:
            _write({"error": f"it ended with status {os.waitstatus_to_exitcode(status)}"})
    return 0


def _speak_once(espeak: Espeak, request: dict[str, Any]) -> None:
    """In the child, which ends here."""
    signal.alarm(int(request["limit"]))
    try:
        answer = _answer(espeak, request)
    except (EspeakError, OSError) as error:
        answer = _error(error)
    _write(answer)
    os._exit(0)


def _write(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _answer(espeak: Espeak, request: dict[str, Any]) -> dict[str, Any]:
    if "phonemes" in request:
        espeak.choose(request["voice"], words_per_minute=_PACE)
        return {"clauses": espeak.phonemes(request["phonemes"])}
    spoken: list[tuple[str, list[tuple[str, int]], list[tuple[int, int]]]] = []
    chosen: dict[str, Any] = {}
    for line in request["lines"]:
        choice = {name: line[name] for name in _CHOICE}
        if choice != chosen:
            espeak.choose(**choice)
            chosen = choice
        said = espeak.say(line["text"], mnemonics=line["mnemonics"], echo=line["echo"])
        spoken.append((base64.b64encode(said.pcm).decode("ascii"), list(said.phonemes), list(said.words)))
    return {"lines": spoken}


def _error(error: Exception) -> dict[str, Any]:
    return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    sys.exit(main(sys.argv))
