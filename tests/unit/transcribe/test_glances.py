"""What is understood so far by an engine that understands a whole utterance: as often as there is time for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE, Transcript
from pansori.engines.transcribe.glances import EVERY, SHARE, SLOW, WINDOW, Glancing, Pace
from pansori.engines.transcribe.sound import Heard
from support.waiting import eventually

SECOND = np.zeros(HEARD_RATE, np.float32)
NOTHING = np.zeros(0, np.float32)
STEP = 0.25  #: seconds that a clock goes on by when it is looked at: a glance takes one of them


class Clock:
    """Goes on when it is told to."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.mark.parametrize("took", [0.0, 0.1, EVERY * SHARE, SLOW])
def test_glances_of_a_quick_model_take_a_share_of_the_time(took: float) -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.begin()
    assert not pace.begin(), "one at a time"
    clock.now += took
    pace.end()
    due = max(EVERY, took / SHARE)
    clock.now = due - 0.01
    assert not pace.begin()
    clock.now = due
    assert pace.begin()


def test_a_model_that_is_slow_is_hardly_ever_asked() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.begin()
    clock.now += SLOW + 0.1
    pace.end()
    clock.now += 60.0
    assert not pace.begin()
    clock.now += 3600.0
    assert pace.begin(), "the machine may only have been busy"


class Whole:
    """An engine: understands how many seconds it was given, and counts how often it glanced."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.glances: list[int] = []
        self.go = threading.Event()
        self.go.set()
        self.listening = Glancing(self.understand, self.glance, pace or Pace(Clock(STEP)))

    def understand(self, samples: Heard) -> Transcript:
        return Transcript(text=told(samples), language="en", duration=Seconds(len(samples) / HEARD_RATE))

    def glance(self, samples: Heard, look: Callable[[], None]) -> str:
        self.glances.append(len(samples))
        while not self.go.wait(0.01):
            look()
        return told(samples)


def told(samples: Heard) -> str:
    return f"{len(samples) / HEARD_RATE:.0f} seconds"


def test_what_was_said_so_far_is_told_while_one_speaks() -> None:
    whole = Whole()
    assert whole.listening.feed(SECOND[: HEARD_RATE // 2]) == ""
    assert whole.glances == [], "that is too little"
    whole.listening.feed(SECOND[: HEARD_RATE // 2])
    assert eventually(lambda: whole.listening.feed(NOTHING)) == "1 seconds"
    whole.listening.feed(SECOND)
    assert eventually(lambda: whole.listening.feed(NOTHING) == "2 seconds")
    assert whole.listening.finish().text == "2 seconds"


def test_what_was_understood_long_ago_stands() -> None:
    whole = Whole()
    seconds = WINDOW // HEARD_RATE
    whole.listening.feed(np.tile(SECOND, seconds + 2))
    assert eventually(lambda: whole.listening.feed(NOTHING) == f"{seconds} seconds 2 seconds")
    assert set(whole.glances) == {WINDOW, 2 * HEARD_RATE}
    whole.listening.close()


def test_who_finishes_waits_for_no_glance_that_can_be_called_off() -> None:
    whole = Whole()
    whole.go.clear()
    whole.listening.feed(SECOND)
    eventually(lambda: whole.glances)
    for _ in range(3):
        assert whole.listening.feed(SECOND) == ""
    assert len(whole.glances) == 1
    assert whole.listening.finish().text == "4 seconds"


def test_those_who_speak_at_once_share_one_pace() -> None:
    pace = Pace(Clock(STEP))
    one, other = Whole(pace), Whole(pace)
    one.go.clear()
    one.listening.feed(SECOND)
    eventually(lambda: one.glances)
    other.listening.feed(SECOND)
    assert other.glances == []
    one.listening.close()
    assert eventually(lambda: other.listening.feed(NOTHING)) == "1 seconds"
    other.listening.close()


def test_what_goes_wrong_in_one_leaves_the_end_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    def fails(samples: Heard, look: Callable[[], None]) -> str:
        raise ZeroDivisionError

    whole = Whole()
    listening = Glancing(whole.understand, fails, Pace(Clock(STEP)))
    listening.feed(SECOND)
    eventually(lambda: "could not be understood" in caplog.text)
    assert listening.feed(SECOND) == ""
    assert listening.finish().text == "2 seconds"
