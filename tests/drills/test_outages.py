"""What the kernel leans on goes away and comes back: the broker, the disk, a whole machine."""

from __future__ import annotations

import signal

import pytest

from drills.conftest import Install
from pansori.domain.jobs import JobState
from support.drill.processes import kill
from support.drill.server import Drill
from support.drill.stores import small_disk
from support.services import RedisServer


@pytest.mark.parametrize("size", ["scaled"], indirect=True)
def test_a_broker_that_stops_and_starts_loses_nothing(install: Install, redis_server: RedisServer) -> None:
    world = install()
    redis_server.stop()
    try:
        world.start()
        before = world.submit_graph()
        redis_server.start()
        world.until(lambda: world.job(before).state is JobState.SUCCEEDED)
        running = [world.submit_graph(pause=0.3) for _ in range(3)]
        world.until(lambda: world.job(running[0]).state is JobState.RUNNING)
        redis_server.stop()
        for _ in range(3):
            world.submit_graph()
    finally:
        redis_server.stop()
        redis_server.start()
    world.settle()
    assert world.verdict() == []


def test_a_full_disk_delays_jobs_and_leaves_nothing_half_written(install: Install) -> None:
    world = install(lease=10.0)
    with small_disk(world.settings.data_dir / "assets") as make_room:
        world.start()
        ids = [world.submit_graph() for _ in range(4)]
        world.until(lambda: any("step_retried" in world.event_types(job_id) for job_id in ids))
        assert world.errors_of_steps() == {"storage_full"}
        make_room()
        world.settle()
        assert world.verdict() == []


def test_when_a_machine_is_lost_another_takes_over(install: Install) -> None:
    world = install(lease=5.0)
    lost = world.launch("work", Drill(settings=world.settings, machine="lost"))
    for _ in range(3):
        world.submit_graph(pause=1.0)
    world.until(lambda: len(world.children_at_work()) == 2)
    doomed = world.processes()
    for process in doomed:  # all at once, before any can notice
        kill(process.pid, signal.SIGSTOP)
    for process in doomed:
        kill(process.pid, signal.SIGKILL)
    lost.wait()
    world.start()
    world.settle()
    assert world.verdict() == []
