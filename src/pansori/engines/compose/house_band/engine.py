"""The house band as an engine: options, card, checks, and the order of its stages."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from pansori.domain.errors import EngineUnavailable, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute, Bytes, Seconds
from pansori.engines.base import READY, Card, EngineOptions, RunContext, Status
from pansori.engines.compose.base import Composer, Plan, Song
from pansori.engines.compose.house_band.model import SAMPLE_RATE
from pansori.engines.compose.house_band.sound.instruments import find_soundfont, player_installed
from pansori.lexicon.particles import attach

LIBRARIES = {"espeakng_loader": "espeak-ng, its voice", "pyworld": "WORLD, its vocoder"}
PLANNED, SAVING = 0.02, 0.86  #: fractions of the run at which stages begin
KEY_PATTERN = r"^[A-G][#b♯♭]? (major|minor)$"


class HouseBandOptions(EngineOptions):
    voice: Literal["auto", "female", "male"] = Field(default="auto", description="Who sings. auto: as the style asks.")
    tempo: BeatsPerMinute | None = Field(
        default=None, ge=40, le=240, description="Beats a minute, exactly. Default: as the genre's words or style ask."
    )
    key: Annotated[str, StringConstraints(pattern=KEY_PATTERN)] | None = Field(
        default=None, description="Such as `C major` or `F# minor`. Default: as the genre's words or style ask."
    )
    vocals: bool = Field(default=True, description="False: the song without its singer, for singing along.")
    humanize: float = Field(
        default=1.0, ge=0.0, le=1.0, description="How freely the band plays; 0: like a machine, exactly on the grid."
    )


class HouseBand(Composer[HouseBandOptions]):
    """Composes by rules and sings by formant speech that is re-pitched onto the melody. Nothing is downloaded."""

    name = "house_band"
    Options = HouseBandOptions

    def card(self) -> Card:
        return Card(
            summary="Composes, plays and sings by itself: no model, no GPU, no network. Sings Korean and English.",
            summary_ko="모델도 GPU도 네트워크도 없이 스스로 작곡하고, 연주하고, 한국어와 영어로 노래해요.",
            languages=("ko", "en"),
            max_duration=Seconds(600.0),
            sample_rate=SAMPLE_RATE,
            memory=Bytes(1_600_000_000),  # of the longest song at high quality; it grows by 2.6 MB a second
            code_licence="GPL-3.0-or-later",
            parts={"voice": "espeak-ng", "vocoder": "WORLD", "soundfont": self._soundfont_in_words()},
        )

    def _soundfont_in_words(self) -> str:
        try:
            return find_soundfont(self.settings.soundfont).description
        except EngineUnavailable as error:
            return error.message.en

    def status(self) -> Status:
        for library, meaning in LIBRARIES.items():
            if find_spec(library) is None:
                return Status(
                    state="missing",
                    reason=f"{library} ({meaning}) is not installed",
                    cure="Run make setup.",
                    reason_ko=f"{attach(library, '이/가')} 설치되어 있지 않아요",
                    cure_ko="make setup을 실행하세요.",
                )
        if not player_installed():
            return Status(
                state="missing",
                reason="tinysoundfont, which plays the instruments, is not installed",
                cure="Run make setup; it has wheels for CPython 3.11 and 3.12 on x86-64 Linux and arm64 macOS.",
                reason_ko="악기를 연주하는 tinysoundfont가 설치되어 있지 않아요",
                cure_ko="make setup을 실행하세요. x86-64 리눅스와 arm64 macOS의 CPython 3.11, 3.12를 지원해요.",
            )
        try:
            find_soundfont(self.settings.soundfont)
        except EngineUnavailable as error:
            cure = error.cure or Text("", "")
            return Status(
                state="missing",
                reason=error.message.en,
                cure=cure.en,
                reason_ko=error.message.ko,
                cure_ko=cure.ko,
            )
        return READY

    def check(self, task: ComposeTask, options: HouseBandOptions) -> None:
        """Writes the whole song down, which takes a moment only, and so finds out what cannot be sung."""
        from pansori.engines.compose.house_band.planning import plan

        plan(task, options, _chance(task))

    def preview(self, task: ComposeTask, options: HouseBandOptions) -> Plan:
        from pansori.engines.compose.house_band.outputs import preview
        from pansori.engines.compose.house_band.planning import sketch

        return preview(sketch(task, options, _chance(task)), task.duration, vocals=options.vocals)

    def truth(self, task: ComposeTask, options: HouseBandOptions) -> JsonDict:
        """The exact score of the song that `run` makes of the same task with the same seed, see `truth.truth`."""
        from pansori.engines.compose.house_band.planning import plan
        from pansori.engines.compose.house_band.sound.perform import perform
        from pansori.engines.compose.house_band.truth import truth

        chance = _chance(task)
        score = plan(task, options, chance).score
        performance = perform(score, chance, duration=task.duration, humanize=options.humanize)
        return truth(score, performance if options.vocals else replace(performance, phrases=()))

    def run(self, task: ComposeTask, options: HouseBandOptions, context: RunContext) -> Song:
        from pansori.engines.compose.house_band import outputs
        from pansori.engines.compose.house_band.planning import plan
        from pansori.engines.compose.house_band.score import notation
        from pansori.engines.compose.house_band.sound.perform import perform
        from pansori.engines.compose.house_band.sound.studio import record

        context.progress("compose", 0.0)
        context.check_cancelled()
        soundfont = find_soundfont(self.settings.soundfont)
        planned = plan(task, options, context.random)
        performance = perform(planned.score, context.random, duration=task.duration, humanize=options.humanize)
        song = outputs.describe(task, planned, performance, context.seed)
        context.progress("compose", PLANNED)
        sung = performance if options.vocals else replace(performance, phrases=())
        recording = record(
            sung, planned.score.style, soundfont.path, context, start=PLANNED, end=SAVING, quality=task.quality
        )
        context.save_file("midi", "song.mid", notation.midi(planned.score, performance), "audio/midi")
        if song.lines:
            context.save_file("lrc", "song.lrc", notation.lrc(song.lines).encode(), "text/plain")
        recipe = outputs.recipe(task, options, planned, song, recording, soundfont)
        context.save_file("recipe", "recipe.json", recipe, "application/json")
        outputs.save_sound(recording, context, start=SAVING)
        context.progress("save", 1.0)
        return song


def _chance(task: ComposeTask) -> Callable[[str], random.Random]:
    """What decides where the task leaves it open, as a run's would; that of seed 0 where the task has none."""
    seed = task.seed or 0
    return lambda purpose: random.Random(f"{seed}/{purpose}")  # noqa: S311 - music, not secrets
