"""Sections, colour and the edges of what can be measured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.engines.analyze.pansori.music import RATE, Danceability, Refused, Texture, listen
from support import tunes

A = ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj"))
B = ((5, "maj"), (0, "maj"), (2, "min"), (7, "maj"))


def test_sections_begin_where_the_sound_changes_and_share_letters() -> None:
    plain = tunes.progression(A * 2, 2.0, level=0.04)
    full = tunes.progression(B * 2, 2.0) + tunes.beat(16.0, 120.0, first=0.0)
    quiet = plain + tunes.struck(np.arange(0.0, 15.9, 0.5).tolist(), 16.0, 4_000.0, [0.05] * 32, 60.0)
    found = listen(np.concatenate([quiet, full, quiet, full])).sections
    assert not isinstance(found, Refused)
    assert [one.start for one in found] == pytest.approx([0.0, 16.0, 32.0, 48.0], abs=1.0)
    assert found[0].label == found[2].label != found[1].label == found[3].label
    assert found[-1].end == pytest.approx(64.0)


def test_the_colour_of_a_tone_is_its_own() -> None:
    found = listen(tunes.tone(6.0, 81.0, 0.5, harmonics=1)).texture
    assert isinstance(found, Texture)
    assert found.brightness == pytest.approx(880.0, rel=0.02)
    assert found.balance.sum() == pytest.approx(1.0)
    assert found.bands[int(found.balance.argmax())][0] == "mid"
    assert found.crest == pytest.approx(3.0, abs=0.3)
    assert found.dynamic_spread < 1.0


def test_brightness_is_the_centre_of_the_power_and_not_of_the_magnitude() -> None:
    """Half the magnitude has a quarter of the power: (1000 + 3000 / 4) / 1.25, and not (1000 + 3000 / 2) / 1.5."""
    time = np.arange(6 * RATE) / RATE
    sound = 0.4 * np.sin(2 * np.pi * 1_000 * time) + 0.2 * np.sin(2 * np.pi * 3_000 * time)
    found = listen(sound.astype(np.float32)).texture
    assert isinstance(found, Texture)
    assert found.brightness == pytest.approx(1_400.0, rel=0.02)


def test_a_steady_beat_invites_to_dance() -> None:
    found = listen(tunes.beat(15.0, 120.0)).danceability
    slow = listen(tunes.beat(15.0, 62.0)).danceability
    assert isinstance(found, Danceability)
    assert isinstance(slow, Danceability)
    assert 1.0 >= found.value > slow.value >= 0.0


def test_progress_rises_and_what_it_raises_ends_the_work() -> None:
    seen: list[float] = []
    listen(tunes.beat(5.0, 120.0), seen.append)
    assert seen == sorted(seen)
    assert 0.0 <= seen[0] <= seen[-1] <= 1.0

    def stop(_: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        listen(tunes.beat(5.0, 120.0), stop)


@settings(max_examples=12, deadline=None)
@given(size=st.integers(0, 30_000), seed=st.integers(0, 99), level=st.sampled_from([0.0, 1e-7, 0.1, 1.0]))
def test_any_sound_is_measured_or_refused(size: int, seed: int, level: float) -> None:
    music = listen(tunes.noise(size / tunes.RATE, level, seed))
    if isinstance(music.texture, Texture):
        assert np.isfinite(music.texture.level).all()
        assert np.isfinite([music.texture.brightness, music.texture.crest]).all()
    else:
        assert music.texture.reason.en
