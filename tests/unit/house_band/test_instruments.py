"""Rendering parts through a SoundFont."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, EngineFailed, EngineUnavailable
from pansori.domain.units import BeatsPerMinute, MidiPitch, Seconds
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.model import SAMPLE_RATE, PartName, Performance, PlayedNote
from pansori.engines.compose.house_band.sound.instruments import find_soundfont, play


def note(start: float, duration: float, pitch: int, velocity: int = 100) -> PlayedNote:
    return PlayedNote(Seconds(start), Seconds(duration), MidiPitch(pitch), velocity)


def performance(parts: dict[PartName, tuple[PlayedNote, ...]], programs: dict[PartName, int]) -> Performance:
    return Performance(Seconds(3.0), BeatsPerMinute(120.0), (), parts, programs)


def never() -> None:
    """Nobody cancels."""


def rendered(parts: dict[PartName, tuple[PlayedNote, ...]], **programs: int) -> dict[PartName, Samples]:
    soundfont = find_soundfont(None).path
    return dict(play(performance(parts, dict(programs)), SAMPLE_RATE, soundfont, never))  # type: ignore[arg-type]


def test_a_part_is_stereo_and_as_long_as_the_song() -> None:
    sound = rendered({"keys": (note(0.5, 1.0, 69),)}, keys=0)["keys"]
    assert sound.shape == (2, 3 * SAMPLE_RATE)
    assert sound.dtype == np.float32


def test_notes_sound_where_they_are_written() -> None:
    sound = rendered({"keys": (note(0.5, 1.0, 69),)}, keys=0)["keys"]
    assert not np.any(sound[:, : SAMPLE_RATE // 2])
    assert np.max(np.abs(sound[:, SAMPLE_RATE // 2 : SAMPLE_RATE // 2 + 2000])) > 0.001


def test_a_note_has_its_pitch() -> None:
    sound = rendered({"lead": (note(0.0, 2.5, 69),)}, lead=73)["lead"][0, 20_000:100_000]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    near = (frequencies > 330) & (frequencies < 600)
    assert abs(1200 * np.log2(frequencies[near][np.argmax(spectrum[near])] / 440.0)) < 20


def test_releases_ring_and_nothing_leaks_into_the_next_part() -> None:
    sounds = rendered({"keys": (note(2.0, 0.95, 60),), "pad": (note(1.0, 1.0, 64),)}, keys=0, pad=89)
    assert np.any(sounds["keys"][:, -1000:])
    assert not np.any(sounds["pad"][:, : SAMPLE_RATE - 1])


def test_the_same_part_gives_the_same_bytes() -> None:
    parts: dict[PartName, tuple[PlayedNote, ...]] = {"drums": (note(0.1, 0.1, 36), note(0.6, 0.1, 38))}
    assert rendered(parts, drums=0)["drums"].tobytes() == rendered(parts, drums=0)["drums"].tobytes()


def test_a_kit_that_the_soundfont_lacks_is_replaced() -> None:
    parts: dict[PartName, tuple[PlayedNote, ...]] = {"drums": (note(0.1, 0.1, 36),)}
    assert np.any(rendered(parts, drums=99)["drums"])


def test_drums_are_drums() -> None:
    parts: dict[PartName, tuple[PlayedNote, ...]] = {"drums": (note(0.0, 0.5, 42),)}
    sound = rendered(parts, drums=0)["drums"][0, :8000]
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    assert spectrum[400:].sum() > spectrum[:400].sum()  # a closed hi-hat: most of it above 2.2 kHz


def test_playing_ends_when_cancelled() -> None:
    def cancelled() -> None:
        raise Cancelled("by the test")

    parts: dict[PartName, tuple[PlayedNote, ...]] = {"keys": (note(0.0, 1.0, 60),)}
    with pytest.raises(Cancelled):
        list(play(performance(parts, {"keys": 0}), SAMPLE_RATE, find_soundfont(None).path, cancelled))


def test_a_setting_wins_over_what_is_at_hand(tmp_path: Path) -> None:
    mine = tmp_path / "mine.sf2"
    mine.write_bytes(b"RIFF")
    assert find_soundfont(mine).path == mine


def test_a_setting_that_points_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable) as raised:
        find_soundfont(tmp_path / "gone.sf2")
    assert raised.value.field == "PANSORI_SOUNDFONT"


def test_a_damaged_soundfont_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sf2"
    damaged.write_bytes(b"RIFF\x00\x00\x00\x00sfbk")
    parts: dict[PartName, tuple[PlayedNote, ...]] = {"keys": (note(0.0, 1.0, 60),)}
    with pytest.raises(EngineFailed, match=r"damaged\.sf2"):
        list(play(performance(parts, {"keys": 0}), SAMPLE_RATE, damaged, never))
