"""What is said in a live conversation, from its first sound to its last."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE, Listening, Transcript

if TYPE_CHECKING:  # servers do not calculate before somebody speaks
    import numpy as np
    import numpy.typing as npt

BEFORE: Final = Seconds(0.3)  #: that is heard before speech is found to have begun: first consonants are soft
LONGEST: Final = Seconds(60.0)  #: after which it is taken to be over, whoever goes on


class Utterance:
    """Heard while it is spoken by one thread, and understood by another once it is over."""

    def __init__(self, number: int, listening: Listening, engine: str) -> None:
        """`engine`: the name of the one that listens."""
        self.number = number
        self.since = time.perf_counter()
        self.first_at: float | None = None
        """When something was understood for the first time, by `perf_counter`."""
        self.partial = ""
        self.samples: list[npt.NDArray[np.float32]] = []
        self._listening = listening
        self._engine = engine
        self._count = 0

    def feed(self, samples: npt.NDArray[np.float32]) -> bool:
        """Whether something else is understood now."""
        self.samples.append(samples)
        self._count += len(samples)
        partial = self._listening.feed(samples)
        if partial and self.first_at is None:
            self.first_at = time.perf_counter()
        changed = bool(partial) and partial != self.partial
        self.partial = partial or self.partial
        return changed

    @property
    def duration(self) -> Seconds:
        return Seconds(self._count / HEARD_RATE)

    def understand(self) -> Transcript:
        """Once, unless it was closed."""
        told = self._listening.finish()
        return told.model_copy(update={"engine": told.engine or self._engine})

    def close(self) -> None:
        """Nobody wants to understand it, or has already."""
        self._listening.close()
