"""Laws of the kernel: jobs that are cancelled, run out of time, and run again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from pansori import jobs
from pansori.db.tables import Account, Asset, Job
from pansori.domain.errors import Conflict, IdempotencyMismatch, InvalidRequest, NotFound
from pansori.domain.jobs import JobState, StepState
from pansori.domain.units import Seconds
from pansori.jobs import Sweeper
from support.sizes import Size, asset_names, drain, event_types, in_background, step_states
from support.waiting import eventually
from support.workflows import plan, spec

# -- ends that were asked for ------------


def test_a_queued_job_is_cancelled_at_once(size: Size) -> None:
    job = size.submit(plan(spec("a"), spec("b", "a")))
    assert size.cancel(job.id).state is JobState.CANCELLED
    assert drain(size) == 0
    assert set(step_states(size.view(job.id)).values()) == {"cancelled"}
    assert event_types(size, job) == ["queued", "cancelled"]


def test_a_running_step_that_looks_is_cancelled(size: Size, tmp_path: Path) -> None:
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(tmp_path / "never")), spec("b", "a")))
    with in_background(size):
        size.running(job.id, "a")
        asked = size.cancel(job.id)
        assert asked.cancel_requested
    view = size.view(job.id)
    assert view.state is JobState.CANCELLED
    assert set(step_states(view).values()) == {"cancelled"}
    assert size.cancel(job.id) == view  # again: nothing more happens


def test_a_job_that_waits_to_try_again_is_cancelled_at_once(size: Size) -> None:
    job = size.submit(plan(spec("a", do="always_fail")))
    assert jobs.claim_and_run(size.kernel, "cpu")
    assert size.view(job.id).state is JobState.RUNNING
    view = size.cancel(job.id)
    assert (view.state, view.steps[0].state) == (JobState.CANCELLED, StepState.CANCELLED)


def test_steps_appended_to_a_cancelled_job_wait_for_its_retry(size: Size, tmp_path: Path) -> None:
    grows, lasts = tmp_path / "grows", tmp_path / "lasts"
    growing, lasting = spec("a", do="grow_when", parts=2, file=str(grows)), spec("b", do="wait_deaf", file=str(lasts))
    job = size.submit(plan(growing, lasting))
    with in_background(size), in_background(size):
        for name in ("a", "b"):
            size.running(job.id, name)
        size.cancel(job.id)
        grows.touch()
        eventually(lambda: step_states(size.view(job.id))["a"] == "succeeded")
        assert drain(size) == 0
        lasts.touch()
    view = size.view(job.id)
    assert view.state is JobState.CANCELLED
    assert {step_states(view)[name] for name in ("part0", "part1", "sum")} == {"cancelled"}
    size.retry(job.id)
    assert drain(size) == 3
    assert size.view(job.id).state is JobState.SUCCEEDED


def test_a_finished_job_is_not_cancelled(size: Size) -> None:
    job = size.submit(plan(spec("a")))
    drain(size)
    assert size.cancel(job.id).state is JobState.SUCCEEDED


def test_a_queued_job_fails_at_its_deadline(size: Size) -> None:
    job = size.submit(plan(spec("a")), deadline=Seconds(0.05))
    sweeper = Sweeper(size.kernel)

    def swept() -> bool:
        sweeper.tick()
        return size.view(job.id).state.finished

    eventually(swept)
    view = size.view(job.id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.code == "deadline_exceeded"
    assert drain(size) == 0


def test_a_step_ends_at_its_time_out(size: Size, tmp_path: Path) -> None:
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(tmp_path / "never"), timeout=0.3)))
    drain(size)
    view = size.view(job.id)
    assert view.error is not None
    assert view.error.code == "deadline_exceeded"


# -- again ------------


def test_a_failed_job_runs_again_and_keeps_what_is_done(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "there"
    first, last = spec("a", do="write"), spec("c", "b", do="copy", role="file.a")
    job = size.submit(plan(first, spec("b", "a", do="fail_without", file=str(flag)), last), deadline=Seconds(600))
    drain(size)
    assert size.view(job.id).state is JobState.FAILED
    flag.touch()
    again = size.retry(job.id)
    assert (again.state, again.error, again.finished_at) == (JobState.QUEUED, None, None)
    assert drain(size) == 2
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert {step.name: step.attempt for step in view.steps} == {"a": 1, "b": 2, "c": 1}
    assert event_types(size, job).count("running") == 2


def test_a_cancelled_job_runs_again(size: Size) -> None:
    job = size.submit(plan(spec("a"), spec("b", "a")))
    size.cancel(job.id)
    assert not size.retry(job.id).cancel_requested
    assert drain(size) == 2
    assert size.view(job.id).state is JobState.SUCCEEDED


def test_every_retry_has_the_same_time(size: Size) -> None:
    job = size.submit(plan(spec("a")), deadline=Seconds(600))
    for _ in range(3):
        size.cancel(job.id)
        size.retry(job.id)
    queued = [event.at for event in size.events(job.id) if event.type == "queued"]
    with size.kernel.database.read() as session:
        deadline = session.scalar(select(Job.deadline).where(Job.id == job.id))
    assert deadline == queued[-1] + timedelta(seconds=600)


def test_only_what_ended_badly_runs_again(size: Size) -> None:
    job = size.submit(plan(spec("a")))
    with pytest.raises(Conflict):
        size.retry(job.id)
    drain(size)
    with pytest.raises(Conflict):
        size.retry(job.id)
    with pytest.raises(NotFound):
        size.retry(uuid4())


def test_one_key_is_one_job(size: Size) -> None:
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: size.submit(plan(spec("a")), idempotency_key="k").id, range(6)))
    assert len(set(made)) == 1
    assert len(size.view(made[0]).steps) == 1
    with pytest.raises(IdempotencyMismatch):
        size.submit(plan(spec("b")), idempotency_key="k")
    with pytest.raises(InvalidRequest):
        size.submit(plan(spec("b")), idempotency_key="k" * 256)
    assert size.submit(plan(spec("b")), idempotency_key="l").id != made[0]


def test_the_same_inputs_are_not_worked_on_twice(size: Size) -> None:
    first, second = (size.submit(plan(spec("a", do="write", value=value, cache_key="c1"))) for value in (1, 2))
    drain(size)
    views = [size.view(job.id) for job in (first, second)]
    assert [view.state for view in views] == [JobState.SUCCEEDED, JobState.SUCCEEDED]
    assert views[0].result == views[1].result
    assert views[0].artifacts == views[1].artifacts
    assert len(asset_names(size)) == 1


def another_account(size: Size) -> Account:
    with size.kernel.database.write() as session:
        now = size.kernel.database.now(session)
        other = Account(id=uuid4(), login="other", alias=11, kind="local", created_at=now)
        session.add(other)
    return other


def test_a_stored_file_is_read_for_whoever_owns_it_then(size: Size, tmp_path: Path) -> None:
    other, note, flag = another_account(size), tmp_path / "note.txt", tmp_path / "go"
    note.write_text("a note", encoding="utf-8")
    asset = size.kernel.assets.write(size.owner, note.name, note)
    with size.kernel.database.write() as session:
        size.kernel.assets.commit(session, [asset])
    mine, theirs = (size.submit(plan(spec("a", do="read_when", asset=str(asset), file=str(flag)))) for _ in range(2))
    with in_background(size):
        size.running(mine.id, "a")
        with size.kernel.database.write() as session:  # as where a guest logs in to an account
            session.execute(update(Job).where(Job.id == mine.id).values(owner=other.id))
            session.execute(update(Asset).where(Asset.id == asset).values(owner=other.id))
        flag.touch()
    drain(size)
    assert size.view(mine.id).state is JobState.SUCCEEDED
    error = size.view(theirs.id).error
    assert error is not None
    assert error.code == "not_found"


def test_what_others_own_is_not_used_again(size: Size) -> None:
    other = another_account(size)
    mine = size.submit(plan(spec("a", value=1, cache_key="c1")))
    with size.kernel.database.write() as session:
        step = plan(spec("a", value=2, cache_key="c1"))
        theirs = jobs.submit(session, size.workflow, step, owner=other.id)
    drain(size)
    assert size.view(mine.id).result != size.view(theirs.id).result
    with size.kernel.database.read() as session, pytest.raises(NotFound):
        jobs.get(session, mine.id, owner=other.id)
