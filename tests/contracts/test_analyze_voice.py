"""Being the analysis server that others ask: what is fetched, and what those who wait are told."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from standardwebhooks import Webhook

from pansori import jobs
from pansori.db.tables import Step
from pansori.domain.jobs import JobState
from pansori.engines.analyze.schema import Analysis
from pansori.jobs import Sweeper
from pansori.workflows import tell_ended
from support.installations import Installation, installation, sound
from support.listener import Answer, Listener, listening
from support.waiting import eventually

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
CONTENT = sound(0.2)
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with listening() as made:
        made.files = {
            "/take%201.wav": CONTENT,
            "/text.wav": b"no sound at all",
            "/large.wav": sound(20.0),
        }
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("analyser")
    with installation(folder, analyze_engine="debug", webhook_secret=SECRET, max_upload=200_000) as made:
        yield made


@pytest.fixture
def client(listener: Listener) -> Listener:
    """Who asks: gives recordings, and is called back."""
    listener.reset()
    return listener


@pytest.fixture
def analyser(client: Listener, shared: Installation) -> Installation:
    return shared


def ask(analyser: Installation, client: Listener, file: str = "/take%201.wav", **fields: Any) -> str:
    body = {"audio_url": client.url + file, "webhook_url": f"{client.url}/hook?job_id=7&token=x", **fields}
    answer = analyser.post("/analyze-voice", json=body, headers={"Accept-Language": "ko"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "message": "분석을 시작했어요.",
        "job_id": answer.json()["job_id"],
        "status": "processing",
    }
    job_id: str = answer.json()["job_id"]
    return job_id


def ended(analyser: Installation, job_id: str) -> JobState:
    def look() -> bool:
        analyser.hurry_failed()
        return analyser.job(job_id).state.finished

    eventually(look)
    return analyser.job(job_id).state


def test_whoever_asks_is_called_back_with_everything_until_they_hear(analyser: Installation, client: Listener) -> None:
    client.answers += [Answer(503, b""), Answer(500, b"")]
    job_id = ask(analyser, client, token_id="whatever", sha256="0" * 64)
    assert ended(analyser, job_id) is JobState.SUCCEEDED
    assert [call.path for call in client.calls] == ["/hook?job_id=7&token=x"] * 3
    for name in ("webhook-id", "idempotency-key"):
        assert len({call.headers[name] for call in client.calls}) == 1
    call = client.calls[2]
    assert call.headers["idempotency-key"].startswith(job_id)
    assert Webhook(SECRET).verify(call.body, dict(call.headers)), "as the reference implementation verifies"
    told = call.json
    assert (told["job_id"], told["status"]) == (job_id, "completed")
    analysis = Analysis.model_validate(told["analysis_results"])
    assert (analysis.engine, analysis.format.size) == ("debug", len(CONTENT))
    assert analysis.signal is not None
    assert analysis.signal.waveform.value is not None
    assert {one.role: one.name for one in analyser.job(job_id).artifacts}["recording"] == "take 1.wav"


def test_without_an_address_the_result_is_asked_for(analyser: Installation, client: Listener) -> None:
    job_id = ask(analyser, client, webhook_url=None)
    told = analyser.stream(job_id)
    assert [line.split('"progress": ')[1].split(",")[0] for line in told.splitlines() if line] == ["20", "50", "100"]
    state = analyser.result(job_id)
    assert (state["status"], state["token_id"], state["result"]["engine"]) == ("completed", "", "debug")
    assert client.calls == []


def test_one_key_is_one_analysis_of_what_is_asked_for(analyser: Installation, client: Listener) -> None:
    body = {"audio_url": f"{client.url}/take%201.wav", "webhook_url": f"{client.url}/hook", "include": ["signal"]}
    key = {"Idempotency-Key": "7f0c/analyze/1"}
    first, second = (analyser.post("/analyze-voice", json={**body, "kind": "speech"}, headers=key) for _ in range(2))
    assert first.json()["job_id"] == second.json()["job_id"]
    other = analyser.post("/analyze-voice", json={**body, "include": ["music"]}, headers=key)
    assert other.status_code == 422
    assert ended(analyser, first.json()["job_id"]) is JobState.SUCCEEDED
    [call] = client.calls
    told = call.json["analysis_results"]
    assert (told["kind"]["value"], told["music"]) == ("speech", None)
    assert told["signal"]["peak"]["value"]


def test_who_asks_again_may_have_signed_the_address_anew(analyser: Installation, client: Listener) -> None:
    def once_more(path: str) -> Any:
        body = {"audio_url": client.url + path, "webhook_url": f"{client.url}/hook"}
        return analyser.post("/analyze-voice", json=body, headers={"Idempotency-Key": "7f0c/analyze/2"})

    first = once_more("/nothing.wav?expires=1&signature=a")
    again = once_more("/nothing.wav?expires=2&signature=b")
    assert (again.status_code, again.json()["job_id"]) == (200, first.json()["job_id"])
    assert once_more("/take%201.wav?expires=1&signature=a").status_code == 422
    assert ended(analyser, first.json()["job_id"]) is JobState.FAILED
    told = once_more("/nothing.wav?expires=3&signature=c").json()
    assert (told["status"], "404" in told["message"]) == ("failed", True)


@pytest.mark.parametrize(
    ("file", "code"),
    [("/nothing.wav", "fetch_failed"), ("/text.wav", "unreadable_media"), ("/large.wav", "response_too_large")],
)
def test_whoever_waits_is_told_why_there_is_nothing(
    analyser: Installation, client: Listener, file: str, code: str
) -> None:
    job_id = ask(analyser, client, file)
    told = client.called().json
    assert (told["status"], told["analysis_results"], told["error"]["code"]) == ("failed", None, code)
    assert ended(analyser, job_id) is JobState.FAILED
    error = analyser.job(job_id).error
    assert error is not None
    assert (error.code, error.message) == (code, told["error"]["message"])
    assert len(client.calls) == 1


def test_whoever_waits_is_told_of_an_end_before_its_time(client: Listener, tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, analyze_engine="debug", webhook_secret=SECRET) as idle:
        services, cancelled = idle.services, ask(idle, client)
        for job_id in (cancelled, ask(idle, client, webhook_url=None)):
            assert idle.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
        going = ask(idle, client)
        for _ in range(2):
            tell_ended(services)
        [notice] = idle.get("/v1/jobs", params={"kind": "voice_notice"}).json()["jobs"]
        jobs.run_inline(services.kernel, UUID(notice["id"]))
        call = client.called()
        assert Webhook(SECRET).verify(call.body, dict(call.headers))
        told = call.json
        assert (told["job_id"], told["status"], told["analysis_results"]) == (cancelled, "failed", None)
        assert told["error"]["code"] == "cancelled"
        for other in (going, NOBODYS):
            task = {"job_id": other, "webhook_url": f"{client.url}/hook"}
            asked = idle.post("/v1/jobs", json={"kind": "voice_notice", "task": task})
            assert asked.status_code == 404, "nothing is signed for jobs that go on, or are nobody's"
        with services.database.write() as session:
            since = services.database.now(session) - timedelta(seconds=1)
            begun = update(Step).where(Step.job_id == UUID(going), Step.name == "fetch")
            session.execute(begun.values(state="running", attempt=1, losses=99, lease=since))
        Sweeper(services.kernel).tick()
        assert idle.job(going).state is JobState.FAILED, "its worker has died too often"
        tell_ended(services)
        [second, _] = idle.get("/v1/jobs", params={"kind": "voice_notice"}).json()["jobs"]
        jobs.run_inline(services.kernel, UUID(second["id"]))
        assert [call.json["error"]["code"] for call in client.calls] == ["cancelled", "worker_lost"]


def test_who_does_not_want_to_know_is_not_called_again(analyser: Installation, client: Listener) -> None:
    client.usual = Answer(410, b'{"detail": "it is over"}')
    job_id = ask(analyser, client)
    assert ended(analyser, job_id) is JobState.FAILED
    error = analyser.job(job_id).error
    assert error is not None
    assert (error.code, "it is over" in error.message) == ("remote_refused", True)
    assert len(client.calls) == 1


@pytest.mark.parametrize("field", ["audio_url", "webhook_url"])
@pytest.mark.parametrize(
    "address", ["ftp://a.example/x", "file:///etc/passwd", "http://a.example:25/x", "http://u:p@a.example/", "", "x y"]
)
def test_addresses_that_nobody_visits(analyser: Installation, client: Listener, field: str, address: str) -> None:
    body = {"audio_url": f"{client.url}/take%201.wav", field: address}
    answer = analyser.post("/analyze-voice", json=body)
    assert answer.status_code == 422
    assert [issue["loc"] for issue in answer.json()["detail"]] == [["body", field]]


def test_this_network_is_not_visited_for_others(client: Listener, tmp_path: Path) -> None:
    with installation(tmp_path, analyze_engine="debug", allow_loopback_urls=False) as careful:
        job_id = ask(careful, client, webhook_url=None)
        assert ended(careful, job_id) is JobState.FAILED
        error = careful.job(job_id).error
        assert error is not None
        assert error.code == "unsafe_address"


def test_servers_of_the_operators_own_network_are(client: Listener, tmp_path: Path) -> None:
    trusted = (client.url,)
    with installation(tmp_path, analyze_engine="debug", allow_loopback_urls=False, trusted_servers=trusted) as friendly:
        assert ended(friendly, ask(friendly, client)) is JobState.SUCCEEDED
        assert client.called().json["status"] == "completed"
        assert "webhook-signature" not in client.called().headers, "there is no secret"
