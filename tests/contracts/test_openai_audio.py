"""OpenAI's audio API, by OpenAI's own client."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import numpy as np
import openai
import pytest
from openai.types.audio import TranscriptionTextDeltaEvent, TranscriptionTextDoneEvent

from pansori.media import decode
from support.installations import RATE, Installation, installation, wav
from support.openai_client import KEY, client
from support.recordings import tone
from support.recordings import wav as recorded
from support.talking import RATE as TALK
from support.talking import spoken as said
from support.voices import kokoro_model
from support.waiting import eventually
from support.whisper import write_whisper

TEXT = "abcde abcdefgh. abc abcde"
HEARD = "five eight three five"
FORMATS: dict[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


@pytest.fixture(scope="module")
def ai(openai_server: Installation) -> Iterator[openai.OpenAI]:
    with client(openai_server.url) as made:
        yield made


def spoken(ai: openai.OpenAI, text: str = TEXT, **options: Any) -> bytes:
    return ai.audio.speech.create(model="tts-1", voice="alloy", input=text, response_format="wav", **options).read()


def shown(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith("x-pansori-")}


# -- models ------------


def test_models_are_listed_under_our_names_and_openais(ai: openai.OpenAI) -> None:
    models = {one.id: one for one in ai.models.list()}
    assert {"whisper-1", "tts-1", "transcribe.debug", "speak.espeak"} <= models.keys()
    assert ai.models.retrieve("tts-1") == models["tts-1"]
    assert models["tts-1"].model_dump()["engine"] == "speak.debug"
    assert models["whisper-1"].object == "model"
    assert all(isinstance(one.created, int) and one.owned_by for one in models.values())


def test_a_model_that_is_not_there_is_not_found(ai: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        ai.models.retrieve("gpt/9")
    assert refused.value.code == "model_not_found"


# -- speech ------------


@pytest.mark.parametrize(("form", "media_type"), FORMATS.items())
def test_a_text_is_spoken_in_every_format(ai: openai.OpenAI, form: Any, media_type: str, tmp_path: Path) -> None:
    path = tmp_path / "speech"
    with ai.audio.speech.with_streaming_response.create(
        model="tts-1", voice="onyx", input=TEXT, response_format=form
    ) as answer:
        assert answer.headers["Content-Type"] == media_type
        assert shown(answer.headers) == {"x-pansori-model": "speak.debug", "x-pansori-voice": "low"}
        answer.stream_to_file(path)
    if form == "pcm":
        samples, rate = np.frombuffer(path.read_bytes(), "<i2") / 32768, 24_000
    else:
        found = decode(path)
        samples, rate = found.samples[0], found.rate
    assert len(samples) / rate == pytest.approx(1.2, abs=0.25)
    assert np.abs(samples).max() == pytest.approx(0.25, abs=0.1)


def test_what_is_said_is_heard_again(ai: openai.OpenAI) -> None:
    assert ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", spoken(ai))).text == HEARD
    twice = ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", spoken(ai, speed=0.5)))
    assert twice.text == "ten sixteen six ten"


@pytest.mark.parametrize(
    ("asked", "used"),
    [
        ({"model": "tts-1-hd", "voice": "nova"}, {"x-pansori-model": "speak.debug", "x-pansori-voice": "high"}),
        ({"model": "debug", "voice": "high"}, {"x-pansori-model": "speak.debug", "x-pansori-voice": "high"}),
        ({"model": "speak.espeak", "voice": "alloy"}, {"x-pansori-model": "speak.espeak", "x-pansori-voice": "f1"}),
        ({"model": "espeak", "voice": "onyx"}, {"x-pansori-model": "speak.espeak", "x-pansori-voice": "m1"}),
        ({"model": "espeak", "voice": {"id": "m3"}}, {"x-pansori-model": "speak.espeak", "x-pansori-voice": "m3"}),
    ],
)
def test_openais_names_mean_what_is_here(ai: openai.OpenAI, asked: dict[str, Any], used: dict[str, str]) -> None:
    answer = ai.audio.speech.with_raw_response.create(input="abc", **asked)
    assert shown(answer.headers) == used


def test_speech_comes_as_events(ai: openai.OpenAI) -> None:
    with ai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="high", input=TEXT, response_format="pcm", stream_format="sse"
    ) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
    assert [one["type"] for one in events[-2:]] == ["speech.audio.delta", "speech.audio.done"]
    assert events[-1]["usage"]["total_tokens"] == 0
    sound = b"".join(base64.b64decode(one["audio"]) for one in events[:-1])
    bare = ai.audio.speech.create(model="tts-1", voice="high", input=TEXT, response_format="pcm").read()
    assert sound == bare


def test_the_first_sentence_is_sent_before_the_last_is_spoken(openai_server: Installation) -> None:
    """Nobody reads on, so nothing more is made; and when they leave, nothing is kept."""
    scratch = openai_server.services.kernel.scratch
    before = set(scratch.iterdir()) if scratch.exists() else set()
    asked = {"model": "espeak", "input": "It rains and rains all day. " * 350, "response_format": "wav"}
    narrow = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])  # all of it never fits
    with (
        httpx.Client(timeout=120, transport=narrow) as http,
        http.stream("POST", f"{openai_server.url}/v1/audio/speech", json=asked) as answer,
    ):
        assert next(answer.iter_raw()).startswith(b"RIFF")
        assert set(scratch.iterdir()) - before
    eventually(lambda: not set(scratch.iterdir()) - before)


def test_who_reads_nothing_keeps_no_place(openai_server: Installation) -> None:
    """More is spoken than fits on the way."""
    state, address = openai_server.state, httpx.URL(openai_server.url)
    body = json.dumps({"model": "tts-1", "input": "abcdefghi " * 1_000, "response_format": "wav"}).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
    patience, state.idle = state.idle, 0.2
    try:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.settimeout(60)
            slow.connect((address.host, address.port))
            slow.sendall(head.encode() + body)
            assert slow.recv(12) == b"HTTP/1.1 200"
            eventually(lambda: state.speaking.taken == 0)
    finally:
        state.idle = patience


def test_every_speed_is_spoken(ai: openai.OpenAI) -> None:
    """Faster and slower than the engine speaks by itself."""

    def seconds(speed: float) -> float:
        sound = ai.audio.speech.create(
            model="espeak", voice="alloy", input="It rains and rains all day.", speed=speed, response_format="pcm"
        )
        return len(sound.read()) / 2 / 24_000

    usual = seconds(1.0)
    for speed in (0.25, 4.0):
        assert seconds(speed) * speed == pytest.approx(usual, rel=0.25)


def test_instructions_are_for_those_who_heed_them(ai: openai.OpenAI) -> None:
    answer = ai.audio.speech.with_raw_response.create(
        model="tts-1", voice="low", input="abc", instructions="Whisper.", extra_body={"user": "me"}
    )
    assert shown(answer.headers)["x-pansori-ignored"] == "user, instructions"


# -- transcriptions ------------


@pytest.fixture(scope="module")
def recording() -> bytes:
    """Two words, and another after a pause."""
    rest = np.zeros(round(0.1 * RATE)), np.zeros(round(0.8 * RATE))
    words = [tone(220.0, -12.0, seconds, RATE) for seconds in (0.25, 0.15, 0.4)]
    return wav(np.concatenate((words[0], rest[0], words[1], rest[1], words[2])))


def test_text_and_subtitles(ai: openai.OpenAI, recording: bytes) -> None:
    def written(form: Literal["text", "srt", "vtt"]) -> str:
        return ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording), response_format=form)

    assert written("text") == "five three\neight\n"
    assert written("srt").startswith("1\n00:00:00,000 --> 00:00:00,500\nfive three\n\n2\n")
    assert written("vtt").startswith("WEBVTT\n\n00:00:00.000 --> 00:00:00.500\nfive three\n")


def test_json_tells_how_long_it_is(ai: openai.OpenAI, recording: bytes) -> None:
    answer = ai.audio.transcriptions.with_raw_response.create(model="gpt-4o-transcribe", file=("a.wav", recording))
    assert answer.parse().model_dump(exclude_unset=True) == {
        "text": "five three eight",
        "languages": [{"code": "en"}],
        "usage": {"type": "duration", "seconds": 2},
    }
    assert shown(answer.headers) == {"x-pansori-model": "transcribe.debug"}


@pytest.mark.parametrize("wanted", [[], ["word"], ["segment"], ["word", "segment"]])
def test_times_of_words_and_segments(ai: openai.OpenAI, recording: bytes, wanted: list[Any]) -> None:
    told = ai.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", recording),
        response_format="verbose_json",
        timestamp_granularities=wanted,
        language="ko",
        prompt="다섯, 셋" * 1_000,
        temperature=0.0,
    )
    assert (told.text, told.language) == ("오 삼 팔", "korean")
    assert told.duration == pytest.approx(1.7)
    assert [one.word for one in told.words or ()] == (["오", "삼", "팔"] if "word" in wanted else [])
    segments = [(one.text, one.start, one.end) for one in told.segments or ()]
    assert segments == ([] if wanted == ["word"] else [("오 삼", 0.0, 0.5), ("팔", 1.3, 1.7)])


def test_segments_have_all_that_clients_read(ai: openai.OpenAI, recording: bytes) -> None:
    told = ai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", recording), response_format="verbose_json", temperature=0.5
    )
    assert told.segments
    first, second = told.segments
    assert (first.id, first.seek, second.id, second.seek) == (0, 0, 1, 130)
    assert (first.temperature, first.no_speech_prob, first.tokens) == (0.5, 0.0, [])
    assert first.avg_logprob <= 0.0 < first.compression_ratio < 2.4


def test_what_the_newest_clients_send(ai: openai.OpenAI, recording: bytes) -> None:
    def told(**options: Any) -> tuple[str, dict[str, str]]:
        answer = ai.audio.transcriptions.with_raw_response.create(
            model="gpt-transcribe", file=("a.wav", recording), keywords=["판소리", "pansori"], **options
        )
        return answer.parse().text, shown(answer.headers)

    assert told(languages=["ko"]) == ("오 삼 팔", {"x-pansori-model": "transcribe.debug"})
    text, headers = told(languages=["ko", "en"])
    assert (text, headers["x-pansori-ignored"]) == ("five three eight", "languages")
    assert told(languages=["en"], language="ko")[0] == "오 삼 팔"


def test_translations_are_english(ai: openai.OpenAI, recording: bytes) -> None:
    with pytest.deprecated_call():
        told = ai.audio.translations.create(
            model="whisper-1", file=("a.wav", recording), response_format="verbose_json"
        )
    assert (told.text, told.language) == ("five three eight", "english")
    assert told.model_dump()["task"] == "translate"


def test_a_long_recording_is_told_of_while_it_is_heard(ai: openai.OpenAI) -> None:
    rest = np.zeros(round(11 * RATE))
    words = [tone(220.0, -12.0, 0.05 * letters, RATE) for letters in (4, 5, 6)]
    sound = wav(np.concatenate([part for word in words for part in (word, rest)]))
    with ai.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", sound), stream=True) as stream:
        *deltas, done = list(stream)
    assert all(isinstance(one, TranscriptionTextDeltaEvent) for one in deltas)
    assert [one.delta for one in deltas if isinstance(one, TranscriptionTextDeltaEvent)] == ["four", " five", " six"]
    assert isinstance(done, TranscriptionTextDoneEvent)
    assert done.text == "four five six"
    assert [one.code for one in done.languages or ()] == ["en"]


def test_the_asynchronous_client(openai_server: Installation, recording: bytes) -> None:
    async def talk() -> tuple[str, list[str], bytes]:
        async with openai.AsyncOpenAI(base_url=f"{openai_server.url}/v1", api_key=KEY, timeout=120) as ai:
            heard = ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording))
            stream = await ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording), stream=True)
            kinds = [str(event.type) async for event in stream]
            async with ai.audio.speech.with_streaming_response.create(
                model="tts-1", voice="alloy", input=TEXT, response_format="flac"
            ) as answer:
                return (await heard).text, kinds, b"".join([piece async for piece in answer.iter_bytes()])

    text, kinds, sound = asyncio.run(talk())
    assert text == "five three eight"
    assert kinds == ["transcript.text.delta", "transcript.text.done"]
    assert sound.startswith(b"fLaC")


@pytest.mark.parametrize("seconds", [0.001, 1.0])
def test_where_nobody_speaks_there_is_no_text(ai: openai.OpenAI, seconds: float) -> None:
    silence = ("a.wav", wav(np.zeros(max(1, round(seconds * RATE)))))
    assert ai.audio.transcriptions.create(model="whisper-1", file=silence).text == ""
    events = list(ai.audio.transcriptions.create(model="whisper-1", file=silence, stream=True))
    assert [one.type for one in events] == ["transcript.text.done"]


# -- engines that have come ------------


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server that nobody has set anything of, with weights of a Whisper and of Kokoro."""
    folder = tmp_path_factory.mktemp("grown")
    write_whisper(folder / "models" / "whisper-own")
    kokoro_model(folder / "models")
    with installation(folder, workers=0) as made:
        yield made


def test_a_whisper_takes_over_from_who_hears_commands_alone(grown: Installation) -> None:
    with client(grown.url) as ai:
        models = {one.id: one.model_dump()["engine"] for one in ai.models.list()}
    assert models["whisper-1"] == "transcribe.faster_whisper"
    assert models["transcribe.pocketsphinx"] == "transcribe.pocketsphinx"
    assert models["tts-1"] == "speak.espeak"


def test_a_whisper_hears_and_translates(grown: Installation) -> None:
    file = ("a.wav", recorded(said("Good morning to you all."), TALK))
    with client(grown.url) as ai:
        heard = ai.audio.transcriptions.with_raw_response.create(
            model="faster_whisper/whisper-own", file=file, temperature=0.0
        )
        with pytest.deprecated_call():
            translated = ai.audio.translations.create(model="whisper-1", file=file)
    assert (heard.parse().text, translated.text) == ("hello there.", "good day")
    assert shown(heard.headers) == {
        "x-pansori-model": "transcribe.faster_whisper/whisper-own",
        "x-pansori-ignored": "temperature",
    }


@pytest.mark.parametrize(("asked", "used"), [("alloy", "af_heart"), ("onyx", "am_tiny"), ("bf_emma", "bf_emma")])
def test_voices_are_chosen_by_how_they_sound(grown: Installation, asked: str, used: str) -> None:
    with client(grown.url) as ai:
        answer = ai.audio.speech.with_raw_response.create(model="kokoro", voice=asked, input="Hello")
    assert shown(answer.headers) == {"x-pansori-model": "speak.kokoro", "x-pansori-voice": used}
