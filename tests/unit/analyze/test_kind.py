"""What a recording is taken for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import soxr

from pansori.domain.tasks import Kind
from pansori.domain.units import SampleRateHz
from pansori.engines.analyze.measure import Estimate, Refusal
from pansori.engines.analyze.pansori.kind import excerpts, tell_kind
from pansori.espeak import SOURCE_RATE, Line, say
from support.instruments import comping, solo
from support.recordings import Sound, hiss, tone, vowel

RATE = SampleRateHz(22_050)
SPOKEN = {
    "en+m3": "The quick brown fox jumps over the lazy dog. She sells sea shells, and nobody buys them any more.",
    "en+f2": "A completely different voice says hello to all of you, and asks how it was yesterday.",
}


def told(sound: Sound) -> Estimate[Kind]:
    found = tell_kind(sound.astype(np.float32), RATE, lambda _: None)
    assert isinstance(found, Estimate)
    return found


def coloured(slope: float) -> Sound:
    """Noise whose power falls as the frequency's `slope`."""
    spectrum = np.fft.rfft(hiss(8.0, RATE))
    sound = np.fft.irfft(spectrum * np.arange(1, len(spectrum) + 1) ** (-slope / 2))
    return np.asarray(0.2 * sound / np.max(np.abs(sound)))


def sung() -> Sound:
    """A scale with vibrato, half a second a note."""
    notes = np.repeat(196.0 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12, 7, 4]) / 12), RATE // 2)
    vibrato = 1 + 0.02 * np.sin(2 * np.pi * 5.5 * np.arange(len(notes)) / RATE)
    return vowel(notes * vibrato, RATE)


def band() -> Sound:
    """Chords, a bass and a drum, at 120 beats a minute."""
    beat = RATE // 2
    parts = []
    for root in (110.0, 146.8, 164.8, 110.0) * 3:
        chord = sum(tone(root * 2 ** (step / 12) * 2, -18, 0.5, RATE) for step in (0, 4, 7))
        drum = np.exp(-np.arange(beat) / 1500) * (tone(55, -8, 0.5, RATE) + hiss(0.5, RATE, level=0.1))
        parts.append(chord + tone(root / 2, -12, 0.5, RATE) * np.linspace(1, 0.2, beat) + drum)
    return np.concatenate(parts)


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_noise_of_any_colour(slope: float) -> None:
    found = told(coloured(slope))
    assert found.value is Kind.NOISE
    assert found.confidence > 0.6


def test_silence_is_certain() -> None:
    assert told(np.zeros(RATE)) == Estimate(Kind.SILENCE, 1.0)
    assert told(hiss(1.0, RATE, level=1e-5)).value is Kind.SILENCE


@pytest.fixture(scope="module")
def spoken() -> dict[str, Sound]:
    lines = [Line(voice, text, words_per_minute=160, pitch_range=0, echo=False) for voice, text in SPOKEN.items()]
    said = zip(lines, say(lines), strict=True)
    return {line.voice: soxr.resample(one.samples / 2, SOURCE_RATE, RATE) for line, one in said}


@pytest.mark.parametrize("voice", SPOKEN)
@pytest.mark.parametrize("troubled", ["clean", "hiss", "hum"])
def test_speech_in_a_studio_with_hiss_and_with_hum(voice: str, troubled: str, spoken: dict[str, Sound]) -> None:
    sound = spoken[voice]
    seconds = len(sound) / RATE
    noises = {"clean": np.zeros(1), "hiss": hiss(seconds, RATE, level=0.005), "hum": tone(50, -32, seconds, RATE)}
    found = told(sound + noises[troubled])
    assert found.value is Kind.SPEECH
    assert found.confidence > 0.5


@pytest.mark.parametrize("decibels", [10, 20])
@pytest.mark.parametrize("slope", [0.0, 1.0])
@pytest.mark.parametrize("voice", SPOKEN)
def test_speech_in_noise(voice: str, slope: float, decibels: float, spoken: dict[str, Sound]) -> None:
    sound = spoken[voice]
    noise = coloured(slope)[: len(sound)]
    level = np.sqrt(np.mean(sound[: len(noise)] ** 2) / np.mean(noise**2)) * 10 ** (-decibels / 20)
    assert told(sound[: len(noise)] + level * noise).value is Kind.SPEECH


def test_a_very_low_voice(spoken: dict[str, Sound]) -> None:
    """Slowed down by a quarter."""
    assert told(soxr.resample(spoken["en+m3"], RATE, RATE * 5 // 4)).value is Kind.SPEECH


def test_speech_over_a_band_is_music(spoken: dict[str, Sound]) -> None:
    speech, music = spoken["en+f2"], band()
    music = music[: len(speech)] * np.std(speech) / np.std(music)
    assert told(speech[: len(music)] + music).value is Kind.MUSIC


@pytest.mark.parametrize("swell", [0.4, 0.1])
def test_noise_that_swells_as_wind_and_applause_do(swell: float) -> None:
    time = np.arange(8 * RATE) / RATE
    assert told(coloured(1.0)[: len(time)] * (1 + 0.9 * np.sin(2 * np.pi * swell * time))).value is Kind.NOISE


def test_a_tone_that_never_moves_is_no_voice() -> None:
    assert told(tone(440, -10, 5.0, RATE)).value is Kind.MUSIC


def test_a_voice_that_sings_alone() -> None:
    assert told(sung()).value is Kind.SINGING


@pytest.mark.parametrize(
    ("program", "lowest"),
    [(0, 60), (11, 67), (16, 60), (24, 55), (40, 62), (48, 60), (56, 60), (80, 67)],
    ids=["piano", "vibraphone", "organ", "guitar", "violin", "strings", "trumpet", "synthesizer"],
)
def test_an_instrument_alone_is_music(program: int, lowest: int) -> None:
    found = told(solo(program, lowest, 7.0, RATE))
    assert found.value is Kind.MUSIC
    assert found.confidence > 0.6


@pytest.mark.parametrize("program", [0, 19, 51, 81, 89])
def test_chords_alone_are_music(program: int) -> None:
    found = told(comping(program, 52, 7.0, RATE))
    assert found.value is Kind.MUSIC
    assert found.confidence > 0.6


@pytest.mark.parametrize("overtones", [(1,), range(1, 20), range(1, 20, 2)], ids=["sine", "saw", "square"])
def test_chords_of_a_plain_synthesizer_are_music(overtones: Iterable[int]) -> None:
    """Their tones have nearly a common divisor, two octaves lower, that is heard as one pitch."""
    seconds = [
        sum(
            tone(root * 2 ** (step / 12) * n, -24 - 20 * np.log10(n), 1.0, RATE)
            for step in (0, 4, 7)
            for n in overtones
        )
        for root in (220.0, 293.7, 329.6, 220.0, 261.6, 293.7)
    ]
    assert told(np.concatenate(seconds)).value is Kind.MUSIC


def test_a_band() -> None:
    found = told(band())
    assert found.value is Kind.MUSIC
    assert found.confidence > 0.6


def test_clicks_are_no_noise() -> None:
    clicks = np.zeros(8 * RATE)
    clicks[:: RATE // 2] = 0.5
    assert told(np.convolve(clicks, np.exp(-np.arange(200) / 40))[: 8 * RATE]).value is Kind.MUSIC


@pytest.mark.parametrize("frames", [1, 10, 300, 2_000])
def test_what_is_shorter_than_a_syllable_is_refused(frames: int) -> None:
    found = tell_kind(hiss(frames / RATE, RATE).astype(np.float32), RATE, lambda _: None)
    assert isinstance(found, Refusal)
    assert found.code == "too_short"


@pytest.mark.parametrize("seconds", [0.21, 0.5, 1.0])
def test_what_is_short_is_still_told(seconds: float) -> None:
    found = told(hiss(seconds, RATE))
    assert 0 <= found.confidence <= 1
    assert abs(found.confidence + sum(sure for _, sure in found.runners_up) - 1) < 1e-6


def test_a_long_silence_with_a_little_sound_is_told_by_what_sounds() -> None:
    """It lies between the parts that are listened to."""
    sound = np.zeros(600 * RATE, np.float32)
    sound[30 * RATE : 33 * RATE] = band()[: 3 * RATE]
    [heard] = excerpts(sound, RATE)
    assert len(heard) == 5 * RATE
    assert np.max(np.abs(heard)) == np.max(np.abs(sound))
    assert told(sound).value is Kind.MUSIC


def test_a_long_recording_is_told_by_parts_of_it() -> None:
    """The first minute of two is a band, the last a voice that sings; between them is nothing."""
    parts = [np.tile(band(), 5), np.zeros(30 * RATE), np.tile(sung(), 2)]
    found = told(np.concatenate(parts))
    assert found.value is Kind.MUSIC
    assert told(np.concatenate(parts[1:])).value is Kind.SINGING
