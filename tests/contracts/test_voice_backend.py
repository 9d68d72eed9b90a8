"""The voice backend as it is documented: in one process, over its three servers, and mixed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from support.installations import wav
from support.voice import SETUPS, Voice, numbers, voice

SPOKEN = re.compile(r"/static/uploads/received_audio_[0-9a-f]{32}\.wav")
RECORDED = re.compile(r"/static/uploads/[0-9a-f]{32}\.wav")
LISTS = ("input_wav_list", "atot_text_list", "ttot_text_list", "output_wav_list")


def tone(letters: int) -> bytes:
    """A word of so many letters, as the engine of the tests hears it."""
    time = np.arange(round(0.05 * letters * 8_000)) / 8_000
    quiet = np.zeros(800)
    return wav(np.concatenate([quiet, 0.25 * np.sin(2 * np.pi * 220 * time), quiet]))


@pytest.fixture(scope="module", params=SETUPS)
def speaking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voice]:
    with voice(tmp_path_factory.mktemp("voice"), request.param) as made:
        yield made


@pytest.fixture
def user() -> int:
    """A number that no other test has."""
    return next(numbers)


def test_the_root_makes_the_user_whom_nobody_names(speaking: Voice) -> None:
    root = speaking.call("GET", "/")
    assert root["user"]["id"] == 10
    assert set(root["user"]) == {"id", *LISTS}
    assert speaking.user(10) == root["user"]


def test_step_by_step(speaking: Voice, user: int) -> None:
    sent = speaking.hear(tone(5), user)
    assert sent == {"user_id": user, "input_wav": sent["input_wav"], "atot_text": "five"}
    assert RECORDED.fullmatch(sent["input_wav"])
    assert speaking.call("GET", "/atot", user) == sent
    replied = speaking.call("GET", "/ttot", user)
    assert replied == {"user_id": user, "ttot_text": "You said: five"}
    done = speaking.call("POST", "/process-audio", user)
    output = done["output_wav"]
    assert done == {
        **sent,
        **replied,
        "output_wav": output,
        "output_wav_list": [output],
        "tts_success": True,
        "message": f"✅ 성공! TTS 오디오를 '{output}'로 저장했습니다.",
    }
    assert SPOKEN.fullmatch(output)
    assert speaking.user(user) == {
        "id": user,
        "input_wav_list": [sent["input_wav"]],
        "atot_text_list": ["five"],
        "ttot_text_list": ["You said: five"],
        "output_wav_list": [output],
    }
    for path in (sent["input_wav"], output):
        got = speaking.ask("GET", path, headers={"Range": "bytes=0-3"})
        assert (got.status_code, got.content) == (206, b"RIFF")


def test_all_at_once(speaking: Voice, user: int) -> None:
    sent = speaking.hear(tone(7), user)
    done = speaking.call("POST", "/run-full-pipeline", user)
    output = done["final_data"]["output_wav"]
    assert done == {
        "step1_atot": {"success": True, **sent},
        "step2_ttot": {"success": True, "user_id": user, "ttot_text": "You said: seven"},
        "step3_tts": {"success": True, "output_wav": output, "tts_error": None},
        "success": True,
        "user_id": user,
        "final_data": {
            "input_wav": sent["input_wav"],
            "atot_text": "seven",
            "ttot_text": "You said: seven",
            "output_wav": output,
        },
        "errors": [],
    }
    assert speaking.user(user)["output_wav_list"] == [output]


def test_words_in_place_of_a_recording(speaking: Voice, user: int) -> None:
    assert speaking.tell("오늘 뭐 해?", user) == {"user_id": user, "input_wav": None, "atot_text": "오늘 뭐 해?"}
    done = speaking.call("POST", "/run-full-pipeline", user)
    assert (done["success"], done["final_data"]["ttot_text"]) == (True, "하신 말씀이에요: 오늘 뭐 해?")
    assert speaking.user(user)["input_wav_list"] == [None]


def test_the_lists_grow_and_nothing_is_written_over(speaking: Voice, user: int) -> None:
    speaking.tell("once", user)
    first = speaking.call("POST", "/run-full-pipeline", user)["final_data"]["output_wav"]
    second = speaking.call("POST", "/run-full-pipeline", user)["final_data"]["output_wav"]
    third = speaking.call("POST", "/process-audio", user)
    assert third["output_wav_list"] == [first, second, third["output_wav"]]
    assert len({first, second, third["output_wav"]}) == 3
    assert speaking.user(user)["atot_text_list"] == ["once"] * 3


def test_the_latest_is_that_users_latest(speaking: Voice, user: int) -> None:
    other = next(numbers)
    speaking.tell("mine", user)
    speaking.tell("theirs", other)
    assert speaking.ask("GET", f"/run-model?user_id={user}", "atot").json()["atot_text"] == "mine"
    assert speaking.call("GET", "/atot", other)["atot_text"] == "theirs"
    speaking.tell("mine again", user)
    assert speaking.call("GET", "/atot", user)["atot_text"] == "mine again"


def test_what_two_say_at_once_never_mixes(speaking: Voice) -> None:
    users = [next(numbers) for _ in range(4)]

    def talk(user: int) -> None:
        for turn in range(3):
            said = f"{user} says {turn}"
            speaking.tell(said, user)
            done = speaking.call("POST", "/run-full-pipeline", user)
            assert done["final_data"]["ttot_text"] == f"You said: {said}"

    with ThreadPoolExecutor(len(users)) as threads:
        list(threads.map(talk, users))
    for user in users:
        assert speaking.user(user)["atot_text_list"] == [f"{user} says {turn}" for turn in range(3)]
        assert all(speaking.user(user)["output_wav_list"])


def test_where_nobody_speaks_there_is_nothing_to_answer(speaking: Voice, user: int) -> None:
    assert speaking.hear(wav(np.zeros(4_000)), user)["atot_text"] == ""
    done = speaking.call("POST", "/run-full-pipeline", user, headers={"Accept-Language": "ko"})
    assert (done["step1_atot"]["success"], done["step2_ttot"]["success"]) == (True, False)
    assert done["errors"] == ["알아들은 말이 없어요."]
    assert speaking.user(user)["atot_text_list"] == [""]
    assert speaking.ask("GET", "/ttot", params={"user_id": user}).status_code == 422


def test_users_that_there_are_not(speaking: Voice, user: int) -> None:
    for path in (f"/users/{user}", "/users/0", "/users/99999999999", f"/ttot?user_id={user}"):
        answer = speaking.ask("GET", path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "❌ User not found"})
    assert speaking.ask("POST", f"/process-audio?user_id={user}").json() == {"detail": "❌ User not found"}


def test_before_anything_was_said(speaking: Voice, user: int) -> None:
    made = speaking.call("GET", "/", user)["user"]
    assert made == {"id": user, **{name: [] for name in LISTS}} == speaking.user(user)
    korean = {"Accept-Language": "ko"}
    answer = speaking.ask("GET", "/atot", params={"user_id": user}, headers=korean)
    where = "ATOT_URL에 적힌 서버의" if speaking.backend.services.settings.atot_url else "먼저"
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        f"아직 들은 말이 없어요. {where} POST /run-model로 녹음이나 글을 보내 주세요.",
    )
    speaking.tell("hello", user)
    speaking.call("GET", "/atot", user)
    answer = speaking.ask("POST", "/process-audio", params={"user_id": user}, headers=korean)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "아직 말할 것이 없어요. 먼저 GET /atot과 GET /ttot을 불러 주세요.",
    )


def test_the_servers_themselves(speaking: Voice, user: int) -> None:
    told = {"user_id": user, "text": "안녕"}
    reply = {"user_id": user, "ttot_text": "하신 말씀이에요: 안녕"}
    assert speaking.ask("POST", "/generate", "ttot", json=told).json() == reply
    assert speaking.ask("GET", f"/generate?user_id={user}", "ttot").json() == reply
    spoken = speaking.ask("POST", "/tts", "tts", json={"text": "hello there", "voice": "", "language": "en"})
    assert (spoken.status_code, spoken.headers["Content-Type"]) == (200, "audio/wav")
    assert spoken.content[:4] == b"RIFF"
    assert int.from_bytes(spoken.content[4:8], "little") == len(spoken.content) - 8


def test_a_voice_that_there_is_not(speaking: Voice) -> None:
    answer = speaking.ask("POST", "/tts", "tts", json={"text": "hello", "voice": "nobody"})
    assert answer.status_code == 422
    [issue] = answer.json()["detail"]
    assert issue["loc"] == ["body", "voice"]
    assert "Choose" in issue["msg"]
