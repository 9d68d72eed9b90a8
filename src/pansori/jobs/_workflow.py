"""What a kind of job does: a plan of steps, and the work of each."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from pansori.domain.errors import PansoriError
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.units import Seconds


class StepRun(ABC):
    """One attempt at one step, as its work sees it. Its methods may be called from any thread."""

    job_id: UUID
    name: str
    params: JsonDict
    attempt: int
    owner: UUID
    outputs: Mapping[str, JsonDict]
    """Outputs of the steps done before this one began, by name."""
    key: str
    """The same for every attempt: effects outside carry it, so that they happen once."""
    delivery: JsonDict | None
    """What was delivered for this step from outside since the job was last begun. None: nothing yet."""
    parked: bool
    """An earlier attempt has waited. Where nothing was delivered, its time is over."""

    @property
    @abstractmethod
    def scratch(self) -> Path:
        """A folder of this attempt's own, empty at first; it is deleted afterwards."""

    @abstractmethod
    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        """Report that `fraction` (0–1) of the whole job is done. Never waits; within an attempt it never goes back."""

    @abstractmethod
    def check_cancelled(self) -> None:
        """Raise `Cancelled` or `DeadlineExceeded` when the attempt should end."""

    @abstractmethod
    def add_file(
        self, role: str, path: Path, *, name: str, media_type: str | None = None, duration: Seconds | None = None
    ) -> UUID:
        """Store a file, which becomes an artifact of the job when the step is done. `role`: once a step."""

    @abstractmethod
    def artifact(self, role: str) -> AbstractContextManager[Path]:
        """An artifact of an earlier step of this job, as a local file to read. Raises `NotFound`."""

    @abstractmethod
    def asset(self, asset_id: UUID) -> AbstractContextManager[Path]:
        """A file of the job's owner that was stored before, as a local file to read. Raises `NotFound`."""

    @property
    @abstractmethod
    def begun(self) -> int:
        """How often the job was begun: 1, and one more for every time that somebody asked for another try."""

    @abstractmethod
    def wait(self, timeout: Seconds) -> NoReturn:
        """End this attempt, and hold no worker until something is delivered for the step (`jobs.deliver`), or `timeout`
        has passed: then the step is run again, with `delivery` or else with `parked`. Files that the attempt has added
        are dropped. What came meanwhile is not lost."""

    @abstractmethod
    def append_steps(self, specs: Sequence[StepSpec]) -> None:
        """Add steps to the job when this one is done. Their `after` may name any step of the job. Not for steps with a
        cache key."""


class Workflow(ABC):
    """Stateless: planned in one process, run in others."""

    kind: ClassVar[str]
    Task: ClassVar[type[BaseModel]]

    def accept(self, task: Any) -> Any:
        """The task as it is to be submitted, with its defaults filled in. Called outside of any transaction.

        Raises `InvalidRequest` for one that would be refused, `EngineUnavailable` where nobody could do it."""
        return task

    def look(self, task: Any, owner: UUID) -> None:  # noqa: B027 - most have nothing to look at
        """Look into what an accepted task of that owner names, where that takes long: outside of any transaction.
        Raises for what would be refused; what is not theirs is `complete`'s to tell."""

    def complete(self, session: Session, task: Any, owner: UUID) -> Any:
        """The accepted task with what the database knows and nobody else is believed. Called with the transaction that
        stores the job of that owner. Raises `NotFound` for what is not theirs."""
        return task

    def identity(self, request: JsonDict) -> JsonDict:
        """What of a task, as JSON, has to be the same where an idempotency key is used again. By default all of it."""
        return request

    @abstractmethod
    def plan(self, task: Any) -> Sequence[StepSpec]:
        """The steps of the job; at least one."""

    @abstractmethod
    def run(self, step: StepRun, task: Any) -> JsonDict:
        """Do the work of `step.name`; the same step may be run again. Returns its output."""

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        """The job's result from all its outputs, which are in the order of the plan. By default the last one."""
        return outputs[next(reversed(list(outputs)))]

    def keep(self, session: Session, job_id: UUID, result: JsonDict) -> None:  # noqa: B027 - most jobs leave nothing
        """Write what the job leaves in its owner's library. Called with the transaction in which the job succeeds, so
        that both happen or neither; it writes rows only. By default nothing."""

    def failed(self, job_id: UUID, error: PansoriError) -> None:  # noqa: B027 - the job's row keeps it for most
        """Told of a job's end as `failed`, for the log. By default nothing."""


def cache_key(*inputs: Any) -> str:
    """A `StepSpec.cache_key`: the hash of everything, as JSON, that the step's output depends on."""
    canonical = json.dumps(inputs, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
