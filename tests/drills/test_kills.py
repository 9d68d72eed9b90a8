"""Processes are killed at random while jobs run; every job is done nevertheless, once."""

from __future__ import annotations

import signal

from drills.conftest import Install
from pansori.domain.jobs import JobState
from support.drill.invariants import Ending
from support.drill.jobs import WORKFLOWS, Endless, EndlessTask
from support.drill.processes import kill
from support.drill.world import World
from support.waiting import eventually

KILLS = 20


def test_nothing_is_lost_or_done_twice_in_a_storm_of_kills(install: Install) -> None:
    world = install()
    world.start()
    world.storm(KILLS)
    world.settle(60)
    assert world.verdict() == []
    assert sum(world.killed.values()) == KILLS


def test_a_killed_server_leaves_nothing_running(install: Install) -> None:
    world = install()
    world.start()
    busy_endlessly(world)
    world.kill_server()
    eventually(lambda: world.processes() == [], timeout=20)


def test_what_a_killed_child_had_started_is_gone(install: Install) -> None:
    world = install()
    world.start()
    busy_endlessly(world)
    (child,) = world.children_at_work()
    group = {process.pid for process in world.processes() if process.group == child}
    assert len(group) == 3, "the child, its shell and what that started"
    kill(child, signal.SIGKILL)
    eventually(lambda: not group & {process.pid for process in world.processes()}, timeout=20)


def busy_endlessly(world: World) -> None:
    """Have a child work on a step that never ends, with programs of its own."""
    ending = Ending(JobState.RUNNING)
    job_id = world.submit(WORKFLOWS[Endless.kind], EndlessTask(), ending)
    eventually(lambda: world.job(job_id).progress.fraction > 0)
