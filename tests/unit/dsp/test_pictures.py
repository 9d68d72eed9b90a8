"""Pictures of sounds of which one knows how they look."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.domain.units import Cents, Hertz, SampleRateHz
from pansori.dsp.pictures import chromagram, spectrogram
from support.recordings import tone

RATE = SampleRateHz(16_000)


@pytest.mark.parametrize("hertz", [500.0, 2000.0, 3750.0])
def test_a_tone_is_a_line_at_its_height(hertz: float) -> None:
    sound = np.stack([tone(hertz, -6, 1.0, RATE)] * 2).astype(np.float32)
    picture = spectrogram(sound, RATE, rows=81, columns=20, highest=Hertz(4000))
    assert picture.shape == (81, 20)
    assert abs(picture[:, 2:-2].argmax(axis=0) * 50.0 - hertz).max() <= 50.0


def test_levels_are_of_full_scale_at_1_khz() -> None:
    sound = tone(1000, -20, 1.0, RATE)[None].astype(np.float32)
    picture = spectrogram(sound, RATE, rows=9, columns=10, highest=Hertz(8000))
    assert picture[1, 2:-2] == pytest.approx(-20, abs=0.5)
    assert spectrogram(0 * sound, RATE, rows=9, columns=10, highest=Hertz(8000)).max() < -60


@pytest.mark.parametrize("tuning", [0.0, 40.0])
def test_a_triad_has_its_three_pitch_classes(tuning: float) -> None:
    pitches = [440 * 2 ** ((note + tuning / 100) / 12) for note in (-9, -5, -2)]  # C, E, G
    sound = np.sum([tone(pitch, -20, 2.0, RATE) for pitch in pitches], axis=0)[None].astype(np.float32)
    picture = chromagram(sound, RATE, columns=8, tuning=Cents(tuning))
    assert picture.shape == (12, 8)
    assert picture.max() == pytest.approx(1.0)
    assert set(np.argsort(picture[:, 4])[-3:].tolist()) == {0, 4, 7}
    assert not chromagram(0 * sound, RATE, columns=8, tuning=Cents(0.0)).any()
