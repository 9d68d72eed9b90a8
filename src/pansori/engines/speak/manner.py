"""How something is said against the voice's own way, and how SSML's values tell it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Final

from pansori.domain.errors import Text
from pansori.domain.units import Decibels, Seconds

AS_IT_IS: Final = Decibels(0.0)
LONGEST_PAUSE: Final = Seconds(10.0)
RATES: Final = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.35, "x-fast": 1.8}
PITCHES: Final = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
VOLUMES: Final = {
    "silent": -60.0, "x-soft": -18.0, "soft": -9.0, "medium": 0.0, "default": 0.0, "loud": 4.0, "x-loud": 6.0,
}  # fmt: skip
PAUSES: Final = {"none": None, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.8, "x-strong": 1.2}
_RATE_BOUNDS, _PITCH_BOUNDS, _VOLUME_BOUNDS = (0.25, 4.0), (-12.0, 12.0), (-60.0, 6.0)
_PERCENT = re.compile(r"([+-]?)(\d+(?:\.\d+)?)%")
_SEMITONES = re.compile(r"([+-]\d+(?:\.\d+)?)st")
_DECIBELS = re.compile(r"([+-]\d+(?:\.\d+)?)dB")
_TIME = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s)")


class BadValue(ValueError):
    """An attribute whose value says nothing here."""

    def __init__(self, name: str, value: str, known: str) -> None:
        super().__init__(name)
        self.message = Text(
            f"{name}=“{value[:40]}” is not understood; it takes {known}",
            f"{name}=“{value[:40]}” 값을 알 수 없어요. 쓸 수 있는 값: {known}",
        )


@dataclass(frozen=True)
class Manner:
    """Against the whole text's."""

    rate: float = 1.0
    pitch: float = 0.0  #: semitones
    volume: Decibels = AS_IT_IS
    language: str = ""  #: BCP 47 tag; empty: the whole text's
    voice: str = ""  #: empty: the task's

    def in_language(self, tag: str) -> Manner:
        return replace(self, language=tag)

    @property
    def is_plain(self) -> bool:
        return (self.rate, self.pitch, self.volume) == (1.0, 0.0, 0.0)


def prosody(outer: Manner, attributes: dict[str, str]) -> Manner:
    """Raises `BadValue`. What SSML knows beside rate, pitch and volume is not heeded."""
    manner = outer
    if "rate" in attributes:
        manner = replace(manner, rate=_within(outer.rate * _rate(attributes["rate"]), _RATE_BOUNDS))
    if "pitch" in attributes:
        manner = replace(manner, pitch=_within(outer.pitch + _pitch(attributes["pitch"]), _PITCH_BOUNDS))
    if "volume" in attributes:
        level = _within(outer.volume + _volume(attributes["volume"]), _VOLUME_BOUNDS)
        manner = replace(manner, volume=Decibels(level))
    return manner


def emphasised(outer: Manner, level: str) -> Manner:
    """Slower, higher and louder; or the other way round. Raises `BadValue`."""
    steps = {"strong": 2, "moderate": 1, "none": 0, "reduced": -1}
    if level not in steps:
        raise BadValue("level", level, ", ".join(steps))
    step = steps[level]
    return replace(
        outer,
        rate=_within(outer.rate * 0.92**step, _RATE_BOUNDS),
        pitch=_within(outer.pitch + 1.5 * step, _PITCH_BOUNDS),
        volume=Decibels(_within(outer.volume + 2.0 * step, _VOLUME_BOUNDS)),
    )


def pause_of(attributes: dict[str, str]) -> Seconds | None:
    """None: there is to be none. Raises `BadValue`."""
    if "time" in attributes:
        found = _TIME.fullmatch(attributes["time"].strip())
        seconds = float(found[1]) / (1000 if found[2] == "ms" else 1) if found else math.inf
        if seconds > LONGEST_PAUSE:
            raise BadValue("time", attributes["time"], f"250ms, 1.5s … ≤ {LONGEST_PAUSE:g}s")
        return Seconds(seconds)
    strength = attributes.get("strength", "medium")
    if strength not in PAUSES:
        raise BadValue("strength", strength, ", ".join(PAUSES))
    told = PAUSES[strength]
    return None if told is None else Seconds(told)


def _rate(value: str) -> float:
    value = value.strip()
    if value in RATES:
        return RATES[value]
    if found := _PERCENT.fullmatch(value):
        share = float(found[2]) / 100
        factor = {"": share, "+": 1 + share, "-": 1 - share}[found[1]]
    else:
        factor = _number(value)
    if not factor > 0:
        raise BadValue("rate", value, f"{', '.join(RATES)}, 80%, 1.2")
    return factor


def _pitch(value: str) -> float:
    value = value.strip()
    if value in PITCHES:
        return PITCHES[value]
    if found := _SEMITONES.fullmatch(value):
        return float(found[1])
    found = _PERCENT.fullmatch(value)
    if found and found[1]:
        ratio = 1 + float(found[1] + found[2]) / 100
        if ratio > 0:
            return 12 * math.log2(ratio)
    raise BadValue("pitch", value, f"{', '.join(PITCHES)}, +2st, -10%")


def _volume(value: str) -> float:
    value = value.strip()
    if value in VOLUMES:
        return VOLUMES[value]
    if found := _DECIBELS.fullmatch(value):
        return float(found[1])
    number = _number(value)  # 0 to 100, of SSML 1.0
    if 0 <= number <= 100:
        return 20 * math.log10(number / 100) if number else VOLUMES["silent"]
    raise BadValue("volume", value, f"{', '.join(VOLUMES)}, +3dB")


def _number(value: str) -> float:
    """Not a number where it is none."""
    return float(value) if re.fullmatch(r"\d+(?:\.\d+)?", value) else math.nan


def _within(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])
