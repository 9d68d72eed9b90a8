"""PocketSphinx's decoder: sound in as it is spoken, words with their times and how well they fit out.

Cepstra are normalised by their mean, which a decoder that hears as one speaks has to guess. It is measured on the
first second, and only then is anything decoded: so the words come a second late, once.
"""

from __future__ import annotations

import functools
import math
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE
from pansori.engines.transcribe.pocketsphinx.network import END, START, Network
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.engines.transcribe.pocketsphinx.pronunciation import pronunciations
from pansori.engines.transcribe.sound import Heard, as_pcm

FRAMES: Final = 100  #: a second
SMOOTHED: Final = 5  #: frames, by whose mean it is told how loud one is
FIRST: Final = HEARD_RATE  #: samples by which the mean is known
AT_ONCE: Final = 2 * HEARD_RATE // 10  #: bytes that are searched at once
SCALE: Final = 1024  #: by which logarithms of acoustic scores are shrunk inside (SENSCR_SHIFT)
LOUDNESS: Final = 0.1  #: root mean square that recordings are brought to: the model was trained on some such
#: How much less likely than the best a beginning may be and still be followed: wider than usual, since Korean fits
#: English phonemes badly at first.
BEAMS: Final = {"beam": 1e-64, "pbeam": 1e-64, "wbeam": 1e-48}
#: How many times as much as sounds it weighs, in logarithms, that another word could have come next: frames are not as
#: independent of each other as their scores suppose.
WAYS: Final = 5.0
#: Root mean square of the noise that is added: the model was trained on sound with some, and fits one without it badly.
HISS: Final = 0.007
COMMANDS: Final = "commands"  #: how the decoder calls the network
_FILLERS: Final = frozenset({"(NULL)", "<sil>", "<s>", "</s>", "SIL", "[NOISE]", "[SPEECH]", "+NSN+", "+SPN+"})


@dataclass(frozen=True)
class Said:
    """A word, from `start` up to `end` in seconds from the beginning of the utterance."""

    text: str
    start: Seconds
    end: Seconds


@dataclass(frozen=True)
class Part:
    """What a search took the frames from `first` to `last` for: a word, or silence. `score`: natural logarithm of how
    likely their sound is, were it that, relative to the best that its search looked at."""

    first: int
    last: int
    score: float
    spoken: bool

    @property
    def length(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Decoded:
    """What an utterance is. `loud`: which of its frames are nearer in level, in dB, to its loud ones than to its quiet
    ones, which are noise. `phonemes`: how many frames each takes, of each word; none where they were not looked for."""

    words: tuple[Said, ...]
    parts: tuple[Part, ...]
    loud: npt.NDArray[np.bool_] = field(compare=False)
    phonemes: tuple[tuple[int, ...], ...] = ()

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


class Search:
    """One way to look for words, with a decoder of its own, for one utterance at a time. `aligned`: then for their
    phonemes."""

    def __init__(self, decoder: Any, *, aligned: bool = False) -> None:
        self._decoder = decoder
        self._aligned = aligned
        self._begun = False
        self._mean = ""
        self._pcm = bytearray()

    def measure(self, pcm: bytes) -> str:
        """The mean of its cepstra, as `begin` takes it."""
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, no_search=True, full_utt=True)
        self._decoder.end_utt()
        return str(self._decoder.get_cmn())

    def begin(self, mean: str) -> None:
        self._mean = mean
        self._pcm.clear()
        self._start()

    def feed(self, pcm: bytes) -> str:
        """What is understood so far."""
        self._pcm += pcm
        self._search(pcm)
        found = self._decoder.hyp()
        return found.hypstr if found else ""

    def end(self) -> Decoded:
        """Without words where it is nothing that was looked for."""
        self.drop()
        found = list(self._decoder.seg()) if self._decoder.hyp() is not None else []
        words = tuple(
            Said(_plain(one.word), Seconds(one.start_frame / FRAMES), Seconds((one.end_frame + 1) / FRAMES))
            for one in found
            if one.word not in _FILLERS
        )
        return Decoded(
            words,
            tuple(
                Part(
                    one.start_frame, one.end_frame, SCALE * math.log(max(one.ascore, 1e-300)), one.word not in _FILLERS
                )
                for one in found
                if one.end_frame >= one.start_frame
            ),
            loud=_loud(np.frombuffer(self._pcm, "<i2")),
            phonemes=self._phonemes(" ".join(one.text for one in words)) if self._aligned and words else (),
        )

    def drop(self) -> None:
        """Hear no more of an utterance that has begun."""
        if self._begun:
            self._begun = False
            self._decoder.end_utt()

    def _start(self) -> None:
        self._decoder.reinit_feat()  # or what was heard before would be remembered as noise
        self._decoder.set_cmn(self._mean)
        self._begun = True  # Ctrl-C may come while it begins
        self._decoder.start_utt()

    def _search(self, pcm: bytes | bytearray) -> None:
        """A tenth of a second at a time: nothing else is done in this process while it is searched."""
        for at in range(0, len(pcm), AT_ONCE):
            self._decoder.process_raw(bytes(pcm[at : at + AT_ONCE]))

    def _phonemes(self, text: str) -> tuple[tuple[int, ...], ...]:
        """Their lengths in each word of what was found in the utterance, by going through it twice more for that
        sentence alone: the decoder wants to know where words are before it looks into them. None where it loses its
        way."""
        decoder = self._decoder
        try:
            for look in (partial(decoder.set_align_text, text), decoder.set_alignment):
                look()
                self._start()
                self._search(self._pcm)
                self.drop()
            return tuple(
                tuple(phoneme.duration for phoneme in word)
                for word in decoder.get_alignment()
                if _plain(word.name) not in _FILLERS
            )
        except RuntimeError:
            return ()
        finally:
            with suppress(RuntimeError):  # cut off by Ctrl-C it has not come to the end that it looks for
                self.drop()
            decoder.activate_search(COMMANDS)


class Utterance:
    """One stretch of speech, by a search that is lent when its first second is there and one is free, and at the latest
    at its end. Take what it found from `end`, once; or `close` it. Who drops it has closed it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._search: Search | None = None
        self._back: Callable[[], object] | None = None
        self._waiting: list[Heard] = []
        self._length = 0
        self._first = 0  #: samples of the first second, with those that came with its last
        self._gain = 0.0
        self._random = np.random.default_rng(0)

    def feed(self, samples: Heard) -> str:
        """What is understood so far."""
        if self._search is not None:
            return self._search.feed(self._levelled(samples))
        self._waiting.append(samples)
        self._length += len(samples)
        if self._length >= FIRST and not self._first:
            self._first = self._length
        return self._begin(wait=False) if self._first else ""

    def end(self, *, wait: bool = True) -> Decoded | None:
        """None: there is no search for it yet; it has to be asked once more."""
        if self._search is None:
            self._begin(wait=wait)
        if self._search is None:
            return None
        found = self._search.end()
        self.close()
        return found

    def close(self) -> None:
        """Give back what was lent."""
        self._search = None
        if self._back is not None:
            self._back()

    def _begin(self, *, wait: bool) -> str:
        search = self._pool.take(wait=wait)
        if search is None:
            return ""
        self._search = search
        self._back = back = weakref.finalize(self, self._pool.give, search)
        back.atexit = False
        whole, self._waiting = np.concatenate(self._waiting), []
        first, rest = np.split(whole, [self._first or len(whole)])
        self._gain = LOUDNESS / max(float(np.sqrt(np.mean(np.square(first, dtype=np.float64)))), 1e-5)
        pcm = self._levelled(first)
        search.begin(search.measure(pcm))
        return search.feed(pcm + self._levelled(rest))

    def _levelled(self, samples: Heard) -> bytes:
        hiss = self._random.standard_normal(len(samples), dtype=np.float32) * np.float32(HISS)
        return as_pcm(samples * np.float32(self._gain) + hiss)


def _loud(samples: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    frame = HEARD_RATE // FRAMES
    whole = samples[: len(samples) // frame * frame].reshape(-1, frame)
    if not len(whole):
        return np.zeros(0, np.bool_)
    power = np.convolve(np.square(whole, dtype=np.float64).mean(axis=1), np.full(SMOOTHED, 1 / SMOOTHED))
    level = np.log10(power[SMOOTHED // 2 : SMOOTHED // 2 + len(whole)] + 1.0)
    quiet, loud = np.percentile(level, (5, 90))
    return np.asarray(level > (quiet + loud) / 2, np.bool_)


def commands(network: Network) -> Search:
    """A search for what a network says. Raises `KeyError` for words without a pronunciation."""
    from pocketsphinx import Decoder, get_model_path

    folder = Path(get_model_path("en-us"))
    with tempfile.NamedTemporaryFile("w", suffix=".dict", encoding="utf-8") as file:
        file.write(_dictionary(network.words, folder / "cmudict-en-us.dict"))
        file.flush()
        decoder = Decoder(lm=None, dict=file.name, bestpath=False, maxhmmpf=-1, loglevel="FATAL", **BEAMS)
    ways_from = Counter(step.source for step in network.steps)
    arcs = [
        (step.source, step.target, ways_from[step.source] ** -WAYS, *([step.word] if step.word else []))
        for step in network.steps
    ]
    decoder.add_fsg(COMMANDS, decoder.create_fsg(COMMANDS, START, END, arcs))
    decoder.activate_search(COMMANDS)
    return Search(decoder, aligned=True)


@functools.lru_cache(4)
def _dictionary(words: frozenset[str], whole: Path) -> str:
    """Their lines, as the decoder reads them: to find them among all takes longer than all else."""
    return "".join(
        f"{word}{f'({number})' if number > 1 else ''} {' '.join(phonemes)}\n"
        for word, ways in sorted(pronunciations(words, whole).items())
        for number, phonemes in enumerate(ways, start=1)
    )


def dictation() -> Search:
    """A search for any English, by the dictionary and the language model that come with the decoder."""
    from pocketsphinx import Decoder

    return Search(Decoder(loglevel="FATAL"))


def _plain(word: str) -> str:
    """Without the number of its pronunciation."""
    return word.partition("(")[0]
