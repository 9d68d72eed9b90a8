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
from pansori.engines.compose.base import Song, SongSection
from pansori.engines.compose.house_band.model import SAMPLE_RATE, Performance
from pansori.engines.compose.house_band.planning import Plan, key_name
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
        tempo=style.tempo,
        key=key_name(style.key),
        beats_per_bar=Beats(style.beats_per_bar),
        sections=_sections(plan, performance),
        lines=lines,
        notices=plan.notices,
    )


def _sections(plan: Plan, performance: Performance) -> tuple[SongSection, ...]:
    beat = 60.0 / plan.score.style.tempo
    starts = [section.start * beat for section in plan.score.sections]
    spans = pairwise([*starts, float(performance.duration)])
    return tuple(
        SongSection(label=section.label, start=Seconds(start), end=Seconds(min(end, performance.duration)))
        for section, (start, end) in zip(plan.score.sections, spans, strict=True)
    )


def save_sound(recording: Recording, context: RunContext, *, start: float) -> None:
    """The song, its stems, which sum to it, and the voice alone as it was sung. Progress goes from `start` to 1."""
    sounds = {"song": recording.mastered.song}
    sounds |= {f"stem.{name}": samples for name, samples in recording.stems.items()}
    if recording.dry is not None:
        highest = loudest(recording.dry)
        sounds["stem.vocal.dry"] = recording.dry if highest <= 1.0 else recording.dry / np.float32(highest)
    for index, (role, samples) in enumerate(sounds.items()):
        context.check_cancelled()
        context.progress("save", start + (1.0 - start) * index / len(sounds))
        context.save_audio(role, samples, SAMPLE_RATE)


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
        "notices": list(song.notices),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
