"""Processes are killed at random while jobs run; every job is done nevertheless, once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from uuid import UUID

import pytest

from drills.conftest import Install
from pansori.domain.jobs import JobState
from support.drill.invariants import Ending
from support.drill.jobs import WORKFLOWS, Endless, EndlessTask
from support.drill.processes import kill
from support.drill.world import World

KILLS = 10


@pytest.fixture(scope="module")
def world(install: Install) -> Iterator[World]:
    world = install(worker_losses=1_000)  # chance may hit one step again and again
    world.start()
    yield world
    assert world.verdict() == []


def test_nothing_is_lost_or_done_twice_in_a_storm_of_kills(world: World) -> None:
    world.storm(KILLS)
    world.settle()
    assert sum(world.killed.values()) == KILLS
    assert set(world.killed) == {"child", "host", "server"}


def test_what_a_killed_child_had_started_is_gone(world: World) -> None:
    job_id = begin_endless(world)
    (child,) = world.children_at_work()
    group = {process.pid for process in world.processes() if process.group == child}
    assert len(group) == 3, "the child, its shell and what that started"
    kill(child, signal.SIGKILL)
    world.until(lambda: not group & {process.pid for process in world.processes()})
    world.cancel(job_id)
    world.settle()


def test_a_killed_server_leaves_nothing_running(world: World) -> None:
    job_id = begin_endless(world)
    world.kill_server()
    world.until(lambda: world.processes() == [])
    world.cancel(job_id)
    world.start()
    world.settle()


def begin_endless(world: World) -> UUID:
    """Have a child work on a step that never ends, with programs of its own."""
    job_id = world.submit(WORKFLOWS[Endless.kind], EndlessTask(), Ending(JobState.CANCELLED))
    world.until(lambda: world.job(job_id).progress.fraction > 0)
    return job_id
