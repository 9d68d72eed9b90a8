"""From parts to four stems: drums, bass, rest and vocal, each with its own reverberation, summing to the mix.

Levels are set by loudness as heard (ITU-R BS.1770), after each part's processing: presets of SoundFonts and voices
differ by twenty decibels, and faders fixed beforehand would fit one of them only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from scipy.ndimage import uniform_filter1d

from pansori.domain.units import Decibels, Lufs, SampleRateHz, Seconds
from pansori.dsp.loudness import LoudnessMeter
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.model import PartName, Performance, Phrase
from pansori.engines.compose.house_band.sound.desk import STRIPS, Sound, Strip, equaliser
from pansori.engines.compose.house_band.sound.effects import (
    HOP,
    Compressor,
    Curve,
    apply_gain,
    ballistics,
    blocks,
    compress,
    decibels,
    equalise,
    high_pass,
    high_shelf,
    hops,
    linear,
    loudest,
    loudness,
    peak,
    soften_sibilants,
)
from pansori.engines.compose.house_band.sound.perform import KICKS
from pansori.engines.compose.house_band.sound.space import echo, impulse_response, reverberate, room
from pansori.engines.compose.house_band.sound.tone import VOICE, correction

StemName = Literal["vocal", "drums", "bass", "rest"]
Stems = dict[StemName, Samples]
STEMS: tuple[StemName, ...] = ("vocal", "drums", "bass", "rest")

STUDIO = room(0.45, brightness=0.8, predelay=0.006, noise=2)  #: the small room that drums stand in
WORKING_LOUDNESS = Lufs(-20.0)  #: of the voice inside its own chain, where thresholds are
RIDE_FROM, RIDE_MOST = 3.0, 15.0  #: decibels
HIGHEST_PEAK = 0.5  #: of a part before the master
DOUBLES_BELOW = Decibels(6.0)
PRESSED: dict[PartName, Compressor] = {
    "drums": Compressor(Decibels(-16.0), 2.0, Seconds(0.015), Seconds(0.12), Decibels(6.0)),
    "bass": Compressor(Decibels(-22.0), 3.5, Seconds(0.01), Seconds(0.2), Decibels(8.0)),
    "lead": Compressor(Decibels(-22.0), 2.0, Seconds(0.01), Seconds(0.2), Decibels(8.0)),
}
LEVELLER = Compressor(Decibels(-22.0), 2.5, Seconds(0.03), Seconds(0.3), Decibels(10.0))
CATCHER = Compressor(Decibels(-15.0), 4.0, Seconds(0.002), Seconds(0.07), Decibels(6.0))


def stem_of(part: PartName) -> StemName:
    return part if part in ("drums", "bass") else "rest"


def mix_backing(
    parts: Iterable[tuple[PartName, Samples]], performance: Performance, rate: SampleRateHz, sound: Sound
) -> Stems:
    """Drums, bass and rest, mixed among themselves. Takes the parts one at a time and changes them."""
    length = round(performance.duration * rate)
    stems: Stems = {name: np.zeros((2, length), dtype=np.float32) for name in ("drums", "bass", "rest")}
    send = np.zeros((1, length), dtype=np.float32)
    for part, samples in parts:
        strip = STRIPS[part]
        _shape(part, samples, rate, sound)
        to_loudness(samples, rate, Lufs(strip.loudness + sound.levels.get(part, 0.0)))
        _cap(samples)
        _place(samples, strip, rate)
        stems[stem_of(part)] += samples
        if part not in ("drums", "bass"):
            for channel in samples:
                send[0] += channel * np.float32(linear(strip.send) / 2.0)
        del samples  # as large as a stem, and so is the next
    if np.any(stems["drums"]):
        reverberate(stems["drums"], stems["drums"], impulse_response(STUDIO, rate), STRIPS["drums"].send)
    reverberate(stems["rest"], send, impulse_response(sound.hall, rate), 0.0)
    if sound.pump:
        curve = pump(performance, rate, sound.pump)
        for name in ("bass", "rest"):
            apply_gain(stems[name], curve)
    return stems


def mix_vocal(
    lead: Samples, doubles: Samples | None, backing: Stems, performance: Performance, rate: SampleRateHz, sound: Sound
) -> Samples:
    """The voice, processed, placed and as loud as it should be over `backing` while it sings. Stereo.

    `lead` is mono [1, n], dry; it is not changed. `doubles` is stereo; it becomes the result."""
    if doubles is not None and np.any(doubles):
        wet = doubles
        _treat(wet, rate)
        equalise(wet, high_pass(180.0, rate))
        wet *= np.float32(linear(-DOUBLES_BELOW))
    else:
        wet = np.zeros((2, lead.shape[1]), dtype=np.float32)
    voice = lead.copy()
    ride(voice, performance.phrases, rate)
    _treat(voice, rate)
    wet += voice
    reverberate(wet, voice, impulse_response(sound.hall, rate), sound.vocal_send)
    if sound.echo_beats:
        voice *= np.float32(linear(sound.echo_send))
        equalise(voice, high_pass(350.0, rate), high_shelf(4000.0, -9.0, rate))
        echo(wet, voice, rate, sound.echo_beats * 60.0 / performance.tempo, feedback=0.42)
    spans = sung_spans(performance.phrases)
    over = loudness_during([wet], spans, rate) - loudness_during(list(backing.values()), spans, rate)
    if np.isfinite(over):
        wet *= np.float32(linear(sound.vocal - over))
    return wet


def make_way(backing: Stems, performance: Performance, rate: SampleRateHz) -> None:
    """While somebody sings, the accompaniment steps back by a decibel, and by two more where words are heard."""
    rest = backing["rest"]
    presence = rest.copy()
    equalise(presence, peak(2000.0, -2.5, rate, q=0.6))
    presence *= np.float32(linear(-1.0))
    presence -= rest
    apply_gain(presence, singing(performance, rate))
    rest += presence


def sum_of(stems: Stems) -> Samples:
    """The stems together."""
    arrays = list(stems.values())
    total = arrays[0].copy()
    for samples in arrays[1:]:
        total += samples
    return total


# -- the desk's tools --------


def _shape(part: PartName, samples: Samples, rate: SampleRateHz, sound: Sound) -> None:
    """Tone, saturation and compression of one part."""
    equalise(samples, *equaliser(part, rate))
    if part in PRESSED:
        to_loudness(samples, rate, STRIPS[part].loudness)
        if sound.warmth and part != "lead":
            saturate(samples, sound.warmth)
        compress(samples, rate, PRESSED[part])


def to_loudness(samples: Samples, rate: SampleRateHz, target: Lufs) -> None:
    """Scale to an integrated loudness; silence stays."""
    now = loudness(samples, rate)
    if np.isfinite(now):
        samples *= np.float32(linear(target - now))


def _cap(samples: Samples) -> None:
    """A part of few, far strokes would be all peaks at the loudness of one that plays throughout: turn it down."""
    highest = loudest(samples)
    if highest > HIGHEST_PEAK:
        samples *= np.float32(HIGHEST_PEAK / highest)


def saturate(samples: Samples, drive: float) -> None:
    """Soft clipping that leaves quiet sound as it was and rounds off peaks; `drive` in decibels."""
    factor = np.float32(linear(drive))
    for part in blocks(samples.shape[1]):
        samples[:, part] = np.tanh(samples[:, part] * factor) / factor


def _place(samples: Samples, strip: Strip, rate: SampleRateHz) -> None:
    """Width in mid and side, then balance of constant power.

    The spread makes two channels of one, by complementary combs that vanish in mono (M. R. Schroeder, An artificial
    stereophonic effect obtained from a single audio signal, JAES 6/2, 1958)."""
    angle = (strip.pan + 1.0) * np.pi / 4.0
    left, right = (np.float32(np.sqrt(2.0) * side) for side in (np.cos(angle), np.sin(angle)))
    earlier = np.zeros(round(strip.delay * rate), dtype=np.float32)
    for part in blocks(samples.shape[1]):
        mid = (samples[0, part] + samples[1, part]) * np.float32(0.5)
        side = (samples[0, part] - samples[1, part]) * np.float32(0.5 * strip.width)
        delayed = np.concatenate([earlier, mid])
        side += delayed[: len(mid)] * np.float32(strip.spread)
        earlier = delayed[len(mid) :]
        samples[0, part] = (mid + side) * left
        samples[1, part] = (mid - side) * right


def _treat(voice: Samples, rate: SampleRateHz) -> None:
    """Clean, balance and level a voice; afterwards it is near `WORKING_LOUDNESS`."""
    equalise(voice, high_pass(90.0, rate), high_pass(60.0, rate), *correction(voice, rate, VOICE))
    to_loudness(voice, rate, WORKING_LOUDNESS)
    compress(voice, rate, LEVELLER)
    compress(voice, rate, CATCHER)
    soften_sibilants(voice, rate, Decibels(8.0))
    to_loudness(voice, rate, WORKING_LOUDNESS)


def ride(voice: Samples, phrases: Iterable[Phrase], rate: SampleRateHz) -> None:
    """A hand on the fader: syllables that stick out of their phrase by more than `RIDE_FROM`, or sink below it, are
    brought back to there. Phrases keep their strength."""
    curve = np.zeros(hops(voice.shape[1]))
    for phrase in phrases:
        spans = [slice(round(sung.start * rate), round(sung.end * rate)) for sung in phrase.syllables]
        power = [
            float(np.mean(voice[:, span] ** 2, dtype=np.float64)) if span.start < span.stop else 0.0 for span in spans
        ]
        heard = decibels(np.sqrt(np.array(power)))
        off = heard - np.median(heard)
        back = -np.clip(off - np.clip(off, -RIDE_FROM, RIDE_FROM), -RIDE_MOST, RIDE_MOST)
        for span, gain in zip(spans, back.tolist(), strict=True):
            curve[max(span.start - round(0.03 * rate), 0) // HOP : max(span.stop - round(0.03 * rate), 0) // HOP] = gain
    smooth = uniform_filter1d(curve, round(0.03 * rate / HOP), mode="nearest")
    apply_gain(voice, 10.0 ** (smooth / 20.0))


def pump(performance: Performance, rate: SampleRateHz, depth: float) -> Curve:
    """Gains that dip by `depth` decibels at each kick and come back within a beat, as a sidechain does."""
    count = hops(round(performance.duration * rate))
    dip = np.zeros(count)
    recovery = 0.75 * 60.0 / performance.tempo
    shape = depth * np.exp(-3.0 * np.arange(int(recovery * rate / HOP)) * HOP / rate / recovery)
    for note in performance.parts.get("drums", ()):
        start = int(note.start * rate / HOP)
        if note.pitch in KICKS and start < count:
            span = slice(start, min(start + len(shape), count))
            dip[span] = np.maximum(dip[span], shape[: span.stop - span.start] * note.velocity / 127.0)
    return 10.0 ** (-ballistics(dip, 0.004, 0.03, rate) / 20.0)


def sung_spans(phrases: Iterable[Phrase]) -> list[tuple[Seconds, Seconds]]:
    """When somebody sings, in order."""
    return [(phrase.syllables[0].start, phrase.syllables[-1].end) for phrase in phrases]


def singing(performance: Performance, rate: SampleRateHz) -> Curve:
    """1 while somebody sings, 0 otherwise, with soft edges."""
    curve = np.zeros(hops(round(performance.duration * rate)))
    for start, end in sung_spans(performance.phrases):
        curve[int(max(start - 0.1, 0.0) * rate / HOP) : int(end * rate / HOP)] = 1.0
    return ballistics(curve, 0.06, 0.25, rate)


def loudness_during(together: Sequence[Samples], spans: Iterable[tuple[Seconds, Seconds]], rate: SampleRateHz) -> Lufs:
    """Integrated loudness of what sounds `together` in the spans alone; of everything where they are too short to
    measure."""
    pieces = [slice(round(start * rate), round(end * rate)) for start, end in spans]
    if sum(piece.stop - piece.start for piece in pieces) <= rate // 2:
        pieces = list(blocks(together[0].shape[1]))
    meter = LoudnessMeter(rate, together[0].shape[0])
    for piece in pieces:
        meter.add(np.sum([samples[:, piece] for samples in together], axis=0, dtype=np.float32))
    return meter.integrated()
