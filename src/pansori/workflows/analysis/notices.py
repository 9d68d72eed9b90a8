"""Whoever waits for a call is called also where the job that would have called them ended before it could: somebody
cancelled it, or its worker died again and again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Job, Step
from pansori.domain.errors import Cancelled, NotFound, PansoriError, Text
from pansori.domain.jobs import ErrorInfo, JobState, JsonDict, StepSpec
from pansori.domain.units import Seconds
from pansori.jobs import StepRun, Workflow
from pansori.settings import Settings
from pansori.workflows.analysis.calling import CALLS, NOTIFY, call_back, failure_letter
from pansori.workflows.analysis.serving import VoiceAnalysisWorkflow
from pansori.workflows.services import Services

log = logging.getLogger(__name__)

RECENT: Final = Seconds(86_400.0)  #: who was not told by then waits no longer
WEBHOOK_URL: Final = "webhook_url"  #: field of the cancelled job's task
NO_SUCH_JOB: Final = Text("There is no such job that told nobody.", "알리지 못하고 끝난 그런 작업은 없어요.")
CANCELLED: Final = Cancelled(Text("The analysis was cancelled.", "분석이 취소되었어요."))


class VoiceNoticeTask(BaseModel):
    model_config = ConfigDict(extra="forbid")

    job_id: UUID = Field(description="A `voice_analysis` of one's own that ended and told nobody.")
    webhook_url: str = Field(default="", description="Whom to tell. Filled in.")
    error: JsonDict = Field(default_factory=dict, description="What to tell. Filled in.")


class VoiceNoticeWorkflow(Workflow):
    """Step `notify`: tell whoever asked for an analysis that there will be none, and why."""

    kind = "voice_notice"
    Task = VoiceNoticeTask

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def complete(self, session: Session, task: VoiceNoticeTask, owner: UUID) -> VoiceNoticeTask:
        """With what the job that ended was given: nothing else is signed."""
        ended = session.execute(owned(_untold().where(Job.id == task.job_id), owner)).one_or_none()
        if ended is None or not _address(ended.task):
            raise NotFound(
                Text("There is no such job that told nobody.", "알리지 못하고 끝난 그런 작업은 없어요."), field="job_id"
            )
        error = ended.error or ErrorInfo.of(CANCELLED).model_dump(mode="json")
        return task.model_copy(update={WEBHOOK_URL: _address(ended.task), "error": error})

    def plan(self, task: VoiceNoticeTask) -> Sequence[StepSpec]:
        return (StepSpec(name=NOTIFY, max_attempts=CALLS),)

    def run(self, step: StepRun, task: VoiceNoticeTask) -> JsonDict:
        letter = failure_letter(task.job_id, task.error)
        return {"status": call_back(step, self._settings, task.webhook_url, task.job_id, letter)}


def tell_ended(services: Services) -> None:
    """A chore: begin to tell those of whom nobody has begun it yet."""
    with services.database.read() as session:
        since = services.database.now(session) - timedelta(seconds=RECENT)
        ended = session.execute(_untold().where(Job.finished_at > since)).all()
        notices = {_key(row.id): row for row in ended if _address(row.task)}
        begun = select(Job.idempotency_key).where(Job.idempotency_key.in_(notices))
        told = set(session.scalars(begun.where(Job.kind == VoiceNoticeWorkflow.kind)))
    for key in notices.keys() - told:
        row = notices[key]
        task = VoiceNoticeTask(job_id=row.id)
        try:
            services.submit(VoiceNoticeWorkflow.kind, task, owner=row.owner, origin=row.origin, idempotency_key=key)
        except PansoriError as error:  # as where no room is left: the others are told nevertheless
            log.warning("nobody was told how job %s has ended: %s", row.id, error.code)


def _untold() -> Select[UUID, UUID, str, JsonDict, JsonDict | None]:
    """Jobs that were cancelled, or have failed before their last step, which is to tell of it, was begun."""
    silent = exists().where(Step.job_id == Job.id, Step.name == NOTIFY, Step.attempt == 0)
    ended = or_(Job.state == JobState.CANCELLED, and_(Job.state == JobState.FAILED, silent))
    columns = (Job.id, Job.owner, Job.origin, Job.task, Job.error)
    return select(*columns).where(Job.kind == VoiceAnalysisWorkflow.kind, ended)


def _key(job_id: UUID) -> str:
    return f"untold/{job_id}"


def _address(task: JsonDict) -> str:
    return str(task.get(WEBHOOK_URL) or "")
