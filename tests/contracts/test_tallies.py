"""What is counted from events: each once, whoever counts, and for good; and what there is to do now."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from pansori import jobs
from pansori.db.tables import Step
from pansori.domain.jobs import JobState
from pansori.domain.units import Seconds
from support.services import scaled_out
from support.sizes import Size, drain, drained, make_size
from support.waiting import eventually
from support.workflows import plan, spec

SETTLING = 0.5  #: seconds between two looks: PostgreSQL's events are counted when they are some seconds old


@pytest.fixture(params=["embedded", "scaled"])
def size(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Size]:
    installation: AbstractContextManager[dict[str, object]] = nullcontext({})
    if request.param == "scaled":
        installation = scaled_out(*map(request.getfixturevalue, ("redis_server", "postgres_server")))
    with installation as options:
        made = make_size(request.param, tmp_path, **options)
        yield made
        made.close()


def counted(size: Size) -> dict[tuple[str, ...], int]:
    """How often, by name and labels."""
    jobs.count_events(size.kernel.database)
    return {(one.name, *one.labels): one.count for one in told(size)}


def told(size: Size) -> list[jobs.Tally]:
    with size.kernel.database.read() as session:
        return jobs.tallies(session)


def loaded(size: Size) -> jobs.Load:
    with size.kernel.database.read() as session:
        return jobs.load(session)


def test_everything_is_counted_once(size: Size) -> None:
    good = size.submit(plan(spec("write"), spec("scene-1", "write"), spec("scene-2", "write")))
    drained(size, good.id)
    bad = size.submit(plan(spec("write", do="fail")))
    drained(size, bad.id)
    unlucky = size.submit(plan(spec("write", do="fail_twice", max_attempts=3)))
    drained(size, unlucky.id)
    for _ in range(2):
        drained(size, size.submit(plan(spec("cached", cache_key="the same"))).id)
    stopped = size.submit(plan(spec("write")))
    size.cancel(stopped.id)
    expected = {
        ("jobs_submitted", "planned"): 6,
        ("jobs_finished", "planned", "succeeded"): 4,
        ("jobs_finished", "planned", "failed"): 1,
        ("jobs_finished", "planned", "cancelled"): 1,
        ("job_wait", "planned"): 5,
        ("job_duration", "planned"): 5,
        ("step_attempts", "planned", "write", "succeeded"): 2,
        ("step_attempts", "planned", "write", "retried"): 2,
        ("step_attempts", "planned", "write", "failed"): 1,
        ("step_attempts", "planned", "scene-#", "succeeded"): 2,
        ("step_attempts", "planned", "cached", "succeeded"): 1,
        ("step_attempts", "planned", "cached", "reused"): 1,
        ("step_duration", "planned", "write"): 2,
        ("step_duration", "planned", "scene-#"): 2,
        ("step_duration", "planned", "cached"): 1,
        ("engine_failures", "", "planned", "write", "invalid_request"): 1,
        ("engine_failures", "", "planned", "write", "storage_error"): 2,
    }
    eventually(lambda: counted(size).get(("jobs_finished", "planned", "cancelled")), every=SETTLING)
    assert counted(size) == expected
    with ThreadPoolExecutor(4) as servers:  # nothing is left to be counted again
        list(servers.map(jobs.count_events, [size.kernel.database] * 4))
    assert counted(size) == expected
    with size.kernel.database.write() as session:
        jobs.forget(session, size.kernel.assets, [good.id, bad.id, unlucky.id])
    assert counted(size) == expected


def test_several_servers_count_what_one_would(tmp_path: Path) -> None:
    size = make_size("embedded", tmp_path)
    made = [size.submit(plan(spec("a"), spec("b", "a"))).id for _ in range(40)]
    drain(size)
    kernels = [size.factory() for _ in range(4)]
    with ThreadPoolExecutor(4) as servers:
        list(servers.map(lambda kernel: jobs.count_events(kernel.database), kernels))
    found = counted(size)
    assert found["jobs_finished", "planned", "succeeded"] == len(made)
    assert found["step_attempts", "planned", "a", "succeeded"] == len(made)
    for kernel in (*kernels, size.kernel):
        kernel.close()


def test_a_server_counts_by_itself_also_after_a_time_without_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    size = make_size("embedded", tmp_path)
    with size.kernel.database.write() as session:
        session.execute(text("ALTER TABLE tallies RENAME TO elsewhere"))
    counting = jobs.Counting(size.kernel.database, interval=Seconds(0.01))
    counting.start()
    drained(size, size.submit(plan(spec("a"))).id)
    eventually(lambda: "events will be counted later" in caplog.text)
    with size.kernel.database.write() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO tallies"))
    eventually(lambda: ("jobs_finished", "planned", "succeeded") in [(one.name, *one.labels) for one in told(size)])
    counting.stop()
    size.close()


def test_times_lie_in_buckets(tmp_path: Path) -> None:
    size = make_size("embedded", tmp_path)
    for seconds in (0.01, 3.0, 7200.0):
        job = size.submit(plan(spec("a")))
        drain(size)
        with size.kernel.database.write() as session:
            finished = session.scalars(select(Step.finished_at).where(Step.job_id == job.id)).one()
            assert finished is not None
            begun = {"started_at": finished - timedelta(seconds=seconds)}
            session.execute(update(Step).where(Step.job_id == job.id).values(begun))
    counted(size)
    [duration] = [one for one in told(size) if one.name == "step_duration"]
    at_most = dict(zip(map(float, jobs.BOUNDS), duration.buckets, strict=True))
    assert (at_most[0.05], at_most[2.5], at_most[5], at_most[3600], duration.count) == (1, 1, 2, 2, 3)
    assert duration.seconds == pytest.approx(7203.01, abs=0.5)
    size.close()


def test_what_there_is_to_do(size: Size) -> None:
    assert loaded(size).queues["cpu"].due == 0
    begun = size.submit(plan(spec("first"), spec("then", "first"), spec("last", "then")), priority=1)
    waits = size.submit(plan(spec("waits", do="wait", seconds=600)), priority=1)
    size.submit(plan(spec("retried", do="always_fail", max_attempts=9)), priority=1)
    assert jobs.claim_and_run(size.kernel, "cpu", job_id=begun.id)
    assert jobs.claim_and_run(size.kernel, "cpu", job_id=waits.id)
    old = size.submit(plan(spec("old", queue="gpu")))
    with size.kernel.database.write() as session:
        now = size.kernel.database.now(session)
        past = {"run_after": now - timedelta(seconds=1000)}
        session.execute(update(Step).where(Step.job_id.in_([begun.id, old.id])).values(past))
        later = {"run_after": now + timedelta(seconds=1000)}
        session.execute(update(Step).where(Step.name == "retried").values(later))
    load = loaded(size)
    cpu, gpu = load.queues["cpu"], load.queues["gpu"]
    assert (cpu.due, cpu.later, cpu.parked, cpu.running) == (1, 1, 1, 0)
    assert cpu.oldest < 500  # it could not be begun before the step before it was done
    assert gpu.due == 1
    assert 1000 <= gpu.oldest < 1500
    assert load.jobs == {("planned", "running"): 2, ("planned", "queued"): 2}
    with size.kernel.database.read() as session:
        assert jobs.count_jobs(session, [JobState.RUNNING, JobState.FAILED]) == {("planned", "running"): 2}
