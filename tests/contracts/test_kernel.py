"""Laws of the kernel that need no process to be killed: order, claims, failures. They hold in every size."""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from pansori import jobs
from pansori.db.tables import Job, Step
from pansori.domain.errors import InvalidRequest, UnknownKind
from pansori.domain.jobs import JobState, StepSpec, StepState
from pansori.domain.units import Seconds
from pansori.jobs import Sweeper, Watcher, claim_and_run
from support.sizes import Size, asset_names, drain, drained, event_types, in_background, make_size, step_states
from support.waiting import eventually
from support.workflows import plan, spec

# -- order ------------


def test_a_step_waits_for_all_before_it(size: Size) -> None:
    job = size.submit(plan(spec("d", "b", "c"), spec("b", "a"), spec("c", "a"), spec("a", value=1)))
    assert job.state is JobState.QUEUED
    assert step_states(job) == {"d": "waiting", "b": "waiting", "c": "waiting", "a": "ready"}
    assert drain(size) == 4
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["b"]["saw"] == ["a"]
    assert view.result["d"]["saw"] == ["a", "b", "c"]
    assert view.started_at is not None
    assert view.finished_at is not None
    assert event_types(size, job)[:3] == ["queued", "running", "step_started"]
    assert event_types(size, job)[-2:] == ["step_succeeded", "succeeded"]


@given(
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16),
    order=st.permutations(range(8)),
)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_plan_without_circles_is_done_in_its_order(
    size: Size, edges: list[tuple[int, int]], order: list[int]
) -> None:
    before: dict[int, set[int]] = {node: {low for low, high in edges if high == node and low < node} for node in order}
    steps = [spec(f"s{node}", *(f"s{low}" for low in sorted(before[node]))) for node in order]
    job = size.submit(plan(*steps))
    assert drain(size) == 8
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    for node, lower in before.items():
        assert {f"s{low}" for low in lower} <= set(view.result[f"s{node}"]["saw"])


def test_higher_priority_goes_first_and_then_the_older(size: Size) -> None:
    submitted = [size.submit(plan(spec("only")), priority=priority) for priority in (0, 5, 0, 9, 5)]
    drain(size)
    begun = {job.id: size.view(job.id).started_at for job in submitted}
    order = sorted(range(5), key=lambda index: begun[submitted[index].id] or 0)
    assert order == [3, 1, 4, 0, 2]


def test_queues_do_not_mix(size: Size) -> None:
    job = size.submit(plan(spec("a", queue="gpu"), spec("b", "a")))
    assert drain(size, "cpu") == 0
    assert drain(size, "gpu") == 1
    assert drain(size, "cpu") == 1
    assert size.view(job.id).state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    "steps",
    [
        (spec("a", "b"), spec("b", "a")),
        (spec("a"), spec("a")),
        (spec("a", "nobody"),),
    ],
)
def test_impossible_plans_are_refused_and_leave_nothing(size: Size, steps: tuple[StepSpec, ...]) -> None:
    with pytest.raises(ValueError, match=r"step"):
        size.submit(plan(*steps))
    with size.kernel.database.read() as session:
        assert jobs.counts(session).total == 0


def test_a_job_is_submitted_with_the_callers_transaction_or_not_at_all(size: Size) -> None:
    def submit_and_fail() -> None:
        with size.kernel.database.write() as session:
            jobs.submit(session, size.workflow, plan(spec("a")), owner=size.owner)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        submit_and_fail()
    with size.kernel.database.read() as session:
        assert jobs.list_jobs(session).items == ()
        assert jobs.latest_event_id(session) == 0


@pytest.mark.parametrize("told", ["a\0b", "a\ud800b", float("inf"), float("nan")], ids=["NUL", "half", "inf", "nan"])
def test_a_task_that_spoils_what_postgresql_reads_is_refused(size: Size, told: str | float) -> None:
    for value in (told, {told: 1}, [{"deep": (told,)}]):
        with pytest.raises(InvalidRequest) as raised:
            size.submit(plan(spec("a", value=value)))
        assert raised.value.field == "steps"
    deep = functools.reduce(lambda inner, _: [inner], range(600), list[object]())
    with pytest.raises(InvalidRequest):
        size.submit(plan(spec("a", value=deep)))
    with size.kernel.database.read() as session:
        assert jobs.counts(session).total == 0


def test_an_unknown_kind_names_the_known_ones(size: Size) -> None:
    with pytest.raises(UnknownKind, match="dance") as raised:
        size.kernel.workflow("dance")
    assert raised.value.cure is not None
    assert "planned" in raised.value.cure.en


# -- one worker a step ------------


def test_each_step_goes_to_one_worker(size: Size) -> None:
    submitted = [size.submit(plan(*(spec(f"s{index}", do="write") for index in range(4)))) for _ in range(6)]
    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(lambda _: drain(size), range(4)))
    assert taken + drain(size) == 24
    for job in submitted:
        view = size.view(job.id)
        assert view.state is JobState.SUCCEEDED
        assert [step.attempt for step in view.steps] == [1, 1, 1, 1]
        assert sorted(artifact.role for artifact in view.artifacts) == [f"file.s{index}" for index in range(4)]
        assert [event.seq for event in size.events(job.id)] == list(range(1, view.seq + 1))


def test_what_a_worker_does_after_its_step_was_taken_away_is_void(size: Size, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="write_when", file=str(flag))))
    with in_background(size):
        size.running(job.id, "a")
        Watcher(size.kernel).give_back([os.getpid()], "a test took it")
        flag.touch()
        assert claim_and_run(size.kernel, "cpu")
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["a"]["attempt"] == 2
    assert len(view.artifacts) == 1
    assert event_types(size, job).count("step_succeeded") == 1
    size.kernel.assets.collect()
    assert asset_names(size) == ["a.txt"]
    assert len(list(size.kernel.assets.store.objects())) == 1


def test_progress_that_waited_while_its_step_was_taken_away_is_void(size: Size, tmp_path: Path) -> None:
    flag, over = tmp_path / "go", tmp_path / "over"
    job = size.submit(plan(spec("a", do="report_when", file=str(flag), over=str(over))))
    with in_background(size):
        size.running(job.id, "a")
        with size.kernel.database.write() as session:
            session.execute(select(Job.id).where(Job.id == job.id).with_for_update())
            session.execute(update(Step).where(Step.job_id == job.id).values(state=StepState.READY))
            flag.touch()
            if size.kernel.database.dialect == "postgresql":  # there only the row is locked, not the database
                eventually(lambda: waiting_for_locks(size))
        over.touch()
    assert "progress" not in event_types(size, job)


def waiting_for_locks(size: Size) -> int:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with size.kernel.database.read() as session:
        return int(session.execute(text(waiting)).scalar_one())


def test_a_step_whose_lease_ends_runs_again(tmp_path: Path) -> None:
    size = make_size("memory", tmp_path, lease=Seconds(1.0))
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(flag))))
    sweeper = Sweeper(size.kernel)

    def swept() -> bool:
        sweeper.tick()
        return "step_lost" in event_types(size, job)

    with in_background(size):  # nobody extends its lease
        size.running(job.id, "a")
        eventually(swept)
        flag.touch()
        assert drain(size) == 1
    assert size.view(job.id).state is JobState.SUCCEEDED
    size.close()


# -- failures ------------


def test_what_may_pass_is_tried_again_later(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fail_twice"), spec("b", "a")))
    view = drained(size, job.id)
    assert view.state is JobState.SUCCEEDED
    assert {step.name: step.attempt for step in view.steps} == {"a": 3, "b": 1}
    retried = [event for event in size.events(job.id) if event.type == "step_retried"]
    assert [event.data["error"]["code"] for event in retried] == ["storage_error", "storage_error"]
    started = [event for event in size.events(job.id) if event.type == "step_started"]
    first, second = (after.at - before.at for before, after in zip(retried, started[1:], strict=False))
    assert first >= timedelta(seconds=0.37)
    assert second >= timedelta(seconds=0.75)


def test_attempts_are_limited(size: Size) -> None:
    job = size.submit(plan(spec("a", do="always_fail", max_attempts=2)))
    view = drained(size, job.id)
    assert view.state is JobState.FAILED
    assert view.steps[0].attempt == 2
    assert view.error is not None
    assert view.error.code == "storage_error"


def test_what_cannot_pass_ends_the_job_and_its_other_steps(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fail"), spec("b", "a"), spec("z")))
    drain(size)
    view = size.view(job.id)
    assert view.state is JobState.FAILED
    assert step_states(view) == {"a": "failed", "b": "cancelled", "z": "cancelled"}
    assert view.error is not None
    assert (view.error.code, view.error.field, view.error.cure) == (
        "invalid_request",
        "steps",
        "Ask for something else.",
    )
    assert event_types(size, job)[-1] == "failed"


def test_a_fault_of_the_program_is_logged_and_not_shown(size: Size, caplog: pytest.LogCaptureFixture) -> None:
    job = size.submit(plan(spec("a", do="fail_by_a_fault")))
    drain(size)
    view = size.view(job.id)
    assert view.error is not None
    assert view.error.code == "internal_error"
    assert "a fault of the program" not in view.error.message.replace("by a fault of the program", "")
    assert "KeyError: 'a fault of the program'" in caplog.text


def test_files_of_a_failed_step_are_nowhere(size: Size) -> None:
    job = size.submit(plan(spec("a", do="write_and_fail")))
    drain(size)
    assert size.view(job.id).artifacts == ()
    assert asset_names(size) == []
    assert list(size.kernel.assets.store.objects()) == []
    assert not any(size.kernel.scratch.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_no_fault_of_the_program_and_may_pass(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fill_the_disk", max_attempts=2)))
    assert claim_and_run(size.kernel, "cpu")
    view = size.view(job.id)
    assert view.state is JobState.RUNNING
    assert view.steps[0].state is StepState.READY
    assert view.steps[0].error is not None
    assert view.steps[0].error.code == "storage_full"
