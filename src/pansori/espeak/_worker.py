"""Run as a process: reads lines of text from standard input, speaks them, writes sound, phonemes and words.

In:  {"limit": seconds, "lines": [the fields of `Line`, …]}
Out: {"lines": [[pcm in base64, [[ipa, sample], …], [[character, sample], …]], …]} or {"error": reason}
"""

from __future__ import annotations

import base64
import json
import signal
import sys
from typing import Any

from pansori.espeak._binding import Espeak, EspeakError

_CHOICE = ("voice", "words_per_minute", "pitch", "pitch_range")


def main() -> int:
    request = json.load(sys.stdin)
    # Ends this process even inside the library, should the one that started it be gone.
    signal.alarm(int(request["limit"]))
    spoken: list[tuple[str, list[tuple[str, int]], list[tuple[int, int]]]] = []
    try:
        espeak = Espeak()
        chosen: dict[str, Any] = {}
        for line in request["lines"]:
            choice = {name: line[name] for name in _CHOICE}
            if choice != chosen:
                espeak.choose(**choice)
                chosen = choice
            said = espeak.say(line["text"], mnemonics=line["mnemonics"], echo=line["echo"])
            spoken.append((base64.b64encode(said.pcm).decode("ascii"), list(said.phonemes), list(said.words)))
    except (EspeakError, ImportError, OSError) as error:
        json.dump({"error": f"{type(error).__name__}: {error}"}, sys.stdout)
        return 1
    json.dump({"lines": spoken}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
