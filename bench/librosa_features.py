"""What the analysis is compared with: librosa's tempo, beats, onsets, chroma, MFCC, spectral features and RMS of a
file, at its defaults. Run by a Python that has it; prints the seconds of each run, the first of which compiles."""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any


def features(librosa: Any, path: str) -> None:
    samples, rate = librosa.load(path)
    librosa.beat.beat_track(y=samples, sr=rate)
    librosa.onset.onset_detect(y=samples, sr=rate)
    for name in ("chroma_stft", "mfcc", "spectral_centroid", "spectral_bandwidth", "spectral_contrast"):
        getattr(librosa.feature, name)(y=samples, sr=rate)
    librosa.feature.spectral_rolloff(y=samples, sr=rate)
    librosa.feature.spectral_flatness(y=samples)
    librosa.feature.rms(y=samples)


def main() -> None:
    librosa = importlib.import_module("librosa")
    path, runs, taken = sys.argv[1], int(sys.argv[2]), []
    for _ in range(runs):
        began = time.perf_counter()
        features(librosa, path)
        taken.append(time.perf_counter() - began)
    print(json.dumps({"seconds": taken, "version": librosa.__version__}))


if __name__ == "__main__":
    main()
