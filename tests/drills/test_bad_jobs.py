"""Jobs that behave badly end as they must, and harm no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drills.conftest import Install
from pansori.domain.jobs import JobState
from pansori.domain.units import Seconds
from support.drill.invariants import Ending
from support.drill.jobs import WORKFLOWS, Doomed, Endless, EndlessTask, GraphTask
from support.drill.world import World

LOSSES = 3


@pytest.fixture(scope="module")
def world(install: Install) -> Iterator[World]:
    world = install(worker_losses=LOSSES)
    world.start()
    yield world
    world.settle()
    assert world.verdict() == []


def test_a_job_whose_process_always_dies_fails_after_its_budget(world: World) -> None:
    good = world.submit_graph()
    doomed = world.submit(WORKFLOWS[Doomed.kind], GraphTask(seed=0), Ending(JobState.FAILED, "worker_lost"))
    world.settle()
    assert world.job(good).state is JobState.SUCCEEDED
    (step,) = world.job(doomed).steps
    assert step.attempt == LOSSES + 1


@pytest.mark.parametrize("grace", [0.0, 0.5])
def test_a_cancelled_job_is_gone_with_all_it_had_started(world: World, grace: float) -> None:
    task = EndlessTask(grace=Seconds(grace))
    job_id = world.submit(WORKFLOWS[Endless.kind], task, Ending(JobState.CANCELLED))
    world.until(lambda: world.job(job_id).progress.fraction > 0)
    (child,) = world.children_at_work()
    group = [process for process in world.processes() if process.group == child]
    assert len(group) == 3, "the child, its shell and what that started"
    world.cancel(job_id)
    world.until(lambda: world.job(job_id).state is JobState.CANCELLED)
    gone = {process.pid for process in group}
    world.until(lambda: not gone & {process.pid for process in world.processes()})


def test_a_step_that_takes_too_long_is_killed(world: World) -> None:
    task = EndlessTask(timeout=Seconds(0.5))
    job_id = world.submit(WORKFLOWS[Endless.kind], task, Ending(JobState.FAILED, "deadline_exceeded"))
    world.until(lambda: world.job(job_id).state is JobState.FAILED)
    assert world.children_at_work() == []
