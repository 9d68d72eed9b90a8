"""Laws of the kernel about workers that are processes: they die, are killed, and come back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from pansori.domain.jobs import JobState, StepState
from pansori.domain.units import Seconds
from support.sizes import Embedded, Size, make_size, start_host
from support.waiting import eventually
from support.workflows import plan, spec


def is_gone(pid: int) -> bool:
    """Whether no living process has this pid."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def pid_in(path: Path) -> int:
    """The pid that a step wrote, as soon as it is there."""
    return int(eventually(lambda: path.exists() and path.read_text(encoding="utf-8")))


def of_type(size: Size, job_id: object, kind: str) -> int:
    return sum(event.type == kind for event in size.events(job_id))  # type: ignore[arg-type]


def test_a_killed_childs_step_runs_again(staffed: Size, tmp_path: Path) -> None:
    flag = tmp_path / "go"
    job = staffed.submit(plan(spec("a", do="wait_for_file", file=str(flag)), spec("b", "a", do="write")))
    os.kill(staffed.running(job.id, "a").pid, signal.SIGKILL)
    eventually(lambda: of_type(staffed, job.id, "step_lost"))
    flag.touch()
    view = staffed.finished(job.id)
    assert view.state is JobState.SUCCEEDED
    assert {step.name: step.attempt for step in view.steps} == {"a": 2, "b": 1}
    assert len(view.artifacts) == 1
    assert [event.seq for event in staffed.events(job.id)] == list(range(1, view.seq + 1))


def test_a_job_that_kills_its_workers_fails_for_that_reason(staffed: Size) -> None:
    view = staffed.finished(staffed.submit(plan(spec("a", do="die"), spec("b", "a"))).id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.code == "worker_lost"
    assert view.steps[0].attempt == 3  # two losses are allowed here
    assert of_type(staffed, view.id, "step_lost") == 3
    assert view.steps[1].state is StepState.CANCELLED


def test_a_step_that_is_deaf_is_killed_with_all_it_started(staffed: Size, tmp_path: Path) -> None:
    began = tmp_path / "pid"
    job = staffed.submit(plan(spec("a", do="sleep_with_grandchild", began=str(began))))
    grandchild, child = pid_in(began), staffed.running(job.id, "a").pid
    staffed.cancel(job.id)
    assert staffed.finished(job.id).state is JobState.CANCELLED
    eventually(lambda: is_gone(grandchild) and is_gone(child))


def test_what_a_killed_child_started_is_ended_too(staffed: Size, tmp_path: Path) -> None:
    began = tmp_path / "pid"
    job = staffed.submit(plan(spec("a", do="sleep_with_grandchild", began=str(began))))
    grandchild = pid_in(began)
    os.kill(staffed.running(job.id, "a").pid, signal.SIGKILL)
    eventually(lambda: is_gone(grandchild))
    staffed.cancel(job.id)
    staffed.finished(job.id)


def test_a_step_with_grace_ends_by_itself_and_its_process_lives_on(staffed: Size, tmp_path: Path) -> None:
    step = spec("a", do="wait_for_file", file=str(tmp_path / "never"), grace=120.0, queue="gpu")
    job = staffed.submit(plan(step))
    before = staffed.running(job.id, "a").pid
    staffed.cancel(job.id)
    assert staffed.finished(job.id).state is JobState.CANCELLED
    flag = tmp_path / "go"
    job = staffed.submit(plan(spec("a", do="wait_for_file", file=str(flag), queue="gpu")))
    assert staffed.running(job.id, "a").pid == before
    flag.touch()
    assert staffed.finished(job.id).state is JobState.SUCCEEDED


def test_grace_is_not_for_ever(staffed: Size) -> None:
    job = staffed.submit(plan(spec("a", do="sleep_deaf", grace=0.3)))
    staffed.running(job.id, "a")
    staffed.cancel(job.id)
    assert staffed.finished(job.id).state is JobState.CANCELLED


@pytest.mark.parametrize("of", ["step", "job"])
def test_a_deaf_step_ends_at_its_deadline(staffed: Size, of: str) -> None:
    if of == "step":
        job = staffed.submit(plan(spec("a", do="sleep_deaf", timeout=0.3), spec("b", "a")))
    else:
        job = staffed.submit(plan(spec("a", do="sleep_deaf"), spec("b", "a")), deadline=Seconds(1.0))
    view = staffed.finished(job.id)
    assert view.state is JobState.FAILED
    assert view.error is not None
    assert view.error.code == "deadline_exceeded"
    ended = "failed" if of_type(staffed, job.id, "step_started") else "cancelled"  # a busy machine may begin too late
    assert {step.name: step.state for step in view.steps} == {"a": ended, "b": "cancelled"}


def test_the_end_of_a_job_ends_its_running_steps(staffed: Size, tmp_path: Path) -> None:
    began, flag = tmp_path / "pid", tmp_path / "there"
    deaf, failing = spec("a", do="sleep_deaf", began=str(began)), spec("c", "b", do="fail")
    job = staffed.submit(plan(deaf, spec("b", do="wait_for_file", file=str(flag)), failing))
    child = pid_in(began)
    flag.touch()
    assert staffed.finished(job.id).state is JobState.FAILED
    eventually(lambda: is_gone(child))
    eventually(lambda: staffed.view(job.id).steps[0].state is StepState.CANCELLED)


def test_workers_are_there_when_a_retry_falls_due(staffed: Size) -> None:
    view = staffed.finished(staffed.submit(plan(spec("a", do="fail_twice"))).id)
    assert (view.state, view.steps[0].attempt) == (JobState.SUCCEEDED, 3)


def test_a_retried_loss_has_an_empty_scratch_folder(staffed: Size) -> None:
    job = staffed.submit(plan(spec("a", do="die_once"), spec("b", "a", do="write")))
    assert staffed.finished(job.id).state is JobState.SUCCEEDED


# -- the local host ------------


def embedded(tmp_path: Path, **options: object) -> Embedded:
    made = make_size("embedded", tmp_path, **options)
    assert isinstance(made, Embedded)
    return made


def test_a_host_that_is_stopped_gives_its_steps_back(tmp_path: Path) -> None:
    size, began, flag = embedded(tmp_path), tmp_path / "pid", tmp_path / "go"
    step = spec("a", do="sleep_with_grandchild", began=str(began))
    job = size.submit(plan(step, spec("b", "a"), spec("c", do="wait_for_file", file=str(flag))))
    host = size.start_host(2)
    grandchild = pid_in(began)
    children = [size.running(job.id, name).pid for name in ("a", "c")]
    host.terminate()
    flag.touch()
    assert host.wait(60) == 0
    eventually(lambda: all(map(is_gone, [grandchild, *children])))
    states = {step.name: step.state for step in size.view(job.id).steps}
    assert (states["a"], states["b"]) == ("ready", "waiting")
    given_back = [name for name in ("a", "c") if states[name] == "ready"]  # `c` too, where it was too slow to end
    assert states["c"] in ("ready", "succeeded")
    assert [event.data["losses"] for event in size.events(job.id) if event.type == "step_lost"] == [0] * len(given_back)
    size.close()


def test_a_killed_host_leaves_no_process_and_the_next_one_goes_on_at_once(tmp_path: Path) -> None:
    size, began, flag = embedded(tmp_path), tmp_path / "pid", tmp_path / "go"
    sleeping = spec("a", do="sleep_with_grandchild", began=str(began))
    waiting = spec("b", do="wait_for_file", file=str(flag))
    first, second = size.submit(plan(sleeping)), size.submit(plan(waiting))
    host = size.start_host(2)
    processes = [pid_in(began), size.running(first.id, "a").pid, size.running(second.id, "b").pid]
    host.kill()
    host.wait(60)
    eventually(lambda: all(map(is_gone, processes)))
    flag.touch()
    size.cancel(first.id)
    with size.workers(1):
        assert size.finished(second.id).state is JobState.SUCCEEDED
        assert size.finished(first.id).state is JobState.CANCELLED
    size.close()


def test_another_machines_steps_are_left_to_their_lease(tmp_path: Path) -> None:
    size, flag = embedded(tmp_path, lease=Seconds(600.0)), tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(flag))))
    other = start_host(size.kernel.settings, 1, "another machine")
    size.running(job.id, "a")
    other.kill()
    other.wait(60)
    with size.workers(1):
        later = size.submit(plan(spec("b")))
        size.finished(later.id)
        assert size.view(job.id).steps[0].state is StepState.RUNNING
    size.cancel(job.id)
    size.close()
