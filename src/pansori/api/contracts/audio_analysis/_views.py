"""Analyses in this contract's words. What the document says is said as it says it, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from pansori.domain.errors import Language, Text
from pansori.domain.jobs import ErrorInfo, JobState, JobView, JsonDict

ORIGIN: Final = "audio_analysis"
UPLOADED: Final = "업로드 완료, 백그라운드에서 처리됩니다."
DONE: Final = "분석 완료"
CANCELLED: Final = "취소됨"
WAITING: Final = Text("Waiting for its turn.", "차례를 기다리고 있어요.")

Status = Literal["processing", "completed", "failed"]


@dataclass(frozen=True)
class Stage:
    """What is told as soon as a step was begun."""

    progress: int
    message: Text


def _as_documented(progress: int, message: str) -> Stage:
    return Stage(progress, Text(message, message))


STAGES: Final[dict[str, dict[str, Stage]]] = {
    "analysis": {
        "store": _as_documented(40, "S3 업로드 중..."),
        "analyze": _as_documented(70, "분석 서버 요청 중..."),
    },
    "voice_analysis": {
        "fetch": Stage(20, Text("Fetching the recording.", "녹음을 받고 있어요.")),
        "analyze": Stage(50, Text("Analysing.", "분석하고 있어요.")),
        "notify": Stage(90, Text("Sending the results.", "결과를 보내고 있어요.")),
    },
}
"""By kind of job and name of step."""
KINDS: Final = frozenset(STAGES)


class Accepted(BaseModel):
    message: str
    job_id: str
    status: Status


class AnalysisState(BaseModel):
    """Where an analysis is, and what came of it."""

    status: Status
    token_id: str = Field(description="For which token it was asked; empty: for none.")
    progress: int = Field(description="0 to 100.", ge=0, le=100)
    result: JsonDict | None = Field(description="What was found; null until it is done.")
    message: str
    cached: bool = Field(description="The same bytes were analysed before in the same way; nothing was computed anew.")


def accepted(job: JobView) -> Accepted:
    return Accepted(message=UPLOADED, job_id=str(job.id), status="processing")


def state_of(job: JobView, language: Language) -> AnalysisState:
    reached = _reached(job)
    status, message = _ending(job, language) or ("processing", (reached or _BEGINNING).message.in_language(language))
    return AnalysisState(
        status=status,
        token_id=job.task.get("token_id") or "",
        progress=100 if status == "completed" else (reached or _BEGINNING).progress,
        result=job.result if status == "completed" else None,
        message=message,
        cached=any(step.name == "analyze" and step.reused for step in job.steps),
    )


def line_of(stage: Stage, language: Language) -> bytes:
    """What the stream tells of a step that was begun."""
    message = stage.message.in_language(language)
    return _line({"status": "processing", "progress": stage.progress, "message": message})


def last_line_of(job: JobView, language: Language) -> bytes:
    """What the stream tells of a finished job, before it ends."""
    state = state_of(job, language)
    if state.status == "completed":
        return _line({"status": state.status, "progress": state.progress, "result": state.result})
    return _line({"status": state.status, "progress": state.progress, "message": state.message})


def gone_line(progress: int) -> bytes:
    """What the stream tells where the job was deleted while it was followed."""
    return _line({"status": "failed", "progress": progress, "message": CANCELLED})


def stage_of(job: JobView, step: str) -> Stage | None:
    return STAGES[job.kind].get(step)


_BEGINNING: Final = Stage(0, WAITING)


def _reached(job: JobView) -> Stage | None:
    """The last stage that was begun."""
    begun: Iterable[Stage | None] = (stage_of(job, step.name) for step in job.steps if step.attempt)
    return max((one for one in begun if one is not None), key=lambda stage: stage.progress, default=None)


def _ending(job: JobView, language: Language) -> tuple[Status, str] | None:
    if job.state is JobState.SUCCEEDED:
        return "completed", DONE
    if job.state is JobState.CANCELLED:
        return "failed", CANCELLED
    if job.state is JobState.FAILED:
        return "failed", _why(job.error, language)
    return None


def _why(error: ErrorInfo | None, language: Language) -> str:
    assert error is not None, "a job that failed has its error"
    words = error.told.in_language(language)
    return f"{words} {error.cured.in_language(language)}" if error.cured else words


def _line(told: Any) -> bytes:
    return f"data: {json.dumps(told, ensure_ascii=False)}\n\n".encode(errors="replace")
