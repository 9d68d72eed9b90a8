"""What our own routes answer with, as shapes. They are checked on the way out, so that the document stays true."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori.api.delivery import content_path
from pansori.api.problems import failure_of_job
from pansori.domain.errors import Language
from pansori.domain.jobs import ArtifactView, JobState, JobView, JsonDict, Progress, StepView
from pansori.domain.tasks import Family
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import Card
from pansori.media import AssetInfo


class Shown(BaseModel):
    """What is told and stands here in no field is a fault of ours."""

    model_config = ConfigDict(extra="forbid")


class JobError(Shown):
    """Why a job failed. What there is nothing to say of is left out."""

    code: str = Field(description="Stable name of the error.")
    detail: str = Field(description="What happened, in English or Korean (`Accept-Language`).")
    field: str | None = Field(default=None, description="Where in the task the cause is.")
    cure: str | None = Field(default=None, description="What would help.")


class Artifact(Shown):
    """A stored result of a job."""

    asset_id: UUID
    role: str = Field(description="What it is to the job: `song`, `stem.vocal`, `midi`, `recipe` …")
    name: str
    media_type: str
    size: Bytes
    sha256: str
    duration: Seconds | None
    content: str = Field(description="The path of its bytes.")


class Artifacts(Shown):
    artifacts: list[Artifact]


class Job(Shown):
    """A job: what was asked for, how far it is, and what came of it."""

    id: UUID
    kind: str
    origin: str = Field(description="The contract that asked for it: `v1`, `memoria`, `cli` …")
    state: JobState
    priority: int
    task: JsonDict
    progress: Progress
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: JobError | None
    result: JsonDict | None = Field(description="What the kind of job gives back; null until it has succeeded.")
    seq: int = Field(description="Number of its newest event.")
    steps: list[StepView]
    artifacts: list[Artifact]


class JobPage(Shown):
    jobs: list[Job]
    next_cursor: str | None = Field(description="Asks for the page after this one; null: there is none.")


class Asset(Shown):
    """Facts of a stored file."""

    id: UUID
    name: str
    media_type: str
    size: Bytes
    sha256: str
    duration: Seconds | None
    created_at: datetime
    content: str = Field(description="The path of its bytes.")


class EngineShown(Shown):
    name: str
    family: Family
    state: Literal["ready", "missing", "broken"]
    reason: str
    cure: str
    card: Card | None = Field(description="What it declares of itself; null where it cannot be loaded.")
    options: JsonDict | None = Field(description="JSON Schema of its options.")


class Engines(Shown):
    engines: list[EngineShown]


class About(Shown):
    message: str
    version: str
    docs: str
    user: JsonDict | None = Field(description="Null where nobody has logged in.")


class Health(Shown):
    status: Literal["healthy", "unhealthy"]
    database: Literal["connected", "disconnected"]
    redis: Literal["connected", "disconnected", "not used"]
    celery: Literal["running", "stopped", "not used"]
    workers: Literal["running", "stopped"]


class Readiness(Shown):
    status: Literal["ready"]


def told(job: JobView, language: Language) -> JsonDict:
    """A `Job` as JSON has it."""
    shown = job.model_dump(mode="json", exclude={"owner", "error", "artifacts"})
    failed = failure_of_job(job.error, language) if job.error else None
    shown["error"] = failed and {
        name: value for name in JobError.model_fields if (value := getattr(failed, name)) is not None
    }
    shown["artifacts"] = [told_artifact(one) for one in job.artifacts]
    return shown


def told_artifact(artifact: ArtifactView) -> JsonDict:
    return {**artifact.model_dump(mode="json"), "content": content_path(artifact.asset_id)}


def told_asset(info: AssetInfo) -> JsonDict:
    facts = info.model_dump(mode="json", exclude={"key", "owner"})
    return {**facts, "content": content_path(info.id)}
