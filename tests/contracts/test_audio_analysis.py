"""The audio analysis service as its document has it, whoever analyses: this server, or another that is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import requests
from sqlalchemy import select

from pansori import jobs
from pansori.db.tables import AnalysisResult
from pansori.domain.jobs import JobState
from pansori.jobs import run_inline
from support.accounts import CHEAP, HOME, PASSWORD
from support.installations import RATE, Installation, installation, sound, wav
from support.recordings import vowel
from support.waiting import eventually

UPLOADED = "업로드 완료, 백그라운드에서 처리됩니다."
STORING = 'data: {"status": "processing", "progress": 40, "message": "S3 업로드 중..."}\n\n'
ASKING = 'data: {"status": "processing", "progress": 70, "message": "분석 서버 요청 중..."}\n\n'
CONTENT = sound(0.3)
NOBODYS = "b94b71eb-9637-4307-8ccd-05bfeca26058"


@pytest.fixture(scope="module", params=["built-in", "remote"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The service, alone or with another installation that it asks."""
    folder = tmp_path_factory.mktemp("service")
    if request.param == "built-in":
        with installation(folder, analyze_engine="debug") as made:
            yield made
        return
    with (
        installation(tmp_path_factory.mktemp("analyser"), analyze_engine="debug") as analyser,
        installation(folder, target_server_url=f"{analyser.url}/analyze-voice") as made,
    ):
        yield made


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("idle"), workers=0, analyze_engine="debug") as made:
        yield made


# -- the documented flow ------------


def test_an_upload_is_answered_at_once(idle: Installation) -> None:
    answer = idle.post("/tokens/1/upload-audio", files={"file": ("test_audio.wav", sound())})
    assert answer.status_code == 200
    job_id = answer.json()["job_id"]
    assert answer.json() == {"message": UPLOADED, "job_id": job_id, "status": "processing"}
    assert str(UUID(job_id)) == job_id
    state = idle.result(job_id, headers={"Accept-Language": "ko"})
    assert state == {
        "status": "processing",
        "token_id": "1",
        "progress": 0,
        "result": None,
        "message": "차례를 기다리고 있어요.",
        "cached": False,
    }


@pytest.fixture(scope="module")
def done(service: Installation) -> str:
    """An analysis whose stream was followed to its end."""
    job_id = service.upload(CONTENT, token="take-7", name="내 목소리.wav")
    service.streamed[job_id] = service.stream(job_id)
    return job_id


def test_the_stream_tells_what_is_documented_and_ends(service: Installation, done: str) -> None:
    told = service.streamed[done]
    assert told.startswith(STORING + ASKING)
    last = told.removeprefix(STORING + ASKING)
    assert last.startswith('data: {"status": "completed", "progress": 100, "result": {')
    assert last.endswith("}\n\n")
    assert last.count("\n") == 2
    state = service.result(done)
    assert (state["status"], state["token_id"], state["progress"]) == ("completed", "take-7", 100)
    assert (state["message"], state["cached"]) == ("분석 완료", False)
    assert json.loads(last.removeprefix("data: "))["result"] == state["result"]
    assert service.stream(done) == told, "who comes late is told everything again"


def test_the_result_is_what_was_measured(service: Installation, done: str) -> None:
    result = service.result(done)["result"]
    assert result["engine"] == "debug"
    assert result["format"]["size"] == len(CONTENT)
    assert result["format"]["sample_rate"] == 8_000
    assert result["signal"]["peak"]["value"] == pytest.approx(-12.2, abs=0.1)
    assert result["music"]["tempo"]["refused"]["reason"], "what makes no sense is refused with its reason"
    artifacts = {one.role: one for one in service.job(done).artifacts}
    full = service.get(f"/v1/assets/{artifacts['analysis'].asset_id}/content").json()
    assert full["format"] == result["format"]
    assert full["signal"]["waveform"]["value"]["values"]


def test_the_result_is_kept_in_its_table(service: Installation, done: str) -> None:
    with service.services.database.read() as session:
        row = session.scalars(select(AnalysisResult).where(AnalysisResult.job_id == UUID(done))).one()
    assert (row.token_id, row.name, row.corrections) == ("take-7", "내 목소리.wav", None)
    assert row.result == service.result(done)["result"]


def test_the_same_bytes_are_not_analysed_twice(service: Installation, done: str) -> None:
    second = service.finish(service.upload(CONTENT))
    assert second["cached"]
    assert second["result"] == service.result(done)["result"]
    other = service.finish(service.upload(CONTENT, params={"include": "signal"}))
    assert not other["cached"], "in another way they are"
    assert other["result"]["music"] is None


def test_a_recording_that_is_stored_already(service: Installation, done: str) -> None:
    asset = service.job(done).task["asset_id"]
    answer = service.post("/tokens/stored/analyses", json={"asset_id": asset, "include": ["loudness"]})
    assert (answer.status_code, answer.json()["message"]) == (200, UPLOADED)
    state = service.finish(answer.json()["job_id"])
    assert (state["status"], state["token_id"]) == ("completed", "stored")
    assert service.post("/tokens/stored/analyses", json={"asset_id": NOBODYS}).status_code == 404


def test_several_at_once(service: Installation) -> None:
    contents = [sound(0.32), sound(0.32), sound(0.31)]
    with ThreadPoolExecutor(3) as pool:
        ids = list(pool.map(service.upload, contents))
        ended = list(pool.map(service.stream, ids))
    assert len(set(ids)) == 3
    assert all('"completed"' in told for told in ended)


# -- what goes wrong ------------


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"This is no sound at all, whatever its name says.", "unreadable_media"), (sound()[:40], "unreadable_media")],
    ids=["text", "cut"],
)
def test_what_is_no_sound_fails_with_what_is_wrong(service: Installation, content: bytes, code: str) -> None:
    job_id = service.upload(content, name="voice.wav")
    told = service.stream(job_id)
    assert told.startswith(STORING)
    assert ASKING not in told, "nobody is asked to analyse what is no sound"
    last = json.loads(told.removeprefix(STORING).removeprefix("data: "))
    assert (last["status"], last["progress"], set(last)) == ("failed", 40, {"status", "progress", "message"})
    state = service.result(job_id)
    assert (state["status"], state["result"], state["message"]) == ("failed", None, last["message"])
    assert service.result(job_id, headers={"Accept-Language": "ko"})["message"] != state["message"]
    error = service.job(job_id).error
    assert error is not None
    assert error.code == code


def test_a_cancelled_analysis_has_failed(idle: Installation) -> None:
    job_id = idle.upload(sound())
    assert idle.post(f"/v1/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    state = idle.result(job_id)
    assert (state["status"], state["message"], state["result"]) == ("failed", "취소됨", None)
    assert idle.stream(job_id) == 'data: {"status": "failed", "progress": 0, "message": "취소됨"}\n\n'


def test_a_second_try_goes_on_in_the_same_stream(idle: Installation) -> None:
    job_id = idle.upload(sound())
    idle.post(f"/v1/jobs/{job_id}/cancel")
    idle.post(f"/v1/jobs/{job_id}/retry")
    with ThreadPoolExecutor(1) as pool:
        streaming = pool.submit(idle.stream, job_id)
        assert jobs_done(idle, job_id)
        told = streaming.result(120)
    assert told.startswith(STORING + ASKING)
    assert '"completed"' in told
    assert "failed" not in told


def jobs_done(idle: Installation, job_id: str) -> bool:
    """Carry the job out in this process."""
    return run_inline(idle.services.kernel, UUID(job_id)).state is JobState.SUCCEEDED


@pytest.mark.parametrize("job_id", [NOBODYS, "x", "1", "%00", "a" * 300])
@pytest.mark.parametrize("route", ["analysis-result", "analysis-progress"])
def test_an_analysis_that_there_is_not(idle: Installation, route: str, job_id: str) -> None:
    answer = idle.get(f"/tokens/{route}/{job_id}", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "그런 분석은 없어요."})


def test_jobs_of_other_kinds_are_none_of_its(idle: Installation) -> None:
    song = idle.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz", "engine": "debug"}}).json()["id"]
    assert idle.get(f"/tokens/analysis-result/{song}").status_code == 404


@pytest.mark.parametrize("token", ["analysis-result", "analysis-progress", "webhook", "-x", "a b", "é", "a" * 65])
def test_ids_that_no_token_may_have(idle: Installation, token: str) -> None:
    answer = idle.post(f"/tokens/{token}/upload-audio", files={"file": ("a.wav", sound())})
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"files": {"audio": ("a.wav", b"RIFF")}}, 422),
        ({"files": {"file": ("a.wav", b"")}}, 422),
        ({"json": {"file": "a.wav"}}, 422),
        ({"data": b"", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422),
        ({"files": {"file": ("a.wav", b"RIFF")}, "params": {"include": "taste"}}, 422),
    ],
    ids=["wrong-field", "empty", "json", "broken", "unknown-part"],
)
def test_uploads_that_cannot_be_used(idle: Installation, options: dict[str, object], status: int) -> None:
    before = len(idle.get("/v1/jobs").json()["jobs"])
    answer = idle.post("/tokens/1/upload-audio", **options)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert len(idle.get("/v1/jobs").json()["jobs"]) == before


def test_the_first_upload_makes_the_token(idle: Installation) -> None:
    assert idle.get("/tokens/brand-new").status_code == 404
    idle.upload(sound(), token="brand-new")
    assert idle.get("/tokens/brand-new").json()["id"] == "brand-new"


def test_a_stream_waits_for_what_has_not_begun(idle: Installation) -> None:
    job_id = idle.upload(sound())
    with ThreadPoolExecutor(1) as pool:
        streaming = pool.submit(idle.stream, job_id)
        eventually(lambda: idle.result(job_id)["progress"] == 0)
        assert jobs_done(idle, job_id)
        assert streaming.result(120).startswith(STORING + ASKING)


def test_streams_of_a_job_that_is_deleted_end(idle: Installation) -> None:
    job_id = idle.upload(sound())
    eventually(lambda: streams(idle) == 0)  # those of other tests have ended
    with ThreadPoolExecutor(2) as pool:
        progress = pool.submit(idle.stream, job_id)
        events = pool.submit(idle.get, f"/v1/jobs/{job_id}/events")
        eventually(lambda: streams(idle) == 2)
        with idle.services.database.write() as session:
            jobs.cancel(session, UUID(job_id))
            jobs.forget(session, idle.services.assets, [UUID(job_id)])
        idle.services.kernel.wake(())
        assert progress.result(120) == 'data: {"status": "failed", "progress": 0, "message": "취소됨"}\n\n'
        assert "event: queued" in events.result(120).text


def streams(service: Installation) -> float:
    """That are open."""
    told = service.get("/metrics").text
    return float(next(line for line in told.splitlines() if line.startswith("pansori_event_streams ")).split()[1])


def test_a_recording_that_is_too_long_or_too_large_is_refused_at_once(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, max_recording=1.0, max_upload=100_000) as strict:
        for seconds in (3.0, 20.0):
            answer = strict.post("/tokens/1/upload-audio", files={"file": ("a.wav", sound(seconds))})
            assert answer.status_code == 413, seconds
            assert answer.json()["detail"]
        assert strict.get("/v1/jobs").json()["jobs"] == []
        assert list(strict.services.assets.store.objects()) == []
        assert strict.post("/tokens/1/upload-audio", files={"file": ("a.wav", sound(0.9))}).status_code == 200


def test_every_door_refuses_what_is_too_long_and_keeps_what_was_stored_before(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, max_recording=1.0) as strict:
        file = {"files": {"file": ("a.wav", sound(3.0))}}
        assert strict.post("/v1/analyses", **file).status_code == 413
        assert list(strict.services.assets.store.objects()) == []
        asset = {"asset_id": strict.post("/v1/assets", **file).json()["id"]}
        for path, body in (("/tokens/1/analyses", asset), ("/v1/jobs", {"kind": "analysis", "task": asset})):
            assert strict.post(path, json=body).status_code == 413, path
        assert strict.get("/v1/jobs").json()["jobs"] == []
        assert strict.get(f"/v1/assets/{asset['asset_id']}").status_code == 200


def test_what_leaves_no_room_for_its_analysis_is_not_kept(tmp_path: Path) -> None:
    content = sound(0.1)
    with installation(tmp_path, workers=0, account_quota=len(content)) as narrow:
        answer = narrow.post("/tokens/1/upload-audio", files={"file": ("a.wav", content)})
        assert (answer.status_code, narrow.get("/v1/jobs").json()["jobs"]) == (507, [])
        assert list(narrow.services.assets.store.objects()) == []


# -- imitation ------------


def test_an_upload_for_a_token_with_a_clip_is_compared_with_it(service: Installation) -> None:
    clip = voice()
    clips = f"{service.url}/tokens/line-1/reference"
    assert service.post("/tokens", json={"id": "line-1", "text": "", "language": "ko"}).status_code == 201
    assert requests.put(clips, files={"file": ("clip.wav", clip)}, timeout=120).status_code == 200
    job_id = service.upload(clip, token="line-1")
    told = service.stream(job_id)
    assert told.startswith(STORING + ASKING)
    state = service.result(job_id)
    imitation = state["result"]["imitation"]
    assert imitation["overall"]["score"] == 100
    assert imitation["overall"]["explanation_ko"]
    assert state["result"]["engine"] == "debug"
    job = service.job(job_id)
    assert {one.role for one in job.artifacts} == {"analysis", "imitation"}
    other = service.finish(service.upload(clip, token="line-2"))
    assert "imitation" not in other["result"], "that token has none"


def voice() -> bytes:
    """Something that is voiced, with a melody."""
    time = np.arange(RATE) / RATE
    pitch = 120 + 40 * np.sin(2 * np.pi * 2 * time)
    samples = vowel(pitch, RATE, 20) * (0.4 + 0.6 * np.sin(np.pi * time) ** 2)
    return wav(np.concatenate((np.zeros(RATE // 5), samples, np.zeros(RATE // 5))))


# -- accounts ------------


def test_where_one_logs_in_everything_is_its_owners_alone(tmp_path: Path) -> None:
    with installation(tmp_path, mode="accounts", password_memory=CHEAP, analyze_engine="debug") as shared:
        mina, jun = (login(shared, name) for name in ("mina@mail.example", "jun@mail.example"))
        job_id = shared.upload(sound(), token="mine", headers=mina)
        eventually(lambda: shared.job(job_id).state.finished)
        file = {"file": ("a.wav", sound())}
        asset = {"asset_id": shared.job(job_id).task["asset_id"]}
        recording = f"/v1/recordings/{asset['asset_id']}"
        for headers, status in ((jun, 404), ({}, 401)):
            assert shared.get(recording, headers=headers).status_code == status
            for path in (f"analysis-result/{job_id}", f"analysis-progress/{job_id}"):
                assert shared.get(f"/tokens/{path}", headers=headers).status_code == status
            for path, body in (("upload-audio", {"files": file}), ("analyses", {"json": asset})):
                assert shared.post(f"/tokens/mine/{path}", headers=headers, **body).status_code == status
        assert shared.get(recording, headers=mina).content == sound()
        assert shared.post("/tokens/juns/analyses", headers=jun, json=asset).status_code == 404
        assert shared.post("/analyze-voice", json={"audio_url": "https://a.example/x"}).status_code == 401
        assert shared.get(f"/tokens/analysis-result/{job_id}", headers=mina).json()["status"] == "completed"
        door = shared.services.handout.webhook(UUID(job_id), "analyze")
        assert requests.post(door, json={"analysis_results": {}}, timeout=60).status_code == 409, "it needs no login"


def login(shared: Installation, email: str) -> dict[str, str]:
    shared.services.accounts.office.create(email, PASSWORD)
    token = shared.services.accounts.logins.by_password(email, PASSWORD, HOME).token
    return {"Authorization": f"Bearer {token}"}


# -- alone ------------


def test_the_contract_may_be_served_alone(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, only=("audio_analysis",)) as alone:
        assert alone.get("/").json()["message"] == "FastAPI 오디오 분석 서비스"
        assert alone.get("/scripts").json()["scripts"] == []
        assert alone.result(alone.upload(sound(0.1)))["status"] == "processing"
        assert alone.get("/v1/generations").status_code == 404
