"""What a recording is: music, speech, singing, noise or silence, told by how it sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np

from pansori.domain.errors import Text
from pansori.domain.tasks import Kind
from pansori.domain.units import SampleRateHz, Seconds
from pansori.dsp import mapped
from pansori.engines.analyze.measure import Estimate, Refusal
from pansori.engines.analyze.pansori.blocks import Mono, Watch
from pansori.engines.analyze.pansori.colour import Colour, colour_of
from pansori.engines.analyze.pansori.voicing import Voicing, voicing_of

SILENT = 10 ** (-70 / 20)  #: of full scale, the highest sample
SHORTEST = Seconds(0.2)  #: a syllable, a note
EXCERPTS, EXCERPT = 12, Seconds(5.0)  #: so much is listened to, spread over the whole
CERTAIN = 0.98  #: likelihood of a kind beyond which nothing more is listened to
ROUNDS = 3  #: of listening for a voice, each to every third part

TOO_SHORT = Refusal.of(
    "too_short", Text("The recording is too short to tell.", "무엇인지 알기에는 녹음이 너무 짧아요.")
)


def tell_kind(mono: Mono, rate: SampleRateHz, watch: Watch) -> Estimate[Kind] | Refusal:
    """The likeliest kind and the others. `mono`: shape [frames]."""
    if max((float(np.max(np.abs(block))) for block in mapped.blocks(mono)), default=0.0) < SILENT:
        return Estimate(Kind.SILENCE, 1.0)
    if len(mono) < SHORTEST * rate:
        return TOO_SHORT
    scores = listen(excerpts(mono, rate), rate, watch)
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    return Estimate(ranked[0][0], ranked[0][1], tuple(ranked[1:]))


def excerpts(mono: Mono, rate: SampleRateHz) -> list[Mono]:
    """Parts of the recording, spread over it, without those in which nothing is heard; the one around its loudest
    sample where nothing is in any."""
    size = round(EXCERPT * rate)
    if len(mono) <= EXCERPTS * size:
        parts = np.array_split(mono, -(-len(mono) // size))
    else:
        parts = [mono[at : at + size] for at in np.linspace(0, len(mono) - size, EXCERPTS).astype(int)]
    heard = [part for part in parts if len(part) > rate // 10 and float(np.max(np.abs(part))) >= SILENT]
    return heard or [_around_the_loudest(mono, size)]


def _around_the_loudest(mono: Mono, size: int) -> Mono:
    loudest = int(np.argmax([float(np.max(np.abs(block))) for block in mapped.blocks(mono)])) * mapped.FRAMES
    loudest += int(np.argmax(np.abs(mono[loudest : loudest + mapped.FRAMES])))
    begin = max(min(loudest - size // 2, len(mono) - size), 0)
    return mono[begin : begin + size]


def listen(parts: list[Mono], rate: SampleRateHz, watch: Watch) -> dict[Kind, float]:
    """How likely each kind is; they add up to 1. Where bass drums and the like leave no room for a voice alone, none is
    looked for, which takes longest; and where every third part makes it certain, in no more of them."""
    colour = Colour(*_mean([colour_of(part, rate) for part in parts], [len(part) for part in parts]))
    found = score(colour, None)
    if found[Kind.MUSIC] > CERTAIN:
        return found
    heard: list[tuple[int, Voicing]] = []
    for first in range(min(ROUNDS, len(parts))):
        for part in parts[first::ROUNDS]:
            heard.append((len(part), voicing_of(part, rate)))
            mapped.release(part)
            watch(len(heard) / len(parts))
        found = score(colour, _joined(heard))
        if max(found.values()) > CERTAIN:
            break
    return found


def _joined(heard: Sequence[tuple[int, Voicing]]) -> Voicing:
    """Of parts and their lengths, each as much as there is voice in it."""
    lengths, voicings = zip(*heard, strict=True)
    sounding = [length * one.voiced for length, one in heard]
    return replace(Voicing(*_mean(voicings, sounding)), voiced=sum(sounding) / sum(lengths)).or_usual()


def _mean(found: Sequence[Colour | Voicing], weights: Sequence[float]) -> list[float]:
    """Of each trait, over the parts in which it could be told; NaN where it could in none."""
    values = np.array([astuple(one) for one in found])
    shares = np.isfinite(values) * np.array(weights)[:, None]
    with np.errstate(invalid="ignore"):
        means = np.sum(np.nan_to_num(values) * shares, axis=0) / shares.sum(axis=0)
    return [float(value) for value in means]


def score(colour: Colour, voicing: Voicing | None) -> dict[Kind, float]:
    """How likely each kind is; they add up to 1. Rules of thumb whose bounds lie between what the kinds were measured
    to have: see the tests. `voicing` None: the least that music can be."""
    even = _over(colour.flat, 0.8, 0.04) * _under(colour.moved, 3.5, 1.0)
    rough = _over(colour.flat, 0.93, 0.015) * _under(colour.gaps, 0.15, 0.04)  # swells, as wind and applause do
    hiss = max(even, rough) * (1.0 if voicing is None else _under(voicing.voiced, 0.25, 0.08))
    alone = _under(colour.bass, 0.03, 0.008)
    alone *= 1 - _over(colour.pure, 0.98, 0.004) * _under(colour.moved, 0.3, 0.05)  # a sine wave is no voice
    spoken, sung = (0.5, 0.5) if voicing is None else _voice(colour, voicing)
    weights = {
        Kind.NOISE: hiss,
        Kind.SPEECH: (1 - hiss) * alone * spoken,
        Kind.SINGING: (1 - hiss) * alone * sung,
        Kind.MUSIC: (1 - hiss) * (1 - alone * (spoken + sung)),
    }
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def _voice(colour: Colour, heard: Voicing) -> tuple[float, float]:
    """How likely it is one voice alone that speaks, and that sings."""
    # noise makes the pitch of a single voice weaker; where there is none, several sound at once
    clearest = 0.88 - 0.12 * float(np.clip((colour.flat - 0.3) / 0.4, 0.0, 1.0))
    articulate = float(np.clip(2 * (heard.motion - 4.5), 0.0, 4.0)) * _over(heard.filled, 0.7, 0.02)  # rooms blur pitch
    one = _over((heard.clear - clearest) / 0.025 + (0.5 - heard.jumps) / 0.25 + articulate, 0.0, 1.0)
    one *= _over(heard.voiced, 0.3, 0.1)
    steady = _over(heard.steady, 0.6, 0.1) * _over(heard.voiced, 0.6, 0.1)
    spoken = _over(heard.motion, 4.5, 0.4) * _over(heard.filled, 0.6, 0.03)
    return one * (1 - steady) * spoken, one * steady * (1 - _played(heard))


def _played(heard: Voicing) -> float:
    """How likely an instrument makes the steady notes: one that cannot waver, glide or sustain as voices do, or leaps
    without a glide; or several notes, of which only a common divisor was taken for the pitch. Of one note that is held
    all the time, which may be a vowel that is made for tests, only the latter tells."""
    exact = (
        _under(heard.wavering, 1.5, 0.25),
        _under(heard.glide, 20.0, 4.0),
        _under(heard.swelling, -12.0, 1.5),
        _over(heard.jumps, 0.4, 0.08),
    )
    several = _under(heard.filled, 0.62, 0.04), _under(heard.lowest, -14.0, 2.0)
    return _any(_any(*exact) * _over(heard.ambitus, 1.0, 0.1), *several)


def _any(*likely: float) -> float:
    return 1 - float(np.prod([1 - one for one in likely]))


def _over(value: float, bound: float, width: float) -> float:
    return float(1 / (1 + np.exp(np.clip((bound - value) / width, -50, 50))))


def _under(value: float, bound: float, width: float) -> float:
    return 1 - _over(value, bound, width)
