"""Asking an analysis server: what it is told, what it may answer, and all that it may do wrong."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from pansori.domain.jobs import JobState, StepState
from support.installations import Installation, installation, sound
from support.listener import Answer, Listener
from support.remote_analysis import NOBODYS, RESULTS, asked, deliver, failed, parked, upload
from support.waiting import eventually

# -- asking, and being answered ------------


def test_the_server_is_told_where_to_read_and_where_to_call(service: Installation, remote: Listener) -> None:
    content = sound(0.05)
    job_id = service.upload(content, token="t-1", name="내 목소리.wav")
    call = remote.called()
    assert call.path == "/analyze-voice"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["authorization"] == "Bearer psk_theirs"
    assert call.headers["idempotency-key"].startswith(job_id)
    told = call.json
    assert (told["job_id"], told["token_id"], told["file_name"]) == (job_id, "t-1", "내 목소리.wav")
    assert (told["size"], told["media_type"]) == (len(content), "audio/wav")
    read = requests.get(told["audio_url"], timeout=60)
    assert (read.status_code, read.content) == (200, content)
    webhook = urlsplit(told["webhook_url"])
    assert webhook.path == "/tokens/webhook/analysis-complete"
    assert parse_qs(webhook.query)["job_id"] == [job_id]
    deliver(call)


def test_the_address_of_the_recording_is_good_for_nothing_else(service: Installation, remote: Listener) -> None:
    _, call = asked(service, remote)
    address: str = call.json["audio_url"]
    path, _, query = address.partition("?")
    for wrong in (
        address + "x",
        f"{path}?{query.replace('expires=', 'expires=9')}",
        f"{path}?expires=&signature=",
    ):
        assert requests.get(wrong, timeout=60).status_code == 403, wrong
    other = path.rpartition("/")[0] + f"/{NOBODYS}?{query}"
    assert requests.get(other, timeout=60).status_code == 403
    deliver(call)


def test_while_the_server_works_no_worker_waits(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    step = service.job(job_id).steps[1]
    assert (step.state, step.error) == (StepState.READY, None)
    other = upload(service)
    parked(service, other)
    assert service.result(job_id)["progress"] == 70
    deliver(call)
    assert service.finish(job_id)["status"] == "completed"
    assert service.job(other).state is JobState.RUNNING


def test_what_the_server_answers_is_the_result(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    answer = deliver(call, headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.json()["message"]) == (200, "분석 결과를 받았어요.")
    told = service.stream(job_id)
    assert told.endswith(f'"completed", "progress": 100, "result": {json.dumps(RESULTS, ensure_ascii=False)}}}\n\n')
    assert service.result(job_id)["result"] == RESULTS


def test_a_server_that_does_not_make_one_wait(service: Installation, remote: Listener) -> None:
    remote.answers.append(Answer(200, json.dumps({"analysis_results": RESULTS}).encode()))
    assert service.finish(upload(service))["result"] == RESULTS


def test_a_server_that_says_at_once_that_it_has_failed(service: Installation, remote: Listener) -> None:
    remote.answers.append(Answer(200, b'{"status": "failed", "message": "no voice"}'))
    error = failed(service, upload(service))
    assert (error.code, "no voice" in error.message) == ("remote_refused", True)


def test_a_server_that_calls_before_it_answers(service: Installation, remote: Listener) -> None:
    go = threading.Event()
    remote.answers.append(Answer(202, b"", after=go))
    job_id = upload(service)
    assert deliver(remote.called()).status_code == 200
    go.set()
    assert service.finish(job_id)["result"] == RESULTS


def test_a_server_that_calls_twice(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    assert deliver(call).status_code == 200
    assert deliver(call, {"analysis_results": {"score": 1}}).status_code == 200
    assert service.finish(job_id)["result"] == RESULTS
    seq = service.job(job_id).seq
    assert deliver(call, {"analysis_results": {"score": 2}}).status_code == 200
    assert (service.result(job_id)["result"], service.job(job_id).seq) == (RESULTS, seq)


# -- what a server may do wrong ------------

PAGE = b"<!doctype html><title>Welcome</title><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (Answer(400, b'{"detail": "we take\\u202e MP3\\n only"}'), "remote_refused", "we take MP3 only"),
        (Answer(404, PAGE, "text/html"), "remote_refused", "404"),
        (Answer(422, b'{"detail": [{"loc": ["body"]}]}'), "remote_refused", "422"),
        (Answer(403, b"go away\x1b[31m", "text/plain"), "remote_refused", "go away"),
        (Answer(200, PAGE, "text/html"), "remote_garbled", "TARGET_SERVER_URL"),
        (Answer(200, b"[1, 2]"), "remote_garbled", "JSON"),
        (Answer(200, b'{"analysis_results": [1]}'), "remote_garbled", "object"),
        (Answer(302, b"", headers={"Location": "http://127.0.0.1:1/"}), "fetch_failed", "elsewhere"),
    ],
    ids=["400", "404", "422", "403", "page", "list", "wrong", "redirect"],
)
def test_a_server_that_does_not_want_to(
    service: Installation, remote: Listener, answer: Answer, code: str, says: str
) -> None:
    remote.usual = answer
    error = failed(service, upload(service))
    assert error.code == code
    assert says in f"{error.message} {error.cure}"
    assert "<" not in error.message
    assert len(remote.calls) == 1, "asking again would not help"


def test_a_server_that_says_too_much_is_quoted_in_part(service: Installation, remote: Listener) -> None:
    remote.usual = Answer(400, json.dumps({"error": {"message": "no " * 5_000}}).encode())
    assert len(failed(service, upload(service)).message) < 400


def test_a_server_that_fails_is_asked_again(service: Installation, remote: Listener) -> None:
    remote.answers += [Answer(503, b""), Answer(429, b'{"detail": "later"}')]
    job_id = upload(service)

    def look() -> bool:
        service.hurry_failed()
        return service.job(job_id).steps[1].parked

    eventually(look)
    assert [call.headers["idempotency-key"] for call in remote.calls] == [f"{job_id}/analyze/1"] * 3
    deliver(remote.calls[0])
    assert service.finish(job_id)["status"] == "completed"


def test_a_server_that_only_fails_is_given_up_and_may_be_asked_again(service: Installation, remote: Listener) -> None:
    remote.usual = Answer(500, b'{"detail": "out of order"}')
    job_id = upload(service)
    error = failed(service, job_id)
    assert (error.code, "out of order" in error.message) == ("remote_failed", True)
    assert len(remote.calls) == 4
    remote.reset()
    service.post(f"/v1/jobs/{job_id}/retry")
    call = remote.called()
    assert call.headers["idempotency-key"] == f"{job_id}/analyze/2", "it is another request"
    deliver(call)
    assert service.finish(job_id)["status"] == "completed"


@pytest.mark.parametrize("told", [{"message": "no voice in it"}, "no voice in it"])
def test_a_server_that_says_that_it_could_not(service: Installation, remote: Listener, told: Any) -> None:
    job_id, call = asked(service, remote)
    assert deliver(call, {"analysis_results": None, "error": told}).status_code == 200
    error = failed(service, job_id)
    assert (error.code, "no voice in it" in error.message) == ("remote_refused", True)
    remote.reset()
    service.post(f"/v1/jobs/{job_id}/retry")
    deliver(remote.called())
    assert service.finish(job_id)["status"] == "completed", "what it said before is forgotten"


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with installation(tmp_path, target_server_url="http://127.0.0.1:1/analyze-voice") as service:
        error = failed(service, upload(service))
        assert error.code == "unreachable"
        assert "127.0.0.1" in error.message


def test_a_server_that_never_calls(remote: Listener, tmp_path: Path) -> None:
    with installation(tmp_path, target_server_url=remote.url, remote_timeout=2.0) as service:
        job_id = upload(service)
        call = remote.called()
        assert failed(service, job_id).code == "remote_silent"
        assert deliver(call).status_code == 409, "it is too late"


def test_a_server_that_takes_the_request_and_says_nothing(remote: Listener, tmp_path: Path) -> None:
    over = threading.Event()
    remote.usual = Answer(after=over)
    with installation(tmp_path, target_server_url=remote.url, remote_timeout=0.2) as service:
        assert failed(service, upload(service)).code == "fetch_timed_out"
        over.set()


def test_a_server_that_measured_something_else(
    service: Installation, remote: Listener, alone: tuple[Installation, str]
) -> None:
    other, done = alone
    measures = next(one for one in other.job(done).artifacts if one.role == "analysis")
    job_id, call = asked(service, remote)
    deliver(call, {"analysis_results": other.get(f"/v1/assets/{measures.asset_id}/content").json()})
    assert failed(service, job_id).code == "remote_garbled"


def test_nobody_is_asked_where_an_engine_was_chosen_on_purpose(
    remote: Listener, alone: tuple[Installation, str], tmp_path: Path
) -> None:
    service, done = alone
    assert service.result(done)["result"]["engine"] == "debug"
    assert remote.calls == []
    task = {"asset_id": service.job(done).task["asset_id"], "engine": "remote"}
    chosen = service.post("/v1/jobs", json={"kind": "analysis", "task": task}).json()
    assert chosen["task"]["engine"] == "remote"
    deliver(remote.called())
    assert service.finish(chosen["id"])["result"] == RESULTS
    with installation(tmp_path, workers=0) as unset:
        answer = unset.post("/v1/jobs", json={"kind": "analysis", "task": task})
        assert (answer.status_code, answer.json()["cure"]) == (503, "Set TARGET_SERVER_URL.")
