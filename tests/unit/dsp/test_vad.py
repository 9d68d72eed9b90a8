"""When somebody speaks: utterances are found in noise, and nothing else is one."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.units import Seconds
from pansori.dsp.vad import RATE, Edge, Endpointer, Samples
from pansori.espeak import SOURCE_RATE, speak

BEFORE, AFTER = 1.0, 1.5  #: seconds without speech


def spoken(text: str, language: str) -> Samples:
    said = speak(text, language=language, variant="f2").samples
    sound = soxr.resample(said, SOURCE_RATE, RATE)
    return np.asarray(0.3 * sound / np.abs(sound).max(), dtype=np.float32)


def amid(sound: Samples, *, snr: float | None) -> Samples:
    """Between seconds without speech, with white noise at `snr` dB."""
    whole = np.concatenate((np.zeros(round(BEFORE * RATE)), sound, np.zeros(round(AFTER * RATE))))
    if snr is not None:
        noise = np.random.default_rng(1).standard_normal(len(whole))
        whole = whole + noise * np.sqrt(np.mean(np.square(sound)) / 10 ** (snr / 10))
    return np.asarray(whole, dtype=np.float32)


def edges(sound: Samples, size: int = 441, **how: Seconds) -> list[Edge]:
    listener = Endpointer(**how)
    return [edge for at in range(0, len(sound), size) for edge in listener.feed(sound[at : at + size])]


@pytest.mark.parametrize("snr", [None, 15.0])
@pytest.mark.parametrize(("text", "language"), [("What can you do?", "en-us"), ("마지막 노래 틀어 줘", "ko")])
def test_an_utterance_is_found(text: str, language: str, snr: float | None) -> None:
    said = spoken(text, language)
    found = edges(amid(said, snr=snr))
    assert [edge.kind for edge in found] == ["started", "ended"]
    assert found[0].at == pytest.approx(BEFORE, abs=0.1)
    assert found[1].at == pytest.approx(BEFORE + len(said) / RATE, abs=0.1)


def test_in_much_noise_it_is_found_roughly() -> None:
    said = spoken("비에 대한 슬픈 노래 만들어 줘", "ko")
    found = edges(amid(said, snr=5.0))
    assert [edge.kind for edge in found] == ["started", "ended"]
    assert found[1].at == pytest.approx(BEFORE + len(said) / RATE, abs=0.2)


TIME = np.arange(4 * RATE) / RATE
STEADY = {
    "silence": np.zeros(4 * RATE),
    "noise": 0.1 * np.random.default_rng(2).standard_normal(4 * RATE),
    "hum": 0.1 * np.sin(2 * np.pi * 60 * TIME),
    "a tone": 0.1 * np.sin(2 * np.pi * 440 * TIME),
    "clicks": np.where(np.arange(4 * RATE) % 8_000 < 16, 0.8, 0.0),
}


@pytest.mark.parametrize("name", STEADY)
def test_nothing_else_is_speech(name: str) -> None:
    assert edges(STEADY[name].astype(np.float32)) == []


def test_hum_that_sets_in_is_soon_none() -> None:
    hum = np.concatenate((np.zeros(RATE), 0.1 * np.sin(2 * np.pi * 120 * np.arange(12 * RATE) / RATE)))
    found = edges(hum.astype(np.float32))
    assert [edge.kind for edge in found] == ["started", "ended"]
    assert found[1].at < 11.0


def test_how_long_nobody_speaks_is_a_choice() -> None:
    two = np.concatenate((spoken("Hello.", "en-us"), np.zeros(RATE // 2, np.float32), spoken("Hello.", "en-us")))
    assert len(edges(amid(two, snr=None), silence=Seconds(0.3))) == 4
    assert len(edges(amid(two, snr=None), silence=Seconds(1.0))) == 2


@pytest.fixture(scope="module")
def whole() -> Samples:
    return amid(spoken("Hello there.", "en-us"), snr=20.0)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 6_000), min_size=1, max_size=40))
def test_pieces_do_not_matter(whole: Samples, sizes: list[int]) -> None:
    listener = Endpointer()
    found, at = [], 0
    for size in [*sizes, len(whole)]:
        found += listener.feed(whole[at : at + size])
        at += size
    assert found == edges(whole)
    assert listener.heard == pytest.approx(len(whole) / RATE, abs=0.05)
