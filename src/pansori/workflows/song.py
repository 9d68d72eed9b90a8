"""A song: an engine composes it, then it is delivered in the format that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import ComposeTask
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow
from pansori.settings import Settings
from pansori.workflows import recording
from pansori.workflows.recording import Order

COMPOSING = 0.95  #: part of a song's time that its composing takes


class SongTask(ComposeTask):
    """What to sing, by which engine, and in which format to deliver it."""

    engine: str | None = Field(default=None, description="Who composes. Default: as the installation is set.")
    options: JsonDict = Field(default_factory=dict, description="Options of that engine; see GET /v1/engines.")
    format: AudioFormat | None = Field(
        default=None, description="Format of the finished song. Default: mp3, or as an engine finished it."
    )

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
        recording.refuse_nul(genre=task.genre, lyrics=task.lyrics, title=task.title)
        task = task.model_copy(update={"engine": task.engine or self._settings.compose_engine})
        recording.check(self._registry, self._order(task))
        return task

    def plan(self, task: SongTask) -> Sequence[StepSpec]:
        composing = recording.compose_step(self._registry, self._order(task))
        return composing, StepSpec(name="deliver", after=(composing.name,))

    def run(self, step: StepRun, task: SongTask) -> JsonDict:
        order = self._order(task)
        if step.name == "compose":
            return recording.compose(step, self._registry, order, (0.0, COMPOSING))
        return recording.deliver(step, order, step.outputs["compose"], (COMPOSING, 1.0))

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        return {**recording.without_broad(outputs["compose"]), **outputs["deliver"]}

    def _order(self, task: SongTask) -> Order:
        return Order(task.composing, task.engine or self._settings.compose_engine, task.options, task.format)
