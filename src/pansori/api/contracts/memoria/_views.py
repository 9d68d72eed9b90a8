"""Songs in this contract's words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, Field

from pansori.api.delivery import content_path
from pansori.domain.errors import Language
from pansori.domain.jobs import ErrorInfo, JobState, JsonDict, Progress

Status = Literal["queued", "processing", "completed", "failed"]
STATUSES: dict[JobState, Status] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "processing",
    JobState.SUCCEEDED: "completed",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}
CANCELLED = "cancelled"  #: `error` of a song that was cancelled, which its document has no state for


class SongJob(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def state(self) -> JobState: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def error(self) -> ErrorInfo | None: ...
    @property
    def result(self) -> JsonDict | None: ...


class SongStatus(BaseModel):
    """State of one song. Times are UTC and carry no zone."""

    status: Status
    created_at: str
    completed_at: str | None
    file_path: str | None = Field(description="Where on this server the finished song is.")
    error: str | None
    progress: float = Field(description="0 to 1.")
    stage: str = Field(description="What is being done.")


class Queued(BaseModel):
    job_id: str
    status: Status


class ServerStatus(BaseModel):
    active_job: str | None
    queue_size: int
    job_count: int


class Songs(BaseModel):
    active_job: str | None
    jobs: dict[str, SongStatus]


class SongPage(Songs):
    next_cursor: str | None = Field(description="Asks for older songs; null: these were the last.")


def status_of(job: SongJob, language: Language) -> SongStatus:
    return SongStatus(
        status=STATUSES[job.state],
        created_at=moment(job.created_at),
        completed_at=moment(job.finished_at) if job.finished_at else None,
        file_path=content_path(job.result["asset_id"]) if job.result else None,
        error=error_of(job, language),
        progress=1.0 if job.state is JobState.SUCCEEDED else job.progress.fraction,
        stage=job.progress.stage,
    )


def songs_of(jobs: Iterable[SongJob], active: UUID | None, language: Language) -> Songs:
    return Songs(
        active_job=str(active) if active else None,
        jobs={str(job.id): status_of(job, language) for job in jobs},
    )


def error_of(job: SongJob, language: Language) -> str | None:
    if job.state is JobState.CANCELLED:
        return CANCELLED
    if job.error is None:
        return None
    return job.error.told.in_language(language)


def moment(time: datetime) -> str:
    """As documented: ISO 8601 to the microsecond, without a zone; always UTC."""
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
