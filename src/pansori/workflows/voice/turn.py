"""A turn as a job: what was said is heard, answered and the answer spoken, each as a step that may be run again.

Where somebody waits, the steps are carried out at once, and kept afterwards as such a job: see `journal`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import now, owned
from pansori.db.tables import Artifact, Asset, Conversation, Job, Turn
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.tasks import TAG_OR_AUTO, Task
from pansori.domain.units import Decibels
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow
from pansori.library import turns
from pansori.media import READY, media_type
from pansori.settings import Settings
from pansori.workflows.analysis.measuring import sha256_of
from pansori.workflows.services import Services
from pansori.workflows.voice.acting import FASTEST, SLOWEST, SOFTEST, Manner
from pansori.workflows.voice.aside import WAV
from pansori.workflows.voice.parts import Choice, Parts
from pansori.workflows.voice.replying import Replies
from pansori.workflows.voice.sounds import ANSWER, NO_SUCH_FILE, path_of, read
from pansori.workflows.voice.users import meant, own_number

HEAR, ANSWERING, SAY = "hear", "answer", "say"  #: the steps
RECORDING, SPEECH = "recording", "speech"  #: roles of the artifacts
LONGEST_TEXT: Final = 100_000  #: characters of what was heard


class VoiceTurnTask(Task):
    """Something said, to be answered aloud."""

    asset_id: UUID | None = Field(default=None, description="A stored recording of what was said. Default: `text`.")
    text: str = Field(default="", max_length=LONGEST_TEXT, description="What was said, where it is no recording.")
    user_id: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="Number of the user who speaks. Default: the account's own."
    )
    conversation_id: UUID | None = Field(default=None, description="To which it belongs. Default: to none.")
    language: str = Field(
        default="auto", max_length=40, pattern=TAG_OR_AUTO, description="What is spoken, as a BCP 47 tag. auto: told."
    )
    voice: str = Field(default="", max_length=100, description="Who answers. Default: the engine's own voice.")
    rate: float | None = Field(
        default=None,
        ge=SLOWEST,
        le=FASTEST,
        description="How fast: 2 takes half the time. Default: as the user wants it.",
    )
    volume: Decibels | None = Field(
        default=None,
        ge=SOFTEST,
        le=0.0,
        description="Decibels below the engine's own level. Default: as the user wants it.",
    )
    transcribe_engine: str | None = Field(default=None, description="Who hears. Default: as the installation is set.")
    reply_engine: str | None = Field(default=None, description="Who answers. Default: as the installation is set.")
    speak_engine: str | None = Field(default=None, description="Who speaks. Default: as the installation is set.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.asset_id is not None and self.text:
            raise ValueError("Send asset_id or text, and not both")
        return self

    def choice(self, settings: Settings) -> Choice:
        usual = Choice.of(settings)
        return Choice(
            self.transcribe_engine or usual.hear, self.reply_engine or usual.answer, self.speak_engine or usual.say
        )


class VoiceTurnWorkflow(Workflow):
    """Steps `hear` → `answer` → `say`. Artifacts: `speech`; and `recording` where it was carried out while somebody
    waited. It leaves a turn."""

    kind = "voice_turn"
    Task = VoiceTurnTask

    def __init__(self, registry: Registry, settings: Settings, services: Callable[[], Services]) -> None:
        """`services`: the installation that this is a part of, once it is put together."""
        self._registry = registry
        self._settings = settings
        self._services = services

    def accept(self, task: VoiceTurnTask) -> VoiceTurnTask:
        if task.asset_id is None and not task.text.strip():
            raise InvalidRequest(
                Text("There is nothing to answer: send asset_id or text.", "asset_id나 text를 보내 주세요."),
                field="asset_id",
            )
        choice, parts = task.choice(self._settings), self._parts(task)
        if task.asset_id is not None:
            engine = parts.transcriber
            engine.check(parts.listening_for(task.language), parts.options(engine))
        _ = parts.replier, parts.speaker  # raise where they cannot be used
        engines = {"transcribe_engine": choice.hear, "reply_engine": choice.answer, "speak_engine": choice.say}
        return task.model_copy(update=engines)

    def complete(self, session: Session, task: VoiceTurnTask, owner: UUID) -> VoiceTurnTask:
        if task.asset_id is not None:
            ready = select(Asset.id).where(Asset.id == task.asset_id, Asset.state == READY)
            if session.execute(owned(ready, owner)).first() is None:
                raise NotFound(NO_SUCH_FILE, field="asset_id")
        if task.conversation_id is not None:
            known = select(Conversation.id).where(Conversation.id == task.conversation_id)
            if session.execute(owned(known, owner)).first() is None:
                raise NotFound(Text("There is no such conversation.", "그런 대화는 없어요."), field="conversation_id")
        return task.model_copy(update={"user_id": meant(session, self._settings, owner, task.user_id)})

    def plan(self, task: VoiceTurnTask) -> Sequence[StepSpec]:
        return StepSpec(name=HEAR), StepSpec(name=ANSWERING, after=(HEAR,)), StepSpec(name=SAY, after=(ANSWERING,))

    def run(self, step: StepRun, task: VoiceTurnTask) -> JsonDict:
        if step.name == HEAR:
            return self._hear(step, task)
        return self._answer(step, task) if step.name == ANSWERING else self._say(step, task)

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        heard, said = outputs[HEAR], outputs[SAY]
        return {
            "heard": heard["text"],
            "reply": outputs[ANSWERING]["text"],
            "heard_by": heard.get("engine", ""),
            "language": heard.get("language", ""),
            "duration": said.get("duration"),
        }

    def keep(self, session: Session, job_id: UUID, result: JsonDict) -> None:
        """The turn that the job was kept for, or a new one."""
        job = session.execute(select(Job.owner, Job.task).where(Job.id == job_id)).one()
        task = VoiceTurnTask.model_validate(job.task)
        spoken = select(Artifact.asset_id).where(Artifact.job_id == job_id, Artifact.role == SPEECH)
        output = self._services().assets.info(session, session.execute(spoken).scalars().one())
        values = {
            "heard": result["heard"],
            "reply": result["reply"],
            "language": result["language"],
            "output_id": output.id,
            "output_path": path_of(output, answer=True),
            "state": "done",
            "error": None,
            "finished_at": now(session),
        }
        known = session.execute(owned(select(Turn.id).where(Turn.job_id == job_id), job.owner)).scalars().first()
        if known is not None:
            turns.rewrite(session, job.owner, known, **values)
            return
        number = task.user_id or own_number(session, self._settings, job.owner)
        if task.asset_id is not None:
            source = self._services().assets.info(session, task.asset_id)
            values |= {"input_id": source.id, "input_path": path_of(source)}
        turns.add(session, job.owner, number, job_id=job_id, conversation_id=task.conversation_id, **values)

    def _hear(self, step: StepRun, task: VoiceTurnTask) -> JsonDict:
        step.progress(HEAR, 0.0)
        if task.asset_id is None:
            return {"text": task.text, "language": "" if task.language == "auto" else task.language}
        with step.asset(task.asset_id) as path:
            recording = read(path, media_type(path), sha256_of(path, step), self._settings, step.scratch)
        told = self._parts(task).hear(recording, step.scratch, language=task.language, look=step.check_cancelled)
        return {"text": told.text, "language": told.language, "duration": told.duration, "engine": told.engine}

    def _answer(self, step: StepRun, task: VoiceTurnTask) -> JsonDict:
        step.progress(ANSWERING, 0.4)
        services = self._services()
        with services.database.read() as session:
            moment = now(session)
        reply = self._replies(step, task).answer(
            step.outputs[HEAR]["text"],
            step.scratch,
            before=moment,
            key=step.key,
            language=(step.outputs[HEAR].get("language") if task.language == "auto" else task.language) or "auto",
            conversation_id=task.conversation_id,
            look=step.check_cancelled,
        )
        return {"text": reply}

    def _say(self, step: StepRun, task: VoiceTurnTask) -> JsonDict:
        step.progress(SAY, 0.7)
        spoken = self._parts(task).say(
            step.outputs[ANSWERING]["text"],
            step.scratch,
            language=task.language,
            voice=task.voice,
            manner=self._manner(step, task),
            look=step.check_cancelled,
        )
        speech = spoken.speech
        step.add_file(SPEECH, spoken.path, name=f"{ANSWER}.wav", media_type=WAV, duration=speech.duration)
        return {"voice": speech.voice, "language": speech.language, "duration": speech.duration}

    def _manner(self, step: StepRun, task: VoiceTurnTask) -> Manner:
        usual = self._replies(step, task).manner()
        return Manner(
            usual.rate if task.rate is None else task.rate, usual.volume if task.volume is None else task.volume
        )

    def _replies(self, step: StepRun, task: VoiceTurnTask) -> Replies:
        number = task.user_id or self._settings.user_id
        return Replies(self._services(), self._parts(task), step.owner, number)

    def _parts(self, task: VoiceTurnTask) -> Parts:
        return Parts(self._registry, self._settings, task.choice(self._settings), user=task.user_id)
