"""A song: an engine composes it, then it is delivered in the format that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import SEED_MAX, ComposeTask, Family
from pansori.domain.units import Seconds
from pansori.domain.words import explain
from pansori.engines.base import Engine, EngineOptions
from pansori.engines.compose.base import Song
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow, cache_key
from pansori.media import Tags, master_encode, read_flac
from pansori.settings import Settings
from pansori.workflows.context import StepContext

COMPOSING = 0.95  #: part of a song's time that its composing takes
FORBIDDEN = "\0"
BROAD = frozenset({"lines", "finished"})  #: kept with the step, not with the job: as long as the lyrics, or told twice


class SongTask(ComposeTask):
    """What to sing, by which engine, and in which format to deliver it."""

    engine: str | None = Field(default=None, description="Who composes. Default: as the installation is set.")
    options: JsonDict = Field(default_factory=dict, description="Options of that engine; see GET /v1/engines.")
    format: AudioFormat = Field(default=AudioFormat.MP3, description="Format of the finished song.")

    @property
    def composing(self) -> ComposeTask:
        return ComposeTask.model_validate(self.model_dump(include=set(ComposeTask.model_fields)))


class SongWorkflow(Workflow):
    """Steps `compose` → `deliver`.

    Artifacts: `master` (FLAC), `song` (as asked), and what the engine keeps: `stem.*`, `midi`, `lrc`, `recipe`.
    """

    kind = "song"
    Task = SongTask

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings

    def accept(self, task: SongTask) -> SongTask:
        for field in ("genre", "lyrics", "title"):
            if FORBIDDEN in getattr(task, field):
                raise InvalidRequest(
                    Text("The text contains a NUL character.", "글에 NUL 문자가 들어 있어요."),
                    field=field,
                    cure=Text("Leave it out.", "그 문자를 빼 주세요."),
                )
        task = task.model_copy(update={"engine": task.engine or self._settings.compose_engine})
        engine = self._engine(task)
        engine.check(task.composing, _options(engine, task.options))
        return task

    def plan(self, task: SongTask) -> Sequence[StepSpec]:
        engine = self._engine(task)
        card = engine.card()
        inputs = (task.model_dump(mode="json", exclude={"format"}), card.parts, engine.name)
        return (
            StepSpec(
                name="compose",
                queue=card.queue,
                grace=card.cancel_grace if card.holds_model else Seconds(0.0),
                cache_key=cache_key("compose", *inputs) if task.seed is not None else None,
            ),
            StepSpec(name="deliver", after=("compose",)),
        )

    def run(self, step: StepRun, task: SongTask) -> JsonDict:
        return self._compose(step, task) if step.name == "compose" else self._deliver(step, task)

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        song = {name: value for name, value in outputs["compose"].items() if name not in BROAD}
        return {**song, **outputs["deliver"]}

    def _compose(self, step: StepRun, task: SongTask) -> JsonDict:
        engine = self._engine(task)
        # the same for every attempt, so that a song begun again is the same song
        seed = task.seed if task.seed is not None else step.job_id.int % (SEED_MAX + 1)
        context = StepContext(step, seed, share=(0.0, COMPOSING), roles={"song": "master"})
        song: Song = engine.run(task.composing, _options(engine, task.options), context)
        return {**song.model_dump(mode="json"), "engine": engine.name, "finished": context.finished.get("song")}

    def _deliver(self, step: StepRun, task: SongTask) -> JsonDict:
        def watch(fraction: float) -> None:
            step.check_cancelled()
            step.progress("deliver", COMPOSING + (1.0 - COMPOSING) * fraction)

        watch(0.0)
        composed = step.outputs["compose"]
        if composed["finished"]:
            return dict(composed["finished"])
        path = step.scratch / f"song.{task.format.value}"
        with step.artifact("master") as master:
            samples, rate = read_flac(master)
        report = master_encode(samples, rate, task.format, path, _tags(task, composed), progress=watch)
        asset = self._keep(step, task, path.name, composed)
        return {
            "asset_id": str(asset),
            "format": task.format.value,
            "media_type": task.format.media_type,
            "gain_db": report.gain,
            "true_peak_dbtp": report.true_peak,
        }

    @staticmethod
    def _keep(step: StepRun, task: SongTask, file: str, composed: JsonDict) -> UUID:
        return step.add_file(
            "song",
            step.scratch / file,
            name=f"{composed['title']}.{task.format.value}",
            media_type=task.format.media_type,
            duration=Seconds(composed["duration"]),
        )

    def _engine(self, task: SongTask) -> Engine[Any, Any, Any]:
        return self._registry.get(Family.COMPOSE, task.engine or self._settings.compose_engine)


def _options(engine: Engine[Any, Any, Any], given: JsonDict) -> EngineOptions:
    """`given` as the engine's own options. Raises `InvalidRequest` naming the one that is wrong."""
    try:
        return engine.Options.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(engine.Options.model_fields) or "–"
        raise InvalidRequest(
            explain(first["type"], first["msg"], first.get("ctx", {})),
            field=".".join(("options", *map(str, first["loc"]))),
            cure=Text(f"Options of {engine.name}: {known}.", f"{engine.name}의 옵션: {known}."),
        ) from error


def _tags(task: SongTask, composed: JsonDict) -> Tags:
    recipe = {"engine": composed["engine"], **task.composing.model_dump(mode="json"), "options": task.options}
    recipe["seed"] = composed["seed"]
    return Tags(
        title=composed["title"],
        engine=composed["engine"],
        seed=composed["seed"],
        recipe=json.dumps(recipe, ensure_ascii=False, separators=(",", ":")),
    )
