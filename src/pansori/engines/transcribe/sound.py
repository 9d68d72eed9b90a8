"""Sound as transcribers hear it: one channel, 16,000 samples a second, in blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Final

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Seconds
from pansori.dsp import mapped
from pansori.engines.base import Recording
from pansori.engines.transcribe.base import HEARD_RATE, HeardSegment, HeardWord, Listening, Transcript

Heard = npt.NDArray[np.float32]  #: shape [n], at `HEARD_RATE`, full scale ±1.0
LONGEST_UTTERANCE: Final = Seconds(600.0)  #: that is kept while it is spoken


def heard(recording: Recording, blocks_of: Seconds = Seconds(10.0)) -> Iterator[Heard]:  # noqa: B008 - a number
    """The mean of its channels in blocks of about so long, so that an hour takes no more memory than a minute. Nothing
    for a recording that is shorter than a sample."""
    blocks = mapped.blocks(recording.samples, max(1, round(blocks_of * recording.rate)))
    means = (np.asarray(block, dtype=np.float32).mean(axis=0) for block in blocks)
    if recording.rate == HEARD_RATE:
        yield from (block for block in means if block.size)
        return
    import soxr

    resampler = soxr.ResampleStream(recording.rate, HEARD_RATE, 1, dtype="float32")
    for block in means:
        if (resampled := resampler.resample_chunk(block)).size:
            yield resampled
    if (rest := resampler.resample_chunk(np.zeros(0, np.float32), last=True)).size:
        yield rest


def as_pcm(samples: Heard) -> bytes:
    """As 16-bit little-endian samples, which engines and files of others take."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


class Collecting(Listening):
    """Keeps what is said until it is over, for engines that understand a whole utterance at once."""

    def __init__(self, understand: Callable[[Heard], Transcript], held: ExitStack | None = None) -> None:
        """`held`: what it takes to understand, until it is over."""
        self._understand = understand
        self._held = held or ExitStack()
        self._parts: list[Heard] = []
        self._length = 0

    def feed(self, samples: Heard) -> str:
        """Raises `InvalidRequest` where one speaks for longer than `LONGEST_UTTERANCE`."""
        self._length += len(samples)
        if self._length > LONGEST_UTTERANCE * HEARD_RATE:
            raise too_long()
        self._parts.append(samples.copy())
        return ""

    def finish(self) -> Transcript:
        with self._held:
            return self._understand(np.concatenate([np.zeros(0, np.float32), *self._parts]))

    def close(self) -> None:
        self._held.close()


def listen_through(listening: Listening, recording: Recording, look: Callable[[Seconds], None]) -> Transcript:
    """What is said in a recording, by one who listens. `look` is told how far it is after each second of it."""
    with closing(listening):
        done = Seconds(0.0)
        for block in heard(recording, blocks_of=Seconds(1.0)):
            listening.feed(block)
            done = Seconds(done + 1.0)
            look(done)
        return within(listening.finish(), recording.duration)


def too_long() -> InvalidRequest:
    minutes = f"{LONGEST_UTTERANCE / 60:.0f}"
    return InvalidRequest(
        Text(f"An utterance may last {minutes} minutes at most.", f"한 번에 {minutes}분까지만 이어서 말할 수 있어요."),
        field="recording",
    )


def within(transcript: Transcript, duration: Seconds) -> Transcript:
    """The same of a recording that lasts `duration`: resampling and windows tell times a little beyond its end."""

    def cut(one: HeardWord | HeardSegment) -> dict[str, Seconds]:
        return {"start": min(one.start, duration), "end": min(one.end, duration)}

    segments = tuple(
        one.model_copy(
            update={**cut(one), "words": tuple(word.model_copy(update=cut(word)) for word in one.words)},
        )
        for one in transcript.segments
    )
    return transcript.model_copy(update={"duration": duration, "segments": segments})
