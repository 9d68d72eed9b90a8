"""Sound that is encoded while it comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pansori.domain.units import SampleRateHz
from pansori.media import StreamFormat, decode, stream_encoder
from support.recordings import Sound, tone

RATES = (16_000, 22_050, 44_000)
FILES = [one for one in StreamFormat if one is not StreamFormat.PCM]


def sound(rate: int) -> Sound:
    """A second and a half of a tone that grows louder."""
    return tone(440.0, -6.0, 1.5, rate) * np.linspace(0.1, 1.0, round(1.5 * rate))


def encoded(form: StreamFormat, rate: int, cuts: int = 3) -> list[bytes]:
    encoder = stream_encoder(form, SampleRateHz(rate))
    pieces = [encoder.write(part.astype(np.float32)) for part in np.array_split(sound(rate), cuts)]
    pieces.append(encoder.finish())
    encoder.close()
    return pieces


@pytest.mark.parametrize(
    ("form", "rate"), [*((form, 22_050) for form in FILES), (StreamFormat.MP3, 44_000), (StreamFormat.AAC, 16_000)]
)
def test_what_is_streamed_is_a_file_with_the_same_sound(form: StreamFormat, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "sound"
    path.write_bytes(b"".join(encoded(form, rate)))
    found = decode(path)
    assert not found.damaged
    assert found.probe.duration == pytest.approx(1.5, abs=0.12)  # an encoder's own silence, which no header tells of
    samples = found.samples[0]
    level = np.sqrt(np.mean(np.square(samples[len(samples) // 2 :])))
    assert level == pytest.approx(np.sqrt(np.mean(np.square(sound(rate)[round(0.75 * rate) :]))), rel=0.15)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * found.rate / len(samples) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("form", StreamFormat)
def test_much_of_it_is_there_before_the_end(form: StreamFormat) -> None:
    pieces = encoded(form, 22_050)
    assert all(pieces[:-2])
    assert len(pieces[-1]) < sum(map(len, pieces)) / 2


@pytest.mark.parametrize("rate", RATES)
def test_bare_samples_are_at_24_khz_wherever_they_were_cut(rate: int) -> None:
    whole, cut = (b"".join(encoded(StreamFormat.PCM, rate, cuts)) for cuts in (1, 7))
    assert len(whole) == len(cut) == pytest.approx(2 * 24_000 * 1.5, abs=8)
    assert np.abs(np.frombuffer(whole, "<i2").astype(int) - np.frombuffer(cut, "<i2")).max() <= 1


def test_what_is_too_loud_is_clipped() -> None:
    encoder = stream_encoder(StreamFormat.PCM, SampleRateHz(24_000))
    loud = encoder.write(np.array([-3.0, 0.0, 3.0], np.float32)) + encoder.finish()
    assert np.frombuffer(loud, "<i2").tolist() == [-32767, 0, 32767]


@pytest.mark.parametrize("form", StreamFormat)
def test_nothing_at_all_is_no_fault(form: StreamFormat) -> None:
    encoder = stream_encoder(form, SampleRateHz(22_050))
    encoder.write(np.zeros(0, np.float32))
    encoder.finish()
    encoder.close()
    encoder.close()
