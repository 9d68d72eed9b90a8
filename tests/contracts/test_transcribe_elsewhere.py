"""Transcribers that ask other servers: the family's suite, what is sent, and every way in which a server may fail."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
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
    InvalidRequest,
    PansoriError,
    Unreachable,
)
from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines.transcribe.atot import AtotTranscriber, AtotTranscriberOptions
from pansori.engines.transcribe.base import HEARD_RATE, RECORDING, Transcriber, Transcript
from pansori.engines.transcribe.openai import OpenaiTranscriber, OpenaiTranscriberOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Answer, Exchange, Origin, serving
from support.recordings import recording
from support.services import free_port
from support.transcriber_suite import COMMAND, TranscriberSuite, command

TRANSCRIPTIONS, TRANSLATIONS, RUN_MODEL = "/v1/audio/transcriptions", "/v1/audio/translations", "/run-model"
VERBOSE = {
    "task": "transcribe",
    "language": "english",
    "duration": 1.9,
    "text": f" {COMMAND} ",
    "segments": [
        {"id": 0, "start": 0.4, "end": 1.3, "text": f" {COMMAND}", "avg_logprob": -0.1, "no_speech_prob": 0.01},
        {"id": 1, "start": 1.3, "end": 99.0, "text": "Thanks for watching", "avg_logprob": -1.4, "no_speech_prob": 0.9},
    ],
    "words": [
        {"word": word, "start": 0.4 + 0.2 * number, "end": 0.6 + 0.2 * number}
        for number, word in enumerate(COMMAND.split())
    ],
}  # fmt: skip


def _json(told: Any, status: int = 200) -> Answer:
    return lambda exchange: exchange.answer(status, json.dumps(told).encode(), "application/json")


@pytest.fixture(scope="module")
def server() -> Iterator[Origin]:
    """One that understands."""
    routes = {TRANSCRIPTIONS: _json(VERBOSE), RUN_MODEL: _json({"user_id": 10, "input_wav": "", "atot_text": COMMAND})}
    with serving(routes) as origin:
        yield origin


class TestOpenai(TranscriberSuite):
    @classmethod
    def make(cls, settings: Settings) -> OpenaiTranscriber:
        return OpenaiTranscriber(settings)

    @classmethod
    def options(cls) -> OpenaiTranscriberOptions:
        return OpenaiTranscriberOptions()

    @classmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        return command(), COMMAND

    @pytest.fixture
    def engine(self, tmp_path: Path, server: Origin) -> OpenaiTranscriber:
        return self.make(Settings(data_dir=tmp_path, openai_url=f"{server.url}/v1", openai_key="secret"))

    def test_times_of_words_are_told_and_what_was_made_up_is_not(
        self, engine: OpenaiTranscriber, context: MemoryContext
    ) -> None:
        told = self.heard(engine, context, recording(command(), HEARD_RATE))
        assert told.language == "en"
        [segment] = told.segments
        assert [word.text for word in segment.words] == COMMAND.split()
        assert segment.words[0].start == pytest.approx(0.4)
        assert segment.confidence == pytest.approx(np.exp(-0.1))


class TestAtot(TranscriberSuite):
    @classmethod
    def make(cls, settings: Settings) -> AtotTranscriber:
        return AtotTranscriber(settings)

    @classmethod
    def options(cls) -> AtotTranscriberOptions:
        return AtotTranscriberOptions(user_id=7)

    @classmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        return command(), COMMAND

    @pytest.fixture
    def engine(self, tmp_path: Path, server: Origin) -> AtotTranscriber:
        return self.make(Settings(data_dir=tmp_path, atot_url=server.url))

    def test_it_is_told_who_speaks(self, engine: AtotTranscriber, context: MemoryContext, server: Origin) -> None:
        self.heard(engine, context, recording(command(), HEARD_RATE), language="ko")
        fields, sound = _form(server)
        assert fields == {"user_id": ["7"], "language": ["ko"]}
        assert soundfile.info(io.BytesIO(sound)).samplerate == HEARD_RATE


def _form(origin: Origin) -> tuple[dict[str, list[str]], bytes]:
    """Fields and file of the last request to it, as the standard library's own parser reads them."""
    request = origin.requests[-1]
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    file = b""
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            file = content
        else:
            name = part.get_param("name", header="content-disposition")
            fields.setdefault(str(name), []).append(content.decode())
    return fields, file


def _ask(url: str, tmp_path: Path, timeout: float = 120.0, model: str = "", **task: Any) -> Transcript:
    settings = Settings(data_dir=tmp_path, openai_url=f"{url}/v1", openai_key="secret", voice_timeout=Seconds(timeout))
    return _run(OpenaiTranscriber(settings), OpenaiTranscriberOptions(model=model), tmp_path, **task)


def _run(engine: Transcriber[Any], options: Any, tmp_path: Path, **task: Any) -> Transcript:
    context = MemoryContext(seed=1, scratch=tmp_path)
    context.inputs = {RECORDING: recording(command(), HEARD_RATE)}
    told = engine.run(TranscribeTask.model_validate(task), options, context)
    assert isinstance(told, Transcript)
    return told


def test_what_is_asked_for_is_sent(tmp_path: Path) -> None:
    with serving({TRANSCRIPTIONS: _json(VERBOSE)}) as origin:
        _ask(origin.url, tmp_path, language="ko-KR", hints="Pansori, 판소리")
        fields, sound = _form(origin)
        assert origin.requests[-1].headers["Authorization"] == "Bearer secret"
    assert fields == {
        "model": ["whisper-1"],
        "response_format": ["verbose_json"],
        "timestamp_granularities[]": ["segment", "word"],
        "language": ["ko"],
        "prompt": ["Pansori, 판소리"],
    }
    heard, rate = soundfile.read(io.BytesIO(sound), dtype="float32")
    assert rate == HEARD_RATE
    assert np.abs(heard - command()).max() < 1e-4


def test_a_server_without_times_is_asked_for_the_words_alone(tmp_path: Path) -> None:
    def plain(exchange: Exchange) -> None:
        if b"verbose_json" in exchange.body:
            _json({"error": {"message": "response_format 'verbose_json' is not compatible"}}, 400)(exchange)
        else:
            _json({"text": "안녕하세요"})(exchange)

    with serving({TRANSCRIPTIONS: plain}) as origin:
        told = _ask(origin.url, tmp_path, language="ko")
    [segment] = told.segments
    assert (told.text, told.language, segment.words) == ("안녕하세요", "ko", ())
    assert segment.start == 0.0
    assert segment.end == pytest.approx(told.duration)


def test_a_model_that_tells_speakers_apart_is_asked_who_speaks(tmp_path: Path) -> None:
    said = [
        {"type": "transcript.text.segment", "id": "1", "start": 0.4, "end": 0.9, "text": "who", "speaker": "A"},
        {"type": "transcript.text.segment", "id": "2", "start": 0.9, "end": 1.3, "text": "me", "speaker": "B"},
    ]
    answer = {"task": "transcribe", "duration": 1.9, "text": "who me", "segments": said}
    with serving({TRANSCRIPTIONS: _json(answer)}) as origin:
        told = _ask(origin.url, tmp_path, model="gpt-4o-transcribe-diarize", hints="Pansori")
        fields, _ = _form(origin)
    assert [(one.text, one.speaker) for one in told.segments] == [("who", "A"), ("me", "B")]
    assert fields == {
        "model": ["gpt-4o-transcribe-diarize"],
        "response_format": ["diarized_json"],
        "chunking_strategy": ["auto"],
    }


def test_translations_have_their_own_address(tmp_path: Path) -> None:
    with serving({TRANSLATIONS: _json({"text": "Good day."})}) as origin:
        told = _ask(origin.url, tmp_path, language="ko", translate=True)
        assert "language" not in _form(origin)[0]
    assert (told.text, told.language) == ("Good day.", "en")


HTML = b"<!doctype html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (lambda exchange: exchange.answer(200, HTML, "text/html"), GarbledAnswer, "text/html"),
        (_json(["words"]), GarbledAnswer, "JSON"),
        (_json({"txt": "words"}), GarbledAnswer, "transcript"),
        (lambda exchange: exchange.answer(200, b'{"text": "hal', "application/json"), GarbledAnswer, "JSON"),
        (_json({"error": {"message": "no GPU left"}}, 500), FetchFailed, "no GPU left"),
        (_json({"error": {"message": "bad key"}}, 401), FetchFailed, "bad key"),
    ],
)
def test_servers_that_fail_are_told_apart(answer: Answer, error: type[PansoriError], said: str, tmp_path: Path) -> None:
    with serving({TRANSCRIPTIONS: answer}) as origin, pytest.raises(error) as raised:
        _ask(origin.url, tmp_path)
    assert said in raised.value.message.en
    assert raised.value.message.ko != raised.value.message.en
    assert raised.value.cure is not None


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as raised:
        _ask(f"http://127.0.0.1:{free_port()}", tmp_path)
    assert raised.value.cure is not None
    assert "PANSORI_OPENAI_URL" in raised.value.cure.en


def test_a_server_that_drips_for_ever_is_given_up(tmp_path: Path) -> None:
    def drip(exchange: Exchange) -> None:
        exchange.start(200, Content_Type="application/json")
        while not exchange.origin.ending.wait(0.05):
            exchange.wfile.write(b" ")

    with serving({RUN_MODEL: drip}) as origin:
        engine = AtotTranscriber(Settings(data_dir=tmp_path, atot_url=origin.url, voice_timeout=Seconds(0.5)))
        with pytest.raises(FetchTimedOut):
            _run(engine, AtotTranscriberOptions(), tmp_path)


def test_who_calls_it_off_waits_for_no_answer(tmp_path: Path) -> None:
    context = MemoryContext(seed=1, scratch=tmp_path)
    context.inputs = {RECORDING: recording(command(), HEARD_RATE)}

    def hang(exchange: Exchange) -> None:
        context.reports_when_cancelled = len(context.reports)
        exchange.origin.ending.wait(120)

    with serving({RUN_MODEL: hang}) as origin:
        engine = AtotTranscriber(Settings(data_dir=tmp_path, atot_url=origin.url))
        with pytest.raises(Cancelled):
            engine.run(TranscribeTask(), AtotTranscriberOptions(), context)


def test_nobody_is_asked_about_silence(tmp_path: Path) -> None:
    with serving() as origin:
        settings = Settings(data_dir=tmp_path, openai_url=origin.url)
        context = MemoryContext(seed=1, scratch=tmp_path)
        context.inputs = {RECORDING: recording(np.zeros(HEARD_RATE), HEARD_RATE)}
        told = OpenaiTranscriber(settings).run(TranscribeTask(language="ko"), OpenaiTranscriberOptions(), context)
        assert (told.text, told.language, origin.requests) == ("", "ko", [])


@pytest.mark.parametrize(
    ("engine", "setting"), [(OpenaiTranscriber, "PANSORI_OPENAI_URL"), (AtotTranscriber, "ATOT_URL")]
)
def test_without_an_address_it_says_which_setting_is_missing(
    engine: type[Transcriber[Any]], setting: str, tmp_path: Path
) -> None:
    status = engine(Settings(data_dir=tmp_path)).status()
    assert status.state == "missing"
    assert setting in status.cure


def test_the_documented_server_does_not_translate(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        AtotTranscriber(Settings(data_dir=tmp_path)).check(TranscribeTask(translate=True), AtotTranscriberOptions())
    assert refused.value.field == "translate"
