"""What OpenAI's audio API refuses, as OpenAI's own client tells of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import soundfile
from sqlalchemy import func, select

from pansori.api.deps import HEARD_AT_MOST
from pansori.db.tables import Asset
from pansori.domain.tasks import SPEECH_MAX_CHARACTERS
from support.accounts import CHEAP, PASSWORD
from support.installations import Installation, installation, sound
from support.openai_client import client, error_of
from support.waiting import eventually

SPEECH, TRANSCRIPTIONS = "/v1/audio/speech", "/v1/audio/transcriptions"


@pytest.fixture(scope="module")
def ai(openai_server: Installation) -> Iterator[openai.OpenAI]:
    with client(openai_server.url) as made:
        yield made


def refusal(raised: pytest.ExceptionInfo[openai.APIStatusError]) -> dict[str, Any]:
    return error_of(raised.value)


# -- speech ------------


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"input": ""}, "input", "may not be empty"),
        ({"input": " \n"}, "input", "may not be empty"),
        ({"input": "가" * 100_000}, "input", f"At most {SPEECH_MAX_CHARACTERS} characters"),
        ({"input": "a\0b"}, "input", "NUL"),
        ({"input": 7}, "input", "has to be text"),
        ({"voice": "nobody"}, "voice", "Choose one of: low, high."),
        ({"voice": {"id": "nobody"}}, "voice", "Choose one of: low, high."),
        ({"voice": {}}, "voice", "text"),
        ({"speed": 5.0}, "speed", "4 or less"),
        ({"model": "espeak", "voice": "", "speed": 4.0}, "speed", "goes from"),
        ({"response_format": "midi"}, "response_format", "mp3"),
        ({"stream_format": "morse"}, "stream_format", "audio"),
        ({"extra_body": {"language": "tlh"}}, "language", "Choose one of: en, ko."),
        ({"extra_body": {"timbre": "rough"}}, "timbre", "Unknown parameter: timbre."),
        ({"model": ""}, "model", "may not be empty"),
    ],
)
def test_speech_that_cannot_be(ai: openai.OpenAI, asked: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ai.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": "abc", **asked})
    assert refusal(raised)["param"] == field
    assert refusal(raised)["type"] == "invalid_request_error"
    assert words in refusal(raised)["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(openai_server: Installation, body: bytes) -> None:
    answer = openai_server.post(SPEECH, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "The body has to be a JSON object."


def test_markup_is_read_as_it_is_written(ai: openai.OpenAI) -> None:
    """No bomb goes off in what nobody parses."""
    bomb = '<!DOCTYPE x [<!ENTITY a "&b;&b;">]><speak><break time="9999s"/>&a;</speak>'
    with ai.audio.speech.with_streaming_response.create(
        model="espeak", voice="alloy", input=bomb, response_format="pcm"
    ) as answer:
        assert 24_000 < len(answer.read()) < 60 * 2 * 24_000


@pytest.mark.parametrize("model", ["tts-9", "whisper-1", "debug/x", "transcribe.debug", "../espeak"])
def test_a_model_that_does_not_speak(ai: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        ai.audio.speech.create(model=model, voice="alloy", input="abc")
    assert refusal(raised)["code"] == "model_not_found"
    assert refusal(raised)["param"] == "model"
    assert "tts-1" in refusal(raised)["message"]
    assert "whisper-1," not in refusal(raised)["message"]


def test_a_model_that_is_not_installed_says_what_to_do(ai: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError) as raised:
        ai.audio.speech.create(model="openai", voice="alloy", input="abc")
    assert raised.value.status_code == 503
    assert raised.value.response.headers["x-should-retry"] == "false"
    assert "PANSORI_OPENAI_URL" in refusal(raised)["message"]
    assert refusal(raised)["type"] == "server_error"


def test_a_body_that_is_too_large(openai_server: Installation) -> None:
    for data in (b" " * 1_100_000, iter([b" " * 65_536] * 17)):
        answer = openai_server.post(SPEECH, data=data, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


# -- transcriptions ------------


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "invalid_request"), (b"no sound", "unreadable_media"), (b"RIFF\x10\0\0\0WAVEfmt ", "unreadable_media")],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_recording(ai: openai.OpenAI, content: bytes, code: str, stream: bool) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", content), stream=stream)
    assert (refusal(raised)["param"], refusal(raised)["code"]) == ("file", code)


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"language": "tlh"}, "language", "Choose one of: en, ko."),
        ({"language": "klingonese"}, "language", "language tag"),
        ({"temperature": 2.0}, "temperature", "1 or less"),
        ({"response_format": "diarized_json"}, "response_format", "verbose_json"),
        ({"response_format": "srt", "stream": True}, "response_format", "text alone"),
        ({"timestamp_granularities": ["syllable"]}, "timestamp_granularities.0", "word"),
        ({"include": ["logprobs"]}, "include", "Nothing is told beyond"),
        ({"known_speaker_names": ["a"], "known_speaker_references": ["b"]}, "known_speaker_names", "not told apart"),
        ({"extra_body": {"mood": "merry"}}, "mood", "Unknown parameter: mood."),
    ],
)
def test_transcriptions_that_cannot_be(ai: openai.OpenAI, asked: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        ai.audio.transcriptions.create(**{"model": "whisper-1", "file": ("a.wav", sound(0.1)), **asked})
    assert refusal(raised)["param"] == field
    assert words in refusal(raised)["message"]


def test_what_is_harmless_is_passed_over_and_named(ai: openai.OpenAI) -> None:
    answer = ai.audio.transcriptions.with_raw_response.create(
        model="whisper-1",
        file=("a.wav", sound(0.25)),
        temperature=0.2,
        chunking_strategy={"type": "server_vad", "threshold": 0.4},
        extra_body={"user": "me"},
    )
    assert answer.parse().text == "five"
    ignored = answer.headers["x-pansori-ignored"].split(", ")
    assert sorted(ignored) == ["chunking_strategy", "temperature", "user"]


def test_a_form_without_a_model_or_a_file(openai_server: Installation) -> None:
    answer = openai_server.post(TRANSCRIPTIONS, files={"file": ("a.wav", sound(0.1))})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")
    for options in (
        {"files": {"audio": ("a.wav", sound(0.1))}},
        {"data": {"file": "a", "model": "whisper-1"}},
        {"json": {"model": "whisper-1"}},
    ):
        answer = openai_server.post(TRANSCRIPTIONS, **options)
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\0.wav", "; rm -rf ~.wav", "가" * 300, "", "con"])
def test_names_of_files_do_no_harm(openai_server: Installation, name: str) -> None:
    answer = openai_server.post(TRANSCRIPTIONS, files={"file": (name or " ", sound(0.25))}, data={"model": "whisper-1"})
    assert (answer.status_code, answer.json()["text"]) == (200, "five")


def test_more_than_an_hour_is_refused(ai: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(3_601 * 4_000, np.int16), 4_000)
    with pytest.raises(openai.APIStatusError) as raised:
        ai.audio.transcriptions.create(model="whisper-1", file=path)
    assert (raised.value.status_code, refusal(raised)["code"]) == (413, "media_too_large")
    assert refusal(raised)["param"] == "file"


def test_an_engine_that_does_not_translate_names_one_that_does(ai: openai.OpenAI) -> None:
    with pytest.deprecated_call(), pytest.raises(openai.BadRequestError) as raised:
        ai.audio.translations.create(model="pocketsphinx", file=("a.wav", sound(0.1)))
    assert refusal(raised)["param"] == "model"
    assert "Whisper" in refusal(raised)["message"]


def test_beyond_its_places_the_server_is_busy(openai_server: Installation, ai: openai.OpenAI) -> None:
    """Forms that do not end hold a place each, until their clients leave."""
    head = (
        f"POST {TRANSCRIPTIONS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    address = httpx.URL(openai_server.url)

    def ask() -> str:
        return ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", sound(0.25))).text

    def refused() -> openai.RateLimitError | None:
        try:
            ask()
        except openai.RateLimitError as error:
            return error
        return None

    with ExitStack() as held:
        for _ in range(HEARD_AT_MOST):
            slow = held.enter_context(closing(socket.create_connection((address.host, address.port), timeout=60)))
            slow.sendall(head.encode())
        busy = eventually(refused)
        assert busy is not None
        assert busy.response.headers["retry-after"] == "5"
        assert (error_of(busy)["type"], error_of(busy)["code"]) == ("rate_limit_error", "rate_limit_exceeded")
        assert len(ai.audio.speech.create(model="tts-1", voice="low", input="abc").read()) > 100
    eventually(lambda: refused() is None)
    assert ask() == "five"


# -- logins ------------


def test_a_key_is_needed_where_one_logs_in(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "mode": "accounts",
        "password_memory": CHEAP,
        "transcribe_engine": "debug",
        "speak_engine": "debug",
    }
    with installation(tmp_path, workers=0, **settings) as server:
        with client(server.url) as ai, pytest.raises(openai.AuthenticationError) as raised:
            ai.models.list()
        assert refusal(raised)["code"] == "invalid_api_key"
        server.services.accounts.office.create("speaker@example.com", PASSWORD)
        login = {"email": "speaker@example.com", "password": PASSWORD}
        token = server.post("/v1/auth/login", json=login).json()["token"]

        def key(*scopes: str) -> str:
            asked = {"name": "".join(scopes), "scopes": scopes}
            answer = server.post("/v1/account/keys", json=asked, headers={"Authorization": f"Bearer {token}"})
            return str(answer.json()["key"])

        with client(server.url, key("read")) as ai:
            assert ai.models.retrieve("whisper-1").id == "whisper-1"
            with pytest.raises(openai.PermissionDeniedError) as forbidden:
                ai.audio.speech.create(model="tts-1", voice="alloy", input="Hello")
            assert refusal(forbidden)["type"] == "permission_error"
        with client(server.url, key("read", "write")) as ai:
            assert ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", sound(0.25))).text == "five"
        with server.services.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Asset)) == 0  # nothing of it is kept
