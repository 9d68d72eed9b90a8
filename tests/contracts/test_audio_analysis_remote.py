"""Asking an analysis server: what it is told, what it may answer, by which door, and all that it may do wrong."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
from sqlalchemy import select, update
from standardwebhooks import Webhook

from pansori.db.tables import Step
from pansori.domain.jobs import ErrorInfo, JobState, StepState
from support.installations import Installation, installation, sound
from support.listener import Answer, Call, Listener, listening
from support.waiting import eventually

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
RESULTS = {"score": 97.5, "말": ["하나", None, {"깊이": [1, 2]}], "empty": {}}
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"


@pytest.fixture(scope="module")
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def shared(server: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    address = f"{server.url}/analyze-voice"
    settings = {"target_server_url": address, "target_server_token": "psk_theirs", "webhook_secret": SECRET}
    with installation(tmp_path_factory.mktemp("service"), workers=1, only=None, **settings) as made:
        yield made


@pytest.fixture(scope="module")
def alone(server: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A service that knows the server and has chosen not to ask it, and an analysis that it has done."""
    folder = tmp_path_factory.mktemp("alone")
    with installation(folder, target_server_url=server.url, analyze_engine="debug") as made:
        job_id = made.upload(sound(0.12))
        made.finish(job_id)
        yield made, job_id


@pytest.fixture
def remote(server: Listener, shared: Installation) -> Listener:
    server.reset()
    return server


@pytest.fixture
def service(remote: Listener, shared: Installation) -> Installation:
    return shared


_takes = iter(range(1, 1000))


def upload(service: Installation) -> str:
    """A job of its own: what was analysed before in the same way is not asked for again."""
    known = service.get("/v1/jobs", params={"kind": "analysis", "limit": 1}).json()["jobs"]
    if not known:
        return service.upload(sound(0.1))
    asset, take = known[0]["task"]["asset_id"], next(_takes)
    answer = service.post("/tokens/1/analyses", json={"asset_id": asset, "options": {"take": take}})
    assert answer.status_code == 200, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def parked(service: Installation, job_id: str) -> None:
    eventually(lambda: service.job(job_id).steps[1].parked)


def asked(service: Installation, remote: Listener) -> tuple[str, Call]:
    """A job that waits for the server's call, and what the server was asked."""
    job_id = upload(service)
    parked(service, job_id)
    return job_id, next(call for call in remote.calls if call.json["job_id"] == job_id)


def deliver(call: Call, told: Any = None, **options: Any) -> requests.Response:
    """As the analysis server does."""
    return requests.post(call.json["webhook_url"], json=told or {"analysis_results": RESULTS}, timeout=60, **options)


def failed(service: Installation, job_id: str) -> ErrorInfo:
    def look() -> bool:
        service.hurry_failed()
        return service.job(job_id).state is JobState.FAILED

    eventually(look)
    error = service.job(job_id).error
    assert error is not None
    assert service.result(job_id)["status"] == "failed"
    return error


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


# -- the door ------------


def test_whoever_shows_nothing_is_not_let_in(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    _, other = asked(service, remote)
    door = f"{service.url}/tokens/webhook/analysis-complete"
    body = {"analysis_results": {"score": 100}}

    def knock(**query: str) -> int:
        return requests.post(door, params=query, json=body, timeout=60).status_code

    token = parse_qs(urlsplit(call.json["webhook_url"]).query)["token"][0]
    others = parse_qs(urlsplit(other.json["webhook_url"]).query)["token"][0]
    assert knock(job_id=job_id) == 401
    assert knock(job_id=job_id, token="x") == 403
    assert knock(job_id=job_id, token=token + "x") == 403
    assert knock(job_id=job_id, token=token[:-1]) == 403
    assert knock(job_id=job_id, token=others) == 403
    assert knock(job_id=NOBODYS, token=token) == 404
    assert knock(job_id="1", token=token) == 404
    assert knock(token=token) == 422
    assert service.job(job_id).state is JobState.RUNNING
    assert deliver(call).status_code == 200


def signed(secret: str, body: bytes, at: datetime | None = None, call_id: str = "msg_1") -> dict[str, str]:
    """As the reference implementation signs."""
    moment = at or datetime.now(UTC)
    signature = Webhook(secret).sign(call_id, moment, body.decode())
    return {"webhook-id": call_id, "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}


def test_whoever_signs_is_let_in(service: Installation, remote: Listener) -> None:
    job_id, _ = asked(service, remote)
    door, body = f"{service.url}/tokens/webhook/analysis-complete?job_id={job_id}", b'{"analysis_results": {"a": 1}}'
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    old, early = (datetime.now(UTC) + timedelta(seconds=way * 400) for way in (-1, 1))
    good = signed(SECRET, body)
    for headers, sent in (
        (signed(other, body), body),
        (signed(SECRET, body, old), body),
        (signed(SECRET, body, early), body),
        (good, body.replace(b"1", b"2")),
        ({**good, "webhook-id": "msg_2"}, body),
        ({**good, "webhook-timestamp": "soon"}, body),
        ({**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v2,")}, body),
    ):
        assert requests.post(door, data=sent, headers=headers, timeout=60).status_code == 403
    several = {**good, "webhook-signature": f"v1,{'A' * 43}= v9,x {good['webhook-signature']}"}
    assert requests.post(door, data=body, headers=several, timeout=60).status_code == 200
    assert service.finish(job_id)["result"] == {"a": 1}


def test_a_signed_letter_is_good_for_no_other_job(service: Installation, remote: Listener) -> None:
    """`/analyze-voice` signs what it sends to whatever address a stranger names."""
    job_id, call = asked(service, remote)
    door = f"{service.url}/tokens/webhook/analysis-complete?job_id={job_id}"
    for named, status in ((NOBODYS, 403), (None, 403), (job_id, 200)):
        body = json.dumps({"job_id": named, "analysis_results": {"a": 1}}).encode()
        assert requests.post(door, data=body, headers=signed(SECRET, body), timeout=60).status_code == status
    told = deliver(call, {"job_id": NOBODYS, "analysis_results": {"a": 2}})
    assert told.status_code == 200, "the address is of this job, whatever the letter says"
    assert service.finish(job_id)["result"] == {"a": 1}


NOT_TAKEN = [
    b"",
    b"{",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'{"analysis_results": null}',
    b'{"analysis_results": []}',
    b'{"analysis_results": "great"}',
    b'{"analysis_results": {"a": NaN}}',
    b'{"analysis_results": {"a": 1e999}}',
    b'{"analysis_results": {"a": "\\ud800"}}',
    b'{"analysis_results": {"a": ' + b"9" * 5000 + b"}}",
    b'{"analysis_results": {"a": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    b'{"analysis_results": {"a": ' + b"[" * 200 + b"]" * 200 + b"}}",
]


def test_what_is_no_result_is_refused_and_waited_for_still(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    for body in NOT_TAKEN:
        answer = requests.post(call.json["webhook_url"], data=body, timeout=60)
        assert answer.status_code == 422, body[:80]
        assert answer.json()["detail"]
    assert deliver(call).status_code == 200
    assert service.finish(job_id)["result"] == RESULTS


def test_fifty_megabytes_are_too_much(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)

    def pieces() -> Iterator[bytes]:
        yield b'{"analysis_results": {"a": "'
        for _ in range(50):
            yield b"x" * 1_000_000

    told = requests.post(call.json["webhook_url"], data=b"".join(pieces()), timeout=60)
    untold = requests.post(call.json["webhook_url"], data=pieces(), timeout=60)
    assert (told.status_code, untold.status_code) == (413, 413)
    assert "33,554,432" in told.json()["detail"]
    assert deliver(call).status_code == 200
    assert service.finish(job_id)["status"] == "completed"


def test_after_the_job_was_cancelled_nothing_is_taken(service: Installation, remote: Listener) -> None:
    job_id, call = asked(service, remote)
    assert service.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled", "at once, though others work on it"
    assert deliver(call).status_code == 409
    assert service.result(job_id)["message"] == "취소됨"


def test_a_job_that_asked_nobody_waits_for_nothing(alone: tuple[Installation, str]) -> None:
    service, job_id = alone
    address = service.services.handout.webhook(UUID(job_id), "analyze")
    assert requests.post(address, json={"analysis_results": {}}, timeout=60).status_code == 409


def test_a_job_that_asks_nobody_takes_nothing_while_it_runs(remote: Listener, tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, webhook_secret=SECRET) as service:
        job_id = service.upload(sound(0.1))
        begun = (Step.job_id == UUID(job_id), Step.name == "analyze")
        with service.services.database.write() as session:
            session.execute(update(Step).where(*begun).values(state=StepState.READY, attempt=1))
        body = b'{"analysis_results": {"a": 1}}'
        door = f"/tokens/webhook/analysis-complete?job_id={job_id}"
        assert service.post(door, data=body, headers=signed(SECRET, body)).status_code == 409
        with service.services.database.read() as session:
            assert session.scalars(select(Step.delivery).where(*begun)).one() is None


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
