"""A job as pages show it: in words, with how long it has taken and may take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pansori.domain.errors import Language
from pansori.domain.jobs import JobState, JobView
from pansori.domain.units import Seconds
from pansori.library import analyses
from pansori.web.words import Told

SURE_FROM = 0.2  #: part of the work after which what is left may be guessed from what it took; loading is over by then
TITLE_LENGTH = 120


@dataclass(frozen=True)
class JobCard:
    """What the macro `ui.job` shows."""

    id: UUID
    title: str
    state: str
    finished: bool
    cancelling: bool
    percent: int
    words: str
    """The stage it is at, how it ended, or why it failed."""
    cure: str
    elapsed: Seconds | None
    left: Seconds | None
    path: str
    """The page of the job."""
    track_path: str
    """The page of what came of it; empty where nothing has."""


def card_of(job: JobView, t: Told, now: datetime, *, track: UUID | None = None, title: str = "") -> JobCard:
    """`track`: what it has left in the library. `title`: where the task does not say what it is called."""
    elapsed = Seconds((now - job.started_at).total_seconds()) if job.started_at and not job.state.finished else None
    return JobCard(
        id=job.id,
        title=title or title_of(job),
        state=job.state.value,
        finished=job.state.finished,
        cancelling=job.cancel_requested and not job.state.finished,
        percent=int(job.progress.fraction * 100),
        words=_words(job, t),
        cure=_cure(job, t.language),
        elapsed=elapsed,
        left=_left(job, elapsed),
        path=path_of(job),
        track_path=f"/app/tracks/{track}" if track else "",
    )


def path_of(job: JobView) -> str:
    """The page of the job: an analysis is shown on its own, and one of an attempt as that."""
    if job.kind != analyses.KIND:
        return f"/app/jobs/{job.id}"
    return f"/app/{'attempts' if job.task.get('token_id') else 'analyses'}/{job.id}"


def title_of(job: JobView) -> str:
    """What its task calls it, or begins with."""
    told = next((str(job.task[name]) for name in ("title", "prompt", "genre") if job.task.get(name)), job.kind)
    line = " ".join(told.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def _words(job: JobView, t: Told) -> str:
    if job.state is JobState.FAILED and job.error is not None:
        failed = t("analysis_failed" if job.kind == analyses.KIND else "job_failed")
        return f"{failed}: {job.error.told.in_language(t.language)}"
    if job.state is JobState.RUNNING:
        return t("job_cancelling") if job.cancel_requested else t.stage(job.progress.stage)
    return t(f"job_{job.state.value}")


def _cure(job: JobView, language: Language) -> str:
    cured = job.error.cured if job.error and job.state is JobState.FAILED else None
    return cured.in_language(language) if cured else ""


def _left(job: JobView, elapsed: Seconds | None) -> Seconds | None:
    done = job.progress.fraction
    if elapsed is None or elapsed < 1 or not SURE_FROM <= done < 1:  # at the end nobody knows how long the end takes
        return None
    return Seconds(elapsed * (1 - done) / done)
