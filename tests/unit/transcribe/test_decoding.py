"""What a search does with an utterance that is broken off."""

from __future__ import annotations

import gc
import signal
from functools import partial
from types import FrameType

import numpy as np
import pytest

from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, Search, Utterance, commands
from pansori.engines.transcribe.pocketsphinx.network import network_of
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.lexicon.commands import heard
from support.signals import coming
from support.talking import spoken

GOES_THROUGH, ALIGNS = Search._search.__code__, Search._phonemes.__code__


def understood(pool: Pool) -> Decoded | None:
    utterance = Utterance(pool)
    utterance.feed(spoken("What can you do?").astype(np.float32))
    return utterance.end()


def test_ctrl_c_may_come_while_phonemes_are_looked_for() -> None:
    """Each time that the sound is gone through once more. The same search then understands the next utterance."""
    pool = Pool(partial(commands, network_of(heard("en"))), most=1)
    told = understood(pool)
    assert told is not None
    assert told.text == "what can you do"
    assert [len(word) for word in told.phonemes] == [3, 3, 2, 2]
    for time in (1, 2):
        times = 0

        def is_time(frame: FrameType, time: int = time) -> bool:
            nonlocal times
            times += frame.f_code is GOES_THROUGH and frame.f_back is not None and frame.f_back.f_code is ALIGNS
            return times == time

        with pytest.raises(KeyboardInterrupt), coming(signal.SIGINT, is_time):
            understood(pool)
        gc.collect()  # and with what was raised the utterance is gone
        search = pool.take(wait=False)
        assert search is not None
        pool.give(search)
        assert understood(pool) == told
