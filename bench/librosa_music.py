"""What librosa hears at its defaults: tempo, beats, and a key. Run by a Python that has it.

It has no bars and no keys of its own. Every fourth of its beats stands for the first of a bar, and the key is the one
whose profile (C. Krumhansl and E. Kessler, 1982) its mean chroma is most like, as is usual among those who use it.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import numpy as np

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def heard(librosa: Any, path: str) -> dict[str, Any]:
    samples, rate = librosa.load(path)
    tempo, frames = librosa.beat.beat_track(y=samples, sr=rate)
    beats = librosa.frames_to_time(frames, sr=rate)
    chroma = librosa.feature.chroma_cqt(y=samples, sr=rate).mean(axis=1)
    likeness = {
        f"{NOTES[tonic]} {mode}": float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1])
        for mode, profile in PROFILES.items()
        for tonic in range(12)
    }
    key = max(likeness, key=lambda name: likeness[name])
    return {"tempo": float(np.atleast_1d(tempo)[0]), "beats": beats.tolist(), "key": key}


def main() -> None:
    librosa = importlib.import_module("librosa")
    print(json.dumps([heard(librosa, path) for path in sys.argv[1:]]))


if __name__ == "__main__":
    main()
