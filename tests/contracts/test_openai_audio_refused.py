"""What OpenAI's audio API refuses, as OpenAI's own client tells of it."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import openai
import pytest
import soundfile
from sqlalchemy import func, select

from pansori.api.deps import HEARD_AT_MOST
from pansori.db.tables import Asset
from pansori.domain.errors import Busy
from pansori.domain.tasks import SPEECH_MAX_CHARACTERS
from support.accounts import CHEAP, PASSWORD
from support.installations import Installation, installation, sound
from support.openai_client import KEY, client, error_of
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
        ({"response_format": "diarized_json"}, "response_format", "Use json or verbose_json. An analysis"),
        ({"response_format": "srt", "stream": True}, "response_format", "text alone"),
        ({"timestamp_granularities": ["syllable"]}, "timestamp_granularities.0", "word"),
        ({"include": ["logprobs"]}, "include", "Nothing is told beyond"),
        ({"known_speaker_names": ["a"], "known_speaker_references": ["b"]}, "known_speaker_names", "apart. Use json"),
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


def test_an_hour_is_heard_and_more_is_refused(ai: openai.OpenAI, tmp_path: Path) -> None:
    path, rate = tmp_path / "long.flac", 4_000
    samples = np.zeros(3_600 * rate, np.int16)
    samples[-rate : -rate // 2] = 8_000 * np.sin(2 * np.pi * 220 * np.arange(rate // 2) / rate)
    soundfile.write(path, samples, rate)
    told = ai.audio.transcriptions.create(model="whisper-1", file=path, response_format="verbose_json")
    assert told.text == "ten"
    assert told.segments
    assert told.segments[0].start == pytest.approx(3_599.0, abs=0.1)
    soundfile.write(path, np.append(samples, samples[:rate]), rate)
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
        for _ in range(HEARD_AT_MOST // 2):  # as much as one account may have
            slow = held.enter_context(closing(socket.create_connection((address.host, address.port), timeout=60)))
            slow.sendall(head.encode())
        busy = eventually(refused)
        assert busy is not None
        assert busy.response.headers["retry-after"] == "5"
        assert (error_of(busy)["type"], error_of(busy)["code"]) == ("rate_limit_error", "rate_limit_exceeded")
        assert len(ai.audio.speech.create(model="tts-1", voice="low", input="abc").read()) > 100
    eventually(lambda: refused() is None)
    assert ask() == "five"


# -- the rest of OpenAI's API ------------


ELSEWHERE: dict[str, Callable[[Any], Any]] = {
    "chat": lambda ai: ai.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": "Hello"}]),
    "responses": lambda ai: ai.responses.create(model="gpt-5", input="Hello"),
    "images": lambda ai: ai.images.generate(prompt="rain"),
    "embeddings": lambda ai: ai.embeddings.create(model="text-embedding-3-small", input="Hello"),
    "files": lambda ai: ai.files.list(),
    "fine-tuning": lambda ai: ai.fine_tuning.jobs.list(),
    "consents": lambda ai: ai.audio.voice_consents.list(),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_there_is_not_is_not_found_in_openais_shape(ai: openai.OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        ELSEWHERE[name](ai)
    assert (refusal(raised)["code"], refusal(raised)["type"]) == ("not_found", "invalid_request_error")
    assert "/v1/audio/speech" in refusal(raised)["message"]
    assert raised.value.request_id


def test_the_asynchronous_client_is_told_the_same(openai_server: Installation) -> None:
    async def ask() -> None:
        async with openai.AsyncOpenAI(base_url=f"{openai_server.url}/v1", api_key=KEY, max_retries=0) as ai:
            with pytest.raises(openai.NotFoundError) as raised:
                await ELSEWHERE["chat"](ai)
            assert refusal(raised)["code"] == "not_found"
            with pytest.raises(openai.BadRequestError) as refused:
                await ai.audio.speech.create(model="tts-1", voice="nobody", input="abc")
            assert refusal(refused)["param"] == "voice"

    asyncio.run(ask())


def test_what_is_refused_before_any_route_has_openais_shape(openai_server: Installation, ai: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        ai.models.delete("tts-1")
    assert (raised.value.status_code, refusal(raised)["code"]) == (405, "method_not_allowed")
    for header, value in (("Origin", "https://evil.example"), ("Host", "evil.example")):
        with pytest.raises(openai.PermissionDeniedError) as forbidden:
            ai.audio.speech.create(model="tts-1", voice="alloy", input="abc", extra_headers={header: value})
        assert refusal(forbidden)["type"] == "permission_error"
    address = httpx.URL(openai_server.url)
    with closing(http.client.HTTPConnection(address.host, address.port or 80, timeout=60)) as connection:
        connection.putrequest("POST", "/v1/embeddings")
        connection.putheader("Content-Length", "9000000")
        connection.endheaders()  # and no body: what is not read may cost the answer
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "body_too_large")


def test_what_is_ours_keeps_its_own_shape(openai_server: Installation) -> None:
    for path in ("/v1/jobs/nothing/of/it", "/v1/engines/nothing", "/nothing", "/v1"):
        answer = openai_server.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


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
        speaker = server.services.accounts.office.create("speaker@example.com", PASSWORD)
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
        with client(server.url, key("read", "write")) as ai, ExitStack() as held:
            for other in (uuid4(), uuid4()):  # who leave it a quarter
                for _ in range(HEARD_AT_MOST // 2):
                    with suppress(Busy):
                        held.enter_context(server.state.hearing.place(other))
            assert ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", sound(0.25))).text == "five"
            for _ in range(HEARD_AT_MOST // 8):
                held.enter_context(server.state.hearing.place(speaker.id))
            with pytest.raises(openai.RateLimitError):
                ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", sound(0.25)))
        with server.services.database.read() as session:
            assert session.scalar(select(func.count()).select_from(Asset)) == 0  # nothing of it is kept
