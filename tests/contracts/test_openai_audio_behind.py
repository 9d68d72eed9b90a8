"""OpenAI's audio API in front of another server's: slow ones, failing ones, and clients that leave meanwhile."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from pansori.media import StreamFormat
from support.installations import Installation, installation, sound, wav
from support.openai_client import client, error_of
from support.origin import Exchange, Origin, serving
from support.recordings import wav as recorded
from support.talking import RATE as TALK
from support.talking import spoken
from support.waiting import eventually

SPEECH, TRANSCRIPTIONS = "/v1/audio/speech", "/v1/audio/transcriptions"
TWO_SENTENCES = "One thing is this. Another thing is that."


def never(exchange: Exchange) -> None:
    exchange.origin.ending.wait(60)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Origin]]:
    """A server whose engines ask another one."""
    with (
        serving() as origin,
        installation(
            tmp_path_factory.mktemp("behind"),
            workers=0,
            openai_url=f"{origin.url}/v1",
            transcribe_engine="openai",
            speak_engine="openai",
        ) as made,
    ):
        yield made, origin


def test_a_name_that_is_repeated_in_a_header_adds_none(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    origin.routes[SPEECH] = lambda exchange: exchange.answer(200, sound(), "audio/wav")
    asked = {"model": "tts-1", "input": "abc", "voice": "x\r\nEvil: yes", "response_format": "wav"}
    answer = server.post(SPEECH, json=asked)
    assert answer.status_code == 200
    assert answer.headers["X-Pansori-Voice"] == "x Evil: yes"
    assert "Evil" not in answer.headers


def test_work_ends_with_the_client(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    origin.routes.update({TRANSCRIPTIONS: never, SPEECH: never})
    scratch = server.services.kernel.scratch
    speech = recorded(spoken("What time is it?"), TALK)
    heard = {"files": {"file": ("a.wav", speech)}, "data": {"model": "whisper-1"}}
    said = {"json": {"model": "tts-1", "input": "abc"}}

    def more(asked: int) -> bool:
        return len(origin.requests) > asked

    for path, options in ((TRANSCRIPTIONS, heard), (SPEECH, said)):
        asked = len(origin.requests)
        with httpx.Client() as http:
            request = http.build_request("POST", server.url + path, **options)
            with closing(socket.create_connection((request.url.host, request.url.port), timeout=60)) as raw:
                lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
                raw.sendall("\r\n".join([*lines, "", ""]).encode() + request.read())
                eventually(partial(more, asked))
                assert list(scratch.iterdir())
        eventually(lambda: not list(scratch.iterdir()))


def test_what_another_server_fails_at_is_told(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    origin.routes[SPEECH] = lambda exchange: exchange.answer(200, b"<html>", "text/html")
    with client(server.url) as ai, pytest.raises(openai.InternalServerError) as raised:
        ai.audio.speech.create(model="gpt-4o-mini-tts", voice="nova", input="abc")
    assert (raised.value.status_code, error_of(raised.value)["code"]) == (502, "garbled_answer")
    sent = json.loads(origin.requests[-1].body)
    assert sent["voice"] == "nova"


def test_what_fails_while_it_is_sent_is_no_whole_file(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    answers = iter([wav(np.zeros(800)), b"<html>"] * 2)

    def once(exchange: Exchange) -> None:
        content = next(answers)
        exchange.answer(200, content, "audio/wav" if content.startswith(b"RIFF") else "text/html")

    origin.routes[SPEECH] = once
    asked: dict[str, Any] = {"model": "tts-1", "voice": "nova", "input": TWO_SENTENCES}
    with httpx.stream("POST", server.url + SPEECH, json={**asked, "response_format": "pcm"}, timeout=120) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    with client(server.url) as ai:
        told = ai.audio.speech.create(**asked, response_format="pcm", stream_format="sse").read().decode()
    events = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line]
    assert [one["type"] for one in events] == ["speech.audio.delta", "error"]
    assert events[-1]["error"]["code"] == "garbled_answer"


def test_what_fails_in_a_stream_of_text_is_raised_by_the_client(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    answers = iter([(200, b'{"text": "five"}'), (500, b"{}")])

    def once(exchange: Exchange) -> None:
        status, content = next(answers)
        exchange.answer(status, content, "application/json")

    origin.routes[TRANSCRIPTIONS] = once
    with client(server.url) as ai:
        events = iter(ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", two_pieces()), stream=True))
        assert next(events).type == "transcript.text.delta"
        with pytest.raises(openai.APIError) as raised:
            next(events)
    assert (raised.value.code, raised.value.type) == ("fetch_failed", "server_error")


def test_a_client_that_leaves_a_stream_gives_its_place_back(behind: tuple[Installation, Origin]) -> None:
    server, origin = behind
    asked = threading.Event()

    def once(exchange: Exchange) -> None:
        if asked.is_set():
            never(exchange)
        asked.set()
        exchange.answer(200, b'{"text": "five"}', "application/json")

    origin.routes[TRANSCRIPTIONS] = once
    scratch = server.services.kernel.scratch
    with client(server.url) as ai:
        stream = ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", two_pieces()), stream=True)
        assert next(iter(stream)).type == "transcript.text.delta"
        assert server.state.hearing.taken == 1
        stream.close()
    eventually(lambda: server.state.hearing.taken == 0)
    assert not list(scratch.iterdir())


def two_pieces() -> bytes:
    """Words so far apart that they are told of one after the other."""
    word = spoken("Good morning to you all.")
    return recorded(np.concatenate((word, np.zeros(25 * TALK, word.dtype), word)), TALK)


@pytest.mark.parametrize("form", StreamFormat)
def test_sound_is_sent_while_the_next_sentence_is_spoken(
    behind: tuple[Installation, Origin], form: StreamFormat
) -> None:
    server, origin = behind
    heard = threading.Event()

    def slowly(exchange: Exchange) -> None:
        if json.loads(exchange.body)["input"].startswith("Another"):
            assert heard.wait(60)
        exchange.answer(200, sound(1.5), "audio/wav")

    origin.routes[SPEECH] = slowly
    asked = {"model": "tts-1", "input": TWO_SENTENCES, "response_format": form.value}
    with httpx.stream("POST", server.url + SPEECH, json=asked, timeout=120) as answer:
        came = 0
        for piece in answer.iter_raw():
            came += len(piece)
            if came > 4_000:
                heard.set()
    assert heard.is_set()
