"""The measures of music in the form of the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from pansori.domain.units import Hertz, Seconds
from pansori.engines.analyze.measure import Candidate, Curve, Estimate, Label, Refusal
from pansori.engines.analyze.pansori import music
from pansori.engines.analyze.pansori.blocks import Mono, Watch
from pansori.engines.analyze.pansori.music import model
from pansori.engines.analyze.schema import Band, MusicMeasures, ScoredKey

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
PLACES = 3  #: decimals of times: milliseconds
FoundT = TypeVar("FoundT")
Found = dict[str, object]


def measure_music(mono: Mono, watch: Watch) -> MusicMeasures:
    """`mono`: at 22,050 Hz."""
    return told(music.listen(mono, watch))


def told(heard: model.Music) -> MusicMeasures:
    return MusicMeasures.of(
        {
            **_each(heard.tempo, _tempo, "tempo", "tempo_curve"),
            **_each(heard.beats, lambda beats: {"beats": Estimate(_times(beats.times), beats.confidence)}, "beats"),
            **_each(heard.metre, _metre, "downbeats", "metre", "beats_per_bar", "swing"),
            **_each(heard.key, _key, "key", "key_scores", "tuning"),
            **_each(heard.chords, _chords, "chords"),
            **_each(heard.sections, _sections, "sections"),
            **_each(heard.onsets, lambda onsets: {"onsets": _times(onsets)}, "onsets"),
            **_each(heard.melody, _melody, "melody"),
            **_each(heard.danceability, lambda dance: {"danceability": dance.value}, "danceability"),
            **_each(heard.texture, _texture, "brightness", "rolloff", "spectral_balance", "energy", "dynamics"),
        }
    )


def _each(found: FoundT | model.Refused, tell: Callable[[FoundT], Found], *names: str) -> Found:
    """What `tell` makes of it, or its refusal under every one of its names."""
    if isinstance(found, model.Refused):
        return dict.fromkeys(names, Refusal.of("not_heard", found.reason))
    return tell(found)


def _tempo(tempo: model.Tempo) -> Found:
    others = tuple((float(one.tempo), one.confidence) for one in tempo.runners_up)
    curve = tuple((round(float(time), PLACES), round(float(value), PLACES)) for time, value in tempo.curve)
    return {"tempo": Estimate(float(tempo.tempo), tempo.confidence, others), "tempo_curve": curve}


def _metre(metre: model.Metre) -> Found:
    doubt = 1 - metre.confidence
    other = f"{3 * metre.runner_up}/8" if metre.name.endswith("/8") else f"{metre.runner_up}/4"
    return {
        "downbeats": Estimate(_times(metre.downbeats), metre.confidence),
        "metre": Estimate(metre.name, metre.confidence, ((other, doubt),)),
        "beats_per_bar": Estimate(metre.beats_per_bar, metre.confidence, ((metre.runner_up, doubt),)),
        "swing": metre.swing,
    }


def _key(key: model.Key) -> Found:
    scores = tuple(ScoredKey(key=_name(one.tonic, one.mode), score=round(one.score, 4)) for one in key.ranking)
    others = tuple((_name(one.tonic, one.mode), one.confidence) for one in key.ranking[1:4])
    return {
        "key": Estimate(_name(key.tonic, key.mode), key.confidence, others),
        "key_scores": scores,
        "tuning": float(key.tuning),
    }


def _name(tonic: int, mode: str) -> str:
    return f"{NOTES[tonic]} {mode}"


def _sections(found: tuple[model.TimedSection, ...]) -> Found:
    return {"sections": tuple(_label(one) for one in found)}


def _chords(found: tuple[model.TimedChord, ...]) -> Found:
    return {"chords": tuple(_label(one, one.runners_up) for one in found)}


def _label(one: model.TimedSection | model.TimedChord, others: tuple[model.RankedChord, ...] = ()) -> Label:
    return Label(
        start=Seconds(round(float(one.start), PLACES)),
        end=Seconds(round(float(one.end), PLACES)),
        label=one.label,
        confidence=_share(one.confidence),
        runners_up=tuple(Candidate[str](value=other.label, confidence=_share(other.confidence)) for other in others),
    )


def _share(confidence: float) -> float:
    return round(min(max(confidence, 0.0), 1.0), PLACES)


def _melody(melody: model.Melody) -> Found:
    pairs = zip(np.round(melody.times, PLACES).tolist(), np.round(melody.frequency, 2).tolist(), strict=True)
    return {"melody": tuple((time, pitch if pitch > 0 else None) for time, pitch in pairs)}


def _texture(texture: model.Texture) -> Found:
    bands = zip(texture.bands, texture.balance.tolist(), strict=True)
    return {
        "brightness": float(texture.brightness),
        "rolloff": float(texture.rolloff),
        "spectral_balance": tuple(
            Band(name=name, lowest=Hertz(float(low)), highest=Hertz(float(high)), share=round(share, 5))
            for (name, low, high), share in bands
        ),
        "energy": Curve.of(texture.level, start=0.5, step=1.0),
        "dynamics": texture.dynamic_spread,
    }


def _times(times: model.Array) -> tuple[float, ...]:
    return tuple(np.round(times.astype(np.float64), PLACES).tolist())
