"""What the voice backend is asked: by pages, by clients that send nonsense, as jobs; and what its log says of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
import requests
import soundfile
from sqlalchemy import func, select, text

from pansori import jobs
from pansori.db.tables import Asset
from pansori.espeak import SOURCE_RATE, Line, say
from pansori.telemetry import FIELDS
from support.installations import Installation, installation, sound, wav
from support.recordings import wav as recorded
from support.voice import ENGINES, finished, numbers

ORIGINS = ("http://localhost:8000", "http://localhost:5000", "http://localhost:8002")
ROUTES = (("GET", "/users"), ("GET", "/atot"), ("POST", "/process-audio"), ("POST", "/run-full-pipeline"))


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("backend"), workers=1, **ENGINES) as made:
        yield made


@pytest.fixture
def user() -> int:
    return next(numbers)


def files(backend: Installation) -> int:
    with backend.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(Asset)) or 0


# -- pages of other origins ------------


def preflight(backend: Installation, origin: str, path: str = "/run-full-pipeline") -> str | None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return requests.options(backend.url + path, headers=asked, timeout=60).headers.get("Access-Control-Allow-Origin")


def test_the_documented_origins_may_call_it(backend: Installation) -> None:
    for origin in ORIGINS:
        assert preflight(backend, origin) == origin
        assert backend.get("/users", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin
        assert backend.post("/generate", json={"text": "hi"}, headers={"Origin": origin}).status_code == 200
    for origin in ("http://localhost:8004", "http://localhost", "https://localhost:8000", "http://127.0.0.1:8000"):
        assert preflight(backend, origin) is None
        assert backend.post("/generate", json={"text": "hi"}, headers={"Origin": origin}).status_code == 403


def test_others_may_where_a_setting_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = {**ENGINES, "allow_origin": ("https://a.example",)}
    with installation(tmp_path_factory.mktemp("alone"), workers=0, only=["atot"], **settings) as alone:
        assert preflight(alone, "https://a.example", "/run-model") == "https://a.example"
        assert preflight(alone, ORIGINS[0], "/run-model") is None  # the backend's alone
        assert alone.get("/").json()["message"] == "This is the ATOT Server"
        assert [alone.get(path).status_code for path in ("/users", "/generate", "/jobs")] == [404] * 3


# -- the log ------------


def test_the_log_says_what_the_document_says(
    backend: Installation, user: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pansori.workflows.voice")
    backend.get("/", params={"user_id": user})
    backend.post("/run-model", json={"text": "변환된\n텍스트", "user_id": user})
    done = backend.post("/run-full-pipeline", params={"user_id": user}).json()["final_data"]
    size = len(backend.get(done["output_wav"]).content)
    records = [record for record in caplog.records if record.name.startswith("pansori.workflows.voice")]
    assert [(record.levelname, record.getMessage()) for record in records] == [
        ("INFO", f"✅ 새 사용자 생성: ID={user}"),
        ("INFO", "🚀 전체 파이프라인 시작"),
        ("INFO", "1️⃣  ATOT 서버 호출 중..."),
        ("INFO", "✅ ATOT 완료: 변환된 텍스트"),
        ("INFO", "2️⃣  TTOT 서버 호출 중..."),
        ("INFO", f"✅ TTOT 완료: {done['ttot_text']}"),
        ("INFO", "3️⃣  TTS 처리 및 DB 저장 중..."),
        ("INFO", f"✅ TTS 성공: {done['output_wav']}, 크기: {size} bytes"),
        ("INFO", "✅ 전체 파이프라인 완료!"),
    ]
    fields = [getattr(record, FIELDS) for record in records]
    assert {one["user_id"] for one in fields} == {user}
    assert fields[-2]["size"] == size


def test_the_other_database(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with installation(tmp_path_factory.mktemp("other"), workers=0, database_url=postgres_url, **ENGINES) as backend:
        sent = backend.post("/run-model", files={"file": ("a.wav", sound(0.3))}).json()
        assert backend.get("/atot").json() == sent
        assert backend.get("/ttot").json()["ttot_text"] == f"You said: {sent['atot_text']}"
        spoken = backend.post("/process-audio").json()["output_wav"]
        assert backend.get("/static/uploads/%00").status_code == 404
        again = backend.post("/run-full-pipeline").json()["final_data"]["output_wav"]
        assert backend.get("/").json()["user"]["output_wav_list"] == [spoken, again]
        assert [job["state"] for job in backend.get("/v1/jobs").json()["jobs"]] == ["succeeded"] * 2


# -- nonsense ------------


def refused(backend: Installation, **sent: Any) -> Any:
    """What is wrong with it, as the answer says."""
    before = files(backend)
    answer = backend.post("/run-model", **sent)
    assert answer.status_code in (413, 422), answer.text
    backend.services.assets.collect()
    assert files(backend) == before
    return answer.json()["detail"]


@pytest.mark.parametrize(
    "content",
    [b"", b"hello there", b"\x89PNG\r\n\x1a\n" + bytes(100), sound()[:30]],
    ids=["empty", "text", "png", "cut"],
)
def test_what_is_no_recording(backend: Installation, content: bytes) -> None:
    assert refused(backend, files={"file": ("a.wav", content)})


def test_a_recording_that_is_too_long(backend: Installation) -> None:
    assert "600" in str(refused(backend, files={"file": ("a.wav", wav(np.zeros(601 * 8_000)))}))


def test_a_millisecond(backend: Installation) -> None:
    answer = backend.post("/run-model", files={"file": ("a.wav", wav(np.zeros(8)))})
    assert (answer.status_code, answer.json()["atot_text"]) == (200, "")


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"json": {}}, "text"),
        ({"json": {"text": ""}}, "text"),
        ({"json": {"text": "x" * 100_000}}, "text"),
        ({"json": {"text": "a\0b"}}, "text"),
        ({"data": b'{"text": "\\ud800"}'}, None),
        ({"json": {"text": "hello", "user_id": 0}}, "user_id"),
        ({"json": {"text": "hello", "user_id": "ten"}}, "user_id"),
        ({"data": b"{"}, None),
        ({"files": {"text": (None, "")}}, "text"),
        ({"files": {"text": (None, "x" * 5_000)}}, "text"),
        ({"files": {"sound": ("a.wav", sound())}}, "file"),
        ({"files": {"file": ("a.wav", sound())}, "data": {"user_id": "ten"}}, "user_id"),
        ({"files": {"file": ("a.wav", sound())}, "data": {"language": "a language"}}, "language"),
        ({"files": {"file": ("a.wav", sound())}, "data": {"language": "xx"}}, "language"),
        ({"data": [("text", "hello")] * 51}, None),
    ],
    ids=range(15),
)
def test_what_are_no_words(backend: Installation, sent: Any, place: str | None) -> None:
    detail = refused(backend, **sent)
    assert place is None or detail[0]["loc"] == ["body", place]


@pytest.mark.parametrize("sent", [{"files": {"foo": (None, "bar")}}, {}], ids=["form", "nothing"])
def test_what_has_neither_names_both(backend: Installation, sent: Any) -> None:
    detail = refused(backend, **sent)
    assert [one["loc"] for one in detail] == [["body", "file"], ["body", "text"]]


def test_more_than_is_read(backend: Installation) -> None:
    most = backend.services.settings.max_body
    assert "PANSORI_MAX_BODY" in refused(backend, data=b" " * (most + 1))
    for path in ("/generate", "/tts"):
        long = backend.post(path, json={"text": "x" * 100_000})
        assert (long.status_code, long.json()["detail"][0]["loc"]) == (422, ["body", "text"])


@pytest.mark.parametrize("form", [{"data": {"text": "hi", "user_id": "7"}}, {"files": {"text": (None, "hi")}}])
def test_words_in_a_form(backend: Installation, form: Any) -> None:
    assert backend.post("/run-model", **form).json()["atot_text"] == "hi"


def test_words_as_plain_text(backend: Installation, user: int) -> None:
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    told = backend.post(f"/run-model?user_id={user}", data="안녕".encode(), headers=plain).json()
    assert told == {"user_id": user, "input_wav": None, "atot_text": "안녕"}


@pytest.mark.parametrize("name", ["x.wav", f"{0:032x}.wav", "..%2f..%2fetc%2fpasswd", "received_audio.wav", "%00"])
def test_sounds_that_there_are_not(backend: Installation, name: str) -> None:
    assert backend.get(f"/static/uploads/{name}").status_code == 404


def test_a_sound_has_one_name(backend: Installation, user: int) -> None:
    path = backend.post("/run-model", files={"file": ("a.wav", sound())}, data={"user_id": user}).json()["input_wav"]
    assert backend.get(path).status_code == 200
    assert backend.get(path.replace(".wav", ".mp3")).status_code == 404


def test_faults_have_a_number_and_no_traceback(backend: Installation, caplog: pytest.LogCaptureFixture) -> None:
    with backend.services.database.write() as session:
        session.execute(text("ALTER TABLE turns RENAME TO kept"))
    try:
        answer = backend.get("/users", headers={"X-Request-ID": "abc-123"})
    finally:
        with backend.services.database.write() as session:
            session.execute(text("ALTER TABLE kept RENAME TO turns"))
    assert (answer.status_code, answer.json()) == (500, {"detail": "❌ 서버 오류: 참조 번호 abc-123"})
    assert answer.headers["X-Request-ID"] == "abc-123"
    assert backend.get("/users").status_code == 200


# -- the assistant, which answers where nobody has chosen another ------------


@pytest.fixture(scope="module")
def assisted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("assisted")
    with installation(folder, workers=0, transcribe_engine="debug", speak_engine="debug") as made:
        yield made


def speak(backend: Installation, said: str, user: int) -> Any:
    backend.post("/run-model", json={"text": said, "user_id": user})
    done = backend.post("/run-full-pipeline", params={"user_id": user}).json()
    assert done["success"], done
    return done["final_data"]


def test_what_is_ordered_is_begun_once(assisted: Installation, user: int) -> None:
    speak(assisted, "비 오는 날에 대한 슬픈 노래 만들어 줘", user)
    assisted.get("/ttot", params={"user_id": user})  # the same turn once more
    [song] = [one for one in assisted.get("/v1/jobs").json()["jobs"] if one["kind"] == "generation"]
    assert song["origin"] == "voice"


def test_how_a_user_wants_to_be_spoken_to_is_kept(assisted: Installation, user: int) -> None:
    usual = assisted.get(speak(assisted, "안녕", user)["output_wav"]).content
    speak(assisted, "더 천천히 말해 줘", user)
    slower = assisted.get(speak(assisted, "안녕", user)["output_wav"]).content
    assert len(slower) > 1.1 * len(usual)
    other = assisted.get(speak(assisted, "안녕", next(numbers))["output_wav"]).content
    assert len(other) == len(usual)


def test_an_order_that_is_spoken_with_the_engines_that_are_there(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0) as backend:
        [spoken] = say([Line("ko", "비에 대한 노래 만들어 줘", 160)])
        sent = backend.post("/run-model", files={"file": ("a.wav", recorded(spoken.samples, SOURCE_RATE))}).json()
        done = backend.post("/run-full-pipeline").json()
        assert (sent["atot_text"], done["errors"]) == ("비에 대한 노래 만들어 줘", [])
        assert "비에 대한 노래" in done["final_data"]["ttot_text"]
        assert {job["kind"] for job in backend.get("/v1/jobs").json()["jobs"]} == {"voice_turn", "generation"}
        answer, rate = soundfile.read(io.BytesIO(backend.get(done["final_data"]["output_wav"]).content))
        assert len(answer) > rate
        assert np.sqrt(np.mean(np.square(answer))) > 0.01


# -- as jobs ------------


def submit(backend: Installation, **task: Any) -> Any:
    return backend.post("/v1/jobs", json={"kind": "voice_turn", "task": task}).json()


def test_a_turn_may_be_a_job(backend: Installation, user: int) -> None:
    asset = backend.post("/v1/assets", files={"file": ("a.wav", sound(0.5))}).json()["id"]
    job = finished(backend, submit(backend, asset_id=asset, user_id=user)["id"])
    assert [(step["name"], step["state"]) for step in job["steps"]] == [
        (name, "succeeded") for name in ("hear", "answer", "say")
    ]
    assert job["result"]["reply"] == f"You said: {job['result']['heard']}"
    known = backend.get(f"/users/{user}").json()
    assert (known["atot_text_list"], known["ttot_text_list"]) == ([job["result"]["heard"]], [job["result"]["reply"]])
    for path in known["input_wav_list"] + known["output_wav_list"]:
        assert backend.get(path).content[:4] == b"RIFF"


def test_a_job_may_say_how_it_is_spoken(backend: Installation, user: int) -> None:
    asked = [submit(backend, text="one two three", user_id=user, rate=rate) for rate in (1.0, 0.5)]
    usual, slow = (finished(backend, job["id"])["result"]["duration"] for job in asked)
    assert slow == pytest.approx(2 * usual, rel=0.05)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ({}, "invalid_request"),
        ({"text": " "}, "invalid_request"),
        ({"asset_id": "6a0f4c1e-0000-4000-8000-000000000000"}, "not_found"),
        ({"text": "hi", "conversation_id": "6a0f4c1e-0000-4000-8000-000000000000"}, "not_found"),
        ({"text": "hi", "asset_id": "6a0f4c1e-0000-4000-8000-000000000000"}, "invalid_request"),
        ({"text": "hi", "reply_engine": "songsmith"}, "engine_unavailable"),
        ({"text": "hi", "speak_engine": "nobody"}, "unknown_engine"),
    ],
    ids=range(7),
)
def test_jobs_that_are_refused(backend: Installation, task: Any, code: str) -> None:
    assert submit(backend, **task)["code"] == code


def test_every_turn_is_kept_as_a_job(backend: Installation, user: int) -> None:
    backend.post("/run-model", files={"file": ("a.wav", sound(0.3))}, data={"user_id": str(user)})
    backend.post("/run-full-pipeline", params={"user_id": user})
    job = next(one for one in backend.get("/v1/jobs").json()["jobs"] if one["task"].get("user_id") == user)
    assert (job["kind"], job["origin"], job["state"]) == ("voice_turn", "voice_backend", "succeeded")
    artifacts = backend.get(f"/v1/jobs/{job['id']}").json()["artifacts"]
    assert {one["role"] for one in artifacts} == {"recording", "speech"}


def test_with_its_job_a_turn_goes_and_what_nobody_else_needs(backend: Installation, user: int) -> None:
    sent = backend.post("/run-model", files={"file": ("a.wav", sound(0.3))}, data={"user_id": user}).json()["input_wav"]
    first, second = (
        backend.post("/run-full-pipeline", params={"user_id": user}).json()["final_data"]["output_wav"]
        for _ in range(2)
    )
    kept = [one for one in backend.get("/v1/jobs").json()["jobs"] if one["task"].get("user_id") == user]
    assert kept[0]["created_at"] > kept[1]["created_at"]
    later, earlier = (UUID(one["id"]) for one in kept)
    for job, left, gone in ((earlier, [second], [first]), (later, [], [sent, first, second])):
        with backend.services.database.write() as session:
            assert jobs.forget(session, backend.services.assets, [job]) == [job]
        assert backend.get(f"/users/{user}").json()["output_wav_list"] == left
        assert {backend.get(path).status_code for path in gone} == {404}
        assert backend.get(sent).status_code == (200 if left else 404)


def test_who_is_answered_once_more_has_another_turn(backend: Installation, user: int) -> None:
    backend.post("/run-model", json={"text": "once", "user_id": user})
    assert backend.post(f"/run-full-pipeline?user_id={user}").json()["success"]
    assert backend.get(f"/ttot?user_id={user}").json()["ttot_text"] == "You said: once"
    lists = backend.get(f"/users/{user}").json()
    assert lists["ttot_text_list"] == ["You said: once"] * 2
    assert [path is None for path in lists["output_wav_list"]] == [False, True]


def test_the_user_whom_nobody_names_is_a_setting(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, only=["voice_backend", "tts"], user_id=7, **ENGINES) as alone:
        root = alone.get("/").json()
        assert (root["message"], root["user"]["id"]) == ("This is the Backend Server", 7)
        assert [user["id"] for user in alone.get("/users").json()] == [7]
        assert alone.get("/run-model").status_code == 404
