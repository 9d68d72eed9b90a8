from __future__ import annotations

import json

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from pansori.api.problems import Issue, detail, failure, failure_of_job, problem, status_of
from pansori.domain import errors
from pansori.domain.errors import Text
from pansori.domain.jobs import ErrorInfo


@pytest.mark.parametrize("kind", list(errors.error_types()), ids=lambda kind: kind.code)
def test_every_error_has_a_status(kind: type[errors.PansoriError]) -> None:
    assert 400 <= status_of(kind) < 600


def test_a_problem_is_told_in_the_readers_language() -> None:
    error = errors.InvalidRequest(Text("Too fast.", "너무 빨라요."), field="tempo", cure=Text("Slow down.", "천천히."))
    response = problem(failure(error, "ko"))
    assert response.media_type == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "urn:pansori:problem:invalid_request",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "너무 빨라요.",
        "code": "invalid_request",
        "field": "tempo",
        "cure": "천천히.",
        "errors": [{"field": "tempo", "type": "invalid_request", "detail": "너무 빨라요."}],
    }


def test_whoever_comes_too_early_is_told_when_to_come_back() -> None:
    response = detail(failure(errors.Busy("Wait.", retry_after=2.6), "en"))
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")
    assert json.loads(bytes(response.body)) == {"detail": "Wait."}


def test_where_a_shape_has_no_place_for_the_cure_it_follows_the_words() -> None:
    cure = Text("Slow down.", "천천히 해 주세요.")
    wrong = detail(failure(errors.InvalidRequest(Text("Too fast.", "너무 빨라요."), field="tempo", cure=cure), "ko"))
    assert json.loads(bytes(wrong.body)) == {
        "detail": [{"type": "invalid_request", "loc": ["body", "tempo"], "msg": "너무 빨라요. 천천히 해 주세요."}]
    }
    gone = detail(failure(errors.EngineUnavailable("It is not here.", cure=cure), "en"))
    assert json.loads(bytes(gone.body)) == {"detail": "It is not here. Slow down."}


def test_a_body_of_nothing_but_wrong_fields_has_a_short_answer() -> None:
    sent = {f"promp{number}": 1 for number in range(10_000)}
    wrong = [{"type": "missing", "loc": ("body", "prompt"), "msg": "Field required", "ctx": {}}]
    wrong += [{"type": "extra_forbidden", "loc": ("body", name), "msg": "Extra inputs", "ctx": {}} for name in sent]
    told = detail(failure(RequestValidationError(wrong, body=sent), "en", known=("prompt",)))
    assert len(bytes(told.body)) < 20_000
    assert "prompt by promp" in json.loads(bytes(told.body))["detail"][0]["msg"]


def test_a_fault_of_the_program_tells_nothing_of_itself() -> None:
    told = problem(failure(RuntimeError("password 1234"), "en"))
    assert told.status_code == 500
    assert b"1234" not in bytes(told.body)


class Order(BaseModel):
    song: str = Field(max_length=3)
    tempo: int = Field(ge=40)


def test_validation_names_the_field_and_never_repeats_what_was_sent() -> None:
    with pytest.raises(ValidationError) as raised:
        Order.model_validate({"song": "a very secret song", "tempo": 3})
    failed = failure(raised.value, "en")
    assert failed.status == 422
    assert "At most 3 characters" in failed.detail
    assert [issue.kind for issue in failed.issues] == ["string_too_long", "greater_than_equal"]
    assert b"secret" not in bytes(problem(failed).body)


def test_text_that_cannot_be_encoded_is_still_answered() -> None:
    response = problem(failure(errors.NotFound("no \udc80 here"), "en"))
    assert json.loads(bytes(response.body))["detail"] == "no ? here"


def test_http_errors_have_codes() -> None:
    assert failure(HTTPException(405), "ko").code == "method_not_allowed"
    assert failure(HTTPException(418), "en").code == "im_a_teapot"


def test_a_failed_job_answers_with_the_status_of_its_error() -> None:
    info = ErrorInfo.of(errors.EngineUnavailable(Text("gone", "없어요"), cure=Text("Bring it.", "가져오세요.")))
    failed = failure_of_job(info, "ko")
    assert (failed.status, failed.detail, failed.cure) == (503, "없어요", "가져오세요.")


def test_a_place_without_a_name_has_no_field() -> None:
    assert Issue(("body",), "json_invalid", "").field is None
    assert Issue(("body", "task", 0), "missing", "").field == "task.0"
