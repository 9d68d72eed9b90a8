"""Servers of the voice backend that fail: each way is told apart, and what was obtained is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pansori.db.tables import Asset
from support.installations import Installation, installation, sound
from support.origin import Answer, Exchange, Origin, serving
from support.services import free_port
from support.voice import ENGINES

HEARD, REPLY = "오늘 날씨 어때?", "맑아요."
ANSWERS = {
    "atot": {"user_id": 10, "input_wav": "/static/uploads/abc123.wav", "atot_text": HEARD},
    "ttot": {"user_id": 10, "ttot_text": REPLY},
}
PATHS = {"atot": "/run-model", "ttot": "/generate", "tts": "/tts"}
STAGES = {"atot": "step1_atot", "ttot": "step2_ttot", "tts": "step3_tts"}
UNREACHABLE = {
    "atot": "❌ atot 서버에 연결할 수 없습니다",
    "ttot": "❌ ttot 서버에 연결할 수 없습니다",
    "tts": "TTS 서버 연결 실패 (port 8004가 실행 중인지 확인)",
}
NAMES = {"atot": "❌ atot", "ttot": "❌ ttot", "tts": "TTS"}
KOREAN = {"Accept-Language": "ko"}


def well(role: str) -> Answer:
    if role == "tts":
        return lambda exchange: exchange.answer(200, sound(0.2), "audio/wav")
    told = json.dumps(ANSWERS[role]).encode()
    return lambda exchange: exchange.answer(200, told, "application/json")


def breaking_off(exchange: Exchange) -> None:
    exchange.start(200, Content_Type="application/json", Content_Length="1000")
    exchange.wfile.write(b'{"user_id": 10')


def failing(exchange: Exchange) -> None:
    exchange.answer(500, b'{"detail": "out of order"}', "application/json")


def a_page(exchange: Exchange) -> None:
    exchange.answer(200, b"<!doctype html><title>It works!</title>", "text/html")


def half(exchange: Exchange) -> None:
    whole = sound(0.2) if exchange.path == "/tts" else b'{"user_id": 10, "atot_text": "half'
    exchange.answer(200, whole[: len(whole) // 2], "audio/wav" if exchange.path == "/tts" else "application/json")


def dripping(exchange: Exchange) -> None:
    """A byte now and then, for ever: no single wait is long."""
    exchange.start(200, Content_Type="application/json")
    while not exchange.origin.ending.wait(0.05):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()


@pytest.fixture
def origin() -> Iterator[Origin]:
    """All three servers, which are well."""
    with serving({PATHS[role]: well(role) for role in PATHS}) as made:
        yield made


@pytest.fixture
def backend(origin: Origin, tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """A backend that asks them. What it is given is set in place of that."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Installation:
            urls = {f"{role}_url": origin.url for role in PATHS}
            return stack.enter_context(installation(tmp_path, workers=0, **{**urls, **settings}))

        yield make


def run(backend: Installation) -> Any:
    answer = backend.post("/run-full-pipeline", headers=KOREAN)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_kept(backend: Installation, role: str, told: Any) -> None:
    """What was obtained before that one failed is told, and in the lists."""
    failed = list(STAGES).index(role)
    for number, one in enumerate(STAGES):
        assert told[STAGES[one]]["success"] is (number < failed)
    obtained = [ANSWERS["atot"]["input_wav"], HEARD, REPLY if failed == 2 else None, None] if failed else [None] * 4
    assert list(told["final_data"].values()) == obtained
    user = backend.get("/").json()["user"]
    assert [user[name] for name in user if name != "id"] == ([[one] for one in obtained] if failed else [[]] * 4)


def test_what_the_servers_are_asked(backend: Callable[..., Installation], origin: Origin) -> None:
    told = run(backend())
    assert (told["success"], told["errors"]) == (True, [])
    asked = {request.path: json.loads(request.body or b"{}") for request in origin.requests}
    assert "/run-model?user_id=10" in asked
    assert asked["/generate"].items() >= {"user_id": 10, "text": HEARD}.items()
    assert asked["/tts"]["text"] == REPLY


@pytest.mark.parametrize("role", PATHS)
def test_a_server_that_nobody_listens_at(backend: Callable[..., Installation], role: str) -> None:
    made = backend(**{f"{role}_url": f"http://127.0.0.1:{free_port()}"})
    told = run(made)
    assert told["errors"] == [UNREACHABLE[role]]
    check_kept(made, role, told)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (breaking_off, None),
        (failing, "서버 오류: "),
        (a_page, "서버 오류: "),
        (half, "서버 오류: "),
        (dripping, "서버가 3초 안에 응답하지 않았습니다"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
@pytest.mark.parametrize("role", PATHS)
def test_a_server_that_fails(
    backend: Callable[..., Installation], origin: Origin, role: str, way: Answer, words: str | None
) -> None:
    origin.routes[PATHS[role]] = way
    made = backend(**({"voice_timeout": 3.0} if way is dripping else {}))
    told = run(made)
    [error] = told["errors"]
    assert error.startswith(UNREACHABLE[role] if words is None else f"{NAMES[role]} {words}"), error
    assert "500" in error or way is not failing
    check_kept(made, role, told)


def test_single_steps_are_refused_in_the_same_words(backend: Callable[..., Installation], origin: Origin) -> None:
    made = backend(tts_url=f"http://127.0.0.1:{free_port()}")
    assert made.get("/atot").json() == ANSWERS["atot"]
    origin.routes[PATHS["ttot"]] = failing
    answer = made.get("/ttot", headers=KOREAN)
    assert answer.status_code == 502
    assert answer.json()["detail"].startswith("❌ ttot 서버 오류: ")
    origin.routes[PATHS["ttot"]] = well("ttot")
    assert made.get("/ttot").json() == ANSWERS["ttot"]
    done = made.post("/process-audio").json()
    assert done == {
        **ANSWERS["atot"],
        **ANSWERS["ttot"],
        "output_wav": None,
        "output_wav_list": [None],
        "tts_success": False,
        "message": "⚠️ 데이터는 저장했지만 TTS 생성 실패",
        "tts_error": UNREACHABLE["tts"],
    }
    origin.routes.pop(PATHS["atot"])
    answer = made.get("/atot", headers=KOREAN)
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "아직 들은 말이 없어요. ATOT_URL에 적힌 서버의 POST /run-model로 녹음이나 글을 보내 주세요.",
    )


def test_no_room_for_the_answer_is_no_reason_to_lose_the_rest(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, account_quota=1_000, **ENGINES) as made:
        made.post("/run-model", json={"text": "hello"})
        told = run(made)
        assert (told["step2_ttot"]["success"], told["step3_tts"]["success"]) == (True, False)
        assert told["errors"] == [told["step3_tts"]["tts_error"]]
        user = made.get("/").json()["user"]
        assert (user["ttot_text_list"], user["output_wav_list"]) == (["You said: hello"], [None])
        made.services.assets.collect()
        with made.services.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Asset)) == 0


def test_the_sound_of_the_atot_server_is_copied(backend: Callable[..., Installation], origin: Origin) -> None:
    recorded = sound(0.1)
    origin.routes["/static/uploads/abc123.wav"] = lambda exchange: exchange.answer(200, recorded, "audio/wav")
    made = backend()
    assert run(made)["final_data"]["input_wav"] == "/static/uploads/abc123.wav"
    assert made.get("/static/uploads/abc123.wav").content == recorded
    run(made)
    assert sum(request.path == "/static/uploads/abc123.wav" for request in origin.requests) == 1


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:1/x.wav", "//example.com/x.wav", "/etc/passwd", "/static/../x.wav"]
)
def test_nothing_is_fetched_from_elsewhere(backend: Callable[..., Installation], origin: Origin, where: str) -> None:
    told = json.dumps({**ANSWERS["atot"], "input_wav": where}).encode()
    origin.routes[PATHS["atot"]] = lambda exchange: exchange.answer(200, told, "application/json")
    assert backend().get("/atot").json()["input_wav"] == where
    assert {request.path for request in origin.requests} == {"/run-model?user_id=10"}
