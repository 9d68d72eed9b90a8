"""Laws of the kernel: steps that wait for something from outside, in every size."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from pansori import jobs
from pansori.db.tables import Step
from pansori.domain.errors import Conflict, NotFound
from pansori.domain.jobs import JobState, JobView, JsonDict, StepState
from pansori.domain.units import Seconds
from pansori.jobs import Bell, Kernel, Sweeper, Watcher, run_inline
from support.sizes import Size, asset_names, drain, drained, event_types, in_background, make_size, planned
from support.waiting import eventually
from support.workflows import plan, spec

LONG = 3600.0
PARCEL = {"from": "바깥", "numbers": [1, 2.5, None]}


def deliver(size: Size, job_id: UUID, payload: JsonDict = PARCEL, step: str = "a") -> bool:
    with size.kernel.database.write() as session:
        taken = jobs.deliver(session, job_id, step, payload)
    size.kernel.wake()
    return taken


def waiting(size: Size) -> JobView:
    """A job whose step waits. It may be tried once: waiting uses up no attempts."""
    job = size.submit(plan(spec("a", do="wait", seconds=LONG, max_attempts=1), spec("b", "a")))
    assert drain(size) == 1
    return job


def come(size: Size, job_id: UUID) -> None:
    """Let the time of its steps come."""
    with size.kernel.database.write() as session:
        now = size.kernel.database.now(session)
        session.execute(update(Step).where(Step.job_id == job_id).values(run_after=now))
    size.kernel.wake()


def test_a_step_waits_in_nobodys_hands(size: Size) -> None:
    job = waiting(size)
    view = size.view(job.id)
    assert view.state is JobState.RUNNING
    assert (view.steps[0].state, view.steps[0].parked, view.steps[0].error) == (StepState.READY, True, None)
    assert view.progress.stage == "waiting"
    assert event_types(size, job)[-1] == "step_parked"
    other = size.submit(plan(spec("x")))
    drain(size)
    assert size.view(other.id).state is JobState.SUCCEEDED


def test_what_is_delivered_comes_to_the_step_at_once(size: Size) -> None:
    job = waiting(size)
    assert deliver(size, job.id)
    assert drain(size) == 2
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["a"]["delivered"] == PARCEL
    assert (view.steps[0].attempt, view.steps[0].parked) == (2, False)
    types = event_types(size, job)
    assert types.count("step_delivered") == 1
    assert "step_retried" not in types, "waiting is no failure"


def test_a_second_delivery_changes_nothing(size: Size) -> None:
    job = waiting(size)
    assert deliver(size, job.id)
    assert not deliver(size, job.id, {"from": "somebody else"})
    drain(size)
    seq = size.view(job.id).seq
    assert not deliver(size, job.id, {"from": "somebody else"})
    view = size.view(job.id)
    assert (view.seq, view.result and view.result["a"]["delivered"]) == (seq, PARCEL)
    with size.kernel.database.read() as session:
        kept = session.scalars(select(Step.delivery).where(Step.job_id == job.id, Step.name == "a")).one()
    assert kept == {}, "it is in the output, once"


def test_when_the_time_is_over_the_step_runs_without(size: Size) -> None:
    job = size.submit(plan(spec("a", do="wait", seconds=0.2)))
    view = drained(size, job.id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.message == "nothing came"
    with pytest.raises(Conflict):
        deliver(size, job.id)


def test_what_comes_before_the_step_waits_is_kept(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_when", file=str(flag), seconds=LONG)))
    with in_background(size):
        size.running(job.id, "a")
        assert deliver(size, job.id)
        flag.touch()
    assert drain(size) == 1
    assert size.view(job.id).state is JobState.SUCCEEDED


def test_what_comes_while_the_step_gives_up_is_not_lost(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="give_up_when", file=str(flag), seconds=LONG)))
    drain(size)
    come(size, job.id)
    with in_background(size):
        size.running(job.id, "a")
        assert deliver(size, job.id)
        flag.touch()
    assert drain(size) == 1
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["a"]["delivered"] == PARCEL


def test_what_came_is_there_after_a_failure_that_passes(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fail_once_with_it", seconds=LONG)))
    drain(size)
    deliver(size, job.id)
    view = drained(size, job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.steps[0].attempt == 3


def test_what_came_is_there_after_its_worker_is_lost(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_when", file=str(flag), seconds=LONG)))
    with in_background(size):
        size.running(job.id, "a")
        assert deliver(size, job.id)
        Watcher(size.kernel).give_back([os.getpid()], "a test took it")
        flag.touch()
    assert drain(size) == 1
    assert size.view(job.id).state is JobState.SUCCEEDED


def test_only_what_waits_is_delivered_to(size: Size, tmp_path: Path) -> None:
    queued = size.submit(plan(spec("a", do="wait", seconds=LONG), spec("b", "a")))
    for step in ("a", "b"):
        with pytest.raises(Conflict):
            deliver(size, queued.id, step=step)
    for job_id, step in ((queued.id, "nobody"), (uuid4(), "a")):
        with pytest.raises(NotFound):
            deliver(size, job_id, step=step)
    done = size.submit(plan(spec("z"), spec("wait", "z", do="wait", seconds=LONG)), priority=9)
    drain(size)
    with pytest.raises(Conflict):
        deliver(size, done.id, step="z")  # which did without, though its job goes on
    assert size.view(done.id).seq == len(size.events(done.id))


def test_a_job_that_waits_is_cancelled_at_once_and_takes_nothing_more(size: Size) -> None:
    job = waiting(size)
    assert size.cancel(job.id).state is JobState.CANCELLED
    with pytest.raises(Conflict):
        deliver(size, job.id)
    assert drain(size) == 0


def test_another_try_waits_anew_or_takes_what_came_late(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "there"
    job = size.submit(plan(spec("a", do="wait", seconds=LONG), spec("z", do="fail_without", file=str(flag))))
    drain(size)
    assert size.view(job.id).state is JobState.FAILED
    size.retry(job.id)
    with size.kernel.database.read() as session:
        row = session.execute(select(Step.parked, Step.delivery).where(Step.name == "a")).one()
    assert tuple(row) == (False, None)
    assert deliver(size, job.id)
    flag.touch()
    drain(size)
    assert size.view(job.id).state is JobState.SUCCEEDED


def test_files_of_an_attempt_that_waits_are_dropped(size: Size) -> None:
    job = size.submit(plan(spec("a", do="write_and_wait", seconds=LONG)))
    drain(size)
    assert asset_names(size) == []
    deliver(size, job.id)
    drain(size)
    assert len(size.view(job.id).artifacts) == len(asset_names(size)) == 1


def test_a_job_that_waits_ends_at_its_deadline(size: Size) -> None:
    job = size.submit(plan(spec("a", do="wait", seconds=LONG)), deadline=Seconds(0.3))
    drain(size)
    sweeper = Sweeper(size.kernel)

    def swept() -> bool:
        sweeper.tick()
        return size.view(job.id).state.finished

    eventually(swept)
    error = size.view(job.id).error
    assert error is not None
    assert error.code == "deadline_exceeded"


def test_a_process_that_runs_its_job_itself_waits_for_a_delivery(size: Size) -> None:
    job = size.submit(plan(spec("a", do="wait", seconds=LONG)))

    def bring(event: object) -> None:
        if getattr(event, "type", "") == "step_parked":
            deliver(size, job.id)

    assert run_inline(size.kernel, job.id, bring).state is JobState.SUCCEEDED


# -- with workers ------------


def test_workers_wait_for_nothing_and_lose_nothing(staffed: Size) -> None:
    waits = staffed.submit(plan(spec("a", do="wait", seconds=LONG)))
    dies = staffed.submit(plan(spec("a", do="die_with_it", seconds=LONG)))
    late = staffed.submit(plan(spec("a", do="wait", seconds=0.5)))
    for job in (waits, dies):
        eventually(lambda job=job: staffed.view(job.id).steps[0].parked)  # type: ignore[misc]
        assert deliver(staffed, job.id)
        assert staffed.finished(job.id).state is JobState.SUCCEEDED
    assert "step_lost" in event_types(staffed, dies)
    assert staffed.finished(late.id).state is JobState.FAILED


class Heard(Bell):
    def __init__(self) -> None:
        self.rings = 0

    def ring(self, queue: str, times: int = 1) -> None:
        self.rings += times

    def depth(self, queue: str) -> int:
        return 0

    def close(self) -> None: ...


def test_nobody_rings_for_what_waits_until_its_time_has_come(tmp_path: Path) -> None:
    size, bell = make_size("memory", tmp_path), Heard()
    kernel = Kernel(size.kernel.database, size.kernel.assets, planned(), size.kernel.settings, bell=bell)
    job = waiting(size)
    Sweeper(kernel).tick()
    assert bell.rings == 0
    with kernel.database.write() as session:
        past: datetime = kernel.database.now(session) - timedelta(seconds=3)
        session.execute(update(Step).where(Step.job_id == job.id, Step.name == "a").values(run_after=past))
    Sweeper(kernel).tick()
    assert bell.rings == 1
    kernel.close()
    size.close()
