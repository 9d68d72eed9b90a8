"""What is understood so far of one who speaks, by an engine that understands a whole utterance at once: now and then it
is asked for what was said until then, as often as there is time for it."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import numpy as np

from pansori.domain.errors import Cancelled, Text
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE, Transcript
from pansori.engines.transcribe.sound import Collecting, Heard

log = logging.getLogger(__name__)

EVERY: Final = Seconds(1.0)  #: between two glances, and of speech before the first
SHARE: Final = 0.25  #: of the time that they may take
SLOW: Final = Seconds(0.5)  #: one that takes longer keeps whoever has finished waiting
SELDOM: Final = 0.005  #: of the time that such ones may take, so that a machine that was only busy is tried again
WINDOW: Final = 25 * HEARD_RATE  #: samples of one glance; what was understood of earlier ones stands
OVER: Final = Text("They have finished.", "말이 끝났어요.")

Glance = Callable[[Heard, Callable[[], None]], str]


class Pace:
    """Of one model, whoever speaks: one glance at a time, and so many as it is quick. Any thread may call."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._busy = False
        self._begun = 0.0
        self._next = -math.inf

    def begin(self) -> bool:
        """Whether there is time for one now. Who is told so ends it."""
        with self._lock:
            if self._busy or (now := self._clock()) < self._next:
                return False
            self._busy, self._begun = True, now
            return True

    def end(self) -> None:
        with self._lock:
            self._busy = False
            took = self._clock() - self._begun
            self._next = self._begun + max(EVERY, took / (SHARE if took <= SLOW else SELDOM))


class Glancing(Collecting):
    """`glance` tells what was said in samples, and calls what it is given as often as it can, which may raise."""

    def __init__(
        self,
        understand: Callable[[Heard], Transcript],
        glance: Glance,
        pace: Pace,
        held: ExitStack | None = None,
    ) -> None:
        super().__init__(understand, held)
        self._glance = glance
        self._pace = pace
        self._over = threading.Event()
        self._looking: threading.Thread | None = None
        self._settled = ""  #: what was said before `_from`
        self._from = 0
        self._latest = ""

    def feed(self, samples: Heard) -> str:
        super().feed(samples)
        if self._may_look() and self._pace.begin():
            self._look()
        return self._latest

    def finish(self) -> Transcript:
        self._over.set()
        return super().finish()

    def close(self) -> None:
        """A glance ends by itself, as soon as it is asked: whoever has finished does not wait for it."""
        self._over.set()
        super().close()

    def _may_look(self) -> bool:
        if self._over.is_set() or self._length - self._from < EVERY * HEARD_RATE:
            return False
        return self._looking is None or not self._looking.is_alive()

    def _look(self) -> None:
        said = np.concatenate(self._parts)[self._from :][:WINDOW]
        self._looking = threading.Thread(target=self._take_in, args=(said,), name="glance", daemon=True)
        try:
            self._looking.start()
        except RuntimeError:  # no room for a thread: it goes without
            self._looking = None
            self._pace.end()

    def _take_in(self, samples: Heard) -> None:
        try:
            text = " ".join(filter(None, (self._settled, self._glance(samples, self._check))))
        except Cancelled:
            return
        except Exception:  # whoever wants to know what was said will be told
            log.warning("what is said could not be understood before it is over", exc_info=True)
            self._over.set()
            return
        finally:
            self._pace.end()
        self._latest = text
        if len(samples) == WINDOW:
            self._settled, self._from = text, self._from + WINDOW

    def _check(self) -> None:
        if self._over.is_set():
            raise Cancelled(OVER)
