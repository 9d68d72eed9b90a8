"""The tables of states hold together, and errors keep stable codes and both languages."""

from __future__ import annotations

from pansori.domain.errors import Busy, InvalidRequest, PansoriError, Text, error_types
from pansori.domain.jobs import FINISHED, STEP_TRANSITIONS, TRANSITIONS, ErrorInfo, JobState, StepState


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(JobState)
    assert set(STEP_TRANSITIONS) == set(StepState)


def test_only_a_retry_leaves_a_finished_job() -> None:
    for state in FINISHED:
        assert TRANSITIONS[state] <= {JobState.QUEUED}


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {JobState.QUEUED}
    while (more := reached | {after for state in reached for after in TRANSITIONS[state]}) != reached:
        reached = more
    assert reached == set(JobState)


def test_codes_are_unique() -> None:
    types = list(error_types())
    assert len({error.code for error in types}) == len(types)


def test_an_error_is_kept_in_both_languages() -> None:
    error = InvalidRequest(Text("No lyrics.", "가사가 없어요."), field="lyrics", cure=Text("Write one.", "써 주세요."))
    kept = ErrorInfo.of(error)
    assert (kept.code, kept.message, kept.message_ko, kept.field) == (
        "invalid_request",
        "No lyrics.",
        "가사가 없어요.",
        "lyrics",
    )
    assert kept.told == error.message
    assert kept.cured == error.cure
    assert str(error) == "No lyrics."


def test_a_cure_that_an_older_version_kept_is_in_english() -> None:
    kept = ErrorInfo(code="invalid_request", message="No.", message_ko="아니요.", cure="Write one.")
    assert kept.cured == Text("Write one.", "Write one.")


def test_a_plain_message_serves_both_languages() -> None:
    error = Busy("Later.", retry_after=3)
    assert error.message.in_language("ko") == error.message.in_language("en") == "Later."
    assert error.retry_after == 3
    assert isinstance(error, PansoriError)
