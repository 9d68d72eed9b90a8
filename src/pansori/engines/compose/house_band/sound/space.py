"""The room around the players: reverberation and echoes. Sound is float32 of shape [2, samples]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, oaconvolve, sosfilt

from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.sound.effects import blocks, linear

BANDS: tuple[tuple[Hertz, Hertz], ...] = (
    (Hertz(150.0), Hertz(600.0)),
    (Hertz(600.0), Hertz(2400.0)),
    (Hertz(2400.0), Hertz(9000.0)),
)


@dataclass(frozen=True)
class Room:
    """`decay`: seconds until 60 dB lower in the low, middle and high band. Air and curtains eat the high one first."""

    decay: tuple[Seconds, Seconds, Seconds]
    predelay: Seconds
    noise: int  #: seed of its noise: part of the room, not of the song


def room(decay: float, *, brightness: float = 0.6, predelay: float = 0.02, noise: int = 1) -> Room:
    """A room that rings for `decay` seconds; `brightness` 0-1 says how long its high band lasts."""
    low, high = 0.9 * decay, decay * (0.3 + 0.5 * brightness)
    return Room((Seconds(low), Seconds(decay), Seconds(high)), Seconds(predelay), noise)


def impulse_response(space: Room, rate: SampleRateHz) -> Samples:
    """Noise that dies away exponentially, band by band, of unit energy in each channel.

    The diffuse field after J. A. Moorer, About this reverberation business (CMJ 3/2, 1979)."""
    length = int((max(space.decay) + space.predelay) * rate)
    start = int(space.predelay * rate)
    chance = np.random.Generator(np.random.PCG64(space.noise))
    noise = chance.standard_normal((2, length - start))
    time = np.arange(length - start) / rate
    response = np.zeros((2, length))
    for (low, high), decay in zip(BANDS, space.decay, strict=True):
        band = sosfilt(butter(1, (low, min(high, 0.45 * rate)), "bandpass", fs=rate, output="sos"), noise, axis=1)
        response[:, start:] += band * 10.0 ** (-3.0 * time / decay)
    response[:, start:] *= np.minimum(time / 0.012, 1.0)  # the first reflections gather, they do not click
    response /= np.sqrt(np.sum(response**2, axis=1, keepdims=True))
    return response.astype(np.float32)


def reverberate(sound: Samples, send: Samples, response: Samples, gain: float) -> None:
    """Add to `sound` (stereo) what the room answers to `send` (mono or stereo, as long, or `sound` itself), by `gain`
    decibels. The tail beyond the end is cut."""
    length = send.shape[1]
    scaled = response * np.float32(linear(gain))
    for part in blocks(length, backwards=True):  # an answer lies at its block and after it, never before
        for channel in range(2):
            source = send[min(channel, send.shape[0] - 1), part]
            answer = oaconvolve(source, scaled[channel])[: length - part.start]
            sound[channel, part.start : part.start + len(answer)] += answer


def echo(
    sound: Samples, send: Samples, rate: SampleRateHz, time: Seconds | float, feedback: float, repeats: int = 4
) -> None:
    """Add to `sound` (stereo) ping-pong echoes of a mono `send`: first left, then right, each `feedback` times the one
    before."""
    length = send.shape[1]
    step = max(1, round(time * rate))
    for index in range(repeats):
        shift = step * (index + 1)
        if shift >= length:
            break
        side = index % 2
        sound[side, shift:] += send[0, : length - shift] * np.float32(feedback**index)
        sound[1 - side, shift:] += send[0, : length - shift] * np.float32(0.3 * feedback**index)
