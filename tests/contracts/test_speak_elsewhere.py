"""Speaking engines that ask other servers: what they send, what they take, and what goes wrong there."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from pansori.domain.errors import (
    Cancelled,
    FetchFailed,
    FetchTimedOut,
    GarbledAnswer,
    NetworkError,
    ResponseTooLarge,
    Unreachable,
)
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.base import EngineOptions
from pansori.engines.speak.base import SPEECH, Speaker
from pansori.engines.speak.openai import OpenaiSpeaker, OpenaiSpeakerOptions
from pansori.engines.speak.tts import TtsSpeaker
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Exchange, Origin, serving

RATE = 16_000
ROUTES = {"openai": "/v1/audio/speech", "tts": "/tts"}
TONE = (0.4 * np.sin(np.arange(RATE // 4) * 0.1)).astype(np.float32)


def sound(kind: str) -> bytes:
    """A quarter of a second."""
    if kind == "pcm":
        return bytes((TONE * 32767).astype("<i2").tobytes())
    file = io.BytesIO()
    container, codec = {"wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "mp3": ("MP3", None)}[kind]
    soundfile.write(file, TONE, RATE, format=container, subtype=codec)
    return file.getvalue()


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving() as origin:
        yield origin


def engine_of(name: str, origin: Origin | str, tmp_path: Path, **settings: Any) -> Speaker[Any]:
    url = origin if isinstance(origin, str) else origin.url
    chosen = Settings(data_dir=tmp_path, openai_url=f"{url}/v1", tts_url=url, openai_key="secret", **settings)
    return OpenaiSpeaker(chosen) if name == "openai" else TtsSpeaker(chosen)


def options_of(name: str) -> EngineOptions:
    return OpenaiSpeakerOptions() if name == "openai" else EngineOptions()


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    return MemoryContext(seed=1, scratch=tmp_path)


def answering(content: bytes, media_type: str) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.answer(200, content, media_type)


def asked(origin: Origin) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in origin.requests]


def test_openai_is_asked_in_its_words_a_sentence_first_and_then_the_rest(
    origin: Origin, tmp_path: Path, context: MemoryContext
) -> None:
    origin.routes[ROUTES["openai"]] = answering(sound("wav"), "audio/wav")
    task = SpeakTask(text="It costs $3. So what? Good.", voice="nova", rate=1.5)
    options = OpenaiSpeakerOptions(model="gpt-4o-mini-tts", instructions="Whisper.")
    speech = engine_of("openai", origin, tmp_path).run(task, options, context)
    common = {
        "model": "gpt-4o-mini-tts",
        "voice": "nova",
        "response_format": "wav",
        "speed": 1.5,
        "instructions": "Whisper.",
    }
    said = ["It costs three dollars. ", "So what? Good."]
    assert asked(origin) == [{**common, "input": text} for text in said]
    assert {request.headers["Authorization"] for request in origin.requests} == {"Bearer secret"}
    assert (speech.voice, speech.words, speech.sample_rate) == ("nova", (), RATE)
    assert speech.duration == pytest.approx(0.25 + 0.3 / 1.5 + 0.25, abs=0.001)
    assert np.abs(context.sounds[SPEECH].samples).max() == pytest.approx(0.4, abs=0.01)


def test_the_documented_server_is_asked_by_the_document(origin: Origin, tmp_path: Path, context: MemoryContext) -> None:
    origin.routes[ROUTES["tts"]] = answering(sound("wav"), "audio/wav")
    engine = engine_of("tts", origin, tmp_path)
    engine.run(SpeakTask(text="3시에 만나요. 그때 봐요."), EngineOptions(), context)
    speech = engine.run(SpeakTask(text="Hi", voice="f2", language="en-US", rate=2.0), EngineOptions(), context)
    assert asked(origin) == [{"text": "세 시에 만나요. 그때 봐요."}, {"text": "Hi", "voice": "f2", "language": "en-US"}]
    assert "rate" in speech.notices[0].en


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "pcm"])
def test_sound_is_taken_in_what_it_travels_in(
    kind: str, origin: Origin, tmp_path: Path, context: MemoryContext
) -> None:
    origin.routes[ROUTES["openai"]] = answering(sound(kind), "application/octet-stream")
    options = OpenaiSpeakerOptions.model_validate({"format": kind})
    speech = engine_of("openai", origin, tmp_path).run(SpeakTask(text="Hi"), options, context)
    assert speech.sample_rate == (24_000 if kind == "pcm" else RATE)
    assert speech.duration == pytest.approx(0.25 if kind != "pcm" else RATE / 24_000 / 4, abs=0.08)
    assert np.abs(context.sounds[SPEECH].samples).max() == pytest.approx(0.4, abs=0.05)


def test_a_wav_of_unknown_length_is_whole(origin: Origin, tmp_path: Path, context: MemoryContext) -> None:
    """As servers send them that begin before they know the end."""
    content = bytearray(sound("wav"))
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = struct.pack("<I", 0xFFFFFFFF)
    origin.routes[ROUTES["openai"]] = answering(bytes(content), "audio/wav")
    speech = engine_of("openai", origin, tmp_path).run(SpeakTask(text="Hi"), OpenaiSpeakerOptions(), context)
    assert speech.duration == pytest.approx(0.25)


def minutes() -> bytes:
    """Two of silence, in a thousandth of their size."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(120 * 8_000, np.int16), 8_000, format="FLAC")
    assert len(file.getvalue()) < 4_000
    return file.getvalue()


def impossible() -> bytes:
    """A sound of two thousand million samples a second, of which no pause could be made."""
    content = bytearray(sound("wav"))
    content[24:28] = struct.pack("<I", 2_000_000_000)
    return bytes(content)


def breaking_off(exchange: Exchange) -> None:
    content = sound("wav")
    exchange.start(200, Content_Type="audio/wav", Content_Length=str(len(content)))
    exchange.wfile.write(content[: len(content) // 2])


def dripping(exchange: Exchange) -> None:
    exchange.start(200, Content_Type="audio/wav", Connection="close")
    while not exchange.origin.gone.wait(0.02):
        exchange.wfile.write(b"R")
        exchange.wfile.flush()


def never(exchange: Exchange) -> None:
    """Take the request, and say nothing until the test is over."""
    exchange.origin.ending.wait()


TROUBLES: dict[str, tuple[Callable[[Exchange], None], type[NetworkError]]] = {
    "a page": (answering(b"<html>Not found</html>", "text/html"), GarbledAnswer),
    "half a WAV": (answering(sound("wav")[:4_000], "audio/wav"), GarbledAnswer),
    "a head alone": (answering(sound("wav")[:20], "audio/wav"), GarbledAnswer),
    "nothing": (answering(b"", "audio/wav"), GarbledAnswer),
    "a rate that nothing has": (answering(impossible(), "audio/wav"), GarbledAnswer),
    "a connection that breaks": (breaking_off, Unreachable),
    "a refusal": (lambda exchange: exchange.answer(400, b'{"error":{"message":"no voice x"}}', "application/json"),
                  FetchFailed),
    "a drip": (dripping, FetchTimedOut),
    "no answer": (never, FetchTimedOut),
    "minutes of silence": (answering(minutes(), "audio/flac"), ResponseTooLarge),
}  # fmt: skip


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_goes_wrong_there_is_told_apart(
    trouble: str, name: str, origin: Origin, tmp_path: Path, context: MemoryContext
) -> None:
    answer, expected = TROUBLES[trouble]
    origin.routes[ROUTES[name]] = answer
    engine = engine_of(name, origin, tmp_path, voice_timeout=Seconds(0.5 if expected is FetchTimedOut else 30.0))
    with pytest.raises(NetworkError) as failed:
        engine.run(SpeakTask(text="Hi", voice="x"), options_of(name), context)
    assert type(failed.value) is expected
    assert failed.value.cure is not None
    assert ("PANSORI_OPENAI_URL" if name == "openai" else "TTS_URL") in failed.value.cure.en
    assert not context.sounds


@pytest.mark.parametrize("name", ROUTES)
def test_where_nobody_listens_it_is_unreachable(name: str, tmp_path: Path, context: MemoryContext) -> None:
    with serving() as gone:
        url = gone.url
    with pytest.raises(Unreachable):
        engine_of(name, url, tmp_path).run(SpeakTask(text="Hi"), options_of(name), context)


def test_a_cancelled_request_ends(origin: Origin, tmp_path: Path) -> None:
    origin.routes[ROUTES["tts"]] = dripping
    context = MemoryContext(seed=1, scratch=tmp_path)

    class Impatient(MemoryContext):
        def check_cancelled(self) -> None:
            if origin.requests:
                raise Cancelled("enough")

    with pytest.raises(Cancelled):
        engine_of("tts", origin, tmp_path).run(
            SpeakTask(text="Hi"), EngineOptions(), Impatient(seed=1, scratch=context.scratch)
        )


@pytest.mark.parametrize("made", [OpenaiSpeaker, TtsSpeaker])
def test_without_an_address_nothing_is_asked(made: type[Speaker[Any]], tmp_path: Path) -> None:
    engine = made(Settings(data_dir=tmp_path))
    assert engine.status().state == "missing"
    assert "URL" in engine.status().cure
    assert engine.card().summary_ko
