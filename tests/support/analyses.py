"""An analysis of which every number is known, and what is seen of a sound, for those who show them."""

from __future__ import annotations

from functools import cache
from typing import TypeVar

import numpy as np

from pansori.domain.errors import Text
from pansori.domain.tasks import Kind
from pansori.domain.units import Cents, Hertz, SampleRateHz, Seconds
from pansori.engines.analyze.base import NOT_MEASURED, format_facts
from pansori.engines.analyze.measure import Curve, Estimate, Group, Label, Measure, Refusal, Span
from pansori.engines.analyze.schema import (
    Analysis,
    FormantMeasures,
    LoudnessMeasures,
    MusicMeasures,
    ScoredKey,
    SignalMeasures,
    StereoMeasures,
    VoiceMeasures,
)
from pansori.reports import Shown, Sight
from support.recordings import recording, vowel

GroupT = TypeVar("GroupT", bound=Group)
RATE = SampleRateHz(16_000)
DURATION = 8.0
BEATS = tuple(0.25 + 0.5 * number for number in range(15))
DOWNBEATS = BEATS[2::4]
CHORDS = (("N", 0.0, 1.25), ("A:min", 1.25, 3.25), ("G:7", 3.25, 8.0))
SECTIONS = (("A", 0.0, 3.25), ('B "again"', 3.25, 8.0))
PAUSES = ((2.0, 2.5), (5.0, 6.0))
PITCH = np.where(np.arange(800) % 200 < 150, 150.0 + 20 * np.sin(np.arange(800) / 40), np.nan)
NO_VOICE = Refusal.of("music", Text("It is music.", "음악이에요."))
NO_STEREO = Refusal.of("not_stereo", Text("It has one channel.", "채널이 하나뿐이에요."))


def labels(*named: tuple[str, float, float]) -> tuple[Label, ...]:
    return tuple(Label(start=Seconds(a), end=Seconds(b), label=name, confidence=0.5) for name, a, b in named)


@cache
def known(name: str = "a <b> & c.wav") -> Shown:
    """Music and a voice at once; what is not said of it is refused."""
    sound = recording(vowel(np.full(round(DURATION * RATE), 150.0), RATE, 20), RATE)
    sight = Sight.of(sound.samples, RATE, tuning=Cents(0.0))
    pitch = Curve.of(PITCH, start=0.0, step=0.01)
    loudness = Curve.of(np.linspace(-30, -14, 77), start=0.4, step=0.1)
    analysis = Analysis(
        engine="pansori",
        versions={"pansori": "1"},
        settings={"task": {"include": []}},
        format=format_facts(sound),
        kind=Measure[Kind](value=Kind.SINGING, unit="", confidence=0.7),
        signal=_group(SignalMeasures, peak=-3.25, rms=-12.5, clipped_samples=12_345),
        stereo=StereoMeasures.refuse(NO_STEREO),
        loudness=_group(LoudnessMeasures, integrated=-16.5, momentary=loudness, short_term=loudness),
        voice=_group(
            VoiceMeasures,
            f0_median=150.25,
            f0=pitch,
            voiced=tuple(Span(start=Seconds(2.0 * n), end=Seconds(2.0 * n + 1.5)) for n in range(4)),
            pauses=tuple(Span(start=Seconds(a), end=Seconds(b)) for a, b in PAUSES),
            formants=(FormantMeasures(number=1, mean=Hertz(500), median=Hertz(512), bandwidth=Hertz(80)),),
            formant_curves=tuple(Curve.of(4 * number * PITCH, start=0.0, step=0.01) for number in (1, 2)),
        ),
        music=_group(
            MusicMeasures,
            tempo=Estimate(120.0, 0.9, ((60.0, 0.1),)),
            beats=Estimate(BEATS, 0.8),
            downbeats=Estimate(DOWNBEATS, 0.7),
            key=Estimate("F# minor", 0.6),
            key_scores=tuple(ScoredKey(key=key, score=0.5) for key in ("F# minor", "A major", "C major", "D minor")),
            chords=labels(*CHORDS),
            sections=labels(*SECTIONS),
            onsets=BEATS,
            melody=((0.0, 220.0), (0.1, None), (0.2, 440.0)),
        ),
    )
    return Shown(name, analysis, sight)


@cache
def endless() -> Analysis:
    """The same of an hour, with as much of everything as a fast song has, and a melody of short notes."""
    known_of, hour, random = known().analysis, 3600.0, np.random.default_rng(1)
    beats = tuple(np.round(np.arange(0.25, hour, 0.4), 4).tolist())
    names = ("C:maj", "A:min", "F:maj", "G:7", "D:min", "E:min", "N")
    chords = ((names[number], float(at), at + 1.0) for at, number in enumerate(random.integers(0, 7, round(hour))))
    sections = (("ABCDE"[number % 5], 20.0 * number, 20.0 * number + 20) for number in range(180))
    notes = np.round(220 * 2 ** (random.integers(0, 12, 72_000) / 12), 2).tolist()
    loudness = Curve.of(-20 + 3 * random.standard_normal(36_000), start=0.4, step=0.1)
    music = known_of.music
    assert music is not None
    found = {name: getattr(music, name) for name in ("tempo", "key", "key_scores")}
    changed = {
        "format": known_of.format.model_copy(update={"duration": Seconds(hour)}),
        "voice": VoiceMeasures.refuse(NO_VOICE),
        "loudness": _group(LoudnessMeasures, integrated=-16.5, momentary=loudness, short_term=loudness),
        "music": _group(
            MusicMeasures,
            beats=Estimate(beats, 0.8),
            downbeats=Estimate(beats[::4], 0.7),
            chords=labels(*chords),
            sections=labels(*sections),
            onsets=beats,
            melody=tuple((0.05 * at, one if at % 3 else None) for at, one in enumerate(notes)),
        ).model_copy(update=found),
    }
    return known_of.model_copy(update=changed)


def _group(group: type[GroupT], **found: object) -> GroupT:
    return group.of({name: found.get(name, NOT_MEASURED) for name in group.model_fields})
