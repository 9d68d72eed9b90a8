"""One who listens: finds the stretches of speech in a sound as it comes, and has each decoded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import numpy as np

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.dsp.vad import Endpointer
from pansori.engines.transcribe.base import HEARD_RATE, HeardSegment, HeardWord, Listening, Transcript
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, Utterance
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.engines.transcribe.sound import Heard
from pansori.lexicon.hangul import is_block

BEFORE: Final = Seconds(0.25)  #: of speech, which its first consonant may be in
KEPT: Final = round((BEFORE + 1.0) * HEARD_RATE)  #: samples that are not decoded yet
LONGEST: Final = 30 * HEARD_RATE  #: samples of a stretch that are decoded as one: who talks on is cut there
IN_LINE: Final = 4  #: stretches that may wait for a decoder while one listens
PIECE: Final = HEARD_RATE // 10
Understand = Callable[[Decoded], HeardSegment | None]


class Ear(Listening):
    """`understand` makes of what the decoder found a segment, with times from the beginning of its stretch. `notice`
    is told with whatever is understood, `missed` where somebody speaks and nothing is. `lent` ends when it is over,
    also where it is only dropped: until then the pool stays."""

    def __init__(
        self,
        pool: Pool,
        understand: Understand,
        language: str,
        *,
        missed: Text,
        lent: ExitStack,
        notice: Text | None = None,
    ) -> None:
        self._pool = pool
        self._lent = lent
        self._understand = understand
        self._language = language
        self._notice = notice
        self._missed = missed
        self._spoke = False
        self._endpointer = Endpointer()
        self._recent = np.zeros(0, np.float32)
        self._heard = 0
        self._utterance: Utterance | None = None
        self._over: deque[tuple[Utterance, int]] = deque()  #: that wait for a decoder, and where each began
        self._begun = 0
        self._partial = ""
        self._segments: list[HeardSegment] = []

    def feed(self, samples: Heard) -> str:
        for at in range(0, len(samples), PIECE):
            self._next(samples[at : at + PIECE])
        return " ".join(filter(None, [*(one.text for one in self._segments), self._partial]))

    def close(self) -> None:
        utterance, self._utterance = self._utterance, None
        for one in (utterance, *(over for over, _ in self._over)):
            if one is not None:
                one.close()
        self._over.clear()
        self._lent.close()

    def finish(self) -> Transcript:
        self._end()
        self._take_over(wait=True)
        self.close()
        text = " ".join(one.text for one in self._segments)
        return Transcript(
            text=text,
            language=("ko" if any(map(is_block, text)) else "en") if text else self._language,
            duration=Seconds(self._heard / HEARD_RATE),
            segments=tuple(self._segments),
            confidence=min((one.confidence for one in self._segments if one.confidence is not None), default=None),
            notices=tuple(filter(None, (self._told(text),))),
        )

    def _told(self, text: str) -> Text | None:
        return self._notice if text else self._missed if self._spoke else None

    def _next(self, samples: Heard) -> None:
        self._recent = np.concatenate((self._recent, samples))[-KEPT:]
        self._heard += len(samples)
        if self._utterance is not None:
            self._partial = self._utterance.feed(samples)
        for edge in self._endpointer.feed(samples):
            if edge.kind == "started":
                self._begin(edge.at)
            else:
                self._end()
        if self._utterance is not None and self._heard - self._begun > LONGEST:
            self._end()
            self._begin(Seconds(self._heard / HEARD_RATE + BEFORE))

    def _begin(self, at: Seconds) -> None:
        """Take up the speech that began at `at`, from a little before."""
        self._take_over(wait=False)
        first = max(round((at - BEFORE) * HEARD_RATE), self._heard - len(self._recent), self._begun, 0)
        self._begun = first
        self._utterance = Utterance(self._pool)
        self._partial = self._utterance.feed(self._recent[len(self._recent) - (self._heard - first) :])

    def _end(self) -> None:
        utterance, self._utterance, self._partial = self._utterance, None, ""
        if utterance is None:
            return
        self._spoke = True
        self._over.append((utterance, self._begun))
        self._begun = self._heard
        self._take_over(wait=len(self._over) > IN_LINE)

    def _take_over(self, *, wait: bool) -> None:
        """What was found in the stretches that are over, in order, as far as there are decoders for them. While one
        listens nobody waits for any: other conversations would wait with them."""
        while self._over and (found := self._over[0][0].end(wait=wait)) is not None:
            _, begun = self._over.popleft()
            segment = self._understand(found)
            if segment is not None:
                self._segments.append(_later(segment, Seconds(begun / HEARD_RATE)))


def _later(segment: HeardSegment, by: Seconds) -> HeardSegment:
    def moved(one: HeardSegment | HeardWord) -> dict[str, Seconds]:
        return {"start": Seconds(round(one.start + by, 3)), "end": Seconds(round(one.end + by, 3))}

    words = tuple(word.model_copy(update=moved(word)) for word in segment.words)
    return segment.model_copy(update={**moved(segment), "words": words})
