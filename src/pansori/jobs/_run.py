"""Running one claimed step in this process: the edge where a worker meets the work."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from pansori import telemetry
from pansori.db.tables import Artifact, Asset, Event, Job, Step
from pansori.domain.errors import Cancelled, Conflict, InternalError, NotFound, PansoriError, Text
from pansori.domain.jobs import JobState, StepSpec, StepState
from pansori.domain.units import Seconds
from pansori.jobs._claim import Claim, claim
from pansori.jobs._finish import Outcome, fail, succeed, too_late
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker
from pansori.jobs._progress import Reporter
from pansori.jobs._rows import AttemptLost
from pansori.jobs._waiting import Parked, park
from pansori.jobs._workflow import StepRun
from pansori.media import FULL, storage_full

log = logging.getLogger(__name__)

CANCEL_INTERVAL = Seconds(0.25)  #: `check_cancelled` asks the database at most so often
PAUSES = (0.1, 0.5, 2.0, 5.0, 10.0)  #: before the end of an attempt is written again to a database that was away


def claim_and_run(kernel: Kernel, queue: str, *, worker: Worker | None = None, job_id: UUID | None = None) -> bool:
    """Claim the best ready step of `queue` and run it in this process, to its end. False: there was none.

    Raises only what leaves the step in an unknown state (the database is away): the process MUST end then, so that
    the watcher sees it and gives the step to another.
    """
    claimed = claim(kernel, queue, worker or Worker.here(kernel.host), job_id)
    if claimed is None:
        return False
    run_claimed(kernel, claimed)
    return True


def run_claimed(kernel: Kernel, claimed: Claim) -> None:
    """Run a step that is this process's, to its end. Raises what `claim_and_run` does."""
    job_id = str(claimed.attempt.job_id)
    where: dict[str, telemetry.Fact] = {"job_id": job_id, "step": claimed.name, "attempt": claimed.attempt.number}
    told = {f"pansori.{name}": value for name, value in {"kind": claimed.kind, "queue": claimed.queue, **where}.items()}
    with (
        telemetry.about(request_id=claimed.request_id, **where),
        telemetry.span(f"{claimed.kind} {claimed.name}", "consumer", told, parent=claimed.trace),
    ):
        _run_to_its_end(kernel, claimed)


def _run_to_its_end(kernel: Kernel, claimed: Claim) -> None:
    kernel.feed.announce()
    began = time.monotonic()
    log.info("step %s of job %s begins, attempt %d", claimed.name, claimed.attempt.job_id, claimed.attempt.number)
    run = _Run(kernel, claimed)
    try:
        queues = _carry_out(kernel, claimed, run)
    except AttemptLost:
        log.info("step %s of job %s was taken away", claimed.name, claimed.attempt.job_id)
        telemetry.fail_span("attempt_lost")
        kernel.assets.discard(run.files.values())
        return
    finally:
        run.reporter.close()
        run.remove_folder()
    log.info("step %s of job %s ended after %.1f s", claimed.name, claimed.attempt.job_id, time.monotonic() - began)
    kernel.wake(queues)


def _carry_out(kernel: Kernel, claimed: Claim, run: _Run) -> set[str]:
    """Do the work and settle it one way or the other. Returns the queues with newly ready steps."""
    try:
        outcome = _reusable(kernel, claimed) or _work(kernel, claimed, run)
        return _settle(kernel, lambda session: succeed(kernel, session, claimed, outcome))
    except (AttemptLost, OperationalError, InterfaceError):
        raise
    except Parked as parked:
        progress, timeout = run.reporter.close(), parked.timeout
        kernel.assets.discard(run.files.values())
        return _settle(kernel, lambda session: park(kernel, session, claimed, timeout, progress))
    except PansoriError as error:
        log.info("step %s of job %s: %s", claimed.name, claimed.attempt.job_id, error.code)
        telemetry.fail_span(error.code)
        known = error
    except Exception as error:
        log.exception("step %s of job %s raised", claimed.name, claimed.attempt.job_id)
        telemetry.fail_span(type(error).__name__)
        known = _named(claimed, error)
    kernel.assets.discard(run.files.values())
    return _settle(kernel, lambda session: fail(kernel, session, claimed, known))


def _named(claimed: Claim, error: Exception) -> PansoriError:
    """What users see of an exception that nobody gave a name."""
    if isinstance(error, OSError) and error.errno in FULL:  # of the scratch folder: the store's own have names
        return storage_full()
    return InternalError(
        Text(
            f"The step “{claimed.name}” failed by a fault of the program ({type(error).__name__}).",
            f"프로그램의 잘못으로 “{claimed.name}” 단계가 실패했어요 ({type(error).__name__}).",
        ),
        cure=Text("The log has the details.", "자세한 내용은 로그에 있어요."),
    )


def _work(kernel: Kernel, claimed: Claim, run: _Run) -> Outcome:
    workflow = kernel.workflow(claimed.kind)
    output = workflow.run(run, workflow.Task.model_validate(claimed.task))
    return Outcome(output, written=run.files, appended=run.appended, progress=run.reporter.close())


def _settle(kernel: Kernel, write: Callable[[Session], set[str]]) -> set[str]:
    """Commit the end of the attempt; when the database is away, again. A second commit of the same is `AttemptLost`."""
    for pause in PAUSES:
        try:
            with kernel.database.write() as session:
                return write(session)
        except (OperationalError, InterfaceError) as error:
            log.warning("the end of a step was not written, trying again: %s", error)
            time.sleep(pause)
    with kernel.database.write() as session:
        return write(session)


def _reusable(kernel: Kernel, claimed: Claim) -> Outcome | None:
    """What an earlier step of the same owner with the same cache key left, if all of it is still there."""
    if claimed.cache_key is None:
        return None
    with kernel.database.read() as session:
        same = (Step.cache_key == claimed.cache_key, Step.state == StepState.SUCCEEDED, Job.owner == claimed.owner)
        found = select(Step.id, Step.output).join(Job, Job.id == Step.job_id).where(*same).order_by(Step.id.desc())
        earlier = session.execute(found.limit(1)).one_or_none()
        if earlier is None:
            return None
        artifacts = select(Artifact.role, Artifact.asset_id).where(Artifact.step_id == earlier.id)
        reused = {row.role: row.asset_id for row in session.execute(artifacts)}
        return Outcome(earlier.output or {}, reused=reused)


class _Run(StepRun):
    def __init__(self, kernel: Kernel, claimed: Claim) -> None:
        self._kernel = kernel
        self._claim = claimed
        self._asked = float("-inf")
        self.job_id = claimed.attempt.job_id
        self.name = claimed.name
        self.params = claimed.params
        self.attempt = claimed.attempt.number
        self.owner = claimed.owner
        self.outputs = claimed.outputs
        self.delivery = claimed.delivery
        self.parked = claimed.parked
        self.key = f"{claimed.attempt.job_id}/{claimed.name}"
        self._folder = kernel.scratch / f"{claimed.attempt.step_id}-{claimed.attempt.number}"
        self.reporter = Reporter(kernel, claimed)
        self.files: dict[str, UUID] = {}
        self.appended: list[StepSpec] = []

    @property
    def scratch(self) -> Path:
        return self._subfolder("work")

    def _subfolder(self, name: str) -> Path:
        folder = self._folder / name  # made when first asked for: most steps of most jobs are small
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def remove_folder(self) -> None:
        if self._folder.exists():
            shutil.rmtree(self._folder, ignore_errors=True)

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        self.reporter.report(stage, fraction, message)

    def check_cancelled(self) -> None:
        if time.monotonic() - self._asked < CANCEL_INTERVAL:
            return
        self._asked = time.monotonic()
        wanted = select(Job.cancel, Job.state).join(Step, Step.job_id == Job.id)
        with self._kernel.database.read() as session:
            job = session.execute(wanted.where(self._claim.attempt.is_current)).one_or_none()
            now = self._kernel.database.now(session)
        if job is None or job.cancel or JobState(job.state).finished:
            raise Cancelled(Text("The job was cancelled.", "작업이 취소되었어요."))
        if self._claim.deadline is not None and self._claim.deadline <= now:
            raise too_late(self.name)

    def add_file(
        self, role: str, path: Path, *, name: str, media_type: str | None = None, duration: Seconds | None = None
    ) -> UUID:
        if role in self.files:
            raise ValueError(f"two files of step {self.name} have the role {role}")
        attempt = self._claim.attempt
        try:
            asset_id = self._kernel.assets.write(
                self.owner,
                name,
                path,
                step_id=attempt.step_id,
                attempt=attempt.number,
                media_type=media_type,
                duration=duration,
            )
        except Conflict as error:
            raise AttemptLost from error
        self.files[role] = asset_id
        return asset_id

    @contextmanager
    def artifact(self, role: str) -> Iterator[Path]:
        wanted = select(Artifact.asset_id).join(Asset, Asset.id == Artifact.asset_id)
        wanted = wanted.where(Artifact.job_id == self.job_id, Artifact.role == role).order_by(Artifact.id.desc())
        with self._kernel.database.read() as session:
            asset_id = session.execute(wanted.limit(1)).scalar_one_or_none()
            if asset_id is None:
                raise NotFound(Text(f"The job has no artifact “{role}”.", f"작업에 “{role}” 결과물이 없어요."))
            info = self._kernel.assets.info(session, asset_id)
        yield self._kernel.assets.materialize(info, self._subfolder("inputs"))

    @contextmanager
    def asset(self, asset_id: UUID) -> Iterator[Path]:
        with self._kernel.database.read() as session:
            owner = session.execute(select(Job.owner).where(Job.id == self.job_id)).scalar_one()  # as of now
            info = self._kernel.assets.info(session, asset_id, owner=owner)
        yield self._kernel.assets.materialize(info, self._subfolder("inputs"))

    @property
    def begun(self) -> int:
        queued = select(func.count()).where(Event.job_id == self.job_id, Event.type == "queued")
        with self._kernel.database.read() as session:
            return session.execute(queued).scalar_one()

    def wait(self, timeout: Seconds) -> NoReturn:
        raise Parked(timeout)

    def append_steps(self, specs: Sequence[StepSpec]) -> None:
        if self._claim.cache_key is not None:
            raise ValueError(f"step {self.name} has a cache key: who uses its output would miss the steps it appends")
        self.appended.extend(specs)
