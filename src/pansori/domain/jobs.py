"""States of jobs and steps, and what may follow what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import PansoriError, Text
from pansori.domain.units import Seconds

JsonDict = dict[str, Any]


class JobState(StrEnum):
    QUEUED = "queued"  #: accepted and stored; no worker has begun it
    RUNNING = "running"  #: a worker has begun one of its steps
    SUCCEEDED = "succeeded"  #: every step is done and its results are stored
    FAILED = "failed"  #: a step failed for good; `error` says why
    CANCELLED = "cancelled"  #: somebody asked for it to stop, and it did

    @property
    def finished(self) -> bool:
        return self in FINISHED


FINISHED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: FINISHED,
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset({JobState.QUEUED}),  # by retry
    JobState.CANCELLED: frozenset({JobState.QUEUED}),  # by retry
}


class StepState(StrEnum):
    WAITING = "waiting"  #: a step before it is not done yet
    READY = "ready"  #: may be claimed as soon as `run_after` has come
    RUNNING = "running"  #: a worker holds its lease
    SUCCEEDED = "succeeded"  #: its output and artifacts are stored
    FAILED = "failed"  #: it failed for good
    CANCELLED = "cancelled"  #: its job ended before it did


STEP_TRANSITIONS: dict[StepState, frozenset[StepState]] = {
    StepState.WAITING: frozenset({StepState.READY, StepState.CANCELLED}),
    StepState.READY: frozenset({StepState.RUNNING, StepState.SUCCEEDED, StepState.CANCELLED, StepState.FAILED}),
    StepState.RUNNING: frozenset({StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED, StepState.READY}),
    StepState.SUCCEEDED: frozenset(),
    StepState.FAILED: frozenset({StepState.READY, StepState.WAITING}),  # by retry of the job
    StepState.CANCELLED: frozenset({StepState.READY, StepState.WAITING}),  # by retry of the job
}

Queue = Literal["cpu", "gpu"]
QUEUES: tuple[Queue, ...] = ("cpu", "gpu")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ErrorInfo(Frozen):
    """A `PansoriError` as it is kept with a job."""

    code: str
    message: str
    message_ko: str
    field: str | None = None
    cure: str | None = None
    cure_ko: str | None = None

    @classmethod
    def of(cls, error: PansoriError) -> ErrorInfo:
        return cls(
            code=error.code,
            message=error.message.en,
            message_ko=error.message.ko,
            field=error.field,
            cure=error.cure.en if error.cure else None,
            cure_ko=error.cure.ko if error.cure else None,
        )

    @property
    def told(self) -> Text:
        return Text(self.message, self.message_ko)

    @property
    def cured(self) -> Text | None:
        """What would cure it; in English alone where an older version kept it."""
        return Text(self.cure, self.cure_ko or self.cure) if self.cure else None


class StepSpec(Frozen):
    """One step of a plan. `after` names the steps of the same plan that must be done first."""

    name: str
    queue: Queue = "cpu"
    after: tuple[str, ...] = ()
    params: JsonDict = Field(default_factory=dict)
    max_attempts: int = Field(default=3, ge=1)
    timeout: Seconds | None = None
    """How long one attempt may run. None: as long as the job's own deadline allows."""
    grace: Seconds = Seconds(0.0)
    """How long a cancelled attempt may take to end by itself before its process group is killed. 0: killed at once."""
    cache_key: str | None = None
    """Hash of all inputs. Where an earlier step with the same key succeeded, its output is used. None: never."""


class Progress(Frozen):
    stage: str = ""
    fraction: float = Field(default=0.0, ge=0.0, le=1.0)
    message: str = ""


class ArtifactView(Frozen):
    """A stored result of a job. `role` says what it is to the job: `song`, `stem.vocal`, `midi`, `recipe` …"""

    asset_id: UUID
    role: str
    name: str
    media_type: str
    size: int
    sha256: str
    duration: Seconds | None = None


class StepView(Frozen):
    name: str
    state: StepState
    queue: Queue
    attempt: int
    error: ErrorInfo | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    parked: bool = False
    """It waits, in nobody's hands, for something to be delivered from outside."""
    reused: bool = False
    """Nobody worked on it: its output is that of an earlier step with the same inputs."""


class JobView(Frozen):
    """A job as readers see it. Times are UTC and aware."""

    id: UUID
    kind: str
    origin: str
    owner: UUID
    state: JobState
    priority: int
    task: JsonDict
    progress: Progress
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: ErrorInfo | None
    result: JsonDict | None
    seq: int
    steps: tuple[StepView, ...] = ()
    artifacts: tuple[ArtifactView, ...] = ()


class EventView(Frozen):
    """One numbered change of a job; `seq` starts at 1 and has no gaps."""

    id: int
    """Grows over the whole installation; gaps are possible."""
    job_id: UUID
    seq: int
    type: str
    at: datetime
    data: JsonDict
