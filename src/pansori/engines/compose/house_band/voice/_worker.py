"""Run as a process: reads the words of a song from standard input, speaks them, writes sound and phonemes.

In:  {"limit": seconds, "words_per_minute": n, "words": [[voice, text], …]}
Out: {"words": [[pcm in base64, [[ipa, sample], …]], …]} or {"error": reason}
"""

from __future__ import annotations

import base64
import json
import signal
import sys

from pansori.engines.compose.house_band.voice.espeak import Espeak, EspeakError


def main() -> int:
    request = json.load(sys.stdin)
    # Ends this process even inside the library, should the one that started it be gone.
    signal.alarm(int(request["limit"]))
    spoken: list[tuple[str, list[tuple[str, int]]]] = []
    try:
        espeak, chosen = Espeak(), ""
        for voice, text in request["words"]:
            if voice != chosen:
                espeak.choose(voice, words_per_minute=request["words_per_minute"])
                chosen = voice
            utterance = espeak.say(text)
            spoken.append((base64.b64encode(utterance.pcm).decode("ascii"), list(utterance.phonemes)))
    except (EspeakError, ImportError, OSError) as error:
        json.dump({"error": f"{type(error).__name__}: {error}"}, sys.stdout)
        return 1
    json.dump({"words": spoken}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
