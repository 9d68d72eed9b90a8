"""Generations and tracks in this contract's words."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, Field

from pansori.domain.errors import Language
from pansori.domain.jobs import JobState, JobView, JsonDict
from pansori.domain.media import Quality
from pansori.domain.tasks import SampleRate
from pansori.domain.units import Bytes, Seconds
from pansori.library import TrackView
from pansori.workflows import is_converted, seed_of

Status = Literal["queued", "running", "succeeded", "failed"]
STATUSES: dict[JobState, Status] = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
    JobState.CANCELLED: "failed",
}
CANCELLED = "cancelled"  #: `error` of a generation that was cancelled, which this contract has no state for
SONG = "song"


class Refusal(BaseModel):
    """An error: words, or for a request that is wrong a list saying where."""

    detail: str | list[JsonDict]


class Generation(BaseModel):
    """A song that is made, or was, or could not be. Times are UTC."""

    id: UUID
    status: Status
    progress: float = Field(description="0 to 1.")
    stage: str = Field(description="What is being done.")
    prompt: str
    duration: Seconds | None = Field(description="Seconds.")
    samplerate: SampleRate | None = Field(description="As it was asked for; null: the engine's own.")
    seed: int = Field(description="The one that was asked for, or else chosen.")
    quality: Quality
    track_id: UUID | None = Field(description="Null until it has succeeded, and when the track was deleted.")
    error: str | None
    created_at: datetime
    completed_at: datetime | None


class TrackShown(BaseModel):
    """A track of the library."""

    id: UUID
    title: str
    prompt: str
    expanded_prompt: str
    lyrics: str
    parameters: JsonDict = Field(description="What was asked: duration, samplerate, seed, quality …")
    engine: str
    seed: int | None
    licence: str = Field(description="Of the engine's code and weights.")
    duration: Seconds
    content_type: str
    size: Bytes
    favourite: bool
    facts: JsonDict = Field(description="What the engine told: tempo, key, sections, notices; of one track, lines too.")
    generation_id: UUID | None = Field(description="The generation that made it, as long as that is kept.")
    stream_url: str
    download_url: str
    artifacts: dict[str, str] = Field(description="Where what was made with it is, by role: `peaks`, `midi`, `lrc` …")
    created_at: datetime


class Library(BaseModel):
    items: list[TrackShown]
    next: str | None = Field(description="`cursor` of the page after this one; null: there is none.")
    total: int = Field(description="How many tracks fit the request, on all pages.")


class Deleted(BaseModel):
    deleted: list[UUID]


def generation_of(job: JobView, track_id: UUID | None, language: Language) -> Generation:
    task = job.task
    return Generation(
        id=job.id,
        status=STATUSES[job.state],
        progress=1.0 if job.state is JobState.SUCCEEDED else job.progress.fraction,
        stage=job.progress.stage,
        prompt=task["prompt"],
        duration=task["duration"],
        samplerate=task["samplerate"],
        seed=seed_of(job.id, task["seed"]),
        quality=task["quality"],
        track_id=track_id,
        error=_error(job, language),
        created_at=job.created_at,
        completed_at=job.finished_at,
    )


def track_of(track: TrackView, query: str = "") -> TrackShown:
    """`query`: what its addresses need so that others may read them too."""
    ending = f"?{query}" if query else ""
    return TrackShown(
        **track.model_dump(include=TrackShown.model_fields.keys() - {"artifacts"}),
        content_type=track.media_type,
        generation_id=track.job_id,
        stream_url=f"/v1/stream/{track.id}{ending}",
        download_url=f"/v1/download/{track.id}{ending}",
        artifacts={
            role: f"/v1/download/{track.id}?role={quote(role)}{f'&{query}' if query else ''}"
            for role in track.artifacts
            if role != SONG and not is_converted(role)
        },
    )


def _error(job: JobView, language: Language) -> str | None:
    if job.state is JobState.CANCELLED:
        return CANCELLED
    if job.error is None:
        return None
    return job.error.told.in_language(language)
