"""The open door by which an analysis server answers: who is let in, and what is taken."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests
from sqlalchemy import select, update

from pansori.db.tables import LoginAttempt, Step
from pansori.domain.jobs import JobState, StepState
from support.installations import Installation, installation, sound
from support.listener import Listener
from support.remote_analysis import NOBODYS, RESULTS, SECRET, asked, deliver, signed


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


def test_a_signed_letter_that_names_no_job_is_good_for_one(service: Installation, remote: Listener) -> None:
    """As servers write them that know no more than the document says; whoever overhears one sends it elsewhere."""
    (first, _), (second, _) = asked(service, remote), asked(service, remote)
    body = b'{"analysis_results": {"a": 1}}'
    letter = signed(SECRET, body)

    def send(job_id: str, headers: dict[str, str]) -> int:
        door = f"{service.url}/tokens/webhook/analysis-complete?job_id={job_id}"
        return requests.post(door, data=body, headers=headers, timeout=60).status_code

    assert [send(first, letter), send(first, letter)] == [200, 200], "who did not hear us sends it again"
    assert send(second, letter) == 403
    with service.services.database.read() as session:
        since = service.services.database.now(session) - timedelta(seconds=700)
    assert service.result(second)["status"] == "processing"
    with service.services.database.write() as session:
        session.execute(update(LoginAttempt).values(at=since))
    assert send(second, signed(SECRET, body)) == 200
    with service.services.database.read() as session:
        kept = session.scalars(select(LoginAttempt.at)).all()
    assert all(moment > since for moment in kept), "what its date keeps out is not remembered"
    assert service.finish(second)["result"] == {"a": 1}


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
