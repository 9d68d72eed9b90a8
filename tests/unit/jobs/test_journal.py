"""Work that no worker did, kept as a job that has ended: seen, counted and tried again like all others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pansori import jobs
from pansori.domain.errors import Cancelled, InvalidRequest
from pansori.domain.jobs import JobState, JobView, StepState
from pansori.jobs import Deed
from support.sizes import Size, make_size
from support.workflows import plan, spec

BEGUN = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAN = plan(spec("hear"), spec("answer", "hear"), spec("say", "answer"))


@pytest.fixture
def size(tmp_path: Path) -> Iterator[Size]:
    made = make_size("memory", tmp_path)
    yield made
    made.close()


def deed(name: str, at: float = 0.0, **what: object) -> Deed:
    """It takes a second, and begins so many seconds after all of it."""
    started = BEGUN + timedelta(seconds=at)
    return Deed(name, started, started + timedelta(seconds=1), **{"output": {"value": name}, **what})  # type: ignore[arg-type]


def journal(size: Size, *deeds: Deed) -> JobView:
    with size.kernel.database.write() as session:
        job_id = jobs.journal(session, size.workflow, PLAN, deeds, owner=size.owner, origin="tests")
        return jobs.get(session, job_id)


def stored(size: Size, folder: Path) -> UUID:
    file = folder / "speech.txt"
    file.write_text("spoken")
    asset = size.kernel.assets.write(size.owner, "speech.txt", file)
    with size.kernel.database.write() as session:
        size.kernel.assets.commit(session, [asset])
    return asset


def test_all_of_it(size: Size, tmp_path: Path) -> None:
    asset = stored(size, tmp_path)
    job = journal(size, deed("hear"), deed("answer", 1), deed("say", 2.5, files={"speech": asset}))
    assert (job.state, job.error, job.origin, job.progress.fraction) == (JobState.SUCCEEDED, None, "tests", 1.0)
    assert job.result == {name: {"value": name} for name in ("hear", "answer", "say")}
    assert (job.created_at, job.started_at, job.finished_at) == (BEGUN, BEGUN, BEGUN + timedelta(seconds=3.5))
    assert [(step.name, step.state, step.attempt) for step in job.steps] == [
        (name, StepState.SUCCEEDED, 1) for name in ("hear", "answer", "say")
    ]
    assert [step.started_at for step in job.steps] == [BEGUN + timedelta(seconds=at) for at in (0, 1, 2.5)]
    assert [(one.role, one.asset_id) for one in job.artifacts] == [("speech", asset)]
    with size.kernel.database.read() as session:
        told = jobs.events(session, job.id)
    assert [one.seq for one in told] == list(range(1, job.seq + 1))
    names = ["queued", "running", *(3 * ["step_started", "step_succeeded"]), "succeeded"]
    assert [one.type for one in told if one.type != "artifact"] == names


def test_what_failed_is_tried_again_from_where_it_failed(size: Size) -> None:
    error = InvalidRequest("not like that", cure="Ask for something else.")
    job = journal(size, deed("hear"), deed("answer", 1, error=error))
    assert (job.state, job.result) == (JobState.FAILED, None)
    assert job.error is not None
    assert (job.error.code, job.error.cure) == (error.code, "Ask for something else.")
    states = [step.state for step in job.steps]
    assert states == [StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED]
    with size.kernel.database.write() as session:
        jobs.retry(session, job.id)
    with size.workers():
        again = size.finished(job.id)
    assert again.state is JobState.SUCCEEDED
    assert again.result is not None
    assert again.result["hear"] == {"value": "hear"}  # as it was kept
    assert (again.result["answer"]["attempt"], again.result["say"]["saw"]) == (2, ["answer", "hear"])


def test_what_was_called_off(size: Size) -> None:
    job = journal(size, deed("hear"), deed("answer", 1, error=Cancelled("enough")))
    assert (job.state, job.error) == (JobState.CANCELLED, None)


@pytest.mark.parametrize(
    "deeds",
    [
        [],
        [deed("hear")],
        [deed("dance")],
        [deed("hear", error=InvalidRequest("no")), deed("answer"), deed("say")],
    ],
)
def test_what_does_not_fit_the_plan(size: Size, deeds: list[Deed]) -> None:
    with pytest.raises(ValueError, match="step"):
        journal(size, *deeds)


def test_it_is_counted_like_all_others(size: Size) -> None:
    journal(size, deed("hear"), deed("answer", 1), deed("say", 2))
    journal(size, deed("hear", error=InvalidRequest("no")))
    jobs.count_events(size.kernel.database)
    with size.kernel.database.read() as session:
        counted = {(one.name, *one.labels): one for one in jobs.tallies(session)}
    assert counted["jobs_submitted", "planned"].count == 2
    assert counted["jobs_finished", "planned", "succeeded"].count == 1
    assert counted["step_attempts", "planned", "hear", "failed"].count == 1
    assert counted["step_duration", "planned", "answer"].seconds == pytest.approx(1.0)
