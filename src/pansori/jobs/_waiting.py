"""Steps that wait for something from outside: they hold no worker meanwhile, and what comes for them is not lost.

A step that waits is an ordinary ready one whose time has not come yet. A delivery lets it come at once.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pansori.db import now as now_of
from pansori.db.tables import Step
from pansori.domain.errors import Conflict, NotFound, Text
from pansori.domain.jobs import JsonDict, Progress, StepState
from pansori.domain.units import Seconds
from pansori.jobs._claim import Claim
from pansori.jobs._finish import cancel_step, close_attempt
from pansori.jobs._kernel import Kernel
from pansori.jobs._rows import AttemptLost, NewEvent, lock_job, progress_event, record

BEGUN = (StepState.READY, StepState.RUNNING)  #: of a step that was begun before, and may be waiting


class Parked(Exception):
    """Ends an attempt that is to wait so long for a delivery."""

    def __init__(self, timeout: Seconds) -> None:
        super().__init__(timeout)
        self.timeout = timeout


def park(kernel: Kernel, session: Session, claim: Claim, timeout: Seconds, progress: Progress | None) -> set[str]:
    """Let go of the step until something is delivered for it, or `timeout` has passed; at once where it has come while
    the attempt ran. `progress`: the last one, where it was not written yet.

    Returns the queues with newly ready steps. Raises `AttemptLost`.
    """
    now = kernel.database.now(session)
    job = lock_job(session, claim.attempt.job_id)
    if job.cancel or job.state.finished:
        cancel_step(session, job, claim.attempt, now)
        return set()
    delivered = session.execute(select(Step.delivery.is_not(None)).where(claim.attempt.is_current)).scalar_one_or_none()
    if delivered is None:
        raise AttemptLost
    until = now if delivered else now + timedelta(seconds=timeout)
    close_attempt(session, claim.attempt, StepState.READY, now, parked=True, run_after=until, error=None)
    told = {"step": claim.name, "attempt": claim.attempt.number, "until": until.isoformat()}
    events = [progress_event(claim.name, progress)] if progress is not None else []
    changes = {"progress": progress.model_dump(), "progress_at": now} if progress is not None else {}
    record(session, job.id, now, (*events, NewEvent("step_parked", told)), **changes)
    return {claim.queue} if delivered else set()


def deliver(session: Session, job_id: UUID, step: str, payload: JsonDict) -> bool:
    """Keep what came from outside for a step that waits, or that runs and will; the caller commits, and wakes
    afterwards. False: something came for it before, and nothing is changed.

    Raises `NotFound` where there is no such job or step, `Conflict` where it does not wait: it was not begun yet, was
    done without, or its job has ended.
    """
    job = lock_job(session, job_id)
    columns = (Step.id, Step.state, Step.attempt, Step.delivery.is_not(None).label("delivered"))
    row = session.execute(select(*columns).where(Step.job_id == job_id, Step.name == step)).one_or_none()
    if row is None:
        raise NotFound(Text(f"The job has no step “{step}”.", f"작업에 “{step}” 단계가 없어요."))
    if row.delivered:
        return False
    if job.cancel or job.state.finished:
        raise Conflict(Text("The job has ended already.", "이미 끝난 작업이에요."))
    if row.attempt == 0 or row.state not in BEGUN:
        raise Conflict(Text("The job does not wait for this.", "이 작업은 결과를 기다리고 있지 않아요."))
    now = now_of(session)
    kept = {"delivery": payload, "run_after": now} if row.state == StepState.READY else {"delivery": payload}
    session.execute(update(Step).where(Step.id == row.id).values(kept))
    record(session, job_id, now, (NewEvent("step_delivered", {"step": step}),))
    return True
