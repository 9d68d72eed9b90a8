"""Laws of the kernel that need no process to be killed. They hold in every size."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from pansori import jobs
from pansori.db.tables import Account, Asset, Job
from pansori.domain.errors import Conflict, IdempotencyMismatch, InvalidRequest, NotFound, UnknownKind
from pansori.domain.jobs import JobState, JobView, StepSpec, StepState
from pansori.domain.units import Seconds
from pansori.jobs import Sweeper, Watcher, claim_and_run
from support.sizes import Size, make_size
from support.waiting import eventually
from support.workflows import Plan, plan, spec


def drain(size: Size, queue: str = "cpu") -> int:
    """Take steps until none is ready. Returns how many there were."""
    taken = 0
    while claim_and_run(size.kernel, queue):
        taken += 1
    return taken


@contextmanager
def in_background(size: Size) -> Iterator[threading.Thread]:
    """One step taken by a thread, which must end within the block."""
    thread = threading.Thread(target=claim_and_run, args=(size.kernel, "cpu"))
    thread.start()
    yield thread
    thread.join(20)
    assert not thread.is_alive()


def types(size: Size, job: JobView) -> list[str]:
    return [event.type for event in size.events(job.id)]


def states(view: JobView) -> dict[str, StepState]:
    return {step.name: step.state for step in view.steps}


# -- order ------------


def test_a_step_waits_for_all_before_it(size: Size) -> None:
    job = size.submit(plan(spec("d", "b", "c"), spec("b", "a"), spec("c", "a"), spec("a", value=1)))
    assert job.state is JobState.QUEUED
    assert states(job) == {"d": "waiting", "b": "waiting", "c": "waiting", "a": "ready"}
    assert drain(size) == 4
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["b"]["saw"] == ["a"]
    assert view.result["d"]["saw"] == ["a", "b", "c"]
    assert view.started_at is not None
    assert view.finished_at is not None
    assert types(size, job)[:3] == ["queued", "running", "step_started"]
    assert types(size, job)[-2:] == ["step_succeeded", "succeeded"]


@given(
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16),
    order=st.permutations(range(8)),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert types(size, job).count("step_succeeded") == 1
    size.kernel.assets.collect()
    assert asset_names(size) == ["a.txt"]
    assert len(list(size.kernel.assets.store.objects())) == 1


def test_a_step_whose_lease_ends_runs_again(tmp_path: Path) -> None:
    size = make_size("memory", tmp_path, lease=Seconds(1.0))
    flag = tmp_path / "go"
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(flag))))
    sweeper = Sweeper(size.kernel)

    def swept() -> bool:
        sweeper.tick()
        return "step_lost" in types(size, job)

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
    with size.workers(1):
        view = size.finished(job.id)
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
    with size.workers(1):
        view = size.finished(job.id)
    assert view.state is JobState.FAILED
    assert view.steps[0].attempt == 2
    assert view.error is not None
    assert view.error.code == "storage_error"


def test_what_cannot_pass_ends_the_job_and_its_other_steps(size: Size) -> None:
    job = size.submit(plan(spec("a", do="fail"), spec("b", "a"), spec("z")))
    drain(size)
    view = size.view(job.id)
    assert view.state is JobState.FAILED
    assert states(view) == {"a": "failed", "b": "cancelled", "z": "cancelled"}
    assert view.error is not None
    assert (view.error.code, view.error.field, view.error.cure) == (
        "invalid_request",
        "steps",
        "Ask for something else.",
    )
    assert types(size, job)[-1] == "failed"


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
    drain(size)
    view = size.view(job.id)
    assert view.state is JobState.RUNNING
    assert view.steps[0].state is StepState.READY
    assert view.steps[0].error is not None
    assert view.steps[0].error.code == "storage_full"


def asset_names(size: Size) -> list[str]:
    with size.kernel.database.read() as session:
        return list(session.scalars(select(Asset.name)))


# -- ends that were asked for ------------


def test_a_queued_job_is_cancelled_at_once(size: Size) -> None:
    job = size.submit(plan(spec("a"), spec("b", "a")))
    assert size.cancel(job.id).state is JobState.CANCELLED
    assert drain(size) == 0
    assert set(states(size.view(job.id)).values()) == {"cancelled"}
    assert types(size, job) == ["queued", "cancelled"]


def test_a_running_step_that_looks_is_cancelled(size: Size, tmp_path: Path) -> None:
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(tmp_path / "never")), spec("b", "a")))
    with in_background(size):
        size.running(job.id, "a")
        asked = size.cancel(job.id)
        assert asked.cancel_requested
    view = size.view(job.id)
    assert view.state is JobState.CANCELLED
    assert set(states(view).values()) == {"cancelled"}
    assert size.cancel(job.id) == view  # again: nothing more happens


def test_a_job_that_waits_to_try_again_is_cancelled_at_once(size: Size) -> None:
    job = size.submit(plan(spec("a", do="always_fail")))
    drain(size)
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
        eventually(lambda: states(size.view(job.id))["a"] == "succeeded")
        assert drain(size) == 0
        lasts.touch()
    view = size.view(job.id)
    assert view.state is JobState.CANCELLED
    assert {states(view)[name] for name in ("part0", "part1", "sum")} == {"cancelled"}
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
    assert types(size, job).count("running") == 2


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


def test_what_others_own_is_not_used_again(size: Size) -> None:
    with size.kernel.database.write() as session:
        now = size.kernel.database.now(session)
        other = Account(id=uuid4(), login="other", alias=11, kind="local", created_at=now)
        session.add(other)
    mine = size.submit(plan(spec("a", value=1, cache_key="c1")))
    with size.kernel.database.write() as session:
        step = plan(spec("a", value=2, cache_key="c1"))
        theirs = jobs.submit(session, size.workflow, step, owner=other.id)
    drain(size)
    assert size.view(mine.id).result != size.view(theirs.id).result
    with size.kernel.database.read() as session, pytest.raises(NotFound):
        jobs.get(session, mine.id, owner=other.id)


# -- growing, files, progress ------------


def test_a_step_may_append_steps(size: Size) -> None:
    job = size.submit(plan(spec("a", do="grow", parts=3)))
    assert drain(size) == 5
    view = size.view(job.id)
    assert view.state is JobState.SUCCEEDED
    assert view.result is not None
    assert view.result["sum"]["saw"] == ["a", "part0", "part1", "part2"]


def test_appended_steps_need_new_names(size: Size) -> None:
    job = size.submit(plan(spec("a", do="append_known")))
    drain(size)
    view = size.view(job.id)
    assert view.error is not None
    assert view.error.code == "internal_error"


def test_a_step_whose_output_others_use_appends_none(size: Size) -> None:
    job = size.submit(plan(spec("a", do="grow", parts=1, cache_key="c1")))
    drain(size)
    view = size.view(job.id)
    assert view.error is not None
    assert view.error.code == "internal_error"


def test_artifacts_travel_from_step_to_step(size: Size) -> None:
    job = size.submit(plan(spec("a", do="write", text="여름"), spec("b", "a", do="copy", role="file.a")))
    drain(size)
    view = size.view(job.id)
    assert [artifact.role for artifact in view.artifacts] == ["file.a", "copy.b"]
    assert view.artifacts[0].sha256 == view.artifacts[1].sha256
    with size.kernel.database.read() as session:
        info = size.kernel.assets.info(session, view.artifacts[1].asset_id, owner=size.owner)
    assert b"".join(size.kernel.assets.read(info)).decode() == "여름"
    assert [event.data["role"] for event in size.events(job.id) if event.type == "artifact"] == ["file.a", "copy.b"]


def test_progress_grows_is_rare_and_is_complete(size: Size) -> None:
    job = size.submit(plan(spec("a", do="report_often")))
    drain(size)
    seen = [event for event in size.events(job.id) if event.type == "progress"]
    fractions = [event.data["fraction"] for event in seen]
    assert fractions == sorted(fractions)
    assert seen[-1].data["stage"] == "counted"
    assert size.view(job.id).progress.message == "all"
    gaps = [after.at - before.at for before, after in pairwise(seen[:-1])]  # the last came with the end
    assert all(gap >= timedelta(seconds=0.2) for gap in gaps)


# -- reading ------------


def test_lists_page_through_everything_once(size: Size) -> None:
    made = [size.submit(plan(spec("a")), origin="v1" if index % 2 else "cli").id for index in range(7)]
    with size.kernel.database.read() as session:
        seen, cursor = [], None
        while True:
            page = jobs.list_jobs(session, limit=3, cursor=cursor)
            seen += [view.id for view in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == made[::-1]
        assert [view.id for view in jobs.list_jobs(session, origin="cli").items] == made[::-2]
        for kind in ("song", "plan\0ned"):
            assert jobs.list_jobs(session, kind=kind).items == ()
        assert jobs.list_jobs(session, owner=uuid4()).items == ()
        assert jobs.list_jobs(session, states=[JobState.RUNNING]).items == ()
        for cursor in ("nonsense", "WyJhIl0", "é"):
            with pytest.raises(InvalidRequest):
                jobs.list_jobs(session, cursor=cursor)


def test_a_list_costs_the_same_statements_however_long(size: Size) -> None:
    for _ in range(5):
        size.submit(plan(spec("a", do="write"), spec("b")))
    drain(size)
    with size.kernel.database.read() as session:
        statements: list[object] = []
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        jobs.list_jobs(session, limit=1)
        few = len(statements)
        assert len(jobs.list_jobs(session).items) == 5
        assert len(statements) == 2 * few


def test_counts_and_running(size: Size, tmp_path: Path) -> None:
    job = size.submit(plan(spec("a", do="wait_for_file", file=str(tmp_path / "go"))), origin="memoria")
    size.submit(plan(spec("a")), origin="memoria")
    size.submit(plan(spec("a")), origin="v1")
    with in_background(size):
        size.running(job.id, "a")
        with size.kernel.database.read() as session:
            assert jobs.counts(session, origin="memoria") == jobs.Counts(queued=1, running=1, total=2)
            assert jobs.counts(session).total == 3
            assert jobs.running(session, origin="memoria") == [job.id]
            assert jobs.running(session, origin="v1") == []
        (tmp_path / "go").touch()


def test_events_are_read_from_where_one_was(size: Size) -> None:
    job = size.submit(plan(spec("a")))
    drain(size)
    everything = size.events(job.id)
    with size.kernel.database.read() as session:
        assert jobs.events(session, job.id, after=2) == everything[2:]
        assert jobs.events(session, job.id, limit=2) == everything[:2]
        assert jobs.latest_event_id(session) == everything[-1].id


def test_the_feed_wakes_who_waits(size: Size) -> None:
    feed = size.kernel.feed
    seen = feed.wait(feed.value, 0.3)
    woken: list[int] = []
    thread = threading.Thread(target=lambda: woken.append(feed.wait(seen, 20)))
    thread.start()
    size.submit(Plan(steps=(spec("a"),)))
    thread.join(20)
    assert woken
    assert woken[0] > seen
