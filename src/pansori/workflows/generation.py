"""A generation: a prompt is understood and written out, composed, delivered, and kept as a track of its owner's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db.tables import Job, Step
from pansori.domain.errors import EngineUnavailable, InvalidRequest, NotFound, PansoriError, Text, UnknownEngine
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, ComposeTask, Family, WriteTask
from pansori.engines.base import Card
from pansori.engines.compose.base import Plan
from pansori.engines.registry import Registry
from pansori.engines.write.base import Writer, Writing
from pansori.jobs import StepRun, Workflow
from pansori.library import NewTrack, tracks
from pansori.media import decode, read_flac
from pansori.settings import Settings
from pansori.workflows import recording
from pansori.workflows.context import StepContext
from pansori.workflows.generation_task import GenerationTask
from pansori.workflows.recording import Order
from pansori.workflows.services import Services

log = logging.getLogger(__name__)

WRITTEN, COMPOSED = 0.01, 0.95  #: parts of a generation's time that are over when it is written, and when composed
PEAKS = "peaks"  #: role of the waveform's picture
PEAK_POINTS = 2_000  #: of each channel; more than a screen has pixels
PEAK_DIGITS = 3
STEMS = ("stem.vocal", "stem.drums", "stem.bass", "stem.rest")  #: those that a song may have
STEM_PEAKS, STEM_PEAK_POINTS = "peaks.stems", 400  #: the same of all stems together, and points of each
SOUND = ("genre", "mood", "instruments", "tempo", "key")  #: what of a `Writing` says how the song sounds
FIELDS = {"genre": "prompt", "sample_rate": "samplerate"}  #: a composing task's names of fields → a generation's


@dataclass(frozen=True)
class Preview:
    """What would be made of a prompt, before anything is."""

    writing: Writing | None
    """What was understood, with the expanded prompt and the lyrics. None: the writing engine cannot tell at once."""
    plan: Plan | None
    """The song as the composing engine would set about it. None: it cannot tell, or it would refuse."""
    refused: InvalidRequest | None = None
    """Why it would be refused as it stands."""


class GenerationWorkflow(Workflow):
    """Steps `write` → `compose` → `deliver`.

    Artifacts: those of a song, and `peaks`: JSON with `duration` and, of each channel, how loud it is from moment to
    moment; and `peaks.stems`: the same of each stem. A finished one is a track in its owner's library.
    """

    kind = "generation"
    Task = GenerationTask

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings

    def accept(self, task: GenerationTask) -> GenerationTask:
        recording.refuse_nul(
            prompt=task.prompt, expanded_prompt=task.expanded_prompt, lyrics=task.lyrics or "", title=task.title
        )
        task = self._resolved(task)
        writing = self._at_once(task)
        with _named_as_here():
            recording.check(self._registry, self._order(task, writing, task.lyrics or ""))
        return task

    def plan(self, task: GenerationTask) -> Sequence[StepSpec]:
        inputs = task.model_dump(mode="json", exclude={"format"})
        writer = self._writer
        composing = recording.compose_step(
            self._registry,
            self._order(task, None, ""),
            after=("write",),
            inputs=(inputs, writer.name, writer.card().parts),
        )
        return StepSpec(name="write"), composing, StepSpec(name="deliver", after=(composing.name,))

    def run(self, step: StepRun, task: GenerationTask) -> JsonDict:
        if step.name == "write":
            return self._write(step, task)
        written = step.outputs["write"]
        order = self._order(task, Writing.model_validate(written["writing"]), written["lyrics"])
        if step.name == "compose":
            card = self._registry.get(Family.COMPOSE, order.engine).card()
            made = recording.compose(step, self._registry, order, (WRITTEN, COMPOSED))
            return {**made, "licence": licence_of(card)}
        composed = step.outputs["compose"]
        delivered = recording.deliver(step, order, composed, (COMPOSED, 1.0))
        _save_peaks(step, composed)
        _save_stem_peaks(step)
        return delivered

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        composed = recording.without_broad(outputs["compose"])
        delivered = {"notices": composed["notices"], **outputs["deliver"]}
        notices: list[JsonDict] = [*outputs["write"]["notices"], *delivered["notices"]]
        expanded = outputs["write"]["expanded_prompt"]
        return {**composed, **delivered, "notices": notices, "expanded_prompt": expanded}

    def keep(self, session: Session, job_id: UUID, result: JsonDict) -> None:
        task = GenerationTask.model_validate(session.execute(select(Job.task).where(Job.id == job_id)).scalar_one())
        steps = select(Step.name, Step.output).where(Step.job_id == job_id)
        outputs: dict[str, Any] = {row.name: row.output for row in session.execute(steps)}
        asked = task.model_dump(mode="json", include={"duration", "samplerate", "seed", "quality", "format", "voice"})
        composed = outputs["compose"]
        track = NewTrack(
            asset_id=UUID(result["asset_id"]),
            title=composed["title"],
            prompt=task.prompt,
            expanded_prompt=result["expanded_prompt"],
            lyrics=outputs["write"]["lyrics"],
            parameters={**asked, "options": task.options},
            engine=composed["engine"],
            seed=composed["seed"],
            licence=composed["licence"],
            facts=_facts(result, outputs["write"]["writing"]),
            lines=composed["lines"],
        )
        tracks.add(session, job_id, track)

    def failed(self, job_id: UUID, error: PansoriError) -> None:
        log.error("Render job failed %s: %s (%s)", job_id, error.message.en, error.code)

    def preview(self, task: GenerationTask) -> Preview:
        """What would be made of it, in milliseconds. Raises `UnknownEngine`, `EngineUnavailable`."""
        task = self._resolved(task)
        writing = self._at_once(task)
        if writing is not None and task.lyrics is None:
            writing = self._singable(task, writing)
        lyrics = task.lyrics if task.lyrics is not None else (writing.lyrics if writing else "")
        order = self._order(task, writing, lyrics)
        try:
            with _named_as_here():
                return Preview(writing=writing, plan=recording.preview(self._registry, order))
        except InvalidRequest as error:
            return Preview(writing=writing, plan=None, refused=error)

    def _resolved(self, task: GenerationTask) -> GenerationTask:
        """With the engine that is to compose, and the voice among its options where it lets one choose it. Machines
        that do the other steps may not have that engine."""
        engine = task.engine or default_engine(self._settings)
        known = self._registry.get(Family.COMPOSE, engine).Options.model_fields
        voice = {"voice": task.voice} if "voice" in known and task.voice != "auto" else {}
        return task.model_copy(update={"engine": engine, "options": {**voice, **task.options}})

    # -- writing ------------

    @property
    def _writer(self) -> Writer[Any]:
        name = self._settings.write_engine
        return self._registry.find(Family.WRITE, name, Writer)  # type: ignore[type-abstract]  # nobody makes one of it

    def _at_once(self, task: GenerationTask) -> Writing | None:
        writer = self._writer
        writing = writer.preview(_to_write(task, "expand"), writer.Options())
        if writing is not None and _is_to_be_sung(task, writing):
            writing = writer.preview(_to_write(task, "lyrics"), writer.Options())
        return None if writing is None else self._as_edited(task, writing)

    def _as_edited(self, task: GenerationTask, writing: Writing) -> Writing:
        """Where the expanded prompt was edited, that says how it sounds; what it is about is the prompt's still."""
        if not task.expanded_prompt:
            return writing
        writer, told = self._writer, {"expanded_prompt": task.expanded_prompt}
        edited = _to_write(task.model_copy(update={"prompt": task.expanded_prompt}), "expand")
        with suppress(InvalidRequest):  # the composing engine decides what it can play
            if (read := writer.preview(edited, writer.Options())) is not None:
                told |= {name: getattr(read, name) for name in SOUND}
        return writing.model_copy(update=told)

    def _write(self, step: StepRun, task: GenerationTask) -> JsonDict:
        writer = self._writer
        seed = recording.seed_of(step.job_id, task.seed)
        context = StepContext(step, seed, share=(0.0, WRITTEN))
        context.progress("write", 0.0)
        writing: Writing = writer.run(_to_write(task, "expand", seed), writer.Options(), context)
        if _is_to_be_sung(task, writing):
            writing = writer.run(_to_write(task, "lyrics", seed), writer.Options(), context)
        if task.lyrics is None:
            writing = self._singable(task, writing)
        writing = self._as_edited(task, writing)
        lyrics = task.lyrics if task.lyrics is not None else writing.lyrics
        told = writing.model_copy(update={"lyrics": ""}).model_dump(mode="json")
        return {
            "writing": told,
            "expanded_prompt": writing.expanded_prompt,
            "lyrics": lyrics,
            "notices": told["notices"],
        }

    def _singable(self, task: GenerationTask, writing: Writing) -> Writing:
        """With as much of its lyrics as there is time for, and a notice where that is not all."""
        written, fitting = _sung(writing.lyrics), self._fitting(task, writing, writing.lyrics)
        left = _sung(fitting)
        if left == written:
            return writing
        notices = (*writing.notices, _cut(task, written, left))
        told = {"lyrics": fitting, "notices": notices} if left else {"lyrics": "", "notices": notices, "voice": None}
        return writing.model_copy(update=told)

    def _fitting(self, task: GenerationTask, writing: Writing, lyrics: str) -> str:
        """As much of lyrics of our own as the engine can sing in the time there is."""
        lines = lyrics.splitlines()
        while lines:
            try:
                recording.check(self._registry, self._order(task, writing, "\n".join(lines)))
            except InvalidRequest as error:
                if error.field != "lyrics":
                    raise
                lines = lines[: len(lines) * 2 // 3]
            except EngineUnavailable:
                break  # here, that is: another machine composes
            else:
                break
        return "\n".join(lines)

    # -- composing ------------

    def _order(self, task: GenerationTask, writing: Writing | None, lyrics: str) -> Order:
        """What the composing engine gets. `writing` None: it is not written yet."""
        expanded = task.expanded_prompt or (writing.expanded_prompt if writing else task.prompt)
        composing = ComposeTask(
            genre=expanded[:GENRE_MAX_CHARACTERS],
            lyrics=lyrics,
            duration=task.duration,
            seed=task.seed,
            title=task.title or (writing.title if writing else ""),
            sample_rate=task.samplerate,
            quality=task.quality,
        )
        return Order(composing, task.engine or default_engine(self._settings), task.options, task.format)


def default_engine(settings: Settings) -> str:
    """Who composes where a generation names nobody: what is set, else a Space where one is set, else the embedded."""
    explicit = "compose_engine" in settings.model_fields_set
    return "space" if settings.space and not explicit else settings.compose_engine


def preview(services: Services, task: GenerationTask) -> Preview:
    """What would be made of a generation, in milliseconds."""
    workflow = services.workflows[GenerationWorkflow.kind]
    assert isinstance(workflow, GenerationWorkflow), "what `bootstrap` put there"
    return workflow.preview(task)


def licence_of(card: Card) -> str:
    """Under what the engine's code and weights may be used, in words."""
    return ", ".join(
        f"{what} {licence}"
        for what, licence in (("code", card.code_licence), ("weights", card.weights_licence))
        if licence
    )


@contextmanager
def _named_as_here() -> Iterator[None]:
    """Let what a composing engine refuses name the field that was filled in."""
    try:
        yield
    except UnknownEngine:
        raise
    except InvalidRequest as error:
        raise InvalidRequest(
            error.message, field=FIELDS.get(error.field or "", error.field), cure=error.cure
        ) from error


def _is_to_be_sung(task: GenerationTask, writing: Writing) -> bool:
    return task.lyrics is None and (task.voice != "auto" or writing.wants_singing)


def _sung(lyrics: str) -> int:
    """How many lines of lyrics are sung."""
    return sum(1 for line in lyrics.splitlines() if line.strip() and not line.lstrip().startswith("["))


def _cut(task: GenerationTask, written: int, left: int) -> Text:
    """What of lyrics of our own is not sung."""
    seconds = f"{task.duration or 0:g}"
    if not left:
        return Text(
            f"{seconds} seconds are too short to sing in, so this becomes an instrumental.",
            f"{seconds}초 안에는 노래를 부르기 어려워서 연주곡으로 만들어요.",
        )
    return Text(
        f"{seconds} seconds have room for {left} of {written} lines.",
        f"{seconds}초에 맞춰 가사 {written}줄 중 {left}줄만 불러요.",
    )


def _to_write(task: GenerationTask, purpose: Literal["expand", "lyrics"], seed: int | None = None) -> WriteTask:
    return WriteTask(
        purpose=purpose,
        prompt=task.prompt,
        lyrics=task.lyrics or "",
        voice=task.voice,
        duration=task.duration,
        seed=task.seed if seed is None else seed,
    )


def _facts(result: JsonDict, writing: JsonDict) -> JsonDict:
    told = ("tempo", "key", "beats_per_bar", "sections", "notices", "format", "gain_db", "true_peak_dbtp")
    understood = ("genre", "mood", "instruments", "voice", "language")
    facts = {name: result[name] for name in told if result.get(name) is not None}
    if result.get("report"):
        facts["report"] = result["report"]
    return {**facts, "understood": {name: writing[name] for name in understood}}


def _save_peaks(step: StepRun, composed: JsonDict) -> None:
    from pansori.dsp.peaks import peaks

    if composed["finished"]:
        with step.artifact("song") as file:
            decoded = decode(file, folder=step.scratch)
        samples, rate = decoded.samples, decoded.rate
    else:
        with step.artifact("master") as file:
            samples, rate = read_flac(file)
    picture = {
        "duration": samples.shape[1] / rate,
        "channels": [[round(float(peak), PEAK_DIGITS) for peak in channel] for channel in peaks(samples, PEAK_POINTS)],
    }
    _save_picture(step, PEAKS, picture)


def _save_stem_peaks(step: StepRun) -> None:
    """Of each stem the louder of its channels, so that pages show what plays when before anybody fetches the sound."""
    from pansori.dsp.peaks import peaks

    stems: JsonDict = {}
    for role in STEMS:
        with suppress(NotFound), step.artifact(role) as file:
            samples, _ = read_flac(file)
            loudest = peaks(samples, STEM_PEAK_POINTS).max(axis=0)
            stems[role] = [round(float(peak), PEAK_DIGITS) for peak in loudest]
    if stems:
        _save_picture(step, STEM_PEAKS, {"stems": stems})


def _save_picture(step: StepRun, role: str, picture: JsonDict) -> None:
    path = step.scratch / f"{role}.json"
    path.write_text(json.dumps(picture, separators=(",", ":")), encoding="utf-8")
    step.add_file(role, path, name=path.name, media_type="application/json")
