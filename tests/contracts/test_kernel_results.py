"""Laws of the kernel: what steps leave behind, and how it is read."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import event

from pansori import jobs
from pansori.domain.errors import InvalidRequest
from pansori.domain.jobs import JobState
from support.sizes import Size, drain, in_background
from support.waiting import PATIENCE
from support.workflows import Plan, plan, spec

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
    thread = threading.Thread(target=lambda: woken.append(feed.wait(seen, PATIENCE)))
    thread.start()
    size.submit(Plan(steps=(spec("a"),)))
    thread.join()
    assert woken
    assert woken[0] > seen
