"""A job as pages show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import ErrorInfo, JobState, JobView, Progress
from pansori.web.cards import TITLE_LENGTH, JobCard, card_of, title_of
from pansori.web.words import FRAME, Told

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def job(state: JobState = JobState.RUNNING, **values: Any) -> JobView:
    defaults: dict[str, Any] = {
        "id": uuid4(),
        "kind": "generation",
        "origin": "texttune",
        "owner": uuid4(),
        "state": state,
        "priority": 0,
        "task": {"prompt": "a slow song"},
        "progress": Progress(stage="compose", fraction=0.25),
        "cancel_requested": False,
        "created_at": BEGUN,
        "started_at": BEGUN,
        "finished_at": None,
        "error": None,
        "result": None,
        "seq": 1,
    }
    return JobView(**{**defaults, **values})


def card(view: JobView, seconds: float = 10.0, **values: Any) -> JobCard:
    return card_of(view, Told("en", FRAME), BEGUN + timedelta(seconds=seconds), **values)


def test_one_that_runs_tells_its_stage_and_how_long_it_may_take() -> None:
    shown = card(job())
    assert (shown.words, shown.percent, shown.elapsed) == ("Composing", 25, 10.0)
    assert shown.left == pytest.approx(30.0)
    assert not shown.finished


@pytest.mark.parametrize(("fraction", "seconds"), [(0.01, 10.0), (0.15, 10.0), (0.5, 0.5), (1.0, 10.0)])
def test_what_is_not_known_is_not_guessed(fraction: float, seconds: float) -> None:
    assert card(job(progress=Progress(fraction=fraction)), seconds).left is None


def test_one_that_waits_has_taken_no_time() -> None:
    shown = card(job(JobState.QUEUED, started_at=None))
    assert (shown.words, shown.elapsed, shown.left) == ("Waiting for its turn", None, None)


def test_a_failed_one_says_why_and_what_helps() -> None:
    error = ErrorInfo.of(InvalidRequest(Text("Too long.", "너무 길어요."), cure=Text("Shorten it.", "줄이세요.")))
    shown = card(job(JobState.FAILED, error=error))
    assert "Too long." in shown.words
    assert shown.cure == "Shorten it."
    assert shown.finished


def test_one_that_is_to_end_says_so() -> None:
    assert card(job(cancel_requested=True)).cancelling
    assert not card(job(JobState.CANCELLED, cancel_requested=True)).cancelling


def test_a_finished_one_leads_to_what_it_has_left() -> None:
    track = uuid4()
    assert card(job(JobState.SUCCEEDED), track=track).track_path == f"/app/tracks/{track}"


@pytest.mark.parametrize(
    ("task", "title"),
    [
        ({"title": "밤", "prompt": "x"}, "밤"),
        ({"genre": "jazz"}, "jazz"),
        ({}, "generation"),
        ({"prompt": "a\n b"}, "a b"),
    ],
)
def test_it_is_called_what_its_task_calls_it(task: dict[str, str], title: str) -> None:
    assert title_of(job(task=task)) == title


def test_long_titles_end() -> None:
    assert len(title_of(job(task={"prompt": "a" * 500}))) == TITLE_LENGTH
