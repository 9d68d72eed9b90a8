"""Sound that is stretched to a pace at which no engine speaks."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.domain.units import SampleRateHz
from pansori.engines.speak.pace import paced

RATE = SampleRateHz(16_000)


@pytest.mark.parametrize("tempo", [1 / 16, 0.25, 0.49, 0.5, 1.0, 2.1, 8.0, 16.0])
@pytest.mark.parametrize("count", [0, 1, 100, 16_000])
def test_whatever_the_pace_it_lasts_as_long_as_it_should(count: int, tempo: float) -> None:
    tone = np.sin(2 * np.pi * 220 * np.arange(count) / RATE).astype(np.float32)
    sound, _ = paced(tone, (), RATE, tempo)
    assert len(sound) == round(count / tempo)
    if count == RATE:  # at the pitch that it had
        power = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        assert power.argmax() * RATE / len(sound) == pytest.approx(220, rel=0.1)
