"""The composing engine for trying things out: a real, tiny song of plain tones, made in milliseconds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Beats, BeatsPerMinute, MidiPitch, SampleRateHz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext, Samples
from pansori.engines.compose.base import Composer, Plan, PlannedSection, Song, SongSection, TimedLine, TimedSyllable

RATES = {
    Quality.DRAFT: SampleRateHz(22_050),
    Quality.STANDARD: SampleRateHz(44_100),
    Quality.HIGH: SampleRateHz(48_000),
}
"""What is played at, where no rate is asked for."""
SHORTEST_NOTE = Seconds(0.02)
USUAL_NOTE = Seconds(0.2)
SHORTEST_SONG, LONGEST_BY_ITSELF = Seconds(2.0), Seconds(60.0)
SCALE: tuple[MidiPitch, ...] = tuple(MidiPitch(pitch) for pitch in (60, 62, 64, 67, 69, 72))
ROOTS: tuple[MidiPitch, ...] = tuple(MidiPitch(pitch) for pitch in (36, 43, 45, 41))
HARMONICS = {"sine": (1.0,), "organ": (1.0, 0.5, 0.25)}
LEVEL = 0.25
FADE = 256  #: samples at both ends of a tone, so that none clicks


class DebugOptions(EngineOptions):
    tone: Literal["sine", "organ"] = Field(default="sine", description="What every note sounds like.")


@dataclass(frozen=True)
class _Tone:
    start: Seconds
    length: Seconds
    pitch: MidiPitch


class DebugComposer(Composer[DebugOptions]):
    """Gives each character of the lyrics one tone of a pentatonic scale, over a bass of four roots."""

    name = "debug"
    Options = DebugOptions

    def card(self) -> Card:
        return Card(
            summary="Plain tones in milliseconds, one for each character: for tests and first steps.",
            summary_ko="글자마다 음 하나를 순식간에 만들어요. 시험해 보거나 처음 살펴볼 때 써요.",
            sample_rate=RATES[Quality.STANDARD],
            code_licence="GPL-3.0-or-later",
        )

    def check(self, task: ComposeTask, options: DebugOptions) -> None:
        tones = sum(len(line) for line in _lines(task.lyrics))
        needed = tones * SHORTEST_NOTE
        if task.duration is not None and needed > task.duration:
            raise InvalidRequest(
                Text(
                    f"The lyrics need {needed:.0f} s at least, {task.duration:g} s were asked for.",
                    f"이 가사에는 적어도 {needed:.0f}초가 필요한데 {task.duration:g}초를 요청하셨어요.",
                ),
                field="lyrics",
            )

    def preview(self, task: ComposeTask, options: DebugOptions) -> Plan:
        self.check(task, options)
        lines = _lines(task.lyrics)
        duration = task.duration or _usual_duration(lines)
        whole = PlannedSection(
            label="verse", start=Seconds(0.0), end=duration, lines=tuple(lines), syllables=sum(map(len, lines))
        )
        return Plan(
            duration=duration,
            style="debug",
            tempo=_tempo(duration),
            key="C major",
            beats_per_bar=Beats(4),
            instruments=("bass",),
            sections=(whole,),
        )

    def run(self, task: ComposeTask, options: DebugOptions, context: RunContext) -> Song:
        self.check(task, options)
        context.progress("compose", 0.0)
        lines = _lines(task.lyrics)
        duration = task.duration or _usual_duration(lines)
        melody = _melody(lines, duration, context)
        bass = [
            _Tone(Seconds(duration * k / len(ROOTS)), Seconds(duration / len(ROOTS)), root)
            for k, root in enumerate(ROOTS)
        ]
        context.check_cancelled()
        context.progress("play", 0.2)
        rate = SampleRateHz(task.sample_rate) if task.sample_rate else RATES[task.quality]
        tune = "stem.vocal" if lines else "stem.rest"
        stems = {tune: _sound(melody, duration, rate, options, context)}
        context.progress("play", 0.5)
        stems["stem.bass"] = _sound(bass, duration, rate, options, context)
        context.progress("mix", 0.8)
        context.save_audio("song", stems[tune] + stems["stem.bass"], rate)
        for role, samples in stems.items():
            context.check_cancelled()
            context.save_audio(role, samples, rate)
        timed = _timed(lines, melody)
        if timed:
            context.save_file("lrc", "song.lrc", _lrc(timed).encode(), "text/plain")
        context.save_file("recipe", "recipe.json", _recipe(task, options, context.seed), "application/json")
        context.progress("mix", 1.0)
        return Song(
            title=task.title or (lines[0] if lines else task.genre) or "Debug",
            duration=duration,
            seed=context.seed,
            tempo=_tempo(duration),
            key="C major",
            beats_per_bar=Beats(4),
            sections=(SongSection(label="verse", start=Seconds(0.0), end=duration),),
            lines=timed,
        )


def _lines(lyrics: str) -> list[str]:
    return [line for raw in lyrics.splitlines() if (line := raw.strip())]


def _tempo(duration: Seconds) -> BeatsPerMinute:
    """A bar for each of the roots."""
    return BeatsPerMinute(240.0 * len(ROOTS) / duration)


def _usual_duration(lines: Sequence[str]) -> Seconds:
    tones = sum(len(line) for line in lines)
    return Seconds(min(max(tones * USUAL_NOTE, SHORTEST_SONG), max(LONGEST_BY_ITSELF, tones * SHORTEST_NOTE)))


def _melody(lines: Sequence[str], duration: Seconds, context: RunContext) -> list[_Tone]:
    """One tone a character; without lyrics, sixteen."""
    count = sum(len(line) for line in lines) or 16
    chance = context.random("melody")
    place, tones = 0, []
    for index in range(count):
        place = min(max(place + chance.choice((-1, 0, 1, 1, 2, -2)), 0), len(SCALE) - 1)
        tones.append(_Tone(Seconds(duration * index / count), Seconds(duration / count), SCALE[place]))
    return tones


def _sound(
    tones: Sequence[_Tone], duration: Seconds, rate: SampleRateHz, options: DebugOptions, context: RunContext
) -> Samples:
    samples = np.zeros((1, round(duration * rate)), dtype=np.float32)
    for index, tone in enumerate(tones):
        if index % 64 == 0:
            context.check_cancelled()
        start, end = round(tone.start * rate), round((tone.start + tone.length) * rate)
        samples[0, start:end] = _wave(tone.pitch, samples[0, start:end].size, rate, HARMONICS[options.tone])
    return samples


def _wave(pitch: MidiPitch, count: int, rate: SampleRateHz, harmonics: tuple[float, ...]) -> npt.NDArray[np.float32]:
    phase = np.arange(count, dtype=np.float64) * (2 * np.pi * 440.0 * 2 ** ((pitch - 69) / 12) / rate)
    wave = np.zeros(count)
    for order, share in enumerate(harmonics):
        wave += share / sum(harmonics) * np.sin(phase * (order + 1))
    edge = min(FADE, count // 2)
    ramp = np.linspace(0.0, 1.0, edge)
    wave[:edge] *= ramp
    wave[count - edge :] *= ramp[::-1]
    return np.asarray(LEVEL * wave, dtype=np.float32)


def _timed(lines: Sequence[str], melody: Sequence[_Tone]) -> tuple[TimedLine, ...]:
    tones = iter(melody)
    timed = []
    for line in lines:
        syllables = tuple(
            TimedSyllable(text=character, start=tone.start, end=Seconds(tone.start + tone.length))
            for character, tone in zip(line, tones, strict=False)
        )
        timed.append(TimedLine(text=line, start=syllables[0].start, end=syllables[-1].end, syllables=syllables))
    return tuple(timed)


def _lrc(lines: Sequence[TimedLine]) -> str:
    return "".join(f"[{int(line.start // 60):02d}:{line.start % 60:05.2f}]{line.text}\n" for line in lines)


def _recipe(task: ComposeTask, options: DebugOptions, seed: int) -> bytes:
    recipe = {
        "engine": "debug",
        "task": task.model_dump(mode="json"),
        "options": options.model_dump(mode="json"),
        "seed": seed,
    }
    return json.dumps(recipe, ensure_ascii=False, indent=2).encode()
