"""The job's own process as its host, the supervisor of worker processes, the feed, and what the sweeper tidies."""

from __future__ import annotations

import _thread
import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from pansori import jobs
from pansori.accounts import local_account
from pansori.db import Database, upgrade
from pansori.db.tables import Asset, Step
from pansori.domain.errors import StorageError
from pansori.domain.jobs import EventView, JobState, StepState
from pansori.domain.units import Seconds
from pansori.jobs import Bell, Kernel, PollingFeed, Supervisor, Sweeper, run_inline
from pansori.media import Assets, MemoryStore
from support.signals import coming, leaves
from support.sizes import Size, drain, in_background, make_size, planned, settings_for
from support.waiting import PATIENCE, eventually
from support.workflows import plan, spec

NEVER = datetime.min.replace(tzinfo=UTC)


def test_a_job_runs_in_the_process_that_asked(size: Size) -> None:
    other = size.submit(plan(spec("x")), priority=9)
    job = size.submit(plan(spec("a", do="write"), spec("b", "a", queue="gpu"), spec("c", "b", do="fail_twice")))
    seen: list[EventView] = []
    view = run_inline(size.kernel, job.id, seen.append)
    assert view.state is JobState.SUCCEEDED
    assert seen == size.events(job.id)
    assert size.view(other.id).state is JobState.QUEUED
    assert not any(size.kernel.scratch.iterdir())


@pytest.mark.filterwarnings("ignore:.*deleted while still open:ResourceWarning")
def test_ctrl_c_cancels_the_job_and_leaves_nothing(size: Size, tmp_path: Path) -> None:
    flag = str(tmp_path / "never")
    job = size.submit(plan(spec("a", do="write"), spec("b", "a", do="wait_for_file", file=flag), spec("c", "b")))

    def press(event: EventView) -> None:
        if event.type == "step_started" and event.data["step"] == "b":
            _thread.interrupt_main()

    view = run_inline(size.kernel, job.id, press)
    gc.collect()  # a connection that was cut off in the middle of being made has nobody else who closes it
    assert view.state is JobState.CANCELLED
    assert {step.name: step.state for step in view.steps} == {"a": "succeeded", "b": "cancelled", "c": "cancelled"}
    assert len(view.artifacts) == 1
    assert not any(size.kernel.scratch.iterdir())


@pytest.mark.parametrize("within", ["_look", "claim"])
def test_ctrl_c_may_come_when_a_session_is_being_left(size: Size, within: str) -> None:
    """By the one it is looked who died, by the other a step is taken."""
    job = size.submit(plan(spec("a", do="write")))
    with coming(signal.SIGINT, partial(leaves, of=within)):
        view = run_inline(size.kernel, job.id)
    assert view.state is JobState.CANCELLED
    assert [step.state for step in view.steps] == [StepState.CANCELLED]


def test_a_process_and_workers_may_share_a_job(size: Size) -> None:
    with size.workers(1):
        job = size.submit(plan(*(spec(f"s{index}") for index in range(12))))
        assert run_inline(size.kernel, job.id).state is JobState.SUCCEEDED
    assert [step.attempt for step in size.view(job.id).steps] == [1] * 12


def test_leases_are_extended_while_a_step_runs(tmp_path: Path) -> None:
    size = make_size("memory", tmp_path, lease=Seconds(6.0))  # extended after a third of it
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(flag))))

    def lease() -> datetime:
        with size.kernel.database.read() as session:
            return session.execute(select(Step.lease).where(Step.job_id == job.id)).scalar_one() or NEVER

    with size.workers(1):
        size.running(job.id, "a")
        first = lease()
        eventually(lambda: lease() > first)
        flag.touch()
        view = size.finished(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.steps[0].attempt == 1
    size.close()


def test_many_coroutines_wait_for_one_change(size: Size) -> None:
    feed = size.kernel.feed

    async def wait_together() -> list[int]:
        seen = await feed.changed(feed.value, 0.2)
        waiting = [asyncio.create_task(feed.changed(seen, PATIENCE)) for _ in range(200)]
        await asyncio.to_thread(size.submit, plan(spec("a")))
        return [value - seen for value in await asyncio.gather(*waiting)]

    assert min(asyncio.run(wait_together())) > 0


def test_a_feed_does_not_rest_while_somebody_waits(tmp_path: Path) -> None:
    size = make_size("embedded", tmp_path)
    feed = PollingFeed(size.kernel.database, idle=Seconds(0.2))
    seen = feed.wait(feed.value, 5.0)
    later = threading.Timer(0.8, lambda: size.submit(plan(spec("a"))))
    later.start()
    assert feed.wait(seen, PATIENCE) > seen
    later.join()
    feed.close()
    size.close()


def test_a_feed_outlives_a_database_that_is_away(tmp_path: Path) -> None:
    file = tmp_path / "pansori.db"
    file.mkdir()  # nobody can open it
    database = Database(f"sqlite:///{file}")
    feed = PollingFeed(database)
    seen = feed.wait(feed.value, PATIENCE)  # whoever waits sees for himself what is wrong
    file.rmdir()
    upgrade(database)
    eventually(lambda: feed.wait(feed.value, 0.3) == feed.value and feed.value > seen)
    seen = feed.value
    with database.write() as session:
        local_account(session)
    assert feed.wait(seen, PATIENCE) > seen
    feed.close()
    database.close()


def test_a_feed_without_changes_answers_in_the_end(size: Size) -> None:
    feed = size.kernel.feed
    seen = feed.wait(-1, 5.0)
    assert feed.wait(seen, 0.05) >= seen
    assert asyncio.run(feed.changed(feed.value, 0.05)) >= seen


def test_scratch_of_attempts_that_ended_is_deleted(size: Size, tmp_path: Path) -> None:
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(tmp_path / "go"), scribble=True)))
    left, foreign = size.kernel.scratch / "999999-1", size.kernel.scratch / "notes"
    for folder in (left, foreign):
        folder.mkdir(parents=True)
    with in_background(size):
        size.running(job.id, "a")
        eventually(lambda: len(list(size.kernel.scratch.iterdir())) == 3)
        Sweeper(size.kernel).tidy_scratch(older_than=Seconds(-1.0))
        assert not left.exists()
        assert len(list(size.kernel.scratch.iterdir())) == 2
        (tmp_path / "go").touch()
    assert [folder.name for folder in size.kernel.scratch.iterdir()] == ["notes"]


def test_scratch_of_no_step_is_deleted_where_its_user_died(size: Size) -> None:
    with size.kernel.folder() as used:
        left = size.kernel.scratch / f"{used.name}-left"
        left.mkdir()
        long_ago = used.stat().st_mtime - 3700
        os.utime(left, (long_ago, long_ago))
        Sweeper(size.kernel).tidy_scratch()
        assert (used.exists(), left.exists()) == (True, False)
    assert not used.exists()


def test_a_chore_that_fails_holds_up_no_other(tmp_path: Path) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("tried")
        raise StorageError("the store is away")

    size = make_size("memory", tmp_path)
    Sweeper(size.kernel, [fails, lambda: done.append("done")]).tick()
    assert done == ["tried", "done"]
    size.close()


def test_steps_whose_job_is_over_are_closed(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fail"), spec("b", "a")))
    drain(size)
    with size.kernel.database.write() as session:  # as no transaction of ours would leave it
        session.execute(update(Step).where(Step.name == "b").values(state=StepState.READY))
    Sweeper(size.kernel).tick()
    assert [step.state for step in size.view(job.id).steps] == [StepState.FAILED, StepState.CANCELLED]


class Stuck(MemoryStore):
    """Deletes nothing while `stuck`."""

    stuck = True

    def delete(self, key: str) -> None:
        if self.stuck:
            raise StorageError("the disk is away")
        super().delete(key)


class Heard(Bell):
    """Remembers what was rung."""

    def __init__(self) -> None:
        self.rings: list[str] = []

    def ring(self, queue: str, times: int = 1) -> None:
        self.rings.append(queue)

    def depth(self, queue: str) -> int:
        return 0

    def close(self) -> None: ...


def test_a_store_that_is_away_stops_neither_doorbells_nor_the_sweeper(tmp_path: Path) -> None:
    database, store, bell = Database("sqlite:///:memory:"), Stuck(), Heard()
    upgrade(database)
    kernel = Kernel(database, Assets(database, store), planned(), settings_for(tmp_path), bell=bell)
    (tmp_path / "file").write_text("never finished")
    with database.write() as session:
        owner = local_account(session)
        jobs.submit(session, kernel.workflow("planned"), plan(spec("a")), owner=owner)
    kernel.assets.write(owner, "file", tmp_path / "file")
    long_ago = datetime.now(UTC) - timedelta(days=1)
    with database.write() as session:
        session.execute(update(Asset).values(created_at=long_ago))
        session.execute(update(Step).values(run_after=long_ago))
    sweeper = Sweeper(kernel)
    with pytest.raises(StorageError):
        sweeper.tick()
    assert bell.rings == ["cpu"]
    sweeper.start()
    eventually(lambda: len(bell.rings) > 1)
    store.stuck = False
    eventually(lambda: not list(store.keys()))
    sweeper.stop()
    kernel.close()


# -- the supervisor ------------

WAIT = "import pathlib, sys, threading, os; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); "


def test_a_supervised_process_is_started_again_and_ended(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    supervisor = Supervisor([sys.executable, "-c", WAIT + "threading.Event().wait()", str(said)])
    supervisor.start()
    first = int(eventually(lambda: said.exists() and said.read_text()))
    eventually(lambda: supervisor.pid == first)
    os.kill(first, signal.SIGKILL)
    second = int(eventually(lambda: said.read_text() not in ("", str(first)) and said.read_text()))
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_supervised_process_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    said = tmp_path / "pid"
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT + "threading.Event().wait()"
    supervisor = Supervisor([sys.executable, "-c", deaf, str(said)])
    supervisor.start()
    pid = int(eventually(lambda: said.exists() and said.read_text()))
    supervisor.stop(grace=Seconds(0.2))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_whose_start_is_cut_off_can_be_ended(tmp_path: Path) -> None:
    supervisor = Supervisor([sys.executable, "-c", WAIT + "threading.Event().wait()", str(tmp_path / "pid")])
    begins = threading.Thread.start.__code__
    with pytest.raises(KeyboardInterrupt), coming(signal.SIGINT, lambda frame: frame.f_code is begins):
        supervisor.start()
    pid = supervisor.pid
    assert pid is not None
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_cannot_be_started_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    said, program = tmp_path / "pid", tmp_path / "program"
    program.symlink_to(sys.executable)
    supervisor = Supervisor([str(program), "-c", WAIT + "threading.Event().wait()", str(said)])
    supervisor.start()
    first = int(eventually(lambda: said.exists() and said.read_text()))
    program.unlink()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: "cannot be started" in caplog.text)
    program.symlink_to(sys.executable)
    eventually(lambda: said.read_text() not in ("", str(first)))
    supervisor.stop()
