"""Singer, band and desk at work together, on a score written by hand."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, EngineFailed
from pansori.engines.compose.house_band.model import SAMPLE_RATE, Performance
from pansori.engines.compose.house_band.sound.instruments import find_soundfont
from pansori.engines.compose.house_band.sound.perform import perform
from pansori.engines.compose.house_band.sound.studio import Recording, record
from support import scores
from support.context import MemoryContext

SCORE = scores.song(4, tempo=120.0)


def recorded(context: MemoryContext, *, sung: bool = True) -> tuple[Performance, Recording]:
    performance = perform(SCORE, context.random)
    chosen = performance if sung else replace(performance, phrases=())
    recording = record(chosen, SCORE.style, find_soundfont(None).path, context, start=0.1, end=0.9)
    return performance, recording


def test_everything_is_as_long_as_the_performance_and_sums(tmp_path: Path) -> None:
    performance, recording = recorded(MemoryContext(1, tmp_path))
    song = recording.mastered.song
    assert song.shape == (2, round(performance.duration * SAMPLE_RATE))
    assert set(recording.stems) == {"vocal", "drums", "bass", "rest"}
    np.testing.assert_allclose(sum(recording.stems.values()), song, atol=1e-5)
    assert recording.dry is not None
    assert recording.dry.shape == (1, song.shape[1])


def test_the_voice_sounds_where_it_is_written(tmp_path: Path) -> None:
    performance, recording = recorded(MemoryContext(1, tmp_path))
    assert recording.dry is not None
    for phrase in performance.phrases:
        for sung in phrase.syllables:
            span = recording.dry[0, round(sung.start * SAMPLE_RATE) : round(sung.end * SAMPLE_RATE)]
            assert np.sqrt(np.mean(span**2)) > 0.005, sung.syllable.text


def test_without_words_nobody_sings(tmp_path: Path) -> None:
    _, recording = recorded(MemoryContext(1, tmp_path), sung=False)
    assert recording.dry is None
    assert not np.any(recording.stems["vocal"])
    assert np.any(recording.mastered.song)


def test_progress_goes_from_start_to_end_and_never_back(tmp_path: Path) -> None:
    context = MemoryContext(1, tmp_path)
    recorded(context)
    fractions = [fraction for _, fraction in context.reports]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0.1
    assert fractions[-1] == pytest.approx(0.9)


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.7])
def test_a_cancelled_recording_leaves_no_singer_behind(fraction: float, tmp_path: Path) -> None:
    context = MemoryContext(1, tmp_path, cancel_at=fraction)
    with pytest.raises(Cancelled):
        recorded(context)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("singer")]


def test_a_singer_who_fails_is_heard_of(tmp_path: Path) -> None:
    context = MemoryContext(1, tmp_path)
    style = replace(SCORE.style, voice=replace(SCORE.style.voice, variant="nobody-like-this"))
    with pytest.raises(EngineFailed):
        record(perform(SCORE, context.random), style, find_soundfont(None).path, context, start=0.0, end=1.0)
