"""Speech that is slower or quicker than an engine can speak: it comes as near as it can, and its sound is stretched, at
the pitch that it has (WSOLA: Verhelst and Roelands, ICASSP 1993; here FFmpeg's, `atempo`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.speak.base import SpokenPhoneme, SpokenWord

Mono = npt.NDArray[np.float32]  #: shape [n], full scale ±1.0


def paced(
    samples: Mono, words: Sequence[SpokenWord], rate: SampleRateHz, tempo: float
) -> tuple[Mono, tuple[SpokenWord, ...]]:
    """What was said and when, `tempo` times as quick."""
    if tempo == 1.0 or not len(samples):
        return samples, tuple(words)
    wanted = round(len(samples) / tempo)
    stretched = np.concatenate([*_stretched(samples, rate, tempo), np.zeros(wanted, np.float32)])
    return stretched[:wanted], tuple(_moved(word, tempo) for word in words)


def _stretched(samples: Mono, rate: SampleRateHz, tempo: float) -> Iterator[Mono]:
    """In pieces; together a few hundredths of a second longer or shorter than it should be."""
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono", time_base=Fraction(1, rate))
    filters = [graph.add("atempo", f"{step:.6f}") for step in _steps(tempo)]
    graph.link_nodes(source, *filters, graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples, np.float32)[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts = rate, 0
    graph.push(frame)
    graph.push(None)
    while True:
        try:
            yield graph.pull().to_ndarray()[0]
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _steps(tempo: float) -> list[float]:
    """Each from a half to twice as quick: below that the filter does not go, and far above it ends the process."""
    count = math.ceil(abs(math.log2(tempo)))
    return [tempo ** (1 / count)] * count


def _moved(word: SpokenWord, tempo: float) -> SpokenWord:
    def told(time: Seconds) -> Seconds:
        return Seconds(round(time / tempo, 4))

    phonemes = tuple(SpokenPhoneme(ipa=one.ipa, start=told(one.start), end=told(one.end)) for one in word.phonemes)
    return word.model_copy(update={"start": told(word.start), "end": told(word.end), "phonemes": phonemes})
