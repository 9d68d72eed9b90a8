"""How often a recording is taken for what it is: speech, singing, music or noise.

Speech is espeak's, in several languages, at its own pitch, lower and higher, clean and in white or pink noise; singing
is the house band's voice alone; music are its songs and its drums. Beside them, counted apart, are the instruments of
its SoundFont, each alone with a tune and with chords; some flutes, strings and leads with vibrato pass for singers. The
bounds were set with the first group; the second has other languages, pitches, levels of noise, styles and tunes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from bench.report import Figure
from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask, Kind, SpeakTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.analyze.measure import Estimate
from pansori.engines.analyze.pansori.kind import tell_kind
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.speak.espeak import EspeakSpeaker, EspeakSpeakerOptions
from pansori.settings import Settings
from support import recordings as made
from support.context import MemoryContext, Sound
from support.instruments import comping, solo

RATE = SampleRateHz(22_050)
LYRICS = "[verse]\nWalking home along the river\nEvery window holds a light\n[chorus]\nWe will carry on tonight"
ROLES = {"song": Kind.MUSIC, "stem.drums": Kind.MUSIC, "stem.vocal.dry": Kind.SINGING}
BASSES = range(32, 40)
PROGRAMS = [one for one in range(112) if one not in (47, 52, 53, 54, 85, 91)]  #: of General MIDI, without its choirs
GOAL = 0.95
Samples = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """`texts`: by language. `pitches`: semitones; at the first of them noise is added too, in `noises` dB."""

    texts: dict[str, str]
    pitches: tuple[float, ...]
    noises: tuple[float, ...]
    styles: tuple[str, ...]
    lowest: int  #: MIDI number, of the instruments' tunes
    seed: int


GROUPS = {
    "set with": Group(
        {
            "en-us": "She sells sea shells by the shore, and nobody knows why; but every morning they are counted.",
            "ko": "오늘은 날씨가 참 좋아서 친구들과 함께 공원을 걸었습니다. 강가에는 꽃이 피어 있었어요.",
            "de": "Am Morgen ging der alte Mann langsam die Straße hinunter und kaufte ein Brot und eine Zeitung.",
            "fr": "Hier soir nous avons mangé dans un petit restaurant au bord de la mer, et le vent soufflait.",
        },
        (0.0, -6.0, 6.0),
        (20.0, 10.0),
        ("ballad", "pop", "jazz", "rock", "hip hop"),
        lowest=55,
        seed=1,
    ),
    "held out": Group(
        {
            "en-gb": "It was a bright cold day in the middle of the week, and all the clocks had stopped at once.",
            "it": "Domani mattina partiremo presto per la montagna, se il tempo sarà buono.",
            "ru": "Вчера вечером мы долго гуляли по старому городу и говорили о книгах.",
            "pt": "Ontem à noite choveu muito e as ruas da cidade ficaram cheias de água.",
        },
        (3.0, -7.0, 9.0),
        (17.0, 12.0),
        ("folk", "trot", "edm", "lofi", "rnb"),
        lowest=62,
        seed=11,
    ),
}


def run() -> list[Figure]:
    figures = []
    for name, group in GROUPS.items():
        right: dict[str, list[bool]] = {}
        for what, kind, samples in [*recordings(group), *instruments(group)]:
            found = tell_kind(samples.astype(np.float32), RATE, lambda _: None)
            right.setdefault(what, []).append(isinstance(found, Estimate) and found.value is kind)
        for what, each in right.items():
            share = float(np.mean(each))
            figures.append(Figure(f"{what}: {len(each)}, {name}", share, "", f"≥ {GOAL}", met=share >= GOAL))
    return figures


def instruments(group: Group) -> Iterator[tuple[str, Kind, made.Sound]]:
    for program in PROGRAMS:
        lowest = group.lowest - 19 * (program in BASSES)
        yield "an instrument alone", Kind.MUSIC, solo(program, lowest, 9.0, RATE, group.seed + program)
        if program not in BASSES:
            yield "its chords", Kind.MUSIC, comping(program, group.lowest - 5, 9.0, RATE, group.seed + program)


def recordings(group: Group) -> Iterator[tuple[str, Kind, made.Sound]]:
    chance = np.random.default_rng(group.seed)
    for language, text in group.texts.items():
        for pitch in group.pitches:
            clean = spoken(text, language, pitch)
            yield Kind.SPEECH, Kind.SPEECH, clean
            for decibels in group.noises if pitch == group.pitches[0] else ():
                for slope in (0.0, 1.0):
                    level = np.std(clean) * 10 ** (-decibels / 20)
                    yield Kind.SPEECH, Kind.SPEECH, clean + level * noise(len(clean), slope, chance)
    for number, style in enumerate(group.styles):
        sounds = played(style, group.seed + number)
        yield from ((kind, kind, mono(sounds[role])) for role, kind in ROLES.items())
    time = np.arange(10 * RATE) / RATE
    for slope in (0.0, 1.0, 2.0):
        for swell in (0.0, 0.8):
            around = 1 + swell * np.sin(2 * np.pi * chance.uniform(0.1, 0.4) * time)
            yield Kind.NOISE, Kind.NOISE, 0.1 * around * noise(len(time), slope, chance)


def noise(size: int, slope: float, chance: np.random.Generator) -> Samples:
    """Of power 1, falling as the frequency's `slope`."""
    spectrum = np.fft.rfft(chance.standard_normal(size))
    sound = np.fft.irfft(spectrum * np.arange(1, len(spectrum) + 1) ** (-slope / 2), size)
    return np.asarray(sound / np.std(sound))


def spoken(text: str, language: str, pitch: float) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        context = MemoryContext(seed=1, scratch=Path(folder))
        task = SpeakTask(text=text, language=language, pitch=pitch)
        EspeakSpeaker(Settings(data_dir=Path(folder))).run(task, EspeakSpeakerOptions(), context)
        [sound] = context.sounds.values()
    return mono(sound)


def played(style: str, seed: int) -> dict[str, Sound]:
    with tempfile.TemporaryDirectory() as folder:
        context = MemoryContext(seed=seed, scratch=Path(folder))
        task = ComposeTask(genre=style, lyrics=LYRICS, duration=Seconds(30.0), seed=seed, quality=Quality.DRAFT)
        HouseBand(Settings(data_dir=Path(folder))).run(task, HouseBandOptions(), context)
    return context.sounds


def mono(sound: Sound) -> Samples:
    return np.asarray(soxr.resample(sound.samples.mean(axis=0), sound.sample_rate, RATE), np.float64)
