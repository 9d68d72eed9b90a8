"""What `/v1/analyses` answers with and is sent, as shapes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori.api.problems import failure_of_job
from pansori.api.shown import Asset, JobError, Shown, told_asset
from pansori.domain.errors import Language
from pansori.domain.jobs import JobState, JsonDict, Progress
from pansori.domain.tasks import Kind
from pansori.domain.units import BeatsPerMinute, Hertz, Lufs, Seconds
from pansori.engines.analyze.said import Corrections
from pansori.engines.analyze.schema import Analysis
from pansori.library import AnalysisView
from pansori.workflows import corrections_of

AT_ONCE: Final = 200  #: analyses deleted by one request


class AnalysisBrief(Shown):
    """The answers that one looks for first, as they were measured. Null: it was not measured, or refused."""

    kind: Kind | None
    duration: Seconds | None
    tempo: BeatsPerMinute | None
    key: str | None
    pitch: Hertz | None = Field(description="The median of a voice's.")
    loudness: Lufs | None = Field(description="Of the whole.")


class AnalysisInShort(Shown):
    """An analysis in a line. Its job, `/v1/jobs/{id}`, has the same id."""

    id: UUID
    name: str = Field(description="Of the recording.")
    state: JobState
    progress: Progress
    created_at: datetime
    finished_at: datetime | None
    recording: Asset | None = Field(description="Null: it was deleted.")
    brief: AnalysisBrief | None = Field(description="Null until it is done.")
    error: JobError | None
    corrections: Corrections | None = Field(description="What people said against it; null: nothing.")


class AnalysisShown(AnalysisInShort):
    result: JsonDict | None = Field(description="What was measured, without what is long; null until it is done.")


class AnalysisWhole(AnalysisShown):
    analysis: Analysis | None = Field(
        description="Everything; null until it is done, and where another program gave a result in a form of its own."
    )


class AnalysesShown(Shown):
    analyses: list[AnalysisInShort]
    next_cursor: str | None = Field(description="Asks for the page after this one; null: there is none.")


class Curves(Shown):
    """Times are seconds from the beginning."""

    duration: Seconds
    beats: list[Seconds]
    downbeats: list[Seconds]
    chords: list[tuple[Seconds, Seconds, str]] = Field(description="Beginning, end and name.")
    sections: list[tuple[Seconds, Seconds, str]]
    curves: dict[str, list[tuple[Seconds, float | None]]] = Field(
        description="`pitch` in Hz, `loudness` in LUFS; null where there is no value."
    )
    whole: bool = Field(description="No point of a curve was left out.")


class Peaks(Shown):
    channels: list[list[float]]


class Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] = Field(max_length=AT_ONCE, description="Analyses; unfinished ones are cancelled.")


class DeletedAnalyses(Shown):
    deleted: list[UUID]


def told(view: AnalysisView, language: Language) -> JsonDict:
    """An `AnalysisShown` as JSON has it."""
    return {**told_in_short(view, language), "result": view.job.result}


def told_in_short(view: AnalysisView, language: Language) -> JsonDict:
    """An `AnalysisInShort` as JSON has it."""
    job = view.job
    failed = failure_of_job(job.error, language) if job.error else None
    error = failed and {name: value for name in JobError.model_fields if (value := getattr(failed, name)) is not None}
    return {
        "id": job.id,
        "name": view.name,
        "state": job.state,
        "progress": job.progress,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "recording": told_asset(view.recording) if view.recording else None,
        "brief": asdict(view.brief) if job.result is not None else None,
        "error": error,
        "corrections": corrections_of(view) if view.corrections else None,
    }
