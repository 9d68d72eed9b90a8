"""What leaves the house: the song's description, its files of notes and words, and the recipe to make it again."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Beats, Seconds
from pansori.engines.base import RunContext
from pansori.engines.compose.base import Plan as Preview
from pansori.engines.compose.base import PlannedSection, Song, SongSection
from pansori.engines.compose.house_band.clock import clock_for, clock_of
from pansori.engines.compose.house_band.model import PARTS, TAIL, Performance
from pansori.engines.compose.house_band.planning import Plan, Sketch, key_name
from pansori.engines.compose.house_band.score.composer import sections_of
from pansori.engines.compose.house_band.sound.effects import loudest
from pansori.engines.compose.house_band.sound.instruments import SoundFont, fingerprint
from pansori.engines.compose.house_band.sound.studio import Recording
from pansori.engines.compose.house_band.voice.sing import timed

if TYPE_CHECKING:
    from pansori.engines.compose.house_band.engine import HouseBandOptions

RECIPE_FORMAT = 1
MADE_WITH = ("pansori", "espeakng-loader", "pyworld-prebuilt", "tinysoundfont", "numpy", "scipy")


def describe(task: ComposeTask, plan: Plan, performance: Performance, seed: int) -> Song:
    """The song in numbers and words. Syllables begin where their vowels are, on the beat."""
    style = plan.score.style
    lines = tuple(map(timed, performance.phrases))
    return Song(
        title=task.title or (lines[0].text if lines else task.genre) or style.name,
        duration=performance.duration,
        seed=seed,
        tempo=style.felt_tempo,
        key=key_name(style.key),
        beats_per_bar=Beats(style.felt_beats),
        sections=_sections(plan, performance),
        lines=lines,
        notices=plan.notices,
    )


def _sections(plan: Plan, performance: Performance) -> tuple[SongSection, ...]:
    clock = clock_of(plan.score)
    starts = [clock.at(section.start) for section in plan.score.sections]
    spans = pairwise([*starts, performance.duration])
    return tuple(
        SongSection(label=section.label, start=start, end=min(end, performance.duration))
        for section, (start, end) in zip(plan.score.sections, spans, strict=True)
    )


def preview(sketch: Sketch, duration: Seconds | None, *, vocals: bool) -> Preview:
    """What is on paper, told before anybody plays it."""
    style, form = sketch.style, sections_of(sketch.form, sketch.style.beats_per_bar)
    clock = clock_for(style, form, sketch.form.length)
    length = duration if duration is not None else Seconds(clock.at(sketch.form.length) + TAIL)
    starts = [clock.at(section.start) for section in form]
    spans = pairwise([*starts, length])
    sections = tuple(
        PlannedSection(
            label=section.label,
            start=start,
            end=min(end, length),
            lines=tuple(line.text for line in section.lines),
            syllables=sum(len(line.syllables) for line in section.lines),
        )
        for section, (start, end) in zip(form, spans, strict=True)
    )
    languages = {syllable.language for section in form for line in section.lines for syllable in line.syllables}
    sung = vocals and bool(languages)
    return Preview(
        duration=length,
        style=style.name,
        words=style.words,
        tempo=style.felt_tempo,
        key=key_name(style.key),
        beats_per_bar=Beats(style.felt_beats),
        voice=style.voice.gender if sung else None,
        languages=tuple(sorted(languages)) if sung else (),
        instruments=tuple(part for part in PARTS if part in style.programs),
        sections=sections,
        notices=sketch.notices,
    )


def save_sound(recording: Recording, context: RunContext, *, start: float) -> None:
    """The song, its stems, which sum to it, and the voice alone as it was sung. Where nobody sings there is no voice
    to save. Progress goes from `start` to 1."""
    sounds = {"song": recording.mastered.song}
    sounds |= {f"stem.{name}": samples for name, samples in recording.stems.items()}
    if recording.dry is None:
        del sounds["stem.vocal"]
    else:
        highest = loudest(recording.dry)
        sounds["stem.vocal.dry"] = recording.dry if highest <= 1.0 else recording.dry / np.float32(highest)
    for index, (role, samples) in enumerate(sounds.items()):
        context.check_cancelled()
        context.progress("save", start + (1.0 - start) * index / len(sounds))
        context.save_audio(role, samples, recording.rate)


def recipe(
    task: ComposeTask,
    options: HouseBandOptions,
    plan: Plan,
    song: Song,
    recording: Recording,
    soundfont: SoundFont,
) -> bytes:
    """Everything that decides how the song sounds, and what was made of it, as JSON. Holds no date and no path."""
    score = plan.score
    content: JsonDict = {
        "format": RECIPE_FORMAT,
        "engine": "house_band",
        "versions": {name: version(name) for name in MADE_WITH},
        "soundfont": {"name": soundfont.path.name, "sha256": fingerprint(soundfont.path)},
        "task": task.model_dump(mode="json"),
        "options": options.model_dump(mode="json"),
        "seed": song.seed,
        "style": asdict(score.style),
        "form": [section.model_dump(mode="json") for section in song.sections],
        "chords": [asdict(chord) for chord in score.chords],
        "lines": [line.model_dump(mode="json") for line in song.lines],
        "duration": song.duration,
        "mastered": {
            "loudness": round(float(recording.mastered.loudness), 2),
            "true_peak": round(float(recording.mastered.true_peak), 2),
            "limited_by": round(float(recording.mastered.most_reduction), 2),
        },
        "notices": [notice.en for notice in song.notices],
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
